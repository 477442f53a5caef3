"""The user's words are found wherever they stand, in every script, and never taken for a query language."""

import pytest

from agent.model import Person, Standing
from agent.store.keys import bare
from agent.store.store import Learned, Store
from tests.agent.store.generated import EVER, INBOX, NOW, mail, meeting, page


def found(store: Store, words: str, until: int = EVER) -> list[str]:
    return [hit.text for hit in store.find(words, until)]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("来週は東京で会議です", "東京"),
        ("来週は東京で会議です", "会議 東京"),
        ("서울에서 만나요", "서울"),
        ("Café in Łódź", "cafe"),
        ("ÜBUNG", "übung"),
        ("Встреча в Москве", "встреча"),
        ("about looms and wefts", "loom"),
        ('o\'brien & sons: "quoted"', "o'brien"),
        ("the c++ looms", "c++"),
        ("mail to bob@example.net", "bob@example.net"),
        ("AND OR NOT NEAR", "not near"),
    ],
)
def test_a_subject_is_found(store: Store, subject: str, words: str) -> None:
    store.record("home", INBOX, page(mail(1, subject=subject), mail(2, subject="Another")), at=NOW)
    store.index()

    assert found(store, words) == [subject]


@pytest.mark.parametrize(
    "words",
    [
        "",
        "  ",
        "*",
        '"',
        "AND",
        "京東",
        "東 NOT 京",
        "subject_words:x",
        "lo*",
        "(",
        "\x00",
        "^looms )",
        "NEAR(東 京)",
        "-",
    ],
)
def test_nothing_the_user_types_breaks_it(store: Store, words: str) -> None:
    store.record("home", INBOX, page(mail(1, subject="東京")), at=NOW)
    store.index()

    assert found(store, words) == []


def test_people_come_first_then_notes_then_subjects_newest_first(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, subject="golf"), mail(2, subject="Golf again")), at=NOW)
    store.say("note", ["bob@example.net"], "likes golf", at=5)
    store.save_learned(Learned([Person(1, "Zoë Golf", ("z@example.org",))]), upto=0, at=7)

    assert found(store, "golf") == ["Zoë Golf", "likes golf", "Golf again", "golf"]
    assert [hit.kind for hit in store.find("golf", EVER, limit=1)] == ["person", "note", "subject"]
    assert found(store, "zoe") == found(store, "z@example.org") == ["Zoë Golf"]


def test_nothing_later_than_until_is_found(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2)), at=NOW)
    store.say("note", ["b@example.net"], "looms", at=10)
    store.say("note", ["b@example.net"], "looms, later", at=1 << 39)
    store.undo(1 << 39)
    store.save_learned(
        Learned([Person(1, "Looms Ltd", ("l@x",))], standings=[Standing(1, first=1 << 39)]), upto=0, at=7
    )

    assert found(store, "looms", int(mail(1).sent.timestamp())) == ["looms", "Looms 1"]
    assert found(store, "looms", 9) == []


def test_what_is_gone_or_hidden_is_not_found(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2)), at=NOW)
    store.record("work", INBOX, page(mail(3)), at=NOW)
    store.index()
    store.record("home", INBOX, page(gone=("m1",), cursor=2), at=NOW)
    store.visible = frozenset({"home"})

    assert found(store, "looms") == ["Looms 2"]


def test_hidden_subjects_do_not_use_up_the_limit(store: Store) -> None:
    store.record("home", INBOX, page(mail(1)), at=NOW)
    store.record("work", INBOX, page(*map(mail, range(5, 30))), at=NOW)
    store.index()
    store.visible = frozenset({"home"})

    assert [hit.text for hit in store.find("looms", EVER, limit=3)] == ["Looms 1"]


def test_a_meeting_is_found_by_its_new_subject_only(store: Store) -> None:
    store.record("home", INBOX, page(meeting(1, subject="Warp")), at=NOW)
    store.index()
    store.record("home", INBOX, page(meeting(1, subject="Weft"), cursor=2), at=NOW)

    assert (found(store, "warp"), found(store, "weft")) == ([], ["Weft"])


def test_the_index_grows_with_the_mail(store: Store) -> None:
    store.record("home", INBOX, page(mail(1)), at=NOW)
    store.index()
    store.record("home", INBOX, page(mail(2), cursor=2), at=NOW)
    store.index()
    store.index()

    assert found(store, "looms") == ["Looms 2", "Looms 1"]


@pytest.mark.parametrize(
    "subject",
    ["Looms", "Re: looms", "AW: Re[2]: LOOMS", "[weavers] Fwd:  looms ", "RE: [Ext] FW: looms", "SV: looms"],
)
def test_a_thread_has_one_subject(subject: str) -> None:
    assert bare(subject) == "looms"
