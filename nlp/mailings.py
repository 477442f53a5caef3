"""Does a mail say of itself that it went to many?

What stands in no header stands in the foot: how to leave, why one gets it, where it looks right. And nobody but a
machine writes to a friend with a dozen links.
"""

from nlp import markup
from nlp.cued import Cued

MANY_LINKS, MANY_WRITTEN_OUT = 12, 20
"""Links of an HTML mail, where signatures bring some, and of a plain one, where a person collects more."""

HEAD, FOOT = 600, 3000
"""Characters at either end of a mail in which it tells about itself."""

_FOOT = Cued(
    ("subscri", r"\bun-?subscri"),
    ("opt-out|opt out|optout|opting", r"\bopt(?:ing)?[- ]?out\b"),
    (
        "removed from",
        r"\b(?:be|been) removed from (?:this|our|the|any|future)|"
        r"\bremoved from (?:this|our|the|any) (?:mailing )?list",
    ),
    ("remove ", r"\bremove (?:me|yourself|your (?:name|address|e-?mail))\b"),
    (
        "to be removed|to stop |to cancel your",
        r"\bto (?:be removed|stop (?:receiving|getting)|cancel your subscription)",
    ),
    (
        "subscription|preferences|profile|options|settings",
        r"\b(?:change|manage|update|edit|modify) your\s+(?:[a-z-]+\s+){0,2}"
        r"(?:subscription|preferences|profile|options|settings)",
    ),
    (
        "receiv|sent|getting|subscribed|registered|signed up",
        r"\b(?:you(?:'re| are| have| were)?|this (?:e-?mail|message|newsletter|mailing)(?: was| is| has been)?)\s+"
        r"(?:receiv\w+|being sent|sent|getting|subscribed|registered|signed up)\b[^.?!]{0,60}"
        r"(?:because|as (?:a|part)|since you|to you (?:by|because)|subscri|member|opted)",
    ),
    (
        "browser",
        r"\bview (?:this|it) (?:e-?mail )?(?:in|with) (?:a|your) (?:web )?browser",
    ),
    (
        "if you no longer|if you do not|if you don't",
        r"\bif you (?:no longer|do not|don't) (?:wish|want) to (?:receive|get)",
    ),
    ("reply to this|respond to this", r"\b(?:do not|don't|cannot) (?:reply|respond) to this"),
    ("not monitored|incoming|notification-only", r"\bnot (?:monitored|accept incoming)|\bnotification-only"),
    (
        "nicht auf diese|répondre à ce|no responda|non rispondere",
        r"\bnicht auf diese (?:e-?mail|nachricht)|\bne pas répondre à ce|\bno responda a este|"
        r"\bnon rispondere a questa",
    ),
    ("abmelden|abbestellen|abzubestellen", r"\b(?:abmelden|abbestellen|newsletter abzubestellen)\b"),
    ("abonn|inscri", r"\bd[ée]s(?:abonn|inscri)"),
    (
        "iscri|darse de baja|suscripci",
        r"\bcancellar(?:e|si)\b.{0,20}iscrizione|\bdisiscri|\bdarse de baja|"
        r"\bcancelar (?:la|su|tu) suscripci",
    ),
    (
        "uitschrijven|afmeld|avregistrera|avprenumerera|avmeld",
        r"\b(?:uitschrijven|afmelden|avregistrera|avprenumerera|afmeld|avmeld)\b",
    ),
    ("wypisa", r"\bwypisa[ćc] si[ęe]\b"),
    ("cancelar", r"\bcancelar (?:a|sua) (?:inscri|assinatura)"),
    ("отписаться|配信停止|退订|수신거부", r"отписаться|配信停止|退订|수신거부"),
)


def says_so(raw: str, plain: str) -> bool:
    """Whether a mail's text or HTML (`raw`; `plain` without its marks) tells how to leave it, or is a page of links."""
    ends = plain if len(plain) <= FOOT else f"{plain[:HEAD]}\n{plain[-FOOT:]}"
    if _FOOT.search(ends.lower()):
        return True
    if markup.is_html(raw):
        return len(markup.anchors(raw)) >= MANY_LINKS
    low = plain.lower()
    return low.count("http://") + low.count("https://") >= MANY_WRITTEN_OUT
