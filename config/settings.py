"""What may the user choose? The frozen, typed shape of `config.toml`; unknown keys are forbidden.

Validators raise `ValueError` with a sentence for the user; `config.load` adds the line and the name of the setting.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal, TypeAlias, get_args
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.quiet import quiet

Weekday: TypeAlias = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEK: tuple[Weekday, ...] = get_args(Weekday)
WORKING_DAYS = WEEK[:5]

ACCOUNT_NAME = re.compile(r"[A-Za-z0-9_-]+")
"""TOML writes such a name without quotes, and every file system takes it."""

HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
"""Tells the name of a server from a web address or a slip; what it means, the resolver says."""

ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")
"""Tells an address from a name or a slip, and no more: mail servers accept more than any grammar says."""

CLOCK = re.compile(r"(\d\d?):(\d\d)")

TOPIC = re.compile(r"\s*topics?\s*:", re.IGNORECASE)
"""How a line of `never` begins that names a topic."""

INBOXES = {"imap": "append", "google": "gmail", "microsoft": "graph"}
"""Kinds of account into whose inbox a digest can be put, and the output (`agent.outputs.KINDS`) that does it."""

EXACT = {bool: "true or false, without quotes", int: "a number"}
"""TOML tells these apart by itself: `people = true` is a slip, not a 1."""

LONGEST_SHOWN = 40
"""Enough to recognise a value by; a pasted letter would push the other problems off the screen."""


class Section(BaseModel):
    """A table of the config file."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    @field_validator("*", mode="before")
    @classmethod
    def _exact(cls, value: object, info: ValidationInfo) -> object:
        annotation = cls.model_fields[info.field_name or ""].annotation
        allowed = {annotation, *get_args(annotation)}
        wanted = [words for kind, words in EXACT.items() if kind in allowed]
        if wanted and isinstance(value, str | int | float) and type(value) not in allowed:
            raise ValueError(f"{shown(value)} is not {' or '.join(wanted)}.")
        return value


class Account(Section):
    """What every `[accounts.NAME]` has. Each connector module adds its own keys in a subclass called `Options`.

    A relative path is meant from the folder of the config file, whatever key it stands under.
    """

    kind: str
    enabled: bool = True
    read: Literal["headers", "text"] = "headers"

    @field_validator("*")
    @classmethod
    def _located(cls, value: object, info: ValidationInfo) -> object:
        folder = (info.context or {}).get("folder", Path())
        if isinstance(value, tuple):
            return tuple(located(part, folder) for part in value)
        return located(value, folder)


def shown(value: object) -> str:
    """The value as the user wrote it, cut where it is long."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= LONGEST_SHOWN else f'"{value[:LONGEST_SHOWN]}…"'
    if isinstance(value, list | tuple):
        return "a list"
    return "a section" if isinstance(value, Mapping) else str(value)


def near(word: str, known: tuple[str, ...]) -> str:
    """A question with the nearest known word and a space before it, or nothing."""
    word = word.lower()
    begun = [
        name for name in known if min(len(name), len(word)) > 2 and (word.startswith(name) or name.startswith(word))
    ]
    close = begun or get_close_matches(word, known, n=1) or [name for name in known if word == name.lower()]
    return f" Did you mean `{close[0]}`?" if close else ""


def located(value: object, folder: Path) -> object:
    """A path without `~`, from `folder` where it is relative; anything else as it is."""
    return folder / value.expanduser() if isinstance(value, Path) else value


def _address(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not ADDRESS.fullmatch(value.strip()):
        raise ValueError(f"{shown(value)} is not an e-mail address.")
    return value.strip().lower()


def _hour(value: object) -> object:
    """TOML's own local time (`07:00:00`, without quotes) is as good as "07:00"."""
    if isinstance(value, time):
        return value
    found = CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(f'{shown(value)} is not a time of day. Write it as "07:00".')
    return time(int(found[1]), int(found[2]))


def _days(value: object) -> object:
    if isinstance(value, str):
        if value.lower() not in NAMED_DAYS:
            raise ValueError(
                f'{shown(value)} is not one of "weekdays", "daily" and a list such as ["monday", "friday"].'
            )
        return NAMED_DAYS[value.lower()]
    if isinstance(value, list) and not value:
        raise ValueError('names no day. Write "daily", "weekdays" or a list such as ["monday", "friday"].')
    return value


def _day(value: object) -> object:
    """Monday and mon are the same."""
    if not isinstance(value, str):
        return value
    for day in WEEK:
        if value.lower() in (day, day[:3]):
            return day
    raise ValueError(f"{shown(value)} is not a day of the week.{near(value, WEEK)}")


def _said(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("is empty. Write an address, a pattern such as *@example.org, or a name.")
    return value.strip() if isinstance(value, str) else value


def _secret(value: object) -> object:
    """An address, a pattern of addresses, a domain, or words; a single letter would hold everything back."""
    if isinstance(value, str) and len(re.sub(r"[\W_]", "", value)) < 2:
        raise ValueError(f"{shown(value)} names nothing. Write an address, *@client.example, or words of a project.")
    return value.strip() if isinstance(value, str) else value


def _topic(value: object) -> object:
    """`topic: golf` names one, in words."""
    found = TOPIC.match(value) if isinstance(value, str) else None
    if not found:
        return _said(value)
    words = " ".join(str(value)[found.end() :].split())
    if not re.search(r"\w", words):
        raise ValueError(f'{shown(value)} names no topic. Write it as "topic: golf".')
    return f"topic: {words}"


def _quiet(value: object) -> object:
    """TOML's own date (2026-12-24, without quotes) is as good as a text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, str):
        quiet(value)
        return " ".join(value.lower().split())
    return value


NAMED_DAYS: dict[str, tuple[Weekday, ...]] = {"weekdays": WORKING_DAYS, "daily": WEEK}

Address: TypeAlias = Annotated[str, BeforeValidator(_address)]
"""An e-mail address, lower-cased. Connectors may use it in their `Options`."""


class SignedIn(Account):
    """An account behind a sign-in. Its password or token is never in the config file."""

    address: Address
    user: str = ""  # what the server calls the user; "" is the address
    secret_command: tuple[str, ...] = ()  # prints the password: an argv, run without a shell
    auth: Literal["password", "token"] = "password"  # what is kept or printed; a token is one of OAuth (XOAUTH2)

    @property
    def login(self) -> str:
        """The name to sign in with."""
        return self.user or self.address


class Consented(Account):
    """An account behind a vendor's sign-in page: no password, but a consent that can be taken back there."""

    address: Address
    mail: bool = True
    calendar: bool = False
    calendars: tuple[str, ...] = ()  # by the names that are shown; none: all of the user's own

    @model_validator(mode="after")
    def _something(self) -> "Consented":
        if self.enabled and not (self.mail or self.calendar):
            raise ValueError("neither mail nor calendar is on. Write `mail = true`, or `enabled = false`.")
        return self


class Me(Section):
    """Who the user is. Further addresses are found in the mail itself."""

    addresses: tuple[Address, ...] = ()
    timezone: str = ""  # IANA; "" is the system's

    @field_validator("addresses")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_once(value)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        zones = available_timezones() if value else {value}
        if value not in zones:
            known = {zone.lower(): zone for zone in zones}
            close = get_close_matches(value.lower(), known, n=1)
            hint = f" Did you mean `{known[close[0]]}`?" if close else " It looks like Europe/London."
            raise ValueError(f"{shown(value)} is not a time zone.{hint}")
        return value


class Digest(Section):
    """When the digest comes, how, and with how many people."""

    at: Annotated[time, BeforeValidator(_hour)] = time(7)
    days: Annotated[tuple[Annotated[Weekday, BeforeValidator(_day)], ...], BeforeValidator(_days)] = WORKING_DAYS
    people: Annotated[int, Field(ge=1, le=5)] = 3  # product.md: at most 3 by default, 5 at the very most
    via: Literal["append", "smtp", "file", "stdout"] = "stdout"
    account: str = ""  # into whose inbox it is put with "append"; "" is the only one that has one
    drafts: bool = False  # also put each proposal's opener into the Drafts of that account, never sent

    def on(self, day: date) -> bool:
        """Whether a digest is wanted on this day of the week."""
        return WEEK[day.weekday()] in self.days


class Smtp(Section):
    """The server that takes the digest with `via = "smtp"`, to one of the user's own addresses and to no other."""

    host: str
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    address: Address | None = None  # from and to; left out: the first of [me]
    user: str = ""  # what the server calls the user; "" is the address
    account: str = ""  # sign in as this account does
    secret_command: tuple[str, ...] = ()  # prints the password: an argv, run without a shell
    auth: Literal["password", "token"] = "password"

    @field_validator("host")
    @classmethod
    def _named(cls, value: str) -> str:
        if not HOST.fullmatch(value):
            raise ValueError(f"{shown(value)} is not the name of a server. It looks like smtp.example.org.")
        return value

    @field_validator("security")
    @classmethod
    def _closed(cls, value: str, info: ValidationInfo) -> str:
        if value == "none" and "host" in info.data and not loopback(info.data["host"]):
            raise ValueError('"none" is for a server on this machine alone. Leave it out for starttls, or write "tls".')
        return value

    @model_validator(mode="after")
    def _one_way_in(self) -> "Smtp":
        if self.account and (self.user or self.secret_command):
            raise ValueError("`account` already says how to sign in; take `user` and `secret_command` away.")
        return self

    @property
    def door(self) -> int:
        """The port: that of submission, or of submission in TLS (RFC 8314, 3.3), where none is chosen."""
        return self.port or (465 if self.security == "tls" else 587)


def loopback(host: str) -> bool:
    """Whether this is this machine, without asking any server for the name."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Kept(Section):
    """How passwords and tokens are kept: their key lies in the keyring, or else where this allows it."""

    file: bool = False  # True: in a file that only the user can read, where there is no keyring


class Boundaries(Section):
    """Whom the user never wants to see proposed: addresses, patterns such as `*@rival.example`, or names; what never:
    `topic: golf`; what is never passed on: whatever passed with such addresses, or holds such words; and when
    no digest comes: dates, yearly ones, ranges, days of the week (`config.quiet`).
    """

    never: tuple[Annotated[str, BeforeValidator(_topic)], ...] = ()

    confidential: tuple[Annotated[str, BeforeValidator(_secret)], ...] = ()

    quiet: tuple[Annotated[str, BeforeValidator(_quiet)], ...] = ()

    @field_validator("never", "confidential", "quiet")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _each_once(value)

    @property
    def people(self) -> tuple[str, ...]:
        """The lines of `never` that mean people."""
        return tuple(line for line in self.never if not TOPIC.match(line))

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that `never` names, without the word before them."""
        return tuple(line[found.end() :].strip() for line in self.never if (found := TOPIC.match(line)))


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    seen: set[str] = set()
    for value in values:
        if value.lower() in seen:
            raise ValueError(f"{shown(value)} stands there twice.")
        seen.add(value.lower())
    return values


class Settings(Section):
    """All of `config.toml`."""

    me: Me = Me()
    accounts: Mapping[str, SerializeAsAny[Account]] = Field(default_factory=dict)  # those that are off, too
    digest: Digest = Digest()
    smtp: Smtp | None = None
    secrets: Kept = Kept()
    boundaries: Boundaries = Boundaries()

    @property
    def enabled(self) -> dict[str, Account]:
        """The accounts that the user opted in, by name, in the order of the file."""
        return {name: account for name, account in self.accounts.items() if account.enabled}

    @property
    def inbox(self) -> str:
        """The account into whose inbox the digest can be put; "" where there is none, or more than one to choose."""
        if self.digest.account:
            return self.digest.account
        kinds = INBOXES if self.digest.via == "append" else ("imap",)
        known = [name for name, account in self.enabled.items() if account.kind in kinds]
        return known[0] if len(known) == 1 else ""
