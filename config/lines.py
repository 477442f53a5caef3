"""On which line of a TOML text does each setting stand?

TOML readers drop the lines. This scan follows only the outline (tables, keys, the parts of arrays); it wants a text
that `tomllib` has already accepted, and so does no checks of its own.
"""

import tomllib
from typing import TypeAlias

Where: TypeAlias = tuple[str | int, ...]
"""The way to a setting: ("accounts", "work", "port"), or ("me", "addresses", 0) for a part of an array."""

BLANK = " \t\n"


def lines(text: str) -> dict[Where, int]:
    """The line, from 1, on which each table, key and part of an array first stands."""
    return _Scan(text.replace("\r\n", "\n")).document()


class _Scan:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Where, int] = {}
        self.tables: dict[Where, int] = {}  # how many tables of each array of tables came so far

    def document(self) -> dict[Where, int]:
        prefix: Where = ()
        self.skip()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                prefix = self.header()
            else:
                self.pair(prefix)
            self.skip()
        return self.found

    def header(self) -> Where:
        """`[a.b]`, or `[[a.b]]`, which is the next part of an array."""
        line = self.line()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        key = self.inside(self.key())
        self.at += 2 if many else 1
        if many:
            self.tables[key] = self.tables.get(key, -1) + 1
            key = (*key, self.tables[key])
        self.note(key, line)
        return key

    def inside(self, key: Where) -> Where:
        """`[[feed]] [feed.from]`: the second is a part of the newest feed."""
        way: Where = ()
        for depth, part in enumerate(key, 1):
            way = (*way, part)
            if way in self.tables and depth < len(key):
                way = (*way, self.tables[way])
        return way

    def pair(self, prefix: Where) -> None:
        line = self.line()
        way = prefix + self.key()
        self.at += 1  # the equals sign
        self.note(way, line)
        self.value(way)

    def key(self) -> tuple[str, ...]:
        """A key of one or several parts; ends before what follows it."""
        parts = []
        while True:
            self.skip()
            parts.append(self.key_part())
            self.skip()
            if self.text[self.at] != ".":
                return tuple(parts)
            self.at += 1

    def key_part(self) -> str:
        start = self.at
        if self.text[start] in "\"'":
            self.string()
            return str(tomllib.loads(f"v = {self.text[start : self.at]}")["v"])
        while self.text[self.at].isalnum() or self.text[self.at] in "-_":
            self.at += 1
        return self.text[start : self.at]

    def value(self, way: Where) -> None:
        self.skip()
        first = self.text[self.at]
        if first in "\"'":
            self.string()
        elif first == "[":
            self.array(way)
        elif first == "{":
            self.inline_table(way)
        else:
            while self.at < len(self.text) and self.text[self.at] not in ",]}\n#":
                self.at += 1

    def array(self, way: Where) -> None:
        self.at += 1
        self.skip()
        part = 0
        while self.text[self.at] != "]":
            self.note((*way, part), self.line())
            self.value((*way, part))
            part += 1
            self.comma()
        self.at += 1

    def inline_table(self, way: Where) -> None:
        self.at += 1
        self.skip()
        while self.text[self.at] != "}":
            self.pair(way)
            self.comma()
        self.at += 1

    def comma(self) -> None:
        self.skip()
        if self.text[self.at] == ",":
            self.at += 1
            self.skip()

    def string(self) -> None:
        """Goes past a string of any of TOML's four kinds."""
        quote = self.text[self.at]
        mark = quote * 3 if self.text.startswith(quote * 3, self.at) else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        while len(mark) == 3 and self.text.startswith(quote, self.at):
            self.at += 1  # a long string may end in up to two more quotes of its own

    def skip(self) -> None:
        """Past blanks, line ends and comments."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self.text[self.at] in BLANK:
                self.at += 1
            else:
                return

    def note(self, way: Where, line: int) -> None:
        for depth in range(1, len(way) + 1):
            self.found.setdefault(way[:depth], line)

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
