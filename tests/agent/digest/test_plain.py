import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.digest.plain import clean, clip, columns, fold, paragraphs


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada\r\nBcc: all@example.org", "Ada Bcc: all@example.org"),
        ("Ada\u202egro.elpmaxe", "Adagro.elpmaxe"),
        ("\u2066Ada\u2069 \u200fWeber", "Ada Weber"),
        ("A\x00d\x1b[31ma", "A d [31ma"),
        ("Ada\u2028Weber", "Ada Weber"),
        ("broken \udcff byte", "broken byte"),
        ("Z" + "\u0300" * 50, "Z" + "\u0300" * 4),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),
    ],
    ids=[
        "a header line", "an override", "isolates and marks", "controls", "a line separator", "half a surrogate",
        "a tower of accents", "Persian keeps its joiner", "emoji stay whole",
    ],
)  # fmt: skip
def test_what_a_stranger_wrote_becomes_one_safe_line(text: str, shown: str) -> None:
    assert clean(text, 60) == shown or clean(text, 60).endswith(shown[1:])


def test_a_name_of_a_megabyte_is_clipped() -> None:
    assert clean("A" * 1_000_000, 60) == "A" * 59 + "…"


def test_it_is_clipped_at_a_word_where_one_is_near() -> None:
    assert clip("the loom that stands in the hall", 24) == "the loom that stands in…"


def test_paragraphs_stay_apart_and_lines_do_not() -> None:
    assert paragraphs("Hi Ada,\n\nthe\nloom\r\nis here\n\n\n\n", 100) == "Hi Ada,\n\nthe loom is here"


@given(st.text(), st.integers(1, 100))
def test_nothing_clean_is_too_long_or_holds_a_control(text: str, most: int) -> None:
    shown = clean(text, most)

    assert len(shown) <= most
    assert not any(ord(letter) < 32 or letter in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069" for letter in shown)


@given(st.text(alphabet=st.characters(exclude_characters="@/"), max_size=300), st.integers(0, 10))
def test_a_folded_line_fits_its_columns_and_loses_no_letter(text: str, indent: int) -> None:
    folded = fold(text, 40, " " * indent)

    assert all(columns(line) <= 40 for line in folded.split("\n"))
    assert "".join(folded.split()) == "".join(text.split())


def test_a_link_and_an_address_are_never_broken() -> None:
    link = "https://tides.example/" + "century/" * 20

    assert fold(f"Read {link} today", 40).split("\n") == ["Read", link, "today"]


def test_a_sentence_without_spaces_is_cut_by_its_width() -> None:
    assert fold("東京の港の潮位表", 8) == "東京の港\nの潮位表"
