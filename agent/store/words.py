"""How is text cut into words, so that each of them is found again?"""

import re

_CJK = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3105-\u312f\u3130-\u318f\u31a0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uffdc\U0001b000-\U0001b16f\U00020000-\U0003ffff"
)
"""Scripts written without spaces between words, and Hangul, whose words take endings."""

_ONE = re.compile(f"[{_CJK}]")
_WORD = re.compile(r"\w", re.UNICODE)

PREFIX = 3
"""From this many letters on a word is found by its beginning: "loom" finds "looms"; "ann" would find too much below."""


def spaced(text: str) -> str:
    """Text as the index gets it: a character of a script without spaces is a word of its own."""
    return text if text.isascii() else _ONE.sub(r" \g<0> ", text)


def question(words: str) -> str:
    """What the user typed, as an FTS5 query in which nothing of theirs is syntax; "" where there is no word in it."""
    asked = []
    for word in words.replace("\x00", " ").split():
        if not _WORD.search(word):
            continue
        quoted = '"' + spaced(word).strip().replace('"', '""') + '"'
        begins = len(word) >= PREFIX and not _ONE.search(word[-1])
        asked.append(quoted + "*" if begins else quoted)
    return " AND ".join(asked)
