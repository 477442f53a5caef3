"""Which VEVENTs and VTIMEZONEs stand in these bytes, and with which properties?

icalendar's component parser refuses a whole calendar for one bad line, so the text is cut here, and each line is read
alone, by icalendar's own lines.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from connectors.series import BROKEN

_KEPT = frozenset(
    {"UID", "SUMMARY", "DESCRIPTION", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"}
    | {"ORGANIZER", "ATTENDEE", "STATUS", "SEQUENCE"}
)
_SEVERAL = frozenset({"ATTENDEE", "RRULE", "RDATE", "EXDATE"})

# The first lookbehinds keep a megabyte of bare line ends linear, as in icalendar's own pattern.
_FOLD = re.compile(rb"(?:(?<!\n)\r\n|(?<![\r\n])\n)(?:\r?\n)*[ \t]")
_PLAIN = re.compile(r"([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=[^\x00-\x1f\x7f\";:,\\^%]+)*):(.*)", re.DOTALL)

Property: TypeAlias = tuple[Mapping[str, Any], str]
"""Its parameters and its raw value."""


class NotACalendar(ValueError):  # noqa: N818 - it says what the bytes are
    """These bytes hold neither a VCALENDAR nor a VEVENT."""


@dataclass(slots=True)
class Calendar:
    """The lines of each VEVENT with whether its calendar cancels it, and the lines of each VTIMEZONE."""

    events: list[tuple[list[str], bool]] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)


def cut(data: bytes) -> Calendar:
    """The VEVENTs and VTIMEZONEs, also of one that is cut off or closes the wrong component. Raises NotACalendar."""
    calendar = Calendar()
    inside: list[str] = []
    seen = cancelled = False
    for line in _lines(data):
        name, _, value = line.partition(":")
        word, value = _word(name), value.strip().upper()
        if word == "BEGIN":
            seen = seen or value in {"VCALENDAR", "VEVENT"}
            if value in {"VCALENDAR", "VEVENT", "VTIMEZONE"}:
                inside = [] if value == "VCALENDAR" else [value]
                cancelled = cancelled and value != "VCALENDAR"
                _open(calendar, value, cancelled)
            elif inside:
                inside.append(value)
        elif word == "END" and value in inside:
            del inside[inside.index(value) :]
        elif word == "METHOD" and not inside:
            cancelled = value == "CANCEL"
        elif inside == ["VEVENT"] and word in _KEPT:
            calendar.events[-1][0].append(line)
        if line and (inside[:1] == ["VTIMEZONE"] or (word == "END" and value == "VTIMEZONE")) and calendar.zones:
            calendar.zones[-1].append(line)
    if not seen:
        raise NotACalendar
    return calendar


def _open(calendar: Calendar, component: str, cancelled: bool) -> None:
    if component == "VEVENT":
        calendar.events.append(([], cancelled))
    elif component == "VTIMEZONE":
        calendar.zones.append([])


def _word(name: str) -> str:
    return name.partition(";")[0].replace(" ", "").replace("\t", "").upper()


def _lines(data: bytes) -> Iterator[str]:
    """The unfolded lines. A fold may stand inside a UTF-8 character, so it is undone before decoding."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        data = data.decode("utf-16", "replace").encode()
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    for line in _FOLD.sub(b"", data.removeprefix(b"\xef\xbb\xbf")).split(b"\n"):
        try:
            yield line.decode().strip("\r\x00 \t")
        except UnicodeDecodeError:
            yield line.decode("cp1252", "replace").strip("\r\x00 \t")


def properties_of(lines: Iterable[str]) -> dict[str, list[Property]]:
    """Name -> its occurrences, with parameters and raw value. A line that is none is left out."""
    properties: dict[str, list[Property]] = {}
    for line in lines:
        try:
            name, params, value = short(line) or whole(line)
        except BROKEN:
            continue
        known = properties.setdefault(name.upper(), [])
        if not known or name.upper() in _SEVERAL:
            known.append((params, value))
    return properties


def whole(line: str) -> tuple[str, Mapping[str, Any], str]:
    """Name, parameters and raw value, as icalendar reads them. Raises ValueError."""
    from icalendar.parser import Contentline

    found: tuple[str, Mapping[str, Any], str] = Contentline(line).raw_parts()  # type: ignore[no-untyped-call]
    return found


def short(line: str) -> tuple[str, Mapping[str, Any], str] | None:
    """The same for a line without quotes, lists or escapes in its parameters; it more than halves a calendar's time."""
    if not (hit := _PLAIN.fullmatch(line)):
        return None
    pairs = [pair.partition("=") for pair in hit[2].split(";")[1:]]
    params = {name.upper(): value.strip() for name, _, value in pairs}
    return (hit[1], params, hit[3]) if len(params) == len(pairs) and all(params.values()) else None
