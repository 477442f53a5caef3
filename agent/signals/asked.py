"""For how many days does a mail of theirs wait for the user's answer?"""

import re

from agent.model import Fact, Thread
from agent.people.names import organisation
from agent.signals.company import companies
from agent.signals.reciprocity import FEW
from nlp import asks, tidy
from nlp.words import sensitive

OWED_FROM, OWED_TO = 3, 60
"""Days after which a question counts as waiting, and after which an answer would only be a curiosity (design.md)."""

QUESTION_TO, PRESSING_TO = 21, 6
"""Days that a question stays open in practice, and one about a day or a meeting. After three weeks most have been
answered elsewhere or given up. A mere request is none: what was asked for at work and not refused was mostly done
without a word (read off open mailboxes)."""

COLLEAGUES_TO = 17
"""Days that a colleague's question stays open: within a company matters move on without an answer, or by telephone."""

SHORT = 3
"""Words of a subject that is no more than a knock on the door: "Golf?", "Where are you?"."""

NO_QUESTION = re.compile(
    r"\b(?:resign|lay-?offs?|terminat|funeral|condolence|estate|personal representative|tests? results?|survey)",
    re.IGNORECASE,
)
"""What nobody should be reminded of in a morning's mail."""

THAT_DAY = re.compile(r"\b(?:today|tonight|tomorrow|heute|demain|ce soir|hoy|mañana|oggi|domani|hoje|amanhã)\b", re.I)
"""Over before it can wait for three days."""

NO_SUBJECT = re.compile(r"\W*(?:no subject|none|kein betreff|sans objet|sin asunto)?\W*$", re.IGNORECASE)
"""A mail that has none is a quip, or nobody could tell which one is meant."""


def asked_days(mail: Fact, thread: Thread, own: frozenset[str]) -> int:
    """For how many days the mail waits for an answer: by its text's marks where those were made, else by its subject.

    `own` are the user's addresses.
    """
    subject = tidy.subject(mail.subject)
    if tidy.is_forward(mail.subject) or asks.is_auto_reply(mail.subject) or NO_SUBJECT.match(subject):
        return 0
    if NO_QUESTION.search(subject) or sensitive(subject) or THAT_DAY.search(subject):
        return 0
    if mail.marks is None:
        return _by_subject(mail, thread, own)
    signs = mail.marks.signs
    if "waits" not in signs or "that day" in signs or "assistant" in signs or "to another" in signs:
        return 0
    if "pressing" in signs or mail.marks.dates or asks.names_a_day(mail.subject):
        return PRESSING_TO
    return COLLEAGUES_TO if organisation(mail.sender) in companies(own) else QUESTION_TO


def _by_subject(mail: Fact, thread: Thread, own: frozenset[str]) -> int:
    """A subject is the question of whoever opened the thread, to those whom they wrote to."""
    first = thread.mails[0]
    if not asks.subject_asks(mail.subject) or "://" in mail.subject or thread.opened_by != mail.sender:
        return 0
    if own.isdisjoint(first.to) or len(first.recipients) > FEW:
        return 0
    if asks.asks_a_favour(mail.subject) and any(m.sender in own for m in thread.mails):
        return 0  # it was granted or not with the user's first answer; what came then is thanks
    lone = len(thread.mails) == 1 and len(tidy.subject(mail.subject).split()) <= SHORT
    return PRESSING_TO if lone else QUESTION_TO
