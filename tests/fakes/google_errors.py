"""With which words does Google refuse? As its documents and its answers in issue threads have them."""

from typing import Any

from tests.fakes.plumbing import Answer, Headers

REALM = 'Bearer realm="https://accounts.google.com/"'
STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


class ProblemError(Exception):
    """A request that is refused with that answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def error(
    code: int, message: str, reason: str, domain: str = "global", *, headers: Headers = (), where: str = "", **more: Any
) -> Answer:
    """An error as Gmail and Calendar write it; `where` is the parameter that is wrong."""
    one: dict[str, Any] = {"message": message, "domain": domain, "reason": reason}
    if where:
        one |= {"location": where, "locationType": "header" if where == "Authorization" else "parameter"}
    body = {"code": code, "message": message, "errors": [one]} | more
    if domain != "calendar" and code in STATUSES:
        body["status"] = STATUSES[code]
    return Answer.json({"error": body}, code, headers)


def unauthenticated() -> Answer:
    return error(
        401,
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
        "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.",
        "authError",
        where="Authorization",
        headers=(("WWW-Authenticate", f'{REALM}, error="invalid_token"'),),
    )


def insufficient(scopes: str = "") -> Answer:
    """The token opens less than is asked for."""
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    return error(
        403,
        "Request had insufficient authentication scopes.",
        "insufficientPermissions",
        details=[info],
        headers=(("WWW-Authenticate", f'{REALM}, error="insufficient_scope", scope="{scopes}"'),),
    )


def forbidden(message: str) -> Answer:
    return error(403, message, "forbidden")


def domain_policy() -> Answer:
    """The administrator of a company does not allow it."""
    return error(403, "The domain administrators have disabled Gmail apps.", "domainPolicy")


def not_enabled() -> Answer:
    """The API is not switched on in the user's project."""
    return error(
        403,
        "Gmail API has not been used in project 1234 before or it is disabled. Enable it by visiting "
        "https://console.developers.google.com/apis/api/gmail.googleapis.com/overview?project=1234 then retry.",
        "accessNotConfigured",
        "usageLimits",
    )


def not_found(message: str = "Requested entity was not found.") -> Answer:
    return error(404, message, "notFound")


def invalid(message: str, where: str = "") -> Answer:
    return error(400, message, "invalidArgument", where=where)


def rate_limited(code: int = 429, reason: str = "rateLimitExceeded", retry_after: str = "") -> Answer:
    """Too much; 429 or 403, reason rateLimitExceeded, userRateLimitExceeded, quotaExceeded or dailyLimitExceeded."""
    message = {
        "userRateLimitExceeded": "User Rate Limit Exceeded",
        "dailyLimitExceeded": "Daily Limit Exceeded",
    }.get(
        reason,
        "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service "
        "'gmail.googleapis.com' for consumer 'project_number:1234'.",
    )
    headers = (("Retry-After", retry_after),) if retry_after else ()
    return error(code, message, reason, "usageLimits" if code == 403 else "global", headers=headers)


def too_many_at_once() -> Answer:
    return error(429, "Too many concurrent requests for user.", "rateLimitExceeded")


def bandwidth(until: str) -> Answer:
    """The daily limit of bytes, which names in its text when it ends (RFC 3339)."""
    return error(429, f"User-rate limit exceeded.  Retry after {until}", "rateLimitExceeded")


def backend_error(code: int = 503) -> Answer:
    return error(code, "Backend Error", "backendError")


def full_sync_required() -> Answer:
    return error(
        410,
        "Sync token is no longer valid, a full sync is required.",
        "fullSyncRequired",
        "calendar",
        where="syncToken",
    )
