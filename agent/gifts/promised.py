"""Does a text promise something that goes out by mail, so that its absence can be seen?

Most promises of a working day are kept elsewhere: one calls, comes, asks somebody, looks into it. Of those nobody can
tell from a mailbox whether they were kept, nor of those that wait for something to happen first.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from nlp import asks
from nlp.marks import Marks

_HOW = r"(?: (?:also|just|then|now|gladly|certainly|definitely|of course|happily|try to|be sure to|make sure to|be))*"
_SENT = (
    r"(?:(?:re-?)?send(?:ing)?|forward(?:ing)?|e-?mail(?:ing)?|mail(?:ing)?|shar(?:e|ing)|get (?:you\b|back (?:to|"
    r"with) (?:you|u)|(?:it|this|that|them|the|a|an|my|some)\b.{0,40}? to (?:you|u)\b)|write (?:you|to you|back|up)|"
    r"let (?:you|u) know|give you (?:a|an|the|my|our|some) (?:list|copy|answer|update|feedback|details?|address|number|"
    r"names?|draft|report|summary)s?\b|provide you|report back|reply|respond|put (?:you .{0,20}in touch|together)|"
    r"introduce you|draft)\b"
)
SENDS = re.compile(
    rf"\b(?:i|we)(?:['’]ll| will| shall| promise to|['’]m going to| am going to){_HOW} {_SENT}|"
    rf"^(?:will|['’]ll){_HOW} {_SENT}|"
    r"\byou(?:['’]ll| will) (?:have|receive|hear from)\b|\b(?:i|we) owe you (?:a|an|the|some|my)\b|"
    r"\bich (?:werde\b.{0,60}\b(?:schicken|senden|schreiben|melden|weiterleiten|mailen|geben)|schicke|sende|maile|"
    r"melde mich|gebe .{0,20}bescheid)\b|\bje (?:(?:vous|te|t['’]) ?(?:l[ae] |les |l['’]|en )?(?:enverrai|envoie|"
    r"transmets|transmettrai|écrirai|tiens au courant)|reviens vers)\b|\b(?:te|le|os|se) (?:lo |la |los |las )?"
    r"(?:enviaré|mandaré|aviso|avisaré|diré|escribiré)\b|\b(?:ti|le|vi|te) (?:l[oaie] )?(?:manderò|invierò|farò sapere|"
    r"scriverò)\b|\b(?:vou|irei) (?:lhe |te )?(?:enviar|mandar|escrever)\b|\bik (?:zal\b.{0,60}\b(?:sturen|mailen)|"
    r"stuur|mail)\b|\bjag (?:ska\b.{0,40}\b(?:skicka|maila|mejla)|skickar|mejlar|återkommer)\b|"
    r"\bя (?:пришлю|отправлю|вышлю|напишу)",
    re.IGNORECASE,
)
WAITS = re.compile(
    r"\b(?:if|once|when(?:ever)?|as soon as|until|unless|in case|as (?:i|we)\b|(?:after|what|anything) (?:i|we|you)|"
    r"closer to|reminder|would like|by phone|let me know|tell me|this (?:note|mail|e-?mail)|(?:to|with) (?:him|her|"
    r"them|all|every(?:body|one)|the (?:team|group|board))|(?:forward|send)(?:ing)?\b.{1,60}? to (?:the|our|my|"
    r"their|his)|falls|sobald|wenn|bis (?:dann|morgen)|dès que|quand|si|lorsque|cuando|en cuanto|quando|appena|se|"
    r"wanneer|als|zodra|när|om|когда|если|как только)\b",
    re.IGNORECASE,
)
"""It waits for something, goes to others, or is no promise of a thing."""


def signed(found: Marks, text: str) -> Marks:
    """The marks of a tidied text, with a sign that `nlp` does not know where it promises to send something."""
    if "promise" not in found.asks or not sends(text):
        return found
    return replace(found, signs=(*found.signs, "sends"))  # type: ignore[arg-type]


DECLINES = re.compile(
    r"\b(?:won['’]?t be able|will not be able|(?:can(?:not|['’]?t)|unable to) (?:make it|come|attend|join)|"
    r"have to (?:pass|decline)|next time|thanks? (?:you )?for (?:the|your) invit\w+|leider (?:nicht|absagen)|absagen|"
    r"malheureusement|no puedo (?:ir|asistir)|non posso venire)\b",
    re.IGNORECASE,
)
"""Whoever declines promises out of courtesy."""

IF = re.compile(r"\b(?:if|once|unless|as soon as|falls|sobald|si|dès que|cuando|quando|als|zodra)\b", re.IGNORECASE)
"""Said just before: "I asked them. If they come back to me ... Then I will let you know"."""

VAGUE = re.compile(r"\b(?:let (?:you|u) know|keep you posted|get back (?:to|with) (?:you|u))\b", re.IGNORECASE)


def sends(text: str) -> bool:
    """Whether the tidied text of a mail promises to send, write or answer something, and without a condition."""
    declines, before = bool(DECLINES.search(text)), ""
    for one in asks.sentences(text):
        if sends_in(one) and not (declines and VAGUE.search(one)) and not IF.search(before):
            return True
        before = one
    return False


def sends_in(sentence: str) -> bool:
    """The same for one sentence."""
    said: Iterable[str] = asks.sentence_asks(sentence) if SENDS.search(sentence) else ()
    return "promise" in said and not WAITS.search(sentence)
