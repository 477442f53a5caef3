"""Where does everything lie that auld knows? One file, one door."""

from agent.store.file import StoreTrouble
from agent.store.find import Finding, Hit
from agent.store.learned import Learned
from agent.store.record import Missed, Recorded

__all__ = ["Hit", "Learned", "Missed", "Recorded", "Store", "StoreTrouble"]


class Store(Finding):
    """The store of one profile; `Store.open(path)` is a context manager.

    What the sources said (`record`, `facts`), what was learned of it (`save_learned`, `people`, ...), what the user
    said (`say`, `stated`, ...), and `find` in all of it.
    """
