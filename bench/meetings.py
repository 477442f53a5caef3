"""Do the meetings of a calendar beside a mailbox stand in the ties, counted by hand?

The hand counts plain lines of the file: each event, and each further date of one that repeats, for everybody named in
it (its organiser and those asked) but the owner. The ties count what the whole way, from file to learning, makes of it.
"""

import re
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from agent import work
from agent.store.store import Store
from bench.data import data, owners
from bench.mornings import brought, pulled
from connectors.ics import Ics, Options

MOST_PEOPLE = 8


def by_hand(text: str, own: frozenset[str]) -> Counter[str]:
    """Meetings with each address, by the file's plain lines."""
    counts: Counter[str] = Counter()
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for event in re.findall(r"BEGIN:VEVENT(.*?)END:VEVENT", unfolded, re.DOTALL):
        people = {a.lower() for a in re.findall(r"(?m)^(?:ORGANIZER|ATTENDEE)[^\n]*?mailto:(\S+)", event)} - own
        if not people or len(people) + 1 > MOST_PEOPLE or re.search(r"(?m)^STATUS:CANCELLED", event):
            continue
        further = [day for line in re.findall(r"(?m)^RDATE[^:\n]*:(\S+)", event) for day in line.split(",")]
        counts.update(dict.fromkeys(people, 1 + len(set(further))))
    return counts


def main() -> None:
    """Print the two counts side by side."""
    calendar = data() / "enron" / "open" / "calendar" / "blair-l.ics"
    path, facts = owners()["blair-l"]
    own = frozenset(facts["addresses"])
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
        pulled(store, path, "headers", facts["addresses"])
        store.account("calendar", "ics", archive=True)
        brought("calendar", Ics(Options(kind="ics", path=calendar), now=now), store)
        learned = work.studied(store, facts["addresses"], UTC, int(now.timestamp()))
    hand = by_hand(calendar.read_text("utf-8"), own)
    met = {t.person.addresses: sum(c.meeting for c in t.contacts) for t in learned.ties}
    print(f"{'people met':34} by hand {len(+hand):5}  in the ties {sum(map(bool, met.values())):5}")
    print(f"{'meetings with them':34} by hand {sum(hand.values()):5}  in the ties {sum(met.values()):5}")
    wrong = {a: (hand[a], n) for people, n in met.items() if n for a in people if hand[a] and hand[a] != n}
    print(f"people whose counts differ: {len(wrong)}")


if __name__ == "__main__":
    main()
