"""`auld backtest`: measure the ranking on the user's own past."""

import click

from agent.cli.lines import as_json, out


@click.command("backtest")
@click.option("--now", metavar="DAY", help="As of a past morning.")
@as_json
def backtest_(now: str | None, json_: bool) -> None:
    """Measure the ranking on your own past, beside simple rules, and say if it is no better."""
    from agent import backtest, wiring, work
    from agent.cli.home import moment, opened

    with opened() as (house, store):
        at = moment(now, house.zone, house.settings.digest.at) if now else wiring.now()
        learned = work.studied(store, house.settings.me.addresses, house.zone, int(at.timestamp()))
        facts = store.facts(until=int(at.timestamp()))
        box = backtest.mailbox(learned.ties, backtest.stood(facts, learned.people, frozenset(learned.own)))
        report = backtest.backtest({"you": box})
        if json_:
            out(backtest.as_json(report))
            return
        click.echo(backtest.printed(report))
