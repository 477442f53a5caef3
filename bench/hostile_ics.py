"""Does every hostile calendar come in without a crash or a hang, and do the meetings of a real one equal a hand count?

python -m bench.hostile_ics          # the data: AULD_DATA, or ../shared/data
"""

import logging
import multiprocessing
import os
import re
import sys
import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from connectors.ical import read
from connectors.ical_lines import NotACalendar
from connectors.series import AHEAD

LIMIT = 5.0
"""Seconds for one file; the promise of the issue."""

NOW = datetime(2026, 11, 22, tzinfo=UTC)
DATA = Path(os.environ.get("AULD_DATA", Path(__file__).parents[2] / "shared" / "data"))


def hostile() -> Iterator[tuple[str, bytes]]:
    """Every file of the three test suites, unpacked into memory."""
    for packed in sorted((DATA / "hostile" / "ics").glob("*.tar.xz")):
        with tarfile.open(packed) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream:
                    yield member.name, stream.read()


def judge(data: bytes, answer: Connection) -> None:
    """What auld reads of this file, beside what icalendar's own parser finds."""
    logging.disable()
    warnings.simplefilter("ignore")
    began = time.perf_counter()
    verdict: Counter[str] = Counter()
    try:
        reading = read(data, until=NOW + AHEAD)
    except NotACalendar:
        verdict["no calendar"] = 1
        answer.send((verdict, time.perf_counter() - began))
        return
    took = time.perf_counter() - began
    verdict["meetings"], verdict["missed"] = len(reading.found), len(reading.missed)
    starts = {(one.meeting.start, one.subject) for one in reading.found if one.meeting}
    organisers = {one.sender.address for one in reading.found if one.sender}
    try:
        oracle = list(facts(data))
    except Exception:  # whatever icalendar raises is what this column counts
        verdict["refused by icalendar"] = 1
        verdict["of these, read in part"] = bool(reading.found)
        answer.send((verdict, took))
        return
    for start, summary, organiser in oracle:
        verdict["starts"] += 1
        verdict["starts found"] += (start, summary) in starts
        if "-v" in sys.argv and (start, summary) not in starts:
            print("  not found:", start, summary)
        verdict["subjects found"] += summary in {subject for _, subject in starts}
        verdict["organisers"] += bool(organiser)
        verdict["organisers found"] += bool(organiser) and organiser in organisers
    answer.send((verdict, took))


def facts(data: bytes) -> Iterator[tuple[datetime | date, str, str]]:
    """Start, subject and organiser's address of each VEVENT, as icalendar has them."""
    from icalendar import Calendar

    for calendar in Calendar.from_ical(data, multiple=True):
        for event in calendar.walk("VEVENT"):
            start = getattr(event.get("DTSTART"), "dt", None)
            if not isinstance(start, date):
                continue
            if isinstance(start, datetime):
                start = start.replace(tzinfo=start.tzinfo or UTC).astimezone(UTC)
            yield start, text(event.get("SUMMARY", "")), address(event.get("ORGANIZER", ""))


def text(value: Any) -> str:
    """A subject with its white space closed up, the first of several."""
    first = value[0] if isinstance(value, list) else value
    return " ".join(str(first).split())[:500]


def address(value: Any) -> str:
    """What stands behind mailto:, where it looks like an address."""
    found = re.fullmatch(r"(?i)(?:mailto:)?\s*([^\s@<>]+@[^\s@<>]+)", text(value))
    return found[1].lower() if found else ""


def judged(data: bytes) -> tuple[Counter[str], float]:
    """The verdict on one file, from a child that may crash or hang."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=judge, args=(data, theirs))
    child.start()
    theirs.close()
    try:
        if not ours.poll(LIMIT):
            return Counter({"hung": 1}), LIMIT
        verdict: tuple[Counter[str], float] = ours.recv()
        return verdict
    except EOFError:
        return Counter({"crashed": 1}), 0.0
    finally:
        child.kill()
        child.join()


def enron() -> dict[str, int]:
    """The owner's calendar: read by auld, and counted by hand in its plain text."""
    data = (DATA / "enron" / "open" / "calendar" / "blair-l.ics").read_bytes()
    found = read(data, until=NOW + AHEAD).found
    lines = data.decode().replace("\r\n ", "").replace("\n ", "").splitlines()
    events = "\n".join(lines).split("BEGIN:VEVENT")[1:]
    added = starts = 0
    for event in events:
        [first] = re.findall(r"(?m)^DTSTART[^:]*:(\S+)", event)
        dates = {date for listed in re.findall(r"(?m)^RDATE[^:]*:(\S+)", event) for date in listed.split(",")}
        added += bool(dates)
        starts += len(dates | {first})
    by_hand = [re.search(r"(?m)^ORGANIZER", event) is not None for event in events]
    uids = {one.meeting.uid: one for one in found if one.meeting}
    return {
        "VEVENTs, by hand": len(events),
        "UIDs read": len(uids),
        "that repeat (RDATE, RRULE), by hand": added,
        "that repeat, read": len({one.meeting.uid for one in found if one.meeting and one.meeting.recurring}),
        "meetings with every instance, by hand": starts,
        "meetings read": len(found),
        "VEVENTs with an organiser, by hand": sum(by_hand),
        "UIDs with an organiser, read": sum(one.sender is not None for one in uids.values()),
        "VEVENTs with attendees, by hand": sum("\nATTENDEE" in event for event in events),
        "UIDs with attendees, read": sum(bool(one.to) for one in uids.values()),
    }


def main() -> int:
    """Print both tables; 1 if anything crashed or hung."""
    if not DATA.is_dir():
        print(f"skipped: no data at {DATA} (set AULD_DATA)")
        return 0
    import icalendar  # noqa: F401 - once here, not in each child

    total: Counter[str] = Counter()
    slowest = (0.0, "")
    for name, data in hostile():
        verdict, took = judged(data)
        total += verdict
        total["files"] += 1
        slowest = max(slowest, (took, name))
        if verdict["crashed"] or verdict["hung"] or "-v" in sys.argv:
            print(name, dict(verdict))
    for what in ("files", "crashed", "hung", "no calendar", "meetings", "missed", "refused by icalendar"):
        print(f"{what:40} {total[what]:6}")
    print(f"{'  of these, read in part':40} {total['of these, read in part']:6}")
    for what in ("starts", "organisers"):
        print(f"{what + ' that icalendar finds':40} {total[what]:6}   read too {total[what + ' found']:6}")
    print(f"{'subjects':40} {total['starts']:6}   read too {total['subjects found']:6}")
    print(f"{'slowest file':40} {slowest[0]:6.2f} s {slowest[1]}\n")
    for what, count in enron().items():
        print(f"{what:40} {count:6}")
    return int(total["crashed"] + total["hung"] > 0)


if __name__ == "__main__":
    sys.exit(main())
