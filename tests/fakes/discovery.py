"""What does Google's own description of its API allow to be asked, and to be answered?

The description is the discovery document in the wheel of google-api-python-client: the client builds its requests from
it, and the fake looks at both directions with it.

    gmail = Api("gmail", "v1")
    found = gmail.find("GET", "/gmail/v1/users/me/messages")
    found.method["id"]                                       # "gmail.users.messages.list"
    checked = found.check([("maxResults", "3")])             # raises RefusedError
    gmail.answer_problems(found.method, {"messages": [...]}) # [] where it is as described
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

Values = dict[str, list[str]]


class RefusedError(Exception):
    """The request is not as described."""

    def __init__(self, what: str, name: str = "") -> None:
        super().__init__(what)
        self.what, self.name = what, name


@dataclass(frozen=True)
class Found:
    """A method of the API that a request asks for."""

    api: "Api"
    method: dict[str, Any]
    path: Mapping[str, str]
    upload: str = ""  # the protocol, where the body is a file: "simple", "resumable"
    more: frozenset[str] = field(default=frozenset())

    @property
    def id(self) -> str:
        return str(self.method["id"])

    def check(self, parameters: Sequence[tuple[str, str]]) -> Values:
        """The parameters by name, path and query; raises RefusedError."""
        known = self.api.document["parameters"] | self.method.get("parameters", {})
        values: Values = {}
        for name, value in parameters:
            described = known.get(name)
            if described is None or described.get("location", "query") != "query":
                raise RefusedError(
                    f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter.', name
                )
            if name in values and not described.get("repeated"):
                raise RefusedError(f"Invalid value at '{name}': it was given twice.", name)
            if problem := value_problem(value, described):
                raise RefusedError(f"Invalid value at '{name}' ({problem}).", name)
            values.setdefault(name, []).append(value)
        for name, described in self.method.get("parameters", {}).items():
            if described.get("required") and name not in values and not self.path.get(name):
                raise RefusedError(f"Missing required parameter: {name}", name)
        if fields := values.get("fields"):
            self.api.selected(fields[0], self.method["response"]["$ref"])
        return values


class Api:
    """One of Google's APIs."""

    def __init__(self, name: str, version: str) -> None:
        shipped = files("googleapiclient.discovery_cache.documents") / f"{name}.{version}.json"
        self.document: dict[str, Any] = json.loads(shipped.read_text("utf-8"))
        self.schemas: dict[str, Any] = self.document["schemas"]
        self.root = "/" + self.document["servicePath"]
        self._routes = [(way, one, upload) for one in _methods(self.document) for way, upload in self._ways(one)]

    def _ways(self, method: dict[str, Any]) -> Iterator[tuple[re.Pattern[str], str]]:
        yield _pattern(self.root + method["path"]), ""
        for protocol, way in method.get("mediaUpload", {}).get("protocols", {}).items():
            yield _pattern(way["path"]), protocol

    def find(self, verb: str, path: str) -> Found | None:
        """The method that is asked for."""
        for way, method, upload in self._routes:
            if method["httpMethod"] == verb and (met := way.fullmatch(path)):
                return Found(self, method, {name: unquote(value) for name, value in met.groupdict().items()}, upload)
        return None

    def answer_problems(self, method: Mapping[str, Any], answer: Any) -> list[str]:
        """Where the answer of that method is not as described."""
        return list(self.problems({"$ref": method["response"]["$ref"]}, answer, method["response"]["$ref"]))

    def problems(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        """Where a value is not as its schema says."""
        if "$ref" in schema:
            schema = self.schemas[schema["$ref"]]
        kind = schema.get("type")
        if kind == "object":
            yield from self._object(schema, value, where)
        elif kind == "array":
            if not isinstance(value, list):
                yield f"{where}: not an array"
                return
            for n, one in enumerate(value):
                yield from self.problems(schema["items"], one, f"{where}[{n}]")
        elif kind == "any":
            return
        elif problem := json_problem(value, schema):
            yield f"{where}: {problem}"

    def _object(self, schema: Mapping[str, Any], value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: not an object"
            return
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        for name, one in value.items():
            if (inner := known.get(name, others)) is None:
                yield f"{where}.{name}: unknown"
            else:
                yield from self.problems(inner, one, f"{where}.{name}")

    def selected(self, fields: str, ref: str) -> "Fields":
        """A `fields` parameter, read; raises RefusedError where it names what is not there."""
        read = Fields.read(fields)
        self._known(read, {"$ref": ref}, fields)
        return read

    def _known(self, fields: "Fields", schema: Mapping[str, Any], shown: str) -> None:
        while "$ref" in schema or schema.get("type") == "array":
            schema = self.schemas[schema["$ref"]] if "$ref" in schema else schema["items"]
        for name, inner in fields.inner.items():
            if name == "*":
                continue
            described = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if described is None:
                raise RefusedError(f"Invalid field selection {name}", "fields")
            self._known(inner, described, shown)


@dataclass(frozen=True)
class Fields:
    """A partial answer: `messages(id,threadId),nextPageToken`."""

    inner: Mapping[str, "Fields"] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Fields":
        tokens = re.findall(r"[\w*\-$]+|[(),/]", text)
        if "".join(tokens) != text.replace(" ", ""):
            raise RefusedError(f"Invalid field selection {text}", "fields")
        made, rest = cls._list(tokens)
        if rest:
            raise RefusedError(f"Invalid field selection {text}", "fields")
        return made

    @classmethod
    def _list(cls, tokens: list[str]) -> tuple["Fields", list[str]]:
        found: dict[str, Fields] = {}
        while tokens:
            name, tokens = tokens[0], tokens[1:]
            if name in "(),/":
                raise RefusedError(f"Invalid field selection {name}", "fields")
            below, tokens = cls._below(tokens)
            found[name] = below
            if not tokens or tokens[0] != ",":
                break
            tokens = tokens[1:]
        return cls(found), tokens

    @classmethod
    def _below(cls, tokens: list[str]) -> tuple["Fields", list[str]]:
        if tokens[:1] == ["/"]:
            name, tokens = tokens[1], tokens[2:]
            below, tokens = cls._below(tokens)
            return cls({name: below}), tokens
        if tokens[:1] == ["("]:
            below, tokens = cls._list(tokens[1:])
            if tokens[:1] != [")"]:
                raise RefusedError("Invalid field selection", "fields")
            return below, tokens[1:]
        return cls(), tokens

    def of(self, value: Any) -> Any:
        """What is selected of a value."""
        if not self.inner or "*" in self.inner:
            return value
        if isinstance(value, list):
            return [self.of(one) for one in value]
        if not isinstance(value, dict):
            return value
        return {name: self.inner[name].of(one) for name, one in value.items() if name in self.inner}


def _methods(tree: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield from tree.get("methods", {}).values()
    for one in tree.get("resources", {}).values():
        yield from _methods(one)


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{\+?(\w+)\}", path)
    return re.compile("".join(f"(?P<{one}>[^/]+)" if n % 2 else re.escape(one) for n, one in enumerate(parts)))


RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}


def value_problem(value: str, described: Mapping[str, Any]) -> str:
    """What is wrong with a value in a query, "" for nothing."""
    kind = described.get("type", "string")
    if kind == "boolean" and value not in ("true", "false"):
        return f'TYPE_BOOL, "{value}"'
    if kind == "integer" and not re.fullmatch(r"-?\d+", value):
        return f'TYPE_INT, "{value}"'
    if "enum" in described and value not in described["enum"]:
        return f'not one of {", ".join(described["enum"])}, "{value}"'
    if kind == "integer" and not int(described.get("minimum", value)) <= int(value) <= int(
        described.get("maximum", value)
    ):
        return "out of range"
    return format_problem(value, described.get("format", ""))


def json_problem(value: Any, described: Mapping[str, Any]) -> str:
    """What is wrong with a plain value in JSON."""
    kind = described.get("type")
    wanted: dict[str, type | tuple[type, ...]] = {
        "string": str, "boolean": bool, "integer": int, "number": (int, float)
    }  # fmt: skip
    if kind in wanted and (not isinstance(value, wanted[kind]) or (kind == "integer" and isinstance(value, bool))):
        return f"not a {kind}"
    if "enum" in described and value not in described["enum"]:
        return f"not one of {described['enum']}"
    return format_problem(str(value), described.get("format", ""))


def format_problem(value: str, form: str) -> str:
    """What is wrong with the form of a value."""
    try:
        if form in RANGES:
            low, high = RANGES[form]
            return "" if low <= int(value) <= high else f"no {form}"
        if form == "date-time":
            return "" if datetime.fromisoformat(value).tzinfo else "a date-time without a time zone"
        if form == "date":
            date.fromisoformat(value)
        if form == "byte":
            base64.b64decode(value, altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return f"no {form}"
    return ""
