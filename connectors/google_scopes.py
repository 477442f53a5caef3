"""What is asked of Google for an account, and which consent covers it?"""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from connectors.google import Options


_SCOPE: Final = "https://www.googleapis.com/auth/"

METADATA: Final = _SCOPE + "gmail.metadata"
READONLY: Final = _SCOPE + "gmail.readonly"
INSERT: Final = _SCOPE + "gmail.insert"
EVENTS: Final = _SCOPE + "calendar.events.readonly"
CALENDARS: Final = _SCOPE + "calendar.calendarlist.readonly"

WHAT: Final[Mapping[str, str]] = {
    METADATA: "the headers of your mail",
    READONLY: "your mail",
    INSERT: "putting the digest into your inbox",
    EVENTS: "the events in your calendars",
    CALENDARS: "the list of your calendars",
}
"""What a scope opens, in the user's words."""

WIDER: Final[Mapping[str, frozenset[str]]] = {
    METADATA: frozenset({READONLY}),
    EVENTS: frozenset({_SCOPE + "calendar.readonly", _SCOPE + "calendar.events", _SCOPE + "calendar"}),
    CALENDARS: frozenset({_SCOPE + "calendar.readonly", _SCOPE + "calendar"}),
}
"""What opens as much: an older consent need not be given anew because less is wanted now."""

READING: Final = frozenset({READONLY, _SCOPE + "gmail.modify", "https://mail.google.com/"})
"""Beside one of these Google still forbids what it forbids under gmail.metadata (`sync.md`, fault 4)."""


def scopes(options: "Options", *, digest: bool = False) -> tuple[str, ...]:
    """What is asked of Google for such an account, and no more; `digest`: the digest is put into its inbox."""
    mail = (READONLY if options.read == "text" else METADATA,) if options.mail else ()
    calendar = (EVENTS, CALENDARS) if options.calendar else ()
    return (*mail, *calendar, *((INSERT,) if digest else ()))


def missing(wanted: Collection[str], granted: Collection[str]) -> tuple[str, ...]:
    """Those that were wanted, and that nothing granted covers."""
    return tuple(one for one in wanted if one not in granted and not WIDER.get(one, frozenset()) & set(granted))


def named(some: Collection[str]) -> str:
    """What these open, in the user's words."""
    names = [WHAT.get(one, one) for one in some]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
