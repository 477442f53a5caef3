"""Of the sentences that ask something, how many do the rules find, and how many of their finds are right?

Parakweet's test sentences (a request, a proposal or a meeting: yes or no). `python bench/nlp_asks.py [--part train]`
"""

import argparse
import io
import os
import tarfile
import time
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


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, default="test")
    part = parser.parse_args().part
    if not ARCHIVE.exists():
        print(f"skipped: {ARCHIVE} is absent")
        return
    rows = sentences(part)
    started = time.process_time()
    found = [asks.sentence_asks(sentence) for _, sentence in rows]
    spent = time.process_time() - started
    for name, kinds in (("request", {"request"}), ("question", {"question"}), ("either", {"request", "question"})):
        said = [bool(kinds & f) for f in found]
        hits = sum(gold and s for (gold, _), s in zip(rows, said, strict=True))
        precision, recall = hits / max(1, sum(said)), hits / sum(gold for gold, _ in rows)
        floor = "P at least .85, R at least .50" if name == "request" else ""
        print(f"{name:10} P {precision:.3f}  R {recall:.3f}  {floor}")
    print(f"{len(rows) / spent:,.0f} sentences/s")


if __name__ == "__main__":
    main()
