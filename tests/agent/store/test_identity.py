"""In whatever order and however often copies come, the same mails come of it."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.store.store import Store
from connectors.contract import Interaction, Stream
from tests.agent.store.generated import ADA, BOB, EVE, EVER, NOW, mail, page

STREAMS = [("home", Stream("inbox", "Inbox")), ("home", Stream("sent", "Sent")), ("old", Stream("a", "a"))]

copies = st.builds(
    lambda number, named, text, labels, bcc, parents: mail(
        number,
        id=f"{number} {named} {text} {labels} {bcc} {parents}",
        message_id=f"{named}@x" if named else "",
        fingerprint=text,
        labels=labels,
        bcc=(EVE,) if bcc else (),
        cc=(BOB,) if bcc else (ADA,),
        references=parents,
    ),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from([b"", b"s", b"t"]),
    st.sampled_from([(), ("INBOX",), ("\\Sent", "x")]),
    st.booleans(),
    st.sampled_from([(), ("p@x",), ("p@x", "q@x")]),
)
placed = st.lists(st.tuples(st.sampled_from(range(len(STREAMS))), copies), min_size=1, max_size=10)


def known(pages: list[list[tuple[int, Interaction]]]) -> list[tuple[object, ...]]:
    """What a fresh store says after these pages, without the numbers that it gave."""
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", key=b"k" * 32) as store:
        for number, sightings in enumerate(pages):
            for which, (account, stream) in enumerate(STREAMS):
                some = [seen for where, seen in sightings if where == which]
                if some:
                    store.record(account, stream, page(*some, cursor=number), at=NOW)
        return sorted(
            (
                fact.at,
                fact.subject,
                fact.sender,
                sorted(fact.to),
                sorted(fact.cc),
                sorted(fact.bcc),
                fact.labels,
                fact.message_id,
                fact.parents,
            )
            for fact in store.facts(until=EVER)
        )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(placed, st.data())
def test_order_and_repetition_change_nothing(sightings: list[tuple[int, Interaction]], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sightings))
    cut = data.draw(st.integers(0, len(sightings)))

    assert known([sightings]) == known([shuffled[:cut], shuffled[cut:], shuffled[: cut // 2], sightings])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(placed, placed)
def test_what_came_and_went_leaves_nothing(
    stays: list[tuple[int, Interaction]], goes: list[tuple[int, Interaction]]
) -> None:
    """Only copies of other mails go here: a copy may have joined two others, and that knowledge stays."""
    goes = [(where, mail(9, id=f"gone {seen.id}", labels=seen.labels, bcc=seen.bcc)) for where, seen in goes]
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db", key=b"k" * 32) as store:
        for which, (account, stream) in enumerate(STREAMS):
            store.record(account, stream, page(*(seen for where, seen in stays if where == which)), at=NOW)
        before = [fact.subject for fact in store.facts(until=EVER)], store.names()
        for which, (account, stream) in enumerate(STREAMS):
            some = [seen for where, seen in goes if where == which]
            store.record(account, stream, page(*some, cursor=2), at=NOW)
            store.record(account, stream, page(gone=tuple(seen.id for seen in some), cursor=3), at=NOW)

        assert ([fact.subject for fact in store.facts(until=EVER)], store.names()) == before
