from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.model import Link, Marks
from agent.sharing.links import internal, known_by, readable, same, within
from tests.agent.tales import mail


@pytest.mark.parametrize(
    "url",
    [
        "http://tides.example/gauges",
        "https://www.tides.example/gauges/",
        "https://TIDES.example:443/gauges#top",
        "https://tides.example/gauges?utm_source=letter&utm_medium=mail",
        "https://tides.example/gauges/index.html?fbclid=1",
        "https://tides.example/%67auges",
        " https://tides.example./gauges ",
    ],
    ids=["http", "www", "port and place", "tracked", "index", "escaped", "spaces"],
)
def test_one_link_is_the_same_however_it_is_written(url: str) -> None:
    assert same(url) == same("https://tides.example/gauges") == "tides.example/gauges"


@pytest.mark.parametrize(
    "url",
    ["https://tides.example/gauges?page=2", "https://tides.example/Gauges", "https://a.tides.example/gauges"],
    ids=["another page", "another case", "another host"],
)
def test_another_page_is_another_link(url: str) -> None:
    assert same(url) != same("https://tides.example/gauges")


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "mailto:a@b.example", "https://[::1", "http:///x"], ids=str)
def test_what_is_no_web_link_is_none(url: str) -> None:
    assert same(url) == ""


@given(st.text(max_size=80))
def test_whatever_is_written_has_one_answer(text: str) -> None:
    assert same(text) == same(f" {text} ")
    assert known_by(known_by(text)) == known_by(text)


@pytest.mark.parametrize(
    "url",
    [
        "https://wiki/plan",
        "http://10.0.0.7/a",
        "https://wiki.mill.internal/",
        "http://[fd00::1]/",
        "http://printer.local./",
    ],
    ids=["a bare name", "a private address", "internal", "a private IPv6 address", "local"],
)
def test_a_link_into_an_own_network_is_for_nobody_else(url: str) -> None:
    assert internal(url)
    assert not internal("https://tides.example/gauges")
    assert not internal("http://192.0.66.2/")


def test_a_title_is_known_by_its_words() -> None:
    assert known_by("“A century — of GAUGES!”") == known_by("A century of gauges")


def test_the_links_in_mails_are_known_by_address_and_title() -> None:
    marked = replace(mail(1, 9), marks=Marks(links=(Link("https://www.tides.example/a/", "A century of gauges"),)))

    assert within([marked, mail(2, 8)]) == {"tides.example/a", "a century of gauges"}


@pytest.mark.parametrize(
    ("url", "title"),
    [
        ("https://tides.example/2026/03/a-century-of-gauges.html", "A century of gauges"),
        ("https://tides.example/a_century%20of+gauges/", "A century of gauges"),
        ("https://tides.example/a-century/19483?id=3", "A century"),
        ("https://www.tides.example/", "tides.example"),
        ("https://tides.example/p/99", "tides.example"),
        ("https://tides.example/%E6%BD%AE%E4%BD%8D%E8%A8%88", "潮位計"),
    ],
    ids=["dated", "escaped", "a number behind", "no path", "numbers", "Japanese"],
)
def test_a_link_without_a_title_is_called_by_the_end_of_its_path(url: str, title: str) -> None:
    assert readable(url) == title
