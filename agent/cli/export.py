"""`auld export`: all that auld knows, as one file of JSON; the user's own copy."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import VERSION, say

if TYPE_CHECKING:
    from agent.model import Fact, Person, Shown, Standing, Statement
    from agent.store.store import Store
    from connectors.contract import Card, Item


@click.command("export")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file, for your eyes only (0600)."
)
@click.option("--mails", is_flag=True, help="Also each mail and meeting: who, to whom, when, subject.")
@click.option("--json", "_json", is_flag=True, help="It is JSON anyway.")
def export_(to: Path | None, mails: bool, _json: bool) -> None:
    """Give you all that auld knows as one file of JSON: people, how you stand with them, and all that you said.

    No text of a mail is in it, for none is kept. A copy of it is yours to look after: `auld forget` does not find it.
    """
    from agent.cli.home import known
    from agent.cli.keeping import keep

    with known() as (_, store, at):
        text = written(everything(store, int(at.timestamp()), mails=mails))
        if to is None:
            for piece in text:
                click.echo(piece, nl=False)
            return
        try:
            keep(to, text)
        except FileNotFoundError:
            raise Ends(f"{to.parent}: there is no such folder.", USAGE) from None
    say(f"All that auld knows is in {to}")


def everything(store: "Store", at: int, *, mails: bool) -> Iterator[tuple[str, Any]]:
    """Name after name, what is kept; what may be long is an iterator. Times are POSIX seconds, UTC, 0 = never."""
    from agent.cli.opportunity import described as opportunity
    from agent.gifts.opportunity import opportunities
    from agent.sharing.shelf import on_shelf

    said = store.stated(at)
    yield "v", VERSION
    yield "at", at
    yield "accounts", accounts(store)
    yield "own", ({"address": address, "because": why} for address, why in store.own().items())
    yield "notices", list(store.notices())
    yield "people", people(store)
    yield "said", (statement(one) for one in said)
    yield "shelf", ({"at": one.at, "url": one.url, "title": one.title, "note": one.note} for one in on_shelf(said))
    yield "opportunities", (opportunity(one, store) for one in opportunities(said))
    yield "proposed", (proposed(one) for one in store.shown(0, at))
    yield "asked", (proposed(one) for one in store.shown(0, at, questions=True))
    yield "came", (came(one) for one in store.shelf())
    yield "cards", (card(one) for one in store.cards())
    if mails:
        yield "mails", (mail(one) for one in store.facts(until=at))


def written(parts: Iterable[tuple[str, Any]]) -> Iterator[str]:
    """The JSON, a line for each thing in a list, so that two copies are easily compared; never all of it in memory."""
    before = "{"
    for name, value in parts:
        yield f"{before}\n {dumped(name)}: "
        before = ","
        if not isinstance(value, Iterator):
            yield dumped(value)
            continue
        between = "["
        for one in value:
            yield f"{between}\n  {dumped(one)}"
            between = ","
        yield "[]" if between == "[" else "\n ]"
    yield "\n}\n"


def dumped(value: object) -> str:
    """A value on one line; each letter as it is."""
    return json.dumps(value, ensure_ascii=False)


def accounts(store: "Store") -> Iterator[Mapping[str, Any]]:
    """What was read, and from when to when it is known."""
    known = {one.account: one for one in store.coverage()}
    for lane in sorted(store.lanes(), key=lambda lane: lane.name):
        reach = known.get(lane.name)
        times = {"from": reach.start if reach else 0, "to": reach.end if reach else 0}
        yield {"name": lane.name, "kind": lane.kind, "archive": bool(lane.archive), **times}


def people(store: "Store") -> Iterator[Mapping[str, Any]]:
    """Everybody, machines and lists too, by address."""
    from agent.model import Standing

    standings = {one.person: one for one in store.standings()}
    for person in sorted(store.people(), key=lambda person: person.addresses):
        yield described(person, standings.get(person.id, Standing(person.id)), store)


def described(person: "Person", standing: "Standing", store: "Store") -> Mapping[str, Any]:
    """One person, how the user stands with them, and what the two write about."""
    from agent.cli.look import described as known

    return {
        **known(person, standing),
        "joined": list(person.joined),
        "because": person.because,
        "last_mine": standing.last_mine,
        "last_theirs": standing.last_theirs,
        "days": standing.days,
        "began_mine": standing.began_mine,
        "began_theirs": standing.began_theirs,
        "asked": standing.asked,
        "answered": standing.answered,
        "topics": [{"term": t.term, "threads": t.threads, "last": t.last} for t in store.topics(person.id)],
    }


def statement(said: "Statement") -> Mapping[str, Any]:
    """One thing that the user said: a note, a never, an answer to a digest; what was undone is not among them."""
    told = {"at": said.at, "verb": said.verb, "addresses": list(said.addresses), "text": said.text}
    return {**told, "until": said.until}


def proposed(shown: "Shown") -> Mapping[str, Any]:
    """One person as they stood in a digest."""
    told = {"day": shown.day.isoformat(), "number": shown.slot, "kind": shown.kind, "addresses": list(shown.addresses)}
    return {**told, "gift": shown.gift, "at": shown.at}


def came(item: "Item") -> Mapping[str, Any]:
    """Something to share that a feed brought."""
    at = int(item.published.timestamp()) if item.published else 0
    return {"at": at, "url": item.url, "title": item.title, "source": item.source, "note": item.note}


def card(card: "Card") -> Mapping[str, Any]:
    """What an address book says of somebody."""
    told = {"name": card.name, "addresses": list(card.addresses), "note": card.note}
    birthday = card.birthday.isoformat() if isinstance(card.birthday, date) else ""
    return {**told, "birthday": birthday, "organisation": card.organisation}


def mail(fact: "Fact") -> Mapping[str, Any]:
    """One mail or meeting, seen from outside, with what its text was found to ask and to link to."""
    marks = fact.marks
    return {
        "at": fact.at,
        "meeting": fact.meeting,
        "from": fact.sender,
        "to": list(fact.to),
        "cc": list(fact.cc),
        "bcc": list(fact.bcc),
        "subject": fact.subject,
        "message_id": fact.message_id,
        "labels": list(fact.labels),
        "cancelled": fact.cancelled,
        "declined": list(fact.declined),
        "asks": list(marks.asks) if marks else [],
        "links": [{"url": link.url, "title": link.title} for link in marks.links] if marks else [],
        "terms": dict(marks.terms) if marks else {},
        "dates": [day.isoformat() for day in marks.dates] if marks else [],
    }
