"""Where does each message of an mbox begin and end?

At a line `From SENDER DATE` that a header line follows. Behind an empty line any header will do, and a `From ` with an
address or nothing behind it. Some programs leave the empty line out: then the header must be one with which mails
begin. So `From the beginning, ...`, `>From ` (mboxrd) and a quoted `From x@y Mon Jan 1 ...` with prose below it stay
text. Content-Length is not believed.

A file is read in pieces from front to back, so memory does not grow with it (and it may shrink meanwhile, which would
kill a process that had mapped it). Only the first part of each message is kept.
"""

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

CHUNK: Final = 256 << 10
"""Bytes asked for at once: as much as stays in a processor's cache while it is searched."""

KEEP: Final = 64 << 10
KEEP_WITH_TEXT: Final = 256 << 10
"""Bytes of a message that are looked at: its header and the beginning of its text. The rest is attachments."""

LOOK: Final = 4 << 10
"""A separator and the header line behind it are shorter than this."""

_FROM: Final = b"\nFrom "
_DATED = rb"""From\ (?:[^\n]{0,300}?[ ])??
    (?: (?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},?[ ]+)?
        (?: (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ]+\d{1,2},?[ ]+(?:\d{4}[ ]+)?\d{1,2}:\d\d
          | \d{1,2}[ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}[ ]\d{2,4},?[ ]+\d{1,2}:\d\d )
      | \d{4}-\d\d-\d\d[ T]\d\d:\d\d )
    [^\n]{0,100}\n(?:>From[ ][^\n]{0,998}\n)?"""
_AFTER_BLANK = re.compile(
    rb"(?:" + _DATED + rb"|From[ ](?:-|[^\s@]+@[^\s@]+)?[ ]?\r?\n) [!-9;-~]{1,76}[ \t]*:", re.IGNORECASE | re.VERBOSE
)
_AFTER_TEXT = re.compile(
    _DATED
    + rb"""(?:return-path|received|message-id|date|from|to|cc|subject|delivered-to|mime-version|content-type|sender
    |reply-to|status|x-[a-z0-9-]{1,60})[ \t]*:""",
    re.IGNORECASE | re.VERBOSE,
)
_MAIL = re.compile(rb"(?:[!-9;-~]{1,76}:[^\n]*\r?\n(?:[ \t][^\n]*\n)*)*?(?:from|date|message-id|received)[ \t]*:", re.I)
_BLANK = re.compile(rb"\r?\n\r?\n")


class Raw(NamedTuple):
    """One message as it stands in the file: its bytes from `start` to `end`, of which `head` are the first."""

    start: int
    end: int
    head: bytes


def begins(buffer: bytes | bytearray, at: int, end: int) -> bool:
    """Whether a message begins with the `From ` line at `at`; `end` is where the buffer ends."""
    before = buffer[max(at - 4, 0) : at]
    blank = before.endswith((b"\n\n", b"\n\r\n")) or not before.strip()
    return (_AFTER_BLANK if blank else _AFTER_TEXT).match(buffer, at, end) is not None


def messages(fill: Callable[[memoryview], int], base: int = 0, keep: int = KEEP) -> Iterator[Raw]:
    """The messages of a file whose reading goes on at `base`, where one begins.

    `fill` puts the next bytes into a buffer and gives their number, as `readinto` does. One buffer is used throughout.
    """
    buffer = bytearray(CHUNK + keep + LOOK)
    view, head = memoryview(buffer), b""
    start = base  # of the message that is being read; `base` is where the buffer begins
    looked, filled, ended = 0, 0, False
    while True:
        at = buffer.find(_FROM, looked, filled)
        if at >= 0 and (ended or at + LOOK <= filled):
            looked = at + 1
            if begins(buffer, looked, filled):
                end = base + looked
                yield Raw(start, end, head or bytes(view[start - base : min(looked, start - base + keep)]))
                start, head = end, b""
            continue
        if ended:
            break
        looked = at if at >= 0 else max(looked, filled - len(_FROM))
        if not head and filled - (start - base) > keep:
            head = bytes(view[start - base : start - base + keep])
        first = max(looked - 4, 0) if head else start - base
        view[: filled - first] = view[first:filled]
        base, looked, filled = base + first, looked - first, filled - first
        got = fill(view[filled:])
        ended, filled = not got, filled + got
    if base + filled > start:
        yield Raw(start, base + filled, head or bytes(view[start - base : min(filled, start - base + keep)]))


def split(head: bytes) -> tuple[bytes, bytes, int]:
    """(the `From ` line, the header, where the text begins) of a message."""
    at = head.find(b"\n") + 1 if head.startswith(b"From ") else 0
    if head.startswith((b"\n", b"\r\n"), at):
        return head[:at], b"", at
    end = head.find(b"\n\n", at)
    header = head[at:end] if end >= 0 else head[at:]
    if b"\r" in header and (blank := _BLANK.search(head, at)):
        return head[:at], head[at : blank.start()], blank.end()
    return head[:at], header, end + 2 if end >= 0 else len(head)


def is_mbox(head: bytes) -> bool:
    """Whether a file that begins so holds mail: an mbox, or (`.eml`) one single message."""
    start = beginning(head)
    return begins(head, start, len(head)) if head.startswith(b"From ", start) else bool(_MAIL.match(head, start))


def beginning(head: bytes) -> int:
    """Where the first message begins, behind a byte order mark and empty lines."""
    return len(head) - len(head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"))
