"""How is Microsoft's token service asked?

By msal, and through `connectors.web`, so that silence, size, redirects and certificates are looked after as everywhere.
What is kept is msal's cache without access tokens and without the token that tells the user's name.
"""

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from config.settings import loopback
from connectors import graph
from connectors.contract import NeedsUser, Session, Trouble, TryLater
from connectors.graph import Endpoints
from connectors.microsoft_answers import AGAIN, trouble
from connectors.web import Web
from connectors.web_addresses import host_of

if TYPE_CHECKING:
    from connectors.microsoft import Options


LARGEST: Final = 1 << 20
"""Bytes of one answer of the token service: they have some thousand."""

KEPT: Final = ("RefreshToken", "Account", "AppMetadata")
"""The parts of msal's cache that are kept."""


class TokenService:
    """msal, with its cache and our own way to the token service."""

    def __init__(
        self, options: "Options", kept: str, *, now: datetime, session: Session, endpoints: Endpoints | None
    ) -> None:
        import msal

        logging.getLogger("msal").setLevel(logging.CRITICAL + 1)  # it would log answers that it cannot read
        at = endpoints or graph.MICROSOFT
        self.options = options
        self._cache = msal.SerializableTokenCache()
        try:
            self._cache.deserialize(json.dumps(dict(json.loads(kept or "{}"))))
        except (ValueError, TypeError):
            raise NeedsUser("What was kept of the sign-in cannot be read.", AGAIN) from None
        self.app = msal.PublicClientApplication(
            options.client_id,
            authority=f"{at.login}/{options.tenant}",
            http_client=_Http(options, at, Web(session, now=now, private=_here(at), trusted=at.trusted)),
            token_cache=self._cache,
            instance_discovery=False,
        )

    def silently(self, asked: tuple[str, ...]) -> Mapping[str, Any] | None:
        """What the token service answers to the refresh token; None where there is none for this client."""
        accounts = self.app.get_accounts()
        if not accounts or not self.renewable:
            return None
        result = self.app.acquire_token_silent_with_error(list(asked), accounts[0], force_refresh=True)
        return result or {}

    @property
    def renewable(self) -> bool:
        """Whether there is a refresh token for this client."""
        tokens = json.loads(self._cache.serialize()).get("RefreshToken", {})
        return any(token.get("client_id") == self.options.client_id for token in tokens.values())

    def kept(self) -> str:
        """What is to be kept."""
        whole = json.loads(self._cache.serialize())
        return json.dumps({name: whole[name] for name in KEPT if name in whole})


def _here(at: Endpoints) -> bool:
    return loopback(host_of(at.login))


class _Http:
    """The door to the token service, in the shape that msal wants. It raises TryLater for what is no answer."""

    def __init__(self, options: "Options", at: Endpoints, web: Web) -> None:
        self._options, self._login, self._web = options, urlsplit(at.login).netloc, web
        self.host = host_of(at.login)

    def get(self, url: str, params: object = None, headers: Any = None, **_: object) -> "_Answer":
        answer = self._ask("GET", url, params, headers, None)
        if answer.status_code != 200:  # msal would call it a wrong address
            raise trouble(json.loads(answer.text), self._options)
        return answer

    def post(self, url: str, params: object = None, data: object = None, headers: Any = None, **_: object) -> "_Answer":
        body = urlencode(data) if isinstance(data, Mapping) else str(data or "")
        told = {**(headers or {}), "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, params, told, body.encode())

    def close(self) -> None:
        """Nothing is left open that would not close by itself."""

    def _ask(self, method: str, url: str, params: object, headers: Any, body: bytes | None) -> "_Answer":
        if urlsplit(url).netloc != self._login:
            raise TryLater(f"{self.host} sends us elsewhere.")
        if isinstance(params, Mapping) and params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        try:
            answer = self._web.ask(method, url, headers=headers, body=body, limit=LARGEST, follow=False)
        except NeedsUser as elsewhere:
            raise TryLater(f"{self.host} cannot be reached from this network: {elsewhere.what}") from None
        if answer.status in (408, 429) or answer.status >= 500:
            until = self._web.until(answer.headers.get("retry-after", ""))
            raise TryLater(f"{self.host} asks us to wait ({answer.status}).", until)
        try:
            said = json.loads(answer.body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise TryLater(f"Something answers in place of {self.host} ({answer.status}): it is no JSON.")
        return _Answer(answer.status, json.dumps(said), {})


@dataclass(frozen=True, slots=True)
class _Answer:
    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """What is worse than 4xx was raised before."""


@contextmanager
def odd() -> Iterator[None]:
    """What msal stumbles over in an answer is no reason to ask the user for anything."""
    try:
        yield
    except Trouble:
        raise
    except Exception as stumbled:
        raise TryLater(f"The sign-in service of Microsoft answers oddly ({type(stumbled).__name__}).") from None


def granted(result: Mapping[str, Any]) -> frozenset[str]:
    """The rights by their short names: Microsoft puts an address before them, or does not."""
    return frozenset(one.rpartition("/")[2] for one in str(result.get("scope", "")).split())
