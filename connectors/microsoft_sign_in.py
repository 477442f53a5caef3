"""How does the user let us in at Microsoft?

By authorization code with PKCE in the user's own browser, or by a device code where there is none.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from connectors import graph
from connectors.consent import AccessToken, Consent, Fresh
from connectors.contract import NeedsUser, Session, TryLater
from connectors.graph import Api, Endpoints, Refused
from connectors.microsoft_answers import trouble
from connectors.microsoft_service import TokenService, granted, odd
from connectors.microsoft_tokens import basic, scopes
from connectors.redirect import Redirect

if TYPE_CHECKING:
    from connectors.microsoft import Options


LOOKED_AT: Final = 20
"""Mails of Sent in which the account's own address is looked for."""

TAKE_BACK: Final = (
    "The sign-in is forgotten here. To take the consent back at Microsoft as well, remove auld at "
    "https://account.live.com/consent/Manage (a private account) or https://myaccount.microsoft.com (work or school)."
)


def revoke(_: str = "") -> str:
    """What to tell whoever opts out. Microsoft has no address at which a program like this could give a token back."""
    return TAKE_BACK


def sign_in(
    options: "Options",
    *,
    now: datetime,
    show: Callable[[str], None],
    browse: Callable[[str], bool],
    digest: bool = False,
    port: int = 0,
    timeout: float = 300.0,
    endpoints: Endpoints | None = None,
) -> Consent:
    """Let the user sign in and consent, within `timeout` seconds. `port` is the one of this machine that the browser
    is sent back to; 0 takes any. Raises NeedsUser and TryLater.
    """
    session = Session(time.monotonic, time.monotonic() + timeout)
    client = TokenService(options, "", now=now, session=session, endpoints=endpoints)
    asked = scopes(options, digest=digest)
    with odd():
        if options.sign_in == "device":
            result = _by_device(client, asked, show, session)
        else:
            result = _by_browser(client, asked, show, browse, port, session)
    if "access_token" not in result:
        raise trouble(result, options)
    rights = granted(result)
    given = {right.lower() for right in rights}
    if lacking := [right for right in asked if right.lower() not in given]:
        raise NeedsUser(f"Microsoft did not give the right {', '.join(lacking)}.", "Sign in again, and consent to it.")
    if not client.renewable:
        raise NeedsUser(
            "Microsoft gave a sign-in that ends within the hour.", "Sign in again, and consent to all of it."
        )
    token = AccessToken(str(result["access_token"]), now + timedelta(hours=1), rights)
    _whose(options, result, Api(Fresh(token, "Microsoft"), now=now, session=session, endpoints=endpoints))
    return Consent(options.address, client.kept(), tuple(sorted(rights)), _notes(options))


def _by_browser(
    client: TokenService,
    asked: tuple[str, ...],
    show: Callable[[str], None],
    browse: Callable[[str], bool],
    port: int,
    session: Session,
) -> Mapping[str, Any]:
    with Redirect(port, called="http://localhost:{port}", form=True) as back:
        flow = client.app.initiate_auth_code_flow(
            list(asked),
            redirect_uri=back.address,
            login_hint=client.options.address,
            prompt="select_account",
            response_mode="form_post",
        )
        back.state, url = flow["state"], flow["auth_uri"]
        show(f"Sign in at Microsoft in your browser. Should it not open by itself, open this address there:\n{url}")
        Thread(target=browse, args=(url,), daemon=True).start()  # one in the terminal ends only when it is left
        answer = back.came(session.left())
    if "error" in answer:
        return answer
    result: Mapping[str, Any] = client.app.acquire_token_by_auth_code_flow(flow, answer)
    return result


def _by_device(
    client: TokenService, asked: tuple[str, ...], show: Callable[[str], None], session: Session
) -> Mapping[str, Any]:
    flow = client.app.initiate_device_flow(list(asked))
    if "user_code" not in flow:
        return dict(flow)
    show(f"Open {flow['verification_uri']} on any device, and enter the code {flow['user_code']} there.")
    try:
        result: Mapping[str, Any] = client.app.acquire_token_by_device_flow(
            flow, exit_condition=lambda _: not session.left()
        )
    except TryLater:
        if session.left():
            raise
        result = {"error": "expired_token"}
    return {"error": "expired_token"} if result.get("error") in ("authorization_pending", "slow_down") else result


def _whose(options: "Options", result: Mapping[str, Any], api: Api) -> None:
    """Whether it is the account that was asked for. Raises NeedsUser.

    The name of an account may be another one of its addresses, or none. No right is asked for only to find that out:
    what may be read anyway tells it, the sender of what was sent, or the owner of the calendar.
    """
    claims = result.get("id_token_claims")
    told = [claims.get(name) for name in ("preferred_username", "email", "upn")] if isinstance(claims, Mapping) else []
    names = {name.lower() for name in told if isinstance(name, str)}
    if options.address in names or options.address in _addresses(options, api):
        return
    who = next((name.lower() for name in told if isinstance(name, str)), "another account")
    raise NeedsUser(
        f"You signed in as {who}, and this account is {options.address}.",
        f'Sign in as {options.address}; or, if both are one mailbox, write `address = "{who}"`.',
    )


def _addresses(options: "Options", api: Api) -> frozenset[str]:
    found: list[object] = []
    try:
        if options.mail:
            path = f"/me/mailFolders/sentitems/messages?$select=from,sender&$top={LOOKED_AT}"
            for row in graph.rows(api.get(path, right=f"Mail.Read{basic(options)}")):
                found += [_part(row.get(name), "emailAddress") for name in ("from", "sender")]
        if options.calendar:
            found.append(api.get("/me/calendar?$select=owner", right=f"Calendars.Read{basic(options)}").get("owner"))
    except Refused:
        pass  # no such folder: then it says nothing
    return frozenset(str(_part(who, "address")).lower() for who in found)


def _part(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _notes(options: "Options") -> tuple[str, ...]:
    if options.tenant == "consumers" or options.sign_in == "browser":
        return ()
    return ("A device code is for whoever holds it: enter none that you did not ask for yourself.",)
