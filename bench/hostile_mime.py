"""Does hostile mail do any harm, and does what can be read come out? Eight mail programs' own test suites.

    python -m bench.hostile_mime

Each file is imported by itself, headers and text: no crash, no hang (5 s). Then, message by message, sender, date and
subject must come out wherever the standard library finds them. Nothing is opened or fetched but the files themselves.
"""

import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32
from email.utils import getaddresses, parsedate_tz
from pathlib import Path

from bench.data import data
from connectors.contract import NeedsUser
from connectors.headers_dates import moment
from connectors.headers_fields import fields
from connectors.headers_people import sender
from connectors.headers_words import decoded
from connectors.mbox import Mbox, Options
from connectors.mbox_messages import split

LIMIT = 5.0


def main() -> None:
    counts: Counter[str] = Counter()
    trouble: list[str] = []
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, content in hostile(data() / "hostile" / "mime"):
            began = time.perf_counter()
            try:
                counts.update(imported(Path(folder, "file"), content))
            except Exception as error:  # what this bench is for: any error at all is a finding
                trouble.append(f"{name}: {type(error).__name__}")
            slowest = max(slowest, took := time.perf_counter() - began)
            counts["files"] += 1
            if took > LIMIT:
                trouble.append(f"{name}: took {took:.1f} s")
            lost = [f"{name}: {field} is lost" for field in missing(content, counts)]
            trouble.extend(lost)
    for what, number in sorted(counts.items()):
        print(f"{what:32}{number:8,}")
    print(f"{'slowest file, s':32}{slowest:8.2f}")
    print("\n".join(trouble) or "no crash, no hang, nothing lost")
    sys.exit(bool(trouble))


def hostile(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file of every suite."""
    for path in sorted(root.glob("*.tar.xz")):
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file:
                    yield f"{path.name}/{member.name}", file.read()


def imported(path: Path, content: bytes) -> Counter[str]:
    """What an import of this one file brings."""
    path.write_bytes(content)
    options = Options.model_validate({"kind": "mbox", "path": path, "read": "text"})
    connector = Mbox(options, now=datetime.now(UTC))
    brought: Counter[str] = Counter()
    try:
        for stream in connector.streams():
            for page in connector.pull(stream, None):
                brought["interactions"] += len(page.found)
                brought["texts"] += len(page.texts)
                brought["missed, with a reason"] += len(page.missed)
    except NeedsUser:
        brought["files refused as no mail"] += 1
    return brought


def missing(content: bytes, counts: Counter[str]) -> Iterator[str]:
    """The fields that the library finds in a message, and our ways do not."""
    message = message_from_bytes(content, policy=compat32)
    _, header, _ = split(content)
    found = fields(header)
    senders = [a for _, a in getaddresses([str(v) for v in message.get_all("from", [])]) if "@" in a]
    author = sender(found)
    if senders:
        counts["senders of the library"] += 1
        if author is None:
            yield "sender"
    date = str(message.get("date", ""))
    if date and parsedate_tz(date):
        counts["dates of the library"] += 1
        if moment(found.get("date", "")) is None and valid(date):
            yield "date"
    if str(message.get("subject", "")).strip():
        counts["subjects of the library"] += 1
        if not decoded(found.get("subject", "")):
            yield "subject"


def valid(date: str) -> bool:
    """Whether what parsedate_tz found is a date at all: it also gives the 99th of January."""
    found = parsedate_tz(date)
    try:
        return found is not None and datetime(*found[:5], tzinfo=UTC) is not None
    except ValueError:
        return False


if __name__ == "__main__":
    main()
