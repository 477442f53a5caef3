"""What the address books say is kept, goes when it is gone, and calls for learning anew whom it concerns."""

from datetime import UTC, date, timedelta

from agent import fresh
from agent.store.store import Store
from connectors.contract import Card, Page, Stream
from tests.agent.store.generated import ADA, BOB, EVE, INBOX, NOW, mail, page

BOOK = Stream("contacts", "contacts.vcf")
BOBS = Card("1", "Bob Weaver", (BOB.address, EVE.address), "Likes looms", date(1970, 3, 1), "Weavers")


def book(*cards: Card, gone: tuple[str, ...] = (), complete: bool = True, n: int = 1) -> Page:
    return Page(cards, {"v": 1, "n": n}, gone=gone, complete=complete)


def learned(store: Store) -> list[tuple[str, tuple[str, ...]]]:
    """Everybody, with their addresses."""
    fresh.learn(store, [ADA.address], UTC, NOW + timedelta(days=1))
    return sorted((person.name, person.addresses) for person in store.people())


def test_a_card_comes_back_as_it_was(store: Store) -> None:
    kept = store.record("people", BOOK, book(BOBS), at=NOW)

    assert store.cards() == [BOBS]
    assert (kept.found, kept.new) == (1, 1)
    again = store.record("people", BOOK, book(BOBS), at=NOW)
    assert (again.found, again.new) == (1, 0)


def test_a_card_makes_one_person_of_its_addresses_and_names_them(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, sender=BOB), mail(2, sender=EVE)), at=NOW)
    assert len(learned(store)) == 2

    store.record("people", BOOK, book(BOBS), at=NOW)

    assert store.stale() == {BOB.address, EVE.address}
    [(name, addresses)] = learned(store)
    assert (name, set(addresses)) == ("Bob Weaver", {BOB.address, EVE.address})
    assert store.stale() == set()


def test_a_book_that_says_the_same_again_calls_for_nothing(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, sender=BOB)), at=NOW)
    store.record("people", BOOK, book(BOBS), at=NOW)
    learned(store)

    store.record("people", BOOK, book(BOBS, n=2), at=NOW)

    assert store.stale() == set()


def test_what_a_new_listing_lacks_goes_and_its_people_are_learned_anew(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, sender=BOB), mail(2, sender=EVE)), at=NOW)
    store.record("people", BOOK, book(BOBS), at=NOW)
    learned(store)

    store.record("people", BOOK, book(Card("2", "Somebody", ("some@body.example",)), n=2), at=NOW)

    assert [card.id for card in store.cards()] == ["2"]
    assert store.stale() == {BOB.address, EVE.address}
    assert len(learned(store)) == 2


def test_a_card_that_is_gone_goes_and_its_people_are_learned_anew(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, sender=BOB)), at=NOW)
    store.record("people", BOOK, book(BOBS), at=NOW)
    learned(store)

    store.record("people", BOOK, book(gone=("1",), complete=False, n=2), at=NOW)

    assert store.cards() == []
    assert store.stale() == {BOB.address}


def test_the_cards_of_an_account_that_was_opted_out_are_not_read(store: Store) -> None:
    store.record("people", BOOK, book(BOBS), at=NOW)
    store.record("home", INBOX, page(mail(1)), at=NOW)

    store.visible = frozenset({"home"})

    assert store.cards() == []
