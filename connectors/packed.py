"""How does what is known of a calendar fit into a cursor?

Its fields, there and back, and what takes the room in them: etags, and the instances of series.
"""

import base64
import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from connectors.contract import Cursor


def remembered(cursor: Cursor | None, reader: str, until: datetime) -> dict[str, Any]:
    """The fields that `kept` wrote. A cursor of another version or way of reading says nothing but its epoch."""
    told = dict(cursor or {})
    if told.pop("v", None) != 1 or told.get("reader") != reader:
        return {"reader": reader, "until": until, "epoch": int(told.get("epoch", 0)) + 1}
    told |= {name: dict(value) for name, value in told.items() if isinstance(value, Mapping)}
    told |= {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    return {"listing": False, **told, "until": datetime.fromisoformat(told["until"])}


def kept(known: Any) -> Cursor:
    """The fields of a dataclass, `reader` and `until` among them, as the store keeps them; what says nothing is left
    out. Who takes a field away raises the number in `reader`."""
    told = {each.name: getattr(known, each.name) for each in fields(known)}
    told |= {name: dict(value) for name, value in told.items() if isinstance(value, Mapping)}
    told |= {name: list(value) for name, value in told.items() if isinstance(value, tuple)}
    return {"v": 1, **{name: value for name, value in told.items() if value}, "until": known.until.isoformat()}


def hashed(etag: str) -> str:
    """Eight characters that stand for an etag in the cursor; a weak one is as good as a strong one here."""
    plain = etag.strip().removeprefix("W/")
    return base64.b64encode(hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=6).digest()).decode()


_TIME = "%Y%m%dT%H%M%SZ"
_SINCE = datetime(1970, 1, 1, tzinfo=UTC)


def packed(parts: Sequence[str]) -> str:
    """The parts of a resource in few characters: the instances of a series lie at distances that repeat."""
    if not parts:
        return ""
    times = sorted(_seconds(part) for part in parts if _stamped(part))
    others = sorted(part for part in parts if not _stamped(part))
    steps = [b - a for a, b in pairwise([0, *times])]
    text = "\n".join([" ".join(map(str, steps)), *others])
    return base64.b85encode(zlib.compress(text.encode("utf-8", "surrogatepass"), 9)).decode()


def unpacked(text: str) -> list[str]:
    """The parts that `packed` made it of."""
    if not text:
        return []
    steps, *others = zlib.decompress(base64.b85decode(text)).decode("utf-8", "surrogatepass").split("\n")
    times = [(_SINCE + timedelta(seconds=at)).strftime(_TIME) for at in accumulate(map(int, steps.split()))]
    return [*times, *others]


def _stamped(part: str) -> bool:
    return re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", part) is not None


def _seconds(part: str) -> int:
    return int((datetime.strptime(part, _TIME).replace(tzinfo=UTC) - _SINCE).total_seconds())
