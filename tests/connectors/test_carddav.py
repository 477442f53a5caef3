"""The connector over CardDAV, against a real Radicale. What it shares with CalDAV is tested there."""

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import pytest

from connectors import KINDS
from connectors.carddav import CardDav, Options
from connectors.contract import Card, Connector, Credential, Cursor, Exact, NeedsUser, Page, Session
from tests.connectors.contract import SENT, ConnectorContract
from tests.servers.radicale import Environ, Radicale, Reply, User, running

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)


def vcard(uid: str, name: str, *lines: str) -> bytes:
    return "\r\n".join(["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", *lines, "END:VCARD", ""]).encode()


@pytest.fixture(scope="module")
def server() -> Iterator[Radicale]:
    with running() as found:
        yield found


@pytest.fixture
def ada(server: Radicale) -> Iterator[User]:
    """A user with the address book "friends", in which three people stand, and a calendar."""
    server.heal()
    user = server.user()
    user.make("work")
    user.make("friends", "Friends", kind="VCARD")
    for name in ("Bob", "Eve", "Zoë"):
        user.put("friends", f"{name[0]}.vcf", vcard(name, name, f"EMAIL:{name[0]}@Home.example"))
    yield user
    server.heal()


def connector(user: User, *, page: int = 50, books: tuple[str, ...] = ()) -> CardDav:
    options = Options.model_validate(
        {"kind": "carddav", "address": "ada@example.org", "url": user.server.url, "private": True, "books": books}
    )
    return CardDav(
        options, now=NOW, session=Session(time.monotonic), credential=Credential(user.name, user.password), page=page
    )


def pages(dav: CardDav, cursor: Cursor | None = None) -> list[Page]:
    [stream] = dav.streams()
    return list(dav.pull(stream, cursor))


def cards(read: Iterable[Page]) -> list[Card]:
    return [one for page in read for one in page.found if isinstance(one, Card)]


class TestCardDav(ConnectorContract):
    @pytest.fixture
    def connector(self, server: Radicale) -> Connector:
        user = server.user()
        user.make("friends", kind="VCARD")
        for n, name in enumerate(SENT):
            user.put("friends", f"c{n}.vcf", vcard(f"c{n}", name))
        return connector(user, page=2)

    def said(self, pages: Iterable[Page]) -> list[str]:
        return [card.name for card in cards(pages)]


def test_it_is_a_connector_that_the_config_knows(ada: User) -> None:
    assert KINDS["carddav"] == f"{CardDav.__module__}:{CardDav.__name__}"
    assert isinstance(connector(ada), Exact)


def test_address_books_are_found_and_chosen_by_name(ada: User) -> None:
    ada.make("weavers", "Weavers", kind="VCARD")

    assert [s.name for s in connector(ada).streams()] == ["Friends", "Weavers"]
    assert [s.name for s in connector(ada, books=("Weavers",)).streams()] == ["Weavers"]
    with pytest.raises(NeedsUser, match="there are: Friends, Weavers"):
        connector(ada, books=("Foes",)).streams()


def test_without_an_address_book_the_user_is_asked(server: Radicale) -> None:
    with pytest.raises(NeedsUser, match="There is no address book for"):
        connector(server.user()).streams()


def test_cards_come_change_and_go(ada: User) -> None:
    first = pages(connector(ada))
    assert [(card.id, card.name, card.addresses) for card in cards(first)] == [
        ("B.vcf", "Bob", ("b@home.example",)),
        ("E.vcf", "Eve", ("e@home.example",)),
        ("Z.vcf", "Zoë", ("z@home.example",)),
    ]
    assert first[-1].complete
    ada.put("friends", "B.vcf", vcard("Bob", "Robert"))
    ada.delete("friends", "E.vcf")

    second = pages(connector(ada), json.loads(json.dumps(first[-1].cursor)))

    assert [(card.id, card.name) for card in cards(second)] == [("B.vcf", "Robert")]
    assert [remote for page in second for remote in page.gone] == ["E.vcf"]
    [third] = pages(connector(ada), second[-1].cursor)
    assert (third.found, third.cursor) == ((), second[-1].cursor)


def test_single_cards_can_be_asked_for(ada: User) -> None:
    dav = connector(ada)
    cursor = pages(dav)[-1].cursor
    ada.delete("friends", "E.vcf")

    [page] = dav.fetch(dav.streams()[0], cursor, ["B.vcf", "E.vcf"])

    assert ([card.id for card in cards([page])], page.gone, page.missed) == (["B.vcf"], ("E.vcf",), ())


def test_a_card_that_cannot_be_read_is_missed_and_the_others_come(ada: User) -> None:
    def lie(environ: Environ, truth: object) -> Reply | None:
        if b"addressbook-multiget" not in environ["auld.body"] or not callable(truth):
            return None
        status, headers, body = truth()
        return status, headers, body.replace(b"FN:Bob", b"TEL:1").replace(b"EMAIL:B@Home.example", b"TEL:2")

    ada.server.lie = lie
    read = pages(connector(ada))

    assert [card.name for card in cards(read)] == ["Eve", "Zoë"]
    assert [one for page in read for one in page.missed] == [
        ("B.vcf", "B.vcf card 1: it has neither a name nor an address")
    ]
