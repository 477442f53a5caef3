"""What must not be passed on, and what is not to be brought up?"""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from agent.model import Gift

MARKED = re.compile(
    r"\b(?:confidential(?:ly|ity)?|in confidence|privileged|nda|non-?disclosure|embargoed|eyes only|off the record|"
    r"(?:for )?internal(?: use)? only|internal use|internal(?=[\]):])|"
    r"do(?: not|n['’]t) (?:forward|distribute|circulate|share|pass)|not for (?:distribution|circulation)|"
    r"between you and me|vertraulich\w*|streng geheim|verschlusssache|nur intern|nicht weiter(?:leiten|geben)|"
    r"confidentiel\w*|ne pas (?:transférer|diffuser)|usage interne|confidencial\w*|no reenviar|uso interno|"
    r"riservat[oaie]|confidenziale|non inoltrare|vertrouwelijk\w*|niet doorsturen|konfidentiell\w*|poufn\w+|"
    r"конфиденциально|не пересылать)\b|机密|社外秘|部外秘|대외비",
    re.IGNORECASE,
)
"""How people mark a mail that is to stay where it is."""

_GAP = re.compile(r"[\W_]+")


def marked(subject: str) -> bool:
    """Whether a subject says that the mail is not to be passed on."""
    return bool(MARKED.search(subject))


def plain(text: str) -> str:
    """The words of a text or an address, each between two spaces."""
    return f" {_GAP.sub(' ', text.casefold()).strip()} "


def kept(confidential: Sequence[str], addresses: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether one of these lines of the config means one of the addresses, or its words stand in one of the texts."""
    if not confidential:
        return False
    everybody = list(addresses)
    said = [plain(text) for text in texts]
    return any(_means(line.casefold().strip(), everybody) or _stands(line, said) for line in confidential)


def touched(topics: Sequence[str], *texts: str) -> str:
    """The first of these topics that one of the texts is about, "" where none is; "loom" is in "looms", too."""
    if not topics:
        return ""
    said = [plain(text) for text in texts]
    return next((topic for topic in topics if _stands(topic, said) or _stands(f"{topic}s", said)), "")


def unwelcome(gift: Gift, topics: Sequence[str]) -> str:
    """The first of these topics, which the user does not want to bring up, that a gift is about; "" where none is."""
    cited = (citation.subject for citation in gift.cites)
    return touched(topics, gift.says, gift.opener, gift.subject, gift.url, *cited)


def _means(line: str, addresses: Iterable[str]) -> bool:
    """An address, a pattern of addresses, or a domain; a domain means all below it."""
    if "@" in line:
        name, _, host = line.partition("@")
        return any(fnmatchcase(a, line) or fnmatchcase(a, f"{name}@*.{host}") for a in addresses)
    if "." in line and " " not in line:
        return any((host := a.rpartition("@")[2]) == line or host.endswith(f".{line}") for a in addresses)
    return False


def _stands(line: str, texts: Iterable[str]) -> bool:
    """Whether these words stand in a text; in scripts without spaces between words, these letters."""
    words = plain(line.partition("@")[2] if "@" in line else line)
    if not words.strip():
        return False
    wanted = words if words.isascii() else words.strip()
    return any(wanted in text for text in texts)
