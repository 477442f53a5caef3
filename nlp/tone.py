"""Does a text that is written for somebody blame, say nothing, or ask a favour?

What the program writes itself is held against this: the openers of its gifts, its sentences to the user. What stands
between “ ” are others' words, and is left out.
"""

import re
from typing import Literal, TypeAlias

Fault: TypeAlias = Literal["blames", "says nothing", "asks a favour"]

_QUOTED = re.compile(r"“[^”]*”|„[^“]*“|«[^»]*»")


def _any(*ways: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(ways)})\b", re.IGNORECASE)


_BLAMES = _any(
    r"losing touch|lost touch|growing apart|drift(?:ed|ing) apart|neglect\w*|(?:long )?overdue|guilt\w*|ashamed",
    r"shame on|you (?:should|ought to) have|you forgot|don['’]t forget|bad friend|falling behind|missed out",
    r"you (?:still )?have(?:n['’]t| not) (?:written|answered|replied|called|been in touch)",
    r"you never (?:write|call|answer|reply|wrote)|have you forgotten|why (?:have|did)n['’]t you",
    r"(?:too|far too|way too) long|been ages|it['’]s been a while|disappoint\w*|letting? \w+ down",
    r"streaks?|in a row|your (?:score|rank\w*)|points? (?:lost|left|earned)",
    r"vernachlässig\w*|überfällig|schlechtes gewissen|viel zu lange|nie (?:gemeldet|geschrieben)",
    r"coupable|tu aurais dû|trop longtemps|deberías haber|demasiado tiempo",
)
"""Guilt works once, and then the mail is not opened any more (product.md, "The digest")."""

_EMPTY = _any(
    r"check(?:ing)? in(?! at)|touch(?:ing)? base|circl(?:e|ing) back|reach(?:ing)? out|following up|bumping this",
    r"want(?:ed)? to (?:say (?:hi|hello)|see how you(?:['’]re| are)|catch up)|saying (?:hi|hello)",
    r"hope (?:you(?:['’]re| are)|this (?:e-?mail |note |message )?finds you|all is|everything is|you have been)",
    r"how (?:are|have) you (?:doing|been)|how are you|how(?:['’]s| is) (?:it going|everything|life|your week)",
    r"how are things|what['’]s (?:up|new)|long time no (?:see|speak)|catch up (?:soon|sometime)",
    r"we should (?:catch up|meet|have (?:lunch|coffee))|let['’]s (?:catch up|(?:keep|stay) in touch|get together)",
    r"thought i(?:['’]d| would) (?:drop|say|write)|drop(?:ping)? (?:you )?a (?:quick )?line",
    r"wollte (?:mich )?(?:nur |mal |einfach )*(?:melden|hören|hallo sagen)|wie geht(?:['’]s| es dir| es ihnen)",
    r"hoffe,? (?:es geht|dir geht|ihnen geht|alles)|lange nichts gehört",
    r"prendre (?:de tes|des|de vos) nouvelles|comment (?:ça va|vas-tu|allez-vous)|quería saludar",
    r"cómo (?:estás|va todo|te va)|espero que (?:estés|todo)|volevo (?:solo )?salutare|come stai|spero che tu stia",
)
"""Regular contact without anything in it is worth nothing (001.0d)."""

_FAVOUR = _any(
    r"(?:could|can|would|will|might) (?:you|u|ya)(?: please| kindly| possibly| maybe| perhaps)?"
    r" (?!like\b|be (?:going|there|at)\b|come\b|join\b|see\b|hear\b|find\b|enjoy\b)\w+",
    r"would you (?:please|mind|be (?:so kind|able|willing))|do me a|to ask you for|might i trouble you",
    r"(?:please|pls|kindly) (?!don['’]t|do not|ignore|feel|excuse|accept|say|give my)\w+",
    r"favou?r (?:to ask|from you|of you)|(?:a|some|any|one|small|big|quick|return the) favou?rs?",
    r"i(?:['’]m| am)? (?:really |badly |urgently )?(?:in )?need(?: of)? (?:you|your|some|an?|to|help)|need your",
    r"(?:send|give|get|bring|show|forward|e?-?mail|lend|help|call|fax) (?:me|us)(?! (?:joy|pleasure))",
    r"your help|some help|borrow|(?:a (?:good )?)?word for me|vouch for|job (?:opening|offer|hunt)\w*",
    r"(?:introduce|refer|recommend) me|write me an?|(?:forward|pass on|look at|review|read|share) my",
    r"i(?:['’]m| am) (?:looking|searching|applying) for|(?:are you|is your \w+) hiring",
    r"(?:wondering|hoping) (?:if |whether |that )?you (?:could|can|would|might|know)|any chance (?:you|of)",
    r"(?:ask|request)ing (?:you )?(?:for|to)|i(?:['’]d| would) be (?:very |so )?(?:grateful|thankful)",
    r"(?:i['’]d|i would|would) (?:really )?appreciate|know (?:anybody|anyone|somebody|someone) who (?:could|can|might)",
    r"(?:k[öo]nntest|kannst|w[üu]rdest|magst) du|(?:k[öo]nnten|w[üu]rden) sie|bitte|gefallen|hilf|hilfe|br[äa]uchte",
    r"(?:peux|pourrais)-tu|(?:pouvez|pourriez)-vous|s['’]il (?:te|vous) pla[îi]t|besoin|podr[íi]as|puedes",
    r"podr[íi]a usted|por favor|necesito|potresti|puoi|per favore|ho bisogno|poderias|kun je|zou je",
)
"""What is asked of somebody. Whether they come, what became of a matter, or whether they would like something asks no
favour.
"""


def unquoted(text: str) -> str:
    """The text without what it quotes."""
    return _QUOTED.sub(" ", text)


def faults(text: str) -> tuple[Fault, ...]:
    """What is wrong with a text that is to be sent, or to be shown to the user."""
    own = unquoted(text)
    found: list[Fault] = []
    if _BLAMES.search(own):
        found.append("blames")
    if _EMPTY.search(own):
        found.append("says nothing")
    if _FAVOUR.search(own):
        found.append("asks a favour")
    return tuple(found)


def asks_favour(text: str) -> bool:
    """Whether a draft asks something of its reader."""
    return bool(_FAVOUR.search(unquoted(text)))
