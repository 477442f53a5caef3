"""Is this mail an answer of the user's to a digest, and what does it decide?

Obeyed is only what nobody but the user can have sent: a mail in the Sent store of an account that is read live, from an
own address, to own addresses alone, by hand, that bears the token of a link in a digest, or answers the digest itself
with plain words in its first lines. Whatever else looks like an answer gets a reason why it is not obeyed. No decision
sends a mail or lets anybody in; `auld undo` takes each back.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias, get_args

from agent import tokens
from agent.model import BY_A_HUMAN, DAY, Decision, Letter, Verb
from agent.words import long_day
from connectors.contract import Interaction
from nlp import markup, tidy

VERBS: Final[tuple[Verb, ...]] = get_args(Verb)

RESTS: Final[Mapping[Verb, int]] = MappingProxyType({"later": 14, "not now": 91, "never": 0})
"""Days for which somebody is not proposed again: "later" means the person and not this week, "not now" that there is
nothing to write about this time, which is what a proposal left alone twice says, too; "never" has no end."""

GOOD = timedelta(days=14)
"""So long after the day of its digest an answer is obeyed (product.md, "Actions without a server"). The mail's own date
counts: a phone without a net, or a machine that was off, makes no answer late."""

RECENT = timedelta(days=15)
"""Of a mail older than this nothing is said: it was read for the first time, or anew."""

LEADING = 4_000
"""Characters of a reply that are looked at: its answer stands at the top."""

_LINKED = re.compile(
    r"auld (?P<test>test )?(?P<verb>later|not now|never) (?P<slot>[0-9]{1,2}) (?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r" (?P<token>[0-9a-f]{32})"
)
_LIKE = re.compile(r"\bauld (?:(?:test )?(?:later|not now|never) [0-9]|stop [0-9a-f]{32}@)")
_STOP = re.compile(r"\bauld stop ")
_HOST = f"@{tokens.HOST}"

_NUMBERED = re.compile(r"#?(?P<slot>[0-9]{1,2})\s*[.:)=-]?\s+(?P<verb>later|not now|never)", re.IGNORECASE)
_NAMED = re.compile(r"(?P<verb>later|not now|never)\s*:?\s+#?(?P<slot>[0-9]{1,2})", re.IGNORECASE)
_PARTED = re.compile(r"\s*(?:[,;]|\band\b)\s*")

NOT_SENT = "it is not among your sent mails"
NOT_YOURS = "it was not sent from an address of yours"
NOT_ALONE = "it went to others, too"
BY_MACHINE = "a machine sent it"
PASSED_ON = "it is a digest that was passed on"
UNREAD = "its text may not be read; the links in the digest do without"
UNCLEAR = "its first line says nothing like `2 later`"
FORGED = "its token does not fit"
LATE = f"it came more than {GOOD.days} days after it"
UNKNOWN = "no such digest is known here"
STOP = 'mails do not end the digest: `auld config edit` does, with via = "stdout" in [digest]'


@dataclass(frozen=True, slots=True)
class Answer:
    """What a mail answers: decisions, or why it is not obeyed; neither where there is nothing to say of it."""

    day: date | None = None  # of the digest, where one can tell
    decisions: tuple[Decision, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What an answer is held against."""

    key: bytes
    own: frozenset[str]
    letters: Sequence[Letter]


def looks_like_one(mail: Interaction) -> bool:
    """Whether a mail looks like an answer to a digest, whoever wrote it."""
    like = "auld" in mail.subject and _LIKE.search(mail.subject)  # the first half alone is ten times as quick
    return bool(like or parent(mail).endswith(_HOST)) and mail.meeting is None


def is_own(mail: Interaction, own: frozenset[str]) -> bool:
    """Whether it says that it passed between the user and the user alone: such an answer is no contact with anybody."""
    return mail.sender is not None and mail.sender.address in own and addressed(mail) <= own


def parent(mail: Interaction) -> str:
    """The Message-ID of the mail that this one answers; "" where it says none."""
    return mail.in_reply_to or (mail.references[-1] if mail.references else "")


def addressed(mail: Interaction) -> set[str]:
    """The addresses that it went to."""
    return {party.address for party in (*mail.to, *mail.cc, *mail.bcc)}


def identity(mail: Interaction) -> str:
    """What two copies of an answer have in common."""
    return mail.message_id or f"{mail.sent.isoformat()} {mail.subject}"


def read(mail: Interaction, text: str | None, desk: Desk, *, sent: bool, now: datetime) -> Answer | None:
    """What the mail answers; None where it does not even look like an answer.

    `text` is its text, where that may be read; `sent` says whether it lies in the Sent store of an account that is read
    live. An answer is dated by its mail, but never later than `now` (aware).
    """
    if not looks_like_one(mail):
        return None
    linked = _LINKED.fullmatch(" ".join(mail.subject.split()))
    letter = _answered(mail, linked, desk)
    day = letter.day if letter else None
    if linked and linked["test"]:
        return Answer()
    why = _foreign(mail, desk, sent=sent) or (STOP if _STOP.search(mail.subject) else "")
    if not why and letter is None:
        why = UNKNOWN
    if not why and letter is not None:
        said = _by_link(linked, letter, desk.key) if linked else _by_words(mail, text)
        said = said if isinstance(said, str) else _sound(said, letter, mail)
        if not isinstance(said, str):
            return Answer(day, _decided(said, letter, min(mail.sent, now)))
        why = said
    return Answer(day, why=why if now - mail.sent <= RECENT else "")


def told(answers: Sequence[tuple[date | None, str]]) -> str:
    """One line on the answers that were not obeyed, (their digest, why), of which the last is the newest; "" for none.

    It holds no word of theirs: anybody may have written them.
    """
    if not answers:
        return ""
    day, why = answers[-1]
    to = f"to the digest of {long_day(day)}" if day else "to a digest"
    if len(answers) == 1:
        return f"An answer {to} was not obeyed: {why}."
    return f"{len(answers)} answers to digests were not obeyed; of the last one, {to}: {why}."


Wanted: TypeAlias = Sequence[tuple[int, Verb]]


def _answered(mail: Interaction, linked: re.Match[str] | None, desk: Desk) -> Letter | None:
    """The digest that a mail answers."""
    if linked:
        return next((one for one in desk.letters if one.day.isoformat() == linked["day"]), None)
    return next((one for one in desk.letters if one.message_id == parent(mail)), None)


def _foreign(mail: Interaction, desk: Desk, *, sent: bool) -> str:
    """Why this need not be the user's own doing; "" where it is."""
    if mail.sender is None or mail.sender.address not in desk.own:
        return NOT_YOURS
    if mail.evidence and mail.evidence != BY_A_HUMAN:
        return BY_MACHINE
    if not sent:
        return NOT_SENT
    if not addressed(mail) <= desk.own:
        return NOT_ALONE
    return PASSED_ON if tidy.is_forward(mail.subject) else ""


def _by_link(linked: re.Match[str], letter: Letter, key: bytes) -> Wanted | str:
    slot, verb = int(linked["slot"]), _verb(linked["verb"])
    return [(slot, verb)] if tokens.check(key, linked["token"], letter.day, slot, verb) else FORGED


def _by_words(mail: Interaction, text: str | None) -> Wanted | str:
    """What the first lines of a reply say, or why that is nothing."""
    if _LIKE.search(mail.subject):  # a token that was changed, or answered
        return FORGED
    if text is None:
        return UNREAD
    return words(text) or UNCLEAR


def words(text: str) -> list[tuple[int, Verb]]:
    """What the leading lines of a reply say, as (number, answer): all before the first line that is anything else.

    So nothing quoted is read, however a mail program quotes: no such line is made of answers alone.
    """
    plain = markup.html(text) if markup.is_html(text) else text
    found: list[tuple[int, Verb]] = []
    for line in plain[:LEADING].splitlines():
        said = line.strip(" \t\u00a0\u200b.!`\"'")
        if not said:
            continue
        parts = [_NUMBERED.fullmatch(part) or _NAMED.fullmatch(part) for part in _PARTED.split(said)]
        matched = [part for part in parts if part]
        if len(matched) < len(parts):
            break
        found += [(int(part["slot"]), _verb(part["verb"])) for part in matched]
    return found


def _sound(said: Wanted, letter: Letter, mail: Interaction) -> Wanted | str:
    """The same, where all of it can be obeyed: an answer is obeyed as a whole or not at all."""
    if not -1 <= (mail.sent.date() - letter.day).days <= GOOD.days + 1:  # one more, as the day is one of another zone
        return LATE
    asked = dict(said)
    for slot, verb in said:
        if slot not in letter.people:
            return f"nobody stands under number {slot} of it"
        if asked[slot] != verb:
            return f"it says two things of number {slot}"
    return list(asked.items())


def _decided(said: Wanted, letter: Letter, at: datetime) -> tuple[Decision, ...]:
    when = int(at.timestamp())
    return tuple(
        Decision(letter.day, slot, verb, letter.people[slot], when, when + RESTS[verb] * DAY if RESTS[verb] else 0)
        for slot, verb in said
    )


def _verb(said: str) -> Verb:
    return next(verb for verb in VERBS if verb == said.lower())
