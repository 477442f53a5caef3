"""Who is introduced to whom, by what lies in the store and what the user said and did since."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.introducing.consents import VERB, Step, statement
from agent.model import Introduction
from agent.store.store import Whom
from connectors.contract import Card, Party
from tests.agent.gifts.test_introduction import bare, words
from tests.agent.village import ADA, BRUNO, ME, START, Village, introduced, village


@pytest.fixture
def here() -> Iterator[Village]:
    """A village with a pair that suits each other."""
    with village() as found:
        found.plant()
        found.learn()
        yield found


def said(where: Village, step: Step, who: Party = ADA) -> None:
    at = int(where.at.timestamp())
    where.store.say(VERB, (ADA.address, BRUNO.address), text=statement(step, who.address), at=at)


def steps(where: Village) -> list[tuple[str, str, str]]:
    """The introductions of the morning: step, to whom, about whom."""
    return [(one.step, one.to.name, one.other.name) for one in where.made().morning.introductions]


def wrote(where: Village, *to: Party, sender: Party = ME, ago: float = 0.0, subject: str = "An introduction?") -> None:
    where.mail(ago, sender, *to, subject=subject)
    where.learn()


class TestWhoTakesPart:
    def test_both_have_to_be_called_work(self, here: Village) -> None:
        assert steps(here) == []

        here.call("work", ADA)
        assert steps(here) == []

        here.call("work", BRUNO)
        assert steps(here) == [("ask", "Ada Weber", "Bruno Keller")]

        here.call("personal", BRUNO)
        assert steps(here) == []

    @pytest.mark.parametrize("verb", ["never", "later", "not now"])
    @pytest.mark.parametrize("who", [ADA, BRUNO], ids=["the one who asks", "the one who knows"])
    def test_neither_while_one_of_them_rests(self, here: Village, verb: str, who: Party) -> None:
        here.call("work", ADA, BRUNO)
        until = 0 if verb == "never" else int(here.at.timestamp()) + 9 * 86_400
        here.store.say(verb, (who.address,), until=until, at=int(here.at.timestamp()))

        assert steps(here) == []

    @pytest.mark.parametrize("seen", ["copied", "in a crowd", "in one thread", "asked together"])
    def test_nobody_who_stood_together_once_is_introduced(self, here: Village, seen: str) -> None:
        here.call("work", ADA, BRUNO)
        crowd = [Party(f"c{n}@crowd.example") for n in range(60)]
        if seen == "copied":
            here.mail(400, Party("x@y.example"), ADA, BRUNO, subject="Minutes")
        elif seen == "in a crowd":
            here.mail(400, ME, *crowd, ADA, BRUNO, subject="Minutes")
        elif seen == "in one thread":
            first = here.mail(400, ADA, ME, subject="Minutes")
            here.mail(399, BRUNO, ME, subject="Re: Minutes", answers=first.message_id)
        else:
            here.mail(400, ADA, ME, BRUNO, subject="Minutes")

        assert steps(here) == []

    def test_what_lies_in_the_drafts_is_no_meeting(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        draft = here.mail(1, ME, ADA, BRUNO, subject="An introduction")
        here.mails[-1] = replace(draft, labels=("\\Drafts",))

        assert steps(here) == [("ask", "Ada Weber", "Bruno Keller")]


class TestAsking:
    def test_it_is_not_asked_again_after_the_user_wrote(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        assert introduced(here.digest()) == ["Ada Weber"]

        here.later(1)
        wrote(here, ADA)
        here.later(8)
        assert steps(here) == []

    def test_nor_after_the_user_said_done(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        here.digest()
        here.later(1)
        here.call("done", ADA)
        here.later(8)

        assert steps(here) == []

    def test_without_an_answer_it_is_asked_once_more_after_a_fortnight(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        here.digest()
        here.later(1)
        wrote(here, ADA)
        here.later(15)
        assert steps(here) == [("remind", "Ada Weber", "Bruno Keller")]
        assert introduced(here.digest()) == ["Ada Weber"]

        here.later(9)
        assert steps(here) == []
        here.later(20)
        assert steps(here) == []

    def test_a_mail_about_something_else_is_not_taken_for_the_asking(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        here.digest()
        here.later(1)
        wrote(here, ADA, subject="The roof")

        for _ in range(4):
            here.later(8)
            assert steps(here) == []

    def test_two_whom_somebody_else_has_brought_together_are_left_to_it(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)
        said(here, "yes", BRUNO)
        here.later(1)
        wrote(here, ME, BRUNO, sender=ADA, subject="We met at the fair")
        here.later(1)

        assert steps(here) == []

    def test_whoever_wrote_since_is_not_reminded_but_the_user_is_asked(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        here.digest()
        here.later(1)
        wrote(here, ADA)
        here.later(1)
        wrote(here, ME, sender=ADA, subject="Re: An introduction?")
        here.later(15)
        made = here.digest()

        assert made.morning.introductions == ()
        assert made.digest.question
        text = " ".join(made.digest.text.split())
        assert (
            "Ada Weber wrote on 12 March, after your mail of 11 March. Was it a yes to an introduction to Bruno" in text
        )
        assert '--yes "Ada Weber"' in text

    def test_what_was_left_alone_twice_is_over(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        shown: list[str] = []
        for _ in range(6):
            shown += introduced(here.digest())
            here.later(8)

        assert shown == ["Ada Weber", "Ada Weber"]

    def test_who_was_asked_waits_for_that_before_anything_else(self, here: Village) -> None:
        other = Party("hana@atelier.example", "Hana Sato")
        for n, ago in enumerate((290, 160, 25)):
            here.talk(other, ago, f"Weaving course, room {'abc'[n]}")
        here.call("work", ADA, BRUNO, other)
        assert [step[1:] for step in steps(here)] == [("Ada Weber", "Bruno Keller")]

        said(here, "asked")
        here.later(3)
        assert steps(here) == []


class TestAgreeing:
    def test_the_second_is_asked_after_the_first_agreed(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)

        assert steps(here) == [("ask", "Bruno Keller", "Ada Weber")]

    def test_both_are_introduced_after_both_agreed(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)
        said(here, "yes", BRUNO)
        made = here.made()

        assert introduced(made) == ["Ada Weber"]
        assert "mailto:ada@guild.example,bruno@kellerpaper.example?" in made.digest.html

    def test_a_mail_of_the_user_s_to_both_is_the_introduction(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)
        said(here, "yes", BRUNO)
        here.later(1)
        wrote(here, ADA, BRUNO, subject="Ada, meet Bruno")
        here.later(1)

        assert steps(here) == []

    @pytest.mark.parametrize("who", [ADA, BRUNO], ids=["the first", "the second"])
    def test_a_no_ends_it_and_the_other_hears_nothing(self, here: Village, who: Party) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "asked", ADA)
        if who == BRUNO:
            said(here, "yes", ADA)
        said(here, "no", who)

        for _ in range(4):
            made = here.digest()
            assert made.morning.introductions == ()
            assert "introduc" not in made.digest.text.lower()
            here.later(10)

    def test_undo_takes_a_step_back(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)
        here.store.undo(int(here.at.timestamp()))

        assert steps(here) == [("ask", "Ada Weber", "Bruno Keller")]

    def test_whoever_becomes_private_after_a_yes_is_out_of_it(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        said(here, "yes", ADA)
        here.later(1)
        here.call("personal", ADA)

        assert steps(here) == []


class TestLeavingNoTrace:
    @pytest.mark.parametrize("who", [ADA, BRUNO], ids=["the one who asks", "the one who knows"])
    def test_who_is_forgotten_leaves_no_step_behind(self, here: Village, who: Party) -> None:
        here.call("work", ADA, BRUNO)
        here.digest()
        said(here, "yes", ADA)
        here.store.erase(Whom(frozenset({who.address}), frozenset({who.name}), frozenset({ME.address})))
        here.store.cleanse()

        until = int(here.at.timestamp())
        assert [s for s in here.store.stated(until) if s.verb == VERB] == []
        assert all(who.name not in s.gift for s in here.store.shown(0, until))
        assert steps(here) == []

    def test_a_past_morning_knows_no_later_step(self, here: Village) -> None:
        here.call("work", ADA, BRUNO)
        here.later(3)
        said(here, "yes", ADA)
        wrote(here, ADA, BRUNO, subject="Ada, meet Bruno")
        here.at = START
        here.later(1)

        found = here.made(past=True).morning.introductions
        assert [(one.step, one.to.name) for one in found] == [("ask", "Ada Weber")]


odd = st.sampled_from(
    [
        "Ada Weber",
        "Vellum Repair",
        "Mara “Vellum” Hart",
        "<b>Eve</b>\nBcc: x",
        "Nora Charter",
        "Will May",
        "李 明",
        "O'Hara Repair",
    ]
)


@given(
    names=st.tuples(odd, odd),
    hosts=st.tuples(*[st.sampled_from(["vellum.example", "repair.org", "guild.example", "paper.example"])] * 2),
    matter=st.sampled_from(["Vellum repair", "Vellum repair with {1}", "{1}'s vellum repair", "Vellum repair at {2}"]),
    firm=odd,
    yes=st.sampled_from(["", "first", "second"]),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_they_are_called_no_mail_to_one_tells_of_the_other(
    names: tuple[str, str], hosts: tuple[str, str], matter: str, firm: str, yes: str
) -> None:
    asks, knows = Party(f"one@a-{hosts[0]}", names[0]), Party(f"two@b-{hosts[1]}", names[1])
    about = matter.replace("{1}", names[1]).replace("{2}", hosts[1].partition(".")[0])
    with village() as here:
        here.plant(asks, knows, about)
        here.cards(Card("c", names[1], (knows.address,), organisation=firm))
        here.call("work", asks, knows)
        if yes:
            who, at = asks if yes == "first" else knows, int(here.at.timestamp())
            here.store.say(VERB, (asks.address, knows.address), text=statement("yes", who.address), at=at)
        made = here.made()
        for one in made.morning.introductions:
            theirs = telltale(one, firm if one.other.addresses[0] == knows.address else "")
            for p in made.outcome.proposals:
                if p.kind == "introduce" and p.person.id == one.to.id:
                    handed = f"{p.gift.subject} {p.gift.opener}"
                    assert not words(handed) & theirs, handed
                    assert p.gift.also == ()
            for link in made.digest.html.split(f'href="mailto:{one.to.addresses[0]}')[1:]:
                assert not words(unquote(link.partition('"')[0]).replace("subject", "").replace("body", "")) & theirs


def telltale(one: Introduction, firm: str) -> set[str]:
    """What tells of the other, without the words that everybody is written."""
    told = {bare(w) for text in (one.other.name, firm, *one.other.addresses) for w in text.replace("@", ".").split(".")}
    split = {w for text in told for w in words(text)}
    everybody = words(
        "Hi Hello you asked me something lately I know somebody who may be able to help would like to introduce two a "
        "no is fine too with question about that answer and wrote else does whom might meet An introduction example org"
    )
    return {w for w in split if len(w) > 1 or not w.isascii()} - everybody
