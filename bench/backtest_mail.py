"""Does `auld backtest` hold on real mailboxes, all the way from the mbox file?

Every open mailbox is imported with its owner's addresses, learned, and tested by the protocol that `auld backtest`
runs; `bench/backtest.py` does the same on prepared events, and checks the baselines against the script that defines
them.
"""

import sys
import tempfile
from datetime import UTC
from pathlib import Path

from agent import backtest, work
from agent.store.store import Store
from bench.data import owners
from bench.mornings import pulled


def main() -> None:
    """Print the report over all mailboxes, or over those named."""
    found = {}
    for owner, (path, facts) in owners().items():
        if sys.argv[1:] and owner not in sys.argv[1:]:
            continue
        with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
            pulled(store, path, "headers", facts["addresses"])
            learned = work.studied(store, facts["addresses"], UTC, 1 << 40)
            own = frozenset(learned.own)
            found[owner] = backtest.mailbox(
                learned.ties, backtest.stood(store.facts(until=1 << 40), learned.people, own)
            )
    print(backtest.printed(backtest.backtest(found)))


if __name__ == "__main__":
    main()
