"""`auld config`: check, show or edit the settings."""

import click

from agent.cli.ends import Ends


@click.group("config")
def config_() -> None:
    """Check, show or edit the settings."""


@config_.command("check")
def check() -> None:
    """Say every problem of the config file at once, each with its line."""
    from agent import wiring
    from config.paths import paths

    where = paths().config
    if not where.exists():
        raise Ends(f"{where} is not there yet. `auld import FILE --me you@example.org` writes one.")
    settings = wiring.chosen(paths())
    off = [n for n in settings.accounts if n not in settings.enabled]
    click.echo(f"{where} is fine: {len(settings.enabled)} on, {len(off)} off.")


@config_.command("show")
def show() -> None:
    """Print the config file, and where it lies."""
    from config.paths import paths

    where = paths().config
    click.echo(f"# {where}")
    click.echo(where.read_text("utf-8") if where.exists() else "# (not there yet)")


@config_.command("edit")
def edit() -> None:
    """Open the config file in your editor, and check it before it is taken."""
    from agent import wiring
    from config import edit as editing
    from config.paths import paths

    where = paths().make().config
    before = where.read_text("utf-8") if where.exists() else editing.HEAD
    after = click.edit(before, extension=".toml", require_save=True)
    if after is None:
        click.echo("Nothing was changed.")
        return
    change, _ = editing.proposed(where, lambda _: after, wiring.options_of, wiring.kinds())
    editing.replace(where, change)
    click.echo(f"{where} is written.")
