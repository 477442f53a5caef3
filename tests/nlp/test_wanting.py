"""How sure is it that an English sentence wants something of its reader?"""

import json
from pathlib import Path

import pytest

from nlp import wanting


def odds(sentence: str) -> float:
    return wanting.odds(wanting.common(wanting.words_of(sentence)))


@pytest.mark.parametrize(
    ("asking", "telling"),
    [
        ("Could you send me the pattern by Friday?", "The pattern was sent on Friday."),
        ("Please call me when the loom is there.", "She called me when the loom was there."),
        ("Let me know what you think.", "They did not know what we think."),
    ],
    ids=["could you", "please", "let me know"],
)
def test_who_asks_is_told_from_who_tells(asking: str, telling: str) -> None:
    assert odds(asking) > 0.5 > -0.5 > odds(telling)


def test_what_a_sentence_is_about_has_no_say() -> None:
    assert odds("Could you send me the zither?") == odds("Could you send me the mandolin?")


def test_words_that_have_no_say_are_not_looked_at() -> None:
    said = wanting.common(wanting.words_of("Could Ottilie send 12 zithers?"))

    assert said == ["<", "could", "*", "send", "#", "*", "?", ">"]


def test_no_weight_holds_a_word_of_its_own() -> None:
    table = json.loads(Path(wanting.__file__).with_suffix(".json").read_text(encoding="utf-8"))
    runs = table.keys() - {"", wanting.RULE}

    assert {word for run in runs for word in run.split()} <= wanting._common() | {"*", "#", "<", ">"}


@pytest.mark.parametrize(
    ("sentence", "english"),
    [
        ("Could you send me the pattern?", True),
        ("Könnten Sie mir das Muster schicken?", False),
        ("请问图纸在哪里？", False),
        ("Ottilie 12", False),
        ("?", False),
        ("", False),
    ],
    ids=["english", "german", "chinese", "a name", "a mark", "nothing"],
)
def test_weights_speak_for_english_only(sentence: str, english: bool) -> None:
    assert wanting.is_english(wanting.common(wanting.words_of(sentence))) is english
