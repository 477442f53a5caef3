"""A trace counts what passed, and can be computed again for a few addresses."""

import json

import pytest

from agent.model import Fact
from agent.people.traces import Beside, Trace, traces

ME, ADA, BOB = "me@self.example", "ada@loom.example", "bob@mill.example"
OWN = frozenset([ME])
CROWD = tuple(f"c{n}@crowd.example" for n in range(11))

FACTS = [
    Fact(1, 100, ME, (ADA,), subject="Looms", message_id="1", labels=("\\Sent",)),
    Fact(2, 200, ADA, (ME,), subject="Re: Looms", message_id="2"),
    Fact(3, 300, ME, (BOB,), (ADA,), subject="RE: Looms", message_id="3", parents=("2",), labels=("\\Sent",)),
    Fact(4, 400, ADA, CROWD, subject="Fwd: News 12"),
    Fact(5, 500, ADA, CROWD[:1], subject="News 13", evidence=("list", "automatic", "bulk")),
    Fact(6, 600, ME, (BOB,), bcc=(ADA,), subject="Secret"),
    Fact(7, 700, BOB, (ME, ADA), subject="Meeting", meeting=True),
    Fact(8, 800, "", (ME,), subject="From nobody"),
    Fact(9, 900, ME, (*CROWD, ADA), subject="To all"),
]


def test_counts() -> None:
    assert traces(FACTS, {ADA: {"Ada Lovelace": 4}}, OWN)[ADA] == Trace(
        ADA,
        {"Ada Lovelace": 4},
        sent=3,
        to_user=1,
        missing_user=2,
        wide=1,
        usual_recipients=1,
        replies=1,
        forwards=1,
        answered_user=1,
        from_user=2,
        answered_by_user=1,
        from_user_wide=1,
        received=4,
        meetings=1,
        listed=1,
        automatic=1,
        bulk=1,
        templates=3,
        first=100,
        last=900,
        last_sent=500,
    )


def test_what_lies_in_a_sent_store_is_counted() -> None:
    assert traces(FACTS, {}, OWN)[ME].in_sent == 2


@pytest.mark.parametrize("address", [ADA, BOB, ME, CROWD[0]])
def test_some_addresses_come_out_as_in_the_whole(address: str) -> None:
    theirs = [fact for fact in FACTS if address in (fact.sender, *fact.recipients)]

    assert traces(theirs, {}, OWN, [address]) == {address: traces(FACTS, {}, OWN)[address]}


def test_the_order_of_the_facts_does_not_matter() -> None:
    assert traces(FACTS, {}, OWN) == traces(FACTS[::-1], {}, OWN)


def test_like_named_addresses_in_one_mail_are_noted() -> None:
    one, other = "ada.lovelace@loom.example", "anna.lovelace@loom.example"
    found = traces([Fact(1, 1, one, (other, ME)), Fact(2, 2, ME, (one, other))], {}, OWN)

    assert found[one].beside == {other: Beside(together=2, wrote=1)}
    assert found[other].beside == {one: Beside(together=2)}


def test_a_trace_survives_json() -> None:
    found = traces([*FACTS, Fact(10, 1, "a.x@y.example", ("b.x@y.example",))], {ADA: {"Ada Lovelace": 4}}, OWN)

    assert {a: Trace.from_json(json.loads(json.dumps(t.as_json()))) for a, t in found.items()} == found
