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
from itertools import combinations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.model import Fact
from agent.people import group, kind, own_addresses, owners, traces
from bench.data import data
from bench.data import owners as mailboxes
from connectors import headers, mbox
from connectors.contract import Interaction

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OWN_PRECISION, OWN_RECALL, SENDERS, JOINS, HARD_HAM, DIRECT = 1.0, 0.9, 0.90, 0.98, 0.87, 0.02
"""What issue 2 and nlp.md, section 8, demand; DIRECT is a ceiling."""


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


def measure_senders(boxes: Mapping[str, Box]) -> None:
    """Person, machine or broadcast? Per address, over all mailboxes together."""
    with (data() / "labelled" / "enron_senders.tsv").open(encoding="utf-8") as file:
        labels = {row["address"]: row["label"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for each in boxes.values():
        for address, given in each.names.items():
            names[address].update(given)
    own = frozenset(address for each in boxes.values() for address in each.own)
    found = traces((f for each in boxes.values() for f in each.facts), names, own, labels)
    table = Counter((label, kind(found[address])[0]) for address, label in labels.items() if address in found)
    right = sum(times for (label, said), times in table.items() if label == said)
    human = sum(times for (label, said), times in table.items() if (label == "person") == (said == "person"))
    print(f"\nsenders ({sum(table.values())} of {len(labels)} labelled; said for each label)")
    for label in ("person", "machine", "broadcast"):
        print(f"  {label:<10}", {said: table[label, said] for said in ("person", "machine", "broadcast", "list")})
    figure("accuracy", right / sum(table.values()), f"floor {SENDERS} (baseline .889)")
    figure("person or not", human / sum(table.values()), "")


def measure_joins(boxes: Mapping[str, Box]) -> None:
    """Of the pairs that we join in a mailbox, how many does the map have, and how many of the map's do we join?"""
    with (data() / "enron" / "identity_map.tsv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        known = {row["address"]: row["person"] for row in rows}
    counts = Counter[str]()
    for each in boxes.values():
        people = group(traces(each.facts, each.names, each.own), [], each.own)
        home = {address: person.id for person in people for address in person.addresses}
        truth: dict[str, list[str]] = defaultdict(list)
        for address in home.keys() & known.keys():
            truth[known[address]].append(address)
        for person in people:
            for one, other in combinations([a for a in person.addresses if a in known], 2):
                counts["joined"] += 1
                counts["right"] += known[one] == known[other]
        pairs = [pair for same in truth.values() for pair in combinations(same, 2)]
        counts.update(pairs=len(pairs), found=sum(home[one] == home[other] for one, other in pairs))
    print(f"\njoins ({counts['joined']} pairs joined, {counts['pairs']} in the map)")
    figure("precision", counts["right"] / counts["joined"], f"floor {JOINS}")
    figure("recall", counts["found"] / counts["pairs"], "")


def measure_notices(boxes: Mapping[str, Box], special: Collection[str]) -> None:
    """Is a second owner or an assistant said, and is silence kept elsewhere?"""
    print("\nothers who send from a mailbox")
    said = {name: len(owners(b.own, traces(b.facts, b.names, b.own))) for name, b in boxes.items()}
    for name in special:
        print(f"  {name:<18} {said[name]} named")
    figure("notices in the others", sum(n for name, n in said.items() if name not in special), "0 wanted")


def measure_ham() -> None:
    """Newsletters without list headers, and people: by headers alone, since bodies are not read."""
    hard, direct = Counter[str](), Counter[str]()
    mails: list[tuple[str, Interaction]] = []
    reached: set[str] = set()
    with tarfile.open(data() / "spamassassin.tar.xz") as archive:
        for member in archive:
            handle = archive.extractfile(member) if member.isfile() else None
            if handle is None or "ham" not in member.name:
                continue
            found = headers.fields(handle.read().split(b"\n\n", 1)[0] + b"\n\n")
            reached.update(party.address for party in headers.parties(found.get("delivered-to", "")))
            try:
                mails.append((member.name, headers.interaction(found, id=member.name)))
            except headers.Undated:
                continue
    each = box(mail for _, mail in mails)
    # Whom the mails went to is not told; whoever is addressed alone in a mail off lists was the user here.
    own = reached | {m.to[0].address for _, m in mails if len(m.to) == 1 and not m.cc and "list" not in m.evidence}
    found_traces = traces(each.facts, each.names, frozenset(own))
    for name, mail in mails:
        if mail.sender is None or mail.sender.address not in found_traces:
            continue
        said = kind(found_traces[mail.sender.address])[0]
        if "hard" in name:
            hard[said] += 1
        elif "list" not in mail.evidence and not ("rssfeeds" in mail.sender.address or "[use Perl]" in mail.subject):
            direct[said] += 1
    print(f"\nSpamAssassin ham, headers alone: hard {dict(hard)}, off lists {dict(direct)}")
    figure("hard ham that is no person", 1 - hard["person"] / sum(hard.values()), f"goal {HARD_HAM} (with bodies)")
    figure("off lists that is no person", 1 - direct["person"] / sum(direct.values()), f"goal {DIRECT} of people")


def main() -> None:
    found: dict[str, Box] = {}
    for kinds in ("open", "special"):
        for name, (path, about) in mailboxes(kinds).items():
            found[name] = box(read(path))
            found[name].own = frozenset(about["addresses"])
            found[name].person = about["person"]
    special = list(mailboxes("special"))
    plain = {name: each for name, each in found.items() if name not in special}
    measure_own(plain)
    measure_senders(found)
    measure_joins(plain)
    measure_notices(found, special)
    measure_ham()


if __name__ == "__main__":
    main()
