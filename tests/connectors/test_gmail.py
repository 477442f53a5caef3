"""Gmail, through Google's own client library, against a fake that is as strict as Google's documents."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from connectors import gmail_listing
from connectors.contract import Connector, Exact, Interaction, Page, Party, TryLater
from connectors.copies import fingerprint
from connectors.gmail import MAILBOX
from connectors.headers import interaction
from connectors.headers_dates import settled
from connectors.headers_fields import fields as read_fields
from connectors.mbox_messages import split
from tests.connectors.contract import SENT as SUBJECTS
from tests.connectors.contract import ConnectorContract
from tests.connectors.googles import METADATA, NOW, READONLY, SENT, Home, letter
from tests.connectors.kept import Kept as Known
from tests.fakes.plumbing import Answer, Fault, says


@pytest.fixture
def home() -> Iterator[Home]:
    with Home() as made:
        yield made
        made.kind()


class TestGmail(ConnectorContract):
    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.deliver(subject, *(SENT if number % 2 else ()), at=NOW - timedelta(days=9 - number))
        return home.gmail(page=2)


class TestGmailWithTexts(TestGmail):
    @pytest.fixture
    def home(self) -> Iterator[Home]:
        with Home(READONLY) as made:
            yield made
            made.kind()

    @pytest.fixture
    def connector(self, home: Home) -> Connector:
        for number, subject in enumerate(SUBJECTS):
            home.deliver(subject, at=NOW - timedelta(days=9 - number), text=f"{subject}, at length.\n")
        return home.gmail(page=2, texts=True)


def test_a_live_connector_can_be_asked_for_single_items(home: Home) -> None:
    assert isinstance(home.gmail(), Exact)


# ------------------------------------------------------------------------------------------------------- in what order


def pulled(home: Home, **more: Any) -> list[Page]:
    return list(home.gmail(**more).pull(MAILBOX, None))


def subjects(pages: Iterable[Page]) -> list[str]:
    return [each.subject for page in pages for each in page.found if isinstance(each, Interaction)]


def test_threads_that_the_user_wrote_in_come_first_then_the_inbox_then_the_rest(home: Home) -> None:
    for number in range(4):
        home.deliver(f"Old news {number}", "CATEGORY_UPDATES")
        home.thread(f"Inbox {number}", 2)
        home.thread(f"Matter {number}", 3, mine=True)
        home.deliver(f"Unanswered {number}", *SENT)
    home.deliver("A newsletter", "CATEGORY_PROMOTIONS")
    found = [one.split(":")[-1].split()[0] for one in subjects(pulled(home, page=3))]

    mine, inbox, rest = found[:16], found[16:24], found[24:]
    assert set(mine) == {"Matter", "Unanswered"}
    assert set(inbox) == {"Inbox"}
    assert sorted(rest) == ["A", "Old", "Old", "Old", "Old"]


def test_the_newest_come_first_in_each(home: Home) -> None:
    for number in range(12):
        home.deliver(f"Number {number:02}", at=NOW - timedelta(days=30 - number))

    assert subjects(pulled(home, page=5)) == [f"Number {number:02}" for number in range(11, -1, -1)]


def test_the_first_page_comes_before_everything_is_listed(home: Home) -> None:
    for number in range(8):
        home.thread(f"Matter {number}", 3, mine=True)
    page = next(iter(home.gmail().pull(MAILBOX, None)))

    assert len(page.found) == 5 * 3
    assert home.calls() == ["getProfile", "messages.list", *["threads.get"] * 5]
    assert home.rested == []
    assert page.progress is not None
    assert 0 < page.progress < 1


def test_a_thread_of_three_costs_less_as_a_thread(home: Home) -> None:
    home.thread("Long", 5)
    home.thread("Short", 2)
    pages = pulled(home)

    assert len(subjects(pages)) == 7
    assert (home.calls().count("threads.get"), home.calls().count("messages.get")) == (1, 2)


def test_of_a_mail_only_its_headers_are_asked_for(home: Home) -> None:
    home.deliver("A word", text="Nobody's business")
    pulled(home)
    shown = [dict(one.parameters) for one in home.fake.calls if one.method.endswith((".get", ".list"))]

    assert not [one for one in shown if "q" in one]
    gets = [one for one in home.fake.calls if one.method.endswith("messages.get")]
    assert gets
    for call in gets:
        asked = [value for name, value in call.parameters if name == "metadataHeaders"]
        assert dict(call.parameters)["format"] == "metadata"
        assert {"From", "To", "Cc", "Bcc", "Message-ID", "References", "List-ID", "Auto-Submitted"} <= set(asked)
        assert "snippet" not in dict(call.parameters)["fields"]


def test_what_was_never_sent_or_is_unwanted_is_left_out(home: Home) -> None:
    home.deliver("Draft", "DRAFT")
    home.deliver("Spam", "SPAM")
    home.deliver("Thrown away", "TRASH", "INBOX")
    home.deliver("A chat", "CHAT")
    home.thread("Matter", 3)
    [_, second, _] = home.thread("With a draft", 3)
    home.ada.mail.mails[second.id].labels[:] = ["DRAFT"]
    gmail = home.gmail()

    assert len(subjects(gmail.pull(MAILBOX, None))) == 5
    assert len(list(gmail.audit(MAILBOX))) == 5
    assert len(home.calls("messages.get")) == 2, "a draft is not even asked for"


def test_a_mail_says_all_that_its_headers_say(home: Home) -> None:
    at = NOW - timedelta(days=3)
    label = home.ada.mail.add_label("Family & friends")
    made = home.ada.deliver(
        letter(
            "Réunion, après-demain",
            sender="=?utf-8?q?Bob_M=C3=BCller?= <Bob@Example.COM>",
            at=at,
            message_id="two@example.com",
            Cc='"Eve, E." <eve@example.net>',
            References="<zero@example.org> <one@example.org>",
            In_Reply_To="<one@example.org>",
            List_Unsubscribe="<mailto:off@example.com>",
        ),
        ("INBOX", "UNREAD", "STARRED", "CATEGORY_PERSONAL", label),
        at + timedelta(minutes=1),
    )
    [mail] = [each for page in pulled(home) for each in page.found]
    assert isinstance(mail, Interaction)

    assert (mail.id, mail.thread) == (made.id, made.thread)
    assert (mail.subject, mail.message_id) == ("Réunion, après-demain", "two@example.com")
    assert (mail.in_reply_to, mail.references) == ("one@example.org", ("zero@example.org", "one@example.org"))
    assert mail.sender == Party("bob@example.com", "Bob Müller")
    assert [party.address for party in mail.to + mail.cc] == ["ada@example.org", "eve@example.net"]
    assert (mail.sent, mail.received, mail.dated_by) == (at, at + timedelta(minutes=1), "date")
    assert mail.labels == ("Family & friends", "\\Inbox")
    assert mail.evidence == ("bulk",)
    assert mail.size > 100


HEADS = {
    "plain": {},
    "encoded": {"sender": "=?iso-8859-1?q?J=F6rg?= <j@example.com>", "subject": "=?utf-8?b?R3LDvA==?= =?utf-8?q?K?="},
    "a comma in a name": {"sender": '"Müller, Bob" <bob@example.com>'},
    "a long subject": {"subject": "A word " * 40},
    "an odd zone": {"Date": "Mon, 25 May 2026 10:00:00 -0000 (GMT)"},
    "a date far off": {"Date": "Mon, 04 May 2020 10:00:00 +0000"},
    "a date far off, and a hop that agrees": {
        "Date": "Mon, 04 May 2020 10:00:00 +0000",
        "Received": "from a by b; Mon, 04 May 2020 10:00:05 +0000",
    },
    "no id": {"Message-ID": ""},
    "several ids": {"References": "<a@x> <b@x>", "In-Reply-To": "<b@x> of Monday"},
}  # fmt: skip


@pytest.mark.parametrize("decoded", [True, False], ids=["decoded by Gmail", "as it was sent"])
@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS.keys())
def test_F16_gmail_a_mail_is_the_same_as_through_imap(home: Home, head: dict[str, str], decoded: bool) -> None:
    """By Message-ID, From, Date to the second and Subject, on which its identity rests."""
    home.ada.gmail.decoded = decoded
    at = datetime(2026, 5, 25, 10, 0, 30, 700_000, tzinfo=UTC)
    fields = {"From": head.get("sender", "Bob <bob@example.com>"), "To": "Ada <ada@example.org>"}
    fields |= {"Subject": head.get("subject", "A word"), "Date": "Mon, 25 May 2026 12:00:00 +0200"}
    fields |= {"Message-ID": "<one@example.com>"} | {k: v for k, v in head.items() if k[0].isupper()}
    raw = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value).encode() + b"\r\nWords.\r\n"
    home.ada.deliver(raw, at=at)
    [mail] = [each for page in pulled(home) for each in page.found]
    known = read_fields(raw.partition(b"\r\n\r\n")[0])
    imap = settled(interaction(known, internal=at.replace(microsecond=0)), known)
    assert isinstance(mail, Interaction)

    for name in ("message_id", "sender", "sent", "dated_by", "subject", "received", "references", "in_reply_to", "to"):
        assert getattr(mail, name) == getattr(imap, name), name


# -------------------------------------------------------------------------------------------------------- what changed


def known(home: Home, **more: Any) -> Known:
    return Known().round(home.gmail(**more), MAILBOX)


def test_an_idle_round_costs_two_units(home: Home) -> None:
    home.thread("Matter", 3, mine=True)
    kept = known(home)
    before, cursor = home.fake.units, kept.cursor
    connector = home.gmail()
    assert list(connector.streams()) == [MAILBOX]
    kept.round(connector, MAILBOX)

    assert home.fake.units - before == 2
    assert kept.cursor == cursor, "there is nothing to be written"


def test_new_mail_comes_and_only_it(home: Home) -> None:
    home.thread("Matter", 4, mine=True)
    kept = known(home)
    home.deliver("New", answers=f"{abs(hash('Matter'))}@mail.example")
    before = home.fake.units
    kept.round(home.gmail(), MAILBOX)

    assert "New" in kept.subjects
    assert home.fake.units - before == 22


def test_F14_gmail_a_label_that_changes_is_a_change_of_labels_and_nothing_else(home: Home) -> None:
    mail = home.deliver("A word")
    kept = known(home)
    family = home.ada.mail.add_label("Family")
    home.ada.mail.label(mail.id, family)
    home.ada.mail.unlabel(mail.id, "INBOX")
    kept.round(home.gmail(), MAILBOX)

    assert kept.items[mail.id].labels == ("Family",)
    assert (kept.gone, len(kept.items)) == ([], 1)


@pytest.mark.parametrize("label", ["UNREAD", "STARRED", "IMPORTANT", "CATEGORY_PERSONAL"])
def test_reading_mail_costs_nothing(home: Home, label: str) -> None:
    mail = home.deliver("A word", "INBOX", label)
    kept = known(home)
    home.ada.mail.unlabel(mail.id, label)
    home.ada.mail.label(mail.id, label)
    before = home.fake.units
    kept.round(home.gmail(), MAILBOX)

    assert home.fake.units - before == 2


def test_F20_gmail_a_label_that_is_renamed_is_the_same_label(home: Home) -> None:
    label = home.ada.mail.add_label("Family")
    first = home.deliver("First", "INBOX", label)
    kept = known(home)
    home.ada.mail.rename_label(label, "Kin")
    second = home.deliver("Second", "INBOX", label)
    kept.round(home.gmail(), MAILBOX)

    assert "Kin" in kept.items[second.id].labels
    assert first.id in kept.items
    assert kept.gone == []


@pytest.mark.parametrize("how", ["deleted", "thrown away", "spam"])
def test_F15_gmail_what_was_deleted_is_gone(home: Home, how: str) -> None:
    mail, other = home.deliver("A word"), home.deliver("Another")
    kept = known(home)
    {
        "deleted": lambda: home.ada.mail.delete(mail.id),
        "thrown away": lambda: home.ada.mail.trash(mail.id),
        "spam": lambda: home.ada.mail.move(mail.id, "SPAM"),
    }[how]()
    before = home.fake.units
    kept.round(home.gmail(), MAILBOX)

    assert kept.gone == [mail.id]
    assert list(kept.items) == [other.id]
    assert home.fake.units - before == 2


def test_what_is_taken_out_of_the_bin_is_back(home: Home) -> None:
    mail = home.deliver("A word")
    kept = known(home)
    home.ada.mail.trash(mail.id)
    kept.round(home.gmail(), MAILBOX)
    home.ada.mail.unlabel(mail.id, "TRASH")
    home.ada.mail.label(mail.id, "INBOX")
    kept.round(home.gmail(), MAILBOX)

    assert kept.subjects == ["A word"]


def test_drafts_that_are_saved_again_and_again_are_no_mail(home: Home) -> None:
    home.deliver("A word")
    kept = known(home)
    home.ada.gmail.fat_history = True
    for number in range(20):
        draft = home.deliver(f"Draft {number}", "DRAFT")
        home.ada.mail.delete(draft.id)
    home.deliver("Draft", "DRAFT")
    sent = home.deliver("Sent after all", *SENT)
    kept.round(home.gmail(), MAILBOX)

    assert kept.subjects == ["A word", "Sent after all"]
    assert kept.items[sent.id].labels == ("\\Sent",)


@pytest.mark.parametrize("fat", [False, True], ids=["bare records", "with labels"])
def test_a_long_absence_is_caught_up_page_by_page(home: Home, fat: bool) -> None:
    first = [home.deliver(f"Number {number:03}") for number in range(30)]
    kept = known(home)
    home.ada.gmail.fat_history = fat
    for number in range(30, 150):
        home.deliver(f"Number {number:03}", at=NOW)
    for one in first[:10]:
        home.ada.mail.delete(one.id)
    for one in first[10:20]:
        home.ada.mail.unlabel(one.id, "INBOX")
    kept.round(home.gmail(), MAILBOX)

    assert kept.subjects == [f"Number {number:03}" for number in range(10, 150)]
    assert len(home.calls("history.list")) >= 3
    assert kept.items[first[15].id].labels == ()


def test_F1_gmail_a_long_absence_goes_on_at_the_page_where_it_died(home: Home) -> None:
    home.deliver("First")
    kept = known(home)
    for number in range(150):
        home.deliver(f"Number {number:03}")
    pages = home.gmail().pull(MAILBOX, kept.cursor)
    kept.take([next(pages)])
    before = len(home.calls("messages.get"))
    kept.round(home.gmail(), MAILBOX)

    assert len(kept.items) == 151
    assert len(home.calls("messages.get")) - before == 50


def test_F12_gmail_a_page_of_changes_that_is_no_longer_known_is_begun_anew(home: Home) -> None:
    home.deliver("First")
    kept = known(home)
    for number in range(150):
        home.deliver(f"Number {number:03}")
    pages = home.gmail().pull(MAILBOX, kept.cursor)
    kept.take([next(pages)])
    home.ada.gmail.pager.forget()
    kept.round(home.gmail(), MAILBOX)

    assert len(kept.items) == 151
    assert kept.resets == 0


def test_F8_gmail_a_history_that_is_forgotten_begins_a_new_epoch(home: Home) -> None:
    home.deliver("Stays")
    gone = home.deliver("Goes")
    kept = known(home)
    epoch = kept.cursor and kept.cursor["epoch"]
    home.ada.mail.delete(gone.id)
    home.ada.mail.forget_history()
    kept.round(home.gmail(), MAILBOX)

    assert kept.resets == 1
    assert kept.subjects == ["Stays"]
    assert kept.completed == 2
    assert kept.cursor is not None
    assert kept.cursor["epoch"] > (epoch or 0)


def test_F9_gmail_a_quiet_mailbox_whose_history_is_kept_for_an_hour_is_listed_once(home: Home) -> None:
    """The anchor is the mailbox's, not that of its newest mail (`sync.md`, fault 1)."""
    home.ada.mail.history_kept = 3_600
    home.deliver("A word")
    home.clock.pass_by(30 * 86_400)
    kept = known(home)
    for _ in range(5):
        home.clock.pass_by(7_200)
        kept.round(home.gmail(), MAILBOX)

    assert kept.resets == 0
    assert home.calls().count("getProfile") == 1


# ---------------------------------------------------------------------------------------------- listings that are not


def mailbox(home: Home) -> list[str]:
    """Threads of all sorts; gives what a whole reading finds."""
    for number in range(6):
        home.thread(f"Matter {number}", 1 + number % 4, mine=True)
        home.thread(f"Inbox {number}", 1 + number % 3)
        home.deliver(f"Rest {number}", "CATEGORY_UPDATES")
    return sorted(
        str(mail.parsed()["Subject"]) for mail in home.ada.mail.mails.values() if not {"DRAFT"} & set(mail.labels)
    )


@pytest.mark.parametrize("lie", ["shuffled", "repeated", "empty pages"])
def test_F12_gmail_listings_that_lie_about_their_order_cost_nothing(home: Home, lie: str) -> None:
    everything = mailbox(home)
    home.ada.gmail.shuffled = lie == "shuffled"
    home.ada.gmail.pager.repeats = lie == "repeated"
    home.ada.gmail.pager.empty = 50 if lie == "empty pages" else 0
    kept = known(home, page=7)
    home.deliver("New")
    kept.round(home.gmail(page=7), MAILBOX)

    assert kept.subjects == sorted([*everything, "New"])


@pytest.mark.parametrize("where", ["labelIds=SENT", "pageToken"])
def test_F12_gmail_a_page_token_that_is_refused_begins_its_listing_anew(
    home: Home, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gmail_listing, "LISTED", 5)
    everything = mailbox(home)
    home.fake.when("messages.*pageToken", home.ada.gmail.pager.forget, times=2)
    kept = known(home, page=7)

    assert kept.subjects == everything
    assert home.calls().count("getProfile") == 1, "the anchor stays"


def test_F12_gmail_a_listing_that_refuses_every_page_is_not_asked_for_ever(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gmail_listing, "LISTED", 5)
    mailbox(home)
    home.fake.when("messages.*pageToken", home.ada.gmail.pager.forget, times=1_000)

    with pytest.raises(TryLater, match="refuses"):
        known(home)


def test_F13_gmail_a_listing_without_anything_is_not_believed_against_the_labels(home: Home) -> None:
    mailbox(home)
    home.fake.at("GET /gmail/v1/users/me/messages[?]", Fault(Answer.json({"resultSizeEstimate": 0})))

    with pytest.raises(TryLater, match="lists no mail"):
        known(home)


def test_F13_gmail_a_mailbox_that_is_suddenly_empty_loses_nothing(home: Home) -> None:
    everything = mailbox(home)
    kept = known(home)
    home.ada.gmail.hollow = True
    kept.round(home.gmail(), MAILBOX)

    assert kept.subjects == everything
    assert kept.gone == []


def test_an_empty_mailbox_is_whole_at_once(home: Home) -> None:
    pages = pulled(home)

    assert [page.complete for page in pages] == [True]


def test_F10_gmail_a_mail_that_is_listed_and_not_shown_is_missed_until_it_is_asked_for_once_more(home: Home) -> None:
    mails = [home.deliver(f"Number {number}") for number in range(5)]
    home.ada.mail.unfetchable.add(mails[2].id)
    kept = known(home)
    assert set(kept.ledger) == {mails[2].id}
    assert len(kept.items) == 4

    kept.retry(home.gmail(), MAILBOX)
    assert kept.ledger == {}
    assert kept.gone == [mails[2].id]


def test_F10_gmail_a_thread_that_leaves_out_a_mail_is_asked_for_it_alone(home: Home) -> None:
    mails = home.thread("Matter", 4)

    def less(answer: Answer) -> Answer:
        told = answer.told()
        told["messages"] = [one for one in told["messages"] if one["id"] != mails[2].id]
        return Answer.json(told)

    home.fake.at("GET /gmail/v1/users/me/threads/", Fault(change=less))
    kept = known(home)

    assert len(kept.items) == 4
    assert kept.ledger == {}


def test_F10_gmail_a_thread_that_never_comes_is_read_mail_by_mail(home: Home) -> None:
    home.thread("Matter", 4, mine=True)
    home.thread("Other", 3)
    home.fake.at("GET /gmail/v1/users/me/threads/", says(503))
    kept = known(home)

    assert len(kept.items) == 7


def test_F22_gmail_another_mail_in_its_place_is_not_taken_for_it(home: Home) -> None:
    """As when one connection is used by two (`speed.md`, 0.4)."""
    one, other = home.deliver("One"), home.deliver("Other")

    def swapped(answer: Answer) -> Answer:
        return Answer.json(answer.told() | {"id": other.id})

    home.fake.at(f"GET /gmail/v1/users/me/messages/{one.id}", Fault(change=swapped))
    kept = known(home)

    assert set(kept.items) == {other.id}
    assert set(kept.ledger) == {one.id}


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {}},
        {"payload": {"headers": None}},
        {"payload": {"headers": [{"name": "Subject"}, 5, {"name": None, "value": "x"}]}},
        {"internalDate": "soon"},
        {"internalDate": "99999999999999999999"},
        {"labelIds": None},
        {"labelIds": [5, None]},
        {"sizeEstimate": "many", "threadId": None},
    ],
    ids=["no headers", "null headers", "odd headers", "odd date", "far date", "no labels", "odd labels", "odd numbers"],
)
def test_F11_gmail_a_mail_that_is_odd_costs_only_itself(home: Home, change: dict[str, Any]) -> None:
    odd = home.deliver("Odd")
    home.deliver("Fine")
    home.fake.at(
        f"GET /gmail/v1/users/me/messages/{odd.id}", Fault(change=lambda true: Answer.json(true.told() | change))
    )
    kept = known(home)

    assert "Fine" in kept.subjects
    assert len(kept.items) + len(kept.ledger) == 2


def test_F11_gmail_a_mail_without_any_date_is_missed(home: Home) -> None:
    mail = home.ada.deliver(b"From: bob@example.com\r\nSubject: When?\r\n\r\nNow.\r\n", at=NOW)
    mail.at = 0
    kept = known(home)

    assert set(kept.ledger) == {mail.id}


@pytest.mark.parametrize("damage", ["records", "messages", "labels", "number"])
def test_F22_gmail_a_history_that_is_none_moves_nothing(home: Home, damage: str) -> None:
    home.deliver("A word")
    kept = known(home)
    cursor = kept.cursor
    home.deliver("New")
    odd = {
        "records": {"history": {"id": "5"}},
        "messages": {"history": [{"id": "99999", "messagesAdded": [{"message": {"id": 5}}]}]},
        "labels": {"history": [{"id": "99999", "labelsAdded": ["INBOX"]}]},
        "number": {"historyId": 7},
    }[damage]
    home.fake.at("GET .*history", Fault(change=lambda true: Answer.json(true.told() | odd)), times=1)
    with pytest.raises(TryLater):
        kept.round(home.gmail(), MAILBOX)
    assert kept.cursor == cursor

    kept.round(home.gmail(), MAILBOX)
    assert kept.subjects == ["A word", "New"]


def test_F2_gmail_pages_without_records_are_followed(home: Home) -> None:
    """`nextPageToken` and no `history` (`sync.md`, fault 2)."""
    home.deliver("A word")
    kept = known(home)
    home.ada.gmail.pager.empty = 3
    home.deliver("New")
    kept.round(home.gmail(), MAILBOX)

    assert kept.subjects == ["A word", "New"]


# -------------------------------------------------------------------------------------------- while it is being listed


def test_a_thread_that_changes_its_place_while_all_is_listed_is_not_lost(home: Home) -> None:
    """Answered or archived or come in between two rounds, or within one: its thread is brought as a whole."""
    rest = [home.thread(f"Rest {number}", 2, at=NOW - timedelta(days=40 + number)) for number in range(6)]
    for mails in rest:
        for mail in mails:
            mail.labels[:] = ["CATEGORY_UPDATES"]
    home.thread("Mine", 2, mine=True)
    home.thread("Came", 2)
    everything = {mail.id for mail in home.ada.mail.mails.values()}
    for stop in range(9):
        kept = Known()
        pages = home.gmail(page=2).pull(MAILBOX, None)
        for _ in range(stop):
            kept.take([page] if (page := next(pages, None)) else [])
        whom = rest[stop % 6]
        everything.add(home.deliver("Re: later", *SENT, answers=whom[0].message_id.strip("<>")).id)
        home.ada.mail.label(rest[(stop + 1) % 6][0].id, "INBOX")
        kept.round(home.gmail(page=2), MAILBOX)
        kept.round(home.gmail(page=2), MAILBOX)

        assert set(kept.items) == everything, stop


@pytest.mark.parametrize("when", range(12))
def test_F1_gmail_mail_that_comes_at_any_moment_of_the_listing_is_there_in_the_end(home: Home, when: int) -> None:
    mailbox(home)
    old = next(iter(home.ada.mail.mails.values()))

    def happens() -> None:
        home.deliver("Sudden")
        home.deliver("Answer", *SENT, answers=old.message_id.strip("<>"))
        home.ada.mail.delete(list(home.ada.mail.mails)[7])

    home.fake.when("GET /gmail", happens, after=when)
    kept = known(home, page=6).round(home.gmail(), MAILBOX)
    kept.retry(home.gmail(), MAILBOX)

    assert set(kept.items) == set(home.ada.mail.mails)


def test_a_cursor_stays_small_however_much_there_is(home: Home) -> None:
    for number in range(80):
        home.deliver(f"Number {number}", *(SENT if number % 3 else ()))
    sizes = [len(json.dumps(page.cursor)) for page in pulled(home, page=5)]

    assert max(sizes) < 400


# --------------------------------------------------------------------------------------------------------- the quota


def test_a_first_sync_uses_nine_tenths_of_the_quota_and_is_never_refused(home: Home) -> None:
    home.fake.at_once = 50
    for number in range(200):
        home.deliver(f"Number {number}", *(SENT if number % 5 == 0 else ()))
    for number in range(40):
        home.thread(f"Matter {number}", 4, mine=number % 2 == 0)
    started = home.clock()
    kept = known(home)
    took = home.clock() - started

    assert len(kept.items) == 360
    assert home.fake.refused == 0
    assert home.fake.units / (took / 60) >= 0.9 * 6_000
    assert max(home.ada.meter.by_minute.values()) <= 6_000
    by_hand = 200 * 20 + 40 * 40 + 5 * 20 + 6 * 5
    assert home.fake.units <= by_hand * 1.05
    home.kind()


def test_a_round_that_ends_at_its_time_goes_on_where_it_was(home: Home) -> None:
    for number in range(250):
        home.deliver(f"Number {number}")
    kept = Known()
    rounds = 0
    while not kept.completed:
        rounds += 1
        session = home.session(ends=home.clock() + 30)
        try:
            kept.round(home.gmail(session=session), MAILBOX)
        except TryLater:
            assert session.left() == 0, "all of its time was used"

    assert len(kept.items) == 250
    assert rounds == 2
    assert len(home.calls("messages.get")) <= 250 + 25


# -------------------------------------------------------------------------------------------------------------- texts


@pytest.fixture
def reading() -> Iterator[Home]:
    with Home(READONLY) as made:
        yield made
        made.kind()


def built(*, plain: str = "", html: str = "", attached: str = "", charset: str = "utf-8", cte: str = "8bit") -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ada@example.org", "bob@example.com", "A word"
    mail["Date"], mail["Message-ID"] = "Mon, 25 May 2026 12:00:00 +0000", "<a@example.org>"
    if plain:
        mail.set_content(plain, charset=charset, cte=cte)
    if html:
        (mail.add_alternative if plain else mail.set_content)(html, subtype="html")
    if attached:
        mail.add_attachment(attached, filename="notes.txt")
    return mail.as_bytes()


@pytest.mark.parametrize(
    ("mail", "text"),
    [
        (built(plain="Grüße, Ada\n"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", cte="base64"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", cte="quoted-printable"), "Grüße, Ada"),
        (built(plain="Grüße, Ada\n", charset="iso-8859-15"), "Grüße, Ada"),
        (built(plain="こんにちは\n", charset="iso-2022-jp", cte="7bit"), "こんにちは"),
        (built(plain="Some words\n", html="<p>Some words</p>"), "Some words"),
        (built(html="<p>Only so</p>"), "<p>Only so</p>"),
        (built(plain="Some words\n", attached="Not to be read\n"), "Some words"),
        (built(plain="Some words\n", html="<p>Some words</p>", attached="Not to be read\n"), "Some words"),
        (built(plain="日本語 " * 20_000, cte="base64"), ("日本語 " * 20_000)[:10_000]),
    ],
    ids=["8 bit", "base64", "quoted", "latin", "japanese", "alternative", "html", "attachment", "mixed", "long"],
)
def test_only_the_text_part_of_a_mail_is_read(reading: Home, mail: bytes, text: str) -> None:
    reading.ada.deliver(mail, at=NOW)
    kept = known(reading, texts=True)
    [said] = kept.texts.values()

    assert said.strip().startswith(text.strip())
    assert len(said) <= 64 << 10
    assert "Not to be read" not in said


def test_a_mail_is_known_again_in_an_archive_by_its_text(reading: Home) -> None:
    raw = bytes(letter(text="Some words, and some more.\n" * 40, message_id=""))
    made = reading.ada.deliver(raw, at=NOW)
    kept = known(reading, texts=True)
    head = b"From ada@example.org Fri Mar  1 12:00:00 2024\n" + raw
    _, _, at = split(head)

    assert kept.items[made.id].fingerprint == fingerprint(head, at)


def test_who_opts_in_to_texts_later_has_them_all_read(reading: Home) -> None:
    reading.deliver("One")
    gone = reading.deliver("Two")
    kept = known(reading)
    assert kept.texts == {}
    reading.ada.mail.delete(gone.id)
    kept.round(reading.gmail(texts=True), MAILBOX)

    assert len(kept.texts) == 1
    assert kept.completed == 2
    assert kept.gone == [gone.id]


def test_a_token_with_more_scopes_than_were_asked_for_is_read_without_searching(home: Home) -> None:
    """Beside gmail.metadata any `q` is refused, even an empty one (`sync.md`, fault 4)."""
    home.scopes = (METADATA, READONLY)
    home.consent()
    home.thread("Matter", 3)

    assert len(known(home).items) == 3


def test_nothing_of_a_mail_stands_in_a_trouble(home: Home) -> None:
    mail = home.deliver("Between us")
    for number in range(5):
        home.deliver(f"Number {number}")
    home.fake.at("GET /gmail/v1/users/me/messages/", says(503, b"Between us " + mail.id.encode()))
    with pytest.raises(TryLater) as caught:
        known(home)

    assert "Between us" not in str(caught.value)
    assert mail.id not in str(caught.value)


def test_audit_finds_what_a_listing_left_out(home: Home) -> None:
    mails = [home.deliver(f"Number {number}") for number in range(5)]
    home.ada.mail.unlisted.add(mails[2].id)
    kept = known(home)
    home.ada.mail.unlisted.clear()

    assert set(home.gmail().audit(MAILBOX)) - set(kept.items) == {mails[2].id}
