"""What did a mail say that may be kept, when its text may not?

Called with a text in memory, it returns marks and keeps nothing: flags of asks, links with their titles, counts of
words, dates.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from nlp import mailings, markup, topics, when, words, zones
from nlp.asks import Ask, in_order, sentence_asks, sentences, waiting_among
from nlp.cued import Cued

MOST_LINKS = 12
"""A mail with more links than this is a newsletter; its first ones say enough."""

LONGEST_TITLE = 160
"""Characters of a link's title."""


Sign: TypeAlias = Literal["waits", "that day", "pressing", "assistant", "to another", "mailing"]
"""What speaks against an answer that still waits: what was asked was for that very day or week; whoever asks arranges
things for somebody; another is addressed by name. And whether it says of itself that it went to many."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link that stood in a mail, with the words that named it, or ""."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What the text of one mail said, without the text."""

    asks: tuple[Ask, ...] = ()
    links: tuple[Link, ...] = ()
    terms: Mapping[str, int] = field(default_factory=dict)
    dates: tuple[date, ...] = ()
    signs: tuple[Sign, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A mail's text in memory: as it came, without markup, and what of it is new."""

    raw: str
    plain: str
    new: str


Said: TypeAlias = Sequence[tuple[str, frozenset[Ask]]]
"""The sentences of a text, and what each does."""

_ASKING: frozenset[Ask] = frozenset({"request", "question"})
_AHEAD: frozenset[Ask] = _ASKING | {"offer", "promise"}
"""What is done with these lies ahead, and so do the days that are named with it."""

_URL = re.compile(r"https?://[^\s<>\"'\]|\\^`{}）」】，。]{4,}", re.IGNORECASE)
_NOT_SHARED = re.compile(
    r"unsubscribe|abmelden|desinscri|opt[-_]?out|log-?in|log-?on|sign-?in|sign-?up|signup|password|passwort|reset|"
    r"verify|verification|confirm|"
    r"activate|account|preferences|/oauth|/auth/|token=|sessionid|jsessionid|sid=|/track|tracking|click\.|/click|"
    r"/wf/|pixel|beacon|open\.|"
    r"list-manage|mailchimp|sendgrid|mandrill|doubleclick|/calendar/|zoom\.us|meet\.google|teams\.microsoft|"
    r"teams\.live|webex|gotomeeting|whereby\.com|"
    r"calendly|doodle\.com|docs\.google\.com/forms|mailman|listinfo|posting-guide|safelinks|urldefense|"
    r"schemas\.microsoft|w3\.org/(?:tr/|1999)|fonts\.g|"
    r"aka\.ms|privacy|terms-of|disclaimer|invoice|/cart|checkout|download\.(?:aspx|php)\?",
    re.IGNORECASE,
)
"""Addresses that are nobody's gift: to leave, to sign in, to be counted, to join a call."""

_PICTURE = re.compile(r"\.(?:gif|png|jpe?g|svg|ico|bmp|webp|css|js|exe|zip)$", re.IGNORECASE)

_YEAR = re.compile(r"(?:19|20)\d\d")
BESIDE = 40
"""Characters before a year and after it in which the rest of its date stands."""

_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d?)-(\d\d?)\b|\b((?:19|20)\d\d)年(\d\d?)月(\d\d?)日")
_NAMES = "|".join(sorted(map(re.escape, words.MONTHS), key=len, reverse=True))
_DAY_FIRST = re.compile(
    rf"\b(\d\d?)(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?({_NAMES})\.?,?\s+(?:de\s+)?((?:19|20)\d\d)\b", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b({_NAMES})\.?\s+(\d\d?)(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)\b", re.IGNORECASE)
_DOTTED = re.compile(r"\b(\d\d?)\.\s?(\d\d?)\.\s?((?:19|20)\d\d)\b")
_SLASHED = re.compile(r"\b(\d\d?)/(\d\d?)/((?:19|20)\d\d)\b")


_THAT_DAY = re.compile(
    r"\b(?:today|tonight|tomorrow|this (?:morning|afternoon|evening)|right now|heute|demain|mañana|"
    r"domani|amanhã|aujourd'hui|ce (?:soir|matin)|hoy|oggi|"
    r"hoje)\b"
)
_SEE_YOU = re.compile(r"\b(?:see|meet|talk to) (?:you|u|ya) (?:at|on|tomorrow|tonight|this|then|there)\b")
_ANY_OF_YOU = re.compile(r"\b(?:any|all|one|each|either|some) of you\b|\byou all\b|\beverybody\b|\beveryone\b")
_APPOINTMENT = Cued(
    ("original appointment", r"original appointment"), ("when:", r"^\W*when:.*(?:\n.*){0,3}\n\W*where:")
)
_PRESSING = re.compile(
    rf"\b\d\d?(?:st|nd|rd|th)\b|\b(?:{'|'.join(m for m in words.MONTHS if len(m) > 3 and m != 'march')})\b|"
    r"\b(?:today|tonight|tomorrow|this (?:morning|afternoon|evening|week|weekend)|next week|asap|right away|noon|"
    r"midnight|(?:mon|tues|wednes|thurs|fri|satur|sun)day|tues|thurs|"
    r"(?:on|by|until|till|next|this|for) (?:mon|wed|fri|sat|sun)\b|by (?:eod|eob|cob|close of business|the end of)|"
    r"at \d+(?::\d\d)?|\d+(?::\d\d)? ?[ap]\.?m\.?|lunch|dinner|breakfast|drinks|meet|a meeting|exam|party|"
    r"birthday|game|next|call|appointment|thanksgiving|christmas|x-?mas|easter|new year['’]?s|labor day|memorial day|"
    r"weihnachten|heiligabend|ostern|silvester|noël|pâques|navidad|natale|pasqua|natal|páscoa|"
    r"schedule|on your way|stop by|heute|morgen|übermorgen|diese woche|(?:mon|diens|donners|frei|sams|sonn)tag|"
    r"mittwoch|aujourd'hui|demain|ce (?:soir|matin)|cette semaine|(?:lun|mar|mercre|jeu|vendre|same)di|hoy|mañana|"
    r"esta (?:tarde|noche|semana)|oggi|domani|hoje|amanhã)\b"
)
_ASSISTANT = Cued(
    (
        "assistant|secretary|coordinator",
        r"^\W*(?:sr\.? |senior |executive |administrative |admin\.? )*(?:assistant|secretary) (?:to|for)\b|"
        r"\b(?:executive|administrative|admin\.?|legal|personal) (?:assistant|secretary|coordinator)\b",
    ),
    ("assistenti|sekretariat", r"^\W*(?:assistentin?|sekretariat) "),
)
_QUOTED = re.compile(
    r"^(?:>|-{3,} ?(?:original|forwarded)|_{5,}|from: .*@|.{0,80}\bwrote:)", re.IGNORECASE | re.MULTILINE
)
_GREETING = re.compile(
    r"\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|liebe[rs]?|bonjour|cher|chère|hola|ciao|"
    r"caro|cara)\b,?\s*)?"
    r"(?P<names>[^\W\d_]{3,15}(?:(?:,|\s*&|\s*/|\s+and|\s+or|\s+und|\s+et|\s+y)\s*[^\W\d_]{3,15}){0,3})"
    r"\s*(?:[,:;!.]|-{1,3}|–|—)(?:\s|$)",
    re.IGNORECASE,
)
_ANSWERED = re.compile(
    r"^[ \t>*]*(?:From|Von|De|Da|Van|Från|От):[ \t]*(?P<whom>[^\n]{3,120})$", re.IGNORECASE | re.MULTILINE
)
"""Whose mail stands first below an answer: that is who was answered."""

_CALLED = re.compile(
    r"(?:^|[.;!]\s*)(?:(?i:so|now|and|but|ok|okay|well|also|hey|hi|then),?\s)?([A-Z][a-z]{2,14})\s?(?:,|-{1,2}|–|:)\s"
    r"(?=(?i:please|pls|can|could|would|will|do|did|are|have|what|when|where|how)\b)"
)
"""A word before a comma or dash where a request begins: a name, if it is none of the next."""

_ADVERBS = """
actually again also alternatively and anyway but finally first further hello hence hey however incidentally last lastly
likewise meanwhile next nevertheless now okay otherwise please question regardless second similarly sorry still thanks
then therefore third though thus too well yes
"""
_LEADS_IN = frozenset(_ADVERBS.split())

_PAST = re.compile(r"\b(?:was|were|had|did|met|saw|went|got|came|had been)\b", re.IGNORECASE)
"""What is told is no date to be kept."""

_AMONG = re.compile(r"\s*(?:,|&|/|\band\b|\bor\b|\bund\b|\bet\b|\by\b)\s*")


def read(raw: str) -> Text:
    """A mail's text or HTML, with what of it is new."""
    plain = markup.html(raw) if markup.is_html(raw) else raw
    return Text(raw, plain, zones.text(plain))


def mark(
    text: str | Text,
    names: Collection[str] = frozenset(),
    is_me: Callable[[str], bool] | None = None,
    said: str | None = None,
    written: date | None = None,
) -> Marks:
    """The marks of a mail's text or HTML. `names` are lower-cased tokens of people's names, which are no terms; `is_me`
    says whether the user goes by a given name; `said` is the new text without what its sender always says; `written`
    is the day on which it was sent, for "by Friday", where it is known.
    """
    whole = read(text) if isinstance(text, str) else text
    new = whole.new if said is None else said
    acts = [(sentence, sentence_asks(sentence)) for sentence in sentences(new)]
    return Marks(
        asks=in_order(found for _, found in acts),
        links=_links(markup.anchors(whole.raw) if markup.is_html(whole.raw) else (), new),
        terms=topics.terms(new, names),
        dates=_dates(new, acts, written),
        signs=(*_signs(whole, new, acts, is_me), *_mailing(whole.raw, whole.plain)),
    )


def _mailing(raw: str, plain: str) -> Iterator[Sign]:
    if mailings.says_so(raw, plain):
        yield "mailing"


def _signs(whole: Text, new: str, said: Said, is_me: Callable[[str], bool] | None) -> Iterator[Sign]:
    """What speaks against an answer, of all of the text, the new text, and what the new sentences do."""
    asking = [sentence.lower() for sentence, found in said if not _ASKING.isdisjoint(found)]
    open_ones = [pair for pair in waiting_among(new, (s for s, _ in said)) if not _calls_another(pair[1], is_me)]
    if open_ones:
        yield "waits"
    near = [
        *asking,
        *(before.lower() for before, _ in open_ones if not _PAST.search(before)),
    ]  # "We could dine tomorrow. Are you free?"
    low = whole.plain.lower()  # a pattern that looks at both cases takes twice as long
    if any(map(_THAT_DAY.search, near)) or _APPOINTMENT.search(low) or _SEE_YOU.search(new.lower()):
        yield "that day"
    if any(_PRESSING.search(sentence) for sentence in near):
        yield "pressing"
    quoted = _QUOTED.search(low)
    if _ASSISTANT.search(low[: quoted.start()] if quoted else low):
        yield "assistant"
    greeted = _GREETING.match(whole.new)
    named = [_AMONG.split(greeted["names"])] if greeted and greeted["names"].lower() not in _LEADS_IN else []
    answered = _ANSWERED.search(whole.plain)
    named += [re.findall(r"[^\W\d_]{3,}", answered["whom"])] if answered else []
    to_all = any(_ANY_OF_YOU.search(sentence) for sentence in asking)
    if to_all or (is_me and any(names and not any(is_me(name.lower()) for name in names) for names in named)):
        yield "to another"


def _calls_another(sentence: str, is_me: Callable[[str], bool] | None) -> bool:
    """Whether a sentence calls somebody by name, and not the user: "Now, Doris, what ...?", "Pat - could you ...?"."""
    called = _CALLED.search(sentence)
    name = called[1].lower() if called else ""
    return bool(is_me and name) and name not in _LEADS_IN and not (is_me and is_me(name))


def _dates(new: str, said: Said, written: date | None) -> tuple[date, ...]:
    """The days named in full, and those that are meant where something is asked, offered or promised."""
    named = dates(new)
    if written is None:
        return named
    ahead = (when.days(sentence, written) for sentence, found in said if not _AHEAD.isdisjoint(found))
    return tuple(sorted({*named, *chain.from_iterable(ahead)}))


def dates(text: str) -> tuple[date, ...]:
    """The days named in full, with their year, each once, in order of time; 3/4/2024 may be either and is none."""
    found: set[date] = set()
    text = _around_years(text)
    for year, month, day, *east in _ISO.findall(text):
        _add(found, *(int(part) for part in ((year, month, day) if year else east)))
    for day, name, year in _DAY_FIRST.findall(text):
        _add(found, int(year), words.MONTHS[name.lower()], int(day))
    for name, day, year in _MONTH_FIRST.findall(text):
        _add(found, int(year), words.MONTHS[name.lower()], int(day))
    for day, month, year in _DOTTED.findall(text):
        _add(found, int(year), int(month), int(day))
    for one, two, year in _SLASHED.findall(text):
        if int(one) > 12 or int(two) > 12 or one == two:
            _add(found, int(year), min(int(one), int(two)), max(int(one), int(two)))
    return tuple(sorted(found))


def _around_years(text: str) -> str:
    """The pieces of a text that hold a year, so that what looks for dates need not read the rest."""
    spans: list[tuple[int, int]] = []
    for year in _YEAR.finditer(text):
        start, end = max(0, year.start() - BESIDE), year.end() + BESIDE
        while 0 < start < year.start() and text[start - 1].isdigit():
            start += 1  # half a number is another one
        if spans and start <= spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, end))
    return "\n".join(text[start:end] for start, end in spans)


def _add(found: set[date], year: int, month: int, day: int) -> None:
    try:
        found.add(date(year, month, day))
    except ValueError:
        return  # the 31st of February is a number, and no date


def _links(anchors: Collection[tuple[str, str]], new: str) -> tuple[Link, ...]:
    found: dict[str, str] = {}
    for url, title in anchors:
        if shared := _shared(url):
            found[shared] = found.get(shared) or _title(title)
    lines = [line.strip() for line in new.split("\n")]
    for at, line in enumerate(lines):
        for raw in _URL.findall(line):
            if shared := _shared(raw):
                found[shared] = found.get(shared) or _around(lines, at)
    return tuple(Link(url, title) for url, title in list(found.items())[:MOST_LINKS])


def _shared(raw: str) -> str:
    """The address without marks at its end, or "" where nobody would pass it on."""
    url = raw.strip().rstrip(".,;:!?)>*_'\"")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or "." not in host or parts.username:
        return ""
    return "" if _NOT_SHARED.search(url) or _PICTURE.search(parts.path) or words.sensitive(_words_of(url)) else url


def _words_of(url: str) -> str:
    return re.sub(r"[\W_\d]+", " ", url)


def _title(words_there: str) -> str:
    """Words that name a link; an address, or "click here", names nothing."""
    plain = " ".join(_URL.sub(" ", words_there).split()).strip(" -:<>()[]*\"'")
    empty = re.fullmatch(
        r"(?:click )?(?:here|hier|ici|aquí|qui|link|this|read more|more|mehr|www\.\S+)?", plain, re.IGNORECASE
    )
    return "" if empty or words.sensitive(plain) else plain[:LONGEST_TITLE]


def _around(lines: list[str], at: int) -> str:
    """The words beside a bare address: of its own line, else of the line above that ends with a colon or is a "
    "heading."""
    if title := _title(lines[at]):
        return title
    above = next((line for line in reversed(lines[max(0, at - 2) : at]) if line), "")
    return _title(above) if len(above.split()) <= 14 else ""
