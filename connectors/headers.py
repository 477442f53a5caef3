"""What do the headers of a mail say? One place that turns them into an `Interaction`.

Hostile headers never raise: what cannot be read is left out. `email.policy.default` is never used: it raises on them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from connectors.contract import Interaction, RemoteId
from connectors.copies import content_id
from connectors.headers_dates import dated
from connectors.headers_evidence import evidence
from connectors.headers_exported import with_kept_names
from connectors.headers_fields import Fields
from connectors.headers_ids import ids, message_id_of, parent, plain_id
from connectors.headers_people import parties, sender
from connectors.headers_words import decoded
from connectors.labels import folder_label, gmail_labels

LONGEST_SUBJECT: Final = 2_000
"""Characters; a longer one is a whole text that was pasted there, or an attack."""


def interaction(
    found: Fields,
    *,
    id: RemoteId = "",  # noqa: A002 - the contract's word
    size: int = 0,
    from_line: bytes = b"",
    internal: datetime | None = None,
    fingerprint: bytes = b"",
    labels: Sequence[str] = (),
    thread: str = "",
) -> Interaction:
    """The mail whose header has these `fields`. Without an `id` it gets one from its own content.

    `internal` is the provider's own date of arrival, `from_line` an mbox's separator, `labels` what the source says
    beside the header. Raises Undated, and nothing else, whatever the fields hold.
    """
    get = found.get
    sent, by, received = dated(found, from_line, internal)
    author = sender(found)
    to, cc, bcc = (parties(found[name]) if name in found else () for name in ("to", "cc", "bcc"))
    if "x-from" in found:
        author, to, cc = with_kept_names(found, author, to, cc)
    if bcc and (to or cc):  # some exports repeat Cc as Bcc: who stands open is not hidden
        open_ = {p.address for p in to + cc}
        bcc = tuple(p for p in bcc if p.address not in open_)
    subject = decoded(get("subject", ""))[:LONGEST_SUBJECT]
    message_id = message_id_of(found["message-id"]) if "message-id" in found else ""
    said = tuple(labels)
    if "x-gmail-labels" in found:
        said += gmail_labels(found["x-gmail-labels"])
    if "x-folder" in found:
        said += folder_label(found["x-folder"])
    return Interaction(
        id or content_id(message_id, author, sent, subject, fingerprint, get("x-folder", "") + get("bcc", "")),
        sent,
        by,
        author,
        to,
        cc,
        bcc,
        subject,
        message_id,
        parent(found["in-reply-to"]) if "in-reply-to" in found else "",
        ids(found["references"]) if "references" in found else (),
        thread or (plain_id(found["x-gm-thrid"]) if "x-gm-thrid" in found else ""),
        tuple(dict.fromkeys(said)) if len(said) > 1 else said,
        evidence(found),
        received,
        size,
        fingerprint,
    )
