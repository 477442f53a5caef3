"""What does Microsoft's token service mean by an answer without a token?

By our own table: `NeedsUser` only where the user can mend it.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from connectors.contract import NeedsUser, TryLater

if TYPE_CHECKING:
    from connectors.microsoft import Options


AGAIN: Final = "Sign in again with `auld login`."

_SECOND = "Microsoft wants a second proof that it is you"
_CHANGED = "The password of this account was changed, or it was signed out everywhere"
_ENDED = "The sign-in has ended: it was not used for long, or was taken back"
_CONSENT = "Microsoft has no consent from you for what auld reads"
_ADMIN = "Your organisation does not let auld in without its administrator"
_ASK = "Ask the administrator to approve the app of your `client_id`, or opt this account out."
_DEVICE = "Your organisation does not allow signing in by a device code"
_ACCOUNT = "Microsoft does not let this account in"
_REGISTERED = "Compare `client_id` and `tenant` with your app registration (docs/microsoft.md says how it is made)."
_TENANT = 'Write `tenant = "consumers"` for a private account, else the id of your organisation, as the app has it.'

CODES: Final[Mapping[int, tuple[str, str]]] = {
    **dict.fromkeys((50072, 50074, 50076, 50078, 50079, 50158, 50199, 500121, 50203), (_SECOND, AGAIN)),
    **dict.fromkeys((50132, 50133, 50173, 50013), (_CHANGED, AGAIN)),
    **dict.fromkeys((70000, 70008, 70043, 700082, 700084, 50058, 54005), (_ENDED, AGAIN)),
    **dict.fromkeys((65001, 65004, 650051), (_CONSENT, AGAIN)),
    **dict.fromkeys(
        (90093, 90094, 90095, 90097, 50105, 53000, 53001, 53002, 53003, 53004, 530003, 650052, 900941), (_ADMIN, _ASK)
    ),
    **dict.fromkeys((530032, 530033, 530034, 530035, 53011), (_ADMIN, _ASK)),
    50020: (f"{_ACCOUNT}: it is unknown to the organisation in `tenant`", _TENANT),
    50034: (f"{_ACCOUNT}: there is none of that name", "Look at `address`."),
    50053: (f"{_ACCOUNT}: it is locked after too many wrong passwords", "Wait, or reset the password at Microsoft."),
    50055: (f"{_ACCOUNT}: its password is too old", "Change it at Microsoft, and sign in again."),
    50057: (f"{_ACCOUNT}: it is switched off", "Ask your administrator."),
    50011: (
        "The app registration does not know where the browser is to come back to",
        'Add the redirect address http://localhost under "Mobile and desktop applications".',
    ),
    7000218: (
        "The app registration is not one of a program on the user's own machine",
        'Set "Allow public client flows" to Yes under Authentication.',
    ),
    **dict.fromkeys(
        (50194, 9002331, 9002332, 9002346, 500207), ("The app is for other accounts than this one", _TENANT)
    ),
    **dict.fromkeys((90002, 900023, 90013, 9001023), ("There is no organisation of that name", _TENANT)),
    **dict.fromkeys(
        (700016, 7000112, 700011, 700038, 900144, 650053, 70011, 70001, 500113, 500117, 9002325),
        ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    ),
}
"""What the token service means by a number that the user can do something about, and what that is."""

PASSING: Final = frozenset((90033, 90024, 90006, 90009, 50196, 50089, 40008, 40010, 70016, 80001, 80002, 80005, 90055))
"""Numbers of what passes by itself."""

_DEVICE_BLOCKED: Final = frozenset((530032, 530033, 530034, 530035, 53003, 53011, 50199, 7000024))
_PASSES: Final = frozenset(
    ("temporarily_unavailable", "server_error", "service_unavailable", "slow_down", "authorization_pending")
)
_SUBERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "consent_required": (_CONSENT, AGAIN),
    "message_only": (_ADMIN, _ASK),
    "protection_policy_required": (_ADMIN, _ASK),
    "user_password_expired": (f"{_ACCOUNT}: its password is too old", "Change it at Microsoft, and sign in again."),
    "basic_action": (_SECOND, AGAIN),
    "additional_action": (_SECOND, AGAIN),
}
_ERRORS: Final[Mapping[str, tuple[str, str]]] = {
    "consent_required": (_CONSENT, AGAIN),
    "access_denied": (_CONSENT, AGAIN),
    "authorization_declined": (_CONSENT, AGAIN),
    "interaction_required": (_SECOND, AGAIN),
    "login_required": (_ENDED, AGAIN),
    "invalid_grant": (_ENDED, AGAIN),
    "expired_token": ("Nobody signed in in time", "Try again with `auld login`."),
    "code_expired": ("Nobody signed in in time", "Try again with `auld login`."),
    "unauthorized_client": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_client": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_scope": ("Microsoft does not know the app, or not as it is asked for", _REGISTERED),
    "invalid_tenant": ("There is no organisation of that name", _TENANT),
}


def trouble(result: Mapping[str, Any], options: "Options") -> NeedsUser | TryLater:
    """What an answer of the token service means that holds no token. What it says in words is not shown: it names
    people."""
    said = str(result.get("error") or "")
    codes = [*_numbers(result.get("error_codes")), *_numbers(_spelled(result.get("error_description")))]
    if said in _PASSES or any(code in PASSING for code in codes):
        return TryLater(f"The sign-in service of Microsoft is out of order ({_shown(said, codes)}).")
    if options.sign_in == "device" and any(code in _DEVICE_BLOCKED for code in codes):
        return NeedsUser(f"{_DEVICE} ({_shown(said, codes)}).", 'Write `sign_in = "browser"`, and sign in again.')
    found = next((CODES[code] for code in codes if code in CODES), None)
    found = found or _SUBERRORS.get(str(result.get("suberror") or "")) or _ERRORS.get(said)
    if found is None:
        return TryLater(f"The sign-in service of Microsoft does not let us in for now ({_shown(said, codes)}).")
    return NeedsUser(f"{found[0]} ({_shown(said, codes)}).", found[1])


def _spelled(text: object) -> list[int]:
    """The numbers in "AADSTS50076: Due to a configuration change ..."."""
    words = text.replace(":", " ").split() if isinstance(text, str) else []
    return [int(word[6:]) for word in words if word.startswith("AADSTS") and word[6:].isdecimal()]


def _numbers(codes: object) -> list[int]:
    return [code for code in codes if type(code) is int] if isinstance(codes, list) else []


def _shown(said: str, codes: list[int]) -> str:
    if codes:
        return f"AADSTS{codes[0]}"
    return "".join(c for c in said if c.isalnum() or c == "_")[:40] or "no reason given"
