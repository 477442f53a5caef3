"""Does every hostile address book come in without a crash or a hang, beside what vobject makes of it?

python -m bench.hostile_vcard        # the data: AULD_DATA, or ../shared/data
"""

import tarfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator

from bench.data import data
from connectors.cards import NotAnAddressBook, parse


def hostile() -> Iterator[bytes]:
    """Every address book of the test suites, unpacked into memory."""
    for packed in sorted((data() / "hostile" / "vcard").glob("*.tar.xz")):
        with tarfile.open(packed) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream and member.name.endswith(".vcf"):
                    yield stream.read()


def refused(book: bytes) -> bool:
    """Whether vobject, which Radicale's tests bring along, raises on it."""
    import vobject

    try:
        list(vobject.readComponents(book.decode("utf-8", "replace")))
    except Exception:  # whatever it raises is what this counts
        return True
    return False


def main() -> None:
    warnings.simplefilter("ignore")
    told: Counter[str] = Counter()
    slowest = 0.0
    for book in hostile():
        told["files"] += 1
        began = time.perf_counter()
        try:
            cards, missed = parse(book)
            told["cards"] += len(cards)
            told["with an address"] += sum(bool(card.addresses) for card in cards)
            told["cards missed and named"] += len(missed)
        except NotAnAddressBook:
            told["no address book, and said so"] += 1
        slowest = max(slowest, time.perf_counter() - began)
        told["refused by vobject"] += refused(book)
    for what, times in told.items():
        print(f"{what:32}{times:6}")
    print(f"{'slowest file, ms':32}{slowest * 1000:6.1f}")


if __name__ == "__main__":
    main()
