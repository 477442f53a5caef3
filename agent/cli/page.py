"""`auld open`: everybody at a glance, on one page that needs no server."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from agent.model import Contact, Person, Standing, Topic
    from agent.page.compose import Glance, Portrait
    from agent.store.store import Store
    from agent.work import Made

MOST = 300
"""People on the page: twice as many as one knows well (Dunbar's 150), and still at once on the screen."""

TOLD = 2
"""Threads that a topic needs before it is told of."""


@click.command("open")
@click.option("--no-browser", is_flag=True, help="Only write it, and say where it lies.")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="Write it to this file instead.")
@click.option("--now", metavar="DAY", help="As of a past morning: 2001-08-14.")
@as_json
def open_(no_browser: bool, to: Path | None, now: str | None, json_: bool) -> None:
    """Show everybody at a glance: months of mail, who begins, the usual gap, topics, and why not today.

    It is one file for your eyes only, which fetches nothing and runs nothing, opened in your browser where there is
    one. It stays as it is until you ask again. `auld forget` takes it away, unless you wrote it elsewhere (--to).

    A browser that came as a snap may not look into hidden folders: auld open --to ~/people.html
    """
    from agent import work
    from agent.cli.home import known, moment
    from agent.cli.keeping import keep
    from agent.leave import PAGE
    from agent.page.compose import compose

    with known() as (house, store, present):
        at = moment(now, house.zone, house.settings.digest.at) if now else present
        made = work.make(store, house.settings, at, house.zone, past=bool(now))
        topics = (lambda person: made.known.tie(person).topics) if now else store.topics
        portraits, glance = seen(made, store, topics)
        path = to or house.paths.state / PAGE
        try:
            keep(path, [compose(portraits, glance)])
        except FileNotFoundError:
            raise Ends(f"{path.parent}: there is no such folder.", USAGE) from None
    if json_:
        out({"page": str(path), "people": len(portraits), "left_out": glance.left_out})
        return
    say(f"Your page is {path}")
    if not no_browser:
        show(path)


def show(path: Path) -> None:
    """Open the page where somebody sees it; a text browser would take the terminal for itself."""
    from config.paths import on_screen

    if not on_screen():
        return
    import webbrowser

    webbrowser.open(path.resolve().as_uri())


def seen(made: "Made", store: "Store", topics: "Callable[[int], Sequence[Topic]]") -> "tuple[list[Portrait], Glance]":
    """What the page is made from: the people, and what holds for all of them; `topics` gives those of a person."""
    from agent.digest.compose import entry
    from agent.learn import noted
    from agent.page.compose import Glance, Portrait
    from agent.page.months import months
    from agent.page.today import today
    from agent.words import local

    morning, outcome = made.morning, made.outcome
    ties = acquainted(made)
    chosen = sorted(ties, key=lambda pair: (-pair[1].days, -pair[1].last, pair[0].id))[:MOST]
    contacts = passed([person for person, _ in chosen], made, store)
    proposed = {proposal.person.id for proposal in outcome.proposals}
    undecided = not proposed and not outcome.held
    portraits = [
        Portrait(
            person,
            standing,
            months(contacts[person.id], morning.now, morning.zone),
            telling(topics(person.id)),
            noted(person, made.rules.statements),
            "" if undecided else today(person, standing, morning, made.rules, proposed),
        )
        for person, standing in chosen
    ]
    day = local(morning.now, morning.zone)
    entries = tuple(entry(slot, one, day, morning.zone) for slot, one in enumerate(outcome.proposals, 1))
    known = (*reach(made, store), *made.lines, *made.known.notices)
    return portraits, Glance(morning, entries, outcome.silent_because, known, len(ties) - len(chosen))


def acquainted(made: "Made") -> "list[tuple[Person, Standing]]":
    """The humans with whom mail went both ways, or whom the user met."""
    people = {person.id: person for person in made.known.people() if person.kind == "person"}
    return [
        (people[s.person], s)
        for s in made.known.standings()
        if s.person in people
        and ((s.mine and s.theirs) or s.meetings)
        and made.morning.own.isdisjoint(people[s.person].addresses)
    ]


def passed(people: "Sequence[Person]", made: "Made", store: "Store") -> "dict[int, Sequence[Contact]]":
    """The contacts with each of these people in the months that are shown, by the one rule of what is contact."""
    from agent.page.months import first_of
    from agent.signals.contacts import contacts
    from agent.signals.logged import logged, merged

    morning, known = made.morning, {person.id: person for person in people}
    whose = {address: person.id for person in people for address in person.addresses}
    by, since = morning.own | whose.keys(), first_of(morning.now, morning.zone)
    found: dict[int, list[Contact]] = {person.id: [] for person in people}
    for fact in store.facts(until=morning.now, since=since, by=by):  # one after the other: there may be very many
        for number in {whose[a] for a in (fact.sender, *fact.recipients) if a in whose}:
            found[number] += contacts(known[number], (fact,), morning.own, {}, morning.now)
    said = logged(made.rules.statements, people, morning.now)
    return {number: merged(some, said.get(number, ())) for number, some in found.items()}


def telling(topics: "Sequence[Topic]") -> tuple[str, ...]:
    """What the two write about, the strongest first: none inside another, and none that is nobody's business."""
    from nlp.words import sensitive

    shown: list[str] = []
    for topic in topics:
        if topic.threads >= TOLD and not sensitive(topic.term) and not any(topic.term in other for other in shown):
            shown.append(topic.term)
    return tuple(shown)


def reach(made: "Made", store: "Store") -> "Iterator[str]":
    """From when to when the mail of each account is known, in sentences."""
    from agent.words import on

    zone, now = made.morning.zone, made.morning.now
    for one in store.coverage():
        if one.start <= now:
            begins, ends = (on(at, now, zone) for at in (one.start, min(one.end, now)))
            yield f"{one.account} is known from {begins} to {ends}."
