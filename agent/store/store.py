"""Where does everything lie that auld knows? One file, one door."""

from agent.store.facts import Facts
from agent.store.file import StoreTrouble
from agent.store.record import Missed, Recorded

__all__ = ["Missed", "Recorded", "Store", "StoreTrouble"]


class Store(Facts):
    """The store of one profile; `Store.open(path)` is a context manager."""
