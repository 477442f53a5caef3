"""`auld config`: check, show or edit the settings."""

import click

from agent.cli.ends import INVALID, Ends
from agent.cli.lines import as_json, out


@click.group("config")
def config_() -> None:
    """Check, show or edit the settings."""


@config_.command("check")
@as_json
def check(json_: bool) -> None:
    """Say every problem of the config file at once, each with its line."""
    from agent import config_file
    from config.load import ConfigProblems
    from config.paths import paths, shared

    where = paths().config
    if not where.exists():
        begin = "`auld init you@example.org` writes it, and so does `auld import`; `auld config edit` begins it"
        raise Ends(f"{where} is not there yet: {begin}.")
    try:
        settings = config_file.chosen(paths())
    except ConfigProblems as wrong:
        if json_:
            problems = [{"line": p.line, "where": p.where, "what": p.what} for p in wrong.problems]
            out({"path": str(where), "problems": problems, "on": [], "off": [], "shared": shared(where)})
            raise Ends("", INVALID) from None
        raise
    off = [n for n in settings.accounts if n not in settings.enabled]
    if json_:
        on = list(settings.enabled)
        out({"path": str(where), "problems": [], "on": on, "off": off, "shared": shared(where)})
        return
    click.echo(f"{where} is fine: {len(settings.enabled)} on, {len(off)} off.")
    if told := shared(where):
        click.echo(told)


@config_.command("show")
@as_json
def show(json_: bool) -> None:
    """Print the config file, and where it lies. With --json: what it means, defaults included."""
    from agent import config_file
    from config.paths import paths

    where = paths().config
    if json_:
        out({"path": str(where), "settings": config_file.chosen(paths()).model_dump(mode="json")})
        return
    click.echo(f"# {where}")
    click.echo(
        where.read_text("utf-8").rstrip("\n") if where.exists() else "# (not there yet: `auld config edit` begins it)"
    )


@config_.command("edit", short_help="Open the config file in your editor.")
def edit() -> None:
    """Open the config file in your editor, and check it before it is taken."""
    from agent import config_file
    from config import edit as editing
    from config.load import ConfigProblems, decoded, parse
    from config.paths import paths

    where = paths().make().config
    before = text = decoded(where) if where.exists() else editing.FIRST
    while True:
        after = click.edit(text, extension=".toml", require_save=True)
        if after is None or after == before:
            click.echo("Nothing was changed.")
            return
        try:
            parse(after, config_file.options_of, config_file.kinds(), folder=where.parent, name=where.name)
            break
        except ConfigProblems as wrong:
            click.echo(str(wrong), err=True)
            if not click.confirm("Edit again? (No: nothing is changed)", default=True, err=True):
                raise Ends("Nothing was changed.", INVALID) from None
            text = after
    editing.replace(where, editing.Change(before if where.exists() else "", after))
    click.echo(f"{where} is written.")
