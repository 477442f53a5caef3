"""What `auld status` says of an account that is read in rounds."""

from dataclasses import replace
from datetime import datetime

import pytest

from agent.cli.overview import account, lines, moment
from agent.store.glance import AccountGlance, Glance

AT = int(datetime(2026, 5, 12, 7, 30).astimezone().timestamp())
HOME = AccountGlance(
    "home", "imap", False, 3, 1_234, AT, AT, 0, 0, state="ok", since=AT, first_at=AT - 600, begun_at=AT,
    ended_at=AT + 5,
    complete_at=AT + 5,
)  # fmt: skip
LATER = AT + 3_600


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({}, "ok · last complete round 2026-05-12 07:30 · 1,234 items"),
        ({"state": "limited", "progress": 0.41}, "catching up 41 % (about 14 min) · "),
        ({"state": "limited", "progress": 0.01}, "catching up 1 % · "),
        (
            {"state": "waiting", "next_at": LATER, "why": "The server wants peace."},
            "waiting until 2026-05-12 08:30 (The server wants peace.) · ",
        ),
        ({"state": "offline", "next_at": LATER}, "offline since 2026-05-12 07:30 · "),
        ({"state": "offline", "next_at": LATER}, " · next try 2026-05-12 08:30"),
        (
            {"state": "sign in", "why": "The server refuses the password.", "remedy": "Run `auld login home`."},
            "sign in: The server refuses the password. Run `auld login home`. · ",
        ),
        ({"state": "resting", "why": "a bug of auld's own (KeyError at imap.py:3)"}, "resting (a bug of auld's own"),
        ({"degraded": "Inbox was numbered anew"}, "degraded: some of it is only looked over (Inbox was numbered anew)"),
        ({"complete_at": None, "state": ""}, "being read · no complete round yet"),
        ({"missed": 3, "parked": 2}, " · 1 could not be read yet · 2 parked"),
        ({"held": 80}, " · 80 said to be gone, held until a second look"),
    ],
    ids=[
        "well", "catching up", "only just", "waiting", "offline", "offline, until", "sign in", "a bug", "degraded",
        "new", "parked", "held",
    ],
)  # fmt: skip
def test_an_account_in_a_line(changed: dict[str, object], says: str) -> None:
    said = account(replace(HOME, **changed))  # type: ignore[arg-type]

    assert said.startswith("home (imap): ")
    assert says in said


def test_an_account_that_is_off_is_told_until_it_is_deleted() -> None:
    seen = Glance(accounts=(), off=(("work", AT),))

    assert next(iter(lines(seen, []))) == "work: off since 2026-05-12 07:30, deleted a day later"


REFUSED = "config.toml has 2 problems:\n  line 8: a\n  line 9: b"


def test_a_config_that_does_not_hold_is_told_first_and_each_problem_has_its_line() -> None:
    assert list(lines(Glance(accounts=(HOME,), config_problem=REFUSED), ["home"]))[:4] == [
        "The config file as it is now does not hold; the one before does.",
        "config.toml has 2 problems:",
        "  line 8: a",
        "  line 9: b",
    ]


def test_with_every_account_off_what_is_wrong_what_runs_and_what_is_off_is_still_told() -> None:
    seen = Glance(off=(("work", AT),), config_problem=REFUSED)

    assert list(lines(seen, [], ["home", "work"], running=True))[1:] == [
        "config.toml has 2 problems:",
        "  line 8: a",
        "  line 9: b",
        "work: off since 2026-05-12 07:30, deleted a day later",
        "home: off",
        "No account is opted in. `auld connectors enable NAME` switches one on.",
        "daemon: running",
    ]


def test_where_the_config_cannot_be_read_nobody_says_what_is_off() -> None:
    assert list(lines(Glance(missing=True), [], None)) == []


def test_an_archive_that_was_never_read_says_why() -> None:
    old = replace(
        HOME, name="old", kind="mbox", archive=True, streams=0, state="sign in", why="No such file.", remedy="Look."
    )

    assert account(old) == "old (mbox, an archive): not read yet: No such file. Look."


def test_a_full_disk_is_told() -> None:
    assert next(iter(lines(Glance(accounts=(HOME,)), ["home"], full=True))).startswith("The disk is full: ")


def test_no_moment_is_no_text() -> None:
    assert moment(None) == ""
