"""What does `man auld` say? The commands, their arguments and options, from the program itself."""

import re
from collections.abc import Iterator
from importlib.metadata import version

import click

from agent.cli import cli

FILES = """\
.SH FILES
.TP
.I ~/.config/auld/config.toml
What auld may read, and when it may speak. With AULD_HOME, all files lie below that folder.
.TP
.I ~/.local/share/auld/auld.db
What was read, learned and said.
.TP
.I ~/.local/share/auld/auld.secrets
Passwords and consents, encrypted under a key in the keyring.
.SH ENVIRONMENT
.TP
.B AULD_HOME
The folder of a profile that can be carried about.
.TP
.B SSL_CERT_FILE
The certificate of an authority of your own.
"""


def man_page() -> str:
    """The page in the language of troff."""
    group = cli
    root = click.Context(group, info_name="auld", **group.context_settings)
    parts = [
        f'.TH AULD 1 "" "auld {version("auld")}" "User Commands"\n',
        f".SH NAME\nauld \\- {plain('each morning a few people to write to, why today, and what to give them')}\n",
        ".SH SYNOPSIS\n.B auld\n.RI [ OPTIONS ]\n.I COMMAND\n.RI [ ARGUMENTS ]\n",
        f".SH DESCRIPTION\n{paragraphs(group.help or '')}",
        f".SH OPTIONS\n{options(group, root)}",
        ".SH COMMANDS\n",
        *(told(name, command, context) for name, command, context in every(group, root)),
        exits(),
        FILES,
    ]
    return "".join(parts)


def every(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command, those of a group behind it, as one calls them."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context)
        yield inner.command_path.removeprefix("auld "), command, inner
        if isinstance(command, click.Group):
            yield from every(command, inner)


def told(name: str, command: click.Command, context: click.Context) -> str:
    """One command."""
    usage = " ".join(command.collect_usage_pieces(context))
    return f".SS auld {plain(name)} {plain(usage)}\n{paragraphs(command.help or '')}{options(command, context)}"


def options(command: click.Command, context: click.Context) -> str:
    """The options of a command, each with its line."""
    records = [one for param in command.get_params(context) if (one := param.get_help_record(context))]
    return "".join(f".TP\n.B {plain(names)}\n{plain(words)}\n" for names, words in records if words)


def paragraphs(text: str) -> str:
    """A help text: its paragraphs are filled, but for those that are to stand as they are."""
    made = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.strip("\n").splitlines()
        if lines[:1] and lines[0].strip() == "\b":
            made.append(".nf\n" + "".join(f"{plain(line.strip())}\n" for line in lines[1:]) + ".fi\n")
        else:
            made.append(plain(" ".join(line.strip() for line in lines)) + "\n")
    return ".PP\n".join(made)


def exits() -> str:
    """How a command ends."""
    from tests.docs.pages import EXIT_CODES

    rows = re.findall(r"^\| (\d+) \| (.+) \|$", EXIT_CODES, re.MULTILINE)
    return ".SH EXIT STATUS\n" + "".join(f".TP\n.B {code}\n{plain(means)}\n" for code, means in rows)


def plain(text: str) -> str:
    """Text in which troff sees nothing of its own: no backslash, no hyphen that may break, no dot in front."""
    text = " ".join(text.split()) if "\n" in text else text
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("`", "\\(ga").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith(".") else text
