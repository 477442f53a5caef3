"""Which human name stands in a display name or in the part of an address before the @?

Names are compared folded: no accents, no case, no titles. Two names agree or clash only as far as both of them go, so
an initial agrees with every name that begins with it.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Agreement = Literal["same", "initials", "open", "clash"]
"""How two names stand to each other: alike in full; alike as far as initials go; too little to tell; two names."""

_TITLES = "mr mrs ms miss dr prof professor sir madam herr frau esq esquire phd md cpa mba jd dds"
TITLES = frozenset(_TITLES.split())
"""They come and go between mails of one person, so they say nothing of who it is."""

GENERATIONS = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv"}
"""Father and son share everything else."""

_FREEMAIL = """
126.com 163.com aol.com att.net bellsouth.net bigfoot.com btinternet.com comcast.net compuserve.com cox.net
earthlink.net excite.com fastmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net googlemail.com
hey.com home.com hotmail.co.uk hotmail.com icloud.com juno.com laposte.net libero.it live.com mac.com mail.com mail.ru
me.com mindspring.com msn.com naver.com netscape.net orange.fr outlook.com pacbell.net pobox.com posteo.de prodigy.net
proton.me protonmail.com qq.com rocketmail.com sbcglobal.net swbell.net t-online.de verizon.net wanadoo.fr web.de
yahoo.co.jp yahoo.co.uk yahoo.com yandex.ru ymail.com zoho.com
"""
FREEMAIL = frozenset(_FREEMAIL.split())
"""Hosts where strangers live door to door: a shared domain tells nothing there."""

_SECOND_LEVEL = "ac co com edu go gob gov gv ltd ne net nhs nom or org plc sch"
SECOND_LEVEL = frozenset(_SECOND_LEVEL.split())
"""Second labels under which a country registers: example.co.uk is a domain, co.uk is none."""

SHORT_FORMS = """
abigail:abby,gail adam:ad albert:al,bert alexander:alex,al,sandy,sasha alexandra:alex,sandra,sasha alfred:al,fred
andrew:andy,drew anthony:tony antonio:tony,toni arthur:art barbara:barb,babs benjamin:ben,benny
catherine:cathy,kate,katie,cat charles:charlie,chuck,chas christina:chris,tina christine:chris,tina
christopher:chris,kit daniel:dan,danny david:dave,davy deborah:deb,debbie,debra dominic:dom donald:don,donnie
dorothy:dot,dottie douglas:doug edward:ed,eddie,ted,ned eleanor:ellie,nell
elizabeth:liz,beth,betty,lisa,eliza,libby,lizzie emily:em,emmy eugene:gene francis:frank,fran frances:fran,francie
franklin:frank frederick:fred,freddie gabriel:gabe geoffrey:geoff,jeff george:georgie gerald:gerry,jerry gregory:greg
harold:hal,harry henry:hank,harry isabella:bella,izzy jacob:jake james:jim,jimmy,jamie jacqueline:jackie janet:jan
jeffrey:jeff jeffery:jeff jennifer:jen,jenny jessica:jess johannes:hans,jo john:jack,johnny,jon jonathan:jon
joseph:joe,joey joshua:josh judith:judy katherine:kathy,kate,katie,kat kathleen:kathy,kate kathryn:kathy,kate,katie
kenneth:ken,kenny kimberly:kim kristin:kris kristina:kris,tina lawrence:larry,lars leonard:len,lenny leslie:les
louis:lou louise:lou lucas:luke marcus:mark,marc margaret:maggie,meg,peggy,marge,greta matthew:matt
michael:mike,mick,mickey,mitch michelle:shelly mitchell:mitch nancy:nan natalie:nat nathan:nate nathaniel:nate,nat
nicholas:nick nicole:nikki pamela:pam patricia:pat,patty,trish,tricia patrick:pat,paddy peter:pete philip:phil
phillip:phil rebecca:becky,becca raymond:ray richard:rick,dick,rich,ricky robert:bob,rob,bobby,bert roberta:bobbie
ronald:ron,ronnie rosemary:rose russell:russ samantha:sam samuel:sam,sammy sandra:sandy sarah:sally sebastian:seb
sharon:shari stanley:stan stefan:steff stephanie:steph stephen:steve steven:steve stuart:stu susan:sue,susie,suzy
suzanne:sue,suzy sylvia:syl teresa:terry,tess terence:terry theodore:ted,theo theresa:terry,tess,resa thomas:tom,tommy
timothy:tim victoria:vicky,tori,vickie vincent:vince,vinny virginia:ginny walter:walt wilhelm:willi
william:bill,will,billy,liam zachary:zach
"""
"""Common English short forms of given names; what is missing only costs a join that the user can still make."""


def _short_forms() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for entry in SHORT_FORMS.split():
        long, shorts = entry.split(":")
        for short in shorts.split(","):
            found.setdefault(short, {short}).add(long)
    return {short: frozenset(longs) for short, longs in found.items()}


_LONG = _short_forms()
_BRACKETS = re.compile(r"<[^>]*>|\([^)]*\)?|\[[^\]]*\]?|\{[^}]*\}?")
_VIA = re.compile(r"\s+(?:via|über|par|on behalf of|im auftrag von)\s+.*$", re.IGNORECASE)
_ORGANISATION = re.compile(r"(?:/|@|\s-\s|\s\|\s).*$")
_SPLIT = re.compile(r"[\s.\-_]+")
_EAST_ASIAN = re.compile(r"[぀-ヿ㐀-鿿가-힯]+")


@dataclass(frozen=True, slots=True)
class Name:
    """A human name, folded: given name or its initial, what stands between, family name."""

    first: str
    last: str
    middle: tuple[str, ...] = ()
    generation: str = ""

    @property
    def full(self) -> bool:
        """Both names are words and not initials."""
        return (len(self.first) > 1 and len(self.last) > 1) or bool(_EAST_ASIAN.fullmatch(self.first + self.last))


_WHOLE = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not take apart into a bare one and an accent."""


def fold(text: str) -> str:
    """Letters only as far as they tell names apart: no accents, no case, no apostrophes."""
    if text.isascii():
        return text.lower().replace("'", "")
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.translate(_WHOLE)) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).casefold().replace("'", "").replace("’", "")


@lru_cache(maxsize=65_536)
def clean(display: str) -> str:
    """A display name as one would say it: "Lovelace, Ada (E-mail)" is "Ada Lovelace"; "" where there is no name."""
    text = _BRACKETS.sub(" ", display.replace("\\", " ")).lstrip(".").strip(" \t\"'`,;*-_")
    if "@" in text.split(" ", 1)[0]:
        return ""
    text = _ORGANISATION.sub("", _VIA.sub("", text)).strip(" \t\"'`,;*")
    last, comma, rest = (part.strip() for part in text.partition(","))
    if comma and rest and not _only_titles(rest):
        text = f"{rest} {last}" if len(last.split()) <= 3 else last
    elif comma:
        text = last
    text = " ".join(text.replace('"', " ").replace(",", " ").split())
    if not any(c.isalpha() for c in text):
        return ""
    if text.islower() and " " not in text:
        text = re.sub(r"[._]+", " ", text)
    return _capital(text) if text.islower() or (text.isupper() and " " in text) else text


def _only_titles(words: str) -> bool:
    return all(fold(w).replace(".", "") in TITLES or fold(w).strip(".") in GENERATIONS for w in words.split())


def _capital(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:].lower() for word in text.split(" "))


@lru_cache(maxsize=65_536)
def parsed(display: str) -> Name | None:
    """The human name in a display name; None with fewer than two parts ("Ada", "IT Help Desk of the Weavers")."""
    words = [w for w in _SPLIT.split(fold(clean(display))) if w and w.replace(".", "") not in TITLES]
    if len(words) == 1 and _EAST_ASIAN.fullmatch(words[0]) and len(words[0]) > 2:
        return Name(words[0][1:], words[0][0])
    generation = GENERATIONS.get(words[-1], "") if len(words) > 2 else ""
    words = words[:-1] if generation else words
    if not 2 <= len(words) <= 5 or not all(w.isalpha() for w in words):
        return None
    return Name(words[0], words[-1], tuple(words[1:-1]), generation)


@lru_cache(maxsize=262_144)
def spelled(address: str) -> Name | None:
    """The name that an address spells with its dots: ada.lovelace@, ada_b_lovelace@, a.lovelace@."""
    words = [w for w in re.split(r"[._\-]+", local(address).rstrip("0123456789")) if w]
    if words and words[-1] in GENERATIONS:
        words.pop()
    if not 2 <= len(words) <= 4 or not all(w.isalpha() for w in words) or len(words[-1]) < 2 or lost_given(address):
        return None
    return Name(words[0], words[-1], tuple(words[1:-1]))


def words_of(address: str) -> list[str]:
    """The words that stand before the @, without numbers."""
    return [word for word in re.split(r"[\d._\-]+", local(address)) if word]


def middle_of(address: str) -> str:
    """The initial of a middle name where the given one was lost: the b of b..lovelace@."""
    words = words_of(address)
    return words[0][0] if lost_given(address) and len(words) == 2 else ""


def spelled_after(name: Name, address: str) -> bool:
    """Whether an address without points may be this person's at a place where nobody else of the name is known.

    It is: the family name alone, an initial and the family name, with or without a number, or what is left of a name
    whose given one was lost. a.lovelace@ and a middle initial before a point are as often a namesake's.
    """
    text = local(address)
    if lost_given(address):
        return (
            words_of(address)[-1:] == [name.last] and name.middle[:1] != () and name.middle[0][0] == middle_of(address)
        )
    if text == name.last:
        return True
    bare = text.rstrip("0123456789")
    return bare.isalpha() and bare[0] == name.first[0] and fits(name, address) in ("same", "initials")


def family(address: str) -> str:
    """The family name that is left where the given one was lost, or that stands alone; "" where it cannot be told."""
    words = words_of(address)
    return words[-1] if len(words) == 1 or (words and lost_given(address)) else ""


def lost_given(address: str) -> bool:
    """Whether the given name was lost when the address was made: .lovelace@, b..lovelace@ of Ada B. Lovelace."""
    text = local(address)
    return text.startswith(".") or ".." in text


def local(address: str) -> str:
    """What stands before the @, without a +tag, folded."""
    return fold(address.rpartition("@")[0]).partition("+")[0]


def letters(address: str) -> str:
    """What stands before the @, without points, dashes and numbers."""
    return re.sub(r"[^a-z]", "", local(address))


@lru_cache(maxsize=65_536)
def organisation(address: str) -> str:
    """The registered domain, as well as one can tell without a list: mail.example.co.uk is example.co.uk."""
    labels = address.rpartition("@")[2].split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SECOND_LEVEL
    return ".".join(labels[-3:] if deep else labels[-2:])


def best(names: Mapping[str, int]) -> str:
    """The display name to show: the one most often given; a full name goes before a part of one."""
    counts: dict[str, int] = {}
    for display, times in names.items():
        shown = clean(display)
        if shown:
            counts[shown] = counts.get(shown, 0) + times
    return max(counts, key=lambda n: (parsed(n) is not None, counts[n], n.isascii(), -len(n), n), default="")


def shown(address: str) -> str:
    """A name made of the address, where no mail ever gave one."""
    words = [w for w in re.split(r"[._\-]+", address.rpartition("@")[0].partition("+")[0]) if w]
    return _capital(" ".join(words)) or address


def completed(name: str, address: str) -> str:
    """A display name as the address spells it out: "Lovelace" or "Lovelace Ada" for ada.lovelace@ is Ada Lovelace."""
    written, words = spelled(address), fold(name).split()
    if not written or not written.full:
        return name
    lone = len(words) == 1 and words[0] in (written.first, written.last)
    turned = words == [written.last, written.first] and written.last != written.first
    return shown(address) if lone or turned else name


def agree(one: Name, other: Name) -> Agreement:
    """How two names stand to each other. Middle names and generations clash only where both have them."""
    if one.last != other.last or not _firsts_agree(one, other):
        return "clash"
    if one.generation and other.generation and one.generation != other.generation:
        return "clash"
    if not _middles_agree(one, other):
        return "clash"
    return "same" if one.full and other.full else "initials"


def _firsts_agree(one: Name, other: Name) -> bool:
    if same_given(one.first, other.first):
        return True
    # An address like m.lovelace@ may spell the middle name, or a person goes by it.
    return any(len(a.first) == 1 and a.first in {m[0] for m in b.middle} for a, b in ((one, other), (other, one)))


def same_given(one: str, other: str) -> bool:
    """Whether two given names may be one: alike, an initial, a beginning (dan, daniel), a usual short form."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) == 1 or (len(short) >= 3 and long.startswith(short)):
        return long.startswith(short)
    return bool(_LONG.get(one, frozenset({one})) & _LONG.get(other, frozenset({other})))


def _middles_agree(one: Name, other: Name) -> bool:
    if not one.middle or not other.middle:
        return True
    return one.middle[0][0] == other.middle[0][0]


def fits(name: Name, address: str) -> Agreement:
    """Whether a person of this name may have this address: `same` spells both names out, `initials` one of them."""
    written = spelled(address)
    if written is not None and agree(name, written) != "clash":
        return agree(name, written)
    whole = letters(address)
    first, last = (re.sub(r"[^a-z]", "", part) for part in (name.first, name.last))
    if not whole or not first or not last:
        return "open"
    if len(first) > 1 and whole in {first + last, last + first}:
        return "same"
    initials = {first[0], first[0] + "".join(m[0] for m in name.middle), *(m[0] for m in name.middle)}
    lasts = {last, re.sub(r"[^a-z]", "", "".join(name.middle) + last)}  # St Clair, van der Berg
    if any(_abbreviates(whole, i, each) for i in initials for each in lasts) or whole in {
        last + first[0],
        first + last[0],
    }:
        return "initials"
    if written is not None:
        return "clash"
    return "open"


def _abbreviates(text: str, initials: str, last: str) -> bool:
    """a + lovelace, cut at seven or eight letters by older systems, never below five."""
    whole = initials + last
    return text == whole or (len(whole) > 7 and len(text) >= max(5, len(initials) + 4) and whole.startswith(text))
