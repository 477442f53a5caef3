"""What would auld say of a life of which everything is known? A mailbox of invented people, one for each rule.

Nothing in it is anybody's. The same `now` gives the same bytes; everything in it is dated from `now` backwards, so that
the demo always has a morning to speak of.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, formataddr
from itertools import cycle, islice
from typing import Any, Literal, TypeAlias

NAME = "Nora Lindqvist"
ME = "nora.lindqvist@fernhill.example"
HOME = "nora@lindqvist.example"
"""Her second address: the config does not name it, it is to be found."""

FRIDAY = 4

MATTER = 4
"""Mails that make a matter: these take their days."""

DAYS_APART = 4
"""Working days between two mails of a matter: what is done within a fortnight is none."""

CONFIG = f"""\
[me]
addresses = ["{ME}"]

[accounts.mail]
kind = "mbox"
path = "demo.mbox"
read = "text"

[accounts.calendar]
kind = "ics"
path = "demo.ics"

[digest]
people = 3
via = "stdout"

[boundaries]
never = ["Victor Crane"]
"""

Expected: TypeAlias = Literal[
    "reply", "promise", "reconnect", "revive", "held", "nothing", "machine", "list", "joined", "apart", "own"
]
"""What becomes of somebody: a proposal of this kind (today, or as soon as others leave room); held back by a boundary;
nothing to propose; no person; two addresses that are one person, or two people with one name; the user."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What one person of the demo is there to show."""

    name: str
    person: str  # an address
    expect: Expected
    seen: str = ""  # words that the proposal or the reason holds
    unseen: str = ""  # words that stand nowhere in what is shown
    other: str = ""  # the second address, where two are compared


@dataclass(frozen=True, slots=True)
class Talk:
    """One thread: `turns` says who wrote, "m" (me) or "t" (they), two hours apart, or some working days where they
    make a matter; `last` is its last mail's text.
    """

    ago: int  # days before `now`; a weekend's talk was on the Friday before it
    subject: str
    turns: str = "tm"
    last: str = ""
    headers: tuple[tuple[str, str], ...] = ()  # of their mails
    cc: str = ""
    html: bool = False


@dataclass(frozen=True, slots=True)
class Somebody:
    """One of the cast: who, at which address, and all that passed."""

    name: str
    address: str
    talks: tuple[Talk, ...]
    mine: str = ME  # the address of the user's that the two use


@dataclass(frozen=True, slots=True)
class Event:
    """One meeting in the user's calendar, an hour or two long."""

    ago: int  # negative: it is still to come
    title: str
    organiser: str
    answers: tuple[tuple[str, str], ...]  # address, PARTSTAT
    status: str = "CONFIRMED"
    weeks: int = 1


def pace(every: int, since: int, until: int, subjects: Sequence[str], turns: str = "tm") -> tuple[Talk, ...]:
    """Talks at a steady pace, from `since` to `until` days ago; matters and turns (split at spaces) come round."""
    days = range(since, until - 1, -every)
    return tuple(Talk(ago, s, t) for ago, s, t in zip(days, cycle(subjects), cycle(turns.split()), strict=False))


def sent(talks: Iterable[Talk], **how: Any) -> tuple[Talk, ...]:
    """The same talks, with this about their mails."""
    return tuple(replace(talk, **how) for talk in talks)


GLASS, BANK = "anna.schmidt@glass.example", "anna.schmidt@northbank.example"
LIST = "mapmakers@lists.cartographers.example"
LISTED = (("List-Id", "Map makers <mapmakers.lists.cartographers.example>"), ("List-Post", f"<mailto:{LIST}>"))
MACHINE = (("Auto-Submitted", "auto-generated"),)
BULK = (("Precedence", "bulk"), ("List-Unsubscribe", "<mailto:leave@tideletter.example>"))
AWAY = (("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All"))

LINK = (
    "<p>This week:</p><p><a href='https://tideletter.example/gauges'>A century of tide gauges, digitised</a>: the"
    " harbour offices have opened their books, and the tide gauges of forty piers can be read for every hour.</p>"
)
ISSUE = "<p>The moon, the wind and the sandbanks of this week. Spring tides on Tuesday; mind the causeway.</p>"

CAST = (
    Somebody("Ada Weber", "ada.weber@guild.example", (
        *pace(24, 372, 60, ("Loom for the hall", "Warp prices", "Loom drawings", "Yarn from the north")),
        Talk(9, "The loom and its width", "t", "Could you tell me whether the hall takes the wide loom or the narrow "
             "one? The joiner needs to know before he cuts the beams."),
    )),
    Somebody("Bruno Keller", "bruno@kellerpaper.example", (
        *pace(30, 350, 60, ("Rag paper", "Paper mill visit", "Watermarks")),
        Talk(20, "Paper makers", "tm", "I will send you the list of paper makers next week."),
    )),
    Somebody("Clara Jensen", "clara.jensen@print.example", (
        *pace(21, 478, 100, ("Harbour map proofs", "Ink samples", "Paper for the harbour map", "Folding")),
        Talk(58, "Harbour map, the second printing", "tmtm"),
    )),
    Somebody("Tomás Ibarra", "tomas.ibarra@pier.example", pace(
        20, 490, 50, ("Tide gauges at the pier", "Old ledgers", "Tide gauges, a photograph"), "tmt mt tt")),
    Somebody("Ruth Okafor", "ruth@okafor.example", (
        *pace(14, 528, 290, ("Summer concert programme", "Alto parts", "Summer concert rehearsals", "Choir loft")),
        Talk(262, "Summer concert, the recording", "tmtm"),
    )),
    Somebody("Ivan Petrov", "ivan.petrov@plates.example", (
        *pace(22, 444, 70, ("Copperplate cracks", "Varnish", "Copperplate for the atlas", "Burnishing"), "mt"),
        Talk(62, "Copperplate restoration", "mtmtm"),
    )),
    Somebody("Mia Lund", "mia.lund@bindery.example", (
        *pace(20, 400, 120, ("Bookbinding course", "Leather", "Bookbinding tools"), "mt tm"),
        Talk(75, "Bookbinding in autumn", "m"), Talk(45, "Bookbinding, a second try", "m"),
    )),
    Somebody("Peter Novak", "peter.novak@survey.example", pace(15, 290, 5, ("Chain survey", "Benchmarks", "Chains"))),
    Somebody("Victor Crane", "victor.crane@rival.example", pace(20, 400, 50, ("Auction lots", "Bids"), "mt tm")),
    Somebody("Hana Sato", "hana.sato@atelier.example", pace(18, 400, 220, ("Woodcut blocks", "Cherry wood", "Barens"))),
    Somebody("Hana Sato", "hana.sato@satoprints.example", pace(18, 202, 20, ("New woodcuts", "Washi", "Woodcut show"))),
    Somebody("Anna Schmidt", GLASS, (
        Talk(120, "Glass for the map room", cc=f"Anna Schmidt <{BANK}>"), Talk(19, "Panes"),
    )),
    Somebody("Anna Schmidt", BANK, (
        Talk(110, "Lease of the map room", cc=f"Anna Schmidt <{GLASS}>"), Talk(22, "Lease, signed"),
    )),
    Somebody("Lars Holm", "lars.holm@ferry.example", pace(
        16, 365, 45, ("Lunch on Thursday?", "Meeting on Friday", "Call at 3 pm?", "Dinner tomorrow?"), "tm mt")),
    Somebody("Gita Rao", "gita.rao@atlas.example", (
        *pace(18, 300, 80, ("Gazetteer", "Spelling of the villages", "Gazetteer index")),
        Talk(60, "Fwd: Ten signs that you own too many gazetteers", "tmtm"),
    )),
    Somebody("Elena Marino", "elena.marino@museum.example", pace(21, 409, 52, ("Globe restoration", "Globe stands"))),
    Somebody("Felix Adler", "felix.adler@rail.example", (
        *pace(20, 400, 80, ("Railway map of 1870", "Stations", "Railway map colours"), "mt tm"),
        Talk(57, "Railway map, the branch lines", "mtmt"),
    )),
    Somebody("Greta Olsen", "greta.olsen@island.example", (
        *pace(20, 400, 80, ("Lighthouse drawings", "Lenses", "Lighthouse keepers"), "mt tm"),
        Talk(58, "Lighthouse drawings, the lantern", "mtmt", "They are cleaning the lantern now."),
    )),
    Somebody("Henrik Dahl", "henrik.dahl@council.example", (
        *pace(20, 400, 80, ("Street names", "Signs", "Street names of 1920"), "mt tm"),
        Talk(57, "Street names, the register", "mtmt", "The clerk is looking for it."),
    )),
    Somebody("Inês Costa", "ines.costa@lisboa.example", (
        *pace(20, 400, 80, ("Portolan charts", "Vellum", "Portolan charts in Lisbon"), "mt tm"),
        Talk(56, "Portolan charts, the loan", "mtmt"),
    )),
    Somebody("Jonas Weiss", "jonas.weiss@alps.example", (
        *pace(20, 400, 80, ("Relief shading", "Contours", "Relief shading by hand"), "mt tm"),
        Talk(62, "Relief shading, the glacier", "mtmt"),
        Talk(40, "Re: Relief shading, the glacier", "mt", "I am out of the office and read no mail.", AWAY),
    )),
    Somebody("Karin Vogt", "karin.vogt@garden.example", (
        *pace(21, 440, 120, ("Rose garden plan", "Seed lists", "Rose garden gate")),
        Talk(115, "Chemotherapy in spring"), Talk(110, "Chemotherapy", "tmtm"), Talk(75, "Rose garden wall", "tmtm"),
    )),
    Somebody("Sofia Lindqvist", "sofia@skerry.example", pace(9, 200, 4, ("Boat", "Birthday", "The old house")), HOME),
    Somebody("Oskar Brandt", "oskar.brandt@contour.example", sent(
        pace(16, 300, 40, ("[maps] Hachures", "[maps] Grids"), "t"), headers=LISTED, cc=LIST)),
    Somebody("Parcels", "noreply@parcels.example", sent(
        pace(23, 400, 3, ("A parcel",), "t"), headers=MACHINE, last="Your parcel waits at the counter.")),
    Somebody("The Tide Letter", "letter@tideletter.example", (
        *sent(pace(7, 169, 15, ("The Tide Letter",), "t"), headers=BULK, last=ISSUE, html=True),
        Talk(8, "The Tide Letter", "t", LINK, BULK, html=True),
    )),
)  # fmt: skip

COUNCIL = tuple((f"{who}@council.example", "ACCEPTED") for who in ("henrik.dahl", *(f"member{n}" for n in range(9))))

EVENTS = (
    Event(6, "Lunch with Elena", ME, (("elena.marino@museum.example", "ACCEPTED"),)),
    Event(7, "Branch lines", ME, (("felix.adler@rail.example", "DECLINED"),)),
    Event(8, "Lantern room", ME, (("greta.olsen@island.example", "ACCEPTED"),), "CANCELLED"),
    Event(40, "Council hour", "henrik.dahl@council.example", COUNCIL, weeks=5),
    Event(-6, "Coffee with Inês", ME, (("ines.costa@lisboa.example", "ACCEPTED"),)),
)  # fmt: skip

RULES = (
    Rule("an answer that is owed", "ada.weber@guild.example", "reply", "asked you something"),
    Rule("a promise of one's own is kept", "bruno@kellerpaper.example", "promise", "you promised Bruno something"),
    Rule("keeping up, with the last big matter", "clara.jensen@print.example", "reconnect", "Harbour map"),
    Rule("a piece from one's own mail that fits", "tomas.ibarra@pier.example", "reconnect", "A century of tide gauges"),
    Rule("reviving after a long silence", "ruth@okafor.example", "revive", "Summer concert"),
    Rule("who never begins may be let rest", "ivan.petrov@plates.example", "reconnect", "Letting it rest"),
    Rule("who does not answer is left in peace", "mia.lund@bindery.example", "held", "no answer"),
    Rule("in contact last week", "peter.novak@survey.example", "held", "You were in contact"),
    Rule("the user said never", "victor.crane@rival.example", "held", "Victor Crane"),
    Rule("two addresses, one person", "hana.sato@satoprints.example", "joined", other="hana.sato@atelier.example"),
    Rule("one name, two people", GLASS, "apart", other=BANK),
    Rule("finding a date is no matter", "lars.holm@ferry.example", "nothing", "nothing to give"),
    Rule("a forward is no matter", "gita.rao@atlas.example", "nothing", "nothing to give", "Ten signs"),
    Rule("a lunch is contact", "elena.marino@museum.example", "held", "You were in contact"),
    Rule("a declined meeting is none", "felix.adler@rail.example", "reconnect", "wrote last"),
    Rule("a cancelled meeting is none", "greta.olsen@island.example", "reconnect", "wrote last"),
    Rule("a large meeting is none", "henrik.dahl@council.example", "reconnect", "wrote last"),
    Rule("a meeting to come is none", "ines.costa@lisboa.example", "reconnect", "wrote last"),
    Rule("an automatic answer is none", "jonas.weiss@alps.example", "reconnect", "You wrote last"),
    Rule("health is no topic", "karin.vogt@garden.example", "reconnect", "Rose garden", "hemotherapy"),
    Rule("a second address of one's own is found", HOME, "own"),
    Rule("a discussion list is not contact", LIST, "list"),
    Rule("who only writes on a list is no contact", "oskar.brandt@contour.example", "nothing"),
    Rule("a machine", "noreply@parcels.example", "machine"),
    Rule("a newsletter", "letter@tideletter.example", "machine"),
)
"""Each rule once, with who shows it and what becomes of them."""

THEIRS = (
    "Here is how far we are: the second try went better than the first, and I have marked what changed.",
    "I had an hour for it yesterday and found two places that still worry me. The rest looks right.",
    "Thank you for the last one. It stands on the shelf above my desk, and visitors keep picking it up.",
    "Good news at last: it arrived whole, only the corner of the box was dented.",
    "I asked around, and the old foreman remembers how it was done. His notes are better than our books.",
)
MINE = (
    "That is better than I had hoped. I went through it this morning and would leave it as it is.",
    "I have put your remarks in, and two of my own at the end. No hurry with them.",
    "You were right about the second one. The first I would still keep, if only for its margins.",
    "It came on Tuesday and we looked at it together over lunch. Everybody was pleased.",
    "Let us do it your way. I have told the others, and nobody minded.",
)
"""Nobody asks anything in these: an open question is a rule of its own."""


@dataclass(slots=True)
class _Thread:
    """The mails of one talk so far."""

    ids: list[str] = field(default_factory=list)
    quoted: str = ""


def mailbox(now: datetime) -> bytes:
    """The demo's archive as an mbox; `now` is aware, and no mail in it is younger."""
    mails = sorted(mail for number, one in enumerate(CAST) for mail in _mails(one, number, now))
    return "\n".join(mail for _, mail in mails).encode()


def calendar(now: datetime) -> bytes:
    """The demo's calendar as an .ics file."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//auld//demo//EN"]
    for number, event in enumerate(EVENTS):
        lines += _event(event, number, now)
    return "".join(f"{_folded(line)}\r\n" for line in (*lines, "END:VCALENDAR")).encode()


def _mails(one: Somebody, number: int, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Everything that passed between the user and one of the cast: when, and the mail as it stands in an mbox."""
    for nth, talk in enumerate(one.talks):
        thread = _Thread()
        start = _working_day(now, talk.ago, 8, (number * 7 + nth * 13) % 60)
        for turn, who in enumerate(talk.turns):
            at = _after(start, DAYS_APART * turn) if len(talk.turns) >= MATTER else start + timedelta(hours=2 * turn)
            yield at, _mail(one, talk, thread, who, turn, at, f"{number}.{nth}.{turn}")


def _mail(one: Somebody, talk: Talk, thread: _Thread, who: str, turn: int, at: datetime, id_: str) -> str:
    """One mail of a thread, and the thread is one mail longer."""
    (name, address), other = ((NAME, one.mine), (one.name, one.address))[:: 1 if who == "m" else -1]
    said = _said(one, talk, who, turn)
    header = {
        "From": formataddr((name, address)),
        "To": talk.cc if talk.cc == LIST else formataddr(other),
        "Cc": "" if talk.cc == LIST else talk.cc,
        "Date": format_datetime(at),
        "Subject": f"Re: {talk.subject}" if turn else talk.subject,
        "Message-ID": f"<{id_}@{address.partition('@')[2]}>",
        "In-Reply-To": thread.ids[-1] if thread.ids else "",
        "References": " ".join(thread.ids),
        "X-Gmail-Labels": "Sent" if who == "m" else "Inbox",
        "MIME-Version": "1.0",
        "Content-Type": f"text/{'html' if talk.html else 'plain'}; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        **(dict(talk.headers) if who == "t" else {}),
    }
    lines = "".join(f"{field}: {value}\n" for field, value in header.items() if value)
    mail = f"From {address} {at.astimezone(UTC):%a %b %d %H:%M:%S %Y}\n{lines}\n{said}{thread.quoted}"
    thread.ids.append(header["Message-ID"])
    thread.quoted = f"\nOn {at:%d/%m/%Y}, {name} wrote:\n" + "".join(f"> {line}\n" for line in said.splitlines())
    return mail


def _said(one: Somebody, talk: Talk, who: str, turn: int) -> str:
    """What stands in a mail: its own words where it has some, else small talk about the matter."""
    if talk.html:
        return f"{talk.last}\n"
    author, other = (NAME, one.name) if who == "m" else (one.name, NAME)
    words = MINE if who == "m" else THEIRS
    small = next(islice(cycle(words), talk.ago + turn, None))
    text = talk.last if talk.last and turn == len(talk.turns) - 1 else small
    return f"Hi {other.split()[0]},\n\n{text}\n\nBest,\n{author.split()[0]}\n"


def _event(event: Event, number: int, now: datetime) -> list[str]:
    """One meeting as the lines of a VEVENT."""
    start = _working_day(now, event.ago, 12, 0).astimezone(UTC)
    end = start + timedelta(hours=1)
    series = [f"RRULE:FREQ=WEEKLY;COUNT={event.weeks}"] if event.weeks > 1 else []
    asked = [f"ATTENDEE;PARTSTAT={answer}:mailto:{address}" for address, answer in event.answers]
    return [
        "BEGIN:VEVENT",
        f"UID:demo-{number}@fernhill.example",
        f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        *series,
        f"SUMMARY:{event.title}",
        f"STATUS:{event.status}",
        f"ORGANIZER:mailto:{event.organiser}",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        *asked,
        "END:VEVENT",
    ]


def _folded(line: str) -> str:
    """Lines of at most 75 octets (RFC 5545, 3.1); those of the demo are ASCII but for a name."""
    return "\r\n ".join(line[at : at + 70] for at in range(0, len(line), 70))


def _after(start: datetime, days: int) -> datetime:
    """So many working days after `start`, at the same hour and a little later."""
    at = start
    for _ in range(days):
        at += timedelta(days=3 if at.weekday() == FRIDAY else 1, minutes=17)
    return at


def _working_day(now: datetime, ago: int, hour: int, minute: int) -> datetime:
    """A time on a working day about `ago` days before `now`, in the zone of `now`: never later than that day."""
    day: date = now.date() - timedelta(days=ago)
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return datetime.combine(day, time(hour, minute), now.tzinfo)
