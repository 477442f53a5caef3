from typing import Any

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from config.lines import Where, lines

OUTLINE = '''\
top = 1

[me] # who
addresses = [
  "a]",  # a ] in a comment
  'b',
]
"odd = key" . 'dotted' = { x = "}", y = [1, { z = 2 }] }
[[feed]]
name = """
[not.a.table]
\\"""" # ends in a quote of its own
[feed.from]
at = 07:00:00
[[feed]]
name = 1
[accounts.home]
kind = "mbox"
'''


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("top",), 1),
        (("me",), 3),
        (("me", "addresses"), 4),
        (("me", "addresses", 0), 5),
        (("me", "addresses", 1), 6),
        (("me", "odd = key"), 8),
        (("me", "odd = key", "dotted", "y", 1, "z"), 8),
        (("feed", 0), 9),
        (("feed", 0, "name"), 10),
        (("feed", 0, "from"), 13),
        (("feed", 0, "from", "at"), 14),
        (("feed", 1, "name"), 16),
        (("accounts",), 17),
        (("accounts", "home", "kind"), 18),
    ],
    ids=str,
)
def test_each_setting_is_found_on_its_line(where: Where, line: int) -> None:
    assert lines(OUTLINE)[where] == line


def test_nothing_else_is_found() -> None:
    assert not [where for where in lines(OUTLINE) if "not" in where]


def test_windows_line_ends_count_once() -> None:
    assert lines("a = 1\r\n\r\nb = 2\r\n")[("b",)] == 3


def ways(value: Any, way: Where = ()) -> set[Where]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {way} | {found for key, part in parts for found in ways(part, (*way, key))}


words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
values = st.recursive(
    st.integers(-99, 99) | st.booleans() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(words, values, max_size=4))
def test_every_setting_of_any_file_has_a_line(data: dict[str, Any]) -> None:
    text = tomlkit.dumps(data)

    assert set(lines(text)) == ways(tomlkit.parse(text).unwrap()) - {()}
