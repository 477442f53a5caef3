"""What lies in the user's Drafts for one proposal: their own mail to that person, of which they make what they like.

Nothing in it tells of auld, as all of it goes on when the user sends it.
"""

import re
from collections.abc import Sequence
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

from agent import tokens
from agent.digest.compose import NAME, OPENER, SUBJECT, _link, _writable
from agent.digest.plain import clean, paragraphs
from agent.model import Fact, Proposal

ANSWERS = frozenset({"answer", "promise"})
"""Gifts that are a mail in a thread which is there: it is answered."""

LINE = 900
"""Columns of a header line: below the 998 of RFC 5322, and long enough that no Message-ID is broken."""

_ID = re.compile(r"[!-;=?-~]{1,200}")  # as printable ASCII, and without the angle brackets


def answered(proposal: Proposal) -> int:
    """The fact that the mail to this person would answer; 0 where it begins a thread."""
    gift = proposal.gift
    return gift.cites[0].fact if gift.kind in ANSWERS and gift.cites else 0


def draft(
    proposal: Proposal, me: str, *, key: bytes, day: date, slot: int, at: datetime, answers: Fact | None = None
) -> tuple[str, bytes] | None:
    """Its Message-ID and its bytes; None where there is nobody that can be written to. `at` (aware) is its Date.

    `answers` is the mail whose thread it lands in.
    """
    own = _writable([me])
    first = _writable(proposal.person.addresses)
    if not own or not first:
        return None
    to = [first, *filter(None, (_writable([also]) for also in proposal.gift.also))]
    named = tokens.draft_id(key, day, slot, own)
    mail = EmailMessage(policy=SMTP if all(map(str.isascii, (own, *to))) else SMTPUTF8)
    mail["From"] = _party(own)
    mail["To"] = [_party(to[0], clean(proposal.person.name, NAME)), *map(_party, to[1:])]
    if subject := clean(proposal.gift.subject, SUBJECT):
        mail["Subject"] = subject
    mail["Date"] = at
    mail["Message-ID"] = f"<{named}>"
    if thread := _thread(answers):
        mail["In-Reply-To"] = f"<{thread[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in thread)
    mail.set_content(_text(proposal) + "\n", cte="quoted-printable")
    return named, mail.as_bytes(policy=mail.policy.clone(max_line_length=LINE))


def _text(proposal: Proposal) -> str:
    """What *Write* in the digest would put there."""
    url, _ = _link(proposal.gift.url)
    begun = paragraphs(proposal.gift.opener, OPENER)
    return begun if url in begun else f"{begun}\n\n{url}".strip()


def _party(address: str, name: str = "") -> Address:
    user, _, host = address.rpartition("@")
    return Address(name, user, host)


def _thread(answers: Fact | None) -> Sequence[str]:
    """The Message-IDs of the thread so far, the answered one last; as many as a line holds, its first among them."""
    if answers is None or not _ID.fullmatch(answers.message_id):
        return ()
    named = [*reversed(answers.parents), answers.message_id]
    thread = [one for one in dict.fromkeys(named) if _ID.fullmatch(one)]
    while len(thread) > 1 and sum(len(one) + 3 for one in thread) > LINE - len("References: "):
        del thread[1 if len(thread) > 2 else 0]
    return thread
