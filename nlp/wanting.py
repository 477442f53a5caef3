"""How sure is it that an English sentence wants something of its reader?

A sum of weights, one for each common word and pair of them and one for the rules, fitted offline by
`bench/fit_asks.py` on Parakweet's sentences (Apache-2.0) and kept beside this code. Only stop words, verbs and a short
list take part: what a sentence is about has no say, and no weight can hold a name. The rules cost a hundred times as
much, so they are asked last.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, pairwise
from pathlib import Path

from nlp import language
from nlp.words import listed

LONGEST = 60
"""Words of a sentence that are looked at."""

RULE = "="
"""How the rules are called among the runs."""

ENGLISH = 0.4
"""The share of a sentence's words that are common English ones; with fewer, the weights have nothing to say."""

SAID = listed(
    "please pls plz thanks thank hi hey hello let's lets ok okay sure also asap meeting lunch dinner coffee call fax "
    "email e-mail tomorrow today monday tuesday wednesday thursday friday next week copy copies know glad happy "
    "question questions opinion advice thoughts idea suggestion suggest possible available free interested"
)
"""Words of arranging that are neither stop words nor verbs."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|[?!]")


def words_of(sentence: str) -> list[str]:
    """The sentence's first words and numbers, and its marks of asking and calling, lower-cased."""
    return _TOKEN.findall(sentence.lower().replace("’", "'"))[:LONGEST]


def common(words: list[str]) -> list[str]:
    """The words with "#" for numbers and "*" for those that have no say, between "<" and ">"."""
    known = _common()
    return ["<", *[word if word in known else "#" if word.isdigit() else "*" for word in words], ">"]


def runs(said: list[str]) -> Iterator[str]:
    """The runs of the words that `common` gave."""
    return chain(said, map(" ".join, pairwise(said)))


def is_english(said: list[str]) -> bool:
    """Whether enough of the words that `common` gave are known English ones."""
    words = [word for word in said[1:-1] if word not in "?!#"]
    return sum(word != "*" for word in words) >= ENGLISH * len(words) > 0


def odds(said: list[str]) -> float:
    """The log odds that such a sentence wants something, before the rules; 0.0 is as likely as not."""
    weights = _weights()
    return weights[""] + sum(map(weights.__getitem__, weights.keys() & set(runs(said))))


def ruled() -> float:
    """What the log odds gain where a rule says that the sentence asks."""
    return _weights()[RULE]


@cache
def _common() -> frozenset[str]:
    return language.stop_words("en") | language.parts()["verb"] | SAID | {"?", "!"}


@cache
def _weights() -> Mapping[str, float]:
    found: dict[str, float] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return found
