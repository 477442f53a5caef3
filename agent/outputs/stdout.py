"""The digest, on the screen."""

from collections.abc import Callable
from pathlib import Path

from agent.model import Digest


def deliver(digest: Digest, mail: bytes, *, folder: Path, echo: Callable[[str], None]) -> None:
    """Say the text part; nothing is kept."""
    echo(digest.text.rstrip("\n"))
