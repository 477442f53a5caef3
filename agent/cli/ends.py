"""How does a command end? One place turns trouble into a sentence and an exit code."""

import os
import sys
from collections.abc import Sequence

import click

OK, ERROR, USAGE, PARTIAL, SIGN_IN, INVALID, LOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
"""Exit codes (product.md, "The tool in the hand")."""

CODES = {
    "ConfigProblems": INVALID,
    "NeedsUser": SIGN_IN,
    "NoSecret": SIGN_IN,
    "TryLater": PARTIAL,
    "StoreLocked": LOCKED,
    "Held": LOCKED,
}
"""By the name of the class, so that none of their modules is imported for a command that ends well."""

OURS = (*CODES, "CannotEdit", "StoreTrouble", "LaneClosed")
"""Errors whose text is meant for the user: where, what, and what to do."""


class Ends(click.ClickException):
    """A command that ends with a sentence and a code of its own."""

    def __init__(self, message: str, code: int = ERROR) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: object = None) -> None:
        """The sentence, without a word before it; "" where all was said already."""
        if self.message:
            click.echo(self.message, err=True)


def code_of(error: BaseException) -> int | None:
    """The exit code of an error whose text is for the user; None for a bug of ours."""
    names = [c.__name__ for c in type(error).__mro__]
    if not set(names) & set(OURS):
        return None
    return next((CODES[n] for n in names if n in CODES), ERROR)


def run(command: click.Command, args: Sequence[str] | None = None) -> None:
    """Run the program (with `args`, or with those of the process), and leave with its exit code."""
    try:
        result = command.main(args if args is None else list(args), prog_name="auld", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else OK)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.code if isinstance(error, Ends) else error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what was read so far is kept.", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(OK)
    except Exception as error:
        code = code_of(error)
        if code is None and isinstance(error, OSError) and error.filename:  # no room, no right, no such folder
            click.echo(f"{os.fsdecode(error.filename)}: {error.strerror}.", err=True)
            sys.exit(ERROR)
        if code is None:
            raise
        click.echo(str(error), err=True)
        sys.exit(code)
