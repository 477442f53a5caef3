"""Where can a digest go? Each output is one file here and one line in KINDS."""

from collections.abc import Callable
from typing import Protocol

from agent.model import Digest
from connectors.contract import TryLater

KINDS = {
    "stdout": "agent.outputs.stdout:Stdout",
    "file": "agent.outputs.file:File",
    "append": "agent.outputs.append:Append",
    "gmail": "agent.outputs.gmail:Gmail",
    "graph": "agent.outputs.graph:Graph",
    "smtp": "agent.outputs.smtp:Smtp",
}
"""Name in the config -> "module:Class", imported only when it is wanted. Its constructor is handed what it asks for by
name: folder, echo, now, session, account, credential, smtp, sender, inbox (`agent.wiring.output`)."""


class Unsure(TryLater):
    """The connection ended after the digest was handed over, and before the server said whether it took it."""


def nothing() -> None:
    """What is done before a digest is handed over, where nothing is."""


def called(digest: Digest) -> str:
    """With which word an output says what it delivered: one that only tries the way is no digest."""
    return "The test" if digest.test else "The digest"


class Output(Protocol):
    """One way to the user. Raises NeedsUser and TryLater, of which Unsure alone means that it may have arrived."""

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Deliver the digest (`mail` is what `digest.compose.as_mail` made of it), and say where it is.

        `about_to` is called before the first byte is handed over, when nothing else can fail: whoever dies before it
        has sent nothing.
        """
        ...

    def arrived(self, message_id: str) -> bool | None:
        """Whether a digest is there that was handed over before; None where one cannot tell."""
        ...
