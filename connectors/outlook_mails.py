"""What does Graph say of a mail?"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from connectors.contract import Interaction, RemoteId, Stream
from connectors.graph import Body, text_of
from connectors.headers import interaction
from connectors.headers_dates import settled
from connectors.headers_fields import WANTED, fields_of

LARGEST_TEXT: Final = 64 << 10
"""Characters of a text that are read: behind them come quotations and logs."""


def mail_of(row: Body, remote: RemoteId, stream: Stream) -> Interaction:
    """The mail that a row of Graph shows. Raises Undated."""
    found = fields_of(_headers(row.get("internetMessageHeaders")))
    _fill(found, row)
    mail = interaction(
        found,
        id=remote,
        internal=_moment(row.get("receivedDateTime")),
        labels=(stream.name, stream.role) if stream.role else (stream.name,),
        thread=text_of(row, "conversationId"),
    )
    return settled(mail, found)


def _headers(own: object) -> list[tuple[str, str]]:
    """Those that count: of thirty headers of the way that a mail came, six do."""
    if not isinstance(own, list):
        return []
    try:
        return [(one["name"], one["value"]) for one in own if one["name"].lower() in WANTED and one["value"].strip()]
    except (TypeError, KeyError, AttributeError):  # one of them is none
        shaped = [one for one in own if isinstance(one, dict)]
        pairs = [(one.get("name"), one.get("value")) for one in shaped]
        return [(name, value) for name, value in pairs if isinstance(name, str) and isinstance(value, str)]


_SAID: Final = (
    ("message-id", "internetMessageId"),
    ("subject", "subject"),
    ("from", "from"),
    ("sender", "sender"),
    ("to", "toRecipients"),
    ("cc", "ccRecipients"),
    ("bcc", "bccRecipients"),
)
_TEXTS: Final = frozenset(("message-id", "subject"))


def _fill(fields: dict[str, str], row: Body) -> None:
    """What no header says, as Graph itself says it, written as a header; every part may be missing, or null."""
    for name, graph in _SAID:
        if name not in fields and (said := row.get(graph)) and not (name == "sender" and "from" in fields):
            value = text_of(row, graph) if name in _TEXTS else _people(said if isinstance(said, list) else [said])
            if value:
                fields[name] = value
    if "date" not in fields and (sent := _moment(row.get("sentDateTime"))) is not None:
        fields["date"] = format_datetime(sent)


def _people(recipients: object) -> str:
    """Recipients as an address list. Exchange's own addresses, without an @, are nobody's."""
    found = []
    for each in recipients if isinstance(recipients, list) else ():
        who = each.get("emailAddress") if isinstance(each, dict) else None
        address = who.get("address") if isinstance(who, dict) else None
        if isinstance(who, dict) and isinstance(address, str) and "@" in address and not _UNSAFE & set(address):
            name = who.get("name")
            plain = name.translate(_PLAIN) if isinstance(name, str) and name != address else ""
            found.append(f'"{plain}" <{address}>' if plain.strip() else address)
    return ", ".join(found)


_UNSAFE: Final = frozenset('<>",;\r\n\t ')
_PLAIN: Final = str.maketrans({'"': " ", "\\": " ", "\r": " ", "\n": " "})


def _moment(value: object) -> datetime | None:
    """`2024-03-01T12:00:00Z`, which Graph always gives in UTC, to the second."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    if found.tzinfo is UTC and not found.microsecond:
        return found
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def content(row: Body) -> str:
    """What the mail says, as far as that is read."""
    body = row.get("body")
    content = body.get("content") if isinstance(body, dict) else None
    return content[:LARGEST_TEXT].encode("utf-8", "replace").decode() if isinstance(content, str) else ""
