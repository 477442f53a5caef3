"""Whatever a mailbox holds and whatever its user does: no digest crosses a boundary."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from agent import work
from agent.model import Proposal
from agent.outputs.stdout import Stdout
from agent.store.store import Store
from connectors.contract import Party
from tests.agent.lives import ABOUTS, ME, START, Life, Lived, Reaction, Side, Word, lives, reactions, url

ALL = ("Ada Weber", "Bruno Keller", "Clara Jensen", "Tomas Ibarra", "Gita Rao", "Lars Holm", "Mia Lund", "Hana Sato")

WEEK, FORTNIGHT = timedelta(days=7), timedelta(days=14)
AT_ANY_TIME = {"occasion", "introduce"}
"""Kinds that are about a day, or a matter of somebody else's: these may come soon after a contact."""


def mornings(
    life: Life, reacts: Sequence[Sequence[Reaction]], folder: str
) -> Iterator[tuple[Lived, datetime, Sequence[Proposal]]]:
    """Eight mornings of a life, each with its digest, which is judged before the user does anything."""
    with Store.open(Path(folder) / "auld.db") as store:
        lived = Lived(life, store)
        lived.begin()
        for day, does in enumerate(reacts):
            now = START + timedelta(days=day)
            work.learn(store, [ME.address], UTC, now)
            made = work.make(store, lived.settings, now, UTC, past=False)
            yield lived, now, made.outcome.proposals
            work.deliver(store, made, ME.address, now, Stdout(lambda text: None))
            for proposal, reaction in zip(made.outcome.proposals, does, strict=False):
                whom = proposal.person.addresses
                lived.shown.append((now, frozenset(whom)))
                if proposal.gift.kind == "link":
                    lived.offered.append((now, frozenset(whom), proposal.gift.url))
                if reaction == "wrote":
                    lived.write(whom[0], now + timedelta(hours=1))
                elif reaction:
                    lived.say(reaction, whom, now + timedelta(hours=1))


def breaches(lived: Lived, now: datetime, proposals: Sequence[Proposal]) -> Iterator[str]:
    """Every rule that a digest breaks."""
    if len(proposals) > lived.settings.digest.people:
        yield "too many people"
    if len({a for p in proposals for a in p.person.addresses}) < sum(len(p.person.addresses) for p in proposals):
        yield "somebody twice"
    if sum(p.gift.kind == "link" for p in proposals) > 1:
        yield "two links in a digest"
    for p in proposals:
        yield from (f"{p.kind} to {p.person.name}: {what}" for what in wrong(p, lived, now))


def wrong(p: Proposal, lived: Lived, now: datetime) -> Iterator[str]:
    """Every rule that a proposal breaks."""
    whom = frozenset(p.person.addresses)
    if ME.address in whom or not whom & {one.address for one in lived.life.people}:
        yield "is nobody to write to"
    if not p.gift.says.strip() or not p.why.strip():
        yield "no gift, or no reason"
    if lived.never(p.person.name, whom):
        yield "the config says never"
    if any(lived.held.get(address, now) > now for address in whom):
        yield "the user said not now"
    if any(whom & theirs and now - at < WEEK for at, theirs in lived.shown):
        yield "twice in a week"
    left = [at for at, theirs in lived.shown if whom & theirs and not any(m.sent > at for m in lived.contacts(whom))]
    if len(left) >= 2:
        yield "left alone twice"
    last = max(m.sent for m in lived.contacts(whom))
    if p.pool != "owed" and p.kind not in AT_ANY_TIME and now - last < FORTNIGHT:
        yield "in contact within a fortnight"
    if p.pool != "owed" and lived.unanswered(whom) >= 2:
        yield "does not answer"
    yield from ill_given(p, lived, whom, now)


def ill_given(p: Proposal, lived: Lived, whom: frozenset[str], now: datetime) -> Iterator[str]:
    """Every rule that a gift breaks."""
    said = f"{p.gift.says} {p.gift.url}".lower().replace("-", " ")
    if p.gift.kind == "link":
        yield from ill_shared(p, lived, whom, now)
        if any(word in said for word in lived.life.confidential):
            yield "passes on what is confidential"
    if p.gift.kind in ("link", "question") and any(topic in said for topic in lived.life.unwelcome):
        yield "brings up what the user does not want to"
    if p.gift.kind in ("introduction", "opportunity"):
        if any(lived.life.people[n].address in whom for n in lived.life.private):
            yield "private, and in a matter of work"
        yield from leaks(p, lived)


def ill_shared(p: Proposal, lived: Lived, whom: frozenset[str], now: datetime) -> Iterator[str]:
    """Every rule that a link breaks."""
    if lived.had(p.gift.url, whom):
        yield "they know that link"
    if any(p.gift.url == url(topic, "inside") for _, topic in lived.life.inside):
        yield "said in one company"
    if any(whom & theirs and link == p.gift.url for _, theirs, link in lived.offered):
        yield "that link was offered for them before"
    if any(whom & theirs and now - at < WEEK for at, theirs, _ in lived.offered):
        yield "two links in a week"
    if "make of it" not in p.gift.says or not p.gift.opener.rstrip().endswith("What I make of it:"):
        yield "the user is not asked for their own words, or has them written"


def leaks(p: Proposal, lived: Lived) -> Iterator[str]:
    """What the mail to the person would say of another."""
    handed = f"{p.gift.subject}\n{p.gift.opener}".lower()
    for other in lived.life.people:
        if other.address not in p.person.addresses:
            told = {other.address, *other.name.lower().split()}
            if other.address.split("@")[1] not in {a.split("@")[1] for a in p.person.addresses}:
                told.add(other.address.split("@")[1])
            yield from (f"says {word} of {other.name}" for word in told if len(word) > 3 and word in handed)


def talks(who: int, topic: str, until: int, last: str = "") -> Iterator[Word]:
    """Six exchanges with somebody about a topic, three weeks apart, and perhaps a last thing left open."""
    sides: tuple[Side, ...] = ("them", "me")
    for n in range(6):
        for step, by in enumerate(sides):
            yield Word(until + 21 * n - step / 12, (who,), by, topic, about=ABOUTS[n % 5])
    if last:
        yield Word(9, (who,), "me" if last == "promise" else "them", topic, last)


RICH = Life(
    people=tuple(Party(f"{name.split()[0].lower()}@{name.split()[1].lower()}.example", name) for name in ALL),
    words=(
        *talks(0, "tide gauges", 45),
        *talks(1, "rag paper", 30, last="promise"),
        *talks(2, "copper plates", 30, last="question"),
        *talks(3, "sea charts", 16),
        *talks(4, "globe stands", 40, last="request"),
        *talks(5, "globe stands", 35),
        *talks(6, "bell ropes", 60),
        *talks(7, "cherry wood", 45),
    ),
    letters=((2, "tide gauges"), (3, "sea charts")),
    birthdays=(40, 40, 40, 40, 40, 40, 2),
    ahead=((14, "cherry wood"),),
    work=(4, 5),
)


@given(lives(), reactions)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_no_digest_crosses_a_boundary(life: Life, reacts: Sequence[Sequence[Reaction]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for lived, now, proposals in mornings(life, reacts, folder):
            assert list(breaches(lived, now, proposals)) == []


def test_a_rich_life_is_given_something_of_every_kind(tmp_path: Path) -> None:
    """Else the test above might judge nothing."""
    given_ = set()
    for lived, now, proposals in mornings(RICH, [[]] * 8, str(tmp_path)):
        assert list(breaches(lived, now, proposals)) == []
        given_ |= {proposal.gift.kind for proposal in proposals}

    assert given_ == {"answer", "promise", "link", "event", "occasion", "introduction"}
