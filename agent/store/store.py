"""Where does everything lie that auld knows? One file, one door."""

from agent.store.erase import Erased, Erasing, Whom
from agent.store.file import StoreTrouble
from agent.store.find import Hit
from agent.store.learned import Learned
from agent.store.record import LaneClosed, Missed, Recorded
from agent.store.rounds import Chosen, Watched

__all__ = [
    "Chosen",
    "Erased",
    "Hit",
    "LaneClosed",
    "Learned",
    "Missed",
    "Recorded",
    "Store",
    "StoreTrouble",
    "Watched",
    "Whom",
]


class Store(Erasing):
    """The store of one profile; `Store.open(path)` is a context manager.

    What the sources said (`record`, `facts`), what was learned of it (`save_learned`, `people`, ...), what the user
    said (`say`, `stated`, ...), and `find` in all of it.
    """
