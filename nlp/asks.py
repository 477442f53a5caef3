"""Does this mail want something, offer something, promise something, or thank?

Rules on sentences of tidied text: precision before recall, since a wrong "you owe an answer" costs more than a missed
one. Courtesies ("let me know if you have any questions") ask nothing.
"""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from nlp import tidy, words

Ask: TypeAlias = Literal["request", "question", "offer", "promise", "thanks"]

ORDER: tuple[Ask, ...] = ("request", "question", "offer", "promise", "thanks")
"""How asks are listed."""

LONGEST_SENTENCE = 600
"""Characters of a sentence; what is longer is a table or a log."""

_SPLIT = re.compile(r"(?<=[.!?？。！])[\"')\]]*\s+|\n\s*\n|\n\s*(?=[-*•·o]\s|\d+[.)]\s)|(?<=[?？。！])(?=\S)")


class _Pattern:
    """Some alternatives as one pattern, compiled when it is first asked: all together they take a tenth of a second,
    which a digest that reads no text should not pay.
    """

    def __init__(self, *alternatives: str) -> None:
        self._source = "|".join(alternatives)
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """The first place that matches."""
        if self._compiled is None:
            self._compiled = re.compile(self._source, re.IGNORECASE)
        return self._compiled.search(text)


_COURTESY = _Pattern(
    r"if (?:you|there|anyone|anybody).{0,25}(?:any|further|more|other|additional|a)\b.{0,25}(?:question|problem|"
    r"concern|comment|issue|info|assist|change|correct)",
    r"(?:any|with|have) (?:further |other |additional )?(?:questions|comments|concerns)\W*$",
    r"please (?:do not|don't|feel free|note|be (?:advised|aware|informed)|accept|disregard|ignore|excuse|forgive|"
    r"pardon|find|see (?:the )?(?:attached|below|enclosed)|refer)\b",
    r"\blet me know if (?:you|i|there|that|this|it|anything|we)\b(?!.{0,40}\b(?:can|could|would|will|want|are "
    r"able|agree|like to|available|interested|free)\b)",
    r"\b(?:do not|don't) hesitate\b",
    r"\bhow are you\b|\bhow(?:'s| is) (?:it|everything|life|things)\b|\bwhat'?s up\b|\bhow have you been\b|\bwie "
    r"geht(?:'?s| es)\b|ça va\s?\?|"
    r"\bcomment (?:vas|allez)|qué tal|cómo est[áa]s?|come (?:va|stai)|tudo bem",
    r"click (?:here|on|below)|unsubscribe|order now|call now|sign up|visit (?:our|us|the)|for more information|"
    r"reply to this (?:e-?mail|message) to",
    r"\b(?:falls|sollten) sie .{0,40}fragen|bei (?:rück)?fragen|n'hésitez pas|no duden? en|non esit(?:ate|i)|não "
    r"hesite",
)
"""What is said out of politeness, or to everybody."""

_BROADCAST = _Pattern(
    r"to (?:ensure|make sure|unsubscribe|stop receiving|opt|cancel)\b|\baddress book\b|\bsafe[- ](?:sender|list)|"
    r"\bapp store\b|\bnewsletter|\bour (?:website|site|customers|"
    r"members|apps?|products?|newsletter|emails)\b|\$link|\bcoupon|\b\d+% off\b|\b(?:survey|votes?|download now|"
    r"limited time|offer (?:ends|expires)|log ?in to your|your account|free trial)\b",
)
"""What is said to everybody who is on a list of addresses."""

_VERB = (
    r"(?:send|forward|give|get|tell|call|e-?mail|mail|fax|let|make|check|review|confirm|provide|take|look|read|"
    r"fill|sign|return|bring|"
    r"add|put|update|print|respond|reply|advise|contact|ask|find|arrange|set|schedule|prepare|complete|submit|"
    r"approve|revise|include|change|"
    r"help|explain|pass|copy|cc|keep|remind|talk|speak|work|coordinate|verify|ensure|distribute|attend|join|meet|"
    r"come|plan|book|order|try|"
    r"remove|delete|replace|handle|follow|go over|share|discuss|consider|draft|write|finish|fix|process|route|"
    r"sign|drop|stop|start|move|use|show|"
    r"enter|upload|download|install|post|pick|pay|buy|be sure|be prepared|indicate|identify|describe|comment|see "
    r"(?:if|what|whether|that|me)|determine|correct|run|hold|leave)"
)

_REQUEST = _Pattern(
    rf"(?:^|[,;:.-]\s*|\b(?:so|and|then|also|but|if so|would you|could you|can you|will you)\s+)(?:please|pls|plz|"
    rf"kindly)\s+(?:also |just |do |try to |go ahead and )?(?:\w+ly )?{_VERB}\b",
    rf"\b{_VERB}\b[^.?!]{{2,120}}\b(?:please|pls)\s*[.!?]*$",
    rf"\b(?:can|could|would|will|won't|might) (?:you|u|someone|somebody|anyone|y'all|you guys|one of you)(?: "
    rf"\w+)?(?: all| both)?,? (?:please |pls |kindly |also |just |maybe |possibly |quickly )*(?:be (?:able|willing|"
    rf"kind|interested|so)|mind|{_VERB}|like to|want to|do)\b",
    r"\b(?:i|we)(?: would|'d|'ll| will| do| really| also| just| still)* (?:need|want|like|ask|expect|prefer) "
    r"(?:you|someone|somebody|everyone|each of you|your (?:help|input|approval|thoughts|comments|signature|advice|"
    r"feedback|opinion|assistance))\b",
    r"\b(?:i|we) (?:would|'d)? ?(?:really |greatly |very much )?(?:appreciate|be grateful|be obliged)(?: it)?(?: "
    r"very much)? (?:if|your|you|a reply|any|an)\b",
    r"\b(?:i'd|we'd|i would|we would|would be|it would be|'d be) (?:greatly |much |really |very )?(?:appreciate|"
    r"appreciated|grateful|great if you|nice if you|helpful if you|good if you)\b",
    r"\b(?:if|when|once|after|before|as soon as) [^.?!]{4,90}[, ]+(?:please |pls |then |just )?(?:let (?:me|us) "
    r"know|give (?:me|us|him|her) a (?:call|ring|shout)|call me|e-?mail me|tell me|drop me)\b",
    r"\b(?:give|drop) (?:me|us|him|her|them|\w+) a (?:call|ring|shout|buzz|line|note)\b|\b(?:pls|plz)\b",
    r"\b(?:i|we)(?: would|'d) (?:like|love|want) (?:to|for us to) (?:meet|discuss|talk|speak|get together|see|"
    r"have (?:this|it|that|a|the|you)|visit|set|schedule|get|hear|invite|know|chat|arrange|sit down|review|go "
    r"over|ask|request)\b",
    r"\b(?:i|we)(?: would| do|'d)? ?(?:suggest|propose|recommend|hope you (?:can|will|could)|hope (?:that "
    r")?you(?:'ll| can))\b|\bplease (?:join|come|be|copy|also|advise|cover|itemi[sz]e)\b|\b(?:join (?:us|me)|"
    r"invite you to|you(?:'re| are) invited)\b",
    r"\bplease (?!do not|don't|feel|note|be|accept|disregard|ignore|excuse|forgive|pardon|find|see|refer|visit|"
    r"click|log|keep in mind|follow|contact us|e-?mail us|do so|call us|enjoy|remember|allow|see)\w+|^(?:could|"
    r"would|can|will) you\b|\bif you (?:could|would|can)(?: please| just| also)? \w+",
    r"\b(?:so )?(?:maybe |perhaps |then )?we (?:can|could|should|might) (?:all |then |maybe |also )?(?:meet|talk|"
    r"discuss|get together|do lunch|have (?:lunch|dinner|coffee)|chat|schedule|set up|go over|plan)\b|\b(?:for|"
    r"have|grab|do) (?:lunch|coffee|dinner|a drink|drinks)\b.{0,60}(?:\?|tomorrow|next week|monday|tuesday|"
    r"wednesday|thursday|friday)",
    r"\b(?:wake up|go ahead|when you get a (?:chance|minute|moment|second)|at your (?:earliest )?convenience|"
    r"should we|it would be (?:great|nice|good|helpful)|would be (?:great|nice|helpful) (?:if|to)|what do you "
    r"think|your thoughts|works? for (?:me|you)|verify (?:that|the|this|if|whether))\b",
    r"\b(?:need|want|wanted|like|have) to (?:get together|meet|sit down|talk|discuss|chat|speak)\b.{0,60}\b(?:you|"
    r"we|us|this|about|with)\b|\bare you (?:free|available|around|interested|able|coming|going|planning|still)\b|"
    r"^you (?:available|free|want|up for|interested)\b",
    r"\b(?:what|when|where|which|how) (?:is|are|was|were|do|did|does|can|will|would|about|many|much|time|day|date|"
    r"should)\b[^.!]{0,80}\b(?:you|your|u)\b[^.!]{0,80}\?|^(?:do|did|have|is|are|can|were|was|will) (?:you|your|"
    r"there|we)\b[^.!]{4,120}\?",
    r"\blet (?:me|us) know (?:what|when|where|who|how|which|whether|your|as soon|asap|by|about|the|a|if "
    r".{0,30}\b(?:can|could|would|will|want|are able|agree|like|interested|free|available)\b)",
    r"^(?:(?:also|and|then|so|next|first|second|finally|again|ok|okay|hi|hey|hello|dear)?,?\s*(?:\w+,\s+|\w+ - "
    r")?)(?:please |pls )?(?:send|forward|call|e-?mail|let's|let us|make sure|be sure|give me|give us|get (?:me|"
    r"back|with)|tell (?:me|him|her|them)|check (?:with|on|to|out|if|and)|review (?:the|this|and|it)|confirm|"
    r"remind|see if|see me|take a look|have (?:a|your|him|her|them)|look (?:at|over|into)|fill out|sign (?:and|"
    r"the)|keep me|set up|find out|ask (?:him|her|them|your)|work with|talk to|speak (?:with|to)|prepare|bring|"
    r"print|schedule|don't forget|do not forget|try to|advise|contact|respond|reply|coordinate)\b(?! you)",
    r"\b(?:you|we) (?:need|have|ought|should|must|will need|may want|might want) (?:to )(?!know that|say)\w+",
    r"\b(?:we|you) should (?:also |probably |just |all )?(?:meet|talk|discuss|get|send|call|set|plan|try|make|"
    r"have|schedule|go|do|look|consider|add)\b",
    r"\b(?:let's|lets(?! you\b)|let us(?! help\b)|shall we|why don't (?:we|you)|how about|what about (?:we|you)|"
    r"can we|could we|may i|could i|can i|do you mind|would you mind|any chance)\b",
    r"\b(?:need|needs) (?:to be|your|you to|by|a response|an answer|ur)\b",
    r"\b(?:is it|would it be) (?:possible|ok|okay|alright|all right)\b",
    r"\b(?:i am|i'm|we are|we're) (?:looking for|asking|requesting|hoping you|wondering (?:if|whether))\b|\bi "
    r"(?:was )?wonder(?:ing)?,? (?:if|whether)\b|\bi (?:hereby )?request\b",
    # other languages
    r"\b(?:bitte|können sie|könnten sie|kannst du|könntest du|würden sie|würdest du|wären sie so|ich bräuchte|ich "
    r"brauche (?:bitte|deine|ihre|von)|wir brauchen (?:deine|ihre)|lass(?:en sie)? (?:mich|uns) wissen|gib mir "
    r"bescheid|geben sie mir)\b(?!\s+beachten)",
    r"\b(?:pourriez[- ]vous|pouvez[- ]vous|peux[- ]tu|pourrais[- ]tu|merci de (?:me|nous|bien|vous)|veuillez "
    r"(?!agréer|recevoir|trouver|noter)|prière de|je vous prie de (?!croire|recevoir|agréer)|dites[- ]moi|"
    r"dis[- ]moi|tiens[- ]moi|j'aurais besoin|s'il (?:vous|te) plaît)\b",
    r"\b(?:por favor|podr[ií]as?|puedes|pueden|puede (?:usted|enviar|confirmar|decir)|me (?:puedes|podr[ií]a)|"
    r"necesito que|av[ií]same|dime|te pido|le ruego)\b",
    r"\b(?:per favore|per piacere|potresti|potrebbe|puoi|può (?:inviar|mandar|conferm)|fammi sapere|mi (?:serve|"
    r"servirebbe)|pode(?:ria)?s? (?:me|enviar|confirmar)|você pode|preciso que|me avise)\b",
    r"\b(?:alsjeblieft|alstublieft|kun je|kunt u|zou je|zou u|laat (?:me|het) weten|kan du|kunde du|skulle du "
    r"kunna|snälla|vänligen|kunne du|kan i|vær så snill|czy (?:możesz|mógłby|mogłaby)|proszę o|daj znać|voitko|"
    r"voisitko)\b",
    r"пожалуйста|(?:мог(?:ли|ла)?|можете|можешь|не могли) (?:бы |ли )?(?:вы|ты)\b|прошу (?:вас|тебя)|дайте знать|"
    r"请(?:问|您|你|帮|把|发|告)|能不能|可以吗|麻烦您?|お願い|ください|いただけ|주세요|부탁",
)

_NO_REQUEST = _Pattern(
    r"\byou (?:need|should|have to|must|will need) (?:to )?(?:know|be (?:able|careful|proud|glad|receiving|aware))\b",
    r"\bas (?:we |you |i )?(?:requested|discussed|promised)\b",
    r"^(?:i|he|she|they|it|this|that|there|my|his|her|their)\b(?!.{0,200}(?:\byou\b|\byour\b|please|\blet (?:me|"
    r"us)\b|wonder|appreciat|request|need))",
)

_QUESTION_WORDS = _Pattern(
    r"^(?:and |so |but |also,? |well,? |btw,? |by the way,? |ok,? |\w+,\s+)?(?:what|when|where|who|whom|whose|"
    r"which|why|how|do|does|did|is|are|was|were|am|can|could|would|will|should|shall|have|has|had|may|any|anyone|"
    r"anybody)\b.*\?",
    r"[?？؟]",
)

_OFFER = _Pattern(
    r"\b(?:would you like (?:me|us) to|do you want (?:me|us) to|shall i|should i (?:send|bring|call|ask|book|"
    r"introduce|forward)|let me know if (?:i|we) can)\b",
    r"\bi(?:'d| would|'ll| will) be (?:more than )?(?:happy|glad|pleased|delighted) to\b|\b(?:happy|glad) to "
    r"(?:help|introduce|send|share|assist|discuss|answer|talk|meet|provide)\b",
    r"\b(?:i|we) (?:can|could) (?:also |certainly |easily |gladly )?(?:send|bring|help|introduce|lend|offer|show|"
    r"share|pick you|drive you|put you in touch|ask (?:him|her|them) for you|forward you|connect you|give you|get "
    r"you|provide you)\b(?!.*\?)",
    r"\bif (?:you|it) (?:need|want|like|would help|helps)[^.?!]{0,60}\b(?:i|we) (?:can|could|will|'ll|would)\b",
    r"\b(?:soll ich|kann ich (?:dir|ihnen|euch) |ich (?:kann|könnte) (?:dir|ihnen|euch)|gern(?:e)? (?:kann|würde|"
    r"helfe|schicke) ich|je peux (?:vous|te|t')|voulez-vous que je|veux-tu que je|(?:te|le|les) puedo|puedo "
    r"(?:enviar|ayudar|mandar)(?:te|le)|quieres que|vuoi che|posso (?:inviar|mandar|aiutar)(?:ti|le|vi)|zal ik|"
    r"kan ik je)\b",
)

_PROMISE = _Pattern(
    r"\b(?:i|we)(?:'ll| will| shall)(?: also| just| then| definitely| certainly| try to| get| be sure to| make "
    r"sure to)* (?:send|forward|call|e-?mail|get back|get (?:you|it|them|this|that)|let you know|check|look into|"
    r"follow up|have (?:it|this|that|them|the)|provide|prepare|write|bring|keep you|work on|take care|talk to|ask|"
    r"find out|fax|review|confirm|revert|circulate|draft|update you|give you|make sure|drop|mail|"
    r"pass)\b(?!.{0,80}\?)",
    r"\bi(?:'m| am) going to (?:send|call|write|forward|check|ask|get|bring|talk|prepare)\b|\bi promise\b|"
    r"\byou(?:'ll| will) (?:have|get|receive|hear) (?:it|this|that|them|from me|the .{2,30} from (?:me|us))\b|"
    r"\b(?:i|we) owe you\b",
    r"\bich (?:werde|schicke|sende|melde mich|kümmere mich|rufe .{0,30} an|prüfe|gebe .{0,20} bescheid)\b|\bje "
    r"(?:vous|te|t')? ?(?:enverrai|envoie|rappellerai|tiens au courant|ferai|m'en occupe|reviens vers)\b|\b(?:te|"
    r"le|os) (?:enviaré|mandaré|llamaré|aviso|diré)\b|\b(?:ti|le|vi) (?:manderò|invierò|chiamerò|farò sapere)\b|"
    r"\bik (?:zal|stuur|bel) je\b|\bя (?:пришлю|отправлю|позвоню|напишу)",
)

_THANKS = _Pattern(
    r"\b(?:thanks|thank you|thanx|thx|many thanks)(?: (?:so|very) much| a lot| again| a million| a bunch)?,? "
    r"(?:for|to (?:you|all|everyone))\b(?! (?:your (?:attention|cooperation|consideration|interest|time|"
    r"understanding|patience|business|help in advance)))",
    r"\b(?:really|greatly|so much|truly|do) appreciate (?:(?:all )?(?:your|the|you|it|everything|what)|that)\b(?! "
    r"if)|\b(?:i|we) (?:am|are|'m|'re) (?:so |very |really |truly |most )?(?:grateful|thankful|indebted)\b(?! if)|"
    r"\byou(?:'ve| have)? been (?:such )?a (?:great |huge |big )?help\b",
    r"\b(?:vielen|herzlichen|lieben|besten|tausend) dank für|\bdanke (?:dir |ihnen |euch |nochmals? )?(?:sehr "
    r")?für\b|\bmerci (?:beaucoup |encore |infiniment )*(?:pour|d'avoir)\b|\b(?:muchas |mil )?gracias por\b|"
    r"\bgrazie (?:mille |tante |ancora )?(?:per|di)\b|\bobrigad[oa] (?:pel[oa]s?|por)\b|\b(?:bedankt|dank je|dank "
    r"u) (?:wel )?voor\b|\btack (?:så mycket )?för\b|\bdziękuję za\b|спасибо за|谢谢你|感谢您|ありがとうございました",
)


def asks(text: str) -> tuple[Ask, ...]:
    """What the tidied `text` of one mail does, each once: request, question, offer, promise, thanks."""
    found: set[Ask] = set()
    for sentence in sentences(text):
        found.update(sentence_asks(sentence))
    return tuple(ask for ask in ORDER if ask in found)


def sentence_asks(sentence: str) -> frozenset[Ask]:
    """The same for one sentence."""
    found: set[Ask] = set()
    if _THANKS.search(sentence):
        found.add("thanks")
    if _OFFER.search(sentence):
        found.add("offer")
    if _PROMISE.search(sentence):
        found.add("promise")
    if not _COURTESY.search(sentence):
        if _is_request(sentence) and "offer" not in found:
            found.add("request")
        if _QUESTION_WORDS.search(re.sub(r"https?://\S+", " ", sentence)) and "offer" not in found:
            found.add("question")
    return frozenset(found)


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, roughly: mail has little punctuation, so blank lines and list marks end one too."""
    for part in _SPLIT.split(text):
        sentence = " ".join(part.split())
        if 2 < len(sentence) <= LONGEST_SENTENCE:
            yield sentence


def _is_request(sentence: str) -> bool:
    return bool(_REQUEST.search(sentence)) and not (_NO_REQUEST.search(sentence) or _BROADCAST.search(sentence))


# --- subjects alone ---------------------------------------------------------------------------------------------------

_SUBJECT_ASKS = _Pattern(
    r"[?？؟]",
    r"\b(?:questions?|query)\W*$|\b(?:questions?|query)\b\W*(?:re|on|about|for|regarding|from|to|concerning)\b|"
    r"^\W*(?:a |quick |one |another |my )*question\b(?! (?:that|which|we|they))",
    r"\b(?:request for|requesting|help (?:with|needed|on|me|please|wanted)|need(?:ed|s|"
    r"ing)? (?:your|help|advice|info|a|some|to know|input)|advice|your (?:thoughts|opinion|advice|view|views|"
    r"input|help|take|feedback|comments|approval)|"
    r"thoughts on|feedback on|comments on|looking for|seeking|can you|could you|would you|will you|do you|are you|"
    r"have you|any idea|any chance|please (?!note|find|see|read|disregard)|favou?r|invitation to|how to|what is|"
    r"what are|where is|who is|wondering|asking)\b",
    r"\b(?:frage|fragen|rückfrage|anfrage|bitte um|hilfe|deine meinung|ihre meinung|rat gesucht|kannst du|können "
    r"sie|könntest du|brauche)\b",
    r"\b(?:demande (?:de|d')|besoin (?:de|d')|ton avis|votre avis|aide|peux-tu|pouvez-vous|pourriez-vous|conseil)\b",
    r"\b(?:pregunta|consulta|solicitud de|ayuda|necesito|tu opinión|su opinión|puedes|podrías|consejo)\b",
    r"\b(?:domanda|richiesta di|aiuto|consiglio|tuo parere|pergunta|pedido de|ajuda|dúvida|vraag|hulp|verzoek|"
    r"fråga|hjälp|pytanie|prośba|pomoc)\b",
    r"вопрос|просьба|помощь|нужна|请教|求助|请问|问题|質問|お願い|ご相談|질문|문의|부탁",
)

_FAVOUR = re.compile(
    r"\b(?:favou?r|request|requesting|help|invitation|gefallen|bitte um|hilfe|einladung|aide|demande|favor|ayuda|"
    r"solicitud|favore|aiuto|richiesta|pedido|ajuda)\b",
    re.IGNORECASE,
)

_LOGISTICS = _Pattern(
    r"^\W*$",
    r"^(?:hello|hi|hey|hallo|hola|bonjour|salut|ciao|test(?:ing)?|fyi|thanks?(?: you)?|danke|merci|update|note|"
    r"message|none|no subject|\(?no subject\)?|kein betreff|untitled|photos?|pictures?|pics?|files?|documents?|"
    r"attachments?|attached|info|information|news|stuff|misc)\W*$",
    r"\b(?:meeting|meetings|mtg|conference call|con[- ]?call|call (?:at|on|with|today|tomorrow|in|notes)|(?:phone|"
    r"telephone|weekly|daily|status|staff|team|group|board|monthly|quarterly|kick-?off) (?:call|meeting|update|"
    r"report|status|summary|notes)|lunch|dinner|breakfast|coffee|drinks|happy hour|schedule|schedules|scheduling|"
    r"rescheduled?|"
    r"appointment|calendar|agenda|minutes|rsvp|save the date|out of (?:the )?office|vacation|ooo|autoreply|"
    r"auto(?:matic)?[- ]?reply|automatic response|away from|on leave|day off|sick day|holiday schedule|accepted|"
    r"declined|tentative|cancell?ed|cancellation|postponed|"
    r"time ?sheets?|expense(?:s| report| reports)?|reimbursement|invoices?|receipts?|statement|payroll|purchase "
    r"order|order (?:confirmation|#|no|number|status)|your order|shipping|tracking|shipment notification|"
    r"reservation|booking|itinerary|e-?ticket|flight|hotel|travel|"
    r"passwords?|log-?in|login|user ?(?:id|name)|account (?:access|number|verification)|verification code|access "
    r"(?:request|to)|security (?:code|alert)|new computer|voice ?mail|fax|phone (?:number|list|numbers)|contact "
    r"(?:info|information|list|details)|address(?:es)?|directions|parking|room (?:change|reservation)|dial-?in|"
    r"reminder|confirmation|confirmed|notification|delivery status|undeliverable|returned mail|mail delivery|"
    r"failure notice|read:|read receipt|subscription|unsubscribe|newsletter|digest|daily|weekly|monthly|nightly|"
    r"report(?:s)? (?:for|as of|-|\d)|\w+ report|reports?|p&l|resume|new hire|org(?:anization)? chart|"
    r"test(?:ing)? (?:message|mail|e-?mail|\d)|this is a test|happy (?:birthday|new year|holidays|thanksgiving|"
    r"easter)|merry christmas|congratulations|congrats|get well|welcome|goodbye|farewell|zoom|webex|teams "
    r"(?:meeting|call)|calendar invite|video call|invitation:|updated invitation|meeting request)\b",
    r"\b(?:besprechung|sitzung|termin(?:e|vorschlag|anfrage|absage)?|telefonat|mittagessen|abwesenheit(?:snotiz)?|"
    r"urlaub|rechnung(?:en)?|mahnung|quittung|spesen|reisekosten|erinnerung|bestätigung|buchung|passwort|"
    r"zugangsdaten|tagesordnung|protokoll|bericht|newsletter|abgesagt|zugesagt|automatische antwort)\b",
    r"\b(?:réunion|rendez-vous|rdv|déjeuner|dîner|absence|congés?|facture|reçu|note de frais|rappel|confirmation|"
    r"réservation|mot de passe|ordre du jour|compte[- ]rendu|rapport|réponse automatique|annulé)\b",
    r"\b(?:reunión|cita|almuerzo|cena|fuera de (?:la )?oficina|vacaciones|factura|recibo|gastos|recordatorio|"
    r"confirmación|reserva|contraseña|orden del día|acta|informe|respuesta automática|cancelad[oa])\b",
    r"\b(?:riunione|appuntamento|pranzo|cena|fuori ufficio|ferie|fattura|ricevuta|promemoria|conferma|"
    r"prenotazione|verbale|reunião|almoço|férias|fatura|recibo|lembrete|confirmação|reserva|vergadering|afspraak|"
    r"afwezig|factuur|herinnering|bevestiging|möte|frånvaro|faktura|påminnelse|bekräftelse|spotkanie|faktura|"
    r"przypomnienie|potwierdzenie)\b",
    r"会议|會議|日程|发票|發票|请假|周报|日报|月报|確認|会議|請求書|休暇|自動返信|회의|일정|청구서|встреча|совещание|счет|отпуск|напоминание|отчет",
)

_REPORT = re.compile(
    r"(?:\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d\b|\b(?:"
    + "|".join(words.MONTHS)
    + r")\.? \d{1,2}\b|\b\d{1,2}\.? (?:"
    + "|".join(words.MONTHS)
    + r")\b)",
    re.IGNORECASE,
)
"""A subject with a date in it is a report, an edition or an appointment."""

_OCCASION = re.compile(
    r"\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|lunch|dinner|breakfast|drinks|"
    r"happy hour|party|game|heute|morgen|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|mittagessen|abendessen|"
    r"demain|ce soir|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|déjeuner|dîner|mañana|almuerzo|cena|domani|"
    r"pranzo|amanhã|almoço)\b",
    re.IGNORECASE,
)

_SAYS_NOTHING = words.WHEN | words.GREETINGS | words.LOGISTICS | words.EMPTY | words.MONTHS.keys()
"""A subject of these words alone is no matter: "Saturday", "Good morning", "Follow-up"."""

_FILE_NAME = re.compile(r"^\S+\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|zip|jpe?g|png|gif|htm|html)$", re.IGNORECASE)


def subject_asks(subject: str) -> bool:
    """Whether a subject line alone asks something of the reader, mere arrangements aside."""
    bare = tidy.subject(subject)
    return bool(_SUBJECT_ASKS.search(bare)) and not is_logistics(subject)


def asks_a_favour(subject: str) -> bool:
    """Whether what a subject asks is done, or not, with the first answer, as a favour is and a question may not be."""
    return bool(_FAVOUR.search(subject))


def names_a_day(subject: str) -> bool:
    """Whether a subject is about a day or a meal, so that it is over with it."""
    return bool(_OCCASION.search(subject) or _REPORT.search(subject))


def is_logistics(subject: str) -> bool:
    """Whether a subject is mere arranging, reporting, passing on or administration, so that it is no matter to "
    "recall."""
    if tidy.is_forward(subject):
        return True
    bare = tidy.subject(subject)
    said = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", bare.lower())
    return bool(_LOGISTICS.search(bare) or _REPORT.search(bare) or _FILE_NAME.match(bare)) or _SAYS_NOTHING.issuperset(
        said
    )


_AUTO_REPLY = re.compile(
    r"\s*(?:(?:re|aw)\s*:\s*)?(?:out of (?:the )?office|auto(?:matic|mated)?[- ]?(?:re(?:ply|sponse)|answer)|autoreply|"
    r"vacation (?:reply|message|notice)|automatische (?:antwort|nachricht)|abwesenheit(?:snotiz|sbenachrichtigung)?|"
    r"réponse automatique|absence du bureau|respuesta automática|fuera de la oficina|risposta automatica|fuori sede|"
    r"resposta automática|automatisch antwoord|afwezigheid(?:sbericht)?|autosvar|automaattinen vastaus|автоответ|"
    r"自动答复|自动回复|自動返信|undeliver(?:able|ed)|delivery (?:status|failure|failed)|returned mail|mail delivery|"
    r"read: |gelesen: |lu : )",
    re.IGNORECASE,
)
"""How programs that answer by themselves begin a subject; not all of them say so in a header (RFC 3834)."""


def is_auto_reply(subject: str) -> bool:
    """Whether a machine answered, by the subject that it gave: out of office, not delivered, read."""
    return _AUTO_REPLY.match(subject) is not None


_LEAD_IN = (
    r"^(?:and|so|but|also|well|btw|by the way|ok|okay|oh|hey|now|anyway|und|aber|also|et|mais|y|pero|e|ma)?,? ?"
    r"(?:[^\W\d_]+, ?)?"
)
_ASKED = re.compile(
    _LEAD_IN
    + r"(?:what|when|where|who|whom|whose|which|why|how|do|does|did|is|are|was|were|can|could|would|will|should|"
    r"shall|have|has|had|any|anyone|anybody|was|wann|wo|wer|warum|wie|kannst|können|könntest|hast|haben|bist|sind|ist|"
    r"gibt|que|quand|où|qui|pourquoi|comment|peux|pouvez|as-tu|avez|est-ce|qué|cuándo|dónde|quién|cómo|puedes|tienes|"
    r"che|quando|dove|chi|come|puoi|hai|quais|onde|como|wat|wanneer|waar|wie|hoe|kun|heb|vad|när|var|hur|kan|har)\b"
    r"|\b(?:you|your|u|ya|du|dir|dich|dein|deine|sie|ihre[nm]?|tu|te|ton|ta|tes|vous|votre|usted|tú|tuo|tua|lei|você)\b",
    re.IGNORECASE,
)
_RHETORICAL = re.compile(
    r"^(?:right|ok(?:ay)?|huh|eh|what|really|no|yes|deal|get it|you know|isn't it|don't you think|"
    r"how (?:are|r) (?:you|u|ya|things|we)|how(?:'s| is) (?:it|everything|life|things)|what'?s up|"
    r"who (?:knows|cares)|why not|remember)\W*\?|\bare you (?:kidding|joking|serious|crazy|nuts)\b|"
    r"\bwho (?:knows|cares|would have thought)\b|\bknow what i mean\b",
    re.IGNORECASE,
)
_ENDS_ASKING = re.compile(r"[?？؟][\"')\]!?.]*$")
_PUBLISHED = re.compile(
    r"\bcopyright\b|©|all rights reserved|\(reuters\)|\(ap\)|\bstaff writer\b|^by [A-Z][a-z]+ [A-Z]", re.M
)
"""A pasted article asks its readers, and not this one."""

ASKING_WORDS = 3
"""A question of fewer words is a sigh ("Right?") or needs its context."""


def waiting(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a mail's tidied `text` that wait for the reader's answer, each with the one before it.

    Stricter than `asks`, since the user is reminded of it.
    """
    before = ""
    for sentence in sentences("" if _PUBLISHED.search(text) else text):
        if sentence_waits(sentence):
            yield before, sentence
        before = sentence


def waits(text: str) -> bool:
    """Whether the tidied `text` of a mail asks the reader something that waits for an answer."""
    return next(waiting(text), None) is not None


_SAY = re.compile(
    r"\b(?:let (?:me|us) know|tell me|write (?:me )?back|drop me a line|get back to me)\b[^.?!]{0,60}?"
    r"\b(?:what|when|where|who|how|which|whether|if you(?:'d| would|'re| are| want| can| could| like| think)|your)\b",
    re.IGNORECASE,
)
_OFFERED = re.compile(
    r"\bif (?:you|u|anyone|anybody)(?:'d| would| should)?(?: like| want| need| care)"
    r" (?:me\b|us\b|to (?:discuss|talk|see|have)|help|more|any|further|additional|a copy|it\b|them\b)|\bwant me to\b|"
    r"\b(?:do you (?:want|need)|would you like|shall i send(?: you)?) (?:a|an|any|another|more|me|us|the|to see)\b",
    re.IGNORECASE,
)
"""An offer reads like a question, and may be left as it is."""


def sentence_waits(sentence: str) -> bool:
    """The same for one sentence."""
    if _OFFERED.search(sentence):
        return False
    if _SAY.search(sentence) and not _COURTESY.search(sentence):
        return True
    bare = re.sub(r"https?://\S+|\([^)]*\)", " ", sentence).strip()
    if not _ENDS_ASKING.search(bare) or (len(bare.split()) < ASKING_WORDS and not re.search(r"[？؟]", bare)):
        return False
    last = re.split(r"[.!;:]\s+|\s-{1,2}\s", bare)[-1]
    return bool(_ASKED.search(last) or re.search(r"[？؟]", bare)) and not (
        _RHETORICAL.search(last) or _COURTESY.search(bare)
    )
