"""Whatever a stranger wrote into a name, a title or a subject: each kind of proposal carries it, and nothing obeys it.

Unlike `test_compose`, the proposals are made by their own modules, from hostile mail.
"""

import email
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.policy import default
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from agent.digest.compose import BUTTON, HREF, as_mail, compose
from agent.digest.plain import JOINERS, columns
from agent.model import (
    DAY,
    Almanac,
    Digest,
    Errand,
    Event,
    Introduction,
    Marks,
    News,
    Occasion,
    Opportunity,
    Person,
    Proposal,
)
from agent.proposals import introduce, occasion, opportunity, promise, reconnect, reply, revive, share
from tests.agent.digest.samples import KEY, ME
from tests.agent.digest.test_compose import Page
from tests.agent.tales import ADA, MORNING, NOW, mail, stands, talk, tie

EVIL = {
    "markup": '</title></p><script>alert(1)</script><img src=x onerror=alert(1)><a href="https://evil.example">x</a>',
    "a quote and a handler": '" onmouseover="alert(1)" style="position:fixed;background:red',
    "a template": "{{ 7 * 7 }} {% include '/etc/passwd' %} {# x #}",
    "header lines": "Loom\r\nBcc: all@evil.example\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
    "more headers for the mail": "x&bcc=all@evil.example&body=pay%0d%0a?cc=all@evil.example#x",
    "other directions": "\u202egpj.exe\u202c \u2066abc \u200f\u061c\u2029\u2028 end",
    "a terminal's orders": "\x1b[2J\x1b]0;owned\x07\x1b]8;;https://evil.example\x07x\x08\x08\x9b31m\x00",
    "piled marks": "a" + "\u0301" * 400 + "\U000e0041\ufeff\u00ad",
    "half a letter": "\udcff\ud800 loom",
    "ten thousand letters": "Abcde fghij " * 850,
    "ten thousand without a space": "界" * 10_000,
    "a command": "`auld never 1` `rm -rf ~`",
    "nothing but gaps": " \t\r\n\u3000 ",
}
"""Each as it may stand in a mail's header, a calendar, a feed or on the command line."""

WHEN = datetime.fromtimestamp(NOW, UTC)
RAG = tuple(talk(mail(n, 50 + n, "me" if n % 2 else "them", "Rag paper")) for n in (4, 3, 2, 1))


def whom(evil: str) -> Person:
    """Somebody of such a name."""
    return Person(7, evil, (ADA,), sphere="work")


def linked(evil: str) -> Proposal | None:
    return sent_on(evil, "mail", "")


def shelved(evil: str) -> Proposal | None:
    return sent_on(evil, "shelf", evil)


def sent_on(evil: str, by: str, note: str) -> Proposal | None:
    about = frozenset({"rag paper"})
    terms = dict.fromkeys(about, 9.0)
    url = f"https://rag.example/{evil}"
    piece = News(90, NOW - DAY, evil, evil, evil, terms, about, frozenset(), url, by, note)  # type: ignore[arg-type]
    of = tie(*RAG, topics=["rag paper"], person=whom(evil))
    return share.propose(of, stands(of), replace(MORNING, news=(piece,)))


def fair(evil: str) -> Proposal | None:
    one = Event(50, NOW + 9 * DAY, datetime.fromtimestamp(NOW + 9 * DAY, UTC).date(), evil, frozenset({"rag paper"}),
                frozenset())  # fmt: skip
    of = tie(*RAG, person=Person(7, "Ada Weber", (ADA,)))
    return reconnect.propose(of, stands(of), replace(MORNING, almanac=Almanac(events=(one,))))


def errand(step: str) -> Callable[[str], Proposal | None]:
    def made(evil: str) -> Proposal | None:
        about = Opportunity(1, (ADA,), evil, NOW - 9 * DAY, "offered", NOW - 9 * DAY)
        of = tie(*RAG, person=whom(evil))
        today = Almanac(errands={7: Errand(step, about)})  # type: ignore[arg-type]
        return opportunity.propose(of, stands(of), replace(MORNING, almanac=today))

    return made


def kept(evil: str) -> Proposal | None:
    said = mail(9, 10, "me", evil)
    of = tie(*RAG, talk(said), person=whom(evil))
    return promise.propose(of, stands(of), replace(MORNING, almanac=Almanac(promises={7: said})))


def wished(evil: str) -> Proposal | None:
    of = tie(*RAG, person=whom(evil))
    day = Occasion("birthday", WHEN.date(), "your calendar")
    return occasion.propose(of, stands(of), replace(MORNING, almanac=Almanac(occasions={7: day})))


def meeting(step: str, *, agreed: int = 0) -> Callable[[str], Proposal | None]:
    def made(evil: str) -> Proposal | None:
        other = Person(8, evil, ("b.keller@kellerpaper.example",))
        one = Introduction(whom(evil), other, step, "theirs", evil, evil, NOW - DAY, NOW - 9 * DAY, agreed)  # type: ignore[arg-type]
        of = tie(*RAG, person=whom(evil))
        return introduce.propose(of, stands(of), replace(MORNING, introductions=(one,)))

    return made


def answered(evil: str) -> Proposal | None:
    of = tie(*RAG, talk(mail(9, 8, "them", evil, marks=Marks(asks=("question",), signs=("waits",)))), person=whom(evil))
    return reply.propose(of, stands(of), MORNING)


def asked(evil: str) -> Proposal | None:
    turns = (mail(20 + n, 120 - 8 * n, "me" if n % 2 else "them", evil or "x") for n in range(6))
    of = tie(talk(*turns), person=Person(7, "Ada Weber", (ADA,)))
    return revive.propose(of, stands(of), MORNING)


KINDS: dict[str, Callable[[str], Proposal | None]] = {
    "a link from a mail": linked,
    "a link from the shelf": shelved,
    "an event": fair,
    "an opportunity's giver": errand("ask"),
    "an opportunity": errand("pass on"),
    "an opportunity's thanks": errand("thank"),
    "a promise": kept,
    "a birthday": wished,
    "an introduction": meeting("ask"),
    "the same, again": meeting("remind"),
    "the same, of the second": meeting("ask", agreed=NOW - DAY),
    "the same, of both": meeting("introduce", agreed=NOW - DAY),
    "an answer": answered,
    "a question": asked,
}

MADE = [(kind, evil) for kind in KINDS for evil in EVIL]


def test_each_kind_is_made_of_an_ordinary_string() -> None:
    """So that what is hostile is not merely passed over."""
    assert [kind for kind, make in KINDS.items() if make("Looms of Lyon, and rag paper") is None] == []


def test_nearly_every_hostile_string_comes_as_far_as_the_digest() -> None:
    """What is no subject or no name may be left out where it stands; that is no harm."""
    assert sum(KINDS[kind](EVIL[evil]) is not None for kind, evil in MADE) > 0.8 * len(MADE)


@pytest.fixture(params=MADE, ids=[f"{kind}, {evil}" for kind, evil in MADE])
def digest(request: pytest.FixtureRequest) -> Digest:
    kind, evil = request.param
    proposal = KINDS[kind](EVIL[evil])
    found = () if proposal is None else (proposal,)
    return compose(found, day=WHEN.date(), me=ME, zone=UTC, key=KEY, silent_because="-", replies=True)


ALLOWED = {
    "html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "small", "section", "div", "a", "br", "code",
}  # fmt: skip
GIVEN = {
    "lang", "dir", "charset", "name", "content", "aria-label", "href", "style", "class", "role", "rel",
}  # fmt: skip


def harmless(text: str) -> bool:
    """Whether no letter of it orders a terminal or turns a direction."""
    return all(c in f"\n{JOINERS}" or (unicodedata.category(c)[0] != "C" and c not in "\u2028\u2029") for c in text)


def test_no_header_is_added_and_no_line_broken(digest: Digest) -> None:
    mail_ = as_mail(digest, ME, WHEN)
    read = email.message_from_bytes(mail_, policy=default)

    assert harmless(digest.subject.replace("\n", "\0"))
    assert (read["Bcc"], read["Cc"], read.get_all("To")) == (None, None, [ME])
    assert len(digest.html.encode()) < 20_000
    assert len(mail_) < 30_000  # three bytes for a letter of ten thousand are nine in its encodings


def test_no_screen_obeys_it(digest: Digest) -> None:
    assert harmless(digest.text)
    assert harmless(digest.mailed)
    for line in digest.text.splitlines():
        assert columns(line) <= 78 or re.search(r"https?://\S+|\S+@\S+", line)


def test_no_page_obeys_it(digest: Digest) -> None:
    tags = Page(digest.html).tags

    assert harmless(digest.html)
    assert {tag for tag, _ in tags} <= ALLOWED
    assert {name for _, given in tags for name in given} <= GIVEN
    assert {given["style"] for _, given in tags if "style" in given} <= {BUTTON}


def test_its_links_go_where_they_say(digest: Digest) -> None:
    both = {ADA, f"{ADA},b.keller@kellerpaper.example", ME}
    for href in Page(digest.html).links():
        parts = urlsplit(href)
        if parts.scheme == "mailto":
            assert len(href) <= HREF
            assert (parse_qs(parts.query).keys() | {"subject", "body"}, parts.fragment) == ({"subject", "body"}, "")
            assert unquote(parts.path) in both
            assert harmless(unquote(parts.query).replace("\r\n", "\n"))
        else:
            assert (parts.scheme, parts.hostname) == ("https", "rag.example")
            assert not re.search(r"[\s<>\"]", href)


def test_before_both_agreed_a_hostile_name_is_not_told() -> None:
    """Both bear it, and what the two wrote about holds it: still nothing of the other is in what is written."""
    other = Person(8, "Bruno <b>Keller</b>\r\nBcc: x", ("b.keller@kellerpaper.example",))
    hidden = frozenset({"bruno", "keller", "kellerpaper"})
    one = Introduction(
        whom("Ada Weber"), other, "ask", "theirs", "Bruno\u200bs vellum", "Kellers vellum", unsaid=hidden
    )
    of = tie(*RAG, person=whom("Ada Weber"))
    found = introduce.propose(of, stands(of), replace(MORNING, introductions=(one,)))
    assert found is not None

    said = compose((found,), day=WHEN.date(), me=ME, zone=UTC, key=KEY).html
    [write] = [link for link in Page(said).links() if link.startswith(f"mailto:{ADA}")]
    assert not re.search("bruno|keller", unquote(write), re.IGNORECASE)


LONG = "Maximiliane Wilhelmine Freifrau von und zu Hohenstein-Schwarzenberg of the old paper mill at the upper lake"


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("a link from a mail", "rag paper. Say what you make of it."),
        ("a link from the shelf", "”. Say what you make of it."),
        ("a promise", "a line on when it will come."),
        ("an introduction", "whether an introduction is welcome, without saying to whom."),
        ("the same, of both", "have both agreed: introduce them to each other."),
        ("an event", "Ask whether Ada goes."),
    ],
)
def test_long_names_and_titles_leave_our_own_words_whole(kind: str, ends: str) -> None:
    found = KINDS[kind](LONG)
    assert found is not None

    assert ends in " ".join(compose((found,), day=WHEN.date(), me=ME, zone=UTC, key=KEY).text.split())
