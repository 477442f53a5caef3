"""Does this mail want something, offer something, promise something, or thank?

Fitted weights and rules on sentences of tidied text: precision before recall, since a wrong "you owe an answer" costs
more than a missed one. Courtesies ("let me know if you have any questions") ask nothing.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, TypeAlias

from nlp import phrasing, tidy, wanting
from nlp.cued import Cued
from nlp.words import listed

Ask: TypeAlias = Literal["request", "question", "offer", "promise", "thanks"]

ORDER: tuple[Ask, ...] = ("request", "question", "offer", "promise", "thanks")
"""How asks are listed."""

LONGEST_SENTENCE = 600
"""Characters of a sentence; what is longer is a table or a log."""

_ASKING: frozenset[Ask] = frozenset({"request", "question"})
_MARK = re.compile(r"[?？؟]")
_URL = re.compile(r"https?://\S+")
_SPLIT = re.compile(r"(?<=[.!?？。！])[\"')\]]*\s+|\n\s*\n|\n\s*(?=[-*•·o]\s|\d+[.)]\s)|(?<=[?？。！])(?=\S)")


def asks(text: str) -> tuple[Ask, ...]:
    """What the tidied `text` of one mail does, each once: request, question, offer, promise, thanks."""
    return in_order(sentence_asks(sentence) for sentence in sentences(text))


def in_order(found: Iterable[frozenset[Ask]]) -> tuple[Ask, ...]:
    """All that some sentences do, each once and in order."""
    done = frozenset[Ask]().union(*found)
    return tuple(ask for ask in ORDER if ask in done)


def sentence_asks(sentence: str) -> frozenset[Ask]:
    """The same for one sentence."""
    words = wanting.words_of(sentence)
    said = wanting.common(words)
    english = wanting.is_english(said)
    found = {ask for ask, (cues, says) in SAYS.items() if not (english and cues.isdisjoint(words)) and says(sentence)}
    if "offer" not in found:
        if _wants(sentence, said) if english else is_request(sentence):
            found.add("request")
        if _MARK.search(sentence) and phrasing.QUESTION_WORDS.search(_URL.sub(" ", sentence)):
            found.add("question")
        if not found.isdisjoint(_ASKING) and phrasing.COURTESY.search(sentence):
            found -= _ASKING
    if found - {"question"} and phrasing.BROADCAST.search(sentence):
        found &= {"question"}
    return frozenset(found)


SMALL_PRINT = Cued(
    ("recipient", r"\b(?:intended|named) recipients?\b"),
    ("error", r"\breceived this (?:e-?mail|message|communication|transmission)[^.]{0,40}\bin error\b"),
    (
        "privileged|confidential",
        r"\bthis (?:e-?mail|message|communication|transmission)\b[^.]{0,120}\b(?:privileged|confidential)\b",
    ),
)
"""What a firm's lawyers add asks nothing, wherever it stands."""

_LOST = re.compile(r"(?<=[.;,:])\?(?=\s*\?)[?\s]*|(?<=\s)\?(?:\s+\?)+")
"""Where a program could not spell a space it wrote "?": a run of them, after a full stop or with gaps."""


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, roughly: mail has little punctuation, so blank lines and list marks end one too.
    A firm's small print is none.
    """
    if cut := SMALL_PRINT.search(text.lower()):
        text = text[: max(text.rfind(end, 0, cut.start()) for end in (". ", "? ", "! ", "\n")) + 1]
    for part in _SPLIT.split(_LOST.sub(" ", text) if "?" in text else text):
        sentence = " ".join(part.split())
        if 2 < len(sentence) <= LONGEST_SENTENCE:
            yield sentence


def _thanks(sentence: str) -> bool:
    return bool(phrasing.THANKS.search(sentence)) and not phrasing.NO_THANKS.search(sentence)


def _promises(sentence: str) -> bool:
    return bool(phrasing.PROMISE.search(sentence)) and not phrasing.NO_PROMISE.search(sentence)


def _offers(sentence: str) -> bool:
    return bool(phrasing.OFFER.search(sentence)) and not phrasing.NO_OFFER.search(sentence)


SAYS: Mapping[Ask, tuple[frozenset[str], Callable[[str], bool]]] = {
    "offer": (
        listed("can could happy glad pleased delighted willing want need like would if shall should welcome i'd you'd"),
        _offers,
    ),
    "promise": (
        listed("will shall promise owe count let lemme going i'll we'll you'll ill 'll"),
        _promises,
    ),
    "thanks": (
        listed("thanks thank thanx thx tks thanked appreciate appreciated grateful thankful indebted help kind"),
        _thanks,
    ),
}
"""What is said of oneself, beside what is asked (docs/labelling.md): English words without which it is not said, since
most sentences have none of them; and what tells.
"""

SURE = 0.58
"""Log odds from which on a sentence wants something: .88 of such do, cross-validated (`bench/fit_asks.py`)."""


def odds(sentence: str) -> float:
    """The log odds that an English sentence wants something of its reader."""
    return wanting.odds(wanting.common(wanting.words_of(sentence))) + wanting.ruled() * is_request(sentence)


def _wants(sentence: str, said: list[str]) -> bool:
    """Whether these odds are high enough; the rules are left out where they cannot change that."""
    bare = wanting.odds(said)
    return bare >= SURE or (bare + wanting.ruled() >= SURE and is_request(sentence))


def is_request(sentence: str) -> bool:
    """Whether a rule says so, in any of the languages that the rules know."""
    return bool(phrasing.REQUEST.search(sentence)) and not phrasing.NO_REQUEST.search(sentence)


# --- subjects alone ---------------------------------------------------------------------------------------------------


def subject_asks(subject: str) -> bool:
    """Whether a subject line alone asks something of the reader, mere arrangements aside."""
    bare = tidy.subject(subject)
    return bool(phrasing.SUBJECT_ASKS.search(bare)) and not is_logistics(subject)


def asks_a_favour(subject: str) -> bool:
    """Whether what a subject asks is done, or not, with the first answer, as a favour is and a question may not be."""
    return bool(phrasing.FAVOUR.search(subject))


def names_a_day(subject: str) -> bool:
    """Whether a subject is about a day or a meal, so that it is over with it."""
    return bool(phrasing.OCCASION.search(subject) or phrasing.REPORT.search(subject))


def is_logistics(subject: str) -> bool:
    """Whether a subject is mere arranging, reporting, passing on or administration, so that it is no matter to "
    "recall."""
    if tidy.is_forward(subject):
        return True
    bare = tidy.subject(subject)
    said = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", bare.lower())
    return bool(
        phrasing.LOGISTICS.search(bare) or phrasing.REPORT.search(bare) or phrasing.FILE_NAME.match(bare)
    ) or phrasing.SAYS_NOTHING.issuperset(said)


_AUTO_REPLY = re.compile(
    r"\s*(?:(?:re|aw)\s*:\s*)?(?:out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:re(?:ply|sponse)|answer)|autoreply|"
    r"vacation (?:reply|message|notice)|automatische (?:antwort|nachricht)|abwesenheit(?:snotiz|sbenachrichtigung)?|"
    r"réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|"
    r"resposta automática|automatisch antwoord|afwezigheid(?:sbericht)?|autosvar|automaattinen vastaus|автоответ|"
    r"自动答复|自动回复|自動返信|undeliver(?:able|ed)|delivery (?:status|failure|failed)|returned mail|mail delivery|"
    r"read: |gelesen: |lu : )",
    re.IGNORECASE,
)
"""How programs that answer by themselves begin a subject; not all of them say so in a header (RFC 3834)."""


def is_auto_reply(subject: str) -> bool:
    """Whether a machine answered, by the subject that it gave: out of office, not delivered, read."""
    return _AUTO_REPLY.match(subject) is not None


_LEAD_IN = (
    r"^(?:and|so|but|also|well|btw|by the way|ok|okay|oh|hey|now|anyway|und|aber|also|et|mais|y|pero|e|ma)?,? ?"
    r"(?:[^\W\d_]+, ?)?"
)
_ASKED = re.compile(
    _LEAD_IN
    + r"(?:what|when|where|who|whom|whose|which|why|how|do|does|did|is|are|was|were|can|could|would|will|should|"
    r"shall|have|has|had|any|anyone|anybody|was|wann|wo|wer|warum|wie|kannst|können|könntest|hast|haben|bist|sind|ist|"
    r"gibt|que|quand|où|qui|pourquoi|comment|peux|pouvez|as-tu|avez|est-ce|qué|cuándo|dónde|quién|cómo|puedes|tienes|"
    r"che|quando|dove|chi|come|puoi|hai|quais|onde|como|wat|wanneer|waar|wie|hoe|kun|heb|vad|när|var|hur|kan|har)\b"
    r"|\b(?:you|your|u|ya|du|dir|dich|dein|deine|sie|ihre[nm]?|tu|te|ton|ta|tes|vous|votre|usted|tú|tuo|tua|lei|você)\b",
    re.IGNORECASE,
)
_RHETORICAL = re.compile(
    r"^(?:right|ok(?:ay)?|huh|eh|what|really|no|yes|deal|get it|you know|isn't it|don't you think|"
    r"how (?:are|r) (?:you|u|ya|things|we)|how(?:'s| is) (?:it|everything|life|things)|what'?s up|"
    r"who (?:knows|cares)|why not|remember)\W*\?|\bare you (?:kidding|joking|serious|crazy|nuts)\b|"
    r"\bwho (?:knows|cares|would have thought)\b|\bknow what i mean\b",
    re.IGNORECASE,
)
_ENDS_ASKING = re.compile(r"[?？؟][\"')\]!?.]*$")
_PUBLISHED = Cued(
    (
        "copyright|©|all rights reserved|(reuters)|(ap)|staff writer",
        r"\bcopyright\b|©|all rights reserved|\(reuters\)|\(ap\)|\bstaff writer\b",
    ),
    ("by ", r"^by [A-Z][a-z]+ [A-Z]"),
)
"""A pasted article asks its readers, and not this one."""

ASKING_WORDS = 3
"""A question of fewer words is a sigh ("Right?") or needs its context."""


def waiting(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a mail's tidied `text` that wait for the reader's answer, each with the one before it.

    Stricter than `asks`, since the user is reminded of it.
    """
    yield from waiting_among(text, sentences(text))


def waiting_among(text: str, parts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The same where the text's sentences are at hand."""
    before = ""
    for sentence in () if _PUBLISHED.search(text) else parts:
        if sentence_waits(sentence):
            yield before, sentence
        before = sentence


def waits(text: str) -> bool:
    """Whether the tidied `text` of a mail asks the reader something that waits for an answer."""
    return next(waiting(text), None) is not None


_MAY_WAIT = re.compile(r"[?？؟]|(?:know|tell|back|line)\b")
_SAY = re.compile(
    r"\b(?:let (?:me|us) know|tell me|write (?:me )?back|drop me a line|get back to me)\b[^.?!]{0,60}?"
    r"\b(?:what|when|where|who|how|which|whether|if you(?:'d| would|'re| are| want| can| could| like| think)|your)\b"
)
_OFFERED = re.compile(
    r"\bif (?:you|u|anyone|anybody)(?:'d| would| should)?(?: like| want| need| care)"
    r" (?:me\b|us\b|to (?:discuss|talk|see|have)|help|more|any|further|additional|a copy|it\b|them\b)|\bwant me to\b|"
    r"\b(?:do you (?:want|need)|would you like|shall i send(?: you)?) (?:a|an|any|another|more|me|us|the|to see)\b"
)
"""An offer reads like a question, and may be left as it is."""


def sentence_waits(sentence: str) -> bool:
    """The same for one sentence."""
    low = sentence.lower()
    if not _MAY_WAIT.search(low) or _OFFERED.search(low):
        return False
    if _SAY.search(low) and not phrasing.COURTESY.search(sentence):
        return True
    bare = re.sub(r"https?://\S+|\([^)]*\)", " ", sentence).strip()
    if not _ENDS_ASKING.search(bare) or (len(bare.split()) < ASKING_WORDS and not re.search(r"[？؟]", bare)):
        return False
    last = re.split(r"[.!;:]\s+|\s-{1,2}\s", bare)[-1]
    return bool(_ASKED.search(last) or re.search(r"[？؟]", bare)) and not (
        _RHETORICAL.search(last) or phrasing.COURTESY.search(bare)
    )
