"""Which language pipeline reads this text?

spaCy costs fifty times a bare Python start, so it is imported when the first text is read, and not before. An installed
English model is used where there is one; otherwise a blank pipeline with the word lists of `spacy-lookups-data`.
Nothing is ever downloaded.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MODELS = ("en_core_web_md", "en_core_web_sm")
"""The trained pipelines that are used when the user has installed one, best first."""

BATCH = 1_000
"""Texts to a memory zone: small enough to keep a worker flat, large enough for the tokenizer's cache to pay."""

LONGEST = 20_000
"""Characters of one text that are read. A model's memory grows with the longest; nobody writes more in one mail."""

STOPPED = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "ru", "tr", "cs", "hu", "ro")
"""Languages whose stop words are known to spaCy and written with spaces."""


@cache
def pipeline(lang: str = "en") -> "Language":
    """The pipeline for `lang`, loaded once. A language that spaCy cannot make here is read as "xx", word by word."""
    import spacy

    if lang == "en":
        for name in MODELS:
            if spacy.util.is_package(name):
                return spacy.load(name, exclude=["parser", "ner", "lemmatizer", "senter"])
    try:
        nlp = spacy.blank(lang)
    except Exception:  # noqa: BLE001 - ja, ko, th and vi each raise their own kind when their splitter is absent
        return pipeline("xx")
    _keep_hyphens(nlp)
    return nlp


@cache
def trained(lang: str = "en") -> bool:
    """Whether the pipeline of `lang` tells parts of speech."""
    return "tagger" in pipeline(lang).pipe_names


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
    from spacy.lookups import load_lookups

    with suppress(ValueError):
        index = load_lookups("en", ["lemma_index"]).get_table("lemma_index")
        return {part: frozenset(index[part]) for part in ("noun", "verb", "adj", "adv")}
    return {part: frozenset() for part in ("noun", "verb", "adj", "adv")}


@cache
def odd_nouns() -> dict[str, str]:
    """English nouns whose singular follows no rule: "analyses" -> "analysis"."""
    from spacy.lookups import load_lookups

    with suppress(ValueError):
        return {many: one[0] for many, one in load_lookups("en", ["lemma_exc"]).get_table("lemma_exc")["noun"].items()}
    return {}


@cache
def stop_words(lang: str) -> frozenset[str]:
    """The commonest words of a language, lower-cased; empty where spaCy has none."""
    from importlib import import_module

    try:
        return frozenset(import_module(f"spacy.lang.{lang}.stop_words").STOP_WORDS)
    except ModuleNotFoundError:
        return frozenset()


def _keep_hyphens(nlp: "Language") -> None:
    """Let "e-mail" and "wind-up" be one word: a topic is what the writer wrote as one."""
    from spacy.util import compile_infix_regex

    infixes = [rule for rule in nlp.Defaults.infixes or () if "|-" not in rule and "-|" not in rule]
    if infixes and hasattr(nlp.tokenizer, "infix_finditer"):
        nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer
