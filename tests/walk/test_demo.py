"""The demo walks the true way, and every rule that it is there to show holds."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from agent import demo, work
from agent.boundaries import Case, held
from agent.demo import Rule
from agent.model import Person
from agent.proposals import KINDS
from agent.propose import why
from agent.work import Made
from tests.profiles import MORNING, ZONE, Profile, demo_profile

MORNINGS = {
    "a Tuesday in May": MORNING,
    "a Sunday": datetime(2026, 5, 10, 7, tzinfo=ZONE),
    "a leap day": datetime(2024, 2, 29, 7, tzinfo=ZONE),
    "new year": datetime(2026, 1, 1, 7, tzinfo=ZONE),
}


@pytest.fixture(scope="module", params=list(MORNINGS.values()), ids=list(MORNINGS))
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, demo_home: Profile) -> Made:
    """The demo's digest of a morning, by the same steps as the user's own."""
    home = tmp_path_factory.mktemp("demo") / "home"
    profile = demo_home if request.param == MORNING else demo_profile(home, request.param)
    with profile.opened() as (house, store):
        return work.make(store, house.settings, request.param, house.zone, past=True)


def became(rule: Rule, made: Made) -> tuple[set[str], str]:
    """What became of the person of a rule, and all that is said of them."""
    if rule.person in made.known.own:
        return {"own"}, ""
    person = next((p for p in made.known.people() if rule.person in p.addresses), None)
    if person is None:
        return {"nothing"}, ""
    found = {str(person.kind)} - {"person"}
    if rule.other:
        found.add("joined" if rule.other in person.addresses else "apart")
    said = [*why(person, made.known, made.morning, made.rules, made.outcome.proposals)]
    for kind, words in would(person, made):
        found.add(kind)
        said.append(words)
    return found | (set() if found & {"held", *KINDS} else {"nothing"}), " | ".join(said)


def would(person: Person, made: Made) -> Iterator[tuple[str, str]]:
    """What is proposed, or would be if there was nobody else; "held" with its reason where a boundary holds."""
    standing = next((s for s in made.known.standings() if s.person == person.id), None)
    for name, kind in KINDS.items() if standing else ():
        assert standing
        if reason := held(Case(person, standing, kind.POOL), made.rules, made.morning):
            if name == "reconnect":
                yield "held", reason
        elif kind.fits(standing, made.morning):
            proposal = kind.propose(made.known.tie(person.id), standing, made.morning)
            if proposal:
                yield name, f"{proposal.context} {proposal.why} {proposal.gift.says} {proposal.rest}"


@pytest.mark.parametrize("rule", demo.RULES, ids=[rule.name for rule in demo.RULES])
def test_each_rule_holds_on_any_morning(rule: Rule, made: Made) -> None:
    found, said = became(rule, made)

    assert rule.expect in found, said
    assert rule.seen in said
    assert not rule.unseen or rule.unseen not in said


def test_the_digest_is_full_and_within_its_measure(made: Made) -> None:
    assert len(made.outcome.proposals) == 3
    assert {one.pool for one in made.outcome.proposals} == {"owed", "keeping up", "reviving"}


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `auld demo` prints."""
    return Profile(tmp_path_factory.mktemp("empty")).tell("demo")


@pytest.mark.parametrize("rule", [rule.name for rule in demo.RULES])
def test_the_demo_shows_every_rule_once(rule: str, shown: str) -> None:
    assert shown.count(f"\n- {rule}: ") == 1


def test_the_demo_begins_with_the_digest(shown: str) -> None:
    assert shown.startswith("Three people to write to\nTuesday, 12 May 2026\n")


def test_the_demo_touches_no_profile(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "none")
    profile.tell("demo")

    assert not profile.home.exists()


def test_the_demo_can_be_kept_and_looked_at(tmp_path: Path) -> None:
    kept = Profile(tmp_path / "kept")
    Profile(tmp_path / "none").tell("demo", "--keep", kept.home)

    assert "Ada Weber" in kept.tell("person", "Ada")
    assert kept.names()[0] == "Ada Weber"
