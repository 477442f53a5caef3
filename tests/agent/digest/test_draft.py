"""A draft is the user's own mail to that person: it lands in its thread, and tells of nobody but the two."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.digest.draft import answered, draft
from agent.model import Fact, Proposal
from tests.agent.digest.samples import ADA, DAY, KEY, MADE_AT, ME, RUTH, TOMAS, WORST

PARENTS = ("a1@home.example", "q1@guild.example")
ASKED = Fact(1, 1, "ada.weber@guild.example", (ME,), message_id="q2@guild.example", parents=PARENTS)


def made(proposal: Proposal, me: str = ME, answers: Fact | None = None) -> bytes:
    found = draft(proposal, me, key=KEY, day=DAY, slot=1, at=MADE_AT, answers=answers)
    assert found is not None
    return found[1]


def test_it_is_to_that_person_with_the_opener_of_the_digest() -> None:
    mail = message_from_bytes(made(TOMAS), policy=default)

    assert (str(mail["From"]), str(mail["To"])) == (ME, "Tomás Ibarra <tomas@harbour.example>")
    assert str(mail["Subject"]) == "A century of tides"
    text = mail.get_content().replace("\r\n", "\n")
    assert text.startswith("Hi Tomás,\n\nthis made me think of you: A century of tides")
    assert text.endswith("https://tides.example/century?from=1900&to=2000\n")


def test_nothing_in_it_tells_of_auld() -> None:
    raw = made(ADA, answers=ASKED)

    assert b"auld" not in raw.lower()
    named = {name.lower() for name in message_from_bytes(raw).keys()}  # noqa: SIM118
    assert named == {
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert str(message_from_bytes(raw)["Message-ID"]).endswith("@home.example>")


def test_an_answer_lands_in_its_thread() -> None:
    mail = message_from_bytes(made(ADA, answers=ASKED))

    assert answered(ADA) == 1
    assert str(mail["In-Reply-To"]) == "<q2@guild.example>"
    assert str(mail["References"]) == "<q1@guild.example> <a1@home.example> <q2@guild.example>"
    assert answered(TOMAS) == answered(RUTH) == 0
    assert "References" not in message_from_bytes(made(TOMAS))


@pytest.mark.parametrize(
    "fact",
    [
        replace(ASKED, message_id=""),
        replace(ASKED, message_id="a b@c"),
        replace(ASKED, message_id="a>\nBcc: x@y"),
        replace(ASKED, message_id="ü" * 9),
        replace(ASKED, message_id="x" * 500),
    ],
    ids=["none", "a space", "a header", "no ASCII", "too long"],
)
def test_a_name_that_no_mail_may_have_is_not_answered(fact: Fact) -> None:
    mail = message_from_bytes(made(ADA, answers=fact))

    assert mail["References"] is None
    assert mail["Bcc"] is None


def test_of_a_long_thread_the_first_and_the_nearest_are_named() -> None:
    parents = tuple(f"{n:040}@guild.example" for n in range(60))
    raw = made(ADA, answers=replace(ASKED, parents=parents))

    found = str(message_from_bytes(raw)["References"]).split()
    assert found[0] == f"<{parents[-1]}>"
    assert found[-2:] == [f"<{parents[0]}>", "<q2@guild.example>"]
    assert max(map(len, raw.split(b"\r\n"))) <= 998


def test_the_same_proposal_is_the_same_draft_and_each_number_has_its_own() -> None:
    assert made(ADA) == made(ADA)
    names = {draft(ADA, ME, key=KEY, day=DAY, slot=slot, at=MADE_AT)[0] for slot in range(1, 6)}  # type: ignore[index]
    assert len(names) == 5


@pytest.mark.parametrize("addresses", [(), ("nobody",), ("a b@c.example",), ("x\r\nBcc: y@z",)], ids=str)
def test_nobody_to_write_to_has_none(addresses: tuple[str, ...]) -> None:
    nobody = replace(ADA, person=replace(ADA.person, addresses=addresses))

    assert draft(nobody, ME, key=KEY, day=DAY, slot=1, at=MADE_AT) is None


def test_whoever_else_it_goes_to_stands_in_it() -> None:
    both = replace(ADA, gift=replace(ADA.gift, also=("bob@guild.example", "no address")))

    assert str(message_from_bytes(made(both))["To"]) == "Ada Weber <ada.weber@guild.example>, bob@guild.example"


def test_the_worst_one_is_a_mail_all_the_same() -> None:
    mail = message_from_bytes(made(WORST), policy=default)

    assert not mail.defects


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200), st.text(max_size=60))
def test_no_stranger_s_text_adds_a_header(name: str, subject: str, opener: str, named: str) -> None:
    odd = replace(
        ADA,
        person=replace(ADA.person, name=name),
        gift=replace(ADA.gift, subject=subject, opener=opener),
    )
    mail = message_from_bytes(made(odd, answers=replace(ASKED, message_id=named)))

    assert {key.lower() for key in mail} <= {
        "from", "to", "subject", "date", "message-id", "in-reply-to", "references",
        "mime-version", "content-type", "content-transfer-encoding",
    }  # fmt: skip
    assert len(mail.get_all("To", [])) == 1
