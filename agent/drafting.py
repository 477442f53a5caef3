"""Does each proposal of a digest that went out get its draft: once, and never again?

As with the digest itself, what is done stands in the store before it is done. Whoever finds one begun and not done
looks whether it is there, or was sent or thrown away since; a draft that was put is never looked at again.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from agent import drafted, tokens
from agent.digest.draft import answered, draft
from agent.drafted import Drafted
from agent.mailing import Mailing
from agent.model import Digest
from agent.outputs.drafts import Drafts, Drawer
from agent.store.store import Store
from config.keys import NoSecret
from connectors.contract import NeedsUser, Trouble, TryLater


def around(
    send: Callable[[], Mailing],
    store: Store,
    drafts: Drafts | None,
    day: date,
    digest: Callable[[], Digest],
    now: datetime,
) -> Mailing:
    """Send today's digest, and put its drafts (None: none are wanted). Before it leaves it is kept that there are to
    be some, so that they come whatever happens in between; gives how far the digest is.
    """
    last, kept = store.mailing(), store.drafted()
    there = last is not None and last.day >= day and last.state in ("sent", "unsure")
    if drafts and not there and (kept is None or kept.day < day):
        store.keep_drafted(Drafted(day, int(now.timestamp())))
    if not drafts and kept is not None and kept.why:  # nobody wants them any more
        store.keep_drafted(replace(kept, over=True, why="", remedy=""))
    done = send()
    if drafts:
        place(store, day, digest, drafts, now)
    return done


def place(store: Store, day: date, digest: Callable[[], Digest], drafts: Drafts, now: datetime) -> None:
    """Put what is not there yet of today's, if it is time. Trouble is kept in the store, never raised."""
    at = int(now.timestamp())
    kept = store.drafted()
    if kept is None or not drafted.due(kept, store.mailing(), day, at):
        return
    letters = letters_of(store, digest(), day, drafts.address, now)
    try:
        if letters:
            with drafts.opened() as drawer:
                kept = settled(store, kept, drawer, drafts.address)
                for slot, mail in letters.items():
                    kept = put(store, kept, slot, mail, drawer)
        store.keep_drafted(replace(kept, over=True, going=0, why="", remedy=""))
    except Trouble as trouble:
        left = store.drafted() or kept
        cause = trouble.__cause__
        if isinstance(trouble, NeedsUser) and not (isinstance(cause, NoSecret) and cause.passes):
            store.keep_drafted(replace(left, over=True, why=trouble.what, remedy=trouble.remedy))
            return
        until = trouble.until if isinstance(trouble, TryLater) else None
        store.keep_drafted(drafted.later(left, at, str(trouble), int(until.timestamp()) if until else 0))


def letters_of(store: Store, digest: Digest, day: date, me: str, now: datetime) -> Mapping[int, bytes]:
    """The drafts of those who stand in the digest as it went out, by their numbers in it."""
    at = int(now.timestamp())
    slots = {people: slot for one in store.letters(day) if one.day == day for slot, people in one.people.items()}
    found: dict[int, bytes] = {}
    for proposal in digest.proposals:
        slot = slots.get(proposal.person.addresses)
        if slot is None:  # made anew: somebody else, who was in no mail
            continue
        mail = answered(proposal)
        fact = next(store.facts(until=at, ids=[mail]), None) if mail else None
        if made := draft(proposal, me, key=store.key, day=day, slot=slot, at=now, answers=fact):
            found[slot] = made[1]
    return found


def settled(store: Store, kept: Drafted, drawer: Drawer, me: str) -> Drafted:
    """What became of the one that was being put when somebody died."""
    if not kept.going:
        return kept
    there = drawer.has(tokens.draft_id(store.key, kept.day, kept.going, me))
    return replace(kept, put=(*kept.put, kept.going) if there else kept.put, going=0)


def put(store: Store, kept: Drafted, slot: int, mail: bytes, drawer: Drawer) -> Drafted:
    """Put one, unless it was put before."""
    if slot in kept.put:
        return kept
    store.keep_drafted(replace(kept, going=slot))
    drawer.put(mail)
    done = replace(kept, put=(*kept.put, slot), going=0)
    store.keep_drafted(done)
    return done
