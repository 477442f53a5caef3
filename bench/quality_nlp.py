"""The rows of `bench/quality.py` on language: threads, zones, matching, topics, asks, speed."""

import os
from collections.abc import Iterator
from pathlib import Path

from bench import nlp_asks, nlp_match, nlp_speed, nlp_threads, nlp_topics, nlp_zones
from bench.quality import Figure, Row


def began() -> Iterator[Figure]:
    without, headers = nlp_threads.began()
    yield Figure("threads with headers", headers, 1.0)
    yield Figure("by subject only", without, 0.88)


def zones() -> Iterator[Figure]:
    found = nlp_zones.score(nlp_zones.records("test"))
    yield Figure("line F1", found["line F1"], 0.92)
    yield Figure("word recall", found["word R"], 0.98)
    yield Figure("whole message right", found["whole"], 0.84)
    yield Figure("quoted lines that leak", found["quoted leak"], 0.05, at_most=True)
    yield Figure("lines of signatures that leak", found["signature leak"])


def matched() -> Iterator[Figure]:
    lists = nlp_match.read(bodies=True)
    for bodies, (mrr, macro, sure) in nlp_match.FLOORS.items():
        kind = "with bodies" if bodies else "subjects"
        for way, found in nlp_match.ways(lists, bodies):
            ours = way == "ours"
            yield Figure(f"{kind}, {way}: MRR", found.mrr, mrr if ours else None)
            yield Figure(f"{kind}, {way}: macro-MRR", found.macro, macro if ours else None)
            yield Figure(f"{kind}, {way}: top-1 at the widest tenth", found.sure, sure if ours else None)


def touching() -> Iterator[Figure]:
    own, other = nlp_topics.touching()
    yield Figure("later threads that the ten topics touch", own, 0.30)
    yield Figure("lift over another person's", own / other, 6.0, form=".1f")


def inspec() -> Iterator[Figure]:
    score, rate = nlp_topics.inspec()
    yield Figure("F1@10", score, 0.31)
    yield Figure("documents a second", rate, 1_000, form=",.0f")


def requests() -> Iterator[Figure]:
    precision, recall = nlp_asks.requests("test")
    yield Figure("precision", precision, 0.88)
    yield Figure("recall", recall, 0.62)


def labelled() -> Iterator[Figure]:
    found = nlp_asks.labelled(Path(os.environ["AULD_LABELS"]))
    for ask, (precision, recall, number) in found.items():
        yield Figure(f"{ask}: precision", precision, 0.90)
        yield Figure(f"{ask}: recall, of {number}", recall)


def speed() -> Iterator[Figure]:
    rate, share = nlp_speed.ratio()
    yield Figure("bodies a second", rate, form=",.0f")
    yield Figure("of the blank tokenizer's rate", share, 0.35, form=".2f")
    most, more = nlp_speed.memory()
    yield Figure("MB of a worker", most, 260, at_most=True, form=".0f")
    yield Figure("MB that it grows by over 20,000 messages", more, 30, at_most=True, form=".0f")


ROWS = (
    Row("who began (mailing lists)", ["rlists"], began),
    Row("zones (Webis Enron)", ["labelled/webis_enron.tar.xz"], zones),
    Row("contact from thread (mailing lists)", ["rlists"], matched),
    Row("topics (mailing lists)", ["rlists"], touching),
    Row("keyphrases (Inspec)", ["labelled/keyphrase_hulth_wan.tar.xz"], inspec),
    Row("requests (Parakweet test)", ["labelled/parakweet_intent.tar.xz"], requests),
    Row("promises, offers, thanks (docs/labelling.md)", ["$AULD_LABELS"], labelled),
    Row("speed and memory of reading", [], speed),
)
