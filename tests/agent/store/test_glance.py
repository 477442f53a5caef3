"""`status` sees how things stand without the weight of the store."""

import subprocess
import sys
from datetime import date
from pathlib import Path

from agent.model import Person
from agent.store.glance import AccountGlance, Glance, glance
from agent.store.store import Learned, Store
from connectors.contract import Stream
from tests.agent.store.generated import INBOX, NOW, mail, page

HEAVY = {"sqlalchemy", "pydantic", "alembic", "spacy", "click"}


def test_a_missing_store_says_so(tmp_path: Path) -> None:
    assert glance(tmp_path / "a.db") == Glance(missing=True)


def test_a_broken_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_text("no database" * 100)

    assert "not a database" in glance(tmp_path / "a.db").trouble


def test_it_sees_what_is_there(store: Store) -> None:
    store.account("home", "mbox", archive=True)
    store.record("home", INBOX, page(mail(1), mail(2), missed=(("x", "no date"),)), at=NOW)
    store.record("home", Stream("b", "b"), page(mail(3)), at=NOW)
    store.save_learned(
        Learned(
            [Person(1, "Bob", ("b@x",)), Person(2, "", ("l@x",), kind="list")], {"ada@x": "given"}, ["Two owners."]
        ),
        upto=0,
        at=7,
    )
    store.mark_shown(date(2025, 6, 2), [], "m@x", at=8)
    store.mark_delivered(date(2025, 6, 2), at=9)

    newest, now = int(mail(3).sent.timestamp()), int(NOW.timestamp())
    assert glance(store.path) == Glance(
        accounts=(AccountGlance("home", "mbox", True, 2, 3, newest, now, missed=1, parked=0, progress=0.0),),
        people=1,
        others=1,
        stale=2,
        learned_at=7,
        learned_from=("home",),
        last_digest=date(2025, 6, 2),
        own=(("ada@x", "given"),),
        notices=("Two owners.",),
    )


def test_it_writes_nothing(store: Store) -> None:
    before = store.path.read_bytes()
    glance(store.path)

    assert store.path.read_bytes() == before


def test_it_imports_nothing_heavy() -> None:
    code = f"import sys, agent.store.glance; sys.exit(bool({HEAVY!r} & sys.modules.keys()))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
