"""Address books in files: what a card says, in every dialect, and what becomes of those that say nothing."""

import gzip
import json
import time
import zipfile
from datetime import date
from pathlib import Path
from random import Random

import pytest

from connectors import KINDS
from connectors.cards import LONGEST_NOTE, NO_YEAR, NotAnAddressBook, parse
from connectors.contract import Card, Connector, Cursor, NeedsUser, Page
from connectors.vcard import Options, Vcard
from tests.connectors.contract import SENT, ConnectorContract


def vcard(*lines: str, version: str = "3.0") -> bytes:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""]).encode()


def one(*lines: str, version: str = "3.0") -> Card:
    """The one card of these lines."""
    [card], missed = parse(vcard(*lines, version=version))
    assert missed == []
    return card


def said(pages: list[Page]) -> list[str]:
    return [each.name for page in pages for each in page.found if isinstance(each, Card)]


def connector(path: Path, page: int = 500) -> Vcard:
    return Vcard(Options(kind="vcard", path=path), page=page)


def pages(vcard: Vcard, cursor: Cursor | None = None) -> list[Page]:
    [stream] = vcard.streams()
    return list(vcard.pull(stream, cursor))


class TestVcard(ConnectorContract):
    @pytest.fixture
    def connector(self, tmp_path: Path) -> Connector:
        path = tmp_path / "contacts.vcf"
        path.write_bytes(b"".join(vcard(f"UID:{n}", f"FN:{name}") for n, name in enumerate(SENT)))
        return connector(path, page=2)

    def said(self, pages: object) -> list[str]:
        return said(list(pages))  # type: ignore[call-overload]


# ---- what a card says


def test_a_card_says_who_somebody_is() -> None:
    card = one(
        "UID:urn:uuid:1",
        "N:Lovelace;Ada;King;Countess;",
        "FN:Ada Lovelace",
        "ORG:Looms\\, Ltd.;Engines",
        "EMAIL;TYPE=INTERNET,HOME:Ada@Home.example",
        "item1.EMAIL;TYPE=PREF:ada@loom.example",
        "item1.X-ABLabel:work",
        "EMAIL:ada@home.example",
        "TEL;TYPE=CELL:+44 20 7946 0000",
        "BDAY:1815-12-10",
        "NOTE:Likes looms\\; numbers\\nand poetry",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ",
        " AAAQABAAD/",
    )

    assert card == Card(
        "urn:uuid:1",
        "Ada Lovelace",
        ("ada@loom.example", "ada@home.example"),
        "Likes looms; numbers\nand poetry",
        date(1815, 12, 10),
        "Looms, Ltd.",
    )


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["N:Lovelace;Ada;;;"], "Ada Lovelace"),
        (["FN:", "N:Lovelace;Ada;King"], "Ada King Lovelace"),
        (["N:Love\\;lace;Ada"], "Ada Love;lace"),
        (["N:;;;;", "NICKNAME:Countess"], "Countess"),
        (["ORG:Looms Ltd."], "Looms Ltd."),
        (["FN:Ada\\, Countess", "N:x;y"], "Ada, Countess"),
        (["FN:  Ada\\n Lovelace\t "], "Ada Lovelace"),
        (["fn:Ada"], "Ada"),
        (["FN:Ada Love", " lace"], "Ada Lovelace"),
        (["FN:Ada Love", "\tlace"], "Ada Lovelace"),
        (["FN;X-A=\"b:c;d\":Ada"], "Ada"),
        (["FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:Zo=EB"], "Zoë"),
        (["FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Zo=C3=AB =", "W=C3=AB=", "aver"], "Zoë Wëaver"),
        (["FN;QUOTED-PRINTABLE:Zo=C3=AB"], "Zoë"),
        (["FN;CHARSET=no-such-thing:Ada"], "Ada"),
        (["FN;ENCODING=BASE64:QWRh"], "Ada"),
        (["FN;LANGUAGE=ja:山田 太郎"], "山田 太郎"),
    ],
    ids=[
        "family name first", "an empty full name", "an escaped semicolon", "a nickname", "an organisation",
        "the full name goes first", "blanks", "small letters", "folded", "folded by a tab", "quoted parameters",
        "latin-1", "soft line ends", "without the word encoding", "an unknown charset", "base64", "another script",
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_written(lines: list[str], name: str) -> None:
    assert one(*lines, "EMAIL:a@b.example", version="2.1").name == name


@pytest.mark.parametrize(
    ("lines", "addresses"),
    [
        (["EMAIL;INTERNET;PREF:b@x.example"], ("b@x.example",)),
        (["EMAIL:c@x.example", "EMAIL;PREF=2:a@x.example", "EMAIL;PREF=1:b@x.example"],
         ("b@x.example", "a@x.example", "c@x.example")),
        (["EMAIL:mailto:A@X.example"], ("a@x.example",)),
        (["EMAIL:<a@x.example>"], ("a@x.example",)),
        (["EMAIL:nonsense", "EMAIL:a b@x.example", "EMAIL:", "EMAIL"], ()),
        (["EMAIL:a@x.example", "EMAIL:A@X.EXAMPLE"], ("a@x.example",)),
        (["home.work.EMAIL:a@x.example"], ()),
        ([f"EMAIL:n{n}@x.example" for n in range(80)], tuple(f"n{n}@x.example" for n in range(50))),
    ],
    ids=["2.1", "ranked", "mailto", "brackets", "none that is one", "twice", "no group of groups", "very many"],
)  # fmt: skip
def test_addresses_are_lower_case_and_the_preferred_ones_first(lines: list[str], addresses: tuple[str, ...]) -> None:
    assert one("FN:Ada", *lines).addresses == addresses


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1815-12-10", date(1815, 12, 10)),
        ("18151210", date(1815, 12, 10)),
        ("1815-12-10T08:00:00Z", date(1815, 12, 10)),
        ("--12-10", date(NO_YEAR, 12, 10)),
        ("--1210", date(NO_YEAR, 12, 10)),
        ("1604-02-29", date(NO_YEAR, 2, 29)),
        ("1815", None),
        ("---10", None),
        ("1815-13-40", None),
        ("0000-00-00", None),
        ("in winter", None),
        ("", None),
    ],
)
def test_a_birthday_may_have_no_year(written: str, day: date | None) -> None:
    assert one("FN:Ada", f"BDAY:{written}").birthday == day


def test_long_things_are_cut() -> None:
    card = one("FN:" + "a" * 1_000, "NOTE:" + "n" * 10_000, "UID:" + "u" * 1_000)

    assert (len(card.name), len(card.note), card.id[:7]) == (200, LONGEST_NOTE, "sha256-")


def test_groups_of_people_are_no_cards_and_an_agent_is_nobody() -> None:
    group = vcard("FN:Friends", "KIND:group", version="4.0")
    apples = vcard("FN:Friends", "X-ADDRESSBOOKSERVER-KIND:group")
    served = vcard("FN:Ada", "AGENT:", "BEGIN:VCARD", "FN:Her secretary", "END:VCARD", "NOTE:hers")

    cards, missed = parse(group + apples + served)

    assert [(card.name, card.note) for card in cards] == [("Ada", "hers")]
    assert missed == []


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"], ids=["unix", "old mac", "windows"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_may_be_written_in_many_ways(newline: str, encoding: str) -> None:
    text = newline.join(["BEGIN:VCARD", "FN:Zoë", "EMAIL:zoe@x.example", "END:VCARD", ""])

    [card], _ = parse(text.encode(encoding))

    assert (card.name, card.addresses) == ("Zoë", ("zoe@x.example",))


def test_cards_without_a_uid_are_told_apart_by_what_they_say() -> None:
    ada, bob = vcard("FN:Ada"), vcard("FN:Bob")
    first = {card.id for card in parse(ada + bob)[0]}

    assert {card.id for card in parse(bob + ada)[0]} == first
    assert len(first) == 2


def test_two_cards_with_one_uid_stay_two() -> None:
    cards, _ = parse(vcard("UID:1", "FN:Ada") + vcard("UID:1", "FN:Bob") + vcard("UID:1", "FN:Ada"))

    assert [(card.id, card.name) for card in cards][:2] == [("1", "Ada"), ("1/2", "Bob")]


# ---- what cannot be read


def test_a_bad_card_among_good_ones_is_missed_and_named() -> None:
    cards, missed = parse(vcard("FN:Ada") + vcard("TEL:1") + b"BEGIN:VCARD\r\nFN:Cut\r\n" + vcard("FN:Bob"))

    assert [card.name for card in cards] == ["Ada", "Bob"]
    assert [reason for _, reason in missed] == [
        "card 2: it has neither a name nor an address",
        "card 3: it is cut off",
    ]


@pytest.mark.parametrize("data", [b"", b"hello", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"\xff\xfe", b"\x00" * 100])
def test_what_is_no_address_book_is_said_so(data: bytes) -> None:
    with pytest.raises(NotAnAddressBook):
        parse(data)


HOSTILE = {
    "megabytes on one line": b"NOTE:" + b"x" * 5_000_000,
    "a folded photo": b"PHOTO;ENCODING=b:" + b"\r\n ".join([b"A" * 70] * 70_000),
    "quotes without end": b"FN;X=" + b'"' * 1_000_001 + b":x",
    "semicolons": b"N:" + b";" * 2_000_000,
    "parameters": b"FN" + b";a=b" * 300_000 + b":x",
    "backslashes": b"NOTE:" + b"\\" * 2_000_001,
    "soft line ends": b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\r\n" * 500_000,
    "blank lines that go on": b"NOTE:x" + b"\r\n " * 500_000,
    "cards within cards": b"AGENT:\r\nBEGIN:VCARD\r\n" * 100_000,
    "beginnings": b"BEGIN:VCARD\r\n" * 30_000,
    "addresses": b"EMAIL:" + b"a@" * 500_000,
    "groups": b"a." * 500_000 + b"FN:x",
    "a charset that unpacks": b"FN;CHARSET=zlib:x\r\nNOTE;CHARSET=idna:" + b"x" * 10_000,
    "half a surrogate": b"FN;CHARSET=utf-16:\xd8\x00\xd8",
}


@pytest.mark.parametrize("lines", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_cards_neither_hang_nor_crash(lines: bytes) -> None:
    began = time.process_time()
    cards, _ = parse(b"BEGIN:VCARD\r\n" + lines + b"\r\nEND:VCARD\r\n" + vcard("FN:Ada"))

    assert time.process_time() - began < 5
    assert "Ada" in [card.name for card in cards]


def test_whatever_bytes_change_nothing_but_what_is_read() -> None:
    whole = b"".join(
        vcard(f"UID:{n}", f"FN:Ada {n}", f"EMAIL;TYPE=PREF:a{n}@x.example", "BDAY:--1210") for n in range(5)
    )
    dice = Random(7)
    for _ in range(500):
        broken = bytearray(whole)
        for _ in range(dice.randrange(1, 20)):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        try:
            cards, _ = parse(bytes(broken[dice.randrange(50) :]))
        except NotAnAddressBook:
            continue
        assert len({card.id for card in cards}) == len(cards)


# ---- files


def test_it_is_a_connector_that_the_config_knows(tmp_path: Path) -> None:
    assert KINDS["vcard"] == f"{Vcard.__module__}:{Vcard.__name__}"
    assert isinstance(connector(tmp_path), Connector)


def test_a_book_that_has_not_changed_costs_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_bytes(vcard("FN:Ada"))
    [first] = pages(connector(file))

    [second] = pages(connector(file), json.loads(json.dumps(first.cursor)))

    assert (second.found, second.complete, second.cursor) == ((), False, first.cursor)


def test_a_book_that_changed_is_listed_again(tmp_path: Path) -> None:
    file = tmp_path / "a.vcf"
    file.write_bytes(vcard("FN:Ada"))
    [first] = pages(connector(file))
    file.write_bytes(vcard("FN:Bob"))

    [second] = pages(connector(file), first.cursor)

    assert (said([second]), second.complete) == (["Bob"], True)
    assert second.cursor["epoch"] == first.cursor["epoch"] + 1


def test_a_folder_is_one_book_and_its_bad_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_bytes(vcard("FN:Ada"))
    (tmp_path / "b.vcf").write_bytes(vcard("FN:Bob") + vcard("TEL:1"))
    (tmp_path / "c.vcf").write_bytes(b"no card")
    (tmp_path / ".hidden.vcf").write_bytes(vcard("FN:Eve"))
    (tmp_path / "notes.txt").write_bytes(vcard("FN:Eve"))

    [page] = pages(connector(tmp_path))

    assert said([page]) == ["Ada", "Bob"]
    assert [reason for _, reason in page.missed] == [
        "b.vcf card 2: it has neither a name nor an address",
        "c.vcf: this is no address book: it has no BEGIN:VCARD.",
    ]


def test_a_packed_book_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "a.vcf.gz").write_bytes(gzip.compress(vcard("FN:Ada")))
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("Takeout/Contacts/all.vcf", vcard("FN:Bob"))

    assert said(pages(connector(tmp_path / "a.vcf.gz"))) == ["Ada"]
    assert said(pages(connector(tmp_path / "b.zip"))) == ["Bob"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("x.vcf", None, "there is no such file"),
        ("x.vcf", b"From ada", "this is no address book"),
        ("x.vcf", b"", "this is no address book"),
        ("x.gz", b"no", "cannot be read"),
        ("x.vcf", b" " * (50 * 2**20 + 1), "larger than 50 MB"),
    ],
    ids=["nothing", "a mail", "empty", "not packed", "too large"],
)
def test_what_is_no_address_book_needs_the_user(tmp_path: Path, name: str, content: bytes | None, match: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(NeedsUser, match=match):
        pages(connector(tmp_path / name))
