"""Which mails does Gmail list, and of which threads are they?"""

from collections.abc import Mapping
from typing import Any, Final

from connectors.contract import RemoteId, TryLater
from connectors.gmail_changes import NEVER, strings
from connectors.google_answers import Refused
from connectors.google_api import Api, Ask

LISTED: Final = 500
"""Ids to an answer: the most that Gmail gives."""

COST: Final = {"list": 5, "history": 2, "mail": 20, "thread": 40, "label": 1, "labels": 1}
"""Quota units (`sync.md`, 4)."""

RESTARTS: Final = 3
"""How often a listing whose page token was refused is begun anew."""

_LIST: Final = "messages(id,threadId),nextPageToken,resultSizeEstimate"
_LIST_HAS: Final = {"resultSizeEstimate": int}


def newest(api: Api, label: str) -> dict[RemoteId, str]:
    """The newest LISTED ids with that label, and of which thread they are."""
    request = api.messages.list(userId="me", labelIds=[label], maxResults=LISTED, fields=_LIST)
    return _rows(api.ask(Ask(request, COST["list"], _LIST_HAS)))


def listed(api: Api, label: str = "") -> dict[RemoteId, str]:
    """The ids with that label, and of which thread they are."""
    for _ in range(RESTARTS):
        found: dict[RemoteId, str] = {}
        token, seen = None, set[str]()
        try:
            while True:
                request = api.messages.list(
                    userId="me",
                    labelIds=[label] if label else None,
                    maxResults=LISTED,
                    pageToken=token,
                    fields=_LIST,
                )
                told = api.ask(Ask(request, COST["list"], _LIST_HAS), (400,) if token else ())
                found |= _rows(told)
                token = token_of(told, seen)
                if token is None:
                    return found
        except Refused:
            continue
    raise TryLater("Gmail refuses the pages that it offers itself.")


def unsent(api: Api) -> frozenset[RemoteId]:
    """What is no mail that was sent."""
    return frozenset(one for label in sorted(NEVER) for one in listed(api, label))


def _rows(told: Mapping[str, Any]) -> dict[RemoteId, str]:
    """The ids of a listing with their threads. Raises TryLater where it is none."""
    rows = told.get("messages", [])
    if not isinstance(rows, list) or not all(strings(one, "id", "threadId") for one in rows):
        raise TryLater("Gmail answers with something that is no list of mails.")
    return {
        (id_ := one["id"]): id_ if one["threadId"] == id_ else one["threadId"] for one in rows
    }  # one string for both


def token_of(told: Mapping[str, Any], seen: set[str]) -> str | None:
    """What the next page is asked for by; None where there is none. Raises TryLater where it is an old one."""
    token = told.get("nextPageToken")
    if not isinstance(token, str) or not token:
        return None
    if token in seen:
        raise TryLater("Gmail shows the same page again and again.")
    seen.add(token)
    return token
