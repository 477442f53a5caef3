"""A round hears the user's answers to digests: before it keeps them, once, and from live accounts alone."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from agent import tokens
from agent.model import Shown
from agent.pull import Toured, tour
from agent.store.store import Chosen, Store
from agent.texts import Mark
from connectors.contract import Interaction, Party, Stream
from connectors.memory import Memory
from nlp.marks import Text

ME, ADA = "me@home.example", "ada@guild.example"
DAY = date(2026, 5, 12)
NOON = datetime(2026, 5, 12, 12, tzinfo=UTC)
SENT, INBOX = Stream("s", "Sent", "\\Sent"), Stream("i", "INBOX", "\\Inbox")
GMAIL, OTHER = Stream("all", "All Mail", "\\All"), Stream("o", "Sent", "")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "auld.db", key=b"k" * 32) as made:
        made.accept([Chosen("home", "imap"), Chosen("work", "imap"), Chosen("old", "mbox", True)], {}, "", at=NOON)
        made.mark_shown(
            DAY, [Shown(DAY, 1, "revive", (ADA,), "", 1)], tokens.message_id(made.key, DAY), at=1, mailed=True
        )
        made.mark_delivered(DAY, at=1)
        yield made


def pressed(store: Store, remote: str = "1", labels: tuple[str, ...] = (), **more: Any) -> Interaction:
    """The mail that a link makes."""
    subject = tokens.subject(store.key, DAY, 1, "later")
    one = Interaction(
        remote, NOON, "date", Party(ME, "Me"), (Party(ME),), subject=subject, message_id="a@phone", labels=labels
    )
    return replace(one, **more)


def replied(store: Store) -> Interaction:
    return pressed(
        store, "2", subject="Re: One person", in_reply_to=tokens.message_id(store.key, DAY), message_id="b@phone"
    )


def round_of(store: Store, connector: Memory, account: str = "home", **more: Any) -> Toured:
    return tour(account, lambda: connector, store, lambda: NOON, 0.5, own=(ME,), **more)


def said(store: Store) -> list[str]:
    return [one.verb for one in store.stated(2**40)]


@pytest.mark.parametrize(
    ("stream", "labels", "heard"),
    [
        (SENT, ("Sent", "\\Sent"), True),
        (GMAIL, ("SENT", "\\Sent"), True),
        (GMAIL, ("SENT", "\\Sent", "INBOX", "\\Inbox"), True),
        (GMAIL, ("INBOX", "\\Inbox"), False),
        (INBOX, ("INBOX", "\\Inbox"), False),
        (INBOX, ("INBOX", "\\Inbox", "\\Sent"), False),
        (OTHER, ("Sent",), False),
    ],
    ids=[
        "Sent",
        "Gmail",
        "Gmail, to oneself",
        "Gmail's inbox",
        "the inbox",
        "the inbox, labelled",
        "a folder so called",
    ],
)
def test_an_answer_is_heard_in_the_Sent_store_alone(
    store: Store, stream: Stream, labels: tuple[str, ...], heard: bool
) -> None:
    assert round_of(store, Memory({stream: [pressed(store, labels=labels)]})).ended.state == "ok"

    assert said(store) == ["later"] * heard
    assert [why for _, why in store.unheard(DAY, 2**40)] == ["it is not among your sent mails"] * (not heard)


def test_one_in_an_archive_is_neither_heard_nor_told(store: Store) -> None:
    round_of(store, Memory({SENT: [pressed(store)]}), "old")

    assert said(store) == []
    assert store.unheard(DAY, 2**40) == []
    assert [fact.evidence for fact in store.facts(until=2**40)] == [("ours",)]


@pytest.mark.parametrize("first", ["home", "work"], ids=["the copy first", "the one in Sent first"])
def test_on_two_accounts_it_counts_once_whichever_is_read_first(store: Store, first: str) -> None:
    there = {"home": Memory({INBOX: [pressed(store)]}), "work": Memory({SENT: [pressed(store)]})}
    for name in sorted(there, key=lambda one: one != first):
        round_of(store, there[name], name)

    assert said(store) == ["later"]
    assert store.unheard(DAY, 2**40) == []


def test_read_again_from_the_beginning_it_changes_nothing(store: Store) -> None:
    connector = Memory({SENT: [pressed(store), replied(store)]}, texts={"2": "1 never"})
    round_of(store, connector)
    store.undo(2**31)
    connector.reset()
    round_of(store, connector)

    assert said(store) == ["later"]


def test_whoever_dies_before_the_page_is_kept_has_obeyed_it_and_does_so_once(store: Store) -> None:
    connector = Memory({SENT: [pressed(store), pressed(store, "3", subject="Looms")]}, texts={"3": "Wool"})
    assert round_of(store, connector, mark=Mark(lambda _: 1 // 0, lambda *_: None)).ended.state == "resting"
    assert said(store) == ["later"]
    assert list(store.facts(until=2**40)) == []

    round_of(store, connector)

    assert said(store) == ["later"]
    assert len(list(store.facts(until=2**40))) == 2


def test_of_its_text_nothing_is_marked(store: Store) -> None:
    marked: list[str] = []
    connector = Memory(
        {SENT: [replied(store), pressed(store, "3", subject="Looms")]}, texts={"2": "1 never", "3": "Wool"}
    )
    round_of(store, connector, mark=Mark(lambda raw: Text(raw, raw, raw), lambda text, _, said: marked.append(said)))

    assert said(store) == ["never"]
    assert marked == ["Wool"]


def test_answers_on_one_page_are_heard_in_the_order_in_which_they_were_sent(store: Store) -> None:
    late = replied(store)
    early = pressed(store, sent=NOON.replace(hour=9))
    round_of(store, Memory({SENT: [late, early]}, texts={"2": "1 never"}))

    assert said(store) == ["later", "never"]
    back = store.undo(2**31)
    assert back
    assert back.verb == "never"
