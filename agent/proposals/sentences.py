"""How is a proposal said? The sentences that its kinds share."""

from collections.abc import Sequence

from agent.gifts import Gifts, first
from agent.gifts.event import event
from agent.gifts.link import link
from agent.gifts.question import question
from agent.model import DAY, Citation, Contact, Gift, Morning, Person, Pool, Proposal, Standing, Tie
from agent.ranking import Around, lasting, welcome
from agent.signals.initiative import manners
from agent.signals.interests import named
from agent.words import clipped, every, first_name, listed, month, on, since

WITH_A_WORD: Sequence[Gifts] = (event, link, question)
"""What a word to somebody who went quiet may bring, the best first; a question is the weakest gift."""

NOTHING_TO_GIVE = (
    "There is nothing to give: no news and no event of yours fits what they care about, and no big matter is recent."
)

REST = "So far it was nearly always you who began. Letting it rest is fine, too."

SURE = 0.8
"""How likely it must be that one side always begins before it is said."""

STEADY_DAYS, STEADY_SPAN = 6, 90
"""Contact days, over so many days, before one may speak of a pace: a fortnight's project is none."""

CLEAR_RHYTHM = 60.0
"""Days: a usual gap longer than this is no rhythm that one would recognise."""


def welcome_now(standing: Standing, morning: Morning) -> float:
    """How likely (0 to 1) they would answer a word this morning."""
    return welcome(standing, morning.now, around_now(standing, morning), morning.weights)


def lasting_now(standing: Standing, morning: Morning) -> float:
    """How likely (0 to 1) a contact that begins this morning would live on."""
    return lasting(standing, morning.now, around_now(standing, morning))


def around_now(standing: Standing, morning: Morning) -> Around:
    """What holds this morning beside what passed between the two."""
    last = max(standing.seen, standing.last)
    return Around(unseen=(morning.now - last) / DAY, flow=morning.flow)


def context(tie: Tie, standing: Standing, morning: Morning) -> str:
    """Who this is, in a few words: since when they stand in the mail, and what the two talk about."""
    since = f"in your mail since {month(standing.first, morning.now, morning.zone)}"
    telling = [topic for topic in tie.topics if " " in topic.term]  # "deal and meter" describes nobody
    about = listed([clipped(t, 30) for t in named(telling, (t.subject for t in tie.threads))])
    return f"{since}, about {about}" if about else since


def who_wrote_last(tie: Tie, morning: Morning) -> str:
    """'Ada wrote last, on 12 August', or the meeting if that was last."""
    last = tie.contacts[-1]
    day = on(last.at, morning.now, morning.zone)
    if last.fact < 0:
        return f"You were last in touch on {day}, as you logged"
    if last.meeting:
        return f"You last met on {day}"
    if last.by == "me":
        return f"You wrote last, on {day}"
    return f"{first_name(tie.person.name)} wrote last, on {day}"


def rhythm(standing: Standing, morning: Morning) -> str:
    """'you used to be in touch about every three weeks; it has been nine weeks', where there was a rhythm for long."""
    silent = since(standing.last, morning.now, morning.zone)
    lasting = standing.days >= STEADY_DAYS and standing.last - standing.first >= STEADY_SPAN * DAY
    if standing.gap is None or standing.gap > CLEAR_RHYTHM or not lasting:
        return f"it has been {silent}"
    return f"you used to be in touch {every(standing.gap)}; it has been {silent}"


def rest(standing: Standing) -> str:
    """The offer to let it rest, where the other one never begins."""
    found = manners(standing)
    one_sided = found.manner in ("always me", "answers but never begins") and standing.last_mine > standing.last_theirs
    return REST if one_sided and found.sure >= SURE else ""


def last_contact(tie: Tie, morning: Morning) -> Citation:
    """The last contact as something to look up; its subject is filled in from its thread."""
    last: Contact = tie.contacts[-1]
    subject = next((m.subject for t in reversed(tie.threads) for m in t.mails if m.id == last.fact), "")
    return Citation(last.fact, last.at, last.by, subject)


def made(
    kind: str,
    pool: Pool,
    tie: Tie,
    standing: Standing,
    morning: Morning,
    why: str,
    gift: Gift,
) -> Proposal:
    """The proposal, with the citations that its sentences rest on."""
    cites = tuple(dict.fromkeys((last_contact(tie, morning), *gift.cites)))
    person: Person = tie.person
    return Proposal(
        kind=kind,
        pool=pool,
        person=person,
        context=context(tie, standing, morning),
        why=why,
        cites=cites,
        gift=gift,
        welcome=welcome_now(standing, morning),
        rest=rest(standing) if pool != "owed" else "",
    )


def a_word(kind: str, pool: Pool, tie: Tie, standing: Standing, morning: Morning) -> Proposal | None:
    """A word to somebody who went quiet, if there is something to give with it."""
    gift = first(tie, standing, morning, WITH_A_WORD)
    if not gift:
        return None
    why = f"{who_wrote_last(tie, morning)}; {rhythm(standing, morning)}."
    return made(kind, pool, tie, standing, morning, why, gift)
