"""A past morning sees nothing later than itself, and comes out the same however often one asks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from agent import demo, work
from agent.model import Standing
from tests.profiles import HEADERS, MORNING, TEXT, ZONE, Profile, demo_profile
from tests.walk.mailboxes import Letter, event

MAILS = re.split(r"\n(?=From \S+@\S+ [A-Z][a-z]{2} )", demo.mailbox(MORNING).decode())
EVENTS = re.findall(r"BEGIN:VEVENT\r\n.*?END:VEVENT\r\n", demo.calendar(MORNING).decode(), re.DOTALL)


def sent(mail: str) -> datetime:
    """When a mail of the demo was sent."""
    return parsedate_to_datetime(mail.partition("\nDate: ")[2].partition("\n")[0])


def begins(meeting: str) -> datetime:
    """When a meeting of the demo begins."""
    return datetime.strptime(meeting.partition("DTSTART:")[2][:15] + "+0000", "%Y%m%dT%H%M%S%z")


def cut_off(then: datetime) -> tuple[bytes, bytes]:
    """The mailbox and the calendar as they were then."""
    return packed([m for m in MAILS if sent(m) <= then], [e for e in EVENTS if begins(e) <= then])


def replaced(then: datetime) -> tuple[bytes, bytes]:
    """The same, and another future: other names and matters, old threads taken up, addresses joined, new owners."""
    before = [m for m in MAILS if sent(m) <= then]
    dice = Random(11)
    strange = []
    for n, somebody in enumerate(demo.CAST * 3):
        at = then + timedelta(hours=1 + 5 * n)
        parent = re.findall(r"\nMessage-ID: <(.*?)>", dice.choice(before))[0]
        me = f"Norah L. Changed <{dice.choice((demo.ME, demo.HOME, 'nora.lindqvist@elsewhere.example'))}>"
        them = f"Zora Other{n % 5} <{somebody.address}>"
        answers = (("In-Reply-To", f"<{parent}>"), ("References", f"<{parent}>"))
        bulk = (("List-Unsubscribe", "<mailto:x@y.example>"), ("Precedence", "bulk")) if n % 7 == 0 else ()
        pair = (me, them) if n % 2 else (them, me)
        text = "Could you tell me what you think? See https://later.example/x about tide gauges."
        strange.append(str(Letter(f"later.{n}@z.example", at, *pair, "Wholly other matters", text, answers + bulk)))
    twins = [str(Letter(re.findall(r"\nMessage-ID: <(.*?)>", m)[0], then + timedelta(days=3), "Eve <eve@eve.example>",
                        f"<{demo.ME}>", "Twin")) for m in before[-20:]]  # fmt: skip
    meetings = [event(f"later-{n}", then + timedelta(days=n + 1), [one.address]) for n, one in enumerate(demo.CAST)]
    lines = ["".join(f"{line}\r\n" for line in one) for one in meetings]
    return packed([*before, *strange, *twins], [*(e for e in EVENTS if begins(e) <= then), *lines])


def shuffled(then: datetime) -> tuple[bytes, bytes]:
    """All of it, the future first."""
    return packed(Random(5).sample(MAILS, len(MAILS)), EVENTS[::-1])


def packed(mails: list[str], meetings: list[str]) -> tuple[bytes, bytes]:
    """As files."""
    head = demo.calendar(MORNING).decode().partition("BEGIN:VEVENT")[0]
    return "\n".join(
        m.rstrip("\n") + "\n" for m in mails
    ).encode(), f"{head}{''.join(meetings)}END:VCALENDAR\r\n".encode()


@dataclass(frozen=True)
class Seen:
    """All that a morning gives, with addresses for people."""

    text: str
    html: str
    proposals: list[tuple[Any, ...]]
    held: list[tuple[Any, ...]]
    scores: dict[tuple[str, ...], tuple[Any, ...]]
    people: set[tuple[Any, ...]]
    topics: dict[tuple[str, ...], tuple[Any, ...]]
    own: frozenset[str]
    news: list[tuple[Any, ...]]


def seen(profile: Profile, then: datetime, *, past: bool = True) -> Seen:
    """The morning `then`, with every number that decided it."""
    with profile.opened() as (house, store):
        made = work.make(store, house.settings, then, house.zone, past=past)
        people = {p.id: p for p in made.known.people()}
        return Seen(
            made.digest.text,
            made.digest.html,
            [(p.person.addresses, p.kind, p.welcome, p.why, p.gift.says) for p in made.outcome.proposals],
            sorted((h.person.addresses, h.kind, h.reason) for h in made.outcome.held),
            {people[s.person].addresses: score(s) for s in made.known.standings()},
            {(p.name, p.addresses, p.kind, p.sphere, p.joined, p.because) for p in people.values()},
            {p.addresses: made.known.tie(p.id).topics for p in people.values() if p.kind == "person"},
            made.morning.own,
            sorted((n.at, n.title, n.url, n.source) for n in made.morning.news),
        )


def score(standing: Standing) -> tuple[Any, ...]:
    """Everything that ranks somebody; numbers of rows and of threads aside."""
    values = {name: getattr(standing, name) for name in standing.__dataclass_fields__ if name != "person"}
    return tuple(
        values.values() if not standing.open else (values | {"open": [at for _, at in standing.open]}).values()
    )


CASES = {
    "last week, then none": (TEXT, 7, cut_off),
    "last week, then another": (TEXT, 7, replaced),
    "two months ago, then none": (TEXT, 60, cut_off),
    "two months ago, then another": (TEXT, 60, replaced),
    "two months ago, the future first in the file": (TEXT, 60, shuffled),
    "half a year ago, then another": (TEXT, 180, replaced),
    "headers only, last week, then none": (HEADERS, 7, cut_off),
    "headers only, two months ago, then another": (HEADERS, 60, replaced),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, demo_home: Profile) -> Callable[[str], Profile]:
    """The demo's profile with all of its past and future, in both ways of reading."""
    headers = cache(lambda: demo_profile(tmp_path_factory.mktemp("headers") / "home", read=HEADERS))
    return lambda read: demo_home if read == TEXT else headers()


@pytest.mark.parametrize(("read", "days", "future"), list(CASES.values()), ids=list(CASES))
def test_no_score_and_no_digest_changes_when_the_future_does(
    read: str,
    days: int,
    future: Callable[[datetime], tuple[bytes, bytes]],
    whole: Callable[[str], Profile],
    tmp_path: Path,
) -> None:
    then = MORNING - timedelta(days=days)
    mails, meetings = future(then)
    other = Profile(tmp_path / "home")
    other.write(demo_mbox=mails, demo_ics=meetings, config_toml=whole(read).config.read_bytes())
    other.tell("sync")

    assert seen(other, then) == seen(whole(read), then)


def test_what_the_user_says_later_changes_no_earlier_morning(nora: Profile) -> None:
    then = MORNING - timedelta(days=30)
    before = seen(nora, then)
    for said in (
        ("never", "Ruth Okafor"),
        ("person", "Ada", "merge", "Bruno"),
        ("person", "Hana", "split", "hana.sato@atelier.example"),
        ("person", demo.HOME, "not-mine"),
        ("note", "Clara", "golf"),
        ("digest",),
    ):
        nora.tell(*said)

    assert seen(nora, then) == before


@pytest.mark.parametrize("then", ["2026-05-05", "2026-03-13", "2026-01-05T18:30"])
def test_two_runs_give_the_same_bytes(then: str, demo_home: Profile) -> None:
    assert demo_home.run("digest", "--now", then) == demo_home.run("digest", "--now", then)
    assert demo_home.run("digest", "--now", then, "--json") == demo_home.run("digest", "--now", then, "--json")


def test_now_is_a_dry_run(nora: Profile) -> None:
    nora.tell("digest", "--now", MORNING.date().isoformat())

    assert nora.run("later", 1).code == 2
    assert nora.json("status")["last_digest"] is None
    assert not list((nora.home / "digests").iterdir())


def test_the_present_and_the_same_moment_asked_for_give_the_same_digest(nora: Profile) -> None:
    present = seen(nora, MORNING, past=False)

    assert present == seen(nora, MORNING)
    assert nora.tell("digest", "--dry-run") == nora.tell("digest", "--now", "2026-05-12T07:00")


def test_the_morning_of_a_day_is_the_hour_of_the_digest(demo_home: Profile) -> None:
    assert demo_home.tell("digest", "--now", "2026-05-12") == demo_home.tell("digest", "--now", "2026-05-12T07:00")


def test_a_moment_may_name_its_zone(demo_home: Profile) -> None:
    there = datetime.combine(date(2026, 5, 12), MORNING.time(), ZONE).isoformat()

    assert demo_home.tell("digest", "--now", there) == demo_home.tell("digest", "--now", "2026-05-12")


@pytest.mark.parametrize("word", ["yesterday", "2026-13-01", "12.5.2026", "2026-05-12T25:00", "9999999-01-01"])
def test_what_is_no_moment_is_told(word: str, demo_home: Profile) -> None:
    said = demo_home.run("digest", "--now", word)

    assert said.code == 2
    assert said.err == f"--now {word}: not a day or time. Write 2001-08-14 or 2001-08-14T09:30.\n"


def test_a_clock_that_was_put_back_knows_no_meeting_to_come(nora: Profile) -> None:
    before = nora.json("people")
    Profile(nora.home, nora.at + timedelta(days=60)).json("people")

    assert nora.json("people") == before
