"""What comes on a page is kept once, as it was, and nothing of it is lost."""

from datetime import timedelta

import pytest

from agent.model import Link, Marks
from agent.store.store import Store
from connectors.contract import Attendee, Card, Interaction, Item, Party, Stream
from tests.agent.store.generated import ADA, BOB, EVE, EVER, INBOX, NOW, dump, mail, meeting, page, subjects


def test_a_mail_comes_back_as_it_was(store: Store) -> None:
    seen = mail(
        1,
        to=(ADA, EVE),
        cc=(BOB,),
        bcc=(Party("zoë@example.org", "Zoë"),),
        in_reply_to="0@x",
        references=("root@x", "0@x"),
        thread="t1",
        labels=("INBOX", "\\Sent"),
        evidence=("list", "bulk"),
    )
    marks = Marks(("request",), (Link("https://x.example/1", "Looms"),), {"loom": 2}, (NOW.date(),))

    store.record("home", INBOX, page(seen), {"m1": marks}, at=NOW)
    [fact] = store.facts(until=EVER)

    assert (fact.at, fact.sender, fact.subject) == (int(seen.sent.timestamp()), BOB.address, "Looms 1")
    assert (fact.to, fact.cc) == ((ADA.address, EVE.address), (BOB.address,))
    assert fact.bcc == ("zoë@example.org",)
    assert fact.message_id == "1@mail.example.net"
    assert fact.parents == ("0@x", "root@x")
    assert (fact.thread, fact.labels, fact.evidence) == ("t1", ("INBOX", "\\Sent"), ("list", "bulk"))
    assert fact.marks == marks


def test_a_page_that_comes_twice_changes_nothing(store: Store) -> None:
    twice = page(*(mail(n) for n in range(20)), meeting(1), missed=(("m99", "no date"),), complete=True)
    first = store.record("home", INBOX, twice, at=NOW)
    before = dump(store)

    again = store.record("home", INBOX, twice, at=NOW)

    assert (first.found, first.new, first.merged, first.missed) == (21, 21, 0, 1)
    assert (again.found, again.new, again.merged) == (21, 0, 0)
    assert dump(store) == before


def test_a_page_with_nothing_on_it_keeps_its_cursor(store: Store) -> None:
    assert store.cursor("home", "inbox") is None

    store.record("home", INBOX, page(cursor=7), at=NOW)

    assert store.cursor("home", "inbox") == {"v": 1, "at": 7}
    assert not list(store.facts(until=EVER))


def test_text_that_is_no_unicode_is_kept_as_far_as_it_goes(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, subject="half \ud83d pair", sender=Party("x\udc80@example.org"))), at=NOW)

    assert subjects(store) == ["half ? pair"]


class TestCopies:
    """One mail counts once, wherever it lies."""

    def test_a_copy_in_another_account_is_the_same_item(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        done = store.record("work", INBOX, page(mail(1, id="9")), at=NOW)

        assert (done.new, done.merged) == (0, 1)
        assert subjects(store) == ["Looms 1"]

    def test_a_copy_on_the_same_page_is_the_same_item(self, store: Store) -> None:
        done = store.record("home", INBOX, page(mail(1), mail(1, id="copy")), at=NOW)

        assert (done.new, done.merged) == (1, 1)
        assert subjects(store) == ["Looms 1"]

    def test_the_item_shows_the_union_of_its_copies(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1, evidence=("list",))), at=NOW)
        store.record("home", Stream("sent", "Sent"), page(mail(1, bcc=(EVE,), labels=("\\Sent",))), at=NOW)
        [fact] = store.facts(until=EVER)

        assert fact.recipients == (ADA.address, EVE.address)
        assert fact.labels == ("INBOX", "\\Sent")
        assert fact.evidence == ("list",)

    def test_what_only_a_lost_copy_showed_is_shown_no_more(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        sent = Stream("sent", "Sent")
        store.record("home", sent, page(mail(1, bcc=(EVE,), labels=("\\Sent",))), at=NOW)
        store.record("home", sent, page(gone=("m1",), cursor=2), at=NOW)
        [fact] = store.facts(until=EVER)

        assert (fact.recipients, fact.labels) == ((ADA.address,), ("INBOX",))
        assert not list(store.facts(until=EVER, addresses=[EVE.address]))

    def test_two_mails_with_one_message_id_stay_two(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1), mail(2, message_id="1@mail.example.net")), at=NOW)

        assert subjects(store) == ["Looms 1", "Looms 2"]

    @pytest.mark.parametrize(
        ("other", "items"),
        [
            (mail(1, id="b", message_id="", fingerprint=b"t"), 1),
            (mail(1, id="b", message_id="other@x", fingerprint=b"t"), 1),
            (mail(1, id="b", message_id="other@x", fingerprint=b"u"), 2),
            (mail(1, id="b", message_id="", fingerprint=b""), 2),
        ],
        ids=["no id, same text", "other id, same text", "other id, other text", "no id, text not seen"],
    )
    def test_the_text_tells_copies(self, store: Store, other: Interaction, items: int) -> None:
        store.record("home", INBOX, page(mail(1, fingerprint=b"t")), at=NOW)
        store.record("home", INBOX, page(other, cursor=2), at=NOW)

        assert len(subjects(store)) == items

    def test_mails_without_an_id_are_told_apart_by_who_got_them(self, store: Store) -> None:
        bare = [mail(1, id=str(n), message_id="", to=(to,)) for n, to in enumerate((ADA, EVE, ADA))]
        store.record("home", INBOX, page(*bare), at=NOW)

        assert len(subjects(store)) == 2

    def test_a_third_copy_joins_two_that_seemed_different(self, store: Store) -> None:
        by_id = mail(1, id="a", labels=("a",))
        by_text = mail(1, id="b", message_id="", fingerprint=b"t", labels=("b",))
        store.record("old", INBOX, page(by_id, by_text), at=NOW)
        assert len(subjects(store)) == 2

        store.record("new", INBOX, page(mail(1, id="c", fingerprint=b"t", labels=("c",))), at=NOW)
        store.record("old", INBOX, page(gone=("a", "b"), cursor=2), at=NOW)
        [fact] = store.facts(until=EVER)

        assert fact.labels == ("c",)
        assert store.record("x", INBOX, page(by_id, by_text), at=NOW).new == 0

    def test_a_remote_id_that_means_another_mail_now_is_that_mail(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1, id="7")), at=NOW)
        store.record("home", INBOX, page(mail(2, id="7"), cursor=2), at=NOW)

        assert subjects(store) == ["Looms 2"]
        assert len(dump(store)["identity"]) == 1

    def test_labels_that_change_are_followed(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.record("home", INBOX, page(mail(1, labels=("Archive",)), cursor=2), at=NOW)
        [fact] = store.facts(until=EVER)

        assert fact.labels == ("Archive",)


class TestGone:
    def test_an_item_that_nothing_shows_any_more_leaves_no_trace(self, store: Store) -> None:
        empty = {
            name: rows for name, rows in dump(store).items() if name in ("item", "placement", "identity", "posting")
        }
        store.record("home", INBOX, page(mail(1)), at=NOW)
        done = store.record("home", INBOX, page(gone=("m1", "never seen"), cursor=2), at=NOW)

        assert done.gone == 1
        assert {name: rows for name, rows in dump(store).items() if name in empty} == empty
        assert BOB.address in store.stale()

    def test_an_id_is_never_given_twice(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.record("home", INBOX, page(gone=("m1",), cursor=2), at=NOW)
        store.record("home", INBOX, page(mail(2), cursor=3), at=NOW)

        assert [fact.id for fact in store.facts(until=EVER)] == [2]


class TestMeetings:
    def test_a_meeting_is_a_fact_with_those_asked(self, store: Store) -> None:
        asked = (Attendee(ADA, "accepted"), Attendee(EVE, "declined"))
        store.record("home", INBOX, page(meeting(1, attendees=asked)), at=NOW)
        [fact] = store.facts(until=EVER)

        assert fact.meeting
        assert (fact.sender, fact.to, fact.declined) == (BOB.address, (ADA.address, EVE.address), (EVE.address,))

    def test_the_latest_word_on_a_meeting_counts(self, store: Store) -> None:
        store.record("home", INBOX, page(meeting(1)), at=NOW)
        moved = meeting(1, sent=NOW + timedelta(days=9), cancelled=True, subject="Moved", attendees=(Attendee(ADA),))
        done = store.record("home", INBOX, page(moved, cursor=2), at=NOW)
        [fact] = store.facts(until=EVER)

        assert done.new == 0
        assert (fact.at, fact.cancelled, fact.subject) == (int(moved.sent.timestamp()), True, "Moved")
        assert fact.to == (ADA.address,)

    def test_the_days_of_a_series_are_meetings_of_their_own(self, store: Store) -> None:
        days = [meeting(n, uid="weekly", original_start=NOW + timedelta(days=7 * n)) for n in range(3)]
        store.record("home", INBOX, page(*days), at=NOW)

        assert len(subjects(store)) == 3

    def test_one_meeting_in_two_calendars_counts_once(self, store: Store) -> None:
        store.record("home", INBOX, page(meeting(1)), at=NOW)
        store.record("work", INBOX, page(meeting(1, id="other")), at=NOW)

        assert len(subjects(store)) == 1

    def test_what_a_full_listing_lacks_is_gone(self, store: Store) -> None:
        store.record("home", INBOX, page(*map(meeting, range(5)), complete=True), at=NOW)
        done = store.record("home", INBOX, page(*map(meeting, range(4)), cursor=2, complete=True), at=NOW)

        assert (done.gone, done.held) == (1, 0)
        assert len(subjects(store)) == 4

    def test_a_listing_of_several_pages_ends_with_its_last(self, store: Store) -> None:
        store.record("home", INBOX, page(*map(meeting, range(4)), complete=True), at=NOW)
        half = store.record("home", INBOX, page(meeting(0), meeting(1), cursor=2), at=NOW)
        rest = store.record("home", INBOX, page(meeting(2), cursor=3, complete=True), at=NOW)

        assert (half.gone, rest.gone) == (0, 1)
        assert len(subjects(store)) == 3

    def test_mail_is_never_swept(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1), mail(2), complete=True), at=NOW)
        done = store.record("home", INBOX, page(mail(1), cursor=2, complete=True), at=NOW)

        assert done.gone == 0
        assert len(subjects(store)) == 2

    def test_too_many_at_once_are_held_until_a_later_listing_agrees(self, store: Store) -> None:
        store.record("home", INBOX, page(*map(meeting, range(100)), complete=True), at=NOW)

        shrunk = [page(*map(meeting, range(20)), cursor=n, complete=True) for n in (2, 3, 4)]
        first = store.record("home", INBOX, shrunk[0], at=NOW + timedelta(hours=1))
        soon = store.record("home", INBOX, shrunk[1], at=NOW + timedelta(minutes=90))
        later = store.record("home", INBOX, shrunk[2], at=NOW + timedelta(hours=2))

        assert (first.gone, first.held) == (0, 80)
        assert (soon.gone, soon.held) == (0, 80)
        assert (later.gone, later.held) == (80, 0)

    def test_a_source_that_has_not_changed_an_hour_later_agrees_too(self, store: Store) -> None:
        store.record("home", INBOX, page(*map(meeting, range(100)), complete=True), at=NOW)
        store.record("home", INBOX, page(*map(meeting, range(20)), cursor=2, complete=True), at=NOW)

        soon = store.record("home", INBOX, page(cursor=2), at=NOW + timedelta(minutes=30))
        later = store.record("home", INBOX, page(cursor=2), at=NOW + timedelta(hours=1))

        assert (soon.gone, soon.held) == (0, 80)
        assert (later.gone, later.held) == (80, 0)
        assert len(subjects(store)) == 20


class TestLedger:
    def test_what_was_missed_is_tried_ever_more_rarely_and_parked_after_seven(self, store: Store) -> None:
        at, waits = NOW, []
        for _ in range(7):
            store.record("home", INBOX, page(missed=(("m9", "no date"),)), at=at)
            [missed] = store.ledger("home")
            waits.append(None if missed.next_try is None else missed.next_try - int(at.timestamp()))
            at += timedelta(days=1)

        assert waits == [60, 600, 3600, 21600, 86400, 86400, None]
        assert (missed.remote_id, missed.reason, missed.tries, missed.stream) == ("m9", "no date", 7, "Inbox")

    def test_what_comes_after_all_leaves_it(self, store: Store) -> None:
        store.record("home", INBOX, page(missed=(("m1", "cut off"), ("m2", "cut off"))), at=NOW)
        store.record("home", INBOX, page(mail(1), cursor=2), at=NOW)

        assert [missed.remote_id for missed in store.ledger("home")] == ["m2"]


def test_cards_and_things_to_share_are_kept_beside_the_facts(store: Store) -> None:
    card = Card("c1", "Ada", ("ada@example.org", "ada@example.net"), "likes looms", NOW.date(), "Example")
    store.record("book", INBOX, page(card, Item("i1", "On looms", "https://x.example", NOW)), at=NOW)

    assert store.cards() == [card]
    assert [item.url for item in store.shelf()] == ["https://x.example"]

    store.record("book", INBOX, page(gone=("c1", "i1"), cursor=2), at=NOW)
    assert not store.cards()
    assert not store.shelf()


def test_things_to_share_are_counted_and_those_of_a_hidden_account_not_shown(store: Store) -> None:
    items = [Item(f"i{n}", "On looms", f"https://x.example/{n}", NOW - timedelta(days=n)) for n in range(3)]
    undated = Item("i9", "On looms", "https://x.example/9")
    first = store.record("feeds", INBOX, page(*items, undated), at=NOW)
    again = store.record("feeds", INBOX, page(*items, Item("i10", "More", "https://x.example/10"), cursor=2), at=NOW)
    assert [(one.found, one.new) for one in (first, again)] == [(4, 4), (4, 1)]

    at = int(NOW.timestamp())
    assert [item.id for item in store.shelf(at - 86_400, at - 1)] == ["i1"]
    assert len(store.shelf()) == 5
    store.visible = frozenset({"mail"})
    assert store.shelf(at - 86_400, at) == []
