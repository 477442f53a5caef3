"""Of the sentences that ask, promise, offer or thank, how many are found, and how many of the finds are right?

Parakweet's test sentences (a request, a proposal or a meeting: yes or no), and sentences that were labelled by hand
(docs/labelling.md), which lie outside the repository: `python bench/nlp_asks.py [--part train] [--labels FILE]`, or
`AULD_LABELS=FILE`.
"""

import argparse
import io
import json
import os
import tarfile
from pathlib import Path

from nlp import asks

DATA = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ARCHIVE = DATA / "labelled" / "parakweet_intent.tar.xz"
PARTS = {"test": "testSet-qualifiedBatch-fixed.txt", "train": "Ask0729-fixed.txt"}


def sentences(part: str) -> list[tuple[bool, str]]:
    """(asks something, sentence) of a part."""
    with tarfile.open(ARCHIVE) as archive:
        [member] = [m for m in archive.getmembers() if m.name.endswith(PARTS[part])]
        file = archive.extractfile(member)
        assert file is not None
        rows = [line.rstrip("\n").split("\t", 1) for line in io.TextIOWrapper(file, "utf-8", "replace")]
    return [(row[0].strip().lower() == "yes", row[1]) for row in rows if len(row) == 2]


def requests(part: str) -> tuple[float, float]:
    """Precision and recall of requests on Parakweet's sentences."""
    rows = sentences(part)
    said = ["request" in asks.sentence_asks(sentence) for _, sentence in rows]
    hits = sum(gold and s for (gold, _), s in zip(rows, said, strict=True))
    return hits / max(1, sum(said)), hits / sum(gold for gold, _ in rows)


def labelled(path: Path, part: str = "") -> dict[str, tuple[float, float, int]]:
    """Ask -> precision, recall (each sentence counts as many as it was drawn from), sentences of it in the labels."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if part in ("", row["part"])]
    said = [asks.sentence_asks(row["text"]) for row in rows]
    found = {}
    for ask in ("promise", "offer", "thanks"):
        all_said = sum(row["weight"] for row, s in zip(rows, said, strict=True) if ask in s)
        gold = sum(row["weight"] for row in rows if ask in row["asks"])
        hits = sum(row["weight"] for row, s in zip(rows, said, strict=True) if ask in s and ask in row["asks"])
        found[ask] = (hits / max(1e-9, all_said), hits / max(1e-9, gold), sum(ask in row["asks"] for row in rows))
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, default="test")
    parser.add_argument("--labels", type=Path, default=os.environ.get("AULD_LABELS"), help="sentences labelled by hand")
    given = parser.parse_args()
    if ARCHIVE.exists():
        precision, recall = requests(given.part)
        print(f"requests     P {precision:.3f}  R {recall:.3f}  (P at least .88 at R .62)")
    else:
        print(f"skipped: {ARCHIVE} is absent")
    if given.labels is None:
        print("skipped: no labels given (--labels, AULD_LABELS)")
        return
    for part in ("dev", "test", ""):
        for ask, (precision, recall, n) in labelled(Path(given.labels), part).items():
            print(f"{ask:8} {part or 'all':4} P {precision:.3f}  R {recall:.3f}  of {n:3}  (P at least .90)")


if __name__ == "__main__":
    main()
