"""Which language pipeline reads this text?"""

import subprocess
import sys

import pytest

from nlp import language


def test_reading_subjects_does_not_start_the_engine() -> None:
    code = (
        "import sys; from nlp import asks, language, marks, match, threads, tidy, topics;"
        "from collections import Counter; topics.phrases(['Loom repair']) if not language.trained() else None;"
        "print('spacy' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"


def test_the_pipeline_is_loaded_once() -> None:
    assert language.pipeline("de") is language.pipeline("de")


@pytest.mark.parametrize("lang", ["ja", "ko", "th", "vi", "xx", "no-such-language"])
def test_a_language_that_cannot_be_made_is_read_word_by_word(lang: str) -> None:
    assert [token.text for token in language.pipeline(lang)("zwei Wörter")] == ["zwei", "Wörter"]


def test_batches_keep_order_and_hyphens() -> None:
    texts = [f"wind-up number {n}" for n in range(2 * language.BATCH + 1)]

    read = [doc.text for batch in language.in_batches(texts, "de") for doc in batch]
    hyphened = [
        [token.text for token in doc] for batch in language.in_batches(["a wind-up toy"], "de") for doc in batch
    ]

    assert read == texts
    assert hyphened == [["a", "wind-up", "toy"]]


def test_word_lists_are_there() -> None:
    assert "loom" in language.parts()["noun"]
    assert language.odd_nouns()["analyses"] == "analysis"
    assert "und" in language.stop_words("de")
    assert language.stop_words("xx") == frozenset()
