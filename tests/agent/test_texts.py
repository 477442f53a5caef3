"""What their senders always say is no part of what a page's texts say."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent import texts, wiring
from agent.pull import tour
from agent.store.store import Chosen, Store
from connectors.contract import Interaction, Page, Stream
from connectors.memory import Memory
from tests.agent.store.generated import BOB, EVE, INBOX, NOW, dump, mail, meeting, page

SIGNED = "The {0} is done.\nVelloran weavers guild"
DONE = ("loom", "warp", "weft", "shed", "heddle")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as made:
        made.accept([Chosen("home", "imap"), Chosen("work", "imap")], {}, "", at=NOW)
        yield made


def mails(*numbers: int, **changed: Any) -> tuple[list[Interaction], dict[str, str]]:
    found = [mail(n, fingerprint=bytes((n,)), **changed) for n in numbers]
    return found, {one.id: SIGNED.format(DONE[n]) for n, one in zip(numbers, found, strict=True)}


def kept(store: Store, shown: Page, account: str = "home", stream: Stream = INBOX) -> Mapping[str, Any]:
    """Read a page and keep it; gives the marks."""
    found = texts.said(shown, wiring.marker(), store, account)
    store.record(account, stream, shown, found.marks, habits=found.habits, at=NOW)
    return found.marks


def signed(marks: Mapping[str, Any]) -> list[bool]:
    return ["velloran" in one.terms for one in marks.values()]


def told(*numbers: int, **changed: Any) -> Page:
    found, said = mails(*numbers, **changed)
    return page(*found, texts=said)


def test_on_one_page_the_first_loses_its_signature_too(store: Store) -> None:
    assert signed(kept(store, told(0, 1, 2))) == [False, False, False]


def test_twice_is_a_coincidence(store: Store) -> None:
    assert signed(kept(store, told(0, 1))) == [True, True]


def test_the_pages_before_are_remembered(store: Store) -> None:
    assert [*signed(kept(store, told(0, 1))), *signed(kept(store, told(2))), *signed(kept(store, told(3)))] == [
        True,
        True,
        False,
        False,
    ]


def test_a_page_that_comes_again_counts_once(store: Store) -> None:
    for _ in range(4):
        assert signed(kept(store, told(0))) == [True]


def test_a_copy_in_another_folder_counts_once(store: Store) -> None:
    found, said = mails(0)
    kept(store, page(*found, texts=said))
    for number in range(3):
        copy = replace(found[0], id=f"copy{number}", message_id=f"other{number}")
        marks = kept(store, page(copy, texts={copy.id: said[found[0].id]}), stream=Stream(f"s{number}", "Copies"))
        assert signed(marks) == [True]


def test_what_another_always_says_is_new_of_somebody(store: Store) -> None:
    kept(store, told(0, 1, 2))

    assert signed(kept(store, told(3, sender=EVE))) == [True]


def test_accounts_do_not_learn_from_one_another(store: Store) -> None:
    kept(store, told(0, 1, 2), "work")

    assert signed(kept(store, told(3))) == [True]


def test_the_text_of_a_meeting_is_nobodys_habit(store: Store) -> None:
    met = [meeting(n, uid=f"u{n}") for n in range(3)]
    marks = kept(store, page(*met, texts={one.id: SIGNED.format(DONE[n]) for n, one in enumerate(met)}))

    assert signed(marks) == [True, True, True]
    assert dump(store)["habit"] == []


def test_headers_alone_leave_nothing(store: Store) -> None:
    found, said = mails(0, 1, 2)
    assert texts.said(page(*found, texts=said), None, store, "home") == texts.Said()
    assert texts.said(page(*found), wiring.marker(), store, "home") == texts.Said()


def test_a_mail_without_a_sender_is_read(store: Store) -> None:
    assert signed(kept(store, told(0, sender=None))) == [True]


def test_a_round_does_it_page_by_page(store: Store) -> None:
    found, said = mails(*range(5))
    tour("home", lambda: Memory({INBOX: found}, texts=said), store, lambda: NOW, 0.5, mark=wiring.marker())

    facts = list(store.facts(until=1 << 40))
    assert [fact.marks is not None for fact in facts] == [True] * 5
    assert not any("velloran" in fact.marks.terms for fact in facts[2:] if fact.marks)
    assert store.habits("home", [BOB.address])
