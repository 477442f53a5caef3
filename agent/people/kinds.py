"""Is an address a person, a machine, a discussion list, or somebody who only sends to many?

What passed between the user and the address weighs most, then what the headers say, then how it is spelled. Each
verdict comes with its reason, since the user may know better.
"""

import re
from collections.abc import Callable

from agent.model import Kind
from agent.people.names import best, fits, local, parsed
from agent.people.traces import Trace, usual_name

MOST = 0.5
"""A sign that stands on more than half of the mails of an address speaks for the address."""

SOME = 3
"""With fewer mails than this an address has no habit yet, and is given the benefit of the doubt."""

MANY = 10
"""So many mails under one and the same subject no human writes."""

RARELY = 0.1
"""Newsletters and announcements put Re: into a few subjects too; measured: up to 1 mail in 8 of announcers."""

TEMPLATED = 1 / 3
"""Reports repeat their subject, dates aside; of people who never answer, three mails in four have a new one."""

_NEVER_HUMAN = """
noreply nreply donotreply dontreply nepasrepondre autoreply autoresponder mailerdaemon postmaster bounce bounces robot
daemon notification notifications notify notifier alerts automated automailer listserv majordomo mailsweeper
listmaster
"""
NEVER_HUMAN = frozenset(_NEVER_HUMAN.split())
"""Whoever answers to one of these, no human reads it."""

_ROLES = """
account accounts admin administrator alert announce announcement announcements billing bulletin careers contact
custserv customer customercare customerservice deals digest editor email enquiries events exchange feedback hello help
helpdesk info information mail mailbox mailer mailing manager market marketing member members membership news
newsletter newsletters offers office orders payroll press promo promos promotions receipts register registration
response reservations rewards sales security service services shop special specials specialoffers store subscribe
subscription subscriptions support survey team travel update updates webmaster
"""
ROLES = frozenset(_ROLES.split())
"""Functions: mostly machines, sometimes a person who minds the desk, so they count only without reply evidence."""

_LISTS = (
    "all announce chat committee discuss discussion distribution dl everybody everyone group list lists staff users"
)
LISTS = frozenset(_LISTS.split())
"""How addresses are called behind which several people stand."""

_SENDING_HOSTS = """
airmail alerts bounce bounces edm email em emails enews info mailer mailings marketing mkt news newsletter newsletters
promo promos
"""
SENDING_HOSTS = frozenset(_SENDING_HOSTS.split())
"""Names of machines that send for a firm: news@email.example.com. Plain `mail` is left out: people have it too."""

_WORD = re.compile(r"[a-z]+")
_Verdict = tuple[Kind, str]


def kind(trace: Trace) -> _Verdict:
    """What is behind an address, and the reason in a sentence."""
    for rule in RULES:
        verdict = rule(trace)
        if verdict:
            return verdict
    return "person", "Nothing speaks against a person."


def _by_list(trace: Trace) -> _Verdict | None:
    """Mails of a list go to its address, and it writes none, or others write under it ("Ada via Weavers")."""
    through = trace.list_received
    relays = trace.listed > MOST * trace.sent and sum("via" in name.lower().split() for name in trace.names) >= SOME
    if through >= SOME and through > MOST * trace.received and (relays or not (trace.sent or _human(trace))):
        return "list", f"{through} mails came through it as a discussion list."
    if not trace.sent and _words(trace) & LISTS and not _human(trace):
        return "list", "Its name is that of a group, and it never wrote."
    return None


def _by_headers(trace: Trace) -> _Verdict | None:
    if trace.answered_user or trace.listed > MOST * trace.sent:
        return None
    if trace.bulk > MOST * trace.sent and trace.replies <= RARELY * trace.sent:
        return "machine", f"{trace.bulk} of its {trace.sent} mails say that they are mailings to many."
    if trace.automatic > MOST * trace.sent and not trace.from_user:
        return "machine", f"{trace.automatic} of its {trace.sent} mails say that a machine wrote them."
    return None


def _by_spelling(trace: Trace) -> _Verdict | None:
    squeezed = re.sub(r"[^a-z]", "", local(trace.address))
    if squeezed in NEVER_HUMAN or _words(trace) & NEVER_HUMAN or squeezed.startswith(("noreply", "donotreply")):
        return "machine", f"Its address says so ({trace.address.rpartition('@')[0]})."
    return None


def _by_exchange(trace: Trace) -> _Verdict | None:
    """What machines do not do."""
    if _role(trace) and not trace.answered_user and not _human(trace):
        return None
    if trace.answered_user:
        return "person", "You wrote, and they answered."
    if trace.from_user and trace.to_user:
        return "person", "You have written to each other."
    if trace.answered_by_user:
        return "person", "You answered them."
    return None


def _by_wording(trace: Trace) -> _Verdict | None:
    """Mails that tell how to leave them. People quote such a foot when they answer or pass something on."""
    if not trace.worded or trace.worded < MOST * trace.sent or trace.listed > MOST * trace.sent:
        return None
    quoting = trace.replies + trace.forwards > RARELY * trace.sent and trace.bulk <= MOST * trace.sent
    if quoting or trace.from_user:
        return None
    return "machine", f"{trace.worded} of its {trace.sent} mails say how to leave them, or why one gets them."


def _by_width(trace: Trace) -> _Verdict | None:
    if trace.sent < SOME or trace.listed > MOST * trace.sent:
        return None
    if trace.wide > 0.9 * trace.sent and not trace.replies and not trace.from_user:
        return "broadcast", f"Its mails go to many: usually {trace.usual_recipients}."
    if trace.wide > MOST * trace.sent and not trace.replies and not trace.forwards:
        return "broadcast", f"Its mails go to many: usually {trace.usual_recipients}."
    return None


def _by_role(trace: Trace) -> _Verdict | None:
    word = _role(trace)
    if word and trace.replies <= RARELY * trace.sent and not _human(trace):
        named: Kind = "broadcast" if _personal(trace) and trace.usual_recipients > 1 else "machine"
        return named, f"Its address names a function ({word}), and it never answered you."
    return None


def _by_absence(trace: Trace) -> _Verdict | None:
    """Mails to nobody in particular: the user stands on a list of recipients that is not shown."""
    if trace.sent < SOME or trace.listed > MOST * trace.sent or trace.from_user:
        return None
    quiet = trace.replies + trace.forwards <= RARELY * trace.sent or (trace.sent > SOME and trace.replies == 1)
    if quiet and trace.missing_user > MOST * trace.sent:
        nobody = (trace.names and not _personal(trace)) or (trace.sent >= MANY and trace.templates == 1)
        return "machine" if nobody else "broadcast", "Its mails do not name you, and none is an answer."
    return None


def _by_sameness(trace: Trace) -> _Verdict | None:
    if trace.from_user or trace.replies or trace.forwards or trace.sent < SOME or trace.listed > MOST * trace.sent:
        return None
    if trace.sent > SOME and trace.templates <= TEMPLATED * trace.sent:
        repeats: Kind = "broadcast" if trace.usual_recipients > 1 or trace.missing_user else "machine"
        return repeats, f"Its {trace.sent} mails share {trace.templates} subjects."
    varied = trace.to_user == trace.templates == trace.sent  # each to the user, each about something else
    if not _personal(trace) and (trace.names or not varied):
        some: Kind = "broadcast" if trace.missing_user and not trace.names else "machine"
        return some, "It writes without ever answering, and has no human name."
    return None


def _by_name(trace: Trace) -> _Verdict | None:
    if not trace.sent and _role(trace) and not _human(trace):
        return "machine", "Its address names a function, and it never wrote."
    return None


RULES: tuple[Callable[[Trace], _Verdict | None], ...] = (
    _by_list,
    _by_spelling,
    _by_headers,
    _by_exchange,
    _by_wording,
    _by_width,
    _by_role,
    _by_absence,
    _by_sameness,
    _by_name,
)
"""The strongest evidence first; the first rule that says something decides."""


def _words(trace: Trace) -> frozenset[str]:
    return frozenset(_WORD.findall(local(trace.address)))


def _role(trace: Trace) -> str:
    """The function that an address names, by itself or by its host; "" where it names none."""
    found = _words(trace) & ROLES
    squeezed = re.sub(r"[^a-z]", "", local(trace.address))
    if not found and (squeezed.endswith(("newsletter", "newsletters", "service", "offers", "alerts", "news"))):
        found = frozenset({squeezed})
    if not found:
        labels = trace.address.rpartition("@")[2].split(".")[:-2]
        found = frozenset(label for label in (x.rstrip("0123456789") for x in labels) if label in SENDING_HOSTS)
    return min(found, default="")


def _human(trace: Trace) -> bool:
    """Its display name is that of a human, and the address is spelled after it."""
    name = usual_name(trace.names)
    return name is not None and _personal(trace) and fits(name, trace.address) in ("same", "initials")


def _personal(trace: Trace) -> bool:
    """A display name in two words, neither a function nor the firm: rather a person, whatever the address is."""
    name = parsed(best(trace.names))
    firm = set(trace.address.rpartition("@")[2].split("."))
    return name is not None and not {name.first, name.last} & (ROLES | LISTS | firm)
