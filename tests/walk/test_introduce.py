"""Two who do not know each other are introduced: each is asked first, and neither hears of the other before."""

from datetime import datetime, timedelta
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote

import pytest

from agent import work
from tests.profiles import ZONE, Profile
from tests.walk.mailboxes import ME, Letter

START = datetime(2024, 3, 5, 7, tzinfo=ZONE)
"""A Tuesday."""

USER = f"Me Myself <{ME}>"
ADA, BRUNO = "Ada Weber <ada@guild.example>", "Bruno Keller <bruno@kellerpaper.example>"
MATTERS = "Lantern Kettle Harbour Barley Anchor Saddle Violin Compass Ledger Candle Meadow Ferry Quarry Orchard Copper".split()  # noqa: E501, SIM905
OF_BRUNO = ("bruno", "keller", "kellerpaper")
OF_ADA = ("ada", "weber", "guild")


def talk(who: str, ago: float, subject: str, turns: str, text: str = "") -> list[Letter]:
    """A thread that began so many days before START; `turns` says who wrote, "m" (me) or "t" (they)."""
    found: list[Letter] = []
    for n, turn in enumerate(turns):
        sender, to = (USER, who) if turn == "m" else (who, USER)
        name = f"{parseaddr(who)[1].partition('@')[0]}.{ago}.{n}@mail.example"
        answers = (("In-Reply-To", f"<{found[-1].id}>"),) if found else ()
        said = text if text and n == len(turns) - 1 else "All is well here, and the work goes on."
        at = START - timedelta(days=ago) + timedelta(hours=3 * n)
        found.append(Letter(name, at, sender, to, f"Re: {subject}" if n else subject, said, answers))
    return found


NEIGHBOURS = [
    letter
    for n, matter in enumerate(MATTERS * 2)
    for ago in (300 + n, 200 + n, 5 + n % 4)
    for letter in talk(
        f"{chr(65 + n % 26)}na Neighbour{n} <n{n}@host{n}.example>", ago, f"{matter} at {n} o'clock", "mt"
    )
]
"""Others, so that there is something that hardly anybody writes about."""

ASKED = "Our charter has a tear. Do you know who does vellum repair, and could you recommend somebody?"
PAIR = [
    *talk(ADA, 300, "Weaving course", "tmtm"),
    *talk(ADA, 120, "Weaving in autumn", "tm"),
    *talk(ADA, 9, "Vellum repair for the charter", "t", ASKED),
    *talk(BRUNO, 280, "Vellum repair", "mtmt"),
    *talk(BRUNO, 150, "Vellum repair prices", "tm"),
    *talk(BRUNO, 20, "Vellum repair, the glue", "mt"),
]


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    """The user's profile, with all of them in it."""
    profile = Profile(tmp_path / "home", START)
    config = f"""\
[me]
addresses = ["{ME}"]
timezone = "Europe/London"

[accounts.mail]
kind = "mbox"
path = "mail.mbox"
read = "text"

[digest]
via = "stdout"
people = 5
"""
    profile.write(config_toml=config)
    bring(profile, *NEIGHBOURS, *PAIR)
    return profile


def bring(profile: Profile, *letters: Letter) -> None:
    """What is in the mailbox from now on."""
    kept = profile.home / "letters"
    kept.mkdir(exist_ok=True)
    for one in letters:
        (kept / f"{one.at.timestamp():015.1f}.{one.id.replace('/', '_')}").write_text(str(one), "utf-8")
    profile.write(mail_mbox="\n".join(path.read_text("utf-8") for path in sorted(kept.iterdir())))
    profile.tell("sync")


def write(profile: Profile, to: str, subject: str, sender: str = USER) -> None:
    """A mail now."""
    name = f"{profile.at.timestamp()}.{parseaddr(sender)[1]}"
    bring(profile, Letter(name, profile.at, sender, to, subject, "As above."))


def allow(profile: Profile) -> None:
    profile.tell("person", "Ada Weber", "work")
    profile.tell("person", "Bruno Keller", "work")


def later(profile: Profile, days: float) -> None:
    profile.at += timedelta(days=days)


def proposed(profile: Profile) -> dict[str, str]:
    """Who is to be written to about an introduction, and what the digest says of it."""
    found = profile.json("digest")["proposals"]
    return {one["name"]: one["gift"]["says"] for one in found if one["kind"] == "introduce"}


def drafts(profile: Profile) -> list[str]:
    """All that would leave for somebody else: openers and links, as one would send them."""
    with profile.opened() as (house, store):
        made = work.make(store, house.settings, profile.at, house.zone, past=False)
    said = [p.gift.opener for p in made.outcome.proposals if p.kind == "introduce"]
    links = [unquote(part.partition('"')[0]) for part in made.digest.html.split('href="mailto:')[1:]]
    return [*said, *(link for link in links if "introduc" in link.lower())]


def refused(profile: Profile, *args: str) -> str:
    """Why `auld introduce ARGS` does not do it."""
    said = profile.run("introduce", *args)
    assert (said.code, said.out) == (2, ""), said
    return said.err


def test_nobody_is_introduced_whom_the_user_did_not_call_work(home: Profile) -> None:
    assert proposed(home) == {}

    home.tell("person", "Ada Weber", "work")
    assert proposed(home) == {}

    home.tell("person", "Bruno Keller", "personal")
    assert proposed(home) == {}


def test_from_the_digest_to_a_mail_to_both(home: Profile) -> None:
    allow(home)
    assert list(proposed(home)) == ["Ada Weber"]
    assert "Bruno Keller" in proposed(home)["Ada Weber"]
    for draft in drafts(home):
        assert not any(word in draft.lower() for word in OF_BRUNO), draft
    home.tell("digest")

    later(home, 0.1)
    write(home, ADA, "An introduction?")
    later(home, 8)
    assert proposed(home) == {}
    assert "you asked Ada Weber on 5 March" in home.tell("introduce")

    write(home, USER, "Re: An introduction?", sender=ADA)
    later(home, 1)
    asks = 'auld introduce "Ada Weber" "Bruno Keller" --yes "Ada Weber"'
    assert asks in " ".join(home.tell("digest").split())
    shown = home.tell("introduce", "Ada", "Bruno", "--yes", "Ada")
    assert "To: bruno@kellerpaper.example" in shown

    assert list(proposed(home)) == ["Bruno Keller"]
    for draft in drafts(home):
        assert not any(word in draft.lower() for word in OF_ADA), draft
    assert "a question about vellum repair" in drafts(home)[0].lower()
    home.tell("digest")
    later(home, 0.1)
    write(home, BRUNO, "An introduction?")
    assert "--made" in home.tell("introduce", "Ada", "Bruno", "--yes", "Bruno")

    later(home, 10)
    assert list(proposed(home)) == ["Ada Weber"]
    [opener, link] = drafts(home)
    assert link.startswith("ada@guild.example,bruno@kellerpaper.example?")
    assert "Ada Weber asked me something about vellum repair, of which Bruno Keller and I wrote." in opener
    home.tell("digest")

    later(home, 0.1)
    write(home, f"{ADA}, {BRUNO}", "An introduction")
    later(home, 8)
    assert proposed(home) == {}
    assert "introduced on 24 March" in home.tell("introduce", "Ada", "Bruno")


def test_what_cannot_be_is_refused_with_what_would_help(home: Profile) -> None:
    assert refused(home, "Ada", "Bruno") == (
        'Ada Weber counts as private, and takes no part: `auld person "Ada Weber" work` changes that.\n'
    )
    allow(home)
    home.tell("person", "Lna Neighbour11", "work")

    assert "Nobody here is called 'Zoe'" in refused(home, "Ada", "Zoe")
    assert "are one person, Ada Weber" in refused(home, "Ada", "ada@guild.example")
    assert "Whom with whom?" in refused(home, "Ada")
    assert "Whom with whom?" in refused(home, "--made")
    assert "One thing at a time" in refused(home, "Ada", "Bruno", "--asked", "--made")
    assert "Both have to agree first" in refused(home, "Ada", "Bruno", "--made")
    assert "Lna Neighbour11 is neither of the two." in refused(home, "Ada", "Bruno", "--yes", "Lna Neighbour11")
    home.tell("never", "Bruno")
    assert refused(home, "Ada", "Bruno").startswith("Bruno Keller: You said never")


def test_who_knows_whom_is_said_with_the_mail_that_shows_it(home: Profile) -> None:
    allow(home)
    write(home, f"{ADA}, {BRUNO}", "Minutes of the guild")
    later(home, 1)

    assert "They know each other: both stood in “Minutes of the guild”, on 5 March." in refused(home, "Ada", "Bruno")


def test_two_whom_nothing_joins_are_introduced_where_the_user_wants_it(home: Profile) -> None:
    allow(home)
    home.tell("person", "Lna Neighbour11", "work")
    shown = home.tell("introduce", "Bruno", "Lna Neighbour11")

    assert "I know somebody whom you might like to meet." in shown
    assert "Neighbour" not in shown.partition("Subject:")[2].partition("Asked:")[0]


def test_a_no_rests_and_is_told_to_nobody_but_the_user(home: Profile) -> None:
    allow(home)
    assert "Ada Weber would rather not" in home.tell("introduce", "Ada", "Bruno", "--no", "Ada")

    assert proposed(home) == {}
    assert "It rests" in home.tell("introduce")
    assert "It rests" in refused(home, "Ada", "Bruno", "--asked")
    assert "introduc" not in home.tell("digest").lower()


def test_each_step_can_be_taken_back(home: Profile) -> None:
    allow(home)
    home.tell("introduce", "Ada", "Bruno", "--yes", "Ada")

    assert home.tell("undo") == "Taken back: introduce, said of Ada Weber (ada@guild.example agreed).\n"
    assert "ask Ada Weber first" in home.tell("introduce")


def test_why_tells_of_the_introduction(home: Profile) -> None:
    allow(home)

    assert "Ask Ada whether an introduction is welcome" in home.tell("why", "Ada")


def test_a_program_reads_all_of_it(home: Profile) -> None:
    assert home.json("introduce") == {"allowed": 0, "introductions": []}
    assert "There is nobody to introduce" in home.tell("introduce")
    allow(home)

    [one] = home.json("introduce")["introductions"]
    assert one == home.json("introduce", "Ada", "Bruno")["introduction"]
    assert [(p["name"], p["asked"], p["agreed"], p["declined"]) for p in one["people"]] == [
        ("Ada Weber", 0, 0, 0),
        ("Bruno Keller", 0, 0, 0),
    ]
    assert (one["turn"], one["made"], one["draft"]["to"]) == ("Ada Weber", 0, ["ada@guild.example"])


def test_who_is_forgotten_is_in_no_introduction(home: Profile) -> None:
    allow(home)
    home.tell("digest")
    home.tell("introduce", "Ada", "Bruno", "--yes", "Ada")
    home.tell("forget", "Bruno Keller", "--yes")

    assert home.json("introduce") == {"allowed": 1, "introductions": []}
    kept = b"".join(path.read_bytes().lower() for path in home.home.glob("**/*.db*"))
    assert b"ada@guild.example" in kept
    assert b"bruno" not in kept
