"""Do we know the user's own addresses, who is a person, and which addresses are one? Over AULD_DATA.

usage: python bench/people.py
"""

import csv
import sys
import tarfile
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import compat32
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.model import Fact, Marks
from agent.people.joining import group, kind, own_addresses, owners, traces
from bench.data import data
from bench.data import owners as mailboxes
from connectors import mbox
from connectors.contract import Interaction
from connectors.headers import interaction
from connectors.headers_dates import Undated
from connectors.headers_fields import fields
from connectors.headers_people import parties
from nlp import mailings, markup

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWN_PRECISION, OWN_RECALL, SENDERS, JOINS, JOINED = 1.0, 0.9, 0.95, 0.99, 0.90
HARD_HAM, DIRECT, LISTED = 0.87, 0.02, 0.01
"""What was promised; the last two are ceilings."""


@dataclass(slots=True)
class Box:
    """One mailbox: each mail once, and the names that stood with the addresses."""

    facts: list[Fact] = field(default_factory=list)
    names: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    own: frozenset[str] = frozenset()
    person: str = ""


def read(path: Path) -> Iterator[Interaction]:
    """All mails of an archive, copies too."""
    archive = mbox.Mbox(mbox.Options(kind="mbox", path=path), now=NOW)
    for stream in archive.streams():
        for page in archive.pull(stream, None):
            yield from (mail for mail in page.found if isinstance(mail, Interaction))


def box(mails: Iterator[Interaction]) -> Box:
    """The mails as facts, copies merged as the store does it."""
    found = Box()
    seen: dict[object, int] = {}
    for mail in mails:
        sender = mail.sender.address if mail.sender else ""
        key = (sender, mail.sent, mail.subject, mail.fingerprint)
        if key in seen:
            old = found.facts[seen[key]]
            found.facts[seen[key]] = replace(old, labels=tuple(dict.fromkeys(old.labels + mail.labels)))
            continue
        seen[key] = len(found.facts)
        found.facts.append(fact(mail, len(seen)))
        for who in (mail.sender, *mail.to, *mail.cc, *mail.bcc):
            if who is not None and who.name:
                found.names[who.address][who.name] += 1
    return found


def fact(mail: Interaction, number: int) -> Fact:
    """A mail as the thinking rooms see it."""
    to, cc, bcc = (tuple(party.address for party in parties) for parties in (mail.to, mail.cc, mail.bcc))
    return Fact(
        id=number,
        at=int(mail.sent.timestamp()),
        sender=mail.sender.address if mail.sender else "",
        to=to,
        cc=cc,
        bcc=bcc,
        subject=mail.subject,
        message_id=mail.message_id,
        parents=tuple(filter(None, (mail.in_reply_to, *reversed(mail.references)))),
        labels=mail.labels,
        evidence=mail.evidence,
    )


def figure(what: str, value: float, floor: str) -> None:
    """One line of the table."""
    print(f"  {what:<44} {value:7.3f}   {floor}")


def measure_own(boxes: Mapping[str, Box]) -> None:
    """With one address given, are the others found? By the mails that carry them."""
    print("\nown addresses        found   of  wrong  precision  recall (by mails, the given one included / left out)")
    sums = Counter[str]()
    for name, each in boxes.items():
        got = own_addresses([each.person], each.facts, each.names)
        wrong = got.keys() - each.own
        hits = Counter(a for f in each.facts for a in each.own.intersection((f.sender, *f.recipients)))
        others = {address: times for address, times in hits.items() if address != each.person}
        covered = sum(not got.keys().isdisjoint((f.sender, *f.recipients)) for f in each.facts)
        every = sum(not each.own.isdisjoint((f.sender, *f.recipients)) for f in each.facts)
        found = sum(times for address, times in others.items() if address in got)
        print(
            f"  {name:<18} {len(got) - 1:5} {len(each.own) - 1:4} {len(wrong):6} {1 - len(wrong) / len(got):10.3f}"
            f" {covered / every:7.3f} / {found / sum(others.values()) if others else 1:.3f}"
        )
        sums.update(addresses=len(got), wrong=len(wrong), others=sum(others.values()), found=found)
        sums.update(every=every, covered=covered, below=covered / every < OWN_RECALL)
    figure("precision", 1 - sums["wrong"] / sums["addresses"], f"floor {OWN_PRECISION}")
    figure("recall by mails, all mailboxes", sums["covered"] / sums["every"], f"floor {OWN_RECALL}")
    figure("recall by mails of the others alone", sums["found"] / sums["others"], "")
    figure("mailboxes below the floor", sums["below"], "")
    tried = wrongs = 0
    for each in boxes.values():
        for given in sorted(each.own - {each.person}):
            got = own_addresses([given], each.facts, each.names)
            tried, wrongs = tried + len(got), wrongs + len(got.keys() - each.own)
    figure("precision with any other address given", 1 - wrongs / tried, "")


def senders(boxes: Mapping[str, Box]) -> Counter[tuple[str, str]]:
    """Of the labelled senders (label, what we say): person, machine or broadcast, over all mailboxes together."""
    with (data() / "labelled" / "enron_senders.tsv").open(encoding="utf-8") as file:
        labels = {row["address"]: row["label"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for each in boxes.values():
        for address, given in each.names.items():
            names[address].update(given)
    own = frozenset(address for each in boxes.values() for address in each.own)
    found = traces((f for each in boxes.values() for f in each.facts), names, own, labels)
    return Counter((label, str(kind(found[address])[0])) for address, label in labels.items() if address in found)


def measure_senders(boxes: Mapping[str, Box]) -> None:
    """How many are right?"""
    table = senders(boxes)
    right = sum(times for (label, said), times in table.items() if label == said)
    human = sum(times for (label, said), times in table.items() if (label == "person") == (said == "person"))
    print(f"\nsenders ({sum(table.values())} labelled; said for each label)")
    for label in ("person", "machine", "broadcast"):
        print(f"  {label:<10}", {said: table[label, said] for said in ("person", "machine", "broadcast", "list")})
    figure("accuracy", right / sum(table.values()), f"floor {SENDERS} (baseline .889)")
    figure("person or not", human / sum(table.values()), "")


def joins(boxes: Mapping[str, Box]) -> Counter[str]:
    """Pairs of addresses: `joined` by us in a mailbox, of these `right`; `pairs` of the map, of these `found`. And how
    often two `owners` of mailboxes came to be one.
    """
    with (data() / "enron" / "identity_map.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        known = {row["address"]: row["person"] for row in rows}
    counts = Counter[str]()
    lords = {address: each.person for each in boxes.values() for address in each.own}
    for each in boxes.values():
        people = group(traces(each.facts, each.names, each.own), [], each.own)
        home = {address: person.id for person in people for address in person.addresses}
        truth: dict[str, list[str]] = defaultdict(list)
        for address in home.keys() & known.keys():
            truth[known[address]].append(address)
        for person in people:
            counts["owners"] += len({lords[a] for a in person.addresses if a in lords}) > 1
            for one, other in combinations([a for a in person.addresses if a in known], 2):
                counts["joined"] += 1
                counts["right"] += known[one] == known[other]
        pairs = [pair for same in truth.values() for pair in combinations(same, 2)]
        counts.update(pairs=len(pairs), found=sum(home[one] == home[other] for one, other in pairs))
    return counts


def measure_joins(boxes: Mapping[str, Box]) -> None:
    """Of the pairs that we join, how many does the map have, and how many of the map's do we join?"""
    counts = joins(boxes)
    print(f"\njoins ({counts['joined']} pairs joined, {counts['pairs']} in the map)")
    figure("precision", counts["right"] / counts["joined"], f"floor {JOINS}")
    figure("recall", counts["found"] / counts["pairs"], f"floor {JOINED}")
    figure("owners joined with another owner", counts["owners"], "0 wanted")


def measure_notices(boxes: Mapping[str, Box], special: Collection[str]) -> None:
    """Is a second owner or an assistant said, and is silence kept elsewhere?"""
    print("\nothers who send from a mailbox")
    said = {name: len(owners(b.own, traces(b.facts, b.names, b.own))) for name, b in boxes.items()}
    for name in special:
        print(f"  {name:<18} {said[name]} named")
    figure("notices in the others", sum(n for name, n in said.items() if name not in special), "0 wanted")


DESKS = ("Its address says so", "Its address names a function")
"""Reasons by the address itself: a daemon, a robot, a desk. Whoever else is taken for no person may be misjudged."""


class Ham(NamedTuple):
    """Shares of SpamAssassin's ham that are taken for no person."""

    hard: float  # newsletters and the like
    direct: float  # mails off lists that show no sign of a mailing, in their headers, address or text
    listed: float  # posts on lists, by nobody who is called a daemon or a desk
    mailings: float  # mails off lists that do show such a sign
    daemons: float  # posts on lists by daemons and desks


def text_of(raw: bytes) -> str:
    """The first text of a mail, as HTML if there is no other."""
    parts = [p for p in message_from_bytes(raw, policy=compat32).walk() if p.get_content_maintype() == "text"]
    parts.sort(key=lambda part: part.get_content_type() != "text/plain")
    content = parts[0].get_payload(decode=True) if parts else b""
    return content.decode("latin-1") if isinstance(content, bytes) else ""


def ham(*, read: bool) -> Ham:
    """Newsletters without list headers, and people: by headers alone, or with what the texts say (`read`)."""
    found: list[tuple[str, Interaction]] = []
    reached: set[str] = set()
    wordy: set[tuple[str, datetime, str]] = set()
    with tarfile.open(data() / "spamassassin.tar.xz") as archive:
        for member in archive:
            handle = archive.extractfile(member) if member.isfile() else None
            if handle is None or "ham" not in member.name:
                continue
            whole = handle.read()
            header = fields(whole.split(b"\n\n", 1)[0] + b"\n\n")
            reached.update(party.address for party in parties(header.get("delivered-to", "")))
            try:
                mail = interaction(header, id=member.name)
            except Undated:
                continue
            found.append((member.name, mail))
            if mail.sender:
                raw = text_of(whole)
                if mailings.says_so(raw, markup.html(raw) if markup.is_html(raw) else raw):
                    wordy.add((mail.sender.address, mail.sent, mail.subject))
    each = box(mail for _, mail in found)
    said_so = Marks(signs=("mailing",))
    facts = [
        replace(f, marks=said_so) if read and (f.sender, datetime.fromtimestamp(f.at, UTC), f.subject) in wordy else f
        for f in each.facts
    ]
    # Whom the mails went to is not told; whoever is addressed alone in a mail off lists was the user here.
    own = reached | {m.to[0].address for _, m in found if len(m.to) == 1 and not m.cc and "list" not in m.evidence}
    known = traces(facts, each.names, frozenset(own))
    counts = {sort: Counter[bool]() for sort in ("hard", "direct", "listed")}
    desks: dict[str, int] = Counter()
    for name, mail in found:
        if mail.sender is None or mail.sender.address not in known:
            continue
        said, why = kind(known[mail.sender.address])
        person, desk = said == "person", why.startswith(DESKS)
        shows = desk or "bulk" in mail.evidence or (mail.sender.address, mail.sent, mail.subject) in wordy
        if "hard" in name:
            counts["hard"][person] += 1
        elif "list" in mail.evidence:
            counts["listed"][person or desk] += 1
            desks["listed"] += desk
        elif not ("rssfeeds" in mail.sender.address or "[use Perl]" in mail.subject):
            counts["direct"][person or shows] += 1
            desks["direct"] += shows and not person
    hard, direct, listed = (of[False] / sum(of.values()) for of in counts.values())
    return Ham(hard, direct, listed, *(desks[sort] / sum(counts[sort].values()) for sort in ("direct", "listed")))


def measure_ham() -> None:
    """Both ways of reading."""
    for read in (False, True):
        print(f"\nSpamAssassin ham, {'texts read' if read else 'headers alone'}")
        of = ham(read=read)
        figure("hard ham that is no person", of.hard, f"floor {HARD_HAM}" if read else "")
        figure("direct mails of people taken for no person's", of.direct, f"at most {DIRECT}")
        figure("list posts of people taken for no person's", of.listed, f"at most {LISTED}")
        figure("direct mails that show to be mailings", of.mailings, "")
        figure("list posts by daemons and desks", of.daemons, "")


def boxes_of(*kinds: str) -> dict[str, Box]:
    """The mailboxes of these kinds, read."""
    found: dict[str, Box] = {}
    for kind_ in kinds:
        for name, (path, about) in mailboxes(kind_).items():
            found[name] = box(read(path))
            found[name].own = frozenset(about["addresses"])
            found[name].person = about["person"]
    return found


def main() -> None:
    """Print all of it."""
    found = boxes_of("open", "special")
    special = list(mailboxes("special"))
    plain = {name: each for name, each in found.items() if name not in special}
    measure_own(plain)
    measure_senders(found)
    measure_joins(plain)
    measure_notices(found, special)
    measure_ham()


if __name__ == "__main__":
    main()
