"""What do we talk about? The words of the house, as frozen values.

Times are POSIX seconds in UTC (`int`) wherever there are many, and aware datetimes where there is one. Addresses
are lower-cased. A fact's `id` is its row number in the store, which is also what logs may name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Literal, TypeAlias

from connectors.contract import Evidence

DAY = 86_400
"""Seconds in a day."""

FORTNIGHT = 14 * DAY

BY_A_HUMAN: tuple[Evidence, ...] = ("confidential",)
"""What the headers may say of a mail that a human wrote all the same."""

Kind: TypeAlias = Literal["person", "machine", "list", "broadcast"]
Sphere: TypeAlias = Literal["work", "personal", "unknown"]
Side: TypeAlias = Literal["me", "them", "other"]
Pool: TypeAlias = Literal["keeping up", "reviving", "owed"]
Ask: TypeAlias = Literal["request", "question", "offer", "promise", "thanks"]
Verb: TypeAlias = Literal["later", "not now", "never"]
Sign: TypeAlias = Literal["waits", "that day", "pressing", "assistant", "to another", "mailing", "sends"]


@dataclass(frozen=True, slots=True)
class Link:
    """A link that stood in a mail, with the words that named it."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the text of one mail said, without the text. Made only for accounts with `read = "text"`."""

    asks: tuple[Ask, ...] = ()
    links: tuple[Link, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    dates: tuple[date, ...] = ()
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """One stored interaction: a mail, or a meeting (its organiser is the sender, those asked are `to`)."""

    id: int
    at: int
    sender: str  # "" where the source did not say
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    parents: tuple[str, ...] = ()  # Message-IDs it answers: In-Reply-To, then References from the nearest
    thread: str = ""  # the provider's own thread id
    labels: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    meeting: bool = False
    cancelled: bool = False
    declined: tuple[str, ...] = ()  # those who said no to a meeting
    marks: Marks | None = None

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody in To, Cc and Bcc, each once."""
        if len(self.to) == 1 and not self.cc and not self.bcc:  # half of all mails
            return self.to
        return tuple(dict.fromkeys(self.to + self.cc + self.bcc))


@dataclass(frozen=True, slots=True)
class Person:
    """One human (or machine, or list) behind one or several addresses; the first address is the one to write to."""

    id: int
    name: str
    addresses: tuple[str, ...]
    kind: Kind = "person"
    sphere: Sphere = "unknown"
    joined: tuple[str, ...] = ()  # why these addresses are taken for one person, in sentences
    because: str = ""  # why the kind is what it is, in a sentence


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact of the user with one person; `design.md` says which mails and meetings count."""

    at: int
    by: Side  # who wrote; of a meeting, who asked for it
    fact: int  # below nought: the statement (without its minus) in which the user logged it
    thread: int = 0  # 0 for a meeting
    meeting: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation with all its mails, oldest first, those of third parties too."""

    id: int
    mails: tuple[Fact, ...]
    opened_by: str  # an address; "" where the first mail we have answers one that we do not have

    @property
    def subject(self) -> str:
        """The subject as its first mail had it."""
        return self.mails[0].subject


@dataclass(frozen=True, slots=True)
class Topic:
    """A term of a person's threads, with how far it sets this person apart."""

    term: str
    weight: float
    threads: int
    last: int  # when it last came up


@dataclass(frozen=True, slots=True)
class Tie:
    """The user, one person, and all that passed between them."""

    person: Person
    contacts: tuple[Contact, ...]  # oldest first
    threads: tuple[Thread, ...] = ()  # oldest first
    topics: tuple[Topic, ...] = ()  # strongest first
    notes: tuple[str, ...] = ()  # what the user noted
    had: frozenset[str] = (
        frozenset()
    )  # the links that stood in any mail with them, as `agent.sharing.links` knows them again


@dataclass(frozen=True, slots=True)
class Standing:
    """What the signals say of a tie, as of its last contact: enough to rank it without reading it again.

    Nothing in it depends on the present, so that it may be kept; what does is computed from it and `now`.
    """

    person: int
    first: int = 0  # POSIX seconds; 0 = never
    last: int = 0
    last_mine: int = 0
    last_theirs: int = 0
    mine: int = 0  # mails of the user's to them that count as contact
    theirs: int = 0
    meetings: int = 0
    days: int = 0  # contact days
    gap: float | None = None  # usual gap in days; None with fewer than 4 contact days
    began_mine: int = 0  # threads, silences and meetings that the user began
    began_theirs: int = 0
    asked: int = 0  # threads of the user's own that called for an answer: sent to this person and few others
    answered: int = 0  # of these, the ones that this person answered
    unanswered: int = 0  # days on which the user wrote since they last did
    seen: int = 0  # when they last stood in anything, a mail to many or of somebody else's too
    warmth: tuple[float, ...] = ()  # log of the contacts' sum, each decayed to `last`, for each of ranking.HALF_LIVES
    open: tuple[tuple[int, int], ...] = ()  # (thread, at) whose last mail is theirs to the user, newest first


@dataclass(frozen=True, slots=True)
class News:
    """Something that could be passed on: a link or a newsletter's piece that came by mail, an entry of a feed, or what
    the user laid on the shelf for that.
    """

    fact: int  # 0 where it came by no mail
    at: int
    title: str
    subject: str  # of the mail that it came in
    source: str  # who or what it came from
    terms: Mapping[str, float]
    about: frozenset[str]  # the terms of its title
    seen_by: frozenset[str]  # addresses that have it already
    url: str = ""
    by: Literal["mail", "feed", "shelf"] = "mail"
    note: str = ""  # what the user noted, of what lies on the shelf


@dataclass(frozen=True, slots=True)
class Behind:
    """An account of which something recent may not have been read yet, and who appears in it."""

    account: str
    says: str  # in a sentence
    people: frozenset[str]  # addresses
    everybody: bool = False  # its mail is just coming in: anybody may appear in it


@dataclass(frozen=True, slots=True)
class Event:
    """Something in the user's calendar that is still to come, and that one may speak of."""

    fact: int
    at: int
    day: date
    title: str
    about: frozenset[str]  # the terms of its title
    people: frozenset[str]  # addresses that take part
    inside: frozenset[str] = frozenset()  # the organisations beyond which nobody is told; none: anybody may hear of it


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day of somebody's that is worth a word, and where it stands."""

    name: Literal["birthday", "work anniversary"]
    day: date  # this year's, which is today or one of the next few
    source: str  # "your address book", "your calendar"
    age: int = 0  # that they reach; 0 = nobody can tell
    leap: bool = False  # it is 29 February, and this year has none
    cite: "Citation | None" = None


@dataclass(frozen=True, slots=True)
class Opportunity:
    """Something that somebody offered and that could suit another, as far as the user says it has come."""

    number: int
    giver: tuple[str, ...]  # addresses
    says: str
    offered: int  # when the user noted it
    state: Literal["offered", "asked", "yes", "no", "passed", "thanked"] = "offered"
    at: int = 0  # since when
    receivers: tuple[tuple[str, ...], ...] = ()  # the addresses of each to whom it was passed on


@dataclass(frozen=True, slots=True)
class Errand:
    """What an opportunity asks of the user next, with one person."""

    step: Literal["ask", "pass on", "thank"]
    about: Opportunity
    fit: float = 1.0  # how well it suits this person, 0 to 1


@dataclass(frozen=True, slots=True)
class Almanac:
    """What is of this day alone. People go by their number."""

    promises: Mapping[int, Fact] = field(default_factory=dict)  # the mail in which the user promised something
    occasions: Mapping[int, Occasion] = field(default_factory=dict)
    errands: Mapping[int, Errand] = field(default_factory=dict)
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Of the last weeks: what the user passed on, and who answered whom with the user in copy."""

    passed_on: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # subject, normalised -> when
    answered: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)  # address -> when, and by whom


@dataclass(frozen=True, slots=True)
class Introduction:
    """Two people who do not know each other and might like to, seen from the one to whom the user would write now.

    Before both have agreed, no word of `unsaid` may stand in what is written to `to`.
    """

    to: Person
    other: Person
    step: Literal["ask", "remind", "introduce"]
    need: Literal["theirs", "other's", ""]  # who asked for what the other knows; "": the two care about the same
    about: str = ""  # the matter, as `to` wrote it or wrote about it
    others: str = ""  # the same, of the other
    at: int = 0  # when the need was written, or the two last wrote about it
    asked: int = 0  # when `to` was asked, and when the other agreed; 0 = not yet
    agreed: int = 0
    cites: tuple["Citation", ...] = ()
    unsaid: frozenset[str] = frozenset()  # folded words that tell who the other is


@dataclass(frozen=True, slots=True)
class Morning:
    """When and for whom a digest is made: what holds for every tie alike."""

    now: int
    zone: tzinfo
    own: frozenset[str]
    usual: float = 14.0  # days: the middle of the user's usual gaps, on which a young tie leans
    news: tuple[News, ...] = ()
    behind: tuple[Behind, ...] = ()
    texts: bool = True  # whether any text was read, so that it may be known what a mail asks
    written: frozenset[int] | None = None  # the fortnights (POSIX seconds // FORTNIGHT) with mail of the user's own
    deleted: Mapping[str, int] = field(default_factory=dict)  # address -> when a mail passed that was deleted since
    flow: float = 0.0  # mails that lately came to the user for each one that went out, as a logarithm
    weights: tuple[float, ...] = ()  # of `ranking.WELCOME`, as the user's own past asks for them; () = as they are
    taken: float = 0.0  # the share of the next five days' working hours that meetings take
    almanac: Almanac = Almanac()
    meanwhile: Meanwhile = Meanwhile()
    introductions: tuple[Introduction, ...] = ()  # the likeliest first, each person in one
    interested: frozenset[int] = frozenset()  # persons whose topics the news touch, or whom a note on the shelf names
    offered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # address -> the gifts of earlier digests
    unwelcome: tuple[str, ...] = ()  # topics of which the user wants no gift


@dataclass(frozen=True, slots=True)
class Citation:
    """A fact that a sentence rests on: the user can look it up."""

    fact: int
    at: int
    by: Side
    subject: str


@dataclass(frozen=True, slots=True)
class Gift:
    """Something worth giving: `says` is a sentence to the user; `opener` a first line to the person."""

    kind: Literal["answer", "link", "question", "introduction", "opportunity", "occasion", "promise", "event"]
    says: str
    opener: str
    cites: tuple[Citation, ...]
    url: str = ""
    subject: str = ""  # what the mail to the person would be called
    also: tuple[str, ...] = ()  # further addresses that the mail goes to


@dataclass(frozen=True, slots=True)
class Proposal:
    """A person, why now with its evidence, and a gift."""

    kind: str  # the name of its module in agent.proposals
    pool: Pool
    person: Person
    context: str  # who this is, in a few words
    why: str  # why now: a sentence to the user
    cites: tuple[Citation, ...]
    gift: Gift
    welcome: float
    rest: str = ""  # an offer to let it rest, where the other one never begins


@dataclass(frozen=True, slots=True)
class Held:
    """A proposal that was not made, with the boundary that held it, in a sentence."""

    person: Person
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that the user said. It hangs on addresses, so that it survives regrouping."""

    id: int
    at: int
    verb: str  # never, later, not now, done, note, log, introduce, same, different, mine, not mine, work, personal
    addresses: tuple[str, ...]
    text: str = ""
    until: int = 0  # for `later`: not before then; for `log`: when it was


@dataclass(frozen=True, slots=True)
class Question:
    """What a digest asks of the user, about somebody; it is answered by a command."""

    kind: Literal["sphere", "agreed"]
    addresses: tuple[str, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal as it stood in a digest that was delivered."""

    day: date
    slot: int  # 1, 2, 3 from above; 0: a question
    kind: str
    addresses: tuple[str, ...]
    gift: str  # what was offered, so that it is not offered twice
    at: int


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest as the user has it in their mail: who stands under which number, whatever a screen showed since."""

    day: date
    message_id: str
    people: Mapping[int, tuple[str, ...]]  # slot -> addresses


@dataclass(frozen=True, slots=True)
class Decision:
    """What the user answered to one proposal of a digest, by mail."""

    day: date
    slot: int
    verb: Verb
    addresses: tuple[str, ...]
    at: int
    until: int = 0  # not before then; 0 = for good


@dataclass(frozen=True, slots=True)
class Coverage:
    """The interval in which an account's mail is known: of an archive, from its first to its last message."""

    account: str
    start: int
    end: int
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """The morning's mail, ready to be delivered: the same bytes for the same facts and the same `now`."""

    day: date
    subject: str
    text: str
    html: str
    message_id: str
    proposals: tuple[Proposal, ...] = ()
    made_at: datetime | None = None
    mailed: str = ""  # the text part of the mail: it ends with links to answer by, where `text` names commands
    silent_because: str = ""  # with no proposal: why, in a sentence
    test: bool = False  # only the way is tried: it counts for nothing
    question: Question | None = None  # its text stands among the notices
