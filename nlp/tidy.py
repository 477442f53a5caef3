"""What is a subject without what mail programs put before it?"""

import re
from functools import lru_cache

_REPLY = (
    "re|aw|antw|antwort|sv|vs|res|resp|respuesta|rif|rép|rep|ref|odp|ynt|cevap|vá|vál|bls|balas|atb|hv|ha|ответ|отв|"
    "на|απ|σχετ|תשובה|השב|رد|回复|回覆|答复|答覆|返信|답장|回信"
)
"""What mail programs put before the subject of an answer, in some thirty languages."""

_FORWARD = (
    "fw|fwd|wg|tr|rv|enc|vl|vb|vid|doorst|pd|trs|továbbítás|ilt|i̇lt|fs|yml|πρθ|пересл|переслано|fwd fwd|"
    "weitergeleitet|"
    "הועבר|إعادة توجيه|转发|轉寄|转寄|転送|전달"
)

_PREFIX = re.compile(
    rf"\s*(?:(?P<reply>{_REPLY}|(?-i:R))|(?P<forward>{_FORWARD}|(?-i:I)))\s*(?:[\[(^]\s*\d+\s*[\])]?|-\d+|\d)?\s*[:：]",
    re.IGNORECASE,
)
_WRAPPED = re.compile(r"\s*\[\s*fwd?\s*:\s*(?P<inner>.*?)\]?\s*$", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(
    r"\s*(?:\[[^\]\[]{1,40}\]|\*{2,}\s*\w{2,12}\s*\*{2,}|\((?:jira|ext|external)\)|(?:external|extern|spam)\s*:)", re.I
)
LONGEST_SUBJECT = 1_000
"""Characters of a subject that are read: a longer one is an accident."""

_MARKED = re.compile(r"[:：\[(*]")
"""Without one of these there is nothing to take away: true of half of all subjects, and much quicker."""

_TAIL = re.compile(r"\s*\((?:fwd|was:.*|war:.*)\)?\s*$", re.IGNORECASE)
_ENDS = re.compile(r"^[\W_]+|[\W_]+$")


@lru_cache(maxsize=1 << 15)
def _peeled(raw: str) -> tuple[str, bool, bool]:
    """The bare subject; whether its outermost prefix says reply; whether any says forward."""
    flat = " ".join(raw[:LONGEST_SUBJECT].split())
    if not _MARKED.search(flat):
        return flat, False, False
    rest, reply, forward, first = flat, False, False, True
    while rest:
        if (":" in rest or "：" in rest) and (found := _PREFIX.match(rest)):
            reply = reply or (first and found["reply"] is not None)
            forward = forward or found["forward"] is not None
            rest, first = rest[found.end() :], False
        elif found := _WRAPPED.match(rest):
            rest, forward, first = found["inner"], True, False
        elif found := _TAG.match(rest):
            if not rest[found.end() :].strip():
                break
            rest = rest[found.end() :]
        else:
            break
    if found := _TAIL.search(rest):
        forward = forward or "fwd" in found[0].lower()
        rest = rest[: found.start()] or rest
    return rest.strip(), reply, forward


def subject(raw: str) -> str:
    """The subject without reply and forward prefixes, list tags and markers, on one line."""
    return _peeled(raw)[0]


def is_reply(raw: str) -> bool:
    """Whether the outermost prefix says that this mail answers another ("Re: Fwd: x" does, "Fwd: Re: x" does not)."""
    return _peeled(raw)[1]


def is_forward(raw: str) -> bool:
    """Whether a prefix anywhere says that somebody else's mail is being passed on."""
    return _peeled(raw)[2]


@lru_cache(maxsize=1 << 15)
def thread_key(raw: str) -> str:
    """What two subjects of one thread have in common: the bare subject, case-folded, without marks at its ends."""
    return _ENDS.sub("", _peeled(raw)[0].casefold())
