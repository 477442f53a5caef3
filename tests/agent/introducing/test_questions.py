"""What a digest asks of the user: one thing, seldom, and never again once it was answered or left alone."""

from collections.abc import Iterator

import pytest

from agent.introducing.questions import DIGESTS, IGNORED, handle
from agent.model import Person, Shown
from connectors.contract import Party
from tests.agent.village import ADA, BRUNO, Village, village

HANA, ZOE = Party("hana@atelier.example", "Hana Sato"), Party("zoe@weavers.example", "Zoe Hart")


@pytest.fixture
def here() -> Iterator[Village]:
    """A village with two who are in lively contact, one of them livelier."""
    with village() as found:
        for n in range(12):
            found.talk(HANA, 4 + 5 * n, f"Woodcut {'abcdefghijkl'[n] * 3}")
            found.talk(ZOE, 6 + 9 * n, f"Carpet {'abcdefghijkl'[n] * 3}")
        found.learn()
        yield found


def asked(where: Village) -> str:
    """Whom today's digest asks about; "" for nobody."""
    made = where.digest()
    question = made.digest.question
    assert (question is not None) == ("work or private" in made.digest.text)
    return question.addresses[0] if question else ""


def days(where: Village, number: int, every: float = 1) -> list[str]:
    """Whom the digests of so many days ask about."""
    found = []
    for _ in range(number):
        found.append(asked(where))
        where.later(every)
        for who in (HANA, ZOE):
            where.talk(who, 0.5, f"As ever {where.at:%d %B}")
    return found


def begin(where: Village) -> None:
    """The first days, on which nothing is asked: each has a digest with somebody in it."""
    for _ in range(DIGESTS):
        at, day = int(where.at.timestamp()), where.at.date()
        where.store.mark_shown(
            day, [Shown(day, 1, "reply", ("n1@host1.example",), "A gift.", at)], f"{day}@auld", at=at
        )
        where.store.mark_delivered(day, at=at)
        where.later(1)


class TestWorkOrPrivate:
    def test_nothing_is_asked_on_the_first_days(self, here: Village) -> None:
        assert days(here, DIGESTS) == [""] * DIGESTS

    def test_the_liveliest_is_asked_about_with_the_command_that_answers(self, here: Village) -> None:
        begin(here)
        text = " ".join(here.made().digest.text.split())

        assert (
            'Is Hana Sato work or private? `auld person "Hana Sato" work` lets auld propose introductions; until then '
            "it counts as private."
        ) in text

    def test_it_is_asked_once_a_week_and_twice_at_most(self, here: Village) -> None:
        begin(here)

        found = days(here, 40)
        assert [n for n, who in enumerate(found) if who] == [0, 7, 14, 21]
        assert found.count(HANA.address) == 2
        assert found.count(ZOE.address) == 2
        assert len([who for who in found if who]) == IGNORED

    @pytest.mark.parametrize("verb", ["work", "personal", "unknown"])
    def test_it_is_never_asked_again_once_it_was_answered(self, here: Village, verb: str) -> None:
        begin(here)
        assert asked(here) == HANA.address
        here.call(verb, HANA)
        here.later(8)

        assert HANA.address not in days(here, 6, 8)

    def test_whoever_would_suit_somebody_is_asked_about_first(self, here: Village) -> None:
        begin(here)
        here.plant()
        for n in range(6):
            here.talk(BRUNO, 10 + 20 * n, f"Vellum repair, sheet {'abcdef'[n] * 3}")
        here.call("work", ADA)

        assert asked(here) == BRUNO.address

    @pytest.mark.parametrize("verb", ["never", "not now"])
    def test_of_whom_the_user_will_not_hear_nothing_is_asked(self, here: Village, verb: str) -> None:
        begin(here)
        now = int(here.at.timestamp())
        here.store.say(verb, (HANA.address,), until=0 if verb == "never" else now + 86_400 * 90, at=now)

        assert asked(here) == ZOE.address

    def test_the_user_s_own_family_is_not_asked_about(self, here: Village) -> None:
        begin(here)
        here.call("mine", Party("nora.lind@loomworks.example"))
        for n in range(20):
            here.talk(Party("ove@lind.example", "Ove Lind"), 3 + 2 * n, f"The boat {'abcdefghijklmnopqrstu'[n] * 3}")

        assert asked(here) == HANA.address

    def test_a_question_is_no_proposal(self, here: Village) -> None:
        begin(here)
        assert asked(here) == HANA.address

        until = int(here.at.timestamp())
        assert [s.addresses for s in here.store.shown(0, until, questions=True)] == [(HANA.address,)]
        assert all(s.slot > 0 and HANA.address not in s.addresses for s in here.store.shown(0, until))
        assert all(HANA.address not in s.addresses for s in here.store.last_shown(until))

    def test_the_same_morning_asks_the_same_again(self, here: Village) -> None:
        begin(here)

        assert [asked(here), asked(here)] == [HANA.address] * 2


@pytest.mark.parametrize(
    ("name", "address", "typed"),
    [
        ("Ada Weber", "ada@loom.example", '"Ada Weber"'),
        ("Zoë d’Arcy-Hart", "zoe@loom.example", '"Zoë d’Arcy-Hart"'),
        ("Ada", "ada@loom.example", "ada@loom.example"),
        ("Bo Twin", "bo@loom.example", "bo@loom.example"),
        ('Eve"; rm -rf ~', "eve@loom.example", "eve@loom.example"),
        ("Eve $(reboot) Hart", "eve@loom.example", "eve@loom.example"),
        ("Eve `reboot` Hart", "e`reboot`@loom.example", ""),
        ("Eve\nHart", "eve hart@loom.example", ""),
        ("Eve " + "Hart " * 30, "eve@loom.example", "eve@loom.example"),
        ("‮Eve Hart", "eve@loom.example", "eve@loom.example"),
        ("-- help me", "x@loom.example", "x@loom.example"),
        ("-x", "-x@loom.example", ""),
    ],
    ids=[
        "a name", "accents", "one word", "a namesake", "quotes", "a shell", "nothing safe", "a line", "long", "bidi",
        "an option", "an address like an option",
    ],
)  # fmt: skip
def test_what_one_is_to_type_is_safe_to_copy(name: str, address: str, typed: str) -> None:
    twin = Person(2, "bo twin", ("other@loom.example",))

    assert handle(Person(1, name, (address,)), [Person(1, name, (address,)), twin]) == typed
