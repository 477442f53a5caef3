"""The people that these tests show: all invented."""

from datetime import UTC, datetime
from random import Random

from agent.digest.compose import entry
from agent.model import DAY, Contact, Morning, Person, Standing
from agent.page.compose import Glance, Portrait, compose
from agent.page.months import months
from tests.agent.digest.samples import ADA, RUTH, TOMAS, ZONE
from tests.agent.digest.samples import DAY as TODAY

NOW = int(datetime(2001, 8, 14, 6, tzinfo=UTC).timestamp())
MORNING = Morning(NOW, ZONE, frozenset({"me@home.example"}))

HOSTILE = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "an attribute": "\" onmouseover=alert(1) style='color:red' x=\"",
    "the end of the style": "</style><style>*{display:none}</style>",
    "the template's own": "{{ 7 * 7 }}{% for x in y %}",
    "the other direction": "Ada\u202egro.live\u2066\u200f",
    "lines": "Ada\nSet-Cookie: x\r\n\u2028<b>",
    "ten kilobytes": "Ada " + "x" * 10_000,
    "stacked marks": "A" + "\u0301" * 500,
    "a null byte": "Ada\x00\x1b[31m",
    "nothing at all": " \u200b\u202e ",
}


def passed(seed: int = 1, mails: int = 40, *, meetings: int = 3) -> tuple[Contact, ...]:
    """So many contacts within three years before NOW, oldest first."""
    dice = Random(seed)
    found = [
        Contact(NOW - dice.randrange(1, 1_100 * DAY), dice.choice(("me", "them")), n, meeting=n < meetings)
        for n in range(mails)
    ]
    return tuple(sorted(found, key=lambda one: one.at))


def portrait(number: int, name: str, *addresses: str, contacts: tuple[Contact, ...] = (), **more: object) -> Portrait:
    """One person; all that is not said is ordinary."""
    contacts = contacts or passed(number)
    mine, theirs = ([c.at for c in contacts if c.by == side and not c.meeting] for side in ("me", "them"))
    standing = Standing(
        number,
        first=contacts[0].at,
        last=contacts[-1].at,
        last_mine=max(mine, default=0),
        last_theirs=max(theirs, default=0),
        mine=len(mine),
        theirs=len(theirs),
        days=len(contacts),
        gap=21.0,
        began_mine=4,
        began_theirs=7,
    )
    told: dict[str, object] = {
        "person": Person(number, name, addresses or (f"p{number}@host.example",)),
        "standing": standing,
        "months": months(contacts, NOW, ZONE),
        "topics": ("looms", "tide tables"),
        "notes": ("has a loom at home",),
        "today": "You said never, on 3 March.",
    }
    return Portrait(**{**told, **more})  # type: ignore[arg-type]


def glance(*, proposals: bool = True, **more: object) -> Glance:
    """A morning with three proposals."""
    entries = tuple(entry(slot, one, TODAY, ZONE) for slot, one in enumerate((ADA, TOMAS, RUTH), 1))
    told: dict[str, object] = {"known": ("mail is known from 3 May 1999 to 13 August.",)}
    return Glance(MORNING, entries if proposals else (), **{**told, **more})  # type: ignore[arg-type]


ORDINARY = (portrait(1, "Ada Weber"), portrait(2, "Tomás Ibarra"), portrait(3, "Zoë Quill"), portrait(4, "Li Na"))


def ordinary() -> str:
    """The page of an ordinary morning."""
    return compose(ORDINARY, glance())


def crowded() -> str:
    """A page of so many that they stand below letters."""
    people = [portrait(n, f"{chr(65 + n % 26)}da Weber{n}") for n in range(1, 61)]
    return compose(people, glance(left_out=12))


def hostile() -> str:
    """A page on which everything that a stranger may have written is an attack."""
    people = [
        portrait(n, words, words, f"{words}@x.example", topics=(words,), notes=(words,), today=words)
        for n, words in enumerate(HOSTILE.values(), 1)
    ]
    lines = tuple(HOSTILE.values())
    return compose(people, glance(proposals=False, known=lines, silent_because=lines[0]))
