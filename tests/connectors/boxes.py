"""What is kept for an account behind a vendor's sign-in, in memory (a `connectors.consent.Kept`)."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Box:
    """What is kept for one account, in memory."""

    value: str = ""
    kept: list[str] = field(default_factory=list)  # everything that ever was, in order
    held: threading.Lock = field(default_factory=threading.Lock)

    def get(self) -> str:
        return self.value

    def keep(self, value: str) -> None:
        assert self.held.locked(), "whoever keeps a token holds the lock"
        self.value = value
        self.kept.append(value)

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self.held:
            yield
