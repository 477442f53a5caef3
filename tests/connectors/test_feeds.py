"""The connector over feeds, from a server that misbehaves byte by byte."""

import json
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from connectors import KINDS
from connectors.contract import Connector, Cursor, Item, NeedsUser, Page, Session, Stream, TryLater
from connectors.feeds import LARGEST, Feeds, Options
from tests.connectors.contract import SENT, ConnectorContract
from tests.servers.web import CUT, DRIP, HANG_UP, RESET, STALL, Act, Reply, Request, Web

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
TIDES, LOOMS = "/members/0123456789abcdef/tides.xml", "/looms.xml"


def entry(title: str, *, on: str = "Mon, 02 Feb 2026 07:00:00 GMT", link: str = "") -> str:
    there = link or f"https://tides.example/{title.replace(' ', '-')}"
    date = f"<pubDate>{on}</pubDate>" if on else ""
    return f"<item><title>{title}</title><link>{there}</link><guid>{title}</guid>{date}</item>"


def rss(*entries: str, title: str = "The Tide Letter") -> bytes:
    return f"<rss version='2.0'><channel><title>{title}</title>{''.join(entries)}</channel></rss>".encode()


@pytest.fixture
def web() -> Iterator[Web]:
    with Web() as found:
        found.serve(TIDES, rss(entry("Sandbanks move east"), entry("A century of gauges")), ETag='"1"')
        found.serve(LOOMS, rss(entry("How the loom came to Bern"), title="The Thread"), ETag='"1"')
        yield found


def connector(
    web: Web, *paths: str, now: datetime = NOW, page: int = 200, opml: Path | None = None, silence: float = 5.0
) -> Feeds:
    urls = [web.url(path) for path in paths]
    options = Options.model_validate({"kind": "feeds", "private": True, "urls": urls, "opml": opml})
    return Feeds(options, now=now, session=Session(time.monotonic, time.monotonic() + 30, silence=silence), page=page)


def pages(feeds: Feeds, cursor: Cursor | None = None, stream: Stream | None = None) -> list[Page]:
    return list(feeds.pull(stream or feeds.streams()[0], cursor))


def items(read: list[Page]) -> list[Item]:
    return [one for page in read for one in page.found if isinstance(one, Item)]


def titles(read: list[Page]) -> list[str]:
    return [one.title for one in items(read)]


def missed(read: list[Page]) -> list[str]:
    return [reason for page in read for _, reason in page.missed]


class TestFeeds(ConnectorContract):
    @pytest.fixture
    def connector(self, web: Web) -> Connector:
        web.serve(TIDES, rss(*map(entry, SENT)), ETag='"1"')
        return connector(web, TIDES, page=2)

    def said(self, pages: Iterator[Page] | list[Page]) -> list[str]:  # type: ignore[override]
        return titles(list(pages))


def test_it_is_a_connector_that_the_config_knows(web: Web) -> None:
    module, name = KINDS["feeds"].split(":")
    assert (module, name) == (Feeds.__module__, Feeds.__name__)
    assert isinstance(connector(web, TIDES), Connector)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({}, "needs `urls`"),
        ({"urls": []}, "needs `urls`"),
        ({"urls": ["http://tides.example/a"]}, "without encryption"),
        ({"urls": ["http://localhost/a"]}, "without encryption"),
        ({"urls": ["file:///etc/passwd"]}, "no web address"),
        ({"urls": ["https://ada:secret@tides.example/a"]}, "user name"),
        ({"urls": ["https://tides.example/a"], "hosts": 1}, "hosts"),
    ],
    ids=["nothing", "an empty list", "no encryption", "this machine, unsaid", "a file", "a password", "unknown"],
)
def test_only_what_may_be_asked_is_an_option(given: dict[str, object], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        Options.model_validate({"kind": "feeds", **given})


def test_a_feed_within_the_own_network_is_not_asked_unless_that_is_said(web: Web) -> None:
    options = Options.model_validate({"kind": "feeds", "urls": [f"https://127.0.0.1:{web.port}{TIDES}"]})
    feeds = Feeds(options, now=NOW, session=Session(time.monotonic))

    with pytest.raises(NeedsUser, match="within your own network"):
        pages(feeds)
    assert web.asked == []


def test_each_feed_is_a_stream_that_goes_by_its_host(web: Web) -> None:
    feeds = connector(web, TIDES, LOOMS)

    assert [stream.name for stream in feeds.streams()] == ["localhost", "localhost"]
    assert len({stream.id for stream in feeds.streams()}) == 2
    assert web.asked == []


def test_an_entry_is_something_to_share(web: Web) -> None:
    [first, _] = items(pages(connector(web, TIDES)))

    assert (first.title, first.url, first.source) == (
        "Sandbanks move east",
        "https://tides.example/Sandbanks-move-east",
        "The Tide Letter",
    )
    assert first.published == datetime(2026, 2, 2, 7, tzinfo=UTC)


def test_an_idle_round_is_one_small_request(web: Web) -> None:
    cursor = pages(connector(web, TIDES))[-1].cursor
    web.asked.clear()

    [page] = pages(connector(web, TIDES), json.loads(json.dumps(cursor)))

    assert (page.found, page.gone, page.missed, page.complete, page.cursor) == ((), (), (), False, cursor)
    assert [request.headers["if-none-match"] for request in web.asked] == ['"1"']


def test_last_modified_tells_as_well(web: Web) -> None:
    web.serve(TIDES, rss(entry("A first word")), Last_Modified="Mon, 02 Feb 2026 07:00:00 GMT")
    cursor = pages(connector(web, TIDES))[-1].cursor

    assert titles(pages(connector(web, TIDES), cursor)) == []
    assert web.asked[-1].headers["if-modified-since"] == "Mon, 02 Feb 2026 07:00:00 GMT"


def test_a_feed_that_only_says_when_it_was_built_is_the_same(web: Web) -> None:
    web.serve(TIDES, rss("<lastBuildDate>Mon, 02 Feb 2026</lastBuildDate>", entry("A first word")))
    cursor = pages(connector(web, TIDES))[-1].cursor
    web.serve(TIDES, rss("<lastBuildDate>Tue, 03 Feb 2026</lastBuildDate>", entry("A first word")))

    [page] = pages(connector(web, TIDES), cursor)

    assert (page.found, page.complete) == ((), False)


def test_what_a_feed_no_longer_shows_is_listed_no_more(web: Web) -> None:
    [first] = pages(connector(web, TIDES))
    web.serve(TIDES, rss(entry("A century of gauges"), entry("A new chart")), ETag='"2"')

    [second] = pages(connector(web, TIDES), first.cursor)

    assert titles([second]) == ["A century of gauges", "A new chart"]
    assert second.complete
    assert second.cursor["epoch"] == first.cursor["epoch"] + 1


def test_an_entry_without_a_date_is_dated_by_when_it_appeared(web: Web) -> None:
    web.serve(TIDES, rss(entry("An old word", on="")))
    first = pages(connector(web, TIDES))
    assert [one.published for one in items(first)] == [None], "it may be years old"

    web.serve(TIDES, rss(entry("A new word", on=""), entry("An old word", on="")))
    second = pages(connector(web, TIDES, now=NOW + timedelta(days=1)), first[-1].cursor)
    assert [one.published for one in items(second)] == [NOW + timedelta(days=1), None]

    web.serve(TIDES, rss(entry("A third word"), entry("A new word", on=""), entry("An old word", on="")))
    third = pages(connector(web, TIDES, now=NOW + timedelta(days=9)), json.loads(json.dumps(second[-1].cursor)))
    assert [one.published for one in items(third)][1:] == [NOW + timedelta(days=1), None]


def test_a_date_in_the_future_is_none(web: Web) -> None:
    web.serve(TIDES, rss(entry("A word to come", on="Mon, 02 Feb 2099 07:00:00 GMT")))

    assert [one.published for one in items(pages(connector(web, TIDES)))] == [None]


# ---- trouble: one sick feed harms no other ---------------------------------------------------------------------------

HTML = b"<!doctype html><title>Tides</title><p>Hello"
LINKED = b"<html><head><link rel=alternate type='application/rss+xml' href='/feed?a=1&amp;b=2'></head></html>"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(404), "no feed for us there (it answers 404 Not Found)"),
        (Reply(410), "no feed for us there"),
        (Reply(401), "no feed for us there"),
        (Reply(500), "out of order"),
        (Reply(302, headers={"Location": TIDES}), "round in a circle"),
        (Reply(302, headers={"Location": "http://tides.example/"}), "without encryption"),
        (Reply(302, headers={"Location": "ftp://tides.example/"}), "no web address"),
        (Reply(200, b""), "no feed"),
        (Reply(200, HTML), "something that is no feed"),
        (Reply(200, b"\x00" * 99), "something that is no feed"),
        (Reply(200, b"{" * 100_000), "something that is no feed"),
        (Reply(200, b'{"version": "https://jsonfeed.org/version/1"}'), "something that is no feed"),
        (Reply(200, b"x" * (LARGEST + 2)), "more than 5 MB"),
        (Reply(200, rss("<item>" * 90_000)), "something that is no feed"),
        (Reply(304), "304"),
    ],
    ids=[
        "not found", "gone", "sign in", "broken", "a circle", "no encryption", "no web", "nothing", "a page", "zeros",
        "a deep list", "no list", "too large", "too much soup", "unchanged, unasked",
    ],
)  # fmt: skip
def test_a_sick_feed_is_noted_and_harms_no_other(web: Web, reply: Reply, reason: str) -> None:
    looms = Reply(200, rss(entry("How the loom came to Bern"), title="The Thread"))
    web.answer = lambda request: reply if request.path == TIDES else looms
    feeds = connector(web, TIDES, LOOMS)

    sick, well = (pages(feeds, None, stream) for stream in feeds.streams())

    assert [reason in said for said in missed(sick)] == [True], missed(sick)
    assert (titles(sick), sick[-1].complete) == ([], False)
    assert titles(well) == ["How the loom came to Bern"]
    assert "0123456789abcdef" not in str(missed(sick))


@pytest.mark.parametrize("act", [CUT, STALL, DRIP, RESET, HANG_UP], ids=str)
def test_what_is_not_whole_changes_nothing(web: Web, act: Act, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.feeds.LONGEST", 1.0)
    known = pages(connector(web, TIDES))[-1].cursor
    web.serve(TIDES, rss(entry("A new word")), ETag='"2"')
    web.act, web.acts = act, 2 if act == HANG_UP else 1  # whom nobody answers is asked once more
    feeds = connector(web, TIDES, LOOMS, silence=0.5)

    sick, well = (pages(feeds, cursor, s) for s, cursor in zip(feeds.streams(), (known, None), strict=True))
    assert (titles(sick), [page.gone for page in sick], len(missed(sick))) == ([], [()], 1)
    assert len(titles(well)) == 1

    web.act = ""
    again = pages(connector(web, TIDES, LOOMS), sick[-1].cursor)
    assert titles(again) == ["A new word"]
    assert again[-1].gone == ("feed",), "what was noted is crossed out"


def test_a_feed_that_is_well_again_and_unchanged_is_crossed_out(web: Web) -> None:
    known = pages(connector(web, TIDES))[-1].cursor
    web.answer = lambda request: Reply(500) if request.path == TIDES else Reply(200, rss())
    sick = pages(connector(web, TIDES, LOOMS), known)
    web.answer = None

    [page] = pages(connector(web, TIDES, LOOMS), sick[-1].cursor)

    assert (page.found, page.gone, page.cursor) == ((), ("feed",), known)


@pytest.mark.parametrize(
    ("reply", "trouble"), [(Reply(404), NeedsUser), (Reply(500), TryLater)], ids=["not found", "broken"]
)
def test_where_every_feed_is_sick_the_account_is(web: Web, reply: Reply, trouble: type[Exception]) -> None:
    web.answer = lambda request: reply
    feeds = connector(web, TIDES, LOOMS)

    assert missed(pages(feeds)) != []
    with pytest.raises(trouble) as raised:
        pages(feeds, None, feeds.streams()[1])
    assert "0123456789abcdef" not in "".join(traceback.format_exception(raised.value, chain=True)).split("\n")[-2]


def test_a_server_that_asks_us_to_wait_is_not_asked_before(web: Web) -> None:
    busy = Reply(429, headers={"Retry-After": "7200"})
    web.answer = lambda request: busy if request.path == TIDES else Reply(200, rss(entry("Looms")))
    cursor = pages(connector(web, TIDES, LOOMS))[-1].cursor
    web.asked.clear()

    [page] = pages(connector(web, TIDES, LOOMS, now=NOW + timedelta(hours=1)), json.loads(json.dumps(cursor)))
    assert (page.found, page.missed, page.cursor, web.asked) == ((), (), cursor, [])

    web.answer = None
    assert len(titles(pages(connector(web, TIDES, LOOMS, now=NOW + timedelta(hours=3)), cursor))) == 2


def test_a_page_that_names_its_feed_says_so(web: Web) -> None:
    web.serve(TIDES, LINKED)

    with pytest.raises(NeedsUser, match=r"a page, and no feed. Its feed is at http://localhost:\d+/feed\?a=1&b=2"):
        pages(connector(web, TIDES))


def test_a_lost_cursor_begins_anew(web: Web) -> None:
    [page] = pages(connector(web, TIDES), {"v": 9, "epoch": 4})

    assert len(page.found) == 2
    assert page.complete
    assert page.cursor["epoch"] == 5


def test_a_feed_that_is_cut_without_telling_sweeps_nothing(web: Web) -> None:
    body = rss(entry("Sandbanks move east"), entry("A century of gauges"))
    web.serve(TIDES, body[: body.index(b"A century")])

    [page] = pages(connector(web, TIDES))

    assert titles([page]) == ["Sandbanks move east"]
    assert not page.complete


def test_a_round_that_is_over_ends_it(web: Web) -> None:
    options = Options.model_validate({"kind": "feeds", "private": True, "urls": [web.url(TIDES), web.url(LOOMS)]})
    feeds = Feeds(options, now=NOW, session=Session(time.monotonic, ends=time.monotonic()))

    with pytest.raises(TryLater, match="took too long"):
        pages(feeds)


def test_the_addresses_are_not_shown() -> None:
    options = Options.model_validate({"kind": "feeds", "urls": ["https://tides.example/members/secret"]})

    assert "secret" not in repr(options)
    assert "tides.example" in repr(options)


# ---- OPML ------------------------------------------------------------------------------------------------------------


def written(path: Path, body: str | bytes) -> Path:
    file = path / "feeds.opml"
    file.write_bytes(body.encode() if isinstance(body, str) else body)
    return file


def test_the_feeds_of_an_opml_file_are_read_once_each(web: Web, tmp_path: Path) -> None:
    tides, looms = web.url(TIDES), web.url(LOOMS)
    listed = written(
        tmp_path,
        f"""<?xml version="1.0"?><opml version="2.0"><body><outline text="Sea">
        <outline type="rss" text="Tides&#8238;" xmlUrl="{tides}"/><outline text="Twice" xmlUrl="{tides}"/>
        <outline text="A folder"/></outline><outline XMLURL="{looms}" title="Looms" text="x"/></body></opml>""",
    )

    assert [stream.name for stream in connector(web, opml=listed).streams()] == ["Tides", "Looms"]
    assert [stream.name for stream in connector(web, LOOMS, opml=listed).streams()] == ["localhost", "Tides"]
    feeds = connector(web, opml=listed)
    assert [len(titles(pages(feeds, None, stream))) for stream in feeds.streams()] == [2, 1]


def test_an_old_list_says_http_where_https_is_meant(web: Web, tmp_path: Path) -> None:
    listed = written(tmp_path, '<opml><outline xmlUrl="http://tides.example/a" text="Tides"/></opml>')
    feeds = connector(web, opml=listed)

    assert [url for url, _ in feeds._of_opml()] == ["https://tides.example/a"]


BOMB = """<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>
<opml><outline xmlUrl="https://tides.example/&b;"/></opml>"""


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (BOMB, "no OPML file"),
        ('<!DOCTYPE o SYSTEM "file:///etc/passwd"><opml><outline xmlUrl="https://a.example"/>', "no OPML file"),
        ("no xml at all", "no OPML file"),
        (b"\xff\xfe\x00", "no OPML file"),
        ('<?xml version="1.0" encoding="nonsense"?><opml/>', "no OPML file"),
        ("<opml><body/></opml>", "no feed stands in it"),
    ],
    ids=["a bomb", "a file of the system", "no XML", "half a character", "no such encoding", "empty"],
)
def test_an_opml_file_that_is_none_asks_the_user(web: Web, tmp_path: Path, body: str | bytes, what: str) -> None:
    with pytest.raises(NeedsUser, match=what):
        connector(web, opml=written(tmp_path, body)).streams()


def test_an_opml_file_that_is_not_there_asks_the_user(web: Web, tmp_path: Path) -> None:
    with pytest.raises(NeedsUser, match="No such file"):
        connector(web, opml=tmp_path / "feeds.opml").streams()


def test_what_is_no_web_address_in_a_list_is_a_sick_feed(web: Web, tmp_path: Path) -> None:
    listed = written(tmp_path, '<opml><outline xmlUrl="javascript:alert(1)" text="Evil"/></opml>')
    feeds = connector(web, LOOMS, opml=listed)
    looms, evil = feeds.streams()

    assert len(titles(pages(feeds, None, looms))) == 1
    assert missed(pages(feeds, None, evil)) != []


def test_the_place_of_the_list_follows_the_config(tmp_path: Path) -> None:
    options = Options.model_validate({"kind": "feeds", "opml": "mine.opml"}, context={"folder": tmp_path})

    assert options.opml == tmp_path / "mine.opml"


def test_one_page_of_a_server_serves_many_requests(web: Web) -> None:
    def numbered(request: Request) -> Reply:
        return Reply(200, rss(*(entry(f"Word {n} of many") for n in range(700))))

    web.answer = numbered
    read = pages(connector(web, TIDES))

    assert [len(page.found) for page in read] == [200, 200, 100], "the first five hundred"
