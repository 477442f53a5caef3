"""What did the user choose, and what is wrong with it: every problem at once, with its line and the near name?"""

import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from config.lines import Where, lines
from config.quiet import spans
from config.settings import (
    ACCOUNT_NAME,
    INBOXES,
    WEEK,
    Account,
    Boundaries,
    Digest,
    Kept,
    Me,
    Section,
    Settings,
    SignedIn,
    Smtp,
    near,
    shown,
)

Shape = TypeVar("Shape", bound=Section)

OptionsOf: TypeAlias = Callable[[str], type[Account] | None]
"""Account kind -> what may stand in its section, or None for an unknown kind. Handed in: config knows no connector."""

SECTIONS: dict[str, type[Section]] = {
    "me": Me,
    "digest": Digest,
    "smtp": Smtp,
    "secrets": Kept,
    "boundaries": Boundaries,
}

MOST_SLIPS = 20
"""Whoever gives us a file that is no TOML at all wants to read the first screen of it, not all."""

PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")

SLIPS = {
    "Invalid value": "the value cannot be read. A text stands in quotes.",
    "Expected '=' after a key": "a `=` is missing after the name.",
    "Invalid statement": "this is no setting, section or comment. A comment begins with #.",
    "Cannot overwrite a value": "this setting stands there twice.",
    "Expected newline or end of document": "something follows the value. A text stands in quotes, a list in [ ].",
    "Illegal character '\\n'": "a quote is not closed.",
    "Unescaped '\\\\'": r"a \ is written as \\, or the text stands in single quotes.",
    "Invalid hex value": r"a \ is written as \\, or the text stands in single quotes.",
}
"""What the TOML reader says of one line -> what to tell the user. After these the rest of the file is still read."""

BREAKS = {
    "Unclosed array": "a list is not closed: a comma or a ] is missing.",
    "Unclosed inline table": "a { is not closed.",
    "Unterminated string": "a quote is not closed.",
    "Expected \"'''\"": "a quote is not closed.",
    "Expected ']' at the end of a table": "the ] of a section is missing.",
    "Cannot declare": "this section stands there twice.",
}
"""As above, but what follows would be misread."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (a dotted name, or ""), what, and what to do. `line` is 0 where there is none."""

    line: int
    where: str
    what: str
    absent: bool = False  # it is what is not there

    def __str__(self) -> str:
        parts = [f"line {self.line}"] if self.line else []
        return ": ".join([*parts, *filter(None, [self.where]), self.what])


class ConfigProblems(Exception):  # noqa: N818 - it is several
    """All that is wrong with a config file, in the order of its lines; as a text, ready to be printed."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = sorted(problems, key=lambda problem: problem.line)
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n  ".join([f"{name} has {count}:", *map(str, self.problems)]))


def load(path: Path, options_of: OptionsOf, kinds: Collection[str] = ()) -> Settings:
    """The settings in the file at `path`. `kinds` are the account kinds to name where one is unknown.

    Raises ConfigProblems, or OSError where the file is absent or may not be read.
    """
    return parse(decoded(path), options_of, kinds, folder=path.absolute().parent, name=path.name)


def decoded(path: Path) -> str:
    """The text of a config file, a byte order mark aside. Raises ConfigProblems where it is not UTF-8, or OSError."""
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = "these are no UTF-8 letters. Save the file as UTF-8."
        raise ConfigProblems(path.name, [Problem(line, "", what)]) from None


def parse(
    text: str, options_of: OptionsOf, kinds: Collection[str] = (), *, folder: Path = Path(), name: str = "config.toml"
) -> Settings:
    """The settings in a TOML text; relative paths in it are meant from `folder`. Raises ConfigProblems."""
    text, slips, whole = _readable(text)
    check = _Check(options_of, kinds, folder, lines(text) if whole else {})
    settings = check.settings(tomllib.loads(text) if whole else {})
    if slips:  # what seems to be missing may stand on a line that could not be read
        raise ConfigProblems(name, slips + [problem for problem in check.problems if not problem.absent])
    if check.problems:
        raise ConfigProblems(name, check.problems)
    return settings


def _readable(text: str) -> tuple[str, list[Problem], bool]:
    """The text without the lines that are no TOML, what is wrong with those, and whether the rest can be trusted."""
    rows = text.split("\n")
    slips: list[Problem] = []
    while len(slips) < MOST_SLIPS:
        try:
            tomllib.loads("\n".join(rows))
        except tomllib.TOMLDecodeError as error:
            line, what, goes_on = _slip(str(error), rows)
            slips.append(Problem(line, "", what))
            if not goes_on:
                break
            rows[line - 1] = ""
        else:
            return "\n".join(rows), slips, True
    return "", slips, False


def _slip(message: str, rows: list[str]) -> tuple[int, str, bool]:
    """The line of a TOML error, what to tell, and whether the file makes sense without that line."""
    place = PLACE.search(message)
    line = int(place[1]) if place and place[1] else len("\n".join(rows).rstrip().split("\n"))
    own_line = not rows[line - 1].lstrip().startswith("[") and bool(rows[line - 1].strip())
    for begin, what in SLIPS.items():
        if message.startswith(begin):
            return line, what, own_line
    for begin, what in BREAKS.items():
        if message.startswith(begin):
            return line, what, False
    said = PLACE.sub("", message)
    return line, f"this is not TOML: {said[:1].lower()}{said[1:]}.", False


class _Check:
    """Goes through a file once and keeps what is wrong with it."""

    def __init__(self, options_of: OptionsOf, kinds: Collection[str], folder: Path, found: Mapping[Where, int]) -> None:
        self.options_of, self.kinds, self.folder, self.lines = options_of, tuple(sorted(kinds)), folder, found
        self.problems: list[Problem] = []

    def settings(self, data: Mapping[str, Any]) -> Settings:
        """The settings as far as they are right; what is wrong stands in `problems`."""
        parts: dict[str, Any] = {
            name: self.section(shape, (name,), data[name]) for name, shape in SECTIONS.items() if name in data
        }
        parts["accounts"] = self.accounts(data.get("accounts", {}))
        known = (*SECTIONS, "accounts")
        for key in data:
            if key not in known:
                what = "section" if isinstance(data[key], dict) else "setting"
                self.say((key,), f"unknown {what}.{near(key, known)}")
        given = data.get("accounts", {})
        if (
            all(part is not None for part in parts.values())
            and isinstance(given, dict)
            and parts["accounts"].keys() == given.keys()
        ):
            self.together(Settings(**parts), set(data))
        return Settings(**{name: part for name, part in parts.items() if part is not None})

    def together(self, settings: Settings, there: set[str]) -> None:
        """What is wrong only between the sections, each of which is right by itself."""
        digest, smtp = settings.digest, settings.smtp
        if digest.via == "append" or digest.account:
            self.inbox(settings)
        if digest.drafts:
            self.drafts(settings)
        if {*digest.days} <= {WEEK[one.weekday] for one in spans(settings.boundaries.quiet) if one.weekday >= 0}:
            what = 'with these days no digest ever comes. Take one out, or write via = "stdout" into [digest].'
            self.say(("boundaries", "quiet"), what)
        if digest.via == "smtp" and smtp is None:
            self.say(("digest", "via"), '"smtp" needs a section [smtp] that names the `host` of your mail server.')
        if smtp is None:
            return
        if "smtp" in settings.accounts:
            self.say(("accounts", "smtp"), "this name is taken by the section [smtp]. Choose another.")
        if smtp.address and smtp.address not in settings.me.addresses:
            what = f"{shown(smtp.address)} is not one of yours; the digest goes to nobody else. Write it into [me]."
            self.say(("smtp", "address"), what)
        if smtp.account and not isinstance(settings.enabled.get(smtp.account), SignedIn):
            able = tuple(name for name, each in settings.enabled.items() if isinstance(each, SignedIn))
            self.say(("smtp", "account"), f"{shown(smtp.account)} {_no_account(smtp.account, able)}")

    def inbox(self, settings: Settings) -> None:
        """Whether it is clear into which inbox the digest goes."""
        chosen = settings.digest.account
        there = tuple(name for name, account in settings.accounts.items() if account.kind in INBOXES)
        able = tuple(
            name for name in there if name in settings.enabled
        )  # one that is off is no mistake: it is opted out
        if chosen and chosen not in there:
            self.say(("digest", "account"), f"{shown(chosen)} {_no_account(chosen, there)}")
        elif not chosen and not there:
            what = f'"append" needs an account with an inbox: {INBOX_KINDS}. Opt one in, or choose "smtp" or "file".'
            self.say(("digest", "via"), what)
        elif not chosen and len(able) > 1:
            what = f'"append" could go into {" or ".join(able)}. Say which: account = "{able[0]}".'
            self.say(("digest", "via"), what)

    def drafts(self, settings: Settings) -> None:
        """Whether it is clear in which account drafts are put: one whose inbox the digest goes into, over IMAP."""
        inbox = settings.accounts.get(settings.inbox)
        there = tuple(name for name, account in settings.accounts.items() if account.kind == "imap")
        if inbox is not None and inbox.kind != "imap":
            what = f'{settings.inbox} is of kind "{inbox.kind}"; drafts are put over kind = "imap" alone, for now.'
            self.say(("digest", "drafts"), f"{what} Take this out.")
        elif not there:
            self.say(("digest", "drafts"), 'this needs an account of kind = "imap", whose Drafts they are put into.')
        elif inbox is None and len(able := [name for name in there if name in settings.enabled]) > 1:
            what = f'drafts could be put into {" or ".join(able)}. Say which: account = "{able[0]}".'
            self.say(("digest", "drafts"), what)

    def accounts(self, data: object) -> dict[str, Account]:
        if not isinstance(data, dict):
            self.say(("accounts",), "is not a section. Write one section to an account: [accounts.home].")
            return {}
        checked = {name: self.account(name, data) for name in data}
        return {name: account for name, account in checked.items() if account is not None}

    def account(self, name: str, others: Mapping[str, Any]) -> Account | None:
        where, data = ("accounts", name), others[name]
        if not isinstance(data, dict):
            self.say(where, f"is not a section. Write one section to an account: [accounts.{name}].")
            return None
        if not ACCOUNT_NAME.fullmatch(name):
            self.say(where, "this name does not do. It may have letters from a to z, digits, - and _.")
        twin = next((other for other in others if other.lower() == name.lower()), name)
        if twin != name:
            self.say(where, f"is too like `{twin}`: the two differ only in capital letters.")
        options = self.options(where, data)
        return self.section(options, where, data, loose=options is Account)

    def options(self, where: Where, data: Mapping[str, Any]) -> type[Account]:
        """What may stand in this account's section; just the common part where its kind is missing or unknown."""
        kind = data.get("kind")
        options = self.options_of(kind) if isinstance(kind, str) else None
        if isinstance(kind, str) and options is None:
            there = f" There are: {', '.join(self.kinds)}." if self.kinds else ""
            self.say((*where, "kind"), f"{shown(kind)} is not a kind of account.{near(kind, self.kinds)}{there}")
        return options or Account

    def section(self, shape: type[Shape], where: Where, data: object, loose: bool = False) -> Shape | None:
        """The section in its shape, or None where something is wrong with it."""
        if not isinstance(data, dict):
            self.say(where, f"is not a section. Write [{_dotted(where)}] on a line of its own.")
            return None
        try:
            return shape.model_validate(data, context={"folder": self.folder})
        except ValidationError as error:
            told: set[Where] = set()  # a union complains once for each of its members
            for detail in error.errors(include_url=False):
                way = _way(data, detail)
                if way not in told and not (loose and detail["type"] == "extra_forbidden"):
                    self.explain(shape, where, way, detail)
                told.add(way)
            return None

    def explain(self, shape: type[Section], where: Where, way: Where, detail: ErrorDetails) -> None:
        whole = where + way
        if detail["type"] == "missing":
            self.say(whole[:-1], f"`{way[-1]}` is missing.", absent=True)
        elif detail["type"] == "extra_forbidden":
            self.say(whole, f"unknown setting.{near(str(way[-1]), tuple(shape.model_fields))}")
        else:
            self.say(whole, in_words(detail) + _otherwise(shape.model_fields.get(str(way[0]) if way else "")))

    def say(self, where: Where, what: str, absent: bool = False) -> None:
        depths = range(len(where), 0, -1)
        line = next((self.lines[where[:depth]] for depth in depths if where[:depth] in self.lines), 0)
        self.problems.append(Problem(line, _dotted(where), what, absent))


INBOX_KINDS = ", ".join(f'kind = "{kind}"' for kind in INBOXES)


def _no_account(name: str, able: tuple[str, ...]) -> str:
    there = f" There are: {', '.join(able)}." if able else ""
    return f"is no account that is on and that one can sign in to so.{near(name, able)}{there}"


def in_words(detail: ErrorDetails) -> str:
    """What pydantic found, as one would say it."""
    kind, value, more = detail["type"], shown(detail["input"]), detail.get("ctx", {})
    if kind == "value_error":
        return str(more["error"])
    if kind == "literal_error":
        choice = tuple(re.findall(r"'([^']*)'", more["expected"]))
        return f"{value} is not one of {', '.join(choice)}.{near(str(detail['input']), choice)}"
    if kind in BOUNDS:
        return f"{value} is too {BOUNDS[kind][0]}. The {BOUNDS[kind][1]} is {more[BOUNDS[kind][2]]}."
    for begin, words in TYPES.items():
        if kind.startswith(begin):
            return f"{value} is not {words}."
    return f"{value} does not fit here."


BOUNDS = {
    "greater_than_equal": ("small", "least", "ge"),
    "less_than_equal": ("large", "most", "le"),
}

TYPES = {
    "string": "a text in quotes",
    "path": "a path in quotes",
    "int": "a number",
    "float": "a number",
    "bool": "true or false, without quotes",
    "tuple": 'a list. Write ["..."]',
    "list": 'a list. Write ["..."]',
    "set": 'a list. Write ["..."]',
    "frozen_set": 'a list. Write ["..."]',
    "dict": "a section",
    "mapping": "a section",
    "model": "a section",
    "date": "a date such as 2026-03-01",
    "time": 'a time of day such as "07:00"',
    "url": "a web address such as https://example.org",
}
"""The beginnings of pydantic's names for what does not fit -> what was wanted."""


def _way(data: Mapping[str, Any], detail: ErrorDetails) -> Where:
    """The keys and places that lead to the trouble; pydantic also counts in the members of a union."""
    way: Where = ()
    here: Any = data
    for part in detail["loc"]:
        if _has(here, part):
            here = here[part]
        elif not (detail["type"] == "missing" and part == detail["loc"][-1]):
            continue
        way = (*way, part)
    return way


def _has(here: object, part: str | int) -> bool:
    if isinstance(here, list):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, dict) and part in here


def _otherwise(field: FieldInfo | None) -> str:
    """What holds when the setting is left out, where one can say it in a word."""
    if (
        field is None
        or isinstance(field.default, bool)
        or not isinstance(field.default, str | int)
        or not field.default
    ):
        return ""
    return f" Leave it out for {field.default}."


def _dotted(where: Where) -> str:
    """`accounts.home.host`; the parts of a list are counted from 1: `me.addresses[2]`."""
    dotted = ""
    for part in where:
        if isinstance(part, int):
            dotted += f"[{part + 1}]"
        else:
            name = part if ACCOUNT_NAME.fullmatch(part) else f'"{part}"'
            dotted = f"{dotted}.{name}" if dotted else name
    return dotted
