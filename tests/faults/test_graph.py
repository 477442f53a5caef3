"""F1 to F26 at Microsoft: the same stories as everywhere, for mail and calendars, and what only happens there."""

import threading
import time
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import pytest

import connectors.graph
from connectors.contract import Session
from connectors.microsoft import Options
from connectors.microsoft_tokens import MicrosoftTokens
from tests.fakes.graph_calendar import Rule
from tests.fakes.microsoft import FAILED, TIMED_OUT, UNAVAILABLE, error, throttled
from tests.fakes.plumbing import TRUNCATED, Fault, html, portal, says
from tests.faults.conftest import Building
from tests.faults.deaths import FEW, SOME
from tests.faults.houses import DAY, HOUR, NINA, PIA, ROLF, House
from tests.faults.microsoft_sources import GRAPH, AtMicrosoft, OutlookBox, OutlookDiary
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
from tests.faults.sources import ME, Contact, Mailbox, Source, given
from tests.faults.test_content import numbers, unreadable
from tests.faults.test_crash_points import change, dies_everywhere, fill
from tests.faults.test_life import locked, very_many

HOURS = 3_600

pytestmark = [  # whoever dies leaves connections open, and nobody is there to close them
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True)
def _own_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def graph(build: Building) -> House:
    return build(OutlookBox)


@pytest.fixture
def diary(build: Building) -> House:
    return build(OutlookDiary)


def box(house: House) -> OutlookBox:
    found: OutlookBox = given(house.source, OutlookBox)
    return found


def book(house: House) -> OutlookDiary:
    found: OutlookDiary = given(house.source, OutlookDiary)
    return found


def at(house: House) -> AtMicrosoft:
    found: AtMicrosoft = given(house.source, AtMicrosoft)
    return found


def some(house: House, number: int = 12) -> list[Contact]:
    return [Contact(f"n{n}", NINA, house.at - timedelta(days=50 + n)) for n in range(number)]


# ------------------------------------------------------------------------------------------------------------------ F1


def changed(source: Source) -> None:
    """Some come, some go; some are moved to another folder, copied, read."""
    change(source)
    user = given(source, OutlookBox).user
    old = user.mail.make_folder("Old")
    mails = user.mail.within("inbox")
    for mail in mails[:4]:
        user.move(mail, old.id)
    user.copy(mails[5], old.id)
    user.mark(mails[6])


def weekly(source: Source) -> None:
    """As `fill`, and a series that takes place three times."""
    given(source, OutlookDiary).more["n05"] = {"rule": Rule("weekly", count=3)}
    fill(source)


def called_off(source: Source) -> None:
    """Some come, some go; one of a series is deleted, one takes place at another time."""
    change(source)
    diary: OutlookDiary = given(source, OutlookDiary)
    series = diary.events()["n05"]
    assert isinstance(series.start, datetime)
    diary.user.calendars.drop(series, series.start + 7 * DAY)
    diary.user.calendars.shift(series, series.start + 14 * DAY, series.start + 15 * DAY)


def forgotten(source: Source) -> None:
    """No link is good any more, and half of what there is is new."""
    change(source)
    given(source, AtMicrosoft).lose()


def test_F1_graph_a_first_round_is_whole_wherever_one_dies(graph: House, tmp_path: Path) -> None:
    assert dies_everywhere(graph, tmp_path, (), fill, step=SOME) > 50


def test_F1_graph_a_round_that_brings_moves_and_takes_is_whole_wherever_one_dies(graph: House, tmp_path: Path) -> None:
    assert dies_everywhere(graph, tmp_path, (fill,), changed, step=SOME) > 50


def test_F1_graph_forgotten_links_are_whole_wherever_one_dies(graph: House, tmp_path: Path) -> None:
    assert dies_everywhere(graph, tmp_path, (fill,), forgotten, step=FEW) > 50


def test_F1_graph_a_first_round_of_a_calendar_is_whole_wherever_one_dies(diary: House, tmp_path: Path) -> None:
    assert dies_everywhere(diary, tmp_path, (), weekly, step=SOME) > 50


def test_F1_graph_a_calendar_that_changes_is_whole_wherever_one_dies(diary: House, tmp_path: Path) -> None:
    assert dies_everywhere(diary, tmp_path, (weekly,), called_off, step=SOME) > 50


class Renewing(OutlookBox):
    """Whoever reads it renews the sign-in each time."""

    def straight(self) -> None:
        """There is no shorter way."""


def test_F1_graph_a_renewed_sign_in_is_whole_wherever_one_dies(build: Building, tmp_path: Path) -> None:
    house = build(Renewing)
    assert dies_everywhere(house, tmp_path, (), lambda _: None, step=FEW) > 30
    at(house).fake.login.strict = True
    house.at += HOUR
    assert house.tour().ended.state == "ok", "what is kept is the newest"


# ------------------------------------------------------------------------------------------------------------ F2 to F7


def test_F2_graph_a_full_disk_loses_nothing(graph: House, tmp_path: Path) -> None:
    full(graph, tmp_path)


def test_F2_graph_a_damaged_store_is_rebuilt_from_the_server(graph: House, template: Path) -> None:
    damaged(graph, template)


def test_F3_graph_a_cut_in_mid_answer_passes(graph: House) -> None:
    passes(graph, "cut")


def test_F3_graph_a_reset_passes(graph: House) -> None:
    passes(graph, "reset")


def test_F3_graph_a_calendar_that_is_cut_in_mid_answer_passes(diary: House) -> None:
    passes(diary, "cut")


def test_F4_graph_silence_passes(graph: House) -> None:
    passes(graph, "stall", quick=True)


def test_F4_graph_dripping_passes(graph: House) -> None:
    passes(graph, "drip", quick=True)


def test_F5_graph_a_server_that_says_wait_is_waited_for(graph: House) -> None:
    then = int(graph.at.timestamp())
    assert abs((passes(graph, "throttled", ("waiting",)).follows.next_at or 0) - then - 2 * HOURS) < 5


@pytest.mark.parametrize("after", ["3", "2.128", "Mon, 02 Mar 2026 08:00:04 GMT"], ids=["int", "float", "date"])
def test_F5_graph_who_asks_for_a_moment_gets_it_within_the_round(graph: House, after: str) -> None:
    fake = at(graph).fake
    fake.graph.at("GET .*delta", throttled(after), times=2)
    fake.graph.at("PART .*inbox", throttled(after), times=1)
    read(graph)
    assert sum(status == 429 for _, status in fake.graph.log) == 2


def test_F6_graph_a_server_out_of_order_passes(graph: House) -> None:
    passes(graph, "broken")


def test_F6_graph_a_calendar_out_of_order_passes(diary: House) -> None:
    passes(diary, "broken")


@pytest.mark.parametrize(
    "answer", [TIMED_OUT, FAILED, error(424, "FailedDependency"), html(503)], ids=["504", "500", "424", "a page"]
)
def test_F6_graph_a_part_of_a_batch_that_fails_takes_nothing_away(graph: House, answer: Fault) -> None:
    read(graph)
    before = graph.kept()
    graph.source.put(rolf(graph))
    at(graph).fake.graph.at("PART ", answer)
    assert graph.round(HOUR).ended.state in ("waiting", "offline")
    assert set(before) <= set(graph.kept())
    graph.source.heal()
    graph.round(HOUR)
    graph.whole()


def test_F6_graph_a_sign_in_out_of_order_passes(graph: House) -> None:
    read(graph)
    graph.source.put(rolf(graph))
    at(graph).fake.login.at("/token", html(503))
    assert graph.round(HOUR).ended.state in ("waiting", "offline")
    graph.source.heal()
    graph.round(HOUR)
    graph.whole()


@pytest.mark.parametrize("how", ["revoked", "mfa", "consent", "admin consent", "expired"])
def test_F7_graph_a_consent_that_is_gone_is_told_at_once(graph: House, how: str) -> None:
    read(graph)
    graph.source.put(rolf(graph))
    source = at(graph)
    before = len(source.fake.graph.log), len(source.fake.login.log)
    source.user.trouble, source.signed_in = how, False
    said = graph.round(HOUR)

    assert said.follows.state == "sign in"
    assert said.ended.remedy
    assert len(source.fake.graph.log) == before[0], "the mailbox is not asked"
    assert [line.split()[0] for line, _ in source.fake.login.log[before[1] :]].count("POST") == 1
    assert (said.follows.next_at or 0) - int(graph.at.timestamp()) >= 12 * HOURS, "two questions a day"
    graph.round(3 * DAY)
    assert graph.named == ()
    graph.source.heal()
    graph.round(HOUR)
    graph.whole()
    assert "Rolf Auer" not in graph.named


def test_F7_graph_a_consent_that_ends_while_it_is_used_is_told(graph: House) -> None:
    read(graph)
    graph.source.put(rolf(graph))
    source = at(graph)

    def end() -> None:
        source.harm("refused")
        source.fake.expire_access()

    source.fake.graph.when("delta", end)
    assert graph.round(HOUR).follows.state == "sign in"
    source.heal()
    graph.round(HOUR)
    graph.whole()


def test_F7_graph_a_token_that_is_too_old_is_renewed_in_the_round(graph: House) -> None:
    source = at(graph)
    source.fake.graph.when("delta", source.fake.expire_access)
    read(graph)
    assert [status for _, status in source.fake.graph.log].count(401) == 1


# ---------------------------------------------------------------------------------------------------------- F8 and F9


def test_F8_graph_forgotten_links_with_half_of_it_new_heal_in_one_round(graph: House) -> None:
    lost(graph)


def test_F8_graph_a_forgotten_calendar_with_half_of_it_new_heals_in_one_round(diary: House) -> None:
    lost(diary)


@pytest.mark.parametrize("code", ["SyncStateNotFound", "syncStateInvalid", "ResyncRequired"])
def test_F8_graph_a_link_that_is_forgotten_in_mid_round_lists_that_folder_anew(graph: House, code: str) -> None:
    source = box(graph)
    sent = [Contact(f"s{n}", PIA, graph.at - timedelta(days=50 + n), mine=True) for n in range(8)]
    source.put(*some(graph, 20), *sent)
    source.user.mail.forget_sync_state("inbox", on_page=4, code=code)
    assert graph.round().ended.state == "ok"
    graph.whole()
    began = [line for line in source.fake.asked("delta.*select") if line.startswith("GET")]
    folders = [line.split("/")[4] for line in began]
    assert folders.count(source.user.mail.folder("inbox").id.replace("=", "%3D")) == 2
    assert folders.count(source.user.mail.folder("sentitems").id.replace("=", "%3D")) == 1


def test_F9_graph_a_server_that_forgets_each_time_is_looked_over_and_lists_once_a_day(graph: House) -> None:
    read(graph)
    source = box(graph)
    for n in range(4):
        source.harm("lost")
        source.put(Contact(f"n{n}", NINA, graph.at - timedelta(days=40 + n)))
        assert graph.round(HOUR).ended.state == "ok"
        graph.whole()
    inbox = source.user.mail.folder("inbox").id
    assert graph.store.one("SELECT degraded FROM stream WHERE remote = ?", (f"mail:{inbox}",))
    assert max(source.user.mail.initial.values()) <= 2, "the first of all, and one reset"
    source.put(rolf(graph))
    graph.round(DAY)
    graph.round(HOUR)
    graph.whole()
    assert not graph.store.one("SELECT degraded FROM stream WHERE remote = ?", (f"mail:{inbox}",))
    assert "Rolf Auer" not in graph.named


# ---------------------------------------------------------------------------------------------------------- F10 to F13


def test_F10_graph_an_item_that_delta_leaves_out_is_found_when_all_is_looked_over(graph: House) -> None:
    read(graph)
    source = box(graph)
    source.put(rolf(graph), *some(graph, 3))
    source.user.mail.leave_out(source.mails()["rolf"])
    graph.unread = {"rolf"}  # nobody can know of it
    graph.round(HOUR)
    source.user.mail.left_out.clear()
    graph.unread = set()
    graph.round(8 * DAY)
    graph.whole()


def test_F10_graph_a_mail_that_is_listed_and_not_answered_comes_from_the_ledger(graph: House) -> None:
    read(graph)
    source = box(graph)
    source.user.mail.lies |= {"no headers in delta", "partial"}
    source.user.mark(source.mails()["otto"])
    source.put(rolf(graph))
    fake = source.fake.graph
    fake.at(f"PART .*{source.mails()['otto'].key[:40]}", UNAVAILABLE)
    assert graph.round(HOUR).ended.state == "ok"
    assert graph.store.ledger("sick")
    assert {"otto", "rolf", "old0"} <= set(graph.kept())
    source.heal()
    graph.round(2 * timedelta(minutes=1))
    graph.whole()
    assert graph.store.ledger("sick") == []


def test_F10_graph_a_bare_occurrence_is_what_its_series_says(diary: House) -> None:
    source = book(diary)
    source.user.calendars.lies.add("no masters")
    began = (diary.at - 7 * DAY).replace(hour=9)
    source.more["weekly"] = {"rule": Rule("weekly", count=2)}
    source.put(Contact("weekly", ROLF, began))
    diary.round()

    told = diary.store.rows("SELECT subject, at FROM item WHERE subject = 'Matter weekly' ORDER BY at").fetchall()
    assert told == [("Matter weekly", int(one.timestamp())) for one in (began, began + 7 * DAY)]
    assert "Rolf Auer" not in diary.named
    assert diary.store.ledger("sick") == []


def test_F11_graph_one_of_which_everything_is_null_is_told_and_the_others_come(graph: House) -> None:
    unreadable(graph)


def test_F11_graph_a_meeting_of_which_everything_is_null_is_told_and_the_others_come(diary: House) -> None:
    unreadable(diary)


def test_F11_graph_a_mail_without_a_date_is_dated_by_its_arrival(graph: House) -> None:
    read(graph)
    box(graph).user.deliver(rolf(graph, odd=True).mail(), at=graph.at - HOUR)
    graph.round(HOUR)
    assert "rolf" in graph.kept()
    assert "Rolf Auer" not in graph.named


def test_F11_graph_a_mail_without_any_header_is_no_harm(graph: House) -> None:
    source = box(graph)
    source.user.deliver(b"\n\nNothing but words.\n", at=graph.at - DAY)
    source.put(rolf(graph))
    source.user.deliver(b"From: <<>\nTo: ,,;\nSubject: =?no?q?\nDate: soon\n\nwords\n", at=graph.at - DAY)
    assert graph.round().ended.state == "ok"

    assert set(source.there) <= set(graph.kept())
    assert "Rolf Auer" not in graph.named


@pytest.mark.parametrize("lie", ["shuffled", "repeated", "partial", "moves are deletions", "no headers in delta",
                                 "no headers in sent"])  # fmt: skip
def test_F12_graph_whatever_order_or_form_the_pages_have_all_comes_once(graph: House, lie: str) -> None:
    source = box(graph)
    source.user.mail.lies.add(lie)
    source.put(*some(graph))
    read(graph)
    mails = source.mails()
    old = source.user.mail.make_folder("Old")
    source.user.mark(mails["n1"])
    source.user.move(mails["n2"], old.id)
    source.put(rolf(graph))
    source.drop("n3")
    graph.round(HOUR)
    graph.whole()
    assert "Rolf Auer" not in graph.named


def test_F12_graph_a_mail_that_was_only_read_since_is_still_the_same(graph: House) -> None:
    """Delta tells what changed of it and no more, and there are no headers to ask for."""
    source = box(graph)
    source.user.mail.lies |= {"partial", "no headers"}
    read(graph)
    for mail in source.mails().values():
        source.user.mark(mail, read=not mail.read)
    assert graph.round(HOUR).pulled.new == 0
    graph.whole()
    assert graph.store.ledger("sick") == []
    assert set(graph.named) == {"Rolf Auer", "Nina Falk"}


def test_F12_graph_fifty_empty_pages_are_followed(graph: House) -> None:
    source = box(graph)
    source.user.mail.empty_pages = 50
    read(graph)
    source.put(rolf(graph))
    graph.round(HOUR)
    graph.whole()
    assert "Rolf Auer" not in graph.named


def test_F12_graph_a_listing_that_ends_early_is_repaired_when_all_is_looked_over(graph: House) -> None:
    source = box(graph)
    source.user.mail.lies.add("ends early")
    source.put(*some(graph, 15))
    graph.round()
    source.user.mail.lies.clear()
    graph.unread = set(source.there) - set(graph.kept())
    assert graph.unread
    graph.round(HOUR)
    graph.unread = set()
    graph.round(8 * DAY)
    graph.whole()


@pytest.mark.parametrize("lie", ["loops", "foreign links"])
def test_F12_graph_links_that_lead_astray_are_not_followed(graph: House, lie: str) -> None:
    source = box(graph)
    source.put(*some(graph))
    source.user.mail.lies.add(lie)
    said = graph.round()
    assert said.ended.state in ("waiting", "offline")
    assert graph.named == ()
    source.user.mail.lies.clear()
    graph.round(HOUR)
    graph.whole()


def test_F12_graph_a_mail_that_goes_while_the_folder_is_listed_is_no_harm(graph: House) -> None:
    source = box(graph)
    source.put(*some(graph))
    left = ["n3", "n7", "n9"]
    source.fake.graph.when("skiptoken", lambda: source.drop(left.pop()) if left else None, times=9)
    graph.round()
    source.heal()
    graph.round(HOUR)
    graph.round(HOUR)
    graph.whole()
    assert left == []
    assert graph.store.ledger("sick") == []


def test_F13_graph_a_folder_that_is_suddenly_empty_is_not_believed(graph: House) -> None:
    source = box(graph)
    source.user.move(source.mails()["mine"], "inbox")  # all in one folder: so many in one are not believed
    emptied(graph)


@pytest.mark.parametrize(
    ("which", "lie"),
    [("graph", "empty"), ("diary", "empty"), ("graph", "nothing to list"), ("diary", "nothing to list")],
)
def test_F13_graph_listings_that_show_nothing_are_not_believed(
    which: str, lie: str, request: pytest.FixtureRequest
) -> None:
    """All is listed anew, and there is nothing in it; or there seems to be no folder and no calendar."""
    house: House = request.getfixturevalue(which)
    source = at(house)
    if isinstance(source, OutlookBox):
        source.user.move(source.mails()["mine"], "inbox")
    source.put(*some(house, 70))
    read(house)
    before = house.kept()
    source.user.mail.lies |= {"empty"} if lie == "empty" else {"no folders"}
    source.user.calendars.lies |= {"empty"} if lie == "empty" else {"no calendars"}
    source.lose()
    for _ in range(2):
        house.round(timedelta(minutes=20))
        assert house.kept() == before
    source.user.mail.lies.clear()
    source.user.calendars.lies.clear()
    house.round(HOUR)
    house.round(2 * HOUR)
    house.whole()


# ---------------------------------------------------------------------------------------------------------- F14 to F20


def test_F14_graph_what_is_moved_is_the_same_item_elsewhere(graph: House) -> None:
    read(graph)
    before = numbers(graph)
    source = box(graph)
    old = source.user.mail.make_folder("Kept")
    for key in ("old0", "old1", "otto"):
        source.user.move(source.mails()[key], old.id)
    assert graph.round(HOUR).pulled.new == 0

    graph.whole()
    assert numbers(graph) == before
    assert graph.store.one("SELECT count(*) FROM placement JOIN stream ON stream.id = stream WHERE name = 'Kept'") == 3
    assert source.fake.graph.mutable == [], "every request asks for ids that last"


def test_F14_graph_what_is_moved_while_it_is_asked_for_stands_in_one_folder(graph: House) -> None:
    read(graph)
    source = box(graph)
    source.user.mail.lies.add("no headers in delta")
    kept = source.user.mail.make_folder("Kept")
    source.put(rolf(graph))
    source.fake.graph.when("PART .*messages/", lambda: source.user.move(source.mails()["rolf"], kept.id))
    graph.round(HOUR)

    graph.whole()
    shown = "SELECT name FROM placement JOIN stream ON stream.id = stream JOIN item ON item.id = item WHERE subject = ?"
    assert graph.store.rows(shown, ("Matter rolf",)).fetchall() == [("Kept",)]
    assert "Rolf Auer" not in graph.named


def test_F15_graph_what_was_deleted_goes(graph: House) -> None:
    deleted(graph)


def test_F15_graph_a_meeting_that_was_deleted_goes(diary: House) -> None:
    deleted(diary)


def test_F15_graph_what_was_thrown_away_goes_and_may_come_back(graph: House) -> None:
    read(graph)
    source = box(graph)
    mail = source.mails()["old0"]
    source.user.bin(mail)
    graph.round(HOUR)
    assert "old0" not in graph.kept()
    source.user.move(mail, "inbox")
    graph.round(HOUR)
    graph.whole()


def test_F15_graph_what_went_while_the_links_were_forgotten_goes(graph: House) -> None:
    read(graph)
    graph.source.drop("old0", "old4")
    graph.source.harm("lost")
    graph.round(HOUR)
    graph.round(25 * HOUR)
    graph.whole()


def test_F16_graph_a_copy_is_no_second_mail(graph: House) -> None:
    read(graph)
    before = numbers(graph)
    source = box(graph)
    folder = source.user.mail.make_folder("Copies")
    copies = [source.user.copy(mail, folder.id) for mail in source.user.mail.within("inbox")]
    assert graph.round(HOUR).pulled.new == 0
    assert numbers(graph) == before
    for copy in copies:
        source.user.delete(copy)
    twins(graph)


def test_F16_graph_a_meeting_in_two_calendars_and_two_accounts_is_one(diary: House) -> None:
    source = book(diary)
    source.user.calendars.make("Second")
    source.enter(source.there["otto"], "Second")
    twins(diary)


@pytest.mark.parametrize("headers", [True, False], ids=["with headers", "without"])
def test_F16_graph_a_mailbox_that_is_read_by_imap_too_counts_each_mail_once(
    graph: House, imap: House, headers: bool
) -> None:
    """With names and subjects in other letters."""
    source = box(graph)
    if not headers:
        source.user.mail.lies.add("no headers")
    for n, (who, subject) in enumerate(WRITTEN):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = who, ME, subject
        mail["Date"], mail["Message-ID"] = format_datetime(graph.at - n * DAY), f"<w{n}@mail.example>"
        mail.set_content("Some words.\n")
        source.user.deliver(mail, at=graph.at - n * DAY)
        given(imap.source, Mailbox).user.append(mail.as_bytes(), "INBOX")
    imap.round()
    before = numbers(imap)
    other, imap.source = imap.source, source
    imap.opt_in()
    done = imap.round(HOUR)
    imap.source = other

    assert (done.ended.state, done.pulled.found) == ("ok", len(source.user.mail.mails))
    assert numbers(imap) == before


WRITTEN = (
    ("Jörg Äpfel <joerg@brand.example>", "Über Webstühle – und mehr"),
    ('"Brand, Ötto (Wien)" <otto@brand.example>', "日程の変更について、もう少し長い件名にしてみるとどうなるでしょうか"),
    ('"Brand, Otto" <otto@brand.example>', 'Re: [looms] 5 < 6, "so" they say'),
    ("otto@brand.example", "x" * 300),
)


def test_F17_graph_mails_without_an_id_are_told_apart(graph: House) -> None:
    bare(graph)


def test_F17_graph_meetings_without_an_id_are_told_apart(diary: House) -> None:
    bare(diary)


def test_F17_graph_two_mails_with_one_id_stay_two(graph: House) -> None:
    read(graph)
    one, other = rolf(graph, "one"), Contact("other", NINA, graph.at - 2 * DAY)
    raw = other.mail().replace(b"<other@mail.example>", b"<one@mail.example>")
    graph.source.there[other.key] = other
    box(graph).user.deliver(raw, at=other.at)
    graph.source.put(one)
    graph.round(HOUR)
    graph.whole()
    assert graph.named == ()


def test_F18_graph_a_date_in_the_future_is_that_of_its_arrival(graph: House) -> None:
    read(graph)
    box(graph).user.deliver(Contact("odd", ROLF, graph.at + 4_000 * DAY).mail(), at=graph.at - HOUR)
    graph.round(HOUR)

    assert graph.store.one("SELECT at FROM item WHERE subject = 'Matter odd'") == int((graph.at - 2 * HOUR).timestamp())
    assert "Rolf Auer" not in graph.named


def test_F18_graph_a_series_keeps_its_hour_when_the_clocks_change(diary: House) -> None:
    source = book(diary)
    began = datetime(2025, 10, 20, 7, tzinfo=UTC)
    source.more["weekly"] = {"rule": Rule("weekly", count=2), "zone": "W. Europe Standard Time"}
    source.put(Contact("weekly", NINA, began))
    diary.round()

    times = [at for (at,) in diary.store.rows("SELECT at FROM item WHERE subject = 'Matter weekly' ORDER BY at")]
    assert times == [int(began.timestamp()), int((began + 7 * DAY + HOUR).timestamp())]


def test_F18_graph_a_whole_day_is_that_day(diary: House) -> None:
    source = book(diary)
    day = date(2026, 2, 26)
    source.user.calendars.add("Matter fair", day, day + DAY, people=[f"Me <{ME}>"], organizer=ROLF)
    diary.round()
    assert diary.store.one("SELECT at FROM item WHERE subject = 'Matter fair'") == int(
        datetime(2026, 2, 26, tzinfo=UTC).timestamp()
    )
    assert "Rolf Auer" not in diary.named


def test_F19_graph_of_a_series_only_what_was_held_counts(diary: House) -> None:
    source = book(diary)
    calendars = source.user.calendars
    began = (diary.at - 28 * DAY).replace(hour=9)
    source.more["weekly"] = {"rule": Rule("weekly", count=4)}
    source.put(Contact("weekly", ROLF, began))
    series = source.events()["weekly"]
    calendars.drop(series, began + 21 * DAY)
    diary.round()

    def times() -> list[int]:
        return [at for (at,) in diary.store.rows("SELECT at FROM item WHERE subject = 'Matter weekly' ORDER BY at")]

    held = [began, began + 7 * DAY, began + 14 * DAY]
    assert times() == [int(one.timestamp()) for one in held]
    calendars.drop(series, began + 14 * DAY)  # no delta says so
    moved = began + 9 * DAY
    calendars.shift(series, began + 7 * DAY, moved)
    diary.round(HOUR)
    assert times() == [int(one.timestamp()) for one in (began, moved)]
    calendars.cancel(series, began)
    diary.round(HOUR)
    source.drop("weekly")
    diary.round(HOUR)
    diary.whole()


def test_F19_graph_an_occurrence_whose_deletion_nobody_tells_is_found_when_all_is_looked_over(diary: House) -> None:
    source = book(diary)
    began = (diary.at - 28 * DAY).replace(hour=9)
    source.more["weekly"] = {"rule": Rule("weekly", count=4)}
    source.put(Contact("weekly", ROLF, began))
    diary.round()
    source.user.calendars.drop(source.events()["weekly"], began + 21 * DAY)
    for later in (HOUR, 8 * DAY, 8 * DAY, HOUR):
        diary.round(later)
    assert diary.store.one("SELECT count(*) FROM item WHERE subject = 'Matter weekly'") == 3


def test_F20_graph_a_folder_that_is_renamed_stays_the_same(graph: House) -> None:
    source = box(graph)
    old = source.user.mail.make_folder("Weavers")
    source.user.move(source.mails()["otto"], old.id)
    read(graph)
    before = numbers(graph)
    source.user.mail.rename_folder("Weavers", "Looms")
    assert graph.round(HOUR).pulled.found == 0
    graph.whole()
    assert numbers(graph) == before


def test_F20_graph_a_folder_that_is_lost_ends_after_three_rounds(graph: House) -> None:
    source = box(graph)
    old = source.user.mail.make_folder("Old")
    source.user.deliver(Contact("away", NINA, graph.at - 90 * DAY).mail(), old.id, graph.at - 90 * DAY)
    assert graph.round().ended.state == "ok"
    source.user.mail.delete_folder("Old")
    kept = [(graph.round(HOUR), "away" in graph.kept())[1] for _ in range(3)]

    assert kept == [True, True, False]
    graph.whole()


def test_F20_graph_a_calendar_that_is_lost_ends_after_three_rounds(diary: House) -> None:
    source = book(diary)
    source.user.calendars.make("Club")
    source.enter(Contact("away", NINA, diary.at - 90 * DAY), "Club")
    assert diary.round().ended.state == "ok"
    source.user.calendars.remove("Club")
    kept = [(diary.round(HOUR), "away" in diary.kept())[1] for _ in range(3)]

    assert kept == [True, True, False]
    diary.whole()


# ---------------------------------------------------------------------------------------------------------- F21 to F26


def test_F21_graph_many_hundreds_come_once(graph: House) -> None:
    very_many(graph)


def test_F21_graph_many_hundreds_of_meetings_come_once(diary: House) -> None:
    very_many(diary, 250)


@pytest.mark.parametrize(
    "fault",
    [html(200, "Sign in"), TRUNCATED, portal("/portal"), says(200, b"[]"), says(200, b"{}"), says(204)],
    ids=["html", "truncated", "captive portal", "a list", "an empty object", "nothing"],
)
def test_F22_graph_what_is_no_answer_passes(graph: House, monkeypatch: pytest.MonkeyPatch, fault: Fault) -> None:
    source = box(graph)
    monkeypatch.setattr(source, "harm", lambda _: source.fake.graph.at(GRAPH, fault))
    passes(graph, "nonsense")


@pytest.mark.parametrize(
    "fault",
    [html(200, "Sign in"), TRUNCATED, portal("/portal"), says(200, b"[]"), says(200, b"{}"), says(502, b"Bad gateway")],
    ids=["html", "truncated", "captive portal", "a list", "an empty object", "bad gateway"],
)
def test_F22_graph_a_token_that_does_not_come_is_no_end_of_the_consent(graph: House, fault: Fault) -> None:
    read(graph)
    graph.source.put(rolf(graph))
    at(graph).fake.login.at("/token", fault)
    assert graph.round(HOUR).ended.state in ("waiting", "offline")
    graph.source.heal()
    graph.round(HOUR)
    graph.whole()


def test_F23_graph_a_hanging_server_holds_nobody_up(graph: House, tmp_path: Path) -> None:
    beside(graph, tmp_path, "stall")


def test_F23_graph_two_programs_that_renew_at_once_use_each_token_once(graph: House) -> None:
    source = at(graph)
    source.fake.login.strict = True
    options = Options.model_validate(
        {"kind": "microsoft", "address": ME, "client_id": source.fake.client_id, **source.parts()}
    )
    got: list[str] = []

    def renew() -> None:
        tokens = MicrosoftTokens(
            options, kept=source.kept, now=graph.at, session=Session(time.monotonic), endpoints=source.endpoints()
        )
        got.extend(tokens.access(refused=again).secret for again in (False, True, True))

    threads = [threading.Thread(target=renew) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(got)) == 9
    assert source.fake.login.old_refreshes == 0


def test_F24_graph_a_month_of_sleep_and_a_clock_put_back(graph: House) -> None:
    slept(graph)


def test_F24_graph_a_month_later_the_calendar_looks_at_another_window(diary: House) -> None:
    slept(diary)


def test_F25_graph_without_its_key_it_waits(graph: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors.graph, "MICROSOFT", at(graph).endpoints())
    locked(graph, tmp_path / "home", monkeypatch)


def test_F26_graph_opted_out_in_mid_round_nothing_more_is_written(graph: House) -> None:
    opted_out(graph)
