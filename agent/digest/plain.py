"""How does a string that a stranger wrote become one safe, short line?

Names, subjects and links come from mail, and mail comes from anybody: nothing here may break a header, reverse the
reading direction of our own words, draw over the next line, or fill the screen.
"""

import re
import unicodedata
from collections.abc import Iterator

JOINERS = "\u200c\u200d"
"""The invisible characters that stay: Persian and the Indic scripts spell with them, emoji are glued by them."""

STACKED = 4
"""More marks on one letter than any orthography needs; above that they climb over the neighbouring lines."""

SLACK = 4
"""How much more is read than is shown, so that a string which begins with rubbish still says something."""

_unbroken = re.compile(r"https?://\S+|\S+@\S+")


def clean(text: str, most: int) -> str:
    """`text` as one line of at most `most` characters, without control, direction or private characters."""
    kept: list[str] = []
    marks = 0
    for letter in unicodedata.normalize("NFC", text[: most * SLACK]):
        category = unicodedata.category(letter)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if letter.isspace() or category in ("Cc", "Zl", "Zp"):
            kept.append(" ")
        elif (category[0] != "C" or letter in JOINERS) and marks <= STACKED:
            kept.append(letter)
    return clip(" ".join("".join(kept).split()), most)


def paragraphs(text: str, most: int) -> str:
    """`text` with its paragraphs kept, each one clean, of at most `most` characters together."""
    said = (clean(part, most) for part in text[: most * SLACK].split("\n\n"))
    return clip("\n\n".join(part for part in said if part), most)


def clip(text: str, most: int) -> str:
    """At most `most` characters, ended at a word where one is near, with an ellipsis where something is missing."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    word = head if text[most - 1] == " " else head.rpartition(" ")[0]
    return (word if len(word) > most * 2 // 3 else head).rstrip(" ,;:.-") + "…"


def columns(text: str) -> int:
    """How many columns of a terminal `text` takes: two for each wide letter, none for a mark."""
    return sum(_columns(letter) for letter in text)


def fold(text: str, width: int, indent: str = "") -> str:
    """`text` in lines of at most `width` columns. A link or an address stays whole: half of one is worth nothing."""
    lines: list[str] = []
    line = indent
    for word in _words(text, width - len(indent)):
        joined = f"{line} {word}" if line != indent else indent + word
        if columns(joined) > width and line != indent:
            lines.append(line)
            joined = indent + word
        line = joined
    return "\n".join([*lines, line]).rstrip()


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        yield from [word] if columns(word) <= width or _unbroken.search(word) else _pieces(word, width)


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word wider than the line, cut; some scripts write whole sentences without a space."""
    piece, wide = "", 0
    for letter in word:
        if wide + _columns(letter) > width:
            yield piece
            piece, wide = "", 0
        piece, wide = piece + letter, wide + _columns(letter)
    yield piece


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
