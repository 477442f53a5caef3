"""What stands in a feed, whoever wrote it."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import entries
from connectors.contract import Item
from connectors.entries import Feed, NotAFeed, first_sentences, line, read, web_link

NOW = datetime(2026, 3, 1, tzinfo=UTC)
URL = "https://tides.example/feed.xml"


def found(body: str | bytes, content_type: str = "") -> Feed:
    return read(body.encode() if isinstance(body, str) else body, URL, content_type, NOW)


def only(body: str | bytes, content_type: str = "") -> Item:
    [item] = found(body, content_type).items
    return item


def rss(inside: str, head: str = "") -> str:
    return f"{head}<rss version='2.0'><channel><title>The Tide Letter</title><item>{inside}</item></channel></rss>"


RSS_1 = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
 <channel rdf:about="https://tides.example/"><title>The Tide Letter</title></channel>
 <item rdf:about="x"><title>A century of gauges</title><link>https://tides.example/a</link>
 <dc:date>2026-02-02T07:00:00Z</dc:date><description>They rise.</description></item></rdf:RDF>"""
RSS_2 = rss(
    "<title>A century of gauges</title><link>https://tides.example/a</link><guid isPermaLink='false'>7</guid>"
    "<pubDate>Mon, 02 Feb 2026 08:00:00 +0100</pubDate><description>They rise.</description>"
)
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">The &lt;b>Tide&lt;/b> Letter</title>
 <entry><id>urn:7</id><title>A century of gauges</title><link rel="self" href="/self"/>
 <link rel="alternate" href="https://tides.example/a"/><published>2026-02-02T07:00:00Z</published>
 <updated>2026-02-20T07:00:00Z</updated><content type="html">&lt;p>They rise.&lt;/p></content></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "The Tide Letter",
        "items": [
            {
                "id": 7,
                "title": "A century of gauges",
                "url": "https://tides.example/a",
                "date_published": "2026-02-02T08:00:00+01:00",
                "content_html": "<p>They rise.</p>",
            }
        ],
    }
)


@pytest.mark.parametrize("body", [RSS_1, RSS_2, ATOM, JSON], ids=["RSS 1.0", "RSS 2.0", "Atom", "JSON Feed"])
def test_every_kind_of_feed_says_the_same(body: str) -> None:
    feed = found(body)

    assert (feed.title, feed.whole) == ("The Tide Letter", True)
    [item] = feed.items
    assert (item.title, item.url, item.note) == ("A century of gauges", "https://tides.example/a", "They rise.")
    assert item.published == datetime(2026, 2, 2, 7, tzinfo=UTC)
    assert item.source == "The Tide Letter"


LAUGHS = "<!DOCTYPE rss [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(10)
)


@pytest.mark.parametrize(
    "head",
    [
        f"<?xml version='1.0'?>{LAUGHS}]>",
        "<!DOCTYPE rss [<!ENTITY k SYSTEM 'file:///etc/passwd'>]>",
        "<!DOCTYPE rss SYSTEM 'http://evil.example/x.dtd'>",
        f"<!DOCTYPE rss [<!ENTITY k '{'x' * 50_000}'>]>",
        "\n" * 60_000,
    ],
    ids=["a billion laughs", "a file", "somebody's server", "one that is long", "empty lines"],
)
def test_nothing_that_a_prologue_declares_is_believed(head: str) -> None:
    feed = found(rss("<title>It says &k; and more</title><link>https://tides.example/a</link>", head))

    for item in feed.items:
        assert len(item.title) < 60
        assert "root:" not in item.title


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode("utf-16"), ""),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode("utf-16-le"), ""),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>", "\ufeff").encode(), ""),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode("latin-1"), "text/xml; charset=ISO-8859-1"),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode("cp1252"), "text/xml; charset=utf-8"),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode(), "text/xml; charset=punycode"),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>").encode(), "text/xml"),
        (rss("<title>Ebbe über Föhr</title><link>/a</link>", "<?xml version='1.0' encoding='iso-8859-1'?>")
         .encode("latin-1"), ""),
        (rss("<title>Ebbe &amp;uuml;ber F&#246;hr</title><link>/a</link>").encode(), ""),
    ],
    ids=["UTF-16", "UTF-16 unmarked", "UTF-8 marked", "Latin-1", "wrongly named", "punycode", "text", "declared",
         "twice escaped"],
)  # fmt: skip
def test_a_title_is_read_in_whatever_it_is_written(body: bytes, kind: str) -> None:
    assert only(body, kind).title == "Ebbe über Föhr"


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Tides\u202egpj.exe", "Tides gpj.exe"),
        ("Tides\nand\r\n\tsands", "Tides and sands"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Tides &lt;b&gt;rise&lt;/b&gt;", "Tides rise"),
        ("<![CDATA[<img src=x onerror=alert(1)>Tides rise]]>", "Tides rise"),
        ("AT&amp;amp;T and the sea", "AT&T and the sea"),
        ("x" * 10_000, "x" * 199 + "…"),
    ],
    ids=["turned about", "on lines", "a script", "a picture", "escaped", "endless"],
)
def test_a_title_is_plain(title: str, shown: str) -> None:
    assert only(rss(f"<title>{title}</title><link>https://tides.example/a</link>")).title == shown


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("https://tides.example/a?b=1&amp;c=2#d", "https://tides.example/a?b=1&c=2#d"),
        ("/a", "https://tides.example/a"),
        ("b/c", "https://tides.example/b/c"),
        ("//looms.example/a", "https://looms.example/a"),
        ("http://tides.example/a", "http://tides.example/a"),
        ("https://föhr.example/ebbe über", "https://xn--fhr-sna.example/ebbe%C3%BCber"),
        ("javascript:alert(1)", ""),
        ("java\nscript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("file:///etc/passwd", ""),
        ("https://ada:secret@tides.example/", ""),
        ("https://tides.example:99999/", ""),
        ("https://[::1", ""),
        ("https://ti\u202edes.example/", ""),
        ("https://tides.example/\u202e", "https://tides.example/%E2%80%AE"),
        ("https://tides.example/" + "a" * 2_000, ""),
        ("mailto:ada@tides.example", ""),
    ],
    ids=str,
)
def test_a_link_leads_to_the_web_or_nowhere(link: str, leads: str) -> None:
    items = found(rss(f"<title>A century of gauges</title><link>{link}</link>")).items

    assert [item.url for item in items] == [leads] * bool(leads)


def test_an_entry_without_a_title_is_called_by_its_first_words() -> None:
    said = "The sands have moved again, and by a whole mile. More of it."
    item = only(rss(f"<link>/a</link><description>{said}</description>"))

    assert item.title == "The sands have moved again, and by a whole mile."
    assert item.note == ""


def test_an_entry_that_says_nothing_is_none() -> None:
    assert found(rss("<link>https://tides.example/a</link>")).items == ()


def test_the_note_is_the_first_sentences() -> None:
    said = (
        "<p>It is so.</p><p>The sands have moved again, as they do each year. Nobody knows why.</p>" + "<p>x</p>" * 99
    )
    item = only(rss(f"<title>Sandbanks</title><link>/a</link><description><![CDATA[{said}]]></description>"))

    assert item.note == "It is so. The sands have moved again, as they do each year."


def test_an_entry_that_stands_there_twice_is_one() -> None:
    twice = "<title>One</title><link>/a</link></item><item><title>One more</title><link>/a</link>"

    assert [item.title for item in found(rss(twice)).items] == ["One"]


def test_soup_is_read_but_is_not_whole() -> None:
    feed = found("<rss><channel><item><title>Ebb & flow</title><link>https://tides.example/a</link></channel>")

    assert ([item.title for item in feed.items], feed.whole) == (["Ebb & flow"], False)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"no", b"<html><body>x</body></html>", b"<svg/>", b"[]", b"{}", b"null",
        b'{"version": "https://jsonfeed.org/version/1", "items": 3}', b"{" * 10**5, b"\xff\xfe",
        ("<rss><channel>" + "<a>" * 60_000 + "</a>" * 60_000 + "</channel></rss>").encode(),
        ("<rss><channel><a " + " ".join(f"b{n}='c'" for n in range(99)) + "/></channel></rss>").encode(),
    ],
    ids=["nothing", "a word", "a page", "a picture", "a list", "an object", "null", "no entries", "deep", "half",
         "too much", "overladen"],
)  # fmt: skip
def test_what_is_no_feed_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        found(body)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: rss(text).encode("utf-8", "replace")))
@settings(max_examples=60, deadline=None)
def test_whatever_comes_is_a_feed_or_none(body: bytes) -> None:
    try:
        feed = found(body)
    except NotAFeed:
        return
    for item in feed.items:
        assert item.url.startswith(("http://", "https://"))
        assert item.title == line(item.title, entries.LONGEST_TITLE)


@given(st.text(max_size=300))
@settings(deadline=None)
def test_a_link_is_ascii_and_stays_as_it_is(text: str) -> None:
    made = web_link(text, URL)

    assert made.isascii()
    assert web_link(made) in (made, "")


def test_a_text_without_sentences_is_itself() -> None:
    assert first_sentences("  no end \n in sight ") == "no end in sight"
    assert first_sentences("潮が満ちる。" * 20).endswith("。")
