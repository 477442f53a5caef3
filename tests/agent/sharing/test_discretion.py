import pytest

from agent.model import Citation, Gift
from agent.sharing.discretion import kept, marked, touched, unwelcome


@pytest.mark.parametrize(
    "subject",
    [
        "CONFIDENTIAL: the merger",
        "[internal] Figures for March",
        "For internal use only",
        "Please do not forward: the list",
        "Don’t share yet: the new line",
        "Vertraulich: Zahlen für März",
        "Ne pas diffuser : le rapport",
        "Riservato - il contratto",
        "社外秘 第三四半期",
        "Между нами конфиденциально",
    ],
    ids=str,
)
def test_a_subject_can_say_that_a_mail_is_to_stay(subject: str) -> None:
    assert marked(subject)


@pytest.mark.parametrize(
    "subject", ["A century of tide gauges", "The internal tides of the Baltic", "How to share a loom", ""], ids=str
)
def test_most_subjects_say_nothing_of_that(subject: str) -> None:
    assert not marked(subject)


@pytest.mark.parametrize(
    ("line", "addresses", "text"),
    [
        ("*@client.example", ["bob@client.example"], ""),
        ("*@client.example", ["bob@eu.client.example"], ""),
        ("Bob@Client.example", ["bob@client.example"], ""),
        ("client.example", ["bob@eu.client.example"], ""),
        ("Project Heron", [], "News of project  heron, at last"),
        ("Project Heron", [], "https://wiki.example/project-heron/plan"),
        ("client.example", [], "https://files.client.example/plan"),
        ("*@client.example", [], "https://client.example/plan"),
        ("鷺計画", [], "新しい鷺計画の話"),
    ],
    ids=[
        "a pattern", "below it", "an address", "a domain", "words", "words of a link", "a link there",
        "a pattern's link", "Japanese",
    ],
)  # fmt: skip
def test_what_the_config_calls_confidential_is_kept(line: str, addresses: list[str], text: str) -> None:
    assert kept([line], addresses, [text])


@pytest.mark.parametrize(
    ("line", "addresses", "text"),
    [
        ("*@client.example", ["bob@myclient.example"], ""),
        ("client.example", ["bob@client.example.net"], ""),
        ("Project Heron", [], "The herons of the project"),
        ("Art", [], "An article on starting"),
    ],
    ids=["another domain", "a longer one", "other words", "inside words"],
)
def test_what_it_does_not_name_is_not(line: str, addresses: list[str], text: str) -> None:
    assert not kept([line], addresses, [text])
    assert not kept([], addresses, [text])


def test_a_topic_is_in_its_plural_and_not_inside_a_word() -> None:
    assert touched(["golf", "loom"], "Two looms, one barn") == "loom"
    assert touched(["art"], "An article") == ""
    assert touched(["wide loom"], "The wide-loom question") == "wide loom"
    assert touched([], "golf") == ""


def test_a_gift_on_such_a_topic_is_unwelcome() -> None:
    gift = Gift("question", "Ask how it went.", "Hi Ada", (Citation(1, 2, "them", "Golf in May"),))

    assert unwelcome(gift, ["golf"])
    assert not unwelcome(gift, ["looms"])
