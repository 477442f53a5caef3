"""Whoever is forgotten leaves no byte behind, comes with no later pull, and takes nobody else along."""

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from agent.model import Link, Marks, Shown
from agent.sharing.shelf import Shelved, on_shelf, packed
from agent.store.forgotten import Forgotten, Hints, full_names, hashes
from agent.store.store import Learned, Store, Whom
from connectors.contract import Attendee, Card, Interaction, Item, Meeting, Party
from tests.agent.store.generated import ADA, BOB, EVER, INBOX, NOW, dump, mail, meeting, page, subjects
from tests.agent.store.test_crash import Killed, die_before, opened

ZOE = Party("zoe.quill@weavers.example", "Zoë Quill")
ZOE_TOO = Party("zq@looms.example", "Quill, Zoë")
WHOM = Whom(frozenset({ZOE.address, ZOE_TOO.address}), frozenset({ZOE.name, ZOE_TOO.name}), frozenset({ADA.address}))

TRACES = ("zoe.quill", "weavers.example", "zq@looms", "quill", "velloran", "brindlewick", "tatting")
"""Of her: addresses, the name that nobody else has, and words that only mails with her have."""

LEFT = {
    "Supper with … and Ada",
    "Have you heard from … lately?",
    "A paper on looms",
    "Looms 7",
    "Fitting with Zoë",
}
"""The subjects of what others had a part in."""


def mails() -> list[Any]:
    """The user is Ada. Three are of Zoë alone, one is others' with her, the rest is others'."""
    return [
        mail(1, sender=ZOE, to=(ADA,), subject="The velloran shuttle"),
        mail(2, sender=ADA, to=(ZOE_TOO,), subject="Re: The velloran shuttle"),
        mail(3, sender=ZOE, to=(ADA, BOB), subject="Brindlewick for everybody"),
        mail(4, sender=BOB, to=(ADA, ZOE), subject="Supper with Zoë and Ada", references=("1.zq@looms.example", "x@y")),
        mail(5, sender=BOB, to=(ADA,), subject="Have you heard from Zoë Quill lately?"),
        mail(6, sender=Party("docs@share.example", "Zoë Quill via Docs"), to=(ADA,), subject="A paper on looms"),
        mail(7),
        meeting(8, subject="Fitting with Zoë", attendees=()),
        Card("c1", "Zoë Q.", (ZOE.address,), note="met at the tatting fair"),
        Card("c2", "Bob", (BOB.address,), note="married to Zoë Quill"),
        Item("s1", "Zoë Quill on tide gauges", "https://press.example/1"),
        Item("s2", "An interview", "https://press.example/by-Zo%C3%AB-Quill"),
        Item("s3", "A form", "https://press.example/?for=zq%40looms.example"),
    ]


@pytest.fixture
def full(store: Store) -> Store:
    """A store in which she stands wherever anything can stand."""
    marks = Marks(terms={"bobbin": 2, "quill": 1}, links=(Link("https://x.example/?to=zq%40looms.example", "Hers"),))
    store.record("home", INBOX, page(*mails(), missed=(("zq@looms.example", "no date"),)), {"m4": marks}, at=NOW)
    store.say("note", [ZOE.address], "tatting champion", at=1)
    store.say("never", [ZOE_TOO.address], at=2)
    store.say("note", [BOB.address], "friend of Zoë Quill", at=3)
    links = (
        "https://press.example/2",
        "https://press.example/zoë_quill",
        "https://press.example/?to=zq%40looms.example",
    )
    for number, url in enumerate(links, 1):
        store.say("shelf", (), packed(Shelved(number, 3, url, "On bobbins", "for Zoë Quill")), at=3)
    shown = [
        Shown(date(2025, 6, 2), 1, "reconnect", (ZOE.address,), "velloran", 4),
        Shown(date(2025, 6, 2), 2, "reconnect", (BOB.address,), "ask of Zoë Quill", 4),
    ]
    store.mark_shown(date(2025, 6, 2), shown, "d@auld.invalid", at=4)
    store.save_learned(Learned(), upto=0, at=5)
    return store


def bytes_of(store: Store) -> bytes:
    """All that lies on the disk."""
    return b"".join(path.read_bytes() for path in sorted(store.path.parent.glob("auld.db*")))


def traces(raw: bytes) -> list[str]:
    """What of her can be read in these bytes, in whatever way it is written."""
    found = []
    low = raw.lower()
    for word in TRACES:
        forms = {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}
        forms |= {base64.b64encode(b" " * pad + word.encode())[4:-4] for pad in range(3)}
        if any(form and (form in low or form in raw) for form in forms):
            found.append(word)
    return found


class TestWhatGoes:
    def test_before_all_of_it_is_there(self, full: Store) -> None:
        assert traces(bytes_of(full)) == list(TRACES)

    def test_afterwards_no_byte_of_it_is(self, full: Store) -> None:
        full.erase(WHOM)

        assert full.cleanse()
        assert traces(bytes_of(full)) == []

    def test_it_is_counted_beforehand_and_nothing_is_changed_by_that(self, full: Store) -> None:
        before = dump(full)
        counted = full.erasable(WHOM)

        assert dump(full) == before
        assert (counted.mails, counted.meetings, counted.shared) == (3, 0, 1)
        assert (counted.cards, counted.notes, counted.said, counted.shown) == (1, 1, 1, 1)
        assert full.erase(WHOM) == counted

    def test_what_is_with_others_stays_without_them(self, full: Store) -> None:
        full.erase(WHOM)

        assert set(subjects(full)) == LEFT
        [supper] = [fact for fact in full.facts(until=EVER) if fact.subject.startswith("Supper")]
        assert (supper.sender, supper.to, supper.parents) == (BOB.address, (ADA.address,), ("x@y",))
        assert supper.marks == Marks(terms={"bobbin": 2})
        assert full.names()["docs@share.example"] == {"… via Docs": 1}

    def test_what_is_of_others_stays(self, full: Store) -> None:
        full.erase(WHOM)

        said = full.stated(EVER)
        assert [(one.verb, one.text) for one in said if one.verb == "note"] == [("note", "friend of …")]
        assert on_shelf(said) == (Shelved(1, 3, "https://press.example/2", "On bobbins", "for …"),)
        assert [hit.text for hit in full.find("friend", EVER)] == ["friend of …"]
        assert [(card.name, card.note) for card in full.cards()] == [("Bob", "married to …")]
        assert [item.title for item in full.shelf()] == ["… on tide gauges"]
        assert full.ledger("home") == []

    def test_the_full_text_is_that_of_who_is_left(self, full: Store) -> None:
        full.erase(WHOM)
        full.index()

        assert full.find("velloran", EVER) == []
        assert [hit.text for hit in full.find("looms", EVER)] == ["Looms 7", "A paper on looms"]

    def test_all_that_was_learned_is_learned_anew(self, full: Store) -> None:
        full.erase(WHOM)

        assert full.learned_at() == 0
        assert not full.learned_anything()


def test_it_is_all_or_nothing(tmp_path: Path) -> None:
    def begun(path: Path) -> Store:
        found = opened(path)
        found.record("home", INBOX, page(*mails()), at=NOW)
        found.say("note", [ZOE.address], "tatting champion", at=1)
        return found

    with begun(tmp_path / "whole.db") as store:
        seen = die_before(store, 0)
        store.erase(WHOM)
        whole, statements = dump(store), seen()
    for statement in range(1, statements + 1, 3):
        path = tmp_path / f"{statement}.db"
        with begun(path) as store:
            before = dump(store)
            die_before(store, statement)
            with pytest.raises(Killed):
                store.erase(WHOM)
        with opened(path) as store:
            assert dump(store) == before
            store.erase(WHOM)
            assert dump(store) == whole
    assert statements > 40


class TestWhatComesLater:
    def test_the_next_pull_brings_nobody_back(self, full: Store) -> None:
        full.erase(WHOM)
        before = dump(full)
        full.record("home", INBOX, page(*mails(), cursor=2), {}, at=NOW)
        full.index()
        full.cleanse()

        assert traces(bytes_of(full)) == []
        assert dump(full)["item"] == before["item"]
        assert full.one("SELECT count(*) FROM placement") == 5

    def test_nor_does_a_new_account_with_the_same_mailbox(self, full: Store) -> None:
        full.erase(WHOM)
        full.remove_account("home")
        full.record("again", INBOX, page(*mails()), {}, at=NOW)

        assert set(subjects(full)) == LEFT
        assert full.cleanse()
        assert traces(bytes_of(full)) == []

    def test_a_copy_that_was_left_without_them_is_known_again(self, full: Store) -> None:
        full.erase(WHOM)
        recorded = full.record("other", INBOX, page(*mails()), {}, at=NOW)

        assert (recorded.new, recorded.merged) == (2, 5), "the new ones are a card and something to share"

    def test_a_process_that_was_at_it_brings_nobody_back_either(self, full: Store) -> None:
        with Store.open(full.path, key=b"k" * 32) as other:
            other.record("other", INBOX, page(mail(9)), at=NOW)  # knows the parties' numbers by now
            full.erase(WHOM)
            other.record("home", INBOX, page(*mails(), cursor=2), at=NOW)

        full.cleanse()
        assert traces(bytes_of(full)) == []

    def test_what_was_learned_before_is_not_kept_after(self, full: Store) -> None:
        with Store.open(full.path, key=b"k" * 32) as other:
            upto = other.generation()
            full.erase(WHOM)

            assert not other.save_learned(Learned(notices=["Zoë Quill has two owners."]), upto=upto, at=6)
            assert other.save_learned(Learned(notices=["All is well."]), upto=other.generation(), at=6)

    def test_a_digest_made_before_remembers_only_others(self, full: Store) -> None:
        full.erase(WHOM)
        day = date(2025, 6, 3)
        shown = [Shown(day, slot, "revive", (who.address,), "", 7) for slot, who in ((1, ZOE), (2, BOB))]
        full.mark_shown(day, shown, "m", at=7)
        full.mark_delivered(day, at=8)

        assert [one.slot for one in full.last_shown(9)] == [2]

    def test_a_meeting_that_is_theirs_alone_by_now_goes(self, store: Store) -> None:
        store.erase(Whom(frozenset({ZOE.address}), own=frozenset({BOB.address})))
        store.record("home", INBOX, page(meeting(1)), at=NOW)
        store.record("home", INBOX, page(meeting(1, attendees=(Attendee(ZOE),)), cursor=2), at=NOW)

        assert subjects(store) == []


class TestTheFile:
    @pytest.fixture
    def reader(self, full: Store) -> Iterator[sqlite3.Connection]:
        """Another program that reads, and does not come to an end."""
        with closing(sqlite3.connect(full.path, isolation_level=None)) as connection:
            yield connection

    def test_another_open_connection_does_no_harm(self, full: Store, reader: sqlite3.Connection) -> None:
        reader.execute("SELECT count(*) FROM item").fetchone()
        full.erase(WHOM)

        assert full.cleanse()
        assert traces(bytes_of(full)) == []

    def test_one_that_still_reads_what_was_is_told_and_the_work_is_done_later(
        self, full: Store, reader: sqlite3.Connection
    ) -> None:
        full.rows("PRAGMA busy_timeout = 50")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchone()
        full.erase(WHOM)

        assert not full.cleanse()
        assert full.unclean()
        reader.execute("COMMIT")
        assert full.cleanse()
        assert not full.unclean()
        assert traces(bytes_of(full)) == []

    def test_what_was_overwritten_long_ago_is_gone_too(self, full: Store) -> None:
        full.rows("PRAGMA secure_delete = OFF")
        full.drop_learned()
        full.erase(WHOM)

        assert full.cleanse()
        assert traces(bytes_of(full)) == []

    def test_all_that_is_kept_are_keyed_hashes(self, full: Store) -> None:
        full.erase(WHOM)

        kept = full.one("SELECT value FROM meta WHERE name = 'forgotten'")
        ours = {kept[start : start + 16] for start in range(0, len(kept), 16)}
        assert len(ours) == 2 + 2, "two addresses; and the name, both ways round"
        assert ours == hashes(WHOM.addresses, WHOM.names, full.key)
        assert ours.isdisjoint(hashes(WHOM.addresses, WHOM.names, b"another key" * 3))


class TestLeft:
    forgotten = Forgotten(hashes([ZOE.address], [ZOE.name], b"k"), frozenset({ADA.address, "ada@work.example"}), b"k")

    @pytest.mark.parametrize(
        ("given", "stays"),
        [
            (mail(1), True),
            (mail(1, sender=ZOE), False),
            (mail(1, sender=ZOE, to=(ADA, BOB)), False),
            (mail(1, sender=ADA, to=(ZOE,)), False),
            (mail(1, sender=ADA, to=(ZOE,), cc=(Party("ada@work.example"),)), False),
            (mail(1, sender=ADA, to=(ZOE,), bcc=(BOB,)), True),
            (mail(1, sender=BOB, to=(ADA, ZOE)), True),
            (mail(1, sender=BOB, to=(ZOE,)), False),
            (mail(1, sender=None, to=(ZOE, BOB)), True),
        ],
        ids=[
            "another's",
            "theirs",
            "theirs to several",
            "to them",
            "to them and oneself",
            "to them and another",
            "another's to both",
            "another's to them",
            "of nobody",
        ],
    )
    def test_what_stays_is_what_others_had_a_part_in(self, given: Interaction, stays: bool) -> None:
        left = self.forgotten.left(given)

        assert (left is not None) is stays
        assert left is None or ZOE.address not in repr(left[0])

    def test_a_meeting_stays_where_others_were_asked(self) -> None:
        start = NOW - timedelta(days=3)
        asked = (Attendee(ADA), Attendee(BOB), Attendee(ZOE))
        about = Meeting("u-zoe.quill@weavers.example", start, start, None, ZOE, asked)

        left = self.forgotten.left(Interaction("e", start, "start", ZOE, meeting=about))

        assert left is not None
        assert left[0].sender is None
        assert left[0].meeting is not None
        assert [one.party for one in left[0].meeting.attendees] == [ADA, BOB]
        assert "quill" not in repr(left[0])

    @pytest.mark.parametrize(
        ("text", "cut"),
        [
            ("Zoë Quill", "…"),
            ("ZOË  QUILL, too", "…, too"),
            ("Re: Quill, Zoë: looms", "Re: …: looms"),
            ("write to zoe.quill@weavers.example!", "write to …!"),
            ("Zoë and a quill", "Zoë and a quill"),
            ("", ""),
        ],
        ids=["alone", "loud", "reversed", "an address", "others of that name", "nothing"],
    )
    def test_of_what_others_wrote_only_the_full_name_and_the_address_go(self, text: str, cut: str) -> None:
        assert self.forgotten.cut(text) == cut

    def test_of_what_they_took_part_in_every_part_of_the_name_goes(self) -> None:
        hints = Hints(frozenset({ZOE.address}), frozenset({"Zoë Quill", "王小明"}))

        assert self.forgotten.cut("Zoë's quills and a Quill; 与王小明吃饭", hints) == "…'s quills and a …; 与…吃饭"

    @pytest.mark.parametrize(
        ("name", "theirs"),
        [
            ("20240301.1.zoe.quill@weavers.example", True),
            ("20240301.1.quill@weavers.example", False),
            ("a@mail.example", False),
            ("zoe.quill", False),
        ],
        ids=["it ends with it", "of the same house", "another's", "no address"],
    )
    def test_a_message_id_is_theirs_where_it_ends_with_the_address(self, name: str, theirs: bool) -> None:
        assert self.forgotten.names_one(name) is theirs

    def test_whoever_has_the_same_name_keeps_it(self) -> None:
        assert self.forgotten.cut_name("Zoë Quill") == "Zoë Quill"

    def test_a_name_of_one_word_is_none(self) -> None:
        assert full_names(["Zoë", "zq@looms.example", " "]) == frozenset()
