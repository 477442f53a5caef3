"""What may one ask of auld? The commands; each lives in a module that is imported only when it is called."""

from importlib import import_module

import click

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Show a digest from a made-up mailbox, offline."),
    "import": ("accounts", "Read mail archives and calendar files."),
    "sync": ("accounts", "Bring what is new in all accounts."),
    "digest": ("digest", "Say whom to write to this morning."),
    "status": ("status", "Tell how the accounts and the store are."),
    "people": ("look", "List the people you know."),
    "person": ("look", "Tell all about one person; merge, split or class them."),
    "why": ("look", "Tell why somebody is proposed, or is not."),
    "find": ("look", "Search people, notes and subjects."),
    "later": ("say", "Put a proposal off."),
    "never": ("say", "Never propose this person again."),
    "done": ("say", "Say that you wrote, called or met."),
    "note": ("say", "Note what you know of a person."),
    "undo": ("say", "Take back the last thing that you said."),
    "config": ("config", "Check, show or edit the settings."),
    "backtest": ("backtest", "Measure the ranking on your own past."),
}
"""Command -> (module, one line of help). The help stands here, so that `auld --help` imports no command."""


AT_ONCE = 100_000
"""Values that a command makes before it looks for circles among them: it makes a million that form none, and looking
after every 700, as usual, takes a sixth of its time."""


class Commands(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which one meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if name not in COMMANDS:
            return None
        module = import_module(f"agent.cli.{COMMANDS[name][0]}")
        command: click.Command = getattr(module, f"{name}_")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, from the help above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the near name for a slip."""
        name = args[0] if args else ""
        if name and name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean `auld {near[0]}`?" if near else " `auld --help` lists the commands."
            raise click.UsageError(f"There is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="auld")
@click.option("--plain", is_flag=True, help="No progress bar; all else is plain anyway.")
def cli(plain: bool) -> None:
    """Should auld acquaintance be forgot? Each morning a few people to write to, why today, and what to give them.

    Everything is computed and kept on this machine.
    """


def main() -> None:
    """The program `auld`. Ends with the exit codes that `agent.cli.ends` lists."""
    import gc

    from agent.cli.ends import run

    gc.set_threshold(AT_ONCE, 20, 20)
    run(cli)
