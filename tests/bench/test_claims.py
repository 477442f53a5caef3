"""The judge of past mornings: it lets true sentences pass, and none that is bent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.model import Citation, Gift, Person, Proposal
from bench.claims import Seen, crossed, together, wrong
from bench.letters import Box, Letter

NOW = datetime(2001, 8, 14, 12, tzinfo=UTC)
ME, ADA, BRUNO = "me@home.example", "ada@loom.example", "bruno@keller.example"


def letter(ago: float, sender: str, to: Sequence[str], subject: str, text: str = "As we said.") -> Letter:
    everybody = frozenset(to)
    return Letter(NOW - timedelta(days=ago), sender, everybody, tuple(to), everybody, subject, text, draft=False)


TITLE = "The looms of Lyon and their wide cards"
MAIL = (
    *(letter(40 + 21 * n, *((ADA, (ME,)) if n % 2 else (ME, (ADA,))), "Wide looms" if n % 3 else "Wide looms again")
      for n in range(7, -1, -1)),
    letter(6, "post@letter.example", (ME,), "The week", f"Read this: {TITLE}\nhttps://lyon.example/looms"),
    letter(12, ME, (BRUNO,), "Vellum", "I will send you the list by Friday."),
    letter(9, "carl@mill.example", (ME,), "Which mill?", "Which mill was it?"),
)  # fmt: skip
BOX = Box(MAIL, frozenset({ME}), UTC)


def cite(ago: float, by: str, subject: str) -> Citation:
    at = int((NOW - timedelta(days=ago)).timestamp())
    return Citation(1, at, by, subject)  # type: ignore[arg-type]


LINK = Proposal(
    kind="reconnect",
    pool="keeping up",
    person=Person(1, "Ada Weber", (ADA,)),
    context="in your mail since February, about wide looms",
    why="You wrote last, on 5 July; you used to be in touch about every three weeks; it has been six weeks.",
    cites=(cite(40, "me", "Wide looms again"), cite(6, "other", "The week")),
    gift=Gift(
        kind="link",
        says=f"“{TITLE}”, from The Letter, 8 August: you two wrote about wide looms. Say what you make of it.",
        opener=f"Hi Ada,\n\nI came upon “{TITLE}”.\n\nWhat I make of it: ",
        cites=(cite(6, "other", "The week"),),
        url="https://lyon.example/looms",
    ),
    welcome=0.5,
)
PROMISE = replace(
    LINK,
    kind="promise",
    pool="owed",
    person=Person(2, "Bruno Keller", (BRUNO,)),
    context="in your mail since August",
    why="On 2 August, 12 days ago, you promised Bruno something in “Vellum”, by 10 August. No mail went to Bruno "
    "since.",
    cites=(cite(12, "me", "Vellum"),),
    gift=Gift("promise", "Send Bruno what you promised, or a line on when it will come.",
              "Hi Bruno,\n\nhere is what I promised you on 2 August: ", (cite(12, "me", "Vellum"),)),
)  # fmt: skip
ANSWER = replace(
    PROMISE,
    kind="reply",
    person=Person(3, "Carl Mann", ("carl@mill.example",)),
    why="Carl asked you something on 5 August, nine days ago. It may still be open.",
    cites=(cite(9, "them", "Which mill?"),),
    gift=Gift("answer", "Answer Carl’s mail “Which mill?”.",
              "Hi Carl,\n\nyou asked me on 5 August about “Which mill?”: ", (cite(9, "them", "Which mill?"),)),
)  # fmt: skip


def found(p: Proposal, *more: Letter) -> set[str]:
    return set(wrong(p, NOW, Box((*MAIL, *more), BOX.own, UTC)))


@pytest.mark.parametrize("p", [LINK, PROMISE, ANSWER], ids=["a link", "a promise", "an answer"])
def test_what_is_true_passes(p: Proposal) -> None:
    assert found(p) == set()
    assert list(crossed(p, NOW, BOX, [])) == []


@pytest.mark.parametrize(
    ("p", "more", "said"),
    [
        (replace(LINK, context="in your mail since March"), (), "since another month"),
        (replace(LINK, context="in your mail since February, about mills"), (), "fewer than two threads"),
        (replace(LINK, why=LINK.why.replace("5 July", "6 July")), (), "on another day"),
        (replace(LINK, why=LINK.why.replace("You wrote", "Ada wrote")), (), "somebody else wrote last"),
        (replace(LINK, why=LINK.why.replace("three weeks", "five weeks")), (), "another pace"),
        (replace(LINK, why=LINK.why.replace("six weeks", "nine weeks")), (), "another silence"),
        (replace(LINK, why=f"{LINK.why} Ada misses you."), (), "a sentence that nobody checks"),
        (LINK, (letter(8, "post@letter.example", (ADA,), "The week", "https://lyon.example/looms"),), "they have it"),
        (replace(LINK, gift=replace(LINK.gift, says=LINK.gift.says.replace("Lyon", "Bern"))), (), "source does not"),
        (replace(LINK, gift=replace(LINK.gift, says=LINK.gift.says.replace("wide looms", "mills"))), (), "two threads"),
        (replace(LINK, cites=(cite(39, "me", "Wide looms"),)), (), "cites what is not there"),
        (replace(LINK, rest="So far it was nearly always you who began. Letting it rest is fine, too."),
         tuple(letter(n, ADA, (ME,), f"Matter {n}") for n in range(200, 210)), "they began often enough"),
        (PROMISE, (letter(3, ME, ("x@x.example", BRUNO), "Here"),), "written to since"),
        (replace(PROMISE, why=PROMISE.why.replace("Vellum", "Paper")), (), "promised in no such mail"),
        (replace(PROMISE, why=PROMISE.why.replace("12 days", "nine days")), (), "another while"),
        (ANSWER, (letter(2, ME, ("carl@mill.example",), "Re: Which mill?"),), "answered since"),
        (ANSWER, (letter(2, "carl@mill.example", (ME,), "Found it"),), "they wrote since"),
        (replace(ANSWER, why=f"You wrote first; {ANSWER.why}"), (), "they wrote first"),
        (replace(ANSWER, gift=replace(ANSWER.gift, opener="you asked me on 6 August: ")), (), "another day"),
        (replace(ANSWER, gift=replace(ANSWER.gift, opener="of “Lime”: ")), (), "something else"),
    ],
)  # fmt: skip
def test_what_is_bent_is_found(p: Proposal, more: tuple[Letter, ...], said: str) -> None:
    assert said in " ".join(found(p, *more))


@pytest.mark.parametrize(
    ("p", "more", "before", "said"),
    [
        (LINK, (letter(5, ADA, (ME,), "Hello"),), (), "in contact within 14 days"),
        (LINK, (), (Seen(NOW - timedelta(days=3), frozenset({ADA}), "x"),), "twice in a week"),
        (LINK, (), (Seen(NOW - timedelta(days=30), frozenset({ADA}), TITLE),), "a link twice"),
        (LINK, (), tuple(Seen(NOW - timedelta(days=n), frozenset({ADA}), "x") for n in (30, 20)), "a third time"),
        (LINK, (letter(30, ME, (ADA,), "Hello?"), letter(20, ME, (ADA,), "Hello?")), (), "pushes"),
        (replace(LINK, person=replace(LINK.person, addresses=(ADA, ME))), (), (), "the owner"),
        (replace(LINK, person=replace(LINK.person, kind="list")), (), (), "a list"),
    ],
    ids=["in touch", "twice a week", "the same link", "ignored twice", "unanswered", "oneself", "a list"],
)
def test_a_bound_that_is_crossed_is_found(
    p: Proposal, more: tuple[Letter, ...], before: tuple[Seen, ...], said: str
) -> None:
    assert said in " ".join(crossed(p, NOW, Box((*MAIL, *more), BOX.own, UTC), before))


def test_what_was_written_to_may_be_proposed_again_after_a_week() -> None:
    seen = tuple(Seen(NOW - timedelta(days=n), frozenset({ADA}), "x") for n in (60, 50))

    assert list(crossed(LINK, NOW, BOX, seen)) == []  # the owner wrote 40 days ago


def test_a_digest_writes_to_those_who_stand_in_it_and_to_the_owner() -> None:
    page = f'<a href="mailto:{ADA}?subject=x">Write</a><a href="mailto:{ME}?subject=y">Later</a>'

    assert list(together((LINK,), page, {ME}, 3)) == []
    assert list(together((LINK,), page.replace(ADA, BRUNO), {ME}, 3)) == ["a mail to somebody else"]
    assert list(together((LINK, replace(LINK, person=PROMISE.person)), page, {ME}, 3)) == ["two of kind link"]
    assert list(together((LINK, PROMISE, ANSWER), page, {ME}, 2)) == ["too many, or one twice"]
