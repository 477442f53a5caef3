from agent.model import Statement
from agent.sharing.shelf import ADD, REMOVE, Shelved, in_words, next_number, on_shelf, packed, taken_off, unpacked

GAUGES = Shelved(1, 100, "https://tides.example/gauges", "A century of gauges", "for Ada Müller")


def said(number: int, one: Shelved, verb: str = ADD) -> Statement:
    return Statement(number, one.at, verb, (), packed(one))


def test_what_is_packed_comes_out_again() -> None:
    assert unpacked(said(1, GAUGES)) == GAUGES
    assert "Müller" in packed(GAUGES), "so that she can be cut out of it"


def test_what_is_laid_there_again_lies_there_once() -> None:
    again = Shelved(1, 300, "http://www.tides.example/gauges/", "", "for Bo")

    assert on_shelf([said(1, GAUGES), said(2, again)]) == (again,)


def test_what_is_taken_off_is_gone_until_it_is_laid_there_again() -> None:
    off = Shelved(1, 200, GAUGES.url)
    back = Shelved(1, 300, GAUGES.url)

    assert on_shelf([said(1, GAUGES), said(2, off, REMOVE)]) == ()
    assert taken_off([said(1, GAUGES), said(2, off, REMOVE)]) == {"tides.example/gauges": 200}
    assert on_shelf([said(1, GAUGES), said(2, off, REMOVE), said(3, back)]) == (back,)
    assert taken_off([said(1, GAUGES), said(2, off, REMOVE), said(3, back)]) == {}


def test_no_number_comes_twice() -> None:
    two = Shelved(2, 150, "https://tides.example/sands")

    assert next_number([]) == 1
    assert next_number([said(1, GAUGES), said(2, two), said(3, two, REMOVE)]) == 3


def test_a_link_out_of_which_somebody_was_cut_is_none() -> None:
    cut = Shelved(1, 100, "https://tides.example/…")

    assert on_shelf([said(1, cut), Statement(2, 100, ADD, (), "no JSON")]) == ()
    assert in_words(said(1, cut)) == ""


def test_what_else_the_user_says_is_nothing_on_the_shelf() -> None:
    assert on_shelf([Statement(1, 100, "note", ("ada@loom.example",), packed(GAUGES))]) == ()
