"""What is a text about, and which of it sets a person apart?

Topics come from subjects: noun phrases and nouns, found by part of speech where a model is installed, else by the word
lists of WordNet (base noun phrases of e-mail: F1 .66 against .54 for runs between stop words). Names of people,
arrangements, dates and files are no topics, and what touches health, religion, politics or sex is never learned.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from math import log
from typing import TYPE_CHECKING

from nlp import language, tidy, words

if TYPE_CHECKING:
    from spacy.tokens import Doc

LONGEST_PHRASE = 4
"""Words of a phrase; longer runs are sentences or lists."""

FEWEST_THREADS = 2
"""A term of one thread only may be a slip of the pen; two threads are a topic."""

SWALLOWED = 0.6
"""A word that stands in its phrase in this share of its threads is shown as the phrase alone."""

MOST_TERMS = 40
"""Terms of one text that are kept for matching: more of them add noise, and rows."""

_FILE_END = (
    r"\.(?:docx?|xlsx?|xlsm|pptx?|pdf|txt|csv|zip|rar|gz|jpe?g|png|gif|tiff?|html?|rtf|msg|eml|ics|vcf|mp[34]|mov|wav|"
    r"wpd|odt|ods|exe|dll|xml|json)\b"
)
_NUMBER = r"[#$€£]?\b\d[\d.,:/-]*(?:st|nd|rd|th|am|pm|k|m|mm|bn|%)?\b"
_NO_PROSE = rf"https?://\S+|www\.\S+|\S+@\S+|[\w&()+'-]*[\w)]{_FILE_END}|{_NUMBER}"
_NOT_PROSE = re.compile(_NO_PROSE, re.IGNORECASE)
_NOT_PROSE_LOW, _NUMBER_LOW = re.compile(_NO_PROSE), re.compile(_NUMBER)
_NAMED = re.compile(rf"://|www\.|@|{_FILE_END}")
"""Without one of these there are only numbers to take away from a text in small letters, in a fifth of the time."""

_CJK = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
"""Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""

_WORD = re.compile(r"[^\W\d_](?:[\w'’&.+-]*\w)?(?:\+\+|#)?")
_TOKEN = re.compile(rf"{_WORD.pattern}|[^\w\s]")
_QUARTER = re.compile(r"(?:q|fy|h|v|w|wk|rev)\d+\w?$")

_MODALS = words.listed(
    "to can could will would shall should may might must i you we they he she who please let let's don't doesn't "
    "didn't not never "
    "cannot can't won't i'll we'll i'm we're you're did do does"
)
"""After these a word that could be a verb is one."""

_DETERMINERS = words.listed("the a an my your our their his her its this that these those me us him them it up")
"""Before these the first word of a subject is an imperative."""


def phrases(subjects: Iterable[str], names: Collection[str] = frozenset(), lang: str = "en") -> list[tuple[str, ...]]:
    """The topic terms of each subject, in order: phrases first, then their nouns; lower-cased, in the singular.

    `names` are lower-cased tokens of the names of the mailbox's people; `lang` is what these people mostly write
    (`language.spoken`), which a short subject alone does not tell. Texts in Chinese, Japanese or Thai have none:
    `terms` gives what may be matched in them. `shown` turns a term into what a reader may see.
    """
    rows = [tidy.subject(subject) for subject in subjects]
    keys: dict[str, tuple[str, ...]] = dict.fromkeys(rows, ())
    todo = [key for key in keys if key and not words.sensitive(key)]
    for key, runs in zip(todo, _runs(todo, lang), strict=True):
        keys[key] = _terms_of(runs, names)
    return [keys[row] for row in rows]


def terms(text: str, names: Collection[str] = frozenset(), most: int = MOST_TERMS) -> Mapping[str, int]:
    """The commonest single words of a text with their counts, for matching only; CJK text gives character bigrams."""
    counts: Counter[str] = Counter()
    if words.sensitive(text):
        text = "\n".join(line for line in text.split("\n") if not words.sensitive(line))
    low = text.lower()
    plain = (_NOT_PROSE_LOW if _NAMED.search(low) else _NUMBER_LOW).sub(" ", low)
    east = () if plain.isascii() else _CJK.findall(plain)
    west = _CJK.sub(" ", plain) if east else plain
    words_there = _WORD.findall(west)
    counts.update(filter(None, (_unigram(w, names) for w in words_there) if names else map(_key, words_there)))
    for run in east:
        counts.update(run[n : n + 2] for n in range(max(1, len(run) - 1)))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most])


def candidates(text: str) -> tuple[str, ...]:
    """The noun phrases of running prose, as written but lower-cased, each once; up to four words."""
    [runs] = _runs([" ".join(text.split())])
    kept = (_trimmed(list(run)) for run in runs)
    return tuple(
        dict.fromkeys(" ".join(_plain(word) for word in run) for run in kept if 0 < len(run) <= LONGEST_PHRASE)
    )


def shown(term: str, subjects: Iterable[str]) -> str:
    """A term as people write it in these subjects: "ferc filing" as "FERC filing". Unseen, it stays as it is."""
    parts = term.split()
    seen: list[Counter[str]] = [Counter() for _ in parts]
    for raw in subjects:
        found = [word for word in _WORD.findall(tidy.subject(raw)) if not _CJK.search(word)]
        loud = _is_title(found)
        keys = [_singular(word.lower()) for word in found]
        for at, part in enumerate(parts):
            for place, (word, key) in enumerate(zip(found, keys, strict=True)):
                if part in (key, word.lower()):
                    seen[at][_spelt(word, loud or place == 0)] += 1
    return " ".join(
        max(forms, key=lambda form: (forms[form], sum(map(str.isupper, form)), form)) if forms else part
        for part, forms in zip(parts, seen, strict=True)
    )


def distinctive(
    counts_by_person: Mapping[int, Mapping[str, tuple[int, int]]], people_with_term: Mapping[str, int], total: int
) -> dict[int, list[tuple[str, float, int, int]]]:
    """What sets each person apart: (term, weight, threads, last), strongest first, terms of two threads and more.

    `counts_by_person` gives for each term its threads and when it last came up; `people_with_term` how many of all the
    `total` people share it. The weight is threads x log(people / people with the term).
    """
    return {person: _strongest(counts, people_with_term, total) for person, counts in counts_by_person.items()}


def idf(people_with_term: Mapping[str, int], total: int) -> dict[str, float]:
    """How rare each term is among people: log((1 + total) / people with it), never below a little."""
    return {term: _rarity(count, total) for term, count in people_with_term.items()}


def _rarity(count: int, total: int) -> float:
    return max(log((1 + total) / max(1, count)), 0.01)


def _strongest(
    counts: Mapping[str, tuple[int, int]], people_with_term: Mapping[str, int], total: int
) -> list[tuple[str, float, int, int]]:
    held: dict[str, int] = {}  # word -> threads of the phrases that hold it
    for term, (threads, _) in counts.items():
        if threads >= FEWEST_THREADS and " " in term:
            for word in term.split():
                held[word] = max(held.get(word, 0), threads)
    rows = [
        (term, threads * _rarity(people_with_term.get(term, 1), total), threads, last)
        for term, (threads, last) in counts.items()
        if threads >= FEWEST_THREADS and held.get(term, 0) < SWALLOWED * threads
    ]
    rows.sort(key=lambda row: (-row[1], -row[3], row[0]))
    return rows


# --- from a subject to terms ------------------------------------------------------------------------------------------


def _runs(subjects: Sequence[str], lang: str = "en") -> Iterator[list[list[str]]]:
    """The noun phrases of each subject, by a model's tags or by the word lists."""
    plain = (_CJK.sub(" ; ", _NOT_PROSE.sub(" ; ", subject)) for subject in subjects)
    if not language.trained():
        theirs = language.stop_words(lang) if lang != "en" else frozenset()
        yield from (list(_untagged(_TOKEN.findall(subject), theirs)) for subject in plain)
        return
    for batch in language.in_batches(plain):
        yield from (list(_tagged(doc)) for doc in batch)


def _terms_of(runs: Iterable[Sequence[str]], names: Collection[str]) -> tuple[str, ...]:
    """The phrases of a subject, then their nouns, each once."""
    found: dict[str, None] = {}
    nouns: dict[str, None] = {}
    for run in runs:
        for part in _parts(run, names):
            if 1 < len(part) <= LONGEST_PHRASE:
                found[_phrase(part)] = None
            nouns.update((key, None) for word in part if (key := _unigram(word, names)) and not _describes(key))
    return tuple(found | nouns)


def _parts(run: Sequence[str], names: Collection[str]) -> Iterator[list[str]]:
    """A run cut at names, and without arrangements at its ends."""
    part: list[str] = []
    for word in [*run, ""]:
        if word and _plain(word) not in names:
            part.append(word)
            continue
        yield _trimmed(part)
        part = []


def _trimmed(part: list[str]) -> list[str]:
    start, end = 0, len(part)
    while start < end and _empty(part[start].lower()):
        start += 1
    while end > start and _empty(part[end - 1].lower()):
        end -= 1
    return part[start:end]


def _phrase(part: Sequence[str]) -> str:
    return " ".join([*(_plain(word) for word in part[:-1]), _singular(_plain(part[-1]))])


def _plain(word: str) -> str:
    """A word lower-cased, without a possessive ending."""
    return word.lower().replace("’", "'").removesuffix("'s")


def _unigram(word: str, names: Collection[str]) -> str:
    """The key of a word that may stand alone as a term, or ""."""
    return "" if names and _plain(word) in names else _key(word)


@lru_cache(maxsize=1 << 16)
def _key(word: str) -> str:
    lowered = _plain(word)
    return "" if _empty(lowered) else _singular(lowered)


def _tagged(doc: "Doc") -> Iterator[list[str]]:
    """Runs of adjectives and nouns that end in a noun, by the pipeline's tags."""
    run: list[tuple[str, str]] = []
    for token in doc:
        if token.tag_.startswith(("NN", "JJ")) or token.tag_ in ("FW", "AFX"):
            run.append((token.text, token.tag_))
            continue
        yield _to_last_noun(run)
        run = []
    yield _to_last_noun(run)


def _to_last_noun(run: list[tuple[str, str]]) -> list[str]:
    while run and run[-1][1].startswith("JJ"):
        run.pop()
    return [word for word, _ in run]


def _untagged(tokens: Sequence[str], theirs: frozenset[str]) -> Iterator[list[str]]:
    """The same by word lists: what can be a noun or an adjective, and is no verb in its place; nor one of `theirs`, the
    stop words of what these people write.
    """
    foreign = _other_language(tokens) or theirs
    run: list[tuple[str, str]] = []
    before = ""
    for at, token in enumerate(tokens):
        lowered = token.lower()
        kind = "" if lowered in foreign else _kind(lowered)
        if kind and _is_verb_here(lowered, before, at, tokens):
            kind = ""
        if kind:
            run.append((token, kind))
        elif run:
            yield _to_last_noun(run)
            run = []
        before = lowered
    yield _to_last_noun(run)


def _is_verb_here(lowered: str, before: str, at: int, tokens: Sequence[str]) -> bool:
    if lowered not in _verbs():
        return False
    follows = tokens[at + 1].lower() if at + 1 < len(tokens) else ""
    return before in _MODALS or (before in ("", ":", ";", ",", "-", "!", ".") and follows in _DETERMINERS)


@cache
def _verbs() -> frozenset[str]:
    return language.parts()["verb"]


@lru_cache(maxsize=1 << 16)
def _kind(lowered: str) -> str:
    """What an English word may be in a noun phrase: "NN", "JJ", or "" for neither. Unknown words are names of "
    "things."""
    if not _WORD.fullmatch(lowered) or lowered in language.stop_words("en") or _QUARTER.match(lowered):
        return ""
    parts = language.parts()
    if lowered in parts["noun"] or _singular(lowered) in parts["noun"]:
        return (
            "JJ"
            if lowered in parts["adj"] and lowered.endswith(("ic", "al", "ous", "ive", "able", "ible", "ful"))
            else "NN"
        )
    if lowered in parts["adj"]:
        return "JJ"
    if lowered in parts["adv"] or lowered in parts["verb"] or _bent_verb(lowered):
        return ""
    return "NN"


@lru_cache(maxsize=1 << 16)
def _describes(lowered: str) -> bool:
    """Whether a word is an adjective before all, so that alone it names nothing: it makes an adverb, as "true" does."""
    parts = language.parts()
    if lowered not in parts["adj"]:
        return False
    adverbs = (f"{lowered}ly", f"{lowered[:-1]}ly", f"{lowered[:-1]}ily", f"{lowered}ally")
    return lowered not in parts["noun"] or any(adverb in parts["adv"] for adverb in adverbs)


def _bent_verb(lowered: str) -> bool:
    """Whether this is "revised", "drafting" or "sends" of a known verb."""
    verbs = _verbs()
    for ending, stems in (("ing", ("", "e")), ("ed", ("", "e")), ("ies", ("y",)), ("es", ("", "e")), ("s", ("",))):
        if lowered.endswith(ending) and len(lowered) > len(ending) + 2:
            stem = lowered[: -len(ending)]
            if any(stem + rest in verbs for rest in stems) or (stem[-1] == stem[-2] and stem[:-1] in verbs):
                return True
    return False


@lru_cache(maxsize=1 << 16)
def _singular(lowered: str) -> str:
    """The singular of an English noun; other words stay."""
    nouns = language.parts()["noun"]
    odd = language.odd_nouns().get(lowered)
    if odd:
        return odd
    if (
        len(lowered) < 4
        or not lowered.endswith("s")
        or lowered.endswith(("ss", "us", "is"))
        or lowered in ("news", "gas")
    ):
        return lowered
    for ending, rest in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("sses", "ss"), ("s", "")):
        if lowered.endswith(ending) and (one := lowered.removesuffix(ending) + rest) in nouns:
            return lowered if lowered in nouns and len(one) < 4 else one
    return lowered


@lru_cache(maxsize=1 << 16)
def _empty(lowered: str) -> bool:
    """Whether a word alone is no topic: arrangements, dates, greetings, stop words, "I'll", single letters, numbers."""
    bare = _plain(lowered)
    return (
        len(bare) < 2
        or "'" in bare
        or bare in words.LOGISTICS
        or bare in words.WHEN
        or bare in words.GREETINGS
        or bare in words.EMPTY
        or bare in words.MONTHS
        or bare in language.stop_words("en")
        or (bare in _foreign_stops() and _kind(bare) != "JJ" and bare not in language.parts()["noun"])
        or bool(_QUARTER.match(bare))
        or sum(letter.isdigit() for letter in bare) > 2
        or words.sensitive_word(bare)
    )


@cache
def _foreign_stops() -> frozenset[str]:
    return frozenset(word for lang in language.STOPPED if lang != "en" for word in language.stop_words(lang))


def _other_language(tokens: Sequence[str]) -> frozenset[str]:
    """The stop words of the language that these tokens seem to be in, where it is not English."""
    best = language.voted(tokens)
    return language.stop_words(best) if best not in ("", "en") else frozenset()


# --- how to write a term ----------------------------------------------------------------------------------------------


def _is_title(found: Sequence[str]) -> bool:
    """Whether a subject is written in capitals or Title Case, so that its capitals say nothing."""
    long = [word for word in found if len(word) > 3]
    return len(found) > 1 and all(word[0].isupper() for word in long) and len(long) > 1


@lru_cache(maxsize=1 << 12)
def _spelt(word: str, loud: bool) -> str:
    """A word without capitals that say nothing, because all its subject has them or it comes first."""
    lowered = word.lower()
    if loud and any(lowered in listed or _singular(lowered) in listed for listed in language.parts().values()):
        return lowered
    return word.capitalize() if loud and word.isupper() and len(word) > 5 else word
