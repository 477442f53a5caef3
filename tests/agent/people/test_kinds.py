"""People are told from machines, lists and broadcasts, each with the reason."""

from typing import Any

import pytest

from agent.people.kinds import kind
from agent.people.traces import Trace


def trace(address: str, name: str = "", **counts: Any) -> Trace:
    return Trace(address, {name: 3} if name else {}, **counts)


ROWS: dict[str, tuple[Trace, str]] = {
    "who answered the user": (trace("x1@home.example", sent=2, to_user=2, from_user=1, answered_user=1), "person"),
    "an exchange with a desk that answers": (
        trace("info@mill.example", sent=4, to_user=4, from_user=3, answered_user=3),
        "person",
    ),
    "who is only written to": (trace("ada.lovelace@loom.example", from_user=2, received=2), "person"),
    "a stranger with a name": (
        trace("alovelace@loom.example", "Ada Lovelace", sent=5, to_user=5, templates=5),
        "person",
    ),
    "one mail is no habit": (trace("qx7@loom.example", sent=1, to_user=1, templates=1), "person"),
    "who forwards to many and answers": (
        trace("ada@loom.example", "Ada Lovelace", sent=20, wide=15, replies=4, templates=18),
        "person",
    ),
    "who posts on a list": (
        trace("ada@loom.example", "Ada Lovelace", sent=30, listed=30, missing_user=30, list_received=12, received=12),
        "person",
    ),
    "who stepped out of office": (trace("bob@mill.example", "Bob", sent=1, automatic=1, from_user=4), "person"),
    "a bounce": (trace("mailer-daemon@mill.example", sent=4, to_user=4), "machine"),
    "no reply": (trace("no-reply@mill.example", sent=1), "machine"),
    "no reply, though the user tried": (trace("noreply+77@mill.example", sent=4, to_user=4, from_user=2), "machine"),
    "says bulk": (trace("ada@mill.example", "Ada Lovelace", sent=9, bulk=9, to_user=9), "machine"),
    "a newsletter by its name": (trace("cottonnewsletter@mill.example", sent=3, to_user=3, templates=3), "machine"),
    "a newsletter by its host": (trace("mill@email.mill.example", "The Mill", sent=3, to_user=3), "machine"),
    "whose mails say how to leave them": (
        trace("carl@mill.example", "Carl Weber", sent=2, to_user=2, worded=1, templates=2),
        "machine",
    ),
    "who quotes such a foot in an answer": (
        trace("carl@mill.example", "Carl Weber", sent=2, to_user=2, worded=2, replies=1, templates=2),
        "person",
    ),
    "who posts on a list with such a foot": (
        trace("carl@mill.example", "Carl Weber", sent=3, listed=3, worded=3, templates=3),
        "person",
    ),
    "to whom the user wrote": (
        trace("carl@mill.example", "Carl Weber", sent=3, to_user=3, worded=3, from_user=1, templates=3),
        "person",
    ),
    "no name, but each time another matter, to the user": (
        trace("qx7@loom.example", sent=6, to_user=6, templates=6),
        "person",
    ),
    "a named human at a desk who writes to several": (
        trace("alert@mill.example", "Carl Weber", sent=60, to_user=60, usual_recipients=6, templates=40),
        "broadcast",
    ),
    "one subject for ever, and not to the user": (
        trace("orders@loom.example", "Carl Example", sent=30, missing_user=30, usual_recipients=1, templates=1),
        "machine",
    ),
    "no name and never an answer": (trace("qx7@mill.example", sent=9, to_user=9, templates=8), "machine"),
    "the same subject each day": (
        trace("carl@mill.example", "Carl Example", sent=60, to_user=60, usual_recipients=1, templates=2),
        "machine",
    ),
    "to a hundred": (trace("ada@mill.example", "Ada Lovelace", sent=5, wide=5, usual_recipients=99), "broadcast"),
    "never names the user": (
        trace("ada@mill.example", "Ada Lovelace", sent=8, missing_user=8, usual_recipients=1, templates=8),
        "broadcast",
    ),
    "a list": (trace("weavers@lists.example", received=40, list_received=40), "list"),
    "a list without headers": (trace("all.staff@mill.example", received=9), "list"),
    "a list that rewrites From": (
        Trace(
            "weavers@lists.example",
            {"Ada via Weavers": 9, "Bob via Weavers": 9, "Carl via Weavers": 9},
            sent=27,
            listed=27,
            received=27,
            list_received=27,
        ),
        "list",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("found", "expected"), ROWS.values(), ids=ROWS)
def test_kinds(found: Trace, expected: str) -> None:
    said, reason = kind(found)

    assert said == expected
    assert reason.endswith(".")


def test_whoever_is_written_to_by_name_is_not_made_a_machine_by_silence() -> None:
    counts: dict[str, Any] = {"sent": 9, "to_user": 9, "templates": 8}

    assert kind(trace("qx7@mill.example", **counts))[0] == "machine"
    assert kind(trace("qx7@mill.example", **counts, from_user=1))[0] == "person"
