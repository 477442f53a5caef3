"""What are the words of this message, as it stands in a file?"""

import re
from email import message_from_bytes
from email.message import Message
from email.policy import compat32
from typing import Any, Final

from connectors.headers_words import guessed

LONGEST_TEXT: Final = 64 << 10
"""Characters of a text that are read for its meaning; behind them come quotations and logs."""


def words(head: bytes) -> str:
    """The words of a message, at most LONGEST_TEXT; "" where it has none, or the library cannot stand it."""
    try:
        return _text(re.sub(rb"(?m)^>(>*From )", rb"\1", head))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ""


def _text(head: bytes) -> str:
    """Its text/plain part, else its text/html as HTML; "" where it has none."""
    html = ""
    message = message_from_bytes(head[: 2 * LONGEST_TEXT], policy=compat32)
    for part in message.walk():
        kind = part.get_content_type()
        if kind in ("text/plain", "text/html") and not part.is_multipart() and not _attached(part):
            words = _decoded(part)
            if kind == "text/plain" and words.strip():
                return words
            html = html or words
    return html


def _attached(part: "Message[Any, Any]") -> bool:
    return str(part.get("Content-Disposition", "")).strip().lower().startswith("attachment")


def _decoded(part: "Message[Any, Any]") -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    try:
        words = payload.decode(str(part.get_content_charset("utf-8")))
    except (LookupError, ValueError):  # no such charset, or not in it
        words = guessed(payload)
    return words.encode("utf-8", "replace").decode()[:LONGEST_TEXT]
