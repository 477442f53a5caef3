"""What does Microsoft document of the wire format of Graph v1.0? Written down once, for both directions.

After the resource pages of learn.microsoft.com (message, mailFolder, event, calendar, user) and the pages of their
methods. `flaws` says where a value is not what is documented; `Query` takes a request's options apart and refuses,
with the documented error, what the page of the method does not allow.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

# ------------------------------------------------------------------------------------------------------------- kinds

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?Z")  # "always in UTC"
_LOCAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}")  # of dateTimeTimeZone


@dataclass(frozen=True)
class Plain:
    """A value without parts; every one but an id may be null."""

    of: type
    shape: re.Pattern[str] | None = None
    null: bool = True


@dataclass(frozen=True)
class OneOf:
    """A member of an enumeration, as it is spelt."""

    values: frozenset[str]


@dataclass(frozen=True)
class Many:
    """A collection: it may be empty, and is never null."""

    of: "Kind"


@dataclass(frozen=True)
class Record:
    """A resource or a complex type."""

    name: str
    fields: Mapping[str, "Kind"]
    asked: frozenset[str] = frozenset()  # only given where $select names it


Kind: TypeAlias = Plain | OneOf | Many | Record


def _one_of(values: str) -> OneOf:
    return OneOf(frozenset(values.split()))


ID: Final = Plain(str, re.compile(r"[A-Za-z0-9_=-]+"), null=False)
TEXT: Final = Plain(str)
TRUTH: Final = Plain(bool)
WHOLE: Final = Plain(int)
MOMENT: Final = Plain(str, _MOMENT)
DAY: Final = Plain(str, re.compile(r"\d{4}-\d\d-\d\d"))

ADDRESS: Final = Record("emailAddress", {"name": TEXT, "address": TEXT})
RECIPIENT: Final = Record("recipient", {"emailAddress": ADDRESS})
BODY: Final = Record("itemBody", {"contentType": _one_of("text html"), "content": TEXT})
FLAG: Final = Record("followupFlag", {"flagStatus": _one_of("notFlagged complete flagged")})
HEADER: Final = Record("internetMessageHeader", {"name": TEXT, "value": TEXT})
LOCAL: Final = Record("dateTimeTimeZone", {"dateTime": Plain(str, _LOCAL), "timeZone": TEXT})
RESPONSES: Final = "none organizer tentativelyAccepted accepted declined notResponded"
RESPONSE: Final = Record("responseStatus", {"response": _one_of(RESPONSES), "time": MOMENT})
ATTENDEE: Final = Record(
    "attendee", {"type": _one_of("required optional resource"), "status": RESPONSE, "emailAddress": ADDRESS}
)
PATTERN: Final = Record(
    "recurrencePattern",
    {
        "type": _one_of("daily weekly absoluteMonthly relativeMonthly absoluteYearly relativeYearly"),
        "interval": WHOLE,
        "month": WHOLE,
        "dayOfMonth": WHOLE,
        "daysOfWeek": Many(_one_of("sunday monday tuesday wednesday thursday friday saturday")),
        "firstDayOfWeek": _one_of("sunday monday tuesday wednesday thursday friday saturday"),
        "index": _one_of("first second third fourth last"),
    },
)
RANGE: Final = Record(
    "recurrenceRange",
    {
        "type": _one_of("endDate noEnd numbered"),
        "startDate": DAY,
        "endDate": DAY,
        "recurrenceTimeZone": TEXT,
        "numberOfOccurrences": WHOLE,
    },
)
RECURRENCE: Final = Record("patternedRecurrence", {"pattern": PATTERN, "range": RANGE})
LOCATION: Final = Record("location", {"displayName": TEXT, "locationType": TEXT, "uniqueIdType": TEXT})

_ITEM: Final[dict[str, Kind]] = {
    "id": ID,
    "changeKey": TEXT,
    "categories": Many(TEXT),
    "createdDateTime": MOMENT,
    "lastModifiedDateTime": MOMENT,
}

MESSAGE: Final = Record(
    "message",
    {
        **_ITEM,
        "receivedDateTime": MOMENT,
        "sentDateTime": MOMENT,
        "hasAttachments": TRUTH,
        "internetMessageId": TEXT,
        "internetMessageHeaders": Many(HEADER),
        "subject": TEXT,
        "body": BODY,
        "bodyPreview": TEXT,
        "uniqueBody": BODY,
        "importance": _one_of("low normal high"),
        "parentFolderId": ID,
        "sender": RECIPIENT,
        "from": RECIPIENT,
        "toRecipients": Many(RECIPIENT),
        "ccRecipients": Many(RECIPIENT),
        "bccRecipients": Many(RECIPIENT),
        "replyTo": Many(RECIPIENT),
        "conversationId": TEXT,
        "conversationIndex": TEXT,
        "isDeliveryReceiptRequested": TRUTH,
        "isReadReceiptRequested": TRUTH,
        "isRead": TRUTH,
        "isDraft": TRUTH,
        "webLink": TEXT,
        "inferenceClassification": _one_of("focused other"),
        "flag": FLAG,
    },
    asked=frozenset({"internetMessageHeaders", "uniqueBody"}),
)

FOLDER: Final = Record(
    "mailFolder",
    {
        "id": ID,
        "displayName": TEXT,
        "parentFolderId": ID,
        "childFolderCount": WHOLE,
        "unreadItemCount": WHOLE,
        "totalItemCount": WHOLE,
        "isHidden": TRUTH,
        "sizeInBytes": WHOLE,
        # of a mailSearchFolder, which may stand among them
        "isSupported": TRUTH,
        "includeNestedFolders": TRUTH,
        "sourceFolderIds": Many(ID),
        "filterQuery": TEXT,
    },
    asked=frozenset({"sizeInBytes"}),
)

CALENDAR: Final = Record(
    "calendar",
    {
        "id": ID,
        "name": TEXT,
        "color": _one_of(
            "auto lightBlue lightGreen lightOrange lightGray lightYellow lightTeal lightPink lightBrown lightRed "
            "maxColor"
        ),
        "hexColor": TEXT,
        "isDefaultCalendar": TRUTH,
        "changeKey": TEXT,
        "canShare": TRUTH,
        "canViewPrivateItems": TRUTH,
        "canEdit": TRUTH,
        "allowedOnlineMeetingProviders": Many(TEXT),
        "defaultOnlineMeetingProvider": TEXT,
        "isTallyingResponses": TRUTH,
        "isRemovable": TRUTH,
        "owner": ADDRESS,
    },
)

EVENT: Final = Record(
    "event",
    {
        **_ITEM,
        "transactionId": TEXT,
        "originalStart": MOMENT,
        "originalStartTimeZone": TEXT,
        "originalEndTimeZone": TEXT,
        "responseStatus": RESPONSE,
        "iCalUId": TEXT,
        "reminderMinutesBeforeStart": WHOLE,
        "isReminderOn": TRUTH,
        "hasAttachments": TRUTH,
        "hideAttendees": TRUTH,
        "subject": TEXT,
        "body": BODY,
        "bodyPreview": TEXT,
        "importance": _one_of("low normal high"),
        "sensitivity": _one_of("normal personal private confidential"),
        "start": LOCAL,
        "end": LOCAL,
        "location": LOCATION,
        "locations": Many(LOCATION),
        "isAllDay": TRUTH,
        "isCancelled": TRUTH,
        "isDraft": TRUTH,
        "isOrganizer": TRUTH,
        "recurrence": RECURRENCE,
        "responseRequested": TRUTH,
        "seriesMasterId": Plain(str, ID.shape),
        "showAs": _one_of("free tentative busy oof workingElsewhere unknown"),
        "type": _one_of("singleInstance occurrence exception seriesMaster"),
        "attendees": Many(ATTENDEE),
        "organizer": RECIPIENT,
        "webLink": TEXT,
        "isOnlineMeeting": TRUTH,
        "onlineMeetingProvider": _one_of("unknown teamsForBusiness skypeForBusiness skypeForConsumer"),
        "onlineMeetingUrl": TEXT,
        "allowNewTimeProposals": TRUTH,
    },
)

USER: Final = Record(
    "user",
    {
        "id": ID,
        "displayName": TEXT,
        "givenName": TEXT,
        "surname": TEXT,
        "mail": TEXT,
        "userPrincipalName": TEXT,
        "jobTitle": TEXT,
        "mobilePhone": TEXT,
        "officeLocation": TEXT,
        "preferredLanguage": TEXT,
        "businessPhones": Many(TEXT),
    },
)

REMOVED: Final = Record("@removed", {"reason": _one_of("changed deleted")})

_NOTES: Final[dict[str, Kind]] = {"@odata.type": TEXT, "@odata.etag": TEXT, "@odata.context": TEXT, "@removed": REMOVED}


def flaws(kind: Kind, value: Any, where: str = "") -> list[str]:
    """Where the value is not what is documented."""
    if isinstance(kind, Plain):
        fits = (value is None and kind.null) or (
            type(value) is kind.of and (kind.shape is None or kind.shape.fullmatch(value) is not None)
        )
        return [] if fits else [f"{where}: {value!r}"]
    if isinstance(kind, OneOf):
        return [] if value is None or value in kind.values else [f"{where}: {value!r}"]
    if isinstance(kind, Many):
        if not isinstance(value, list):
            return [f"{where}: not a collection"]
        return [flaw for one in value for flaw in flaws(kind.of, one, where)]
    if value is None and where:
        return []
    if not isinstance(value, dict):
        return [f"{where}: not a {kind.name}"]
    known = {**kind.fields, **_NOTES}
    found = [f"{kind.name} has no {name}" for name in value if name not in known]
    return found + [
        flaw for name, one in value.items() if name in known for flaw in flaws(known[name], one, f"{kind.name}.{name}")
    ]


# ------------------------------------------------------------------------------------------------------------ errors


class Refused(Exception):  # noqa: N818 - what the vendor does
    """An error of Graph. Where the request `breaches` what is documented, a test has to hear of it."""

    def __init__(
        self, status: int, code: str, message: str, *, breaches: bool = False, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message, self.breaches = status, code, message, breaches
        self.headers = headers


def bad(code: str, message: str, status: int = 400) -> Refused:
    """The request is not what is documented."""
    return Refused(status, code, message, breaches=True)


def gone(what: str = "The specified object was not found in the store.") -> Refused:
    return Refused(404, "ErrorItemNotFound", what)


def denied() -> Refused:
    return Refused(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")


# ----------------------------------------------------------------------------------------------------------- requests

PREFERENCES: Final = ("idtype", "odata.maxpagesize", "outlook.timezone", "outlook.body-content-type")

MOST: Final = 1_000
"""The largest $top of a listing of messages or events."""

USUAL: Final = 10
"""So many to a page where nothing was asked for."""

_COMPARED = re.compile(r"(\w+) (ge|gt|le|lt|eq) (?:'((?:[^']|'')*)'|([0-9TZ:.+-]+)|(true|false))")


@dataclass(frozen=True)
class Prefer:
    """What the Prefer headers of a request ask for."""

    immutable: bool = False
    page: int | None = None
    zone: str = "UTC"
    text: bool = False

    @classmethod
    def read(cls, header: str) -> "Prefer":
        """Raises Refused where it is not understood: the vendor ignores it, and so the client is wrong."""
        told: dict[str, str] = {}
        for part in (one.strip() for one in header.split(",")):
            if not part:
                continue
            name, equals, value = part.partition("=")
            if name.strip().lower() not in PREFERENCES or not equals:
                raise bad("ErrorInvalidRequest", f"Preference {part} is not known.")
            told[name.strip().lower()] = value.strip().strip('"')
        if told.get("idtype", "ImmutableId") != "ImmutableId":
            raise bad("ErrorInvalidRequest", "The IdType preference is not known.")
        page = told.get("odata.maxpagesize")
        if page is not None and not (page.isdigit() and int(page)):
            raise bad("ErrorInvalidRequest", "The maximum page size must be a positive number.")
        text = told.get("outlook.body-content-type", "html").lower()
        return cls("idtype" in told, int(page) if page else None, told.get("outlook.timezone", "UTC"), text == "text")


def moment(text: str) -> datetime:
    """A date and time of a request, in UTC where it does not say where. Raises Refused."""
    whole = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(Z|[+-]\d\d:\d\d)?", text, re.IGNORECASE)
    if not whole:
        raise bad("ErrorInvalidParameter", f"'{text}' is not a date and time.")
    zone = (whole[2] or "Z").upper()
    try:
        return datetime.fromisoformat(whole[1] + ("+00:00" if zone == "Z" else zone)).astimezone(UTC)
    except ValueError as wrong:
        raise bad("ErrorInvalidParameter", f"'{text}' is not a date and time.") from wrong


@dataclass(frozen=True)
class Test:
    """One comparison of a $filter."""

    name: str
    how: str
    value: str | bool | datetime


@dataclass(frozen=True)
class Query:
    """The options of a request."""

    select: tuple[str, ...] = ()
    top: int | None = None
    skip: int = 0
    tests: tuple[Test, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()  # the name, whether it descends
    more: Mapping[str, str] = field(default_factory=dict)  # what is not OData's, names in small letters

    @classmethod
    def read(cls, parameters: Iterable[tuple[str, str]], allowed: Iterable[str], of: Record) -> "Query":
        """Raises Refused where an option is not allowed here, or names what the resource does not have."""
        told: dict[str, str] = {}
        known = {name.lower() for name in allowed}
        for name, value in parameters:
            if name.lower() in told:
                raise bad("BadRequest", f"Query option '{name}' was specified more than once.")
            if name.lower() not in known:
                raise bad("ErrorInvalidUrlQuery", f"The query parameter '{name}' is not supported here.")
            told[name.lower()] = value
        select = tuple(one.strip() for one in told.pop("$select", "").split(",") if one.strip())
        for name in select:
            if name not in of.fields:
                raise bad("RequestBroker--ParseUri", f"Could not find a property named '{name}' on type '{of.name}'.")
        return cls(
            select,
            _number(told.pop("$top", None), MOST),
            _number(told.pop("$skip", None), 1 << 31) or 0,
            _tests(told.pop("$filter", ""), of),
            _order(told.pop("$orderby", ""), of),
            told,
        )

    def moment(self, name: str) -> datetime:
        """That parameter, which must be there. Raises Refused."""
        if name.lower() not in self.more:
            raise bad("ErrorInvalidParameter", f"The request must have the parameter {name}.")
        return moment(self.more[name.lower()])


def _number(text: str | None, most: int) -> int | None:
    if text is None:
        return None
    if not text.isdigit() or int(text) > most or (most == MOST and not int(text)):
        raise bad("ErrorInvalidUrlQueryFilter", f"Invalid value '{text}': it must be between 1 and {most}.")
    return int(text)


def _tests(text: str, of: Record) -> tuple[Test, ...]:
    if not text:
        return ()
    found = []
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE):
        match = _COMPARED.fullmatch(part.strip())
        if not match or match[1] not in of.fields:
            raise bad("BadRequest", f"Invalid filter clause: '{part}'.")
        value: str | bool | datetime
        if match[3] is not None:
            value = match[3].replace("''", "'")
        else:
            value = match[5] == "true" if match[5] else moment(match[4])
        found.append(Test(match[1], match[2], value))
    return tuple(found)


def _order(text: str, of: Record) -> tuple[tuple[str, bool], ...]:
    found = []
    for part in (one.strip() for one in text.split(",") if one.strip()):
        name, _, way = part.partition(" ")
        if name.split("/")[0] not in of.fields or way.strip().lower() not in ("", "asc", "desc"):
            raise bad("BadRequest", f"Could not find a property named '{name}'.")
        found.append((name, way.strip().lower() == "desc"))
    return tuple(found)


@dataclass(frozen=True)
class Ask:
    """A request that has found its way: who asks, for what, and with which rights."""

    named: Mapping[str, str]  # the ids in its path
    query: Query
    prefer: Prefer
    scopes: frozenset[str]  # in small letters
    now: datetime
    base: str  # of the links in the answer
    body: bytes = b""
    content: str = ""  # the Content-Type

    def may(self, *scopes: str) -> bool:
        return any(one.lower() in self.scopes for one in scopes)


@dataclass(frozen=True)
class Said:
    """An answer, before it is looked at."""

    value: Any = None
    status: int = 200
    of: Kind | None = None
    many: bool = False


def utc(at: datetime) -> str:
    """As Graph writes a DateTimeOffset."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def shown(of: Record, whole: Mapping[str, Any], select: Sequence[str], never: Iterable[str] = ()) -> dict[str, Any]:
    """What of a resource is given: what was selected, or what is usual, and always its id and its notes."""
    usual = set(select) if select else set(whole) - of.asked
    usual = (usual - set(never)) | {"id"}
    return {name: value for name, value in whole.items() if name in usual or name.startswith("@")}
