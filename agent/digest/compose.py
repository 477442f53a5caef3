"""What does the user read this morning, and what does the mail that carries it look like?

The same proposals, day and key give the same bytes. Everything that a proposal says may come from a stranger's mail,
so each string passes `clean` on its way in; the templates escape what is left.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from agent import tokens
from agent.digest.plain import clean, clip, fold, paragraphs
from agent.digest.templates import templates
from agent.model import Citation, Digest, Proposal, Verb
from agent.words import MONTHS, local, long_day, on

if TYPE_CHECKING:
    from jinja2 import Environment

WIDTH = 78
"""Columns of the text part: what RFC 5322 asks of a line, and what a quoted answer still holds."""

NAME, CONTEXT, SENTENCE, GIVES, LINE = 60, 80, 280, 400, 300
"""Characters of a name, a context, a sentence, what to give and a notice: three people have to fit one phone screen.
What to give may name two people and the reason of each, and says last what not to tell (`agent.gifts.introduction`).
"""

OPENER, SUBJECT = 600, 80
"""Characters of what *Write* puts into the new mail."""

ADDRESS = 254
"""The longest address that can be written to (RFC 5321, 4.5.3.1)."""

URL = 2_000
"""A longer link is a tracker's, not something to hand on."""

HREF = 1_800
"""Bytes of a `mailto:` link, encoded: above about 2,000 some mail programs drop the body without a word."""

BUTTON = (
    "display:inline-block;box-sizing:border-box;max-width:100%;min-width:44px;margin:6px 6px 0 0;padding:11px 12px;"
    "line-height:20px;border:1px solid;border-radius:8px;text-decoration:none"
)
"""Inline, because some mail programs drop the style sheet: 44 px high, and no colour, which dark mode would spoil. Four
of them stand beside each other on a phone."""

UNFOLDED = 900
"""Columns of a header line: below the 998 of RFC 5322, and long enough that no link is broken or encoded."""

LIST_ID = "auld digest <digest.auld.invalid>"

_address = re.compile(r"[^\s@<>]+@[^\s@<>,;:()\"\[\]]+")

ANSWERS: Mapping[Verb, str] = {"later": "Later", "not now": "Not now", "never": "Never"}

SENT = "Send this to yourself, as it is: {}. `auld undo` takes it back."

DOES: Mapping[Verb, str] = {
    "later": "{} is not proposed again for two weeks",
    "not now": "{} is not proposed again for three months",
    "never": "{} is never proposed again",
}
"""What each answer does, as the mail that carries it says."""

ABOUT = "Only you get this. `auld why NAME` tells more."

COUNTS = ("Nobody", "One person", "Two people", "Three people", "Four people", "Five people")


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the templates show them: every string clean, every link checked."""

    slot: int
    name: str
    context: str
    why: str
    gives: str
    url: str
    host: str
    rest: str
    address: str
    opener: str
    write: str  # a mailto: link, "" where nobody can be written to
    answers: tuple[tuple[str, str, str], ...]  # (word, a mailto: link to the user, the same with its subject alone)


def compose(
    proposals: Sequence[Proposal],
    *,
    day: date,
    me: str,
    zone: tzinfo,
    key: bytes,
    lines: Sequence[str] = (),
    silent_because: str = "",
    archive_ends: str = "",
    replies: bool = False,
) -> Digest:
    """The digest of `day`; answers by mail go to `me`, and "" means that nobody would hear them.

    `replies`: an answer to it in words is read, too. `lines` are sick accounts and notices, one line each;
    `silent_because` is the sentence shown where there is nobody to propose; `archive_ends` a sentence on how far the
    mail is known.
    """
    headline = _headline(len(proposals), bool(lines))
    shown = {
        "headline": headline,
        "day": long_day(day),
        "entries": [entry(slot, one, day, zone, me, key) for slot, one in enumerate(proposals, 1)],
        "silent": "" if proposals else clean(silent_because, SENTENCE),
        "lines": [clean(line, LINE) for line in lines],
        "archive_ends": clean(archive_ends, SENTENCE),
        "answered": bool(_writable([me])),
        "commands": _commands(len(proposals)),
        "legend": _legend(len(proposals), replies=replies),
        "about": ABOUT,
        "button": BUTTON,
    }
    return Digest(
        day=day,
        subject=f"{headline} - {long_day(day)}",
        text=_templates().get_template("digest.txt.j2").render(shown, mailed=False),
        mailed=_templates().get_template("digest.txt.j2").render(shown, mailed=True),
        html=_templates().get_template("digest.html.j2").render(shown),
        message_id=tokens.message_id(key, day),
        proposals=tuple(proposals),
        silent_because=silent_because,
    )


def as_mail(digest: Digest, me: str, made_at: datetime) -> bytes:
    """The digest as the bytes of a mail from the user to the user; `made_at` is aware and becomes its Date.

    Raises ValueError where `me` is no address.
    """
    own = _writable([me])
    if not own:
        raise ValueError(f"{me!r} is no address")
    policy = SMTP if own.isascii() else SMTPUTF8
    mail = EmailMessage(policy=policy)
    user, _, host = own.partition("@")
    mail["From"] = Address("auld", user, host)
    mail["To"] = Address("", user, host)
    mail["Subject"] = clean(digest.subject, LINE)
    mail["Date"] = made_at
    mail["Message-ID"] = f"<{digest.message_id}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    mail["List-Id"] = LIST_ID
    mail["List-Unsubscribe"] = f"<mailto:{_quoted(own)}?subject={quote('auld stop ' + digest.message_id, safe='')}>"
    mail.set_content(digest.mailed, cte="quoted-printable")
    mail.add_alternative(digest.html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"auld-{digest.message_id.partition('@')[0]}")
    return mail.as_bytes(policy=policy.clone(max_line_length=UNFOLDED))


def _commands(last: int) -> str:
    """How to answer at this machine, said once."""
    return f"Not today: `auld later {last}` · written: `auld done {last}` · not again: `auld never {last}`"


def _legend(last: int, *, replies: bool) -> str:
    """What the answers mean, and how else to give them."""
    told = "Later: in two weeks. Not now: in three months. Never: not again."
    return f"{told} Or answer this mail with `{last} later` as its first line." if replies else told


def _headline(people: int, notices: bool) -> str:
    if not people and notices:
        return "Something to look at"
    return f"{COUNTS[people]} to write to" if people < len(COUNTS) else f"{people} people to write to"


def entry(slot: int, proposal: Proposal, day: date, zone: tzinfo, me: str = "", key: bytes = b"") -> Entry:
    """One proposal as it is shown; where `me` is no address, without answers by mail, for which `key` is."""
    address = _writable(proposal.person.addresses)
    url, host = _link(proposal.gift.url)
    opener = paragraphs(proposal.gift.opener, OPENER)
    also = tuple(filter(None, (_writable([one]) for one in proposal.gift.also)))
    name = clean(proposal.person.name, NAME) or clip(address, NAME) or "Somebody without a name"
    return Entry(
        slot=slot,
        name=name,
        context=clean(proposal.context, CONTEXT),
        why=_dated(clean(proposal.why, SENTENCE), proposal.cites, day, zone),
        gives=clean(proposal.gift.says, GIVES),
        url=url,
        host=host,
        rest=clean(proposal.rest, SENTENCE),
        address=" and ".join((address, *also)),
        opener=clean(opener.replace(url, "") if url else opener, OPENER),  # the link has a line of its own
        write=_mailto(address, clean(proposal.gift.subject, SUBJECT), opener, url, also) if address else "",
        answers=tuple(_answer(verb, slot, name, day, me, key) for verb in ANSWERS) if _writable([me]) else (),
    )


def _answer(verb: Verb, slot: int, name: str, day: date, me: str, key: bytes) -> tuple[str, str, str]:
    """One way to answer: its word, a link that opens the mail to oneself which says so, and the same without words."""
    subject = tokens.subject(key, day, slot, verb)
    body = SENT.format(DOES[verb].format(name)).replace("`", "")
    return ANSWERS[verb], _spelled(me, subject, body), _spelled(me, subject, "")


def _dated(sentence: str, cites: Sequence[Citation], day: date, zone: tzinfo) -> str:
    """The sentence, with the day of its evidence wherever it names none itself: a reason has to be checkable.

    Only the day, never the subject: which subjects may be shown was decided where the sentence was made.
    """
    days = [local(cited.at, zone) for cited in cites]
    if not days or any(re.search(rf"\b{d.day} {MONTHS[d.month - 1]}", sentence) for d in days):
        return sentence
    today = int(datetime.combine(day, time.min, zone).timestamp())
    return f"{sentence} ({on(cites[0].at, today, zone)})"


def _writable(addresses: Sequence[str]) -> str:
    """The first address that a mail can be written to, "" where there is none."""
    sound = (a for a in addresses if len(a) <= ADDRESS and _address.fullmatch(a) and clean(a, ADDRESS) == a)
    return next(sound, "")


def _link(url: str) -> tuple[str, str]:
    """The link and its host in ASCII, so that no letter can pass for another; both "" where it is no web link."""
    if len(url) > URL or clean(url, URL) != url or " " in url:
        return "", ""
    try:
        split = urlsplit(url)
        host = (split.hostname or "").encode("idna").decode()
    except ValueError:  # a bad bracket, a port that is none, a label too long
        return "", ""
    return (url, host) if host and split.scheme in ("http", "https") else ("", "")


def _mailto(address: str, subject: str, opener: str, url: str, also: Sequence[str] = ()) -> str:
    """A link that opens a new mail with its opener; what does not fit `HREF` bytes is left off, the link last."""
    for handed in (url, ""):
        for most in (OPENER, OPENER // 2, OPENER // 4, OPENER // 8, 0):
            begun = clip(opener, most) if most else ""
            body = begun if handed in begun else f"{begun}\n\n{handed}".strip()
            if len(link := _spelled(address, subject, body, also)) <= HREF:
                return link
    return _spelled(address, "", "", also)


def _spelled(address: str, subject: str, body: str, also: Sequence[str] = ()) -> str:
    fields = (("subject", subject), ("body", body.replace("\n", "\r\n")))
    asked = "&".join(f"{name}={quote(value, safe='')}" for name, value in fields if value.strip())
    return f"mailto:{','.join(map(_quoted, (address, *also)))}" + (f"?{asked}" if asked else "")


def _quoted(address: str) -> str:
    return quote(address, safe="@")


@cache
def _templates() -> "Environment":
    made = templates("agent.digest", last_newline=True)
    made.filters["fold"] = lambda text, indent=0: fold(text, WIDTH, " " * indent)
    return made
