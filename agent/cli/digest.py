"""`auld digest`: whom to write to this morning."""

from typing import TYPE_CHECKING

import click

from agent.cli.ends import PARTIAL, SIGN_IN, USAGE, Ends
from agent.cli.lines import as_json, fitted, out, say

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from agent.mailing import Mailing
    from agent.model import Proposal
    from agent.outputs import Output
    from agent.store.store import Store
    from agent.wiring import House
    from agent.work import Made

MAILS = ("append", "smtp")
"""Ways on which a digest is a mail, and goes out once a day."""

KINDS = ("stdout", "file", *MAILS)
"""As in `agent.outputs`, which would be imported for the help; a test holds them equal."""

PAUSES = (1, 2, 4, 8, 15, 30)
"""Seconds between two looks for a test that was sent; each is a sign-in, of which servers do not like many."""

SCREEN = 'This screen is the way that was tried: `via` in [digest] chooses another ("file", "append", "smtp").'


@click.command("digest")
@click.option("--now", metavar="DAY", help="A past morning: 2001-08-14 or 2001-08-14T09:30. A dry run.")
@click.option("--dry-run", is_flag=True, help="Show it; deliver and remember nothing.")
@click.option("--via", type=click.Choice(list(KINDS)), help="Where it goes this time (default: as configured).")
@click.option("--test", is_flag=True, help="Try the way: send one that is marked as a test, and remember nothing.")
@as_json
def digest_(now: str | None, dry_run: bool, via: str | None, test: bool, json_: bool) -> None:
    """Say whom to write to this morning, why today, and what to give them.

    As a mail (append, smtp) it is sent at once, but only once a day. With --json nothing is delivered or remembered.
    """
    from agent import work
    from agent.cli.home import known, moment, opened
    from config.paths import paths

    def make(house: "House", store: "Store", at: "datetime") -> "Made":
        if not house.me:
            raise Ends(f'Whose mail is it? Write addresses = ["you@example.org"] into [me] of {paths().config}', USAGE)
        return work.make(store, house.settings, at, house.zone, past=bool(now))

    if now:
        with opened() as (house, store):
            show(make(house, store, moment(now, house.zone, house.settings.digest.at)), json_)
        return
    with known() as (house, store, at):
        made = make(house, store, at)
        if json_ or dry_run:
            show(made, json_)
            return
        way = via or house.settings.digest.via
        said: list[str] = []

        def echo(text: str) -> None:
            said.append(text)
            click.echo(fitted(text))

        output = house.output(way, at, echo)
        if test:
            sample, mail = work.sample(made, store.key, house.sender(way), at)
            output.deliver(sample, mail)
            if way == "stdout":
                click.echo(f"\n{SCREEN}")
            elif on_its_way(way, house):
                click.echo(seen(output, sample.message_id))
        elif way in MAILS:
            done = mailed(house, store, made, way, output, at)
            if done.state != "sent" or not said:
                end(done, made, at, house.zone)
        else:
            work.deliver(store, made, house.me, at, output)


def mailed(house: "House", store: "Store", made: "Made", way: str, output: "Output", at: "datetime") -> "Mailing":
    """Send it, unless it was; and put its drafts, where they are wanted."""
    from agent import drafting, work
    from config.locks import held

    with held(house.paths.state / "digest.lock", wait=False, what="Sending the digest"):
        drafts = house.drafts(at)
        done = drafting.around(
            lambda: work.send(store, lambda: made, house.sender(way), at, house.zone, way, output, at_once=True),
            store,
            drafts,
            at.astimezone(house.zone).date(),
            lambda: made.digest,
            at,
        )
        if drafts and (kept := store.drafted()) and kept.says:
            say(kept.says)
    return done


def on_its_way(way: str, house: "House") -> bool:
    """Whether a mail is sent so, rather than put into the inbox: then it is not there at once."""
    inbox = house.settings.accounts.get(house.settings.inbox)
    return way == "smtp" or (way == "append" and inbox is not None and inbox.kind == "microsoft")


def seen(output: "Output", message_id: str) -> str:
    """What can be said of whether a mail arrived: it is looked for until it is there, or a minute is over."""
    from agent import wiring
    from connectors.contract import NeedsUser, TryLater

    session, late = wiring.allowed(sum(PAUSES) + 1), ""
    for pause in PAUSES:
        session.pause(pause)
        try:
            there = output.arrived(message_id)
        except TryLater as trouble:
            there, late = False, f" {trouble}"
        except NeedsUser as trouble:
            return f"auld cannot look whether it arrives: {trouble}"
        if there is None:
            return "auld cannot look whether it arrives: see whether it comes into your inbox."
        if there:
            return "It has arrived."
    return f"After a minute it is not in the inbox. It may be late, or lie among the spam.{late}"


def end(done: "Mailing", made: "Made", at: "datetime", zone: "tzinfo") -> None:
    """Says why a digest was not sent now. Raises Ends where that is trouble."""
    from datetime import datetime

    from agent.mailing import says

    if done.state == "silent" and not made.known.people():
        click.echo(made.outcome.silent_because)
    elif done.state == "silent" and made.quiet:
        click.echo(f"{made.quiet} So no mail was sent; `auld digest --via stdout` shows whom there is to write to.")
    elif done.state == "silent":
        click.echo("There is nobody to write to today, so that no mail was sent. `auld digest --dry-run` says why.")
    elif done.state == "sent" and done.day > at.astimezone(zone).date():
        click.echo(f"The digest of {done.day.isoformat()} was sent already; today's would come after it.")
    elif done.state == "sent":
        when = datetime.fromtimestamp(done.at, zone)
        click.echo(f"Today's digest was sent at {when:%H:%M}. `auld digest --dry-run` shows what it would say now.")
    else:
        raise Ends(says(done), SIGN_IN if done.remedy else PARTIAL)


def show(made: "Made", json_: bool) -> None:
    """Says the digest; nothing is delivered or remembered."""
    if json_:
        out(described(made))
    else:
        click.echo(fitted(made.digest.text.rstrip("\n")))


def described(made: "Made") -> dict[str, object]:
    """The digest as plain data."""
    return {
        "day": made.digest.day.isoformat(),
        "subject": made.digest.subject,
        "silent_because": made.outcome.silent_because,
        "quiet": made.quiet,
        "proposals": [proposed(slot, one) for slot, one in enumerate(made.outcome.proposals, 1)],
        "held": [{"name": h.person.name, "kind": h.kind, "reason": h.reason} for h in made.outcome.held],
        "notices": list(made.known.notices),
        "question": made.digest.question.says if made.digest.question else "",
    }


def proposed(slot: int, one: "Proposal") -> dict[str, object]:
    """One proposal as plain data; times are POSIX seconds, UTC."""
    return {
        "slot": slot,
        "kind": one.kind,
        "pool": one.pool,
        "name": one.person.name,
        "addresses": list(one.person.addresses),
        "context": one.context,
        "why": one.why,
        "gift": {"kind": one.gift.kind, "says": one.gift.says, "opener": one.gift.opener, "url": one.gift.url},
        "also": list(one.gift.also),
        "evidence": [{"at": c.at, "by": c.by, "subject": c.subject} for c in one.cites],
        "rest": one.rest,
    }
