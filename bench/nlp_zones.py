"""How much of what we keep of a mail did its sender write, and how much of that do we keep?

Lines of the Webis annotation of Enron mail; greetings and closings do not count.
`python bench/nlp_zones.py [--part all]`
"""

import argparse
import io
import json
import os
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nlp import zones

DATA = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ARCHIVE = DATA / "labelled" / "webis_enron.tar.xz"
PARTS = {
    "all": "enron-annotated.jsonl",
    "dev": "enron-annotated-finetuning-train.jsonl",
    "test": "enron-annotated-finetuning-validation.jsonl",
}
KEEP = {"paragraph", "section_heading", "tabular"}
DROP = {"mua_signature", "personal_signature", "quotation", "quotation_marker", "inline_headers"}
QUOTED = {"quotation", "quotation_marker", "inline_headers"}


def lines_of(record: dict[str, object]) -> Iterator[tuple[str, str]]:
    """(line, "new", "quoted", "signature" or "") of one annotated message."""
    text, labels = str(record["text"]), sorted(record["labels"])  # type: ignore[call-overload]
    heads = [
        s for s, e, kind in labels if kind == "inline_headers" or (kind == "quotation_marker" and _passes_on(text[s:e]))
    ]
    cut = min(heads, default=len(text))
    at = 0
    for line in text.split("\n"):
        middle = at + len(line) / 2
        kinds = {kind for s, e, kind in labels if s <= middle < e}
        at += len(line) + 1
        if not line.strip():
            continue
        if middle >= cut or kinds & QUOTED:
            yield line, "quoted"
        elif kinds & DROP:
            yield line, "signature"
        else:
            yield line, "new" if kinds & KEEP else ""


def _passes_on(marker: str) -> bool:
    return "orward" in marker or "riginal" in marker


def score(records: list[dict[str, object]]) -> dict[str, float]:
    """Line F1, word precision and recall, share of whole messages right, leaks; and messages per second."""
    n: Counter[str] = Counter()
    right, spent = 0, 0.0
    for record in records:
        started = time.process_time()
        out = Counter(line for line in zones.text(str(record["text"])).split("\n"))
        spent += time.process_time() - started
        whole = True
        for line, gold in lines_of(record):
            kept = out[" ".join(line.split())] > 0
            out[" ".join(line.split())] -= kept
            if not gold:
                continue
            words = len(line.split())
            n[f"{gold} lines"] += 1
            n[f"{gold} lines kept"] += kept
            n["words kept"] += words * kept
            n["words new"] += words * (gold == "new")
            n["words both"] += words * (kept and gold == "new")
            whole = whole and kept == (gold == "new")
        right += whole
    kept_lines = n["new lines kept"] + n["quoted lines kept"] + n["signature lines kept"]
    return {
        "line F1": 2 * n["new lines kept"] / (kept_lines + n["new lines"]),
        "word P": n["words both"] / n["words kept"],
        "word R": n["words both"] / n["words new"],
        "whole": right / len(records),
        "quoted leak": n["quoted lines kept"] / max(1, n["quoted lines"]),
        "signature leak": n["signature lines kept"] / max(1, n["signature lines"]),
        "messages/s": len(records) / spent,
    }


def records(part: str) -> list[dict[str, object]]:
    """The annotated messages of a part."""
    with tarfile.open(ARCHIVE) as archive:
        [member] = [m for m in archive.getmembers() if m.name.endswith("/" + PARTS[part])]
        file = archive.extractfile(member)
        assert file is not None
        return [json.loads(line) for line in io.TextIOWrapper(file, "utf-8")]


FLOORS = {"line F1": 0.92, "word R": 0.98, "whole": 0.84, "quoted leak": -0.05}
"""A negative one is a ceiling."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, default="test")
    part = parser.parse_args().part
    if not ARCHIVE.exists():
        print(f"skipped: {ARCHIVE} is absent")
        return
    for name, value in score(records(part)).items():
        floor = FLOORS.get(name)
        said = "" if floor is None else f"{'at most' if floor < 0 else 'at least'} {abs(floor)}"
        print(f"{name:16} {value:9.3f}  {said}")


if __name__ == "__main__":
    main()
