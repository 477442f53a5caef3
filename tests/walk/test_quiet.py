"""The user's own days are left in peace: quiet ones, holidays in the calendar, pauses, and weeks full of meetings."""

import io
import json
from collections.abc import Iterable
from contextlib import redirect_stdout
from datetime import date, timedelta
from typing import Any

from agent import config_file, schedule
from agent.schedule import Moment, Task
from agent.store.glance import plan
from agent.worker import main as work_of
from config.paths import paths
from tests.profiles import ZONE, Profile
from tests.walk.mailboxes import calendar

DAY = timedelta(days=1)
HANA = "hana.sato@atelier.example"


def by_file(profile: Profile, more: str = "") -> Profile:
    """The digest goes into a file, each morning by itself."""
    text = profile.config.read_text().replace('via = "stdout"', 'via = "file"')
    profile.config.write_text(text.replace("[boundaries]\n", f"[boundaries]\n{more}\n") if more else text)
    worker(profile, "check")
    profile.at += timedelta(minutes=15)  # by then no round is waited for
    return profile


def worker(profile: Profile, *words: str) -> dict[str, Any]:
    with profile.entered(), redirect_stdout(io.StringIO()) as out:
        assert work_of([*words, "--now", profile.at.isoformat()]) == 0, out.getvalue()
    said: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return said


def due(profile: Profile) -> bool:
    """Whether the daemon would have a digest made now."""
    with profile.entered():
        now, found = int(profile.at.timestamp()), paths()
        moment = Moment(now, ZONE, now - 86_400, config_file.looked_at(found.config), frozenset(), {})
        return Task("digest") in schedule.due(plan(found.store), moment)


def sent(profile: Profile) -> list[str]:
    folder = profile.home / "digests"
    return sorted(file.stem for file in folder.glob("*.eml")) if folder.exists() else []


def whole_day(title: str, first: date, last: date, *, asked: Iterable[str] = ()) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{title}-{first}",
        f"DTSTAMP:{first:%Y%m%d}T000000Z",
        f"DTSTART;VALUE=DATE:{first:%Y%m%d}",
        f"DTEND;VALUE=DATE:{last + DAY:%Y%m%d}",
        f"SUMMARY:{title}",
        *(f"ATTENDEE:mailto:{one}" for one in asked),
        "END:VEVENT",
    ]


def hours(title: str, day: date, begins: int, ends: int, *more: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{title}-{day}-{begins}",
        f"DTSTAMP:{day:%Y%m%d}T000000Z",
        f"DTSTART;TZID=Europe/London:{day:%Y%m%d}T{begins:02}0000",
        f"DTEND;TZID=Europe/London:{day:%Y%m%d}T{ends:02}0000",
        f"SUMMARY:{title}",
        f"ATTENDEE:mailto:{HANA}",
        *more,
        "END:VEVENT",
    ]


def shows(profile: Profile, *events: list[str], name: str = "own.ics") -> None:
    """The user has a second calendar with these."""
    (profile.home / name).write_bytes(calendar(events))
    text = profile.config.read_text()
    section = f'\n[accounts.own]\nkind = "ics"\npath = "{name}"\n'
    profile.config.write_text(text if section in text else text + section)
    profile.tell("sync")


def test_no_worker_is_begun_on_a_quiet_day_and_none_that_is_sends_anything(nora: Profile) -> None:
    by_file(nora, 'quiet = ["2026-05-12..2026-05-13", "thursday"]')
    for _ in range(4):
        if due(nora):
            worker(nora, "digest")
        nora.at += DAY
    assert sent(nora) == ["2026-05-15"]

    nora.at -= 3 * DAY
    assert worker(nora, "digest")["state"] != "waiting"
    assert sent(nora) == ["2026-05-15"]


def test_whoever_asks_for_a_mail_on_a_quiet_day_is_told_why_there_is_none(nora: Profile) -> None:
    by_file(nora, 'quiet = ["05-12"]')
    nora.config.write_text(nora.config.read_text() + '\n[smtp]\nhost = "127.0.0.1"\nport = 1\nsecurity = "none"\n')

    assert nora.tell("digest", "--via", "smtp") == (
        "Your config says that today is quiet: 05-12. So no mail was sent; "
        "`auld digest --via stdout` shows whom there is to write to.\n"
    )
    assert nora.tell("digest", "--via", "stdout").startswith("Three people to write to")


def test_a_pause_that_ends_at_noon_brings_the_digest_of_that_day(nora: Profile) -> None:
    by_file(nora)
    nora.tell("pause", "7")
    assert not due(nora)
    nora.at += timedelta(hours=5)
    nora.tell("pause", "off")
    assert due(nora)
    worker(nora, "digest")
    assert sent(nora) == ["2026-05-12"]

    nora.at += DAY
    nora.tell("pause", "2026-05-14")
    assert not due(nora)
    nora.at += timedelta(hours=19)
    assert due(nora), "the day that was named is the first one with a digest"


def test_a_holiday_in_the_calendar_is_one(nora: Profile) -> None:
    by_file(nora)
    shows(nora, whole_day("Urlaub Kreta", date(2026, 5, 12), date(2026, 5, 13)))

    for _ in range(3):
        if due(nora):
            worker(nora, "digest")
        nora.at += DAY

    assert sent(nora) == ["2026-05-14"]
    nora.at -= 2 * DAY
    assert nora.json("digest")["quiet"] == "Your calendar says of today: Urlaub Kreta."


def test_a_colleague_s_holiday_in_the_calendar_is_not_the_user_s(nora: Profile) -> None:
    by_file(nora)
    shows(nora, whole_day("Ada Weber: vacation", date(2026, 5, 12), date(2026, 5, 12)))
    assert nora.json("digest")["quiet"] == ""
    shows(nora, whole_day("Vacation", date(2026, 5, 12), date(2026, 5, 12), asked=[HANA]))
    assert nora.json("digest")["quiet"] == ""


def test_a_calendar_named_for_holidays(nora: Profile) -> None:
    shows(nora, whole_day("Early May day", date(2026, 5, 12), date(2026, 5, 12)), name="uk-holidays.ics")

    assert nora.json("digest")["quiet"] == "Your calendar says of today: Early May day."
    nora.config.write_text(nora.config.read_text().replace("[accounts.own]\n", "[accounts.own]\nenabled = false\n", 1))
    assert nora.json("digest")["quiet"] == "", "an account that is off says nothing"


def test_a_full_week_has_one_person_and_says_why(nora: Profile) -> None:
    before = nora.names()
    assert len(before) == 3
    days = [date(2026, 5, day) for day in (12, 13, 14, 15, 18)]
    shows(nora, *(hours("Review", day, 9, 14) for day in days))

    said = nora.tell("digest", "--dry-run")
    assert len(nora.names()) == 1
    assert nora.names()[0] in before
    assert "One person at most today, as meetings take 25 of your next 40 working hours." in " ".join(said.split())
    past = nora.json("digest", "--now", "2026-05-12")
    assert len(past["proposals"]) > 1, "what was planned by a past morning is not known"

    cancelled = [hours("Review", day, 9, 14, "STATUS:CANCELLED") for day in days]
    shows(nora, *cancelled)
    assert nora.names() == before
