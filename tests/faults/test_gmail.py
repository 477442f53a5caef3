"""F1 to F26 at Gmail: the same stories as everywhere, and what only happens there."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors import google_api
from tests.fakes import google_errors as say
from tests.fakes import plumbing
from tests.fakes.google import Google
from tests.fakes.google_consent import refusal
from tests.fakes.plumbing import HANG_UP, TRUNCATED, Fault
from tests.faults.conftest import Building
from tests.faults.deaths import FEW, SOME
from tests.faults.google_sources import API, GmailBox
from tests.faults.houses import DAY, HOUR, NINA, ROLF, House
from tests.faults.scenarios import (
    bare,
    beside,
    damaged,
    deleted,
    emptied,
    full,
    lost,
    opted_out,
    passes,
    read,
    rolf,
    slept,
    twins,
)
from tests.faults.sources import ME, Archive, Contact, Mailbox, Source, given
from tests.faults.test_content import MINUTES, numbers, omitted
from tests.faults.test_crash_points import change, dies_everywhere, fill
from tests.faults.test_life import locked, very_many

HOURS = 3_600


@pytest.fixture
def gmail(build: Building) -> House:
    return build(GmailBox)


def box(house: House) -> GmailBox:
    found: GmailBox = given(house.source, GmailBox)
    return found


def changed(source: Source) -> None:
    """Some come, some go; labels come and go; some are thrown away and one comes back."""
    mail = given(source, GmailBox).user.mail
    ids = sorted(mail.mails)
    mail.trash(ids[7])
    change(source)
    label = mail.add_label("Old")
    for one in sorted(mail.mails)[:4]:
        mail.move(one, label)
    mail.unlabel(ids[7], "TRASH")
    mail.label(ids[7], "INBOX")


def forgotten(source: Source) -> None:
    """The history is forgotten, and half of what there is is new."""
    change(source)
    given(source, GmailBox).lose()


# ------------------------------------------------------------------------------------------------------------ F1 to F7


pytestmark = [  # whoever dies leaves connections open, and nobody is there to close them
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def test_F1_gmail_a_first_round_is_whole_wherever_one_dies(gmail: House, tmp_path: Path) -> None:
    assert dies_everywhere(gmail, tmp_path, (), fill, step=SOME) > 50


def test_F1_gmail_a_round_that_brings_moves_and_takes_is_whole_wherever_one_dies(gmail: House, tmp_path: Path) -> None:
    assert dies_everywhere(gmail, tmp_path, (fill,), changed, step=SOME) > 30


def test_F1_gmail_a_forgotten_history_is_whole_wherever_one_dies(gmail: House, tmp_path: Path) -> None:
    assert dies_everywhere(gmail, tmp_path, (fill,), forgotten, step=FEW) > 50


def test_F2_gmail_a_full_disk_loses_nothing(gmail: House, tmp_path: Path) -> None:
    full(gmail, tmp_path)


def test_F2_gmail_a_damaged_store_is_rebuilt_from_the_server(gmail: House, template: Path) -> None:
    damaged(gmail, template)


def test_F3_gmail_a_cut_in_mid_answer_passes(gmail: House) -> None:
    passes(gmail, "cut")


def test_F3_gmail_a_reset_passes(gmail: House) -> None:
    passes(gmail, "reset")


def test_F4_gmail_silence_passes(gmail: House) -> None:
    passes(gmail, "stall", quick=True)


def test_F4_gmail_dripping_passes(gmail: House) -> None:
    passes(gmail, "drip", quick=True)


def test_F5_gmail_a_server_that_says_wait_is_waited_for(gmail: House) -> None:
    at = int(gmail.at.timestamp())
    assert abs((passes(gmail, "throttled", ("waiting",)).follows.next_at or 0) - at - 2 * HOURS) < 5


@pytest.mark.parametrize(
    "answer",
    [
        say.rate_limited(retry_after="0.2"),
        say.rate_limited(403, "userRateLimitExceeded"),
        say.rate_limited(403),
        say.too_many_at_once(),
    ],
    ids=["429", "403 of the user", "403 of the project", "too many at once"],
)
def test_F5_gmail_of_a_batch_only_what_was_refused_is_asked_for_again(gmail: House, answer: plumbing.Answer) -> None:
    fake = box(gmail).fake
    fake.at("GET .*/(messages|threads)/", Fault(answer), times=2, every=3)
    read(gmail)

    asked = [line for called in fake.calls if called.batch for line in [called.method]]
    assert len(asked) == len(gmail.source.there)


def test_F6_gmail_a_server_out_of_order_passes(gmail: House) -> None:
    passes(gmail, "broken")


def test_F6_gmail_a_sign_in_out_of_order_passes(gmail: House) -> None:
    read(gmail)
    gmail.source.put(rolf(gmail))
    box(gmail).fake.at("/token", plumbing.html(503))
    assert gmail.round(HOUR).ended.state in ("waiting", "offline")
    gmail.source.heal()
    gmail.round(HOUR)
    gmail.whole()


def test_F7_gmail_a_consent_that_was_taken_back_is_told_at_once(gmail: House) -> None:
    noticed(gmail, box(gmail).fake)


def noticed(house: House, fake: Google) -> None:
    """The user takes the consent back: told in the next round, and asked for twice a day from then on."""
    read(house)
    house.source.put(rolf(house))
    house.source.harm("refused")
    before = len(fake.log)
    said = house.round(HOUR)
    assert said.follows.state == "sign in"
    assert said.ended.remedy
    assert [line for line, _ in fake.log[before:]] == ["POST /token"], "one question, and not to the account"
    assert (said.follows.next_at or 0) - int(house.at.timestamp()) >= 12 * HOURS, "two questions a day"
    house.round(3 * DAY)
    assert house.named == ()
    house.source.heal()
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named


@pytest.mark.parametrize("what", ["in mid-round", "a part"])
def test_F7_gmail_a_consent_that_ends_while_it_is_used_is_told(gmail: House, what: str) -> None:
    read(gmail)
    gmail.source.put(rolf(gmail))
    source = box(gmail)

    def end() -> None:
        if what == "a part":
            source.fake.consents.withdraw(source.user.address, *source.scopes)
        else:
            source.harm("refused")

    source.fake.when("/history", end)
    assert gmail.round(HOUR).follows.state == "sign in"
    source.fake.consents.revoke(source.user.address)
    source.heal()
    gmail.round(HOUR)
    gmail.whole()


# ------------------------------------------------------------------------------------------------------------------ F8


def test_F8_gmail_a_forgotten_history_with_half_of_it_new_heals_in_one_round(gmail: House) -> None:
    lost(gmail)


def test_F8_gmail_in_a_quiet_mailbox_it_is_forgotten_once(gmail: House) -> None:
    """The anchor is that of the mailbox, not of its newest mail."""
    read(gmail)
    gmail.source.harm("lost")
    fake = box(gmail).fake
    gmail.round(HOUR)
    resets = gmail.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL")
    before = len(fake.calls)
    for _ in range(3):
        assert gmail.round(25 * HOUR).ended.state == "ok"
    asked = [called.method for called in fake.calls[before:]]

    assert resets == 1
    assert asked == ["gmail.users.history.list"] * 3, "an idle round costs two units"


def test_F9_gmail_a_server_that_forgets_each_time_is_looked_over(gmail: House) -> None:
    read(gmail)
    for n in range(4):
        gmail.source.harm("lost")
        gmail.source.put(Contact(f"n{n}", NINA, gmail.at - timedelta(days=40 + n)))
        assert gmail.round(HOUR).ended.state == "ok"
        gmail.whole()
    assert gmail.store.one("SELECT degraded FROM stream WHERE remote = 'mail:all'")
    assert gmail.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL") == 1
    gmail.source.put(rolf(gmail))
    gmail.round(DAY)
    gmail.round(HOUR)
    gmail.whole()
    assert not gmail.store.one("SELECT degraded FROM stream WHERE remote = 'mail:all'"), "the budget is one a day"


# ---------------------------------------------------------------------------------------------------------- F10 to F13


def test_F10_gmail_what_was_omitted_comes_from_the_ledger(gmail: House) -> None:
    omitted(gmail)


def test_F10_gmail_a_thread_that_lacks_a_mail_is_completed(gmail: House) -> None:
    """Three mails of one thread are asked for at once; the one that is not among them is asked for by its id."""
    source = box(gmail)
    mails = [source.user.deliver(of_a_thread(n, gmail.at - (9 - n) * DAY), at=gmail.at - n * DAY) for n in range(4)]
    source.user.mail.unthreaded.add(mails[1].id)
    assert gmail.round().ended.state == "ok"

    assert {one.thread for one in mails} == {mails[0].id}
    assert gmail.kept().count("thread") == 4
    assert gmail.store.ledger("sick") == []


def of_a_thread(number: int, at: datetime) -> EmailMessage:
    """One mail of many on a matter."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = NINA, ME, "Matter of a thread"
    mail["Date"], mail["Message-ID"] = format_datetime(at), f"<t{number}@mail.example>"
    if number:
        mail["References"] = "<t0@mail.example>"
    mail.set_content("Some words.\n")
    return mail


@pytest.mark.parametrize(
    "answer",
    [
        say.backend_error(500),
        None,
        say.not_found(),
    ],
    ids=["500", "nothing", "404"],
)
def test_F10_gmail_a_thread_that_is_not_shown_comes_mail_by_mail(gmail: House, answer: plumbing.Answer | None) -> None:
    """The whole of a thread cannot be had, and each of its mails can."""
    source = box(gmail)
    for n in range(4):
        labels = ["SENT"] if n == 1 else ["INBOX"]
        source.user.mail.deliver(of_a_thread(n, gmail.at - (9 - n) * DAY), labels, gmail.at - (9 - n) * DAY)
    source.fake.at("/threads/", Fault(answer) if answer else HANG_UP)
    gmail.round()
    gmail.round(2 * MINUTES)

    assert gmail.kept().count("thread") == 4
    assert gmail.store.ledger("sick") == []


def test_F10_gmail_a_mail_that_is_listed_and_not_to_be_had_is_no_harm(gmail: House) -> None:
    source = box(gmail)
    gmail.source.put(rolf(gmail))
    source.user.mail.unfetchable.add(source.mails()["rolf"].id)
    gmail.unread = {"rolf"}
    assert gmail.round().ended.state == "ok"
    assert {"otto", "mine", "old0"} <= set(gmail.kept())
    source.user.mail.unfetchable.clear()
    gmail.unread = set()
    gmail.round(8 * DAY)
    gmail.whole()


def test_F11_gmail_a_mail_without_a_date_is_dated_by_its_arrival(gmail: House) -> None:
    gmail.source.put(rolf(gmail, odd=True))
    gmail.round()

    assert "rolf" in gmail.kept()
    assert "Rolf Auer" not in gmail.named
    assert gmail.store.ledger("sick") == []


def test_F11_gmail_a_mail_without_any_header_is_no_harm(gmail: House) -> None:
    box(gmail).user.deliver(b"\n\nNothing but words.\n", at=gmail.at - DAY)
    gmail.source.put(rolf(gmail))
    box(gmail).user.deliver(b"From: <<>\nTo: ,,;\nSubject: =?no?q?\nDate: soon\n\nwords\n", at=gmail.at - DAY)
    assert gmail.round().ended.state == "ok"

    assert set(gmail.source.there) <= set(gmail.kept())
    assert "Rolf Auer" not in gmail.named


def test_F12_gmail_a_listing_in_no_order_is_listed(gmail: House) -> None:
    box(gmail).user.gmail.shuffled = True
    read(gmail)
    gmail.source.put(rolf(gmail))
    gmail.round(HOUR)
    gmail.whole()


@pytest.mark.parametrize("lie", ["empty", "repeated"])
def test_F12_gmail_pages_that_are_empty_or_come_twice_are_followed(
    gmail: House, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    few(monkeypatch)
    pager = box(gmail).user.gmail.pager
    pager.empty, pager.repeats = (3, False) if lie == "empty" else (0, True)
    read(gmail)
    gmail.source.put(rolf(gmail), *(Contact(f"n{n}", NINA, gmail.at - timedelta(days=50 + n)) for n in range(5)))
    gmail.source.drop("old0")
    assert gmail.round(HOUR).ended.state == "ok"
    gmail.whole()
    assert gmail.store.ledger("sick") == []


def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists in pages so small that there are several."""
    monkeypatch.setattr("connectors.gmail_listing.LISTED", 3)
    monkeypatch.setattr("connectors.gmail.CHANGES", 2)


@pytest.mark.parametrize("where", ["messages", "history"])
def test_F12_gmail_a_page_that_is_refused_begins_the_listing_again(
    gmail: House, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    few(monkeypatch)
    source = box(gmail)
    if where == "history":
        read(gmail)
    source.put(rolf(gmail), *(Contact(f"n{n}", NINA, gmail.at - timedelta(days=50 + n)) for n in range(5)))
    source.fake.when(f"/{where}\\?.*pageToken", source.fake.forget_pages)
    assert gmail.round(HOUR).ended.state == "ok"
    gmail.whole()
    assert gmail.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL") == 0


def test_F12_gmail_a_mail_that_goes_while_the_mailbox_is_listed_is_no_harm(
    gmail: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    few(monkeypatch)
    gmail.source.put(*(Contact(f"n{n}", NINA, gmail.at - timedelta(days=50 + n)) for n in range(12)))
    left = ["n3", "n7", "n9"]
    box(gmail).fake.when(r"/batch|pageToken", lambda: gmail.source.drop(left.pop()) if left else None, times=9)
    gmail.round()
    gmail.source.heal()
    gmail.round(HOUR)
    gmail.round(HOUR)
    gmail.whole()
    assert left == []
    assert gmail.store.ledger("sick") == []


def test_F13_gmail_a_mailbox_that_is_suddenly_empty_is_not_believed(gmail: House) -> None:
    emptied(gmail)


def test_F13_gmail_a_mailbox_that_lists_nothing_is_not_believed(gmail: House) -> None:
    """Nothing is listed, and the history is forgotten too."""
    gmail.source.put(*(Contact(f"many{n}", NINA, gmail.at - timedelta(days=40 + n)) for n in range(70)))
    read(gmail)
    before = gmail.kept()
    gmail.source.harm("empty")
    gmail.source.harm("lost")
    for _ in range(2):
        gmail.round(timedelta(minutes=20))
        assert gmail.kept() == before
    gmail.source.heal()
    gmail.round(HOUR)
    gmail.round(2 * HOUR)
    gmail.whole()


# ---------------------------------------------------------------------------------------------------------- F14 to F20


def test_F14_gmail_what_gets_another_label_is_the_same_item(gmail: House) -> None:
    read(gmail)
    before = numbers(gmail)
    mail = box(gmail).user.mail
    label = mail.add_label("Kept")
    for one in list(mail.mails)[3:]:
        mail.move(one, label)
    assert gmail.round(HOUR).pulled.new == 0

    gmail.whole()
    assert numbers(gmail) == before
    assert gmail.round(HOUR).pulled.found == 0


def test_F15_gmail_what_was_deleted_goes(gmail: House) -> None:
    deleted(gmail)


def test_F15_gmail_what_was_thrown_away_goes_and_may_come_back(gmail: House) -> None:
    read(gmail)
    source = box(gmail)
    thrown = source.mails()["old0"].id
    source.user.mail.trash(thrown)
    gmail.round(HOUR)
    assert "old0" not in gmail.kept()
    source.user.mail.unlabel(thrown, "TRASH")
    source.user.mail.label(thrown, "INBOX")
    gmail.round(HOUR)
    gmail.whole()


def test_F15_gmail_what_went_while_the_history_was_forgotten_goes(gmail: House) -> None:
    read(gmail)
    gmail.source.drop("old0", "old4")
    gmail.source.harm("lost")
    gmail.round(HOUR)
    gmail.round(25 * HOUR)
    gmail.whole()


def test_F16_gmail_many_labels_are_no_more_mails(gmail: House) -> None:
    read(gmail)
    before = numbers(gmail)
    mail = box(gmail).user.mail
    for name in ("Copies", "More"):
        label = mail.add_label(name)
        for one in list(mail.mails):
            mail.label(one, label, "STARRED")
    assert gmail.round(HOUR).pulled.new == 0
    assert numbers(gmail) == before
    twins(gmail)


def test_F16_gmail_a_mail_in_an_archive_and_at_gmail_is_one(gmail: House, mbox: House) -> None:
    read(mbox)
    before = numbers(mbox)
    archive, mbox.source = mbox.source, gmail.source
    mbox.opt_in()
    mbox.round(HOUR)

    assert numbers(mbox) == before
    mbox.source = given(archive, Archive)


@pytest.mark.parametrize("decoded", [True, False], ids=["decoded", "as it was sent"])
def test_F16_gmail_a_mailbox_that_is_read_by_imap_too_counts_each_mail_once(
    gmail: House, imap: House, decoded: bool
) -> None:
    """With names and subjects in other letters, which Gmail shows decoded."""
    source = box(gmail)
    source.user.gmail.decoded = decoded
    for n, (who, subject) in enumerate(WRITTEN):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = who, ME, subject
        mail["Date"], mail["Message-ID"] = format_datetime(gmail.at - n * DAY), f"<w{n}@mail.example>"
        mail.set_content("Some words.\n")
        source.user.deliver(mail, at=gmail.at - n * DAY)
        given(imap.source, Mailbox).user.append(mail.as_bytes(), "INBOX")
    imap.round()
    before = numbers(imap)
    other, imap.source = imap.source, source
    imap.opt_in()
    done = imap.round(HOUR)
    imap.source = other

    assert (done.ended.state, done.pulled.found) == ("ok", len(source.user.mail.mails))
    assert {subject for _, subject in WRITTEN} <= set(before)
    assert numbers(imap) == before


WRITTEN = (
    ("Jörg Äpfel <joerg@brand.example>", "Über Webstühle – und mehr"),
    ('"Brand, Ötto (Wien)" <otto@brand.example>', "日程の変更について、もう少し長い件名にしてみるとどうなるでしょうか"),
    ('"Brand, Otto" <otto@brand.example>', 'Re: [looms] 5 < 6, "so" they say'),
    ("otto@brand.example", "x" * 300),
)


def test_F17_gmail_mails_without_an_id_are_told_apart(gmail: House) -> None:
    bare(gmail)


def test_F17_gmail_two_mails_with_one_id_stay_two(gmail: House) -> None:
    read(gmail)
    one, other = rolf(gmail, "one"), Contact("other", NINA, gmail.at - 2 * DAY)
    raw = other.mail().replace(b"<other@mail.example>", b"<one@mail.example>")
    gmail.source.there[other.key] = other
    box(gmail).user.deliver(raw, ["INBOX"], other.at)
    gmail.source.put(one)
    gmail.round(HOUR)
    gmail.whole()
    assert gmail.named == ()


def test_F18_gmail_a_date_in_the_future_is_that_of_its_arrival(gmail: House) -> None:
    read(gmail)
    box(gmail).user.deliver(Contact("odd", ROLF, gmail.at + 4_000 * DAY).mail(), ["INBOX"], gmail.at - HOUR)
    gmail.round(HOUR)

    assert gmail.store.one("SELECT at FROM item WHERE subject = 'Matter odd'") == int((gmail.at - 2 * HOUR).timestamp())
    assert "Rolf Auer" not in gmail.named


def test_F20_gmail_a_label_that_is_renamed_or_deleted_moves_no_mail(gmail: House) -> None:
    read(gmail)
    before = numbers(gmail)
    mail = box(gmail).user.mail
    label, other = mail.add_label("Weavers"), mail.add_label("Other")
    for one in mail.mails:
        mail.label(one, label, other)
    gmail.round(HOUR)
    mail.rename_label(label, "Looms")
    gmail.round(HOUR)
    mail.delete_label(label)
    assert gmail.round(HOUR).ended.state == "ok"

    gmail.whole()
    assert numbers(gmail) == before


# ---------------------------------------------------------------------------------------------------------- F21 to F26


def test_F21_gmail_many_hundreds_come_once(gmail: House) -> None:
    very_many(gmail, 250)


@pytest.mark.parametrize(
    "fault",
    [plumbing.html(200, "Sign in"), TRUNCATED, plumbing.portal("/portal"), plumbing.says(200, b"[]"),
     plumbing.says(200, b"{}"), plumbing.says(204)],
    ids=["html", "truncated", "captive portal", "a list", "an empty object", "nothing"],
)  # fmt: skip
def test_F22_gmail_what_is_no_answer_passes(gmail: House, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    source = box(gmail)
    monkeypatch.setattr(source, "harm", lambda _: source.fake.at(API, fault))
    passes(gmail, "nonsense")


@pytest.mark.parametrize(
    "answer",
    [
        plumbing.Answer.html("<html>Sign in</html>"),
        plumbing.Answer(200, b"{"),
        refusal("invalid_request", "Bad Request"),
        refusal("server_error", "", 500),
        refusal("invalid_grant", "Invalid JWT: Token must be a short-lived token. Check your iat and exp values."),
    ],
    ids=["html", "truncated", "invalid request", "server error", "a clock that is wrong"],
)
def test_F22_gmail_a_token_that_does_not_come_is_no_end_of_the_consent(gmail: House, answer: plumbing.Answer) -> None:
    read(gmail)
    gmail.source.put(rolf(gmail))
    box(gmail).fake.at("/token", Fault(answer))
    assert gmail.round(HOUR).ended.state in ("waiting", "offline")
    gmail.source.heal()
    gmail.round(HOUR)
    gmail.whole()


def test_F23_gmail_a_hanging_server_holds_nobody_up(gmail: House, tmp_path: Path) -> None:
    beside(gmail, tmp_path, "stall")


def test_F24_gmail_a_month_of_sleep_and_a_clock_put_back(gmail: House) -> None:
    slept(gmail)


def test_F25_gmail_without_its_key_it_waits(gmail: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google_api, "GOOGLE", google_api.Endpoints.at(box(gmail).fake.url))
    locked(gmail, tmp_path / "home", monkeypatch)


def test_F26_gmail_opted_out_in_mid_round_nothing_more_is_written(gmail: House) -> None:
    opted_out(gmail)
