"""Is the file whole? A look that reads all of it and writes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from agent.store.glance import BUSY


def damage(path: Path) -> str:
    """What SQLite finds wrong with the store at `path`, in one line; "" where it is whole."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=BUSY)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.Error as error:
        return str(error)
    return "" if found == "ok" else "its pages do not fit together"
