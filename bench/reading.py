"""How fast, and how rightly, is a mailbox read? Ratios against `grep` and against the standard library.

    python bench/reading.py [--messages 10000] [--mbox FILE] [--rounds 5]

Speed: the CPU time of reading a generated mbox (splitting, headers, addresses, fingerprints, Interactions), the least
of several rounds taken in turns with `grep -c '^From '`, and of the same by the library's parsers. Rightness: every
address field, date and subject of SpamAssassin and of the open Enron mailboxes, read both ways.
"""

import argparse
import email.header
import gc
import io
import lzma
import resource
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench import mailbox
from bench.data import data, owners
from connectors.contract import Party
from connectors.headers_dates import moment, moment_by_library
from connectors.headers_fields import fields, fields_by_library
from connectors.headers_people import _glance, pairs_by_library, parties
from connectors.headers_words import decoded as read_words
from connectors.headers_words import guessed
from connectors.mbox import Mbox, Options
from connectors.mbox_messages import KEEP, Raw, messages, split

ADDRESSES = ("from", "to", "cc")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--mbox", type=Path, help="read this one instead of a generated one")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = args.mbox or Path(folder, "generated.mbox")
        if not args.mbox:
            mailbox.write(
                path, args.messages, body=20_000, people=2_500, two_way=800, end=datetime(2026, 1, 1, tzinfo=UTC)
            )
        speed(path, args.rounds)
    rightness("SpamAssassin", spamassassin(data()))
    rightness("Enron", (head for path, _ in owners().values() for head in enron(path)))


# ------------------------------------------------------------------------------------------------------------- speed


def speed(path: Path, rounds: int) -> None:
    """Print how many times longer than `grep` each way takes; all ways take turns, the least of each counts."""
    ways: dict[str, Callable[[], object]] = {
        "grep -c '^From '": lambda: subprocess.run(f"grep -c '^From ' '{path}' | cat", shell=True, stdout=-1),
        "split only": lambda: [None for _ in raw(path)],
        "Mbox, pages of Interactions": lambda: read(path, "headers"),
    }
    least = {name: min(cpu(way) for _ in range(rounds)) for name, way in ways.items()}
    for name in ("Mbox, pages of Interactions", "grep -c '^From '"):  # once more, in turns
        for _ in range(rounds):
            least[name] = min(least[name], cpu(ways[name]))
    number = sum(1 for _ in raw(path))
    least["header fields, quick"] = heads(path, quick)
    least["header fields, library"] = heads(path, library)
    floor = least["grep -c '^From '"]
    print(f"{number:,} messages, {path.stat().st_size / 1e6:,.0f} MB")
    print(f"{'':32}{'cpu-s':>8}{'msgs/cpu-s':>12}{'x grep':>8}")
    for name, seconds in least.items():
        print(f"{name:32}{seconds:8.2f}{number / seconds:12,.0f}{seconds / floor:8.1f}")
    print(f"quick / library: {least['header fields, library'] / least['header fields, quick']:.1f} (bar: 3)")
    print(f"reading / grep: {least['Mbox, pages of Interactions'] / floor:.1f} (bar: 5)")
    print(f"private memory now: {private():.0f} MB")


def cpu(way: Callable[[], object]) -> float:
    """The CPU seconds of this process and its children that `way` takes."""
    gc.collect()
    _glance.cache_clear()
    before = _used()
    way()
    return _used() - before


def _used() -> float:
    return sum(
        sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )  # user and system


def raw(path: Path) -> Iterator[Raw]:
    """The messages of a plain mbox."""
    with path.open("rb") as file:
        yield from messages(file.readinto)


def read(path: Path, how: str) -> int:
    """The number of Interactions in it."""
    connector = Mbox(Options.model_validate({"kind": "mbox", "path": path, "read": how}), now=datetime.now(UTC))
    return sum(len(page.found) for stream in connector.streams() for page in connector.pull(stream, None))


def heads(path: Path, way: Callable[[bytes], object], rounds: int = 3) -> float:
    """The least CPU seconds in which `way` reads all headers of an mbox, the splitting not counted."""
    found = [split(each.head)[1] for each in raw(path)]
    return min(cpu(lambda: [way(head) for head in found]) for _ in range(rounds))


def private() -> float:
    """MB of memory that belong to this process alone."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_Dirty")) / 1_000


# --------------------------------------------------------------------------------------------------------- rightness


def quick(head: bytes) -> dict[str, object]:
    """Who, to whom, when and what, by our own ways."""
    found = fields(head)
    said: dict[str, object] = {name: parties(found[name]) for name in ADDRESSES if name in found}
    said["date"] = moment(found["date"]) if "date" in found else None
    said["subject"] = read_words(found.get("subject", ""))
    return said


def library(head: bytes) -> dict[str, object]:
    """The same by BytesHeaderParser(compat32), getaddresses, parsedate_tz and decode_header."""
    found = fields_by_library(head)
    said: dict[str, object] = {name: addressed(found[name]) for name in ADDRESSES if name in found}
    said["date"] = moment_by_library(found["date"]) if "date" in found else None
    said["subject"] = decoded(found.get("subject", ""))
    return said


def addressed(value: str) -> tuple[Party, ...]:
    """Addresses with their names, as plainly as the library gives them."""
    each: dict[str, Party] = {}
    for name, address in pairs_by_library(value):
        address = address.strip("'\"<> ").lower()
        if "@" in address and " " not in address and address.isprintable():
            shown = decoded(name)
            while len(shown) > 1 and shown[0] in "'\"" and shown[-1] == shown[0]:
                shown = shown[1:-1].strip()
            each.setdefault(address, Party(address, "" if shown.lower() == address else shown))
    return tuple(each.values())


def decoded(value: str) -> str:
    """Words by decode_header, which wants the bytes of 8-bit text decoded first."""
    if not value.isascii():
        value = guessed(value.encode("ascii", "surrogateescape"))
    if "=?" in value and value.isascii():
        value = "".join(
            part.decode(charset or "ascii", "replace") if isinstance(part, bytes) else part
            for part, charset in email.header.decode_header(value)
        )
    return " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in value).split())


def rightness(name: str, found: Iterable[bytes]) -> None:
    """Print on how many fields the two ways agree, of each sort."""
    fields = differ = 0
    kinds: dict[str, int] = {}
    for head in found:
        ours, theirs = quick(head), library(head)
        for field, value in theirs.items():
            fields += 1
            if ours.get(field) != value:
                differ += 1
                kinds[field] = kinds.get(field, 0) + 1
    print(f"{name}: {fields - differ:,} of {fields:,} fields agree ({1 - differ / max(fields, 1):.4%}) {kinds or ''}")


def spamassassin(root: Path) -> Iterator[bytes]:
    """The headers of its messages."""
    with tarfile.open(root / "spamassassin.tar.xz") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            if file:
                yield split(file.read(KEEP))[1]


def enron(path: Path) -> Iterator[bytes]:
    """The headers of one mailbox."""
    with lzma.open(path) as file:
        content = io.BytesIO(file.read())
    for each in messages(content.readinto):
        yield split(each.head)[1]


if __name__ == "__main__":
    main()
