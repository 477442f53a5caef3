"""What would auld have proposed on past mornings of real mailboxes, and does every claim hold?

Twelve working mornings for each mailbox, from 60 % of the span in which its owner sent mail. Each proposal is checked
against the mailbox by a reader of its own (the standard library's), and all of them are printed to `--out`, to be read
by people. The table counts mornings, pools and kinds of gift in both read modes.
"""

import argparse
import lzma
import mailbox
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from agent import wiring, work
from agent.model import Proposal
from agent.pull import tour
from agent.store.store import Store
from agent.texts import Mark
from bench.data import owners
from config.settings import Me, Settings
from connectors.contract import Connector
from connectors.mbox import Mbox, Options

MORNINGS, FROM_SHARE = 12, 0.6
RECENT = timedelta(days=14)
ZONE = ZoneInfo("America/Chicago")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the standard library reads it."""

    at: datetime
    sender: str
    people: frozenset[str]
    subject: str


@dataclass(slots=True)
class Count:
    """What the mornings of one mailbox came to."""

    mornings: int = 0
    spoke: int = 0
    gifts: Counter[str] = field(default_factory=Counter)
    pools: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    unexplained: int = 0


def letters(path: Path) -> list[Letter]:
    """The mails of a packed mbox, read by the standard library."""
    with tempfile.NamedTemporaryFile(suffix=".mbox") as plain:
        plain.write(lzma.decompress(path.read_bytes()))
        plain.flush()
        return [letter for message in mailbox.mbox(plain.name) for letter in read(message)]


def read(message: Any) -> Iterator[Letter]:
    """The mail, if it has a date."""
    try:
        at = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    fields = [str(v) for name in ("To", "Cc", "Bcc") for v in message.get_all(name, [])]
    sender = getaddresses([str(message.get("From", ""))])[0][1].lower()
    people = frozenset(a.lower() for _, a in getaddresses(fields))
    raw = str(message.get("Subject", ""))
    with suppress(UnicodeDecodeError, LookupError):
        raw = str(make_header(decode_header(raw)))
    subject = " ".join(raw.split())
    yield Letter(at, sender, people, subject)


def mornings(start: date, end: date) -> list[datetime]:
    """Twelve working mornings, at seven, spread evenly over the last part of the span."""
    first = start + (end - start) * FROM_SHARE
    days = [first + (end - first) * i / (MORNINGS - 1) for i in range(MORNINGS)]
    working = [d - timedelta(days=max(0, d.weekday() - 4)) for d in days]
    return [datetime.combine(d, time(7), ZONE) for d in working]


def wrong(p: Proposal, now: datetime, own: frozenset[str], mail: Sequence[Letter]) -> Iterator[str]:
    """Every claim of a proposal that the mailbox does not bear out."""
    theirs = frozenset(p.person.addresses)
    if theirs & own:
        yield "the owner"
    if p.person.kind != "person":
        yield f"a {p.person.kind}"
    if not p.gift.says or not p.cites:
        yield "no gift or no evidence"
    if p.pool != "owed" and any(
        now - RECENT <= m.at < now
        and len(m.people) <= 10
        and ((m.sender in own and m.people & theirs) or (m.sender in theirs and m.people & own))
        for m in mail
    ):
        yield "in contact within 14 days"
    for cite in p.cites:
        senders = own if cite.by == "me" else theirs if cite.by == "them" else None
        if not any(
            int(m.at.timestamp()) == cite.at
            and (senders is None or m.sender in senders)
            and " ".join(cite.subject.split()) in m.subject
            for m in mail
            if abs(m.at.timestamp() - cite.at) < 2
        ):
            yield f"cites what is not there: {datetime.fromtimestamp(cite.at, UTC)} {cite.by}"


def tried(
    path: Path, facts: dict[str, Any], mode: Literal["headers", "text"], out: Any, given: Sequence[str] | None = None
) -> Count:
    """The twelve mornings of one mailbox."""
    mail, own = letters(path), frozenset(facts["addresses"])
    settings = Settings(me=Me(addresses=tuple(given or facts["addresses"])))
    count = Count()
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "auld.db") as store:
        pulled(store, path, mode, settings.me.addresses)
        for now in mornings(date.fromisoformat(facts["sent_from"]), date.fromisoformat(facts["sent_to"])):
            made = work.make(store, settings, now, ZONE, past=True)
            count.mornings += 1
            count.spoke += bool(made.outcome.proposals)
            count.unexplained += not made.outcome.proposals and not made.outcome.silent_because
            print(f"\n######## {facts['owner']} · {mode} · {now:%Y-%m-%d}\n{made.digest.text}", file=out)
            for p in made.outcome.proposals:
                count.gifts[p.gift.kind] += 1
                count.pools[p.pool] += 1
                found = list(wrong(p, now, own, mail))
                count.wrong += found
                print(f"   [{p.kind} {p.welcome:.2f} {p.person.addresses[0]}]", *found, file=out)
    return count


def pulled(store: Store, path: Path, mode: Literal["headers", "text"], own: Sequence[str]) -> None:
    """Import one mailbox into a store."""
    store.account("mail", "mbox", archive=True)
    connector = Mbox(Options(kind="mbox", path=path, read=mode), now=datetime.now(UTC))
    brought("mail", connector, store, wiring.marker(own, ZONE) if mode == "text" else None)


def brought(account: str, connector: Connector, store: Store, mark: Mark | None = None) -> None:
    """A round over one account; trouble ends the bench."""
    done = tour(account, lambda: connector, store, lambda: datetime.now(UTC), 0.5, mark=mark)
    if done.error:
        raise done.error


def main() -> None:
    """Print the table."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("owners", nargs="*")
    ask.add_argument("--mode", choices=["headers", "text"], action="append")
    ask.add_argument("--set", choices=["open", "special"], action="append")
    ask.add_argument("--out", default="/dev/null", help="where all proposals are printed")
    args = ask.parse_args()
    total: dict[str, Count] = {}
    with Path(args.out).open("w", encoding="utf-8") as out:
        print(f"{'mailbox':14} {'mode':8} spoke  answer link question  owed keeping reviving  wrong")
        for kind in args.set or ["open", "special"]:
            for owner, (path, facts) in owners(kind).items():
                for mode in args.mode or ["headers", "text"]:
                    if args.owners and owner not in args.owners:
                        continue
                    count = tried(path, facts, mode, out)
                    total.setdefault(mode, Count())
                    total[mode].gifts += count.gifts
                    total[mode].wrong += count.wrong
                    print(row(owner, mode, count))
                    sys.stdout.flush()
    for mode, count in total.items():
        n = sum(count.gifts.values()) or 1
        print(f"{mode}: {n} proposals;", ", ".join(f"{k} {v / n:.0%}" for k, v in count.gifts.items()), end="; ")
        print(f"wrong claims: {len(count.wrong)}")


def row(owner: str, mode: str, c: Count) -> str:
    """One line of the table."""
    g, p = c.gifts, c.pools
    return (
        f"{owner:14} {mode:8} {c.spoke:2}/{c.mornings}  {g['answer']:6} {g['link']:4} {g['question']:8}"
        f"  {p['owed']:4} {p['keeping up']:7} {p['reviving']:8}  {len(c.wrong)} {Counter(c.wrong).most_common(2) or ''}"
    )


if __name__ == "__main__":
    main()
