"""What do Google's answers mean?

Every refusal goes through one table (`meaning`), so that the user is asked only for what the user can mend. The forms
are those of Gmail, of Google Calendar, and of whatever stands between here and Google.
"""

import json
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final

from connectors.contract import NeedsUser, Trouble, TryLater, own_authority

AGAIN: Final = "Sign in again with `auld login`."
HOST: Final = "Google"

LONGEST: Final = timedelta(days=1)
"""No vendor makes anyone wait longer (`sync.md`, 5.8); another date is a wrong clock."""


def parsed(body: bytes | str) -> Any:
    """The JSON of an answer; None where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def text_of(told: Mapping[str, Any], name: str) -> str:
    """The text that is said under this name, "" where there is none."""
    said = told.get(name)
    return said if isinstance(said, str) else ""


def later(retry_after: str, now: datetime) -> datetime | None:
    """When to ask again by a Retry-After: seconds (also 2.5), or a date; None where it says nothing."""
    said = retry_after.strip()
    if not said:
        return None
    try:
        seconds = float(said)
        return now + min(timedelta(seconds=max(seconds, 0.0)), LONGEST) if isfinite(seconds) else None
    except OverflowError:
        return now + LONGEST
    except ValueError:
        pass
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at, now), now + LONGEST)


def unreachable(trouble: BaseException) -> TryLater:
    """What to tell where no answer came. To be raised from an OSError, so that the account counts as offline."""
    cause: BaseException | None = trouble
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = f"{HOST} shows a certificate that nobody vouches for: a network that sells itself, or a wrong clock"
            return TryLater(f"{what} ({cause.verify_message}). {own_authority(cause.verify_code)}".rstrip())
        cause = cause.__cause__ or cause.__context__
    if isinstance(trouble, TimeoutError) or "timed out" in str(trouble):
        return TryLater(f"{HOST} does not answer in time.")
    return TryLater(f"{HOST} cannot be reached.")


LIMITS: Final = frozenset(
    ("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "concurrentLimitExceeded", "RATE_LIMIT_EXCEEDED")
)
"""Why Google says 403 where it means: not so fast."""

_DAILY: Final = frozenset(("dailyLimitExceeded", "dailyLimitExceededUnreg"))
_UNTIL: Final = re.compile(r"[Rr]etry after (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)")
_LACKING: Final = frozenset(("insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
_OFF: Final = frozenset(("accessNotConfigured", "SERVICE_DISABLED"))
_POLICY: Final = frozenset(("domainPolicy", "adminPolicyEnforced", "accountDisabled"))


class Refused(Exception):  # noqa: N818 - an answer, not an error
    """A status that whoever asked has a use for: 400, 404, 410."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is no success."""

    status: int
    reasons: frozenset[str] = frozenset()
    said: str = ""
    until: datetime | None = None

    @classmethod
    def of(cls, status: int, body: bytes, headers: Mapping[str, str], now: datetime) -> "Refusal":
        """What was said, in whichever of its forms."""
        told = parsed(body)
        error = told.get("error") if isinstance(told, dict) else None
        error = error if isinstance(error, dict) else {}
        reasons: set[str] = set()
        for name in ("errors", "details"):
            several = error.get(name)
            for one in several if isinstance(several, list) else ():
                if isinstance(one, dict) and isinstance(one.get("reason"), str):
                    reasons.add(one["reason"])
        said = error.get("message")
        said = said if isinstance(said, str) else ""
        until = later(headers.get("retry-after", ""), now)
        if until is None and (named := _UNTIL.search(said)):
            with suppress(ValueError):
                until = _moment(named[1], now)
        return cls(status, frozenset(reasons), said, until)

    @property
    def limited(self) -> bool:
        """Whether it only means: not so fast."""
        return self.status == 429 or (self.status == 403 and bool(self.reasons & LIMITS))

    @property
    def passes(self) -> bool:
        """Whether the same request may be answered in a moment."""
        return self.limited or self.status >= 500 or self.status == 408


def _moment(text: str, now: datetime) -> datetime:
    at = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return min(max(at, now), now + LONGEST)


def meaning(no: Refusal, now: datetime) -> Trouble:
    """The trouble that a refusal is: NeedsUser only where the user can help."""
    if no.limited:
        return TryLater(f"{HOST}'s limit for now is used up.", no.until)
    if no.status == 403:
        return _forbidden(no, now)
    if no.status == 400 and "not enabled" in no.said.lower():
        return NeedsUser("This Google account has no Gmail.", "Write `mail = false`, or sign in as another one.")
    if no.status == 401:
        return TryLater(f"{HOST} does not take a token that it gave a moment ago.", no.until)
    if 300 <= no.status < 400:
        return TryLater("Something between here and Google answers in its place: a network that asks to sign in?")
    if no.status >= 500:
        return TryLater(f"{HOST} is not well ({no.status}).", no.until)
    return TryLater(f"{HOST} does not answer what was asked ({no.status}).", no.until)


def _forbidden(no: Refusal, now: datetime) -> Trouble:
    if no.reasons & _DAILY:
        return TryLater(f"{HOST}'s limit for today is used up.", no.until or now + timedelta(hours=1))
    if no.reasons & _LACKING or "Metadata scope" in no.said:
        return NeedsUser("The consent at Google does not cover what the config asks for.", AGAIN)
    if no.reasons & _OFF:
        what = "Your project at Google does not have this API switched on."
        return NeedsUser(what, "Enable the Gmail API and the Calendar API at console.cloud.google.com (APIs).")
    if no.reasons & _POLICY:
        return NeedsUser("The administrator of your organisation does not allow this.", "Ask them to allow it.")
    return TryLater(f"{HOST} does not allow this at the moment (403).", no.until)
