"""Does the digest of this day reach the user once: not twice after a crash, and not never?

What is done stands in the store before it is done: that the digest is about to leave, when nothing but that can fail;
and after it that it arrived. Whoever finds the first without the second asks the output whether it is there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from agent import mailing as mailings
from agent.mailing import CERTAIN, Mailing
from agent.model import Digest, Shown
from agent.outputs import Output, Unsure
from agent.store.store import Store
from config.keys import NoSecret
from connectors.contract import NeedsUser, Trouble, TryLater


@dataclass(frozen=True, slots=True)
class Letter:
    """A digest, the mail that carries it (empty where it is not worth one), and of which sick accounts it tells."""

    digest: Digest
    mail: bytes
    told: tuple[str, ...] = ()


Make = Callable[[Mailing | None], Letter]
"""Makes the letter with all that is known up to this minute; it is handed the latest mailing before."""


def send(
    store: Store, day: date, via: str, output: Output, make: Make, now: datetime, *, at_once: bool = False
) -> Mailing:
    """Send the digest of `day`, which is today, unless it was sent, is not worth it, or has to wait.

    May be called as often as one likes, by one process at a time. `at_once`: the user asks for it, so that nothing
    waits and what was given up is tried again. Gives how far it is; trouble is in that value, never raised.
    """
    at = int(now.timestamp())
    last = store.mailing()
    if last is not None and not at_once and mailings.waits(last, day, at):
        return last
    if last is not None and last.state == "sending":
        last = settle(store, last, day, output, at)
        if last.state == "sending":
            return last
    if last is not None and mailings.over(last, day, at) and not (at_once and last.state in ("silent", "given up")):
        return last
    going = mailings.begun(last, day, via, at)
    if at_once and going.refused:
        going = replace(going, refused=0)
    letter = make(last)
    going = replace(going, told=letter.told)
    if not letter.mail:
        return _kept(store, replace(going, state="silent", at=at, why="", remedy=""))
    return _sent(store, going, output, letter, at)


def settle(store: Store, last: Mailing, day: date, output: Output, at: int) -> Mailing:
    """What became of a digest that was being sent when somebody died, or the connection did."""
    try:
        arrived = output.arrived(last.message_id)
    except Trouble as trouble:
        if last.day < day and last.via not in CERTAIN:  # today's need not wait for that
            return _kept(store, replace(last, state="unsure", at=at))
        return _kept(store, after(last, trouble, at))
    if arrived:
        done = replace(last, state="sent", why="", remedy="")  # it arrived when it was sent
        store.mark_sent(done)
        return done
    if arrived is False and last.via in CERTAIN:
        back = replace(last, state="waiting", at=at, next=0)
        store.mark_unsent(back)
        return back
    return _kept(store, replace(last, state="unsure", at=at))


def _sent(store: Store, going: Mailing, output: Output, letter: Letter, at: int) -> Mailing:
    digest = letter.digest
    sending = replace(going, state="sending", at=at, message_id=digest.message_id, why="", remedy="")
    left: list[bool] = []

    def about_to() -> None:
        store.mark_sending(sending, shown(digest, at))
        left.append(True)

    try:
        output.deliver(digest, letter.mail, about_to)
    except Unsure as trouble:
        return _kept(store, after(sending, trouble, at))
    except Trouble as trouble:
        tried = after(going, trouble, at)
        store.mark_unsent(tried) if left else store.keep_mailing(tried)
        return tried
    done = replace(sending, state="sent")
    store.mark_sent(done)
    return done


def after(going: Mailing, trouble: Trouble, at: int) -> Mailing:
    """When it is tried again, and what is said of it until then."""
    cause = trouble.__cause__
    if isinstance(cause, NoSecret) and cause.passes:
        return mailings.closed(going, at, cause.what, cause.remedy)
    if isinstance(trouble, NeedsUser):
        return mailings.refused(going, at, trouble.what, trouble.remedy)
    until = trouble.until if isinstance(trouble, TryLater) else None
    return mailings.later(going, at, str(trouble), int(until.timestamp()) if until else 0)


def shown(digest: Digest, at: int) -> Sequence[Shown]:
    """What the user sees in a digest, by slot; a question has none, and stands under 0."""
    asked = digest.question
    return [
        *([Shown(digest.day, 0, asked.kind, asked.addresses, "", at)] if asked else []),
        *(
            Shown(digest.day, slot, p.kind, p.person.addresses, f"{p.gift.says} {p.gift.url}".rstrip(), at)
            for slot, p in enumerate(digest.proposals, 1)
        ),
    ]


def _kept(store: Store, mailing: Mailing) -> Mailing:
    store.keep_mailing(mailing)
    return mailing
