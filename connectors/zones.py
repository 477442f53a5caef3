"""Where is the clock that this time was read from?

A zone that the file itself defines comes first (RFC 5545, 3.6.5), then the IANA name, then the name that Windows gives
it, then the user's own zone. No time is left floating.
"""

import zoneinfo
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from connectors.series import BROKEN, Moment

_SLOW = ("FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY")
"""No clock is changed so often; such a zone would be computed for minutes."""

_PROBES = (datetime(1980, 1, 1), datetime(2020, 1, 1), datetime(2020, 7, 1))  # noqa: DTZ001 - on the wall of any zone


class Zones:
    """The zones that one calendar may name. `home` is the zone of floating times and of names that nobody knows."""

    def __init__(self, definitions: Iterable[list[str]], home: tzinfo) -> None:
        self._home = home
        self._definitions: dict[str, list[str]] = {}  # worked out when they are asked for: exports define hundreds
        for lines in definitions:
            self._definitions.setdefault(_name_of(lines), lines)
        self._known: dict[str, tzinfo | None] = {}

    def zone(self, tzid: str) -> tzinfo | None:
        """The zone of this TZID, None where nobody knows it."""
        name = _bare(tzid)
        if name not in self._known:
            lines = self._definitions.get(name)
            self._known[name] = (_defined(lines) if lines else None) or _named(name)
        return self._known[name]

    def moment(self, params: Mapping[str, Any], value: str, floating: tzinfo | None = None) -> Moment:
        """A date, or an aware time. `floating` is the zone of a time without one. Raises ValueError."""
        from icalendar import vDate, vDatetime

        value = value.strip().upper()
        if str(params.get("VALUE", "")).upper() == "DATE" or len(value) == 8:
            day: Moment = vDate.from_ical(value[:8])  # type: ignore[no-untyped-call]
            return day
        moment: datetime = vDatetime.from_ical(value)  # type: ignore[no-untyped-call]
        zone = self.zone(str(params["TZID"])) if params.get("TZID") else floating
        if zone is not None and (params.get("TZID") or moment.tzinfo is None):  # a TZID beside a Z: icalendar's choice
            return moment.replace(tzinfo=zone)
        return moment.replace(tzinfo=UTC if moment.tzinfo else self._home)


def _bare(tzid: str) -> str:
    return tzid.strip("\"' ").strip("/")


def _name_of(lines: list[str]) -> str:
    return next((_bare(line.partition(":")[2]) for line in lines if line.upper().startswith("TZID")), "")


def _defined(lines: list[str]) -> tzinfo | None:
    """The zone of a VTIMEZONE, None where it cannot be used."""
    from icalendar import Timezone

    if any(slow in line.upper() for line in lines for slow in _SLOW):
        return None
    kept = [line for line in lines if not line.upper().startswith(("X-", "COMMENT", "TZURL", "LAST-MODIFIED"))]
    try:
        component = Timezone.from_ical("\r\n".join(kept).encode())
        zone: tzinfo = component.to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
        sound = all(probe.replace(tzinfo=zone).utcoffset() is not None for probe in _PROBES)
    except BROKEN:
        return None
    return zone if sound else None


def _named(name: str) -> tzinfo | None:
    """The zone of an IANA name, of a Windows name, or of a path that ends in an IANA name (as libical writes it)."""
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    if name.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    parts = name.split("/")
    tails = ("/".join(parts[n:]) for n in range(1, len(parts) - 1))  # at least Area/City
    for candidate in (name, WINDOWS_TO_OLSON.get(name, ""), *tails):
        try:
            if candidate:
                return zoneinfo.ZoneInfo(candidate)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder of zones
            continue
    return None
