"""Is auld as good as it promises? Every floor in one table: what is reached, what is asked, met or MISSED.

    python bench/quality.py                    all rows; a quarter of an hour
    python bench/quality.py zones requests     the rows whose name holds one of these words

The rows live in `bench/quality_*.py`, a list `ROWS` in each. A row is measured only when it is its turn, and skipped,
with the reason, where its data is absent.
"""

import argparse
import importlib
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.data import absent

WIDTH = 62


@dataclass(frozen=True, slots=True)
class Figure:
    """Something that was measured, and what it should be; without a floor it only stands beside others."""

    what: str
    reached: float
    floor: float | None = None
    at_most: bool = False
    form: str = ".3f"

    @property
    def met(self) -> bool:
        """Whether it is as good as asked. What is printed is what counts: .8798 is .880."""
        if self.floor is None:
            return True
        reached = float(format(self.reached, self.form).replace(",", ""))
        return reached <= self.floor if self.at_most else reached >= self.floor


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table of promises: its name, the files that it needs below the data folder, and its figures."""

    name: str
    needs: Sequence[str]
    figures: Callable[[], Iterable[Figure]]


def rows() -> Iterator[Row]:
    """The rows of all `bench/quality_*.py`."""
    for file in sorted(Path(__file__).parent.glob("quality_*.py")):
        yield from importlib.import_module(f"bench.{file.stem}").ROWS


def said(figure: Figure) -> str:
    """A line of the table."""
    reached = format(figure.reached, figure.form)
    if figure.floor is None:
        return f"  {figure.what:{WIDTH}} {reached:>9}"
    way = "at most" if figure.at_most else "at least"
    verdict = "met" if figure.met else "MISSED"
    return f"  {figure.what:{WIDTH}} {reached:>9}  {way} {format(figure.floor, figure.form):>7}  {verdict}"


def main() -> int:
    """Print the table; how many figures missed their floor."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("words", nargs="*", help="only the rows whose name holds one of these")
    words = parser.parse_args().words
    missed = total = 0
    for row in rows():
        if words and not any(word.lower() in row.name.lower() for word in words):
            continue
        print(row.name)
        if why := absent(row.needs):
            print(f"  skipped: {why}")
            continue
        for figure in row.figures():
            print(said(figure), flush=True)
            total += figure.floor is not None
            missed += not figure.met
    print(f"{total - missed} of {total} floors met")
    return 0


if __name__ == "__main__":
    sys.exit(main())
