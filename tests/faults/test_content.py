"""F8 to F20: what the source says of what it has: renumbered, forgotten, omitted, malformed, empty, moved, doubled."""

import os
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from connectors.contract import NeedsUser
from tests.connectors.test_caldav import rewrites, says
from tests.faults.houses import DAY, HOUR, NINA, ROLF, House
from tests.faults.scenarios import bare, deleted, emptied, lost, read, rolf, twins
from tests.faults.sources import Archive, Calendar, Calendars, Contact, File, Link, Mailbox, Source, calendar, letter

MINUTES = timedelta(minutes=1)


Kind = TypeVar("Kind", bound=Source)


def of(house: House, kind: type[Kind]) -> Kind:
    """Its source, which is of that kind."""
    assert isinstance(house.source, kind)
    return house.source


# ------------------------------------------------------------------------------------------------------------------ F8


@pytest.mark.parametrize("validity", [4_000_000_000, 1], ids=["larger", "smaller"])
def test_F8_imap_another_numbering_with_half_of_it_new_heals_in_one_round(
    imap: House, validity: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox = of(imap, Mailbox)
    monkeypatch.setattr(mailbox, "harm", lambda _: mailbox.user.set_uid_validity(validity))
    lost(imap)
    assert not imap.store.rows(
        "SELECT 1 FROM placement WHERE stream = (SELECT id FROM stream WHERE remote = 'INBOX') AND remote NOT LIKE ?",
        (f"{validity}.%",),
    ).fetchall()


def test_F8_caldav_a_forgotten_token_with_half_of_it_new_heals_in_one_round(caldav: House) -> None:
    lost(caldav)


def test_F8_ics_url_without_an_etag_the_content_tells(ics_url: House) -> None:
    link = of(ics_url, Link)
    link.etag = False
    read(ics_url)
    assert ics_url.round(HOUR).pulled.found == 0
    ics_url.source.put(rolf(ics_url))
    ics_url.round(HOUR)
    ics_url.whole()
    assert "Rolf Auer" not in ics_url.named


def test_F8_ics_a_file_that_was_written_anew_is_listed_again(ics: House) -> None:
    read(ics)
    ics.source.put(rolf(ics))
    ics.source.there = dict(reversed(ics.source.there.items()))
    ics.source.changed()
    assert ics.round(HOUR).pulled.new == 1
    ics.whole()


@pytest.mark.parametrize("how", ["shorter", "another beginning"])
def test_F8_mbox_a_file_that_is_another_one_is_read_from_its_beginning(mbox: House, how: str) -> None:
    read(mbox)
    before = mbox.kept()
    if how == "shorter":
        mbox.source.there = {key: one for key, one in mbox.source.there.items() if key in ("otto", "old0")}
    else:
        mbox.source.there = {"first": Contact("first", NINA, mbox.at - 400 * DAY), **mbox.source.there}
    mbox.source.put(rolf(mbox))
    assert mbox.round(HOUR).ended.state == "ok"

    assert mbox.kept() == sorted({*before, *mbox.source.there}), "what an archive lacks is not gone"
    assert "Rolf Auer" not in mbox.named


# ------------------------------------------------------------------------------------------------------------------ F9


def test_F9_imap_a_server_that_renumbers_each_time_is_looked_over(imap: House) -> None:
    read(imap)
    mailbox = of(imap, Mailbox)
    for n in range(1, 5):
        mailbox.user.set_uid_validity(1_000 * n)
        assert imap.round(HOUR).ended.state == "ok"
        imap.whole()
    assert imap.store.one("SELECT degraded FROM stream WHERE remote = 'INBOX'")
    assert imap.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL") == 1
    imap.source.put(rolf(imap))
    imap.round(DAY)
    imap.round(HOUR)
    imap.whole()
    assert not imap.store.one("SELECT degraded FROM stream WHERE remote = 'INBOX'"), "the budget is one a day"


def test_F9_caldav_a_server_that_refuses_every_token_is_followed_by_etags(caldav: House) -> None:
    read(caldav)
    for n in range(4):
        caldav.source.harm("lost")
        caldav.source.put(rolf(caldav, f"rolf{n}"))
        assert caldav.round(HOUR).ended.state == "ok"
        caldav.whole()
        assert "Rolf Auer" not in caldav.named
    assert caldav.store.one("SELECT count(*) FROM stream WHERE reset_at IS NOT NULL") == 0


# ------------------------------------------------------------------------------------------------------------ F10, F11


def omitted(house: House) -> None:
    """One item is listed and not shown: it waits in the ledger, nothing is taken away, and it comes a minute later."""
    read(house)
    house.source.put(rolf(house), *(Contact(f"n{n}", NINA, house.at - timedelta(days=50 + n)) for n in range(3)))
    house.source.harm("omitted")
    house.unread = {"rolf"}  # nobody can know of it
    house.round(HOUR)
    assert house.store.ledger("sick")
    assert {"otto", "mine", "old0"} <= set(house.kept())
    house.source.heal()
    house.unread = set()
    house.round(2 * MINUTES)
    house.whole()
    assert house.store.ledger("sick") == []
    assert "Rolf Auer" not in house.named


def test_F10_imap_what_was_omitted_comes_from_the_ledger(imap: House) -> None:
    omitted(imap)


def test_F10_caldav_what_was_omitted_comes_from_the_ledger(caldav: House) -> None:
    omitted(caldav)


def test_F11_imap_a_mail_without_a_date_is_dated_by_its_arrival(imap: House) -> None:
    imap.source.put(rolf(imap, odd=True))
    imap.round()

    assert "rolf" in imap.kept()
    assert "Rolf Auer" not in imap.named
    assert imap.store.ledger("sick") == []


def test_F11_caldav_one_that_cannot_be_read_waits_and_the_others_come(caldav: House) -> None:
    read(caldav)
    caldav.source.put(rolf(caldav), Contact("other", NINA, caldav.at - DAY))
    calendars = of(caldav, Calendars)
    calendars.server.lie = rewrites(
        "calendar-multiget", rb"UID:rolf@cal.example", b"UID:rolf@cal.example\r\nDTSTART:soon"
    )
    caldav.unread = {"rolf"}
    assert caldav.round(HOUR).ended.state == "ok"
    assert "other" in caldav.kept()
    caldav.source.heal()
    caldav.unread = set()
    caldav.round(2 * MINUTES)
    caldav.whole()
    assert "Rolf Auer" not in caldav.named


def unreadable(house: House) -> None:
    """One is malformed: it is in the ledger by name, and all others are there."""
    read(house)
    house.source.put(Contact("odd", NINA, house.at - DAY, odd=True), rolf(house))
    house.unread = {"odd"}
    assert house.round(HOUR).ended.state == "ok"
    house.whole()
    assert len(house.store.ledger("sick")) == 1
    assert "Rolf Auer" not in house.named


def test_F11_ics_url_one_that_cannot_be_read_is_told_and_the_others_come(ics_url: House) -> None:
    unreadable(ics_url)


def test_F11_ics_one_that_cannot_be_read_is_told_and_the_others_come(ics: House) -> None:
    unreadable(ics)


def test_F11_mbox_one_that_cannot_be_read_is_told_and_the_others_come(mbox: House) -> None:
    unreadable(mbox)


# ----------------------------------------------------------------------------------------------------------------- F12


def test_F12_imap_a_mail_that_goes_while_the_folder_is_listed_is_no_harm(imap: House) -> None:
    mailbox = of(imap, Mailbox)
    imap.source.put(*(Contact(f"n{n}", NINA, imap.at - timedelta(days=50 + n)) for n in range(12)))
    left = ["n3", "n7"]

    def meanwhile(answer: bytes) -> bytes:
        if left:
            imap.source.drop(left.pop())
        return answer

    mailbox.proxy.at(rb"FETCH \(", meanwhile)
    imap.round()
    mailbox.heal()
    imap.round(HOUR)
    imap.round(HOUR)
    imap.whole()
    assert imap.store.ledger("sick") == []


def test_F12_caldav_a_listing_that_is_cut_short_takes_nothing_away(caldav: House) -> None:
    read(caldav)
    calendars = of(caldav, Calendars)
    calendars.server.lie = says("sync-collection", 507)
    caldav.source.put(rolf(caldav))
    caldav.round(HOUR)
    assert {"otto", "mine", "old0"} <= set(caldav.kept())
    caldav.source.heal()
    caldav.round(HOUR)
    caldav.whole()
    assert "Rolf Auer" not in caldav.named


# ----------------------------------------------------------------------------------------------------------------- F13


def test_F13_imap_a_mailbox_that_is_suddenly_empty_is_not_believed(imap: House) -> None:
    emptied(imap)


def test_F13_caldav_a_calendar_that_is_suddenly_empty_is_not_believed(caldav: House) -> None:
    emptied(caldav)


def test_F13_ics_url_a_calendar_that_is_suddenly_empty_is_not_believed(ics_url: House) -> None:
    emptied(ics_url)


def test_F13_ics_a_calendar_that_is_suddenly_empty_is_not_believed(ics: House) -> None:
    emptied(ics)


def test_F13_mbox_an_archive_that_is_emptied_keeps_its_rows(mbox: House) -> None:
    emptied(mbox)


def test_F13_mbox_an_archive_that_is_gone_keeps_its_rows(mbox: House) -> None:
    read(mbox)
    before = mbox.kept()
    assert isinstance(mbox.source, File)
    mbox.source.path.unlink()
    said = mbox.round(HOUR)

    assert isinstance(said.error, NeedsUser)
    assert mbox.kept() == before


# ----------------------------------------------------------------------------------------------------------- F14 to F16


def numbers(house: House) -> dict[str, int]:
    return dict(house.store.rows("SELECT subject, id FROM item"))


def test_F14_imap_what_is_moved_is_the_same_item_elsewhere(imap: House) -> None:
    read(imap)
    before = numbers(imap)
    mailbox = of(imap, Mailbox)
    mailbox.user.create("Kept")
    mailbox.user.move(mailbox.user.uids()[3:], "INBOX", "Kept")
    imap.round(HOUR)
    imap.round(HOUR)

    imap.whole()
    assert numbers(imap) == before
    assert imap.store.one("SELECT count(*) FROM placement JOIN stream ON stream.id = stream WHERE name = 'Kept'") == 5


def test_F14_caldav_what_is_renamed_is_the_same_meeting(caldav: House) -> None:
    read(caldav)
    calendars = of(caldav, Calendars)
    calendars.user.move("work", "otto.ics", "renamed.ics")
    caldav.round(HOUR)

    caldav.whole()
    assert set(caldav.named) == {"Rolf Auer", "Nina Falk"}


def test_F15_imap_what_was_deleted_goes(imap: House) -> None:
    deleted(imap)


def test_F15_caldav_what_was_deleted_goes(caldav: House) -> None:
    deleted(caldav)


def test_F15_ics_url_what_was_deleted_goes(ics_url: House) -> None:
    deleted(ics_url)


def test_F15_ics_what_was_deleted_goes(ics: House) -> None:
    deleted(ics)


def test_F15_mbox_what_an_archive_no_longer_has_is_not_gone(mbox: House) -> None:
    read(mbox)
    before = mbox.kept()
    mbox.source.drop("old0", "otto")
    mbox.round(HOUR)

    assert mbox.kept() == before


def test_F16_imap_a_copy_is_no_second_mail(imap: House) -> None:
    read(imap)
    before = numbers(imap)
    mailbox = of(imap, Mailbox)
    mailbox.user.create("Copies")
    mailbox.user.copy(mailbox.user.uids(), "INBOX", "Copies")
    mailbox.user.copy(mailbox.user.uids()[:2], "INBOX", "INBOX")
    assert imap.round(HOUR).pulled.new == 0
    assert numbers(imap) == before
    twins(imap)


def test_F16_caldav_a_meeting_in_two_calendars_and_two_accounts_is_one(caldav: House) -> None:
    calendars = of(caldav, Calendars)
    calendars.user.make("second", "Second")
    calendars.user.fill("second", [("copy.ics", calendar([calendars.there["otto"].event()]))])
    twins(caldav)


def test_F16_ics_url_a_meeting_in_two_accounts_is_one(ics_url: House) -> None:
    twins(ics_url)


def test_F16_ics_a_meeting_in_two_accounts_is_one(ics: House) -> None:
    twins(ics)


def test_F16_mbox_a_mail_in_two_archives_is_one(mbox: House) -> None:
    mbox.source.put(*mbox.source.there.values())
    twins(mbox)


def test_F16_mbox_a_mail_in_an_archive_and_on_a_server_is_one(mbox: House, imap: House) -> None:
    read(mbox)
    before = numbers(mbox)
    archive, mbox.source = mbox.source, imap.source
    mbox.opt_in()
    mbox.round(HOUR)

    assert numbers(mbox) == before
    mbox.source = archive


# ------------------------------------------------------------------------------------------------------------ F17, F18


def test_F17_imap_mails_without_an_id_are_told_apart(imap: House) -> None:
    bare(imap)


def test_F17_ics_url_meetings_without_an_id_are_told_apart(ics_url: House) -> None:
    bare(ics_url)


def test_F17_ics_meetings_without_an_id_are_told_apart(ics: House) -> None:
    bare(ics)


def test_F17_mbox_mails_without_an_id_are_told_apart(mbox: House) -> None:
    bare(mbox)


def test_F18_imap_a_date_in_the_future_is_that_of_its_arrival(imap: House) -> None:
    mailbox = of(imap, Mailbox)
    read(imap)
    with mailbox.user.signed_in() as client:
        client.append("INBOX", Contact("odd", ROLF, imap.at + 4_000 * DAY).mail(), (), imap.at - HOUR)
    imap.round(HOUR)

    assert imap.store.one("SELECT at FROM item WHERE subject = 'Matter odd'") == int((imap.at - 2 * HOUR).timestamp())
    assert "Rolf Auer" not in imap.named


def test_F18_mbox_the_last_hop_is_believed_before_a_date_and_a_date_before_the_separator(mbox: House) -> None:
    read(mbox)
    assert isinstance(mbox.source, Archive)
    future = letter(Contact("far", ROLF, mbox.at + 4_000 * DAY))
    hop = f"\nReceived: from a by b; {mbox.at - HOUR:%a, %d %b %Y %H:%M:%S} +0000\nFrom: ".encode()
    late = letter(Contact("near", NINA, mbox.at - 2 * DAY)).replace(b"From auld Sat", b"From auld Fri", 1)
    mbox.source.write(mbox.source.content() + b"\n" + future.replace(b"\nFrom: ", hop, 1) + b"\n" + late)
    mbox.round(HOUR)

    found = dict(mbox.store.rows("SELECT subject, at FROM item WHERE subject IN ('Matter far', 'Matter near')"))
    assert found == {
        "Matter far": int((mbox.at - 2 * HOUR).timestamp()),
        "Matter near": int((mbox.at - HOUR - 2 * DAY).timestamp()),
    }
    assert mbox.named == ()


@pytest.mark.parametrize(
    ("start", "at"),
    [
        ("DTSTART:20260226T090000", datetime(2026, 2, 26, 9, tzinfo=UTC)),
        ("DTSTART;TZID=W. Europe Standard Time:20260226T090000", datetime(2026, 2, 26, 8, tzinfo=UTC)),
        ("DTSTART;TZID=Nowhere/Land:20260226T090000", datetime(2026, 2, 26, 9, tzinfo=UTC)),
        ("DTSTART;VALUE=DATE:20260226", datetime(2026, 2, 26, tzinfo=UTC)),
    ],
    ids=["floating", "a zone of Windows", "an unknown zone", "a whole day"],
)
def test_F18_ics_every_zone_has_its_place(ics: House, start: str, at: datetime) -> None:
    assert isinstance(ics.source, Calendar)
    strange = Contact("zone", ROLF, ics.at).event().replace(f"DTSTART:{ics.at:%Y%m%dT%H%M%SZ}", start)
    true = [one.event() for one in ics.source.there.values()]
    ics.source.write(calendar([*true, strange]))
    ics.round()

    assert ics.store.one("SELECT at FROM item WHERE subject = 'Matter zone'") == int(at.timestamp())
    assert set(ics.named) == {"Nina Falk"}


# ------------------------------------------------------------------------------------------------------------ F19, F20


def series(house: House) -> None:
    """A series brings a contact each week, and the one that was called off was none."""
    assert isinstance(house.source, Calendars | Link | Calendar)
    began = (house.at - 21 * DAY).replace(hour=9)
    off = began + 14 * DAY
    house.source.more["weekly"] = ("RRULE:FREQ=WEEKLY;COUNT=3", f"EXDATE:{off:%Y%m%dT%H%M%SZ}")
    house.source.put(Contact("weekly", ROLF, began))
    house.round()

    times = [at for (at,) in house.store.rows("SELECT at FROM item WHERE subject = 'Matter weekly' ORDER BY at")]
    assert times == [int(began.timestamp()), int((began + 7 * DAY).timestamp())]
    del house.source.more["weekly"]
    house.source.drop("weekly")
    house.round(HOUR)
    house.whole()


def test_F19_caldav_of_a_series_only_what_was_held_counts(caldav: House) -> None:
    series(caldav)


def test_F19_ics_url_of_a_series_only_what_was_held_counts(ics_url: House) -> None:
    series(ics_url)


def test_F19_ics_of_a_series_only_what_was_held_counts(ics: House) -> None:
    series(ics)


def test_F20_imap_a_folder_made_anew_with_half_of_it_new_heals(imap: House) -> None:
    mailbox = of(imap, Mailbox)
    mailbox.user.create("Kept")
    mailbox.folder = "Kept"
    mailbox.put(*mailbox.there.values())
    with mailbox.user.signed_in("INBOX") as client:
        client.delete_messages(client.search())
        client.expunge()
    read(imap)
    before = numbers(imap)
    mailbox.user.delete("Kept")
    mailbox.user.create("Kept")
    mailbox.there = {key: one for key, one in mailbox.there.items() if key not in ("old0", "old1", "old2")}
    mailbox.put(rolf(imap), Contact("n1", NINA, imap.at - 60 * DAY))
    assert imap.round(HOUR).ended.state == "ok"

    imap.whole()
    now = numbers(imap)
    assert {subject: now[subject] for subject in before if subject in now} == {
        subject: number for subject, number in before.items() if subject in now
    }
    assert "Rolf Auer" not in imap.named


def test_F20_imap_a_folder_that_is_lost_ends_after_three_rounds(imap: House) -> None:
    mailbox = of(imap, Mailbox)
    mailbox.user.create("Old")
    mailbox.user.append(Contact("away", NINA, imap.at - 90 * DAY).mail(), "Old")
    read_but = imap.round()
    assert read_but.ended.state == "ok"
    mailbox.user.delete("Old")
    kept = [(imap.round(HOUR), "away" in imap.kept())[1] for _ in range(3)]

    assert kept == [True, True, False]
    imap.whole()


def test_F20_caldav_a_calendar_made_anew_heals(caldav: House) -> None:
    read(caldav)
    calendars = of(caldav, Calendars)
    calendars.user.delete("work")
    calendars.user.make("work", "Work")
    calendars.there = {key: one for key, one in calendars.there.items() if key not in ("old0", "old1")}
    calendars.put(rolf(caldav))
    assert caldav.round(HOUR).ended.state == "ok"

    caldav.whole()
    assert "Rolf Auer" not in caldav.named


def test_F20_ics_url_a_link_that_leads_nowhere_keeps_its_rows(ics_url: House) -> None:
    read(ics_url)
    before = ics_url.kept()
    ics_url.source.harm("refused")
    for _ in range(4):
        ics_url.round(13 * HOUR)

    assert ics_url.kept() == before
    assert ics_url.named == ()


def moved(house: House) -> None:
    read(house)
    before = house.kept()
    assert isinstance(house.source, File)
    elsewhere = house.source.path.with_suffix(".moved")
    os.rename(house.source.path, elsewhere)
    said = house.round(HOUR)
    assert isinstance(said.error, NeedsUser)
    assert house.kept() == before
    house.source.path = elsewhere
    house.source.put(rolf(house))
    house.round(HOUR)
    house.whole()
    assert "Rolf Auer" not in house.named


def test_F20_ics_a_file_that_was_moved_is_told_and_keeps_its_rows(ics: House) -> None:
    moved(ics)


def test_F20_mbox_a_file_that_was_moved_is_told_and_keeps_its_rows(mbox: House) -> None:
    moved(mbox)
