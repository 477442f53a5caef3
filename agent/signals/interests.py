"""What do they care about?"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from agent.model import Topic
from nlp import tidy, topics

SHOWN = 2
"""So many topics stand beside a name; ten are known, two are read."""

OFTEN = 3
"""Threads that a topic needs before it describes a person: two are chance."""


@lru_cache(maxsize=4096)
def subject_terms(subject: str) -> frozenset[str]:
    """The terms that a subject holds, as they are counted for topics."""
    [terms] = topics.phrases([tidy.subject(subject)])
    return frozenset(terms)


def terms_within(text: str) -> frozenset[str]:
    """The terms of a text, those inside a longer phrase too: of a "rag paper fair" also "rag paper"."""
    words = re.findall(r"[^\W_]+", text)
    return subject_terms(text).union(*(subject_terms(f"{one} {other}") for one, other in pairwise(words)))


def named(known: Sequence[Topic], subjects: Iterable[str], most: int = SHOWN) -> tuple[str, ...]:
    """The topics to show, as `subjects` write them: the strongest first, none inside another."""
    shown: list[str] = []
    for topic in known:
        if topic.threads >= OFTEN and not any(topic.term in s or s in topic.term for s in shown):
            shown.append(topic.term)
    written = list(subjects)
    return tuple(topics.shown(term, written) for term in shown[:most])
