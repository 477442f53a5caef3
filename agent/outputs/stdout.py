"""The digest, on the screen."""

from collections.abc import Callable

from agent.model import Digest
from agent.outputs import nothing


class Stdout:
    """The text part, where the command says everything else."""

    def __init__(self, echo: Callable[[str], None]) -> None:
        self._echo = echo

    def deliver(self, digest: Digest, mail: bytes, about_to: Callable[[], None] = nothing) -> None:
        """Say the text part; nothing is kept."""
        about_to()
        self._echo(digest.text.rstrip("\n"))

    def arrived(self, message_id: str) -> bool | None:
        """Nobody can tell what was read on a screen."""
        return None
