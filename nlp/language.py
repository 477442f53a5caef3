"""Which language pipeline reads this text, and what does a word list know of a word?

spaCy costs fifty times a bare Python start, so its engine is imported only when a text is given to a pipeline. An
installed English model is used where there is one; otherwise the word lists of spaCy and `spacy-lookups-data` do, which
are read without the engine: they find base noun phrases at a hundred times a model's speed. Nothing is ever downloaded.
"""

import gzip
import importlib.util
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MODELS = ("en_core_web_md", "en_core_web_sm")
"""The trained pipelines that are used when the user has installed one, best first."""

BATCH = 1_000
"""Texts to a memory zone: small enough to keep a worker flat, large enough for the tokenizer's cache to pay."""

LONGEST = 20_000
"""Characters of one text that are read. A model's memory grows with the longest; nobody writes more in one mail."""

TOLD, FEWEST, ENGLISH = 30, 5, 0.4
"""Texts of a person that are looked at for their language; words with fewer of which nobody could tell; and the share
of English words that speaks for English, where names and firms fill the rest."""

_LETTERS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "ko": re.compile(r"[\uac00-\ud7af]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "zh": re.compile(r"[\u3400-\u9fff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
}
"""Scripts that tell a language by themselves; Japanese first, which is written with Chinese characters too."""

STOPPED = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "ru", "tr", "cs", "hu", "ro")
"""Languages whose stop words are known to spaCy and written with spaces."""


@cache
def pipeline(lang: str = "en") -> "Language":
    """The pipeline for `lang`, loaded once. A language that spaCy cannot make here is read as "xx", word by word."""
    import spacy

    if trained(lang):
        return spacy.load(_model(), exclude=["parser", "ner", "lemmatizer", "senter"])
    try:
        nlp = spacy.blank(lang)
    except Exception:
        return pipeline("xx")
    _keep_hyphens(nlp)
    return nlp


@cache
def trained(lang: str = "en") -> bool:
    """Whether a model that tells parts of speech is installed for `lang`. Asking costs nothing."""
    return lang == "en" and bool(_model())


def _model() -> str:
    return next((name for name in MODELS if importlib.util.find_spec(name)), "")


def in_batches(texts: Iterable[str], lang: str = "en") -> Iterator[list["Doc"]]:
    """The texts as Docs, in order, `BATCH` at a time; a batch is void as soon as the next one is asked for."""
    nlp = pipeline(lang)
    rest = iter(texts)
    while batch := [text[:LONGEST] for text in islice(rest, BATCH)]:
        with nlp.memory_zone():
            yield list(nlp.pipe(batch, batch_size=64))


@cache
def parts() -> dict[str, frozenset[str]]:
    """English words by part of speech ("noun", "verb", "adj", "adv"); empty where the word lists are absent."""
    index = _table("lemma_index")
    return {part: frozenset(index.get(part, ())) for part in ("noun", "verb", "adj", "adv")}


@cache
def odd_nouns() -> dict[str, str]:
    """English nouns whose singular follows no rule: "analyses" -> "analysis"."""
    return {many: one[0] for many, one in _table("lemma_exc").get("noun", {}).items()}


@cache
def stop_words(lang: str) -> frozenset[str]:
    """The commonest words of a language, lower-cased; empty where spaCy has none."""
    file = _home("spacy") / "lang" / lang / "stop_words.py"
    spec = importlib.util.spec_from_file_location(f"stop_words_{lang}", file) if file.exists() else None
    if spec is None or spec.loader is None:
        return frozenset()
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return frozenset(word.lower() for word in module.STOP_WORDS)


@cache
def _langs_of() -> dict[str, tuple[str, ...]]:
    """For each stop word the languages that have it."""
    found: dict[str, list[str]] = {}
    for lang in STOPPED:
        for word in stop_words(lang):
            found.setdefault(word, []).append(lang)
    return {word: tuple(langs) for word, langs in found.items()}


def voted(tokens: Iterable[str]) -> str:
    """The language that most of these stop words are of, English before others; "" where none is one."""
    langs = _langs_of()
    votes = Counter(chain.from_iterable(langs.get(token.lower(), ()) for token in tokens))
    if not votes:
        return ""
    best, most = votes.most_common(1)[0]
    return best if most > votes["en"] else "en"


def spoken(texts: Iterable[str]) -> str:
    """The language that one person's or one conversation's texts are mostly in, as "en" or "de"; "en" where nobody
    could tell.

    Decided over all of them, since a subject is too short; by the script, by stop words and known words where these
    speak for English, and by py3langid (its model is in the package) else, which costs a second to load.
    """
    joined = " ".join(islice(texts, TOLD))
    tokens = _LETTERS.findall(joined.lower())
    for lang, script in _SCRIPTS.items():
        if len(script.findall(joined)) > len(joined) / 4:
            return lang
    if not tokens or _reads_english(tokens):
        return "en"
    import py3langid

    found, _ = py3langid.classify(joined)
    return str(found)


@cache
def _english() -> frozenset[str]:
    return stop_words("en").union(*parts().values())


def _reads_english(tokens: list[str]) -> bool:
    """Whether stop words speak for English, or nothing speaks against it."""
    known = _english()
    share = sum(token in known or token.removesuffix("s") in known for token in tokens) / len(tokens)
    return voted(tokens) in ("", "en") and (share >= ENGLISH or len(tokens) < FEWEST)


def _table(name: str) -> dict[str, Any]:
    """An English table of `spacy-lookups-data`, read without the engine."""
    for file in (_home("spacy_lookups_data") / "data").glob(f"en_{name}.json*"):
        raw = file.read_bytes()
        found: dict[str, Any] = json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)
        return found
    return {}


def _home(package: str) -> Path:
    """Where a package lies, without importing it; a place that does not exist where it is not installed."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


def _keep_hyphens(nlp: "Language") -> None:
    """Let "e-mail" and "wind-up" be one word: a topic is what the writer wrote as one."""
    from spacy.util import compile_infix_regex

    infixes = [rule for rule in map(str, nlp.Defaults.infixes or ()) if "|-" not in rule and "-|" not in rule]
    if infixes and hasattr(nlp.tokenizer, "infix_finditer"):
        nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
