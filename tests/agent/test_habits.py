"""A made-up user decides for sixty mornings; does what was learned of them help, and of nobody else harm?"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from agent.boundaries import Rules
from agent.model import DAY, Contact, Marks, Person, Shown, Statement, Tie
from agent.propose import candidates, priority, propose, why
from agent.signals.taste import LEAST, MOST, Taste, answered_days, choices, taste
from tests.agent.tales import MORNING, NOW, mail, talk, tie
from tests.agent.test_propose import Village, moved
from tests.profiles import Profile

MORNINGS = 60
ASKED = Marks(signs=("waits",))
Mood = Callable[[Person, Random], bool]


def company(person: Person, dice: Random) -> bool:
    """Writes to people at companies, hardly ever to others."""
    return dice.random() < (0.85 if person.addresses[0].endswith("works.example") else 0.1)


def whim(person: Person, dice: Random) -> bool:
    """Writes as a coin falls."""
    return dice.random() < 0.45


@dataclass
class Life:
    """Sixty mornings of one user: those who ask are others each day, half of them at companies."""

    mood: Mood
    learns: bool
    seed: int
    shown: list[Shown] = field(default_factory=list)
    said: list[Statement] = field(default_factory=list)
    people: dict[str, Person] = field(default_factory=dict)
    took: list[bool] = field(default_factory=list)

    def live(self) -> "Life":
        for n in range(MORNINGS):
            self.morning(n)
        return self

    def taste(self, now: int) -> Taste:
        passed: dict[int, list[Contact]] = {}
        return taste(
            choices(self.shown, self.said, self.people, passed, now),
            answered_days(self.shown, self.said, self.people, passed, now),
            datetime.fromtimestamp(now, MORNING.zone).date(),
        )

    def morning(self, n: int) -> None:
        dice = Random(self.seed * 1000 + n)
        now = NOW - (MORNINGS - n) * DAY
        ties = [self.asking(10 * n + k + 1, k % 2 == 0, dice, MORNINGS - n) for k in range(10)]
        self.people |= {a: t.person for t in ties for a in t.person.addresses}
        rules = Rules(taste=self.taste(now) if self.learns else Taste())
        for slot, one in enumerate(propose(Village(*ties), replace(MORNING, now=now), rules, 3).proposals, 1):
            day = datetime.fromtimestamp(now, MORNING.zone).date()
            self.shown.append(Shown(day, slot, one.kind, one.person.addresses, one.gift.says, now))
            took = self.mood(one.person, dice)
            self.took.append(took)
            verb = "done" if took else "later"
            self.said.append(Statement(len(self.said) + 1, now + 3600, verb, one.person.addresses))

    def asking(self, number: int, works: bool, dice: Random, ago: int) -> Tie:
        theirs = dice.randint(1, 5)
        of = tie(
            *(talk(mail(9000 + k, ago + 100 + k)) for k in range(theirs)),
            talk(mail(1, ago + 90, "me"), mail(2, ago + 89)),
            talk(mail(3, ago + dice.uniform(4, 12), subject=f"The warp {number}", marks=ASKED)),
        )
        found = moved(of, number, f"Nell N{number}")
        address = f"n{number}@{'works.example' if works else 'gmail.com'}"

        def at(text: str) -> str:
            return address if text == found.person.addresses[0] else text

        threads = tuple(
            replace(
                t,
                mails=tuple(replace(m, sender=at(m.sender), to=tuple(map(at, m.to))) for m in t.mails),
                opened_by=at(t.opened_by),
            )
            for t in found.threads
        )
        return replace(found, person=replace(found.person, addresses=(address,)), threads=threads)


def share(life: Life) -> float:
    """The share of proposals taken up in the later half."""
    late = life.took[len(life.took) // 2 :]
    return sum(late) / len(late)


@pytest.mark.parametrize("seed", [1, 2])
def test_for_a_user_with_a_taste_the_share_that_is_taken_up_rises(seed: int) -> None:
    before, after = (share(Life(company, learns, seed).live()) for learns in (False, True))

    assert after >= before + 0.15


@pytest.mark.parametrize("seed", [1, 2])
def test_a_user_without_any_moves_nothing_beyond_the_bounds(seed: int) -> None:
    life = Life(whim, learns=True, seed=seed).live()
    plain = Life(whim, learns=False, seed=seed).live()
    found = life.taste(NOW)

    assert all(LEAST <= found.factor({name: value}) <= MOST for name, value in found.leans)
    assert abs(share(life) - share(plain)) <= 0.15
    assert not found.idle


def test_taste_lets_nobody_in_and_keeps_nobody_out() -> None:
    life = Life(company, learns=True, seed=1).live()
    found = life.taste(NOW)
    ties = [life.asking(9000 + k, k % 2 == 0, Random(k), 0) for k in range(10)]
    village = Village(*ties)
    barred = ties[0].person
    plain, swayed = Rules(never=(barred.name,)), Rules(never=(barred.name,), taste=found)

    for rules in (plain, swayed):
        names = {c.case.person.name for c in candidates(village, MORNING, rules)[0]}
        assert names == {t.person.name for t in ties[1:]}
    order = [c.case.person.addresses[0].partition("@")[2] for c in candidates(village, MORNING, swayed)[0]]
    assert order[:3] == ["works.example"] * 3
    for candidate in candidates(village, MORNING, swayed)[0]:
        assert LEAST <= priority(candidate, MORNING, found) / priority(candidate, MORNING, Taste()) <= MOST


def test_why_tells_of_it_where_it_moved_somebody() -> None:
    life = Life(company, learns=True, seed=1).live()
    [works, own] = [life.asking(9000 + k, k == 0, Random(k), 0) for k in range(2)]
    village, rules = Village(works, own), Rules(taste=life.taste(NOW))

    assert why(works.person, village, MORNING, rules, ())[-1].endswith("They come earlier for that.")
    assert why(own.person, village, MORNING, rules, ())[-1].endswith("They come later for that.")
    barred = replace(rules, never=(works.person.name,))
    assert why(works.person, village, MORNING, barred, ()) == [f"Your config says never: {works.person.name}"]


def test_a_weekday_that_is_left_alone_has_one_person() -> None:
    life = Life(whim, learns=False, seed=1)
    ties = [life.asking(9000 + k, True, Random(k), 0) for k in range(5)]
    today = datetime.fromtimestamp(NOW, MORNING.zone).weekday()

    for idle, most in ((frozenset({today}), 1), (frozenset({(today + 1) % 7}), 3)):
        outcome = propose(Village(*ties), MORNING, Rules(taste=Taste(idle=idle)), 3)
        assert len(outcome.proposals) == most


class TestInTheStore:
    """From what was delivered and said, in a real profile."""

    @staticmethod
    def remember(nora: Profile, took: str, left: str, times: int = 10) -> None:
        """Digests with two people each: one is always done with, the other put off."""
        with nora.opened() as (_, store):
            addresses = {p.name: p.addresses for p in store.people()}
            for n in range(times):
                at = int((nora.at - timedelta(days=130 - 7 * n)).timestamp())
                day = datetime.fromtimestamp(at, nora.at.tzinfo).date()
                shown = [Shown(day, slot, "reply", addresses[who], "", at) for slot, who in enumerate((took, left), 1)]
                store.mark_shown(day, shown, f"<{n}@x>", at=at)
                store.mark_delivered(day, at=at)
                store.say("done", addresses[took], at=at + 60)
                store.say("later", addresses[left], until=at + 120, at=at + 90)

    def test_auld_why_says_what_was_learned(self, nora: Profile) -> None:
        nora.tell("person", "Bruno", "work")
        nora.tell("person", "Ruth", "personal")
        self.remember(nora, "Bruno Keller", "Ruth Okafor")

        nora.tell("person", "Tomás", "personal")
        assert "They come later for that." in nora.tell("why", "Tomás")

    def test_and_nothing_once_it_is_taken_back(self, nora: Profile) -> None:
        nora.tell("person", "Tomás", "personal")
        nora.tell("person", "Bruno", "work")
        nora.tell("person", "Ruth", "personal")
        self.remember(nora, "Bruno Keller", "Ruth Okafor")
        for _ in range(20):
            nora.tell("undo")

        assert "for that" not in nora.tell("why", "Tomás")

    def test_a_past_morning_knows_only_what_was_decided_by_then(self, nora: Profile) -> None:
        nora.tell("person", "Bruno", "work")
        nora.tell("person", "Ruth", "personal")
        nora.tell("person", "Tomás", "personal")
        self.remember(nora, "Bruno Keller", "Ruth Okafor")
        then = (nora.at - timedelta(days=125)).date().isoformat()

        assert "for that" not in nora.tell("why", "Tomás", "--now", then)

    def test_a_weekday_that_is_left_alone_is_told_of_once_and_has_one_person(self, nora: Profile) -> None:
        with nora.opened() as (_, store):
            bruno = next(p.addresses for p in store.people() if p.name == "Bruno Keller")
            for week in range(2, 8):  # Tuesdays, and the Wednesdays after them
                for days in (7 * week, 7 * week - 1):
                    at = int((nora.at - timedelta(days=days)).timestamp())
                    day = datetime.fromtimestamp(at, nora.at.tzinfo).date()
                    store.mark_shown(day, [Shown(day, 1, "reply", bruno, "", at)], f"<{days}@x>", at=at)
                    store.mark_delivered(day, at=at)
                    if days % 7:
                        store.say("later", bruno, until=at + 60, at=at + 60)
                        store.say("note", bruno, "x", at=at + 60)
        line = "You left the last six digests of a Tuesday alone"
        assert len(nora.names()) == 3, "what was answered within a fortnight is answered"

        with nora.opened() as (_, store):  # the Tuesdays showed somebody else
            ruth = next(p.addresses for p in store.people() if p.name == "Ruth Okafor")
            for week in range(2, 8):
                at = int((nora.at - timedelta(days=7 * week)).timestamp())
                day = datetime.fromtimestamp(at, nora.at.tzinfo).date()
                store.mark_shown(day, [Shown(day, 1, "reply", ruth, "", at)], f"<{week}@y>", at=at)
                store.mark_delivered(day, at=at)

        told = nora.tell("digest")
        assert line in " ".join(told.split())
        assert len(nora.names()) == 1
        assert line not in " ".join(nora.tell("digest", "--now", "2026-05-13").split())
        nora.at += timedelta(days=7)
        assert line not in " ".join(nora.tell("digest").split())
