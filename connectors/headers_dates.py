"""When was a mail sent, and which part of it says so?"""

import email.utils
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from connectors.contract import Interaction
from connectors.headers_fields import Fields
from connectors.headers_words import decoded

DatedBy: TypeAlias = Literal["date", "received", "from_line", "internal"]

EARLIEST: Final = datetime(1985, 1, 1, tzinfo=UTC)
"""Before this hardly anybody had mail: an earlier date is a computer whose clock had stopped (1970, 1980)."""

LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

AHEAD: Final = timedelta(days=3)
"""A Date this far after its own arrival is a wrong clock. One before its arrival may be a mail that was slow, or
fetched late by another mailbox, so Date stays."""

BELIEVED: Final = timedelta(days=1)
"""So far from its arrival a mail's own Date is believed, where its provider says when it came."""


class Undated(ValueError):  # noqa: N818 - says what the mail is, not what went wrong
    """No part of the mail says when it was sent; its text is the reason, fit for `Page.missed`."""


_MONTHS: Final = MappingProxyType(
    {m: n for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
)
_DATE = re.compile(
    r"\s*(?:[A-Za-z]{3}, ?)? ?(\d{1,2}) ([A-Za-z]{3}) ([12]\d{3}) (\d\d):(\d\d):(\d\d) "
    r"([+-]\d{4}|(?i:gmt|utc|ut))(?: \([^()]*\))?\s*",
    re.ASCII,  # without IGNORECASE as a whole: it would cost a third more
)
_ENVELOPE_DATE = re.compile(
    rb"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) +(\d{1,2}) +(\d\d?):(\d\d)(?::(\d\d))?"
    rb"(?: +([+-]\d{4}))?(?: +[a-z]{1,5})? +(\d{4})(?: +([+-]\d{4}))?\s*$",
    re.IGNORECASE,
)


def moment(value: str) -> datetime | None:
    """When a date header says, in UTC; None where it says nothing that can be understood."""
    found = _DATE.fullmatch(value)
    if not found:
        return moment_by_library(value)
    day, month, year, hour, minute, second, zone = found.groups()
    try:
        local = datetime(int(year), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(second), 0, UTC)
        return local - offset if (offset := _offset(zone)) else local
    except (KeyError, ValueError, OverflowError):
        return moment_by_library(value)


@lru_cache(maxsize=256)
def _offset(zone: str) -> timedelta:
    """Of `+0530`; nought for GMT, and for `-0000`, which says that the zone is unknown."""
    if zone[0] not in "+-":
        return timedelta()
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    return -size if zone[0] == "-" else size


def moment_by_library(value: str) -> datetime | None:
    """The same by `email.utils.parsedate_tz`: the fallback and the oracle of `moment`."""
    try:
        found = email.utils.parsedate_tz(decoded(value))
        if found is None:
            return None
        local = datetime(*found[:5], min(found[5], 59), tzinfo=UTC)  # a leap second
        return local - timedelta(seconds=found[9] or 0)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def envelope_moment(line: bytes) -> datetime | None:
    """When an mbox's `From ` line says; it names no zone, so UTC is taken."""
    found = _ENVELOPE_DATE.search(line[:1_000])
    if not found:
        return moment_by_library(line[:1_000].decode("latin-1").partition(" ")[2].partition(" ")[2])
    month, day, hour, minute, second, before, year, after = found.groups()
    try:
        local = datetime(
            int(year), _MONTHS[month.decode().lower()], int(day), int(hour), int(minute), int(second or 0), tzinfo=UTC
        )
        return local - _offset((before or after or b"+0000").decode())
    except (ValueError, OverflowError):
        return None


def arrival(received: str) -> datetime | None:
    """When the last hop took the mail over: what follows the last semicolon of the topmost Received."""
    return moment(received.rpartition(";")[2].strip()) if ";" in received else None


def _plausible(when: datetime | None) -> datetime | None:
    return when if when is not None and EARLIEST <= when < LATEST else None


def dated(
    found: Fields, from_line: bytes = b"", internal: datetime | None = None
) -> tuple[datetime, DatedBy, datetime | None]:
    """(sent, what says so, received). Date wins unless it is absent, impossible or after its own arrival; then the
    provider's date, Received, and at last the `From ` line, which many converters fill with a date of their own.

    Raises Undated where nothing is usable.
    """
    received = _plausible(internal)
    by: DatedBy = "internal"
    if received is None and "received" in found:
        received, by = _plausible(arrival(found["received"])), "received"
    sent = _plausible(moment(found["date"])) if "date" in found else None
    if sent is not None and (received is None or sent <= received + AHEAD):
        return sent, "date", received
    if received is not None:
        return received, by, received
    envelope = _plausible(envelope_moment(from_line)) if from_line else None
    if envelope is None:
        raise Undated(f"its Date says {_quoted(found['date'])}" if "date" in found else "it has no Date")
    return envelope, "from_line", None


def _quoted(value: str) -> str:
    """A date as it stands there, for the user: short, and nothing but the characters of dates."""
    return re.sub(r"[^\w:+(), -]", "?", decoded(value)[:40]) or "nothing"


def settled(mail: Interaction, found: Fields) -> Interaction:
    """The mail as a mailbox shows it whose own date is known: where its Date lies further than a day from its arrival,
    the last hop decides, and without its word the provider (`sync.md`, F18)."""
    if mail.received is None or not doubted(mail.sent, mail.received):
        return mail
    hop = arrival(found.get("received", ""))
    if hop is not None and not doubted(mail.sent, hop):
        return mail
    return replace(mail, sent=mail.received, dated_by="internal")


def doubted(sent: datetime, came: datetime | None) -> bool:
    """Whether a mail's date and its arrival, where that is known, are too far apart to be both right."""
    return came is not None and abs(sent - came) > BELIEVED
