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


SPOKEN = {
    "english": (["Loom repair", "Re: the old shuttle", "Silk ribbons"], "en"),
    "german": (["Angebot Webstühle", "Wartung der Anlage im Herbst", "Unterlagen zum Umbau"], "de"),
    "french": (["Contrat du moulin", "Les rubans de soie", "Livraison des fils avant la fin"], "fr"),
    "spanish": (["El telar viejo", "Contrato de los telares", "Cintas de seda para la feria"], "es"),
    "dutch": (["Het oude weefgetouw", "Offerte voor de linten", "Onderhoud van de machines"], "nl"),
    "polish": (["Stare krosno", "Naprawa czółenka na jutro", "Umowa z młynem"], "pl"),
    "russian": (["Ремонт станка", "Договор с фабрикой", "Старый ткацкий станок"], "ru"),
    "ukrainian": (["Ремонт верстата", "Договір із фабрикою", "Старий ткацький верстат і його історія"], "uk"),
    "chinese": (["织布机的维修", "丝带合同"], "zh"),
    "japanese": (["織機の修理", "シルクのリボン"], "ja"),
    "korean": (["베틀 수리", "비단 리본"], "ko"),
    "thai": (["ซ่อมเครื่องทอผ้า"], "th"),
    "hebrew": (["תיקון הנול הישן"], "he"),
    "names and firms": (["RMySQL", "Weber & Holm"], "en"),
    "nothing": ([], "en"),
    "numbers": (["4711"], "en"),
}


@pytest.mark.parametrize(("texts", "lang"), SPOKEN.values(), ids=SPOKEN.keys())
def test_a_language_is_told_by_all_that_somebody_writes(texts: list[str], lang: str) -> None:
    assert language.spoken(texts) == lang


def test_english_is_told_without_the_model() -> None:
    code = (
        "import sys; from nlp import language; language.spoken(['Loom repair', 'The old shuttle']);"
        "print('py3langid' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
