"""Does the mailbox bear out what a digest says, and does the digest keep its bounds?

Every sentence is read back by a pattern of its own, and reckoned again from what `bench.letters` read; a sentence that
no pattern knows is wrong, too, so that none can be added unseen. Of `agent` nothing is used but its values. What came
of it is told in words that hold nothing of the mailbox.
"""

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from urllib.parse import unquote, urlsplit

from agent.model import Proposal
from bench.letters import Box, Letter

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
WORDS = {
    word: n
    for n, word in enumerate(
        ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
} | {"a": 1}
UNITS = {"day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25}

DAY = rf"\d{{1,2}} (?:{'|'.join(MONTHS)})(?: \d{{4}})?"
MONTH = rf"(?:{'|'.join(MONTHS)})(?: \d{{4}})?"
WHILE = r"(?:a|\w+) (?:day|week|month|year)s?"

RECENT = timedelta(days=14)
WEEK, QUARTER = timedelta(days=7), timedelta(days=91)
ANY_DAY = frozenset({"occasion", "introduce"})
"""Kinds that have a day or a matter of their own, whoever was in touch."""

NEARLY_ALWAYS = 0.6
"""The share of beginnings below which nobody would say that it was nearly always the user."""

ASKING = re.compile(
    r"\?|\b(?:please|pls|plz|let me know|can you|could you|would you|will you|need|send|call me|give me|advise|"
    r"asap|thoughts|questions?|help|check|review|see if|tell me|do you|are you|have you)\b",
    re.IGNORECASE,
)
PROMISING = re.compile(r"\b(?:will|['’]ll|shall|going to|owe|promise)\b|['’]ll\b", re.IGNORECASE)
SECRET = re.compile(r"\b(?:confidential|privileged|do not (?:forward|distribute)|internal use)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal, the morning on which it was made, and the mailbox."""

    p: Proposal
    now: datetime
    box: Box

    @property
    def theirs(self) -> frozenset[str]:
        return frozenset(self.p.person.addresses)

    @property
    def talk(self) -> list[Letter]:
        return self.box.between(self.theirs, self.now)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.box.zone).date()

    def cited(self, n: int = -1) -> list[Letter]:
        """The letters that may be the one cited."""
        if not self.p.cites:
            return []
        return [m for at in range(-1, 2) for m in self.box.at.get(self.p.cites[n].at + at, ())]

    def on(self, said: str) -> date:
        """The day that is meant: with its year, or the last one of that name."""
        day, month, *year = said.split()
        number = MONTHS.index(month) + 1
        if year:
            return date(int(year[0]), number, int(day))
        this = date(self.today.year, number, int(day))
        return this if this <= self.today else date(self.today.year - 1, number, int(day))

    def named(self, name: str) -> bool:
        """Whether this is what one calls the person."""
        return self.p.person.name.startswith(bare(name)) or bare(name) in self.p.person.name.split()


Check = Callable[[Case, re.Match[str]], Iterator[str]]


def bare(text: str) -> str:
    """What is left of a text that was clipped."""
    return text.removesuffix("…").strip()


def spans(said: str) -> tuple[float, float]:
    """From how many days to how many a while may mean."""
    many, unit = said.split()
    n, days = WORDS.get(many, 0) or int(many if many.isdigit() else 0), UNITS[unit.removesuffix("s")]
    return (n - 0.5) * days - 0.6, (n + 0.5) * days + 0.6


def paces(said: str) -> tuple[float, float]:
    """The same for "about every three weeks"."""
    fixed = {"nearly every day": (0.0, 1.5), "about every week": (6.0, 9.0), "about once a month": (26.0, 45.0)}
    return fixed.get(said) or spans(said.removeprefix("about every "))


def within(days: float, range_: tuple[float, float]) -> bool:
    return range_[0] <= days <= range_[1]


# What stands before the reasons


def since(c: Case, m: re.Match[str]) -> Iterator[str]:
    """'in your mail since March, about looms'."""
    talk = c.talk
    first = f"{MONTHS[c.box.day(talk[0]).month - 1]}" if talk else ""
    said, _, year = m["month"].partition(" ")
    begun = c.box.day(talk[0]) if talk else None
    if begun is None or said != first or (int(year) if year else c.today.year) != begun.year:
        yield "since another month"
    if m["about"]:
        for topic in re.split(r", | and ", m["about"]):
            if len(threads(topic, c.box.with_(c.theirs, c.now))) < 2:
                yield "about a topic of fewer than two threads"


def threads(topic: str, some: Iterable[Letter]) -> set[str]:
    """The matters whose subjects hold all words of a topic, and each long run of one matter but once a month."""
    words = [w.casefold() for w in re.findall(r"\w+", bare(topic))]
    stems = [w.removesuffix("s") if len(w) > 3 else w for w in words]
    return {
        f"{m.matter} {m.at:%Y-%m}" for m in some if stems and all(stem in m.subject.casefold() for stem in stems)
    }  # fmt: skip


# Why now


def they_last(c: Case, m: re.Match[str]) -> Iterator[str]:
    yield from last(c, c.theirs, m["day"])
    if not c.named(m["name"]):
        yield "called by another name"


def i_last(c: Case, m: re.Match[str]) -> Iterator[str]:
    yield from last(c, c.box.own, m["day"])


def last(c: Case, writers: Collection[str], day: str) -> Iterator[str]:
    """Whether the last mail of the two is one of these writers', and of this day."""
    newest = [x for x in c.talk[-2:] if x.at == c.talk[-1].at]
    if not any(x.sender in writers and c.box.day(x) == c.on(day) for x in newest):
        yield "somebody else wrote last, or on another day"


def met(c: Case, m: re.Match[str]) -> Iterator[str]:
    yield "a meeting that no mailbox holds"


def paced(c: Case, m: re.Match[str]) -> Iterator[str]:
    days = sorted({c.box.day(x).toordinal() for x in c.talk})
    gaps = [b - a for a, b in pairwise(days)]
    if len(days) < 4 or not within(median(gaps), paces(m["pace"])):
        yield "another pace"


def silent(c: Case, m: re.Match[str]) -> Iterator[str]:
    talk = c.talk
    if not talk or not within((c.today - c.box.day(talk[-1])).days, spans(m["silent"])):
        yield "another silence"


def asked(c: Case, m: re.Match[str]) -> Iterator[str]:
    """'Ada asked you something on 3 May, nine days ago. It may still be open.'"""
    day = c.on(m["day"])
    mails = [x for x in c.box.with_(c.theirs, c.now) if x.sender in c.theirs and c.box.day(x) == day]
    mails = [x for x in mails if not x.people.isdisjoint(c.box.own)]
    if not mails:
        yield "asked on another day"
        return
    at = mails[-1].at
    if any(x.sender in c.box.own and x.at > at for x in c.talk):
        yield "answered since"
    if any(x.sender in c.theirs and x.at > at and c.box.day(x) != day for x in c.talk):
        yield "they wrote since"
    if not within((c.today - day).days, spans(m["ago"])):
        yield "another while"
    if "subject" in m[0]:
        if not any(ASKING.search(x.subject) for x in mails):
            yield "a subject that asks nothing"
    elif not any(ASKING.search(x.text) or ASKING.search(x.subject) for x in mails):
        yield "a text that asks nothing"
    if "wrote first" in m[0]:
        about = {x.matter for x in mails}
        before = [x for x in c.box.mail if x.matter in about and x.at < at]
        if not any(x.sender in c.box.own for x in before):
            yield "they wrote first"
    if not c.named(m["name"]):
        yield "called by another name"


def promised(c: Case, m: re.Match[str]) -> Iterator[str]:
    """'On 3 May, nine days ago, you promised Ada something in “Looms”, by 9 May. No mail went to Ada since.'"""
    day, own = c.on(m["day"]), c.box.own
    mine = [x for x in c.box.with_(c.theirs, c.now) if x.sender in own]
    there = [x for x in mine if c.box.day(x) == day and bare(m["subject"]) in x.subject]
    there = [x for x in there if not c.theirs.isdisjoint(x.to[:1])]
    if not there:
        yield "promised in no such mail"
        return
    if any(x.at > there[-1].at and not x.draft for x in mine):
        yield "written to since"
    if not any(PROMISING.search(x.text) for x in there):
        yield "a text that promises nothing"
    if not within((c.today - day).days, spans(m["ago"])):
        yield "another while"
    due = f"{c.today.day} {MONTHS[c.today.month - 1]}" if m["today"] else m["due"]
    if due and not named_in(due, there[-1].text):
        yield "a day that the mail does not name"
    if not c.named(m["name"]):
        yield "called by another name"


def named_in(due: str, text: str) -> bool:
    """Whether a mail could mean this day: by its number, its month or a weekday."""
    day, month = due.split()[:2]
    number = MONTHS.index(month) + 1
    forms = (rf"\b{month[:3]}", rf"\b{day}(?:st|nd|rd|th)?\b", rf"\b{number}/{day}\b",
             r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day|tomorrow|week|month|today|tonight")  # fmt: skip
    return any(re.search(form, text, re.IGNORECASE) for form in forms)


def nothing(c: Case, m: re.Match[str]) -> Iterator[str]:
    yield from ()


# What to give


def answers(c: Case, m: re.Match[str]) -> Iterator[str]:
    if not any(x.sender in c.theirs and bare(m["subject"] or "") in x.subject for x in c.cited()):
        yield "an answer to no such mail"


def shares(c: Case, m: re.Match[str]) -> Iterator[str]:
    """'“The looms of Lyon”, from The Loom Post, 3 May: you two wrote about looms. Say what you make of it.'"""
    title, own = bare(m["title"]), c.box.own
    sources = [x for x in c.cited() if title.casefold() in f"{x.subject} {' '.join(x.text.split())}".casefold()]
    if not sources:
        yield "a title that the source does not hold"
        return
    source = sources[0]
    if c.on(m["day"]) != c.box.day(source):
        yield "from another day"
    if not theirs_alone(c, source) and not c.theirs.isdisjoint({source.sender, *source.people}):
        yield "they have it already"
    host = {a.rpartition("@")[2] for a in own}
    if SECRET.search(source.subject) or {a.rpartition("@")[2] for a in {source.sender, *source.people} - own} <= host:
        yield "passes on what was said inside"
    if m["topic"] and len(threads(m["topic"], c.talk)) < 2:
        yield "about a topic of fewer than two threads"
    url = c.p.gift.url
    if url and any(url in x.text for x in c.box.with_(c.theirs, c.now)):
        yield "they have it already"
    if m["topic"] and not all(w.removesuffix("s") in title.casefold() for w in m["topic"].casefold().split()):
        yield "a topic that the title does not hold"


def theirs_alone(c: Case, source: Letter) -> bool:
    return source.sender in c.box.own and c.box.own.issuperset(source.people)


def asks_after(c: Case, m: re.Match[str]) -> Iterator[str]:
    """'Ask how things stand with “The loom”: you two last wrote about it in March.'"""
    matter = bare(m["subject"]).casefold()
    about = [x for x in c.talk if matter in x.matter]
    if not about or about[-1].at != c.talk[-1].at:
        yield "not the last that they wrote about"
        return
    last = c.box.day(about[-1])
    month, _, year = m["month"].partition(" ")
    if (month, int(year or c.today.year)) != (MONTHS[last.month - 1], last.year):
        yield "in another month"
    mine = sum(x.sender in c.box.own for x in about)
    if min(mine, len(about) - mine) < 2:
        yield "no matter of two mails each way"
    if any(x.at > about[-1].at for x in c.box.mail if x.matter == about[-1].matter and x.at < c.now and not x.forward):
        yield "it went on with others"


def introduces(c: Case, m: re.Match[str]) -> Iterator[str]:
    """The two never stood in one mail, each cited mail is one of theirs, and nothing in the first line tells who."""
    others: set[str] = set()
    for n in range(len(c.p.cites)):
        for x in c.cited(n):
            parties = {x.sender, *x.people} - c.box.own
            if len(parties) <= 3 and parties.isdisjoint(c.theirs):
                others |= parties
    if not others:
        yield "an introduction to nobody who is cited"
    for other in others:
        if any(other in {x.sender, *x.people} for x in c.box.with_(c.theirs, c.now)):
            yield "they stood in one mail"
        name, _, host = other.partition("@")
        words = {w for w in re.split(r"[\W_\d]+", f"{name} {host.rpartition('.')[0]}") if len(w) > 2}
        if not words.isdisjoint(re.findall(r"\w+", f"{c.p.gift.opener} {c.p.gift.subject}".casefold())):
            yield "the first line tells who it is"
    for topic in filter(None, (m.groupdict().get("both"), m.groupdict().get("skill"))):
        if not threads(topic, c.box.with_(others, c.now)) and not threads(topic, c.talk):
            yield "about a topic that no subject holds"


def sends(c: Case, m: re.Match[str]) -> Iterator[str]:
    if not any(x.sender in c.box.own for x in c.cited()):
        yield "promised in no mail of the owner's"


def began(c: Case, m: re.Match[str]) -> Iterator[str]:
    """Of all matters, who wrote the first mail."""
    first: dict[str, str] = {}
    for x in c.talk:
        if not x.forward:
            first.setdefault(f"{x.matter}", x.sender)
    mine = sum(sender in c.box.own for sender in first.values())
    if mine < NEARLY_ALWAYS * len(first):
        yield "they began often enough"


NAME = r"(?P<name>.+?)"
CONTEXT: Sequence[tuple[str, Check]] = ((rf"in your mail since (?P<month>{MONTH})(?:, about (?P<about>.+))?$", since),)
WHY: Sequence[tuple[str, Check]] = (
    (rf"You wrote last, on (?P<day>{DAY})", i_last),
    (rf"You last met on {DAY}", met),
    (rf"On (?P<day>{DAY}), (?P<ago>{WHILE}) ago, you promised {NAME} something in “(?P<subject>.*)”"
     rf"(?P<today>, for today)?(?:, by (?P<due>{DAY}))?\. No mail went to .+? since\.", promised),
    (rf"(?:You wrote first; )?{NAME} asked you something(?: back)? on (?P<day>{DAY}), (?P<ago>{WHILE}) ago\. "
     r"It may still be open\.", asked),
    (rf"{NAME} wrote on (?P<day>{DAY}), (?P<ago>{WHILE}) ago, and the subject asks something of you\. "
     r"It may still be open\.", asked),
    (rf"{NAME} wrote last, on (?P<day>{DAY})", they_last),
    (r"; you used to be in touch (?P<pace>nearly every day|about once a month|about every (?:week|\w+ \w+))", paced),
    (rf"; it has been (?P<silent>{WHILE})\.", silent),
    (r"; there is no hurry, only something that may interest them\.", nothing),
    (r"\.$", nothing),
)  # fmt: skip
SAYS: Sequence[tuple[str, Check]] = (
    (r"Answer .+?’s mail (?:“(?P<subject>.*)”|of (?P<day>.+))\.$", answers),
    (rf"“(?P<title>.+)”, from .+?, (?P<day>{DAY})(?:: you two wrote about (?P<topic>.+?))?\. "
     r"Say what you make of it\.$", shares),
    (rf"Ask how things stand with “(?P<subject>.+)”: you two last wrote about it in (?P<month>{MONTH})\.$", asks_after),
    (r"Send .+ what you promised, or a line on when it will come\.$", sends),
    (r"You write about (?P<both>.+?) with .+ and with .+\. The two never stood in one mail or meeting of yours\. "
     r"Ask .+ whether an introduction is welcome, without saying to whom\.$", introduces),
    (r".+ asked (?:about “.+”|for something)(?: in .+?)?(?:; you and .+ wrote about (?P<skill>.+?))?\. "
     r"The two never stood in one mail or meeting of yours\. Ask .+ whether an introduction is welcome, without saying "
     r"to whom\.$", introduces),
)  # fmt: skip
REST: Sequence[tuple[str, Check]] = (
    (r"So far it was nearly always you who began\. Letting it rest is fine, too\.$", began),
)


def wrong(p: Proposal, now: datetime, box: Box) -> Iterator[str]:
    """Every claim of a proposal that the mailbox does not bear out."""
    c = Case(p, now, box)
    if not p.gift.says or not p.cites:
        yield "no gift or no evidence"
    for sentence, patterns in ((p.context, CONTEXT), (p.why, WHY), (p.gift.says, SAYS), (p.rest, REST)):
        yield from checked(c, sentence, patterns)
    yield from uncited(c)
    cited = [x for n in range(len(p.cites)) for x in c.cited(n)]
    said = " ".join((p.why, p.gift.says, *(x.subject for x in cited)))
    if any(bare(name) not in said for name in re.findall(r"“(.+?)”", p.gift.opener)):
        yield "a first line that names something else"
    days = {box.day(x) for x in cited}
    if any(c.on(day) not in days for day in re.findall(DAY, p.gift.opener)):
        yield "a first line that names another day"


def checked(c: Case, sentence: str, patterns: Iterable[tuple[str, Check]]) -> Iterator[str]:
    """Read a sentence from its beginning to its end, part by part."""
    rest = sentence
    while rest:
        found = next(((m, check) for pattern, check in patterns if (m := re.match(pattern, rest))), None)
        if not found:
            yield "a sentence that nobody checks"
            return
        yield from found[1](c, found[0])
        rest = rest[found[0].end() :]


def uncited(c: Case) -> Iterator[str]:
    """What is cited, and is not there."""
    for cite in c.p.cites:
        senders = c.box.own if cite.by == "me" else c.theirs if cite.by == "them" else None
        some = (m for at in range(-1, 2) for m in c.box.at.get(cite.at + at, ()))
        if not any(
            (senders is None or m.sender in senders) and " ".join(cite.subject.split()) in m.subject for m in some
        ):
            yield f"cites what is not there, of {datetime.fromtimestamp(cite.at, UTC):%Y} by {cite.by}"


# What may not be


@dataclass(slots=True)
class Seen:
    """Who was proposed before."""

    at: datetime
    theirs: frozenset[str]
    quoted: str


def crossed(p: Proposal, now: datetime, box: Box, before: Sequence[Seen]) -> Iterator[str]:
    """Every bound that a proposal oversteps, given those of earlier mornings."""
    c = Case(p, now, box)
    if c.theirs & box.own:
        yield "the owner"
    if p.person.kind != "person":
        yield f"a {p.person.kind}"
    talk = c.talk
    if p.pool != "owed" and p.kind not in ANY_DAY and talk and now - talk[-1].at < RECENT:
        yield "in contact within 14 days"
    seen = [one for one in before if one.theirs & c.theirs]
    if any(now - one.at < WEEK for one in seen):
        yield "twice in a week"
    mine = max((m.at for m in talk if m.sender in box.own), default=None)
    left = [one.at for one in seen if mine is None or one.at > mine]
    if len(left) >= 2 and now - max(left) < QUARTER:
        yield "a third time after two that were left alone"
    if p.gift.kind == "link" and any(one.quoted == quoted(p) for one in seen):
        yield "a link twice"
    if p.pool != "owed" and len(tries(talk, c.theirs, box)) >= 2:
        yield "pushes whoever did not answer twice"


def tries(talk: Iterable[Letter], theirs: Collection[str], box: Box) -> set[date]:
    """The days on which the owner wrote since they last did."""
    days: set[date] = set()
    for m in talk:
        days = set() if m.sender in theirs else days | {box.day(m)}
    return days


def quoted(p: Proposal) -> str:
    """What a gift names."""
    return next(iter(re.findall(r"“(.+?)”", p.gift.says)), "")


def together(proposals: Sequence[Proposal], markup: str, own: Collection[str], most: int) -> Iterator[str]:
    """What a whole digest oversteps."""
    people = [address for p in proposals for address in p.person.addresses]
    if len(proposals) > most or len(set(people)) < len(people):
        yield "too many, or one twice"
    for kind in ("question", "link"):
        if sum(p.gift.kind == kind for p in proposals) > 1:
            yield f"two of kind {kind}"
    allowed = {*own, *(p.person.addresses[0] for p in proposals), *(a for p in proposals for a in p.gift.also)}
    for link in re.findall(r'href="([^"]*)"', markup):
        target = urlsplit(html.unescape(link))
        if target.scheme == "mailto" and not set(unquote(target.path).split(",")) <= allowed:
            yield "a mail to somebody else"
        if len(html.unescape(link)) > 1_800:
            yield "a link too long"
