"""Is a body read quickly enough, and does the reader stay small?

Bodies of 100 to 250 words (AESLC; invented ones where that is absent): with every step (zones, repeated lines, asks,
links, dates, terms) they are read at a share of the rate of spaCy's blank tokenizer, taken in turns, so that load does
not matter. The memory is that of a process of its own which reads 20,000 invented messages. `python bench/nlp_speed.py`
"""

import os
import random
import resource
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from nlp import language, marks, repeated

MESSAGES, WORDS, VOCABULARY, TURNS = 20_000, 150, 3_000, 7
KEY, WRITTEN = b"k" * 32, date(2026, 5, 12)
ARCHIVE = Path(os.environ.get("AULD_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ARCHIVE = ARCHIVE / "labelled" / "aeslc_dev.tar.xz"

FLOOR, LARGEST, GROWTH = 0.35, 260.0, 30.0
"""Of the blank tokenizer's rate; MB of the worker; MB that it grows by over 20,000 messages (`nlp.md`)."""

SAID = (
    "could you send me the {0} of the {1} by friday?",
    "i will look at the {0} and call you tomorrow.",
    "thanks for the {0}, it helped with the {1}.",
    "the {0} came with a {1} and we put both into the {2}.",
    "if you want, i can bring the {0} to the {1}.",
    "we talked about {0} and {1} before the {2} began, and nobody knew what to do with it.",
    "what do you think of the {0}?",
    "the {0} is on the table by the {1}, under the old {2}.",
    "on the way home they saw a {0} that nobody had seen before.",
    "it was a long {0} and the {1} was cold.",
    "the {0} of the {1} has a {2} in it, as it always had.",
    "there were more {0} than {1} in the {2} last year, which is why i wrote.",
)


def bodies(n: int, seed: int = 1) -> Iterator[str]:
    """Invented mails of about 150 new words, with a quote and a signature."""
    rng = random.Random(seed)
    nouns = rng.sample(sorted(language.parts()["noun"]), VOCABULARY)
    for number in range(n):
        new: list[str] = []
        while sum(len(sentence.split()) for sentence in new) < WORDS:
            new.append(rng.choice(SAID).format(*rng.choices(nouns, k=3)).capitalize())
        lines = [" ".join(new[at : at + 3]) for at in range(0, len(new), 3)]
        quote = f"On 3 March 2020, Ada <ada@example.org> wrote:\n> {lines[0]}\n> {lines[-1]}"
        yield "Hello Ada,\n\n" + "\n".join(lines) + f"\n\nRegards,\nBob\nTel. 061 555 01 {number % 100:02}\n\n{quote}\n"


def real() -> list[str]:
    """The bodies of AESLC that are about as long, or none."""
    if not ARCHIVE.exists():
        return []
    with tarfile.open(ARCHIVE) as archive:
        files = [archive.extractfile(m) for m in archive.getmembers() if m.name.endswith(".subject")]
        texts = [file.read().decode("utf-8", "replace").partition("@subject")[0] for file in files if file]
    return [text for text in texts if 100 <= len(text.split()) <= 250]


def ratio() -> tuple[float, float]:
    """Our bodies a second, and their share of the blank tokenizer's: the median of some turns."""
    import spacy

    blank = spacy.blank("en")
    texts = real() or list(bodies(600))
    read(texts[::TURNS])
    list(blank.pipe(texts[::TURNS]))
    rows = []
    for turn in range(1, TURNS):
        fresh = texts[turn::TURNS]
        started = time.process_time()
        list(blank.pipe(fresh))
        theirs = time.process_time() - started
        started = time.process_time()
        read(fresh)
        ours = time.process_time() - started
        rows.append((len(fresh) / ours, theirs / ours))
    return sorted(rows, key=lambda row: row[1])[len(rows) // 2]


def read(texts: list[str]) -> None:
    """Every step, as of one sender."""
    habit: dict[bytes, frozenset[int]] = {}
    for number, text in enumerate(texts):
        found = marks.read(text)
        lines = {number.to_bytes(6, "big"): repeated.lines_of(found.new, KEY)}
        said = repeated.without(found.new, repeated.often(habit, lines), KEY)
        habit = repeated.learned(habit, lines)
        marks.mark(found, said=said, written=WRITTEN)


def peak() -> float:
    """MB that this process took at most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def now() -> float:
    """MB that it takes now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1e6


def worker() -> None:
    """Read all messages, and print the MB after a tenth of them and at the end."""
    for n, text in enumerate(bodies(MESSAGES), 1):
        read([text])
        if n in (MESSAGES // 10, MESSAGES):
            print(peak(), now())


def memory() -> tuple[float, float]:
    """MB of a worker at its peak, and how much of that came after the first tenth of the messages."""
    told = subprocess.run(
        [sys.executable, __file__, "--worker"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    ).stdout.split()
    return float(told[2]), float(told[3]) - float(told[1])


def main() -> None:
    """Print the figures."""
    if "--worker" in sys.argv:
        worker()
        return
    rate, share = ratio()
    print(f"bodies with every step: {rate:,.0f}/s, {share:.2f} of the blank tokenizer's rate (at least {FLOOR})")
    most, more = memory()
    print(f"worker {most:.0f} MB (at most {LARGEST:.0f})")
    print(f"grown by {more:.0f} MB over {MESSAGES:,} messages (at most {GROWTH:.0f})")


if __name__ == "__main__":
    main()
