"""Which folders of a mail server are read, and in what order?

Sent comes first, so that ties show early, then the inbox, then the others. Drafts, Junk and Trash (by their flags, or
by their names in many languages) are left out with all that is below them, and so are the folders of other people.
Gmail shows each mail in several folders and archived mail in "All Mail" alone: there Sent and All Mail are read and
nothing else. Other servers' "all" folders only repeat the rest and are left out.
"""

from collections.abc import Sequence

from connectors.contract import Stream
from connectors.imap_line import Folder
from connectors.labels import special_use

LEFT_OUT = frozenset(("\\Drafts", "\\Junk", "\\Trash"))
"""Unsent, unwanted, thrown away."""

USES = ("\\Sent", "\\Drafts", "\\Junk", "\\Trash", "\\All", "\\Archive", "\\Flagged", "\\Important")
REPEATING = frozenset(("\\All", "\\Flagged", "\\Important"))
"""Folders that only show again what stands elsewhere."""


def streams_of(folders: Sequence[Folder], *, gmail: bool = False) -> list[Stream]:
    """The folders that are read, in the order in which they are."""
    used = [(each, use_of(each)) for each in folders if not each.flags & {"\\noselect", "\\nonexistent"}]
    out = [each for each in folders if use_of(each) in LEFT_OUT]
    if gmail and any(use == "\\All" for _, use in used):
        read = [(each, use) for each, use in used if use in ("\\Sent", "\\All")]
    else:
        read = [(each, use) for each, use in used if use not in LEFT_OUT | REPEATING and not _below(each, out)]
    found = {each.name: Stream(each.name, shown_as(each.name), use) for each, use in read}
    return sorted(
        found.values(), key=lambda one: (one.role != "\\Sent", one.role != "\\Inbox", one.name.casefold(), one.id)
    )


def use_of(folder: Folder) -> str:
    """RFC 6154, by the flags, else by the name; the inbox is the one that IMAP calls so."""
    if folder.name.upper() == "INBOX":
        return "\\Inbox"
    for use in USES:
        if use.lower() in folder.flags:
            return use
    name = shown_as(folder.name)
    last = name.rpartition(folder.parted_by)[2] if folder.parted_by else name
    named = special_use(last)
    return "" if named == "\\Inbox" else named


def _below(folder: Folder, others: Sequence[Folder]) -> bool:
    return any(other.parted_by and folder.name.startswith(other.name + other.parted_by) for other in others)


def shown_as(name: str) -> str:
    """A folder's name in letters: servers spell it in modified UTF-7."""
    from imapclient.imap_utf7 import decode

    try:
        return str(decode(name.encode("ascii"))) if name.isascii() else name.encode("utf-8", "replace").decode()
    except (ValueError, UnicodeError):
        return name
