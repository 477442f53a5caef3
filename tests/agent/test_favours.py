from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.boundaries import Rules
from agent.favours import Help, Lore, helpers, needed
from agent.model import DAY, Marks, Person, Statement, Thread, Tie, Topic
from tests.agent.tales import MORNING, NOW, mail, talk, tie
from tests.agent.test_propose import Village, moved

ASKS, NOTHING = Marks(asks=("request",)), Marks()
LOOM, WARP = "Loom drawings", "The warp and the loom"


def exchanged(ago: float = 20, subject: str = LOOM) -> list[Thread]:
    """Two threads on the same matter, both ways."""
    return [
        talk(mail(1, ago + 40, "me", subject), mail(2, ago + 39, "them", f"Re: {subject}")),
        talk(mail(3, ago + 1, "them", subject), mail(4, ago, "me", f"Re: {subject}")),
    ]


def favour(number: int, by: str, ago: float) -> Thread:
    """One asked, the other answered."""
    other = "them" if by == "me" else "me"
    return talk(mail(number, ago, other, "Yarn", marks=ASKS), mail(number + 1, ago - 1, by, "Yarn", marks=NOTHING))


def knowing(*threads: Thread, terms: Sequence[str] = ("loom",), often: int = 3) -> Tie:
    return replace(tie(*threads), topics=tuple(Topic(t, 3.0 * often, often, NOW) for t in terms))


def asked(
    need: str,
    *ties: Tie,
    rules: Rules | None = None,
    notes: dict[int, Sequence[str]] | None = None,
    cards: dict[int, Sequence[str]] | None = None,
    most: int = 3,
) -> Help:
    lore = Lore(100, {t.person.id: t.topics for t in ties if t.topics}, notes or {}, cards or {})
    return helpers(need, lore, Village(*ties), MORNING, rules or Rules(), most)


def names(found: Help) -> list[str]:
    return [helper.person.name for helper in found.helpers]


def test_who_knows_of_it_could_help_and_the_last_thread_shows_it() -> None:
    found = asked(
        "a loom", moved(knowing(*exchanged()), 1, "Ann"), moved(knowing(*exchanged(), terms=["sail"]), 2, "Ben")
    )

    assert names(found) == ["Ann"]
    assert found.helpers[0].says[0] == (
        "You two wrote about it in two conversations, last on 14 February: “Loom drawings”."
    )
    assert [c.subject for c in found.helpers[0].cites] == ["Loom drawings"]
    assert found.clear


def test_nobody_is_named_where_nothing_speaks_of_it() -> None:
    assert asked("a notary", moved(knowing(*exchanged()), 1, "Ann")) == Help((), clear=False, unknown=("notary",))


def test_two_who_fit_alike_do_not_stand_out() -> None:
    found = asked("a loom", moved(knowing(*exchanged()), 1, "Ann"), moved(knowing(*exchanged()), 2, "Ben"))

    assert len(found.helpers) == 2
    assert not found.clear


def test_what_nobody_knows_of_is_said_and_the_rest_alone_makes_nobody_stand_out() -> None:
    found = asked("a notary and a harbour for the loom", moved(knowing(*exchanged()), 1, "Ann"))

    assert names(found) == ["Ann"]
    assert (found.clear, set(found.unknown)) == (False, {"notary", "harbour"})


def test_a_phrase_that_holds_the_word_is_known() -> None:
    found = asked("a loom", moved(knowing(*exchanged(), terms=["loom drawing"]), 1, "Ann"))

    assert (names(found), found.clear) == (["Ann"], True)


def test_a_note_of_the_users_speaks_for_somebody_without_any_mail() -> None:
    found = asked("a loom", Tie(Person(1, "Ann", ("ann@loom.example",)), ()), notes={1: ["has a loom at home"]})

    assert found.helpers[0].says == (
        "You noted: “has a loom at home”.",
        "You two were not in contact yet, as far as your mail and calendar tell.",
        "Before any word between you two it would be a favour out of the blue. "
        "Send a word without any request first, and ask later.",
    )


def test_so_does_their_card() -> None:
    found = asked("weavers", moved(knowing(*exchanged(), terms=[]), 1, "Ann"), cards={1: ["Guild of Weavers"]})

    assert "Their card says: “Guild of Weavers”." in found.helpers[0].says


def test_nobody_is_first_to_whom_the_user_owes_something() -> None:
    creditor = moved(knowing(*exchanged(), favour(20, "them", 15), favour(30, "them", 12), often=30), 1, "Ann")
    other = moved(knowing(*exchanged(60), terms=["loom", "sail"]), 2, "Ben")
    found = asked("a loom", creditor, other)

    assert names(found) == ["Ben", "Ann"]
    assert [helper.owes for helper in found.helpers] == [False, True]
    assert (
        "They did more for you than you for them (last: Ann answered what you asked about “Yarn”, on 23 February): "
        "give something back first, or ask another."
    ) in found.helpers[1].says


def test_where_there_is_nobody_else_it_is_said_too() -> None:
    found = asked("a loom", moved(knowing(*exchanged(), favour(20, "them", 15)), 1, "Ann"))

    assert names(found) == ["Ann"]
    assert any("give something back first" in sentence for sentence in found.helpers[0].says)


def test_whom_the_user_helped_comes_before_an_equal() -> None:
    helped = moved(knowing(*exchanged(), favour(20, "me", 15)), 2, "Ben")
    found = asked("a loom", moved(knowing(*exchanged()), 1, "Ann"), helped)

    assert names(found) == ["Ben", "Ann"]
    assert any(s.endswith("they may be glad to return it.") for s in found.helpers[0].says)


def test_asks_are_spread() -> None:
    busy = [talk(mail(50 + n, 10 + n, "me", "Yarn", marks=ASKS)) for n in range(2)]
    pestered = moved(knowing(*exchanged(), *busy, favour(20, "me", 15), favour(30, "me", 14)), 1, "Ann")
    found = asked("a loom", pestered, moved(knowing(*exchanged()), 2, "Ben"))

    assert names(found) == ["Ben", "Ann"]
    assert "You asked them for something twice in the last two months: spare them if you can." in (
        found.helpers[1].says
    )


def test_whoever_did_not_answer_comes_last() -> None:
    mute = moved(knowing(*exchanged(), talk(mail(60, 8, "me")), talk(mail(61, 6, "me"))), 1, "Ann")

    assert names(asked("a loom", mute, moved(knowing(*exchanged()), 2, "Ben"))) == ["Ben", "Ann"]


def test_who_answers_comes_before_who_does_not() -> None:
    unheard = [talk(mail(70 + 2 * n, 90 - n, "me", f"Yarn {n}")) for n in range(4)]
    heard = [talk(mail(70 + 2 * n, 90 - n, "me", f"Yarn {n}"), mail(71 + 2 * n, 89.5 - n)) for n in range(4)]
    found = asked("a loom", *(moved(knowing(*t, *exchanged()), n, f"N {n}") for n, t in enumerate((unheard, heard), 1)))

    assert names(found) == ["N 2", "N 1"]
    assert "Of five conversations that you began with them they answered all." in found.helpers[0].says
    assert "Of five conversations that you began with them they answered one." in found.helpers[1].says


@pytest.mark.parametrize(("ago", "cold"), [(300, False), (400, True), (1500, True)])
def test_after_a_year_of_silence_something_is_given_first(ago: float, cold: bool) -> None:
    [helper] = asked("a loom", moved(knowing(*exchanged(ago)), 1, "Ann")).helpers

    assert helper.cold is cold
    assert any("out of the blue" in sentence for sentence in helper.says) is cold


@pytest.mark.parametrize("kind", ["machine", "list", "broadcast"])
def test_only_humans_are_asked(kind: str) -> None:
    of = moved(knowing(*exchanged()), 1, "Ann")

    assert names(asked("a loom", replace(of, person=replace(of.person, kind=kind)))) == []  # type: ignore[arg-type]


def test_nobody_is_named_of_whom_the_user_said_never() -> None:
    of = moved(knowing(*exchanged()), 1, "Ann")

    assert names(asked("a loom", of, rules=Rules(never=("ann",)))) == []
    said = Statement(1, NOW - DAY, "never", of.person.addresses)
    assert names(asked("a loom", of, rules=Rules(statements=(said,)))) == []


def test_a_sensitive_matter_is_never_named() -> None:
    delicate = favour(20, "them", 15)
    delicate = replace(delicate, mails=tuple(replace(m, subject="Cancer diagnosis") for m in delicate.mails))
    [helper] = asked("a loom", moved(knowing(*exchanged(), delicate), 1, "Ann")).helpers

    assert "ancer" not in " ".join(helper.says)


@pytest.mark.parametrize("need", ["", "?", "the", "\x00", "a" * 400, "ⓘ" * 50, "織機"], ids=ascii)
def test_whatever_is_needed_it_is_answered(need: str) -> None:
    found = asked(need, moved(knowing(*exchanged()), 1, "Ann"))

    assert found.helpers == ()
    assert isinstance(needed(need), tuple)


def test_an_empty_store_has_nobody() -> None:
    assert asked("a loom").helpers == ()


def test_nobody_is_read_who_would_not_be_named() -> None:
    village = [moved(knowing(*exchanged(), often=2), n, f"N{n}") for n in range(1, 60)]
    known = Village(*village)
    lore = Lore(100, {t.person.id: t.topics for t in village}, {}, {})

    helpers("a loom", lore, known, MORNING, Rules(), 3)

    assert len(known.read) == 12


@given(
    st.text(max_size=80),
    st.text(max_size=60),
    st.text(max_size=60),
    st.lists(st.tuples(st.floats(1, 2000), st.booleans(), st.sampled_from([None, ASKS, NOTHING])), max_size=6),
    st.booleans(),
)
def test_whatever_is_needed_of_whomever_nobody_is_named_against_the_users_word(
    need: str, subject: str, note: str, passed: list[tuple[float, bool, Marks | None]], barred: bool
) -> None:
    mails = sorted(passed, key=lambda one: -one[0])
    threads = [
        talk(mail(2 * n + 1, ago, "me" if mine else "them", subject, marks=marks))
        for n, (ago, mine, marks) in enumerate(mails)
    ]
    of = moved(knowing(*threads), 1, "Ann")
    rules = Rules(never=("ann",)) if barred else Rules()
    found = asked(f"loom {need}", of, rules=rules, notes={1: [note]})

    assert names(found) == ([] if barred else ["Ann"])
    for helper in found.helpers:
        assert all(helper.says)
        assert helper.cold is any("out of the blue" in says for says in helper.says)
        assert {c.fact for c in helper.cites} <= {m.id for t in of.threads for m in t.mails}
