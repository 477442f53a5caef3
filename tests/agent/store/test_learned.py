"""What is learned is a cache: replaced as a whole or for some, and cleared of no mark that came meanwhile."""

from dataclasses import replace

import pytest

from agent.model import Person, Standing, Topic
from agent.store.store import Learned, Store
from tests.agent.store.generated import ADA, BOB, EVE, INBOX, NOW, mail, page

BOBS = Person(1, "Bob", ("bob@example.net", "b@example.com"), "person", "work", ("same name",), "he writes himself")
EVES = Person(2, "Eve", ("eve@example.com",))
STANDING = Standing(1, first=5, last=9, mine=2, gap=2.5, seen=12, warmth=(0.5, -1.25), open=((3, 8), (1, 6)))
LEARNED = Learned(
    people=[BOBS, EVES],
    own={"ada@example.org": "given", "ada@work.example": "she writes from it"},
    notices=["Two people write from here."],
    standings=[STANDING, Standing(2)],
    topics={1: [Topic("loom", 2.0, 3, 9), Topic("weft", 1.0, 2, 8)]},
    threads={1: 1, 2: 1, 3: 3},
    opened_by={1: "bob@example.net", 3: ""},
    traces={"bob@example.net": '{"n": 1}'},
    weights=(-0.5, 0.25),
)


def test_what_was_learned_comes_back(store: Store) -> None:
    assert not store.learned_anything()
    assert store.weights() == ()
    store.save_learned(LEARNED, upto=0, at=7)

    assert store.people() == [BOBS, EVES]
    assert store.person_of("b@example.com") == BOBS
    assert store.person_of("nobody@example.com") is None
    assert store.person(2) == EVES
    assert store.standings() == [STANDING, Standing(2)]
    assert store.standings([2]) == [Standing(2)]
    assert store.topics(1) == (Topic("loom", 2.0, 3, 9), Topic("weft", 1.0, 2, 8))
    assert (store.threads_of([1, 3, 9]), store.facts_of([1])) == ({1: 1, 3: 3}, {1: 1, 2: 1})
    assert store.opened_by([1, 3]) == {1: "bob@example.net", 3: ""}
    assert store.own() == LEARNED.own
    assert store.notices() == ("Two people write from here.",)
    assert store.traces() == {"bob@example.net": '{"n": 1}'}
    assert store.weights() == (-0.5, 0.25)
    assert (store.learned_anything(), store.learned_at()) == (True, 7)


def test_it_replaces_what_was_learned_before(store: Store) -> None:
    store.save_learned(LEARNED, upto=0, at=7)
    store.save_learned(Learned([EVES]), upto=0, at=8)

    assert store.people() == [EVES]
    assert [store.standings(), store.topics(1), store.own(), store.traces(), store.threads_of([1])] == [
        [],
        (),
        {},
        {},
        {},
    ]
    assert not store.find("bob", 99)


def test_some_can_be_replaced_alone(store: Store) -> None:
    store.save_learned(LEARNED, upto=0, at=7)
    robert = replace(BOBS, name="Robert")
    store.save_learned(Learned([robert], LEARNED.own, threads={2: 2}), upto=0, at=8, only=[1], replaced=[2, 3])

    assert store.people() == [robert, EVES]
    assert store.standings() == [Standing(2)]
    assert store.threads_of([1, 2, 3]) == {1: 1, 2: 2}
    assert [hit.text for hit in store.find("example", 99)] == ["Robert", "Eve"]


def test_dropping_it_loses_no_fact(store: Store) -> None:
    store.record("home", INBOX, page(mail(1)), at=NOW)
    store.save_learned(LEARNED, upto=store.generation(), at=7)
    store.drop_learned()

    assert store.people() == []
    assert not store.learned_anything()
    assert len(store.names()) == 2


class TestStale:
    def test_a_page_marks_those_whom_it_touches(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)

        assert store.stale() == {ADA.address, BOB.address}

    def test_learning_clears_them(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.save_learned(LEARNED, upto=store.generation(), at=7)

        assert store.stale() == set()

    def test_what_came_while_learning_stays_marked(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        upto = store.generation()
        store.record("home", INBOX, page(mail(2, sender=EVE), cursor=2), at=NOW)
        store.save_learned(LEARNED, upto=upto, at=7)

        assert store.stale() == {ADA.address, EVE.address}

    def test_what_changes_nothing_marks_nobody(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.save_learned(LEARNED, upto=store.generation(), at=7)
        store.record("home", INBOX, page(mail(1), cursor=2), at=NOW)

        assert store.stale() == set()


@pytest.mark.parametrize(
    ("then", "now", "holds"),
    [(None, None, True), (None, ["home"], False), (["home"], None, False), (["home"], ["home"], True)],
    ids=["all", "one was hidden since", "one came back", "the same one"],
)
def test_it_holds_only_for_the_accounts_that_it_came_from(
    store: Store, then: list[str] | None, now: list[str] | None, holds: bool
) -> None:
    store.account("home", "mbox")
    store.account("work", "mbox")
    store.visible = frozenset(then) if then else None
    store.save_learned(LEARNED, upto=0, at=7)

    store.visible = frozenset(now) if now else None

    assert store.learned_anything() is holds


def test_twenty_thousand_standings_fit_in_a_morning(store: Store) -> None:
    many = [replace(STANDING, person=number) for number in range(20_000)]
    store.save_learned(Learned(standings=many), upto=0, at=7)

    assert store.standings() == many
