"""Whole lives, drawn by Hypothesis: who wrote what to whom, and what the user said and did of a week of mornings.

What a digest may hold is judged from the letters alone, by rules written a second time: nothing of `agent` is asked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatch
from typing import Literal, TypeAlias

from hypothesis import strategies as st

from agent.model import Ask, Link, Marks, Sign
from agent.sharing.shelf import Shelved, packed
from agent.store.store import Store
from config.settings import Boundaries, Me, Settings
from connectors.contract import Attendee, Card, Evidence, Interaction, Meeting, Page, Party, Stream

START = datetime(2026, 3, 9, 7, tzinfo=UTC)
"""A Monday."""

ME = Party("nora@loomworks.example", "Nora Lind")
LETTER = Party("letter@thread.example", "The Weekly Thread")
COLLEAGUE = Party("kim@loomworks.example", "Kim Berg")
INBOX = Stream("inbox", "Inbox", "\\Inbox")
BOOK = Stream("book", "Contacts")
DIARY = Stream("diary", "Calendar")

NAMES = (
    "Ada Weber",
    "Bruno Keller",
    "Clara Jensen",
    "Tomás Ibarra",
    "Gita Rao",
    "<b>Eve</b> Hart\nBcc: x",
    "Lars Holm",
)
HOSTS = ("guild.example", "paper.example", "rival.example", "mail.example", "loomworks.example")
TOPICS = ("tide gauges", "rag paper", "copper plates")
CROWD = 24
WARES = ("wool", "barrels", "ink", "lamps")
ABOUTS = ("Notes on", "Pictures of", "The cost of", "More on", "A book on")
ASKS: Mapping[str, Marks] = {
    "": Marks(),
    "question": Marks(asks=("question",), signs=("waits",)),
    "promise": Marks(asks=("promise",), signs=("sends",)),
    "request": Marks(asks=("request",)),
    "thanks": Marks(asks=("thanks",)),
}

Side: TypeAlias = Literal["me", "them"]
Reaction: TypeAlias = Literal["", "wrote", "later", "not now", "never", "done"]


@dataclass(frozen=True)
class Word:
    """A mail between the user and others: `who` are numbers of people, the first of them its other side."""

    ago: float  # days before START
    who: tuple[int, ...]
    by: Side
    topic: str
    ends: str = ""
    link: str = ""
    about: str = ""  # what the subject adds to the topic, so that it is a thread of its own


@dataclass(frozen=True)
class Life:
    """A mailbox, an address book, and what the user set."""

    people: tuple[Party, ...]
    words: tuple[Word, ...]
    letters: tuple[tuple[int, str], ...] = ()  # newsletters: days ago, and their topic
    shelf: tuple[tuple[int, str], ...] = ()  # what the user laid on the shelf: days ago, and its topic
    confidential: tuple[str, ...] = ()
    unwelcome: tuple[str, ...] = ()  # topics
    inside: tuple[tuple[int, str], ...] = ()  # what a colleague sent round in the company: days ago, and its topic
    birthdays: tuple[int, ...] = ()  # of people: how many days after START
    ahead: tuple[tuple[int, str], ...] = ()  # events to come: in how many days, and their topic
    work: tuple[int, ...] = ()  # people whom the user called work
    private: tuple[int, ...] = ()
    never: tuple[str, ...] = ()
    said: Mapping[int, str] = field(default_factory=dict)  # person -> what the user said of them before START


def _talks(draw: st.DrawFn, who: int, people: int) -> Iterator[Word]:
    """All that passed with one person: at some pace, until some day, and perhaps a last thing that was left open."""
    pace, until = draw(st.sampled_from((12, 25, 40))), draw(st.sampled_from((45, 90, 45, 200, 20, 8)))
    topics = draw(st.lists(st.sampled_from(TOPICS), min_size=1, max_size=2))
    one_sided = draw(st.sampled_from(("tm", "mt", "mtmt", "m", "t")))
    abouts = draw(st.sampled_from((ABOUTS, ("",))))
    for n, ago in enumerate(range(until + pace * draw(st.integers(3, 9)), until - 1, -pace)):
        also = (draw(st.integers(0, people - 1)),) if draw(st.integers(0, 9)) == 0 else ()
        for step, side in enumerate(one_sided):
            by: Side = "me" if side == "m" else "them"
            yield Word(ago - step / 12, (who, *also), by, topics[n % len(topics)], about=abouts[n % len(abouts)])
    ends = draw(st.sampled_from(("", "", "", "", "question", "promise", "request")))
    if ends:
        left = draw(st.sampled_from((4, 9, 20)))
        yield Word(left, (who,), "me" if ends == "promise" else "them", topics[0], ends)
    if draw(st.booleans()):
        linked = draw(st.sampled_from(TOPICS))
        yield Word(until + 3, (who,), draw(st.sampled_from(("me", "them"))), linked, "", linked)


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """A life of two to five people."""
    count = draw(st.integers(2, 5))
    names = draw(st.permutations(NAMES))[:count]
    hosts = [draw(st.sampled_from(HOSTS)) for _ in names]
    people = tuple(Party(f"p{n}@{host}", name) for n, (name, host) in enumerate(zip(names, hosts, strict=True)))
    some = st.lists(st.integers(0, count - 1), unique=True, max_size=count).map(tuple)
    dated = st.lists(st.tuples(st.integers(1, 25), st.sampled_from(TOPICS)), max_size=3).map(tuple)
    return Life(
        people=people,
        words=tuple(word for n in range(count) for word in _talks(draw, n, count)),
        letters=draw(dated),
        shelf=draw(dated),
        confidential=draw(st.sampled_from(((), (), (), ("rag paper",), ("thread.example",)))),
        unwelcome=draw(st.sampled_from(((), (), (), ("copper plates",)))),
        inside=draw(dated),
        birthdays=tuple(draw(st.lists(st.integers(0, 9), max_size=count))),
        ahead=draw(dated),
        work=draw(some),
        private=draw(some),
        never=tuple(draw(st.lists(st.sampled_from(("*@rival.example", "Gita Rao", "paper.example")), max_size=1))),
        said=draw(
            st.dictionaries(
                st.integers(0, count - 1), st.sampled_from(("never", "later", "not now", "done")), max_size=1
            )
        ),
    )


reactions = st.lists(
    st.lists(st.sampled_from(("", "", "wrote", "later", "not now", "never", "done")), min_size=5, max_size=5),
    min_size=8,
    max_size=8,
)
"""For each of eight mornings what the user does with the first, the second, ... of those proposed."""


def url(topic: str, source: str) -> str:
    """Where the piece of that topic stands."""
    return f"https://{source}.example/{topic.replace(' ', '-')}"


def title(topic: str, source: str) -> str:
    """What the piece is called."""
    return f"{topic.capitalize()}: what became of them, says the {source}"


def _marks(word: Word) -> Marks:
    ends = ASKS[word.ends]
    asks: tuple[Ask, ...] = ends.asks
    signs: tuple[Sign, ...] = ends.signs
    links = (Link(url(word.link, "news"), title(word.link, "news")),) if word.link else ()
    return Marks(asks, links, dict.fromkeys((word.topic, *word.topic.split()), 3), (), signs)


def _piece(topic: str, source: str) -> Marks:
    terms = dict.fromkeys((topic, *topic.split()), 5)
    return Marks((), (Link(url(topic, source), title(topic, source)),), terms)


def _mail(
    number: int, at: datetime, sender: Party, to: Sequence[Party], subject: str, *evidence: Evidence
) -> Interaction:
    return Interaction(
        id=f"m{number}",
        sent=at,
        dated_by="date",
        sender=sender,
        to=tuple(to),
        subject=subject,
        message_id=f"{number}@post.example",
        labels=("\\Sent",) if sender == ME else ("\\Inbox",),
        evidence=evidence,
    )


@dataclass
class Lived:
    """The letters of a life in the store, those of its week included, and the judgement over its digests."""

    life: Life
    store: Store
    mails: list[Interaction] = field(default_factory=list)
    offered: list[tuple[datetime, frozenset[str], str]] = field(default_factory=list)  # when, to whom, which link
    shown: list[tuple[datetime, frozenset[str]]] = field(default_factory=list)
    held: dict[str, datetime] = field(default_factory=dict)  # address -> not before; said by the user

    @property
    def settings(self) -> Settings:
        """What the user set: their address, and whom they never want to see."""
        never = (*self.life.never, *(f"topic: {topic}" for topic in self.life.unwelcome))
        bounds = Boundaries(never=never, confidential=self.life.confidential)
        return Settings(me=Me(addresses=(ME.address,)), boundaries=bounds)

    def begin(self) -> None:
        """Everything up to the first morning."""
        life, marks = self.life, {}
        for word in life.words:
            them = [life.people[n] for n in dict.fromkeys(word.who)]
            sender, to = (ME, them) if word.by == "me" else (them[0], [ME, *them[1:]])
            mail = self._add(
                START - timedelta(days=word.ago, seconds=len(self.mails)),
                sender,
                to,
                f"{word.about} {word.topic}".strip().capitalize(),
            )
            marks[mail.id] = _marks(word)
        for ago, topic in life.letters:
            mail = self._add(START - timedelta(days=ago), LETTER, [ME], f"The thread on {topic}", "bulk")
            marks[mail.id] = _piece(topic, "thread")
        for ago, topic in life.inside:
            mail = self._add(START - timedelta(days=ago), COLLEAGUE, [ME], f"For us alone: {topic}")
            marks[mail.id] = _piece(topic, "inside")
        for ago in range(1, 600, 10):  # else nobody could tell whether the user was silent
            self._add(START - timedelta(days=ago), ME, [COLLEAGUE], "The week")
        for n in range(CROWD):  # whoever shares a topic among so many has something in common
            passer = Party(f"crowd{n}@town{n}.example", f"Passer {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[n]}by")
            self._add(START - timedelta(days=100 + n), passer, [ME], f"{WARES[n % len(WARES)]} for sale".capitalize())
            self._add(START - timedelta(days=99 + n), ME, [passer], f"Re: {WARES[n % len(WARES)]} for sale")
        self.store.account("mail", "mbox", archive=True)
        self.store.record("mail", INBOX, Page(tuple(self.mails), {"v": 1, "at": 1}), marks, at=START)
        self.store.account("book", "vcard", archive=True)
        self.store.record("book", BOOK, Page(tuple(self._cards()), {"v": 1}), at=START)
        self.store.account("diary", "ics", archive=True)
        self.store.record("diary", DIARY, Page(tuple(self._events()), {"v": 1}), at=START)
        for number, (ago, topic) in enumerate(life.shelf, 1):
            at = int((START - timedelta(days=ago)).timestamp())
            laid = Shelved(number, at, url(topic, "shelf"), title(topic, "shelf"))
            self.store.say("shelf", (), packed(laid), at=at)
        before = int((START - timedelta(days=3)).timestamp())
        for n in life.work:
            self.store.say("work", (life.people[n].address,), at=before)
        for n in life.private:
            self.store.say("personal", (life.people[n].address,), at=before)
        for n, verb in life.said.items():
            self.say(verb, (life.people[n].address,), START - timedelta(days=2))

    def _add(self, at: datetime, sender: Party, to: Sequence[Party], subject: str, *evidence: Evidence) -> Interaction:
        mail = _mail(len(self.mails), at, sender, to, subject, *evidence)
        self.mails.append(mail)
        return mail

    def _cards(self) -> Iterator[Card]:
        for person, after in zip(self.life.people, self.life.birthdays, strict=False):
            day = (START + timedelta(days=after)).date()
            yield Card(f"c{person.address}", person.name, (person.address,), birthday=date(1970, day.month, day.day))

    def _events(self) -> Iterator[Interaction]:
        for number, (days, topic) in enumerate(self.life.ahead):
            start = START + timedelta(days=days)
            yield Interaction(
                id=f"e{number}",
                sent=start,
                dated_by="start",
                sender=ME,
                subject=f"The great {topic} fair",
                meeting=Meeting(f"u{number}", start, start + timedelta(hours=6), None, ME, (Attendee(ME, "accepted"),)),
            )

    def say(self, verb: str, addresses: Sequence[str], at: datetime) -> None:
        """What the user says of somebody, kept and remembered."""
        ends = {
            "later": at + timedelta(days=14),
            "not now": at + timedelta(days=91),
            "never": at + timedelta(days=9_999),
        }
        until = ends.get(verb)
        self.store.say(
            verb, addresses, until=int(until.timestamp()) if until and verb != "never" else 0, at=int(at.timestamp())
        )
        for address in addresses:
            if until:
                self.held[address] = max(until, self.held.get(address, until))

    def write(self, address: str, at: datetime) -> None:
        """The user writes to somebody, and the next round sees it."""
        mail = self._add(at, ME, [Party(address)], "A word")
        page = Page((mail,), {"v": 1, "at": len(self.mails)})
        self.store.record("mail", INBOX, page, {mail.id: Marks()}, at=at)

    # The judgement

    def with_them(self, addresses: Iterable[str]) -> list[Interaction]:
        """All mails in which one of these stands."""
        theirs = set(addresses)
        return [m for m in self.mails if theirs & people(m)]

    def contacts(self, addresses: Iterable[str]) -> list[Interaction]:
        """The mails between the user and one of these."""
        theirs = set(addresses)
        return [
            m
            for m in self.with_them(theirs)
            if not m.evidence and m.sender and (m.sender == ME or m.sender.address in theirs)
        ]

    def unanswered(self, addresses: Iterable[str]) -> int:
        """Days on which the user wrote since they last did."""
        passed = self.contacts(addresses)
        theirs = max((m.sent for m in passed if m.sender != ME), default=datetime.min.replace(tzinfo=UTC))
        return len({m.sent.date() for m in passed if m.sender == ME and m.sent > theirs})

    def never(self, name: str, addresses: Iterable[str]) -> bool:
        """Whether the config says never."""
        return any(
            fnmatch(address, line) or address.endswith(f"@{line}") or name == line
            for line in self.life.never
            for address in addresses
        )

    def had(self, link: str, addresses: Iterable[str]) -> bool:
        """Whether one of these stood in a mail with that link."""
        theirs = {n for n, p in enumerate(self.life.people) if p.address in set(addresses)}
        return any(theirs & set(w.who) and link == url(w.link, "news") for w in self.life.words if w.link)


def people(mail: Interaction) -> set[str]:
    """Everybody in a mail, by address."""
    return {p.address for p in (mail.sender, *mail.to, *mail.cc, *mail.bcc) if p}
