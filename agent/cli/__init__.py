"""What may one ask of auld? The commands; each lives in a module that is imported only when it is called."""

import sys
from typing import Any

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "Show a digest from a made-up mailbox, offline."),
    "init": ("init", "Opt a mailbox in: from an address to a digest each morning."),
    "import": ("accounts", "Read mail archives and calendar files."),
    "sync": ("accounts", "Bring what is new in all accounts."),
    "login": ("login", "Keep the password of an account."),
    "digest": ("digest", "Say whom to write to this morning."),
    "status": ("status", "Tell how the accounts and the store are."),
    "doctor": ("doctor", "Look whether all is well, and say what mends it."),
    "daemon": ("daemon", "Run by itself: read all accounts, send the digest."),
    "service": ("service", "Have the system run the daemon."),
    "people": ("look", "List the people you know."),
    "person": ("look", "Tell all about one person; merge, split or class them."),
    "why": ("look", "Tell why somebody is proposed, or is not."),
    "find": ("look", "Search people, notes and subjects."),
    "open": ("page", "Show everybody at a glance, on one page."),
    "review": ("review", "Look back on a quarter."),
    "ask": ("ask", "Tell who could help you with something."),
    "later": ("say", "Put a proposal off."),
    "never": ("say", "Never propose this person again."),
    "done": ("say", "Say that you wrote, called or met."),
    "note": ("say", "Note what you know of a person."),
    "log": ("log", "Log a call, a coffee or a letter."),
    "opportunity": ("opportunity", "Note what somebody offered; pass it on after their yes."),
    "pause": ("pause", "Send no digest until a day, or until you say so."),
    "introduce": ("introduce", "Introduce two people, after both agreed."),
    "shelf": ("shelf", "Keep links worth sharing, for those whom they fit."),
    "undo": ("say", "Take back the last thing that you said."),
    "connectors": ("connectors", "List what auld may read; switch it on or off."),
    "config": ("config", "Check, show or edit the settings."),
    "export": ("export", "Give you all that auld knows, as one file."),
    "forget": ("forget", "Forget a person, an account, or everything."),
    "backtest": ("backtest", "Measure the ranking on your own past."),
    "completion": ("completion", "Print what completes these words in your shell."),
}
"""Command -> (module, one line of help). The help stands here, so that `auld --help` imports no command."""


AT_ONCE = 100_000
"""Values that a command makes before it looks for circles among them: it makes a million that form none, and looking
after every 700, as usual, takes a sixth of its time."""


def __getattr__(name: str) -> Any:
    """`cli`, the group of all commands, imported when it is asked for: click costs as much as three bare Pythons."""
    if name != "cli":
        raise AttributeError(name)
    from agent.cli.commands import cli

    return cli


def main() -> None:
    """The program `auld`. Ends with the exit codes that `agent.cli.ends` lists."""
    if sys.argv[1:] == ["status"]:  # asked at every login and by every bar of a desktop: it answers without click
        from agent.cli.overview import tell

        tell()
        sys.exit(0)
    if sys.argv[1:] == ["daemon"]:  # it stays for months, and needs no click
        from agent.cli.foreground import stay

        sys.exit(stay())
    import gc

    from agent.cli.commands import cli
    from agent.cli.ends import run

    gc.set_threshold(AT_ONCE, 20, 20)
    run(cli)
