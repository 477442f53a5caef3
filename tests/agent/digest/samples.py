"""The proposals that these tests speak of: all invented."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from agent.digest.compose import compose
from agent.model import Citation, Digest, Gift, Person, Proposal

ME = "me@home.example"
KEY = b"a profile's own key"
ZONE = ZoneInfo("Europe/London")
DAY = date(2001, 8, 14)
MADE_AT = datetime(2001, 8, 14, 7, tzinfo=ZONE)

ASKED = Citation(1, int(datetime(2001, 7, 30, 9, tzinfo=UTC).timestamp()), "them", "Loom for the hall")
CAME = Citation(2, int(datetime(2001, 8, 9, 9, tzinfo=UTC).timestamp()), "other", "A century of tides")

ADA = Proposal(
    kind="reply",
    pool="owed",
    person=Person(1, "Ada Weber", ("ada.weber@guild.example", "ada@old.example")),
    context="known since May 1999; you two talk about looms",
    why="Ada asked you something on 30 July, two weeks ago (“Loom for the hall”). It may still be open.",
    cites=(ASKED,),
    gift=Gift(
        kind="answer",
        says="Answer Ada’s mail “Loom for the hall”.",
        opener="Hi Ada,\n\nyou asked me on 30 July about “Loom for the hall”: ",
        cites=(ASKED,),
        subject="Re: Loom for the hall",
    ),
    welcome=0.6,
)
TOMAS = Proposal(
    kind="reconnect",
    pool="keeping up",
    person=Person(2, "Tomás Ibarra", ("tomas@harbour.example",)),
    context="known since March 2000; you two talk about tide tables",
    why="Tomás wrote last, on 2 July; you used to be in touch about every two weeks; it has been six weeks.",
    cites=(replace(ASKED, at=int(datetime(2001, 7, 2, 9, tzinfo=UTC).timestamp()), subject="Tide tables"), CAME),
    gift=Gift(
        kind="link",
        says="“A century of tides”, which came to you on 9 August: tide tables are a matter of theirs too.",
        opener="Hi Tomás,\n\nthis made me think of you: A century of tides\n\n",
        cites=(CAME,),
        url="https://tides.example/century?from=1900&to=2000",
        subject="A century of tides",
    ),
    welcome=0.5,
)
RUTH = Proposal(
    kind="revive",
    pool="reviving",
    person=Person(3, "Ruth Okafor", ("ruth@okafor.example",)),
    context="known since 1999; you two talk about the choir",
    why="You last met on 3 March; it has been five months.",
    cites=(replace(ASKED, at=int(datetime(2001, 3, 3, 12, tzinfo=UTC).timestamp()), subject="Lunch"),),
    gift=Gift(
        kind="question",
        says="Ask how things stand with “Summer concert”: you two last wrote about it in February.",
        opener="Hi Ruth,\n\nI was thinking of “Summer concert”. How do things stand?",
        cites=(ASKED,),
        subject="Summer concert",
    ),
    welcome=0.4,
    rest="It is nearly always you who begins; you may also let it rest: Ruth will not mind.",
)
NOTICES = ("The account home needs you: its password was refused. `auld status` tells more.",)

LONG = "Abcdefghij" * 20
WORST = replace(
    TOMAS,
    person=Person(4, LONG, (f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example",)),
    context=LONG,
    why=f"{LONG} {LONG}",
    gift=replace(TOMAS.gift, says=LONG, url=f"https://{'d' * 60}.{'e' * 60}.{'f' * 60}.example/{LONG}"),
    rest=LONG,
)
"""Nothing in it can be broken at a space."""


def digest_of(*proposals: Proposal, **more: str | bool | tuple[str, ...]) -> Digest:
    return compose(proposals, day=DAY, me=ME, zone=ZONE, key=KEY, **more)  # type: ignore[arg-type]
