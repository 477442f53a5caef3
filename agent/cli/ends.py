"""How does a command end? One place turns trouble into a sentence and an exit code."""

import os
import sys

import click

OK, ERROR, USAGE, PARTIAL, SIGN_IN, INVALID, LOCKED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 130
"""Exit codes (product.md, "The tool in the hand")."""

CODES = {"ConfigProblems": INVALID, "NeedsUser": SIGN_IN, "TryLater": PARTIAL, "NotYet": INVALID, "StoreLocked": LOCKED}
"""By the name of the class, so that none of their modules is imported for a command that ends well."""

OURS = ("ConfigProblems", "NeedsUser", "TryLater", "NotYet", "StoreTrouble", "StoreLocked")
"""Errors whose text is meant for the user: where, what, and what to do."""


class Ends(click.ClickException):
    """A command that ends with a sentence and a code of its own."""

    def __init__(self, message: str, code: int = ERROR) -> None:
        super().__init__(message)
        self.code = code

    def show(self, file: object = None) -> None:
        """The sentence, without a word before it."""
        click.echo(self.message, err=True)


def code_of(error: BaseException) -> int | None:
    """The exit code of an error whose text is for the user; None for a bug of ours."""
    names = [c.__name__ for c in type(error).__mro__]
    if not set(names) & set(OURS):
        return None
    return next((CODES[n] for n in names if n in CODES), ERROR)


def run(command: click.Command) -> None:
    """Run the program, and leave with its exit code."""
    try:
        sys.exit(command.main(standalone_mode=False) or OK)
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
        if code is None:
            raise
        click.echo(str(error), err=True)
        sys.exit(code)
