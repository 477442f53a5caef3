"""`auld shelf`: what is worth sharing. It waits for somebody whom it fits; no page is ever fetched."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from agent.cli.ends import USAGE, Ends
from agent.cli.lines import as_json, out, say

if TYPE_CHECKING:
    from datetime import tzinfo

    from agent.model import News
    from agent.sharing.shelf import Shelved
    from agent.store.store import Store
    from config.settings import Boundaries

LONGEST_URL, LONGEST = 1_000, 300
"""Characters of a link, and of a title or a note; the rest belongs into a mail."""

EMPTY = "Nothing lies on the shelf. `auld shelf add URL` lays something there."


@click.group("shelf")
def shelf_() -> None:
    """Keep links worth sharing. Each is proposed as a gift once it fits somebody; nobody gets it by itself."""


@shelf_.command("add")
@click.argument("url")
@click.option("--title", default="", metavar="T", help="What it is called; left out: the end of the link.")
@click.option("--note", default="", metavar="N", help='What it is about, or for whom: "for Ada".')
def add_(url: str, title: str, note: str) -> None:
    """Lay a link on the shelf."""
    from agent.cli.home import known
    from agent.digest.plain import clean
    from agent.sharing.shelf import ADD, Shelved, next_number, on_shelf, packed

    if max(len(title), len(note)) > LONGEST:
        raise Ends(f"At most {LONGEST} characters are kept of a title or a note.", USAGE)
    link, title, note = checked(url), clean(title, LONGEST), clean(note, LONGEST)
    with known() as (house, store, present):
        at = int(present.timestamp())
        stated = store.stated(at)
        before = same_as(link, on_shelf(stated))
        if before:
            one = Shelved(before.number, at, link, title or before.title, note or before.note)
        else:
            one = Shelved(next_number(stated), at, link, title, note)
        store.say(ADD, (), text=packed(one), at=at)
        say(f"{one.number}: {called(one)}. `auld undo` takes it back.")
        if not one.title:
            say("  No page is fetched, so that this title is the end of the link; --title gives it another.")
        if why := held_back(one, house.settings.boundaries):
            say(f"  {why}")


@shelf_.command("list")
@as_json
def list_(json_: bool) -> None:
    """List what lies on the shelf, and what you mailed to yourself."""
    from agent.cli.home import known
    from agent.digest.plain import clean
    from agent.sharing.shelf import on_shelf

    with known() as (house, store, present):
        at = int(present.timestamp())
        shelved, mailed = on_shelf(store.stated(at)), mailed_to_oneself(store, at)
        if json_:
            out({"shelf": [*map(described, shelved), *map(of_mail, mailed)]})
            return
        if not shelved and not mailed:
            say(EMPTY)
        for line, link in listed(shelved, mailed, house.zone):
            say(line)
            click.echo(f"   {clean(link, len(link))}")  # whole, so that it can be copied


@shelf_.command("remove")
@click.argument("which", metavar="NUMBER|URL")
def remove_(which: str) -> None:
    """Take a link off the shelf: by its number, or any link that is not to be proposed again."""
    from agent.cli.home import known
    from agent.sharing.shelf import REMOVE, Shelved, on_shelf, packed

    with known() as (_, store, present):
        at = int(present.timestamp())
        shelved = on_shelf(store.stated(at))
        if which.isdecimal():
            found = next((one for one in shelved if one.number == int(which)), None)
            if found is None:
                raise Ends(f"There is no number {which} on the shelf. `auld shelf list` shows them.", USAGE)
        else:
            link = checked(which)
            found = same_as(link, shelved) or Shelved(0, at, link)
        store.say(REMOVE, (), text=packed(found), at=at)
        say(f"Taken off: {called(found)}. `auld undo` puts it back.")


def checked(url: str) -> str:
    """The link as it is kept. Raises Ends for what is no link that one would pass on."""
    from agent.digest.plain import clean
    from agent.sharing.links import same

    link = url.strip()
    if "://" not in link and "." in link.partition("/")[0] and "@" not in link:
        link = f"https://{link}"
    if not same(link) or any(c.isspace() for c in link) or clean(link, len(link) + 1) != link:
        raise Ends(f"{url}: not a link. It begins with https://", USAGE)
    if "@" in link.split("://", 1)[1].partition("/")[0]:
        raise Ends("That link holds a name or a password before its host; it is not for others.", USAGE)
    if len(link) > LONGEST_URL:
        raise Ends(f"That link has {len(link)} characters; {LONGEST_URL} are the most that one can pass on.", USAGE)
    return link


def same_as(link: str, shelved: "Sequence[Shelved]") -> "Shelved | None":
    """What lies there under this link, however it is written."""
    from agent.sharing.links import same

    return next((one for one in shelved if same(one.url) == same(link)), None)


def called(one: "Shelved") -> str:
    """The title, or the end of the link, in quotes."""
    from agent.sharing.links import readable

    return f"“{one.title or readable(one.url)}”"


def held_back(one: "Shelved", bounds: "Boundaries") -> str:
    """Why the config keeps it from being proposed; "" where it does not."""
    from agent.sharing.discretion import kept, touched
    from agent.sharing.links import readable

    said = (one.title or readable(one.url), one.note, one.url)
    if kept(bounds.confidential, (), said):
        return "It will not be proposed: `confidential` in your config keeps it back."
    if topic := touched(bounds.topics, *said):
        return f"It will not be proposed: your config says never: topic: {topic}."
    return ""


def mailed_to_oneself(store: "Store", at: int) -> "list[News]":
    """The links that the user mailed to nobody else, where texts are read; those taken off again left out."""
    from agent.model import DAY
    from agent.sharing.links import same
    from agent.sharing.news import SHELF_AGE, to_oneself
    from agent.sharing.shelf import on_shelf, taken_off

    own, stated = frozenset(store.own()), store.stated(at)
    off, shelved = taken_off(stated), {same(one.url) for one in on_shelf(stated)}
    facts = store.facts(until=at, since=at - SHELF_AGE * DAY, marked=True, by=own)
    found = {same(piece.url): piece for piece in to_oneself(facts, own)}
    return [piece for key, piece in found.items() if key not in shelved and off.get(key, -1) < piece.at]


def listed(shelved: "Sequence[Shelved]", mailed: "Sequence[News]", zone: "tzinfo") -> list[tuple[str, str]]:
    """Each in a line, with its link, for a screen however narrow."""
    from agent.words import local

    rows = [(f"{one.number}. {called(one)}", one.note, one.at, one.url) for one in shelved]
    rows += [(f"-  “{one.title}”, mailed to yourself", one.note, one.at, one.url) for one in mailed]
    return [
        (f"{name}, {local(at, zone).isoformat()}{f': {note}' if note else ''}", url) for name, note, at, url in rows
    ]


def described(one: "Shelved") -> dict[str, Any]:
    """One for programs."""
    from agent.sharing.links import readable

    title = one.title or readable(one.url)
    return {
        "number": one.number,
        "url": one.url,
        "title": title,
        "titled": bool(one.title),
        "note": one.note,
        "at": one.at,
    }


def of_mail(piece: "News") -> dict[str, Any]:
    """What was mailed to oneself, for programs."""
    said = {"url": piece.url, "title": piece.title, "titled": True, "note": piece.note, "at": piece.at}
    return {"number": None, **said}
