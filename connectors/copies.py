"""By what is a mail known again that stands somewhere else as well?"""

from datetime import datetime
from hashlib import blake2b
from typing import Final

from connectors.contract import Party, RemoteId

MARKED: Final = 1_024
"""Bytes of a text that its fingerprint rests on: two mails that agree so far, and in their headers, are one."""

MARKED_IN: Final = MARKED * 5 // 4
"""Bytes that usually hold so many: one in six is white space."""


def fingerprint(head: bytes, at: int = 0) -> bytes:
    """A hash (16 bytes) of the first MARKED bytes of the text at `at` that are neither white space nor `>`.

    So it is the same for a copy with other line ends, with `>From` quoted or not, or with an empty line more. It is a
    hash, never text: nothing can be read back from it.
    """
    text = b""
    while at < len(head) and len(text) < MARKED:
        text += head[at : at + MARKED_IN].translate(None, b" \t\r\n\f\v>")
        at += MARKED_IN
    return blake2b(text[:MARKED], digest_size=16).digest()


def content_id(
    message_id: str, author: Party | None, sent: datetime, subject: str, fingerprint: bytes, copy: str = ""
) -> RemoteId:
    """An id from the mail itself, so that a file that is read again, reordered or grown adds only what is new.

    `copy` is what tells two copies of one mail apart (its folder; Bcc, which only the sender's copy has).
    """
    parts = (message_id, author.address if author else "", str(int(sent.timestamp())), subject, copy)
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(text + b"\0" + fingerprint, digest_size=12).hexdigest()
