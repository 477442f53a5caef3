"""Does a mail say of itself that it went to many?

What stands in no header stands in the foot: how to leave, why one gets it, where it looks right. And nobody but a
machine writes to a friend with a dozen links.
"""

import re

from nlp import markup

MANY_LINKS, MANY_WRITTEN_OUT = 12, 20
"""Links of an HTML mail, where signatures bring some, and of a plain one, where a person collects more."""

_LINK = re.compile(r"https?://", re.IGNORECASE)

HEAD, FOOT = 600, 3000
"""Characters at either end of a mail in which it tells about itself."""

_FOOT = re.compile(
    r"\bun-?subscri|\bopt(?:ing)?[- ]?out\b|\b(?:be|been) removed from (?:this|our|the|any|future)|"
    r"\bremoved from (?:this|our|the|any) (?:mailing )?list|"
    r"\bremove (?:me|yourself|your (?:name|address|e-?mail))\b|"
    r"\bto (?:be removed|stop (?:receiving|getting)|cancel your subscription)|"
    r"\b(?:change|manage|update|edit|modify) your\s+(?:[a-z-]+\s+){0,2}"
    r"(?:subscription|preferences|profile|options|settings)|"
    r"\b(?:you(?:'re| are| have| were)?|this (?:e-?mail|message|newsletter|mailing)(?: was| is| has been)?)\s+"
    r"(?:receiv\w+|being sent|sent|getting|subscribed|registered|signed up)\b[^.?!]{0,60}"
    r"(?:because|as (?:a|part)|since you|to you (?:by|because)|subscri|member|opted)|"
    r"\bview (?:this|it) (?:e-?mail )?(?:in|with) (?:a|your) (?:web )?browser|"
    r"\bif you (?:no longer|do not|don't) (?:wish|want) to (?:receive|get)|"
    r"\b(?:do not|don't|cannot) (?:reply|respond) to this|\bnot (?:monitored|accept incoming)|\bnotification-only|"
    r"\bnicht auf diese (?:e-?mail|nachricht)|\bne pas répondre à ce|\bno responda a este|\bnon rispondere a questa|"
    r"\b(?:abmelden|abbestellen|newsletter abzubestellen)\b|\bd[ée]s(?:abonn|inscri)|\bdarse de baja|"
    r"\bcancelar (?:la|su|tu) suscripci|\bcancellar(?:e|si)\b.{0,20}iscrizione|\bdisiscri|\buitschrijven\b|"
    r"\bafmelden\b|\bavregistrera\b|\bavprenumerera\b|\bafmeld\b|\bavmeld\b|\bwypisa[ćc] si[ęe]\b|"
    r"\bcancelar (?:a|sua) (?:inscri|assinatura)|отписаться|配信停止|退订|수신거부"
)


def says_so(raw: str, plain: str) -> bool:
    """Whether a mail's text or HTML (`raw`; `plain` without its marks) tells how to leave it, or is a page of links."""
    ends = plain if len(plain) <= FOOT else f"{plain[:HEAD]}\n{plain[-FOOT:]}"
    if _FOOT.search(ends.lower()):  # half the time of a pattern that looks at both cases
        return True
    if markup.is_html(raw):
        return len(markup.anchors(raw)) >= MANY_LINKS
    return len(_LINK.findall(plain)) >= MANY_WRITTEN_OUT
