"""In which words do people ask, offer, promise and thank?

Closed lists, written by hand; `nlp.asks` says what follows from them.
"""

import re

from nlp import words


class Pattern:
    """Some alternatives, in small letters, as one pattern for both cases, compiled when it is first asked: all together
    they take a tenth of a second, which a digest that reads no text should not pay.
    """

    def __init__(self, *alternatives: str) -> None:
        self._source = "|".join(alternatives)
        self._compiled: re.Pattern[str] | None = None

    def search(self, text: str) -> re.Match[str] | None:
        """The first place that matches."""
        if self._compiled is None:
            self._compiled = re.compile(self._source)
        return self._compiled.search(text.lower())  # half the time of a pattern that looks at both cases


COURTESY = Pattern(
    r"if (?:you|there|anyone|anybody).{0,25}(?:any|further|more|other|additional|a)\b.{0,25}(?:question|problem|"
    r"concern|comment|issue|info|assist|change|correct)",
    r"(?:any|with|have) (?:further |other |additional )?(?:questions|comments|concerns)\W*$",
    r"please (?:do not|don't|feel free|note|be (?:advised|aware|informed)|accept|disregard|ignore|excuse|forgive|"
    r"pardon|find|see (?:the )?(?:attached|below|enclosed)|refer)\b",
    r"\blet (?:me|us) know if (?:you|there|anything|i|we)\b[^.?!]{0,40}\b(?:any(?:thing|one)?|questions?|problems?|"
    r"concerns?|comments?|help|further|additional|assist\w*|need|else|trouble|issues?)\b(?!.{0,40}\b(?:can|could|would|"
    r"will|want|are able|agree|like to|available|interested|free)\b)",
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

BROADCAST = Pattern(
    r"to (?:ensure|make sure|unsubscribe|stop receiving|opt|cancel)\b|\baddress book\b|\bsafe[- ](?:sender|list)|"
    r"\bapp store\b|\bnewsletter|\bour (?:website|site|customers|"
    r"members|apps?|products?|newsletter|emails)\b|\$link|^click\b|\bclick (?:here|on|the|below)|"
    r"\bcoupon|\b\d+% off\b|\b(?:survey|votes?|download now|"
    r"limited time|offer (?:ends|expires)|log ?in to your|your account|free trial)\b",
)
"""What is said to everybody who is on a list of addresses."""

VERB = (
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

REQUEST = Pattern(
    rf"(?:^|[,;:.-]\s*|\b(?:so|and|then|also|but|if so|would you|could you|can you|will you)\s+)(?:please|pls|plz|"
    rf"kindly)\s+(?:also |just |do |try to |go ahead and )?(?:\w+ly )?{VERB}\b",
    rf"\b{VERB}\b[^.?!]{{2,120}}\b(?:please|pls)\s*[.!?]*$",
    rf"\b(?:can|could|would|will|won't|might) (?:you|u|someone|somebody|anyone|y'all|you guys|one of you)(?: "
    rf"\w+)?(?: all| both)?,? (?:please |pls |kindly |also |just |maybe |possibly |quickly )*(?:be (?:able|willing|"
    rf"kind|interested|so)|mind|{VERB}|like to|want to|do)\b",
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

NO_REQUEST = Pattern(
    r"\byou (?:need|should|have to|must|will need) (?:to )?(?:know|be (?:able|careful|proud|glad|receiving|aware))\b",
    r"\bas (?:we |you |i )?(?:requested|discussed|promised)\b",
    r"^(?:i|he|she|they|it|this|that|there|my|his|her|their)\b(?!.{0,200}(?:\byou\b|\byour\b|please|\blet (?:me|"
    r"us)\b|wonder|appreciat|request|need))",
)

QUESTION_WORDS = Pattern(
    r"^(?:and |so |but |also,? |well,? |btw,? |by the way,? |ok,? |\w+,\s+)?(?:what|when|where|who|whom|whose|"
    r"which|why|how|do|does|did|is|are|was|were|am|can|could|would|will|should|shall|have|has|had|may|any|anyone|"
    r"anybody)\b.*\?",
    r"[?？؟]",
)

_HELP = (
    r"(?:send|bring|lend|introduce|show|share|give (?!(?:it|this|that) a )|get you|loan|drive|forward|connect|provide|"
    r"fax|e-?mail|mail|call|ask|put you|come (?:by|over|up(?! with)|down|to)|stop by|swing by|meet (?:you|them|him|"
    r"her)\b|help (?:you|out|with|him|her|them)|assist with|arrange|set up|explain|walk|(?:take|pick) (?:you|it|them|"
    r"your)|look|(?:talk|speak) (?:to|with)|discuss|go over|write|draft|prepare|print|make (?:a cop|cop|arrange|sure|"
    r"you|it|the|that|this)|redraft|revise|review|check (?:on|with|whether|if|for|it|that)|schedule|book|order|"
    r"find out|fill|enter|handle|host|cover|do (?:it|that|this|better)|have (?:it|them|someone|somebody|him|her|my|"
    r"our))"
)
"""What one does for others."""

_MORE = (
    r"(?:(?:a |another |the )?(?:hard )?cop(?:y|ies)|(?:some |any )?(?:more|further|additional)? ?(?:details?|"
    r"specifics|back-?up|clarification)|(?:to )?(?:discuss|talk|meet|see|go over|get together|review|chat|join|come|"
    r"borrow|have|use))\b"
)

OFFER = Pattern(
    r"\b(?:would you (?:also )?like (?:for )?(?:me|us) to|(?:do|did) you (?:also |still )?(?:want|need) (?:me|us) to|"
    r"shall i|should i (?:send|bring|forward|book|order) you|would it help if (?:i|we)|"
    r"can i (?:help|bring|give|offer|get) you)\b",
    r"\b(?:if|whether|when) you(?:'d| would)? (?:also |ever |still )?(?:want|need|like|wish|prefer) (?:for )?"
    r"(?:me|us) to (?!know)",
    rf"\b(?:i|we in \w+)(?:'d| would|'ll| will| am|'m| are|'re)?(?: be)? (?:more than |very |only too |always )?"
    rf"(?:happy|glad|pleased|delighted|willing) to (?:also |just )?{_HELP}\b(?!.*\?)|"
    rf"^(?:i would be |i'd be )?(?:happy|glad) to {_HELP}\b",
    rf"(?:^|[,;:.!)-] ?|\b(?:and|but|or|maybe|perhaps|hopefully|then) )(?:i (?:can|could)|i(?:'d| would) be able to)"
    rf"(?: also| certainly| easily| gladly| probably| always| just| maybe)* {_HELP}\b(?!.*\?)",
    r"(?:^|[,;:.!)-] ?|\b(?:and|but|or) )we (?:can|could) (?:also |certainly |easily |gladly )?(?:send|give|get|bring|"
    r"lend|fax|forward|show) (?:you|your)\b(?!.*\?)",
    rf"\b(?:let (?:me|us) know|call(?: me)?|e-?mail me|(?:just )?ask|tell me),? if you(?:'d| would| may| might)? "
    rf"(?:ever |also |still )?(?:like|want|wish|need|require|care for|care|prefer) {_MORE}",
    r"\b(?:if|when) (?:you|it)(?:'d| would)? (?:need|want|like|would help|helps)[^.?!]{0,60}\bi(?: can| could|"
    r" will|'ll|'d be (?:happy|glad)| would be (?:happy|glad))\b(?! (?:appreciate|like|love|need|never|promise|be\b))",
    r"\byou(?: are|'re) (?:more than |always |very )?welcome to (?!our|the)|^want me to\b",
    r"\b(?:soll ich|kann ich (?:dir|ihnen|euch) |ich (?:kann|könnte) (?:dir|ihnen|euch)|gern(?:e)? (?:kann|würde|"
    r"helfe|schicke) ich|je peux (?:vous|te|t')|voulez-vous que je|veux-tu que je|(?:te|le|les) puedo|puedo "
    r"(?:enviar|ayudar|mandar)(?:te|le)|quieres que|vuoi che|posso (?:inviar|mandar|aiutar)(?:ti|le|vi)|zal ik|"
    r"kan ik je)\b",
)
"""A deed or a thing is named that the reader may take or leave; "if you need anything" names none."""

NO_OFFER = Pattern(
    r"^(?:if i\b|i (?:wish|guess|hope|doubt)|(?:what|which|who|how|when|where|why)\b)|"
    r"\b(?:how|what|where|when|which|who) (?:would|do|should|can|could)\b[^?]{0,20}\b(?:me|i)\b|"
    r"\bif (?:there(?:'s| is| are)|you need) any|\bnot sure if\b|\banything\b|\bbring your own\b",
    r"\b(?:so that|so|until|before|that way|then) i can\b|\b(?:which|whom|that) i (?:am|could|can)\b",
)
"""What serves the writer, or is asked."""

_DO = (
    r"(?:send|forward|call|phone|ring|e-?mail|mail|fax|get back|get (?:you|it|them|this|that|those|these|a|an|the|"
    r"someone|with)|let (?:you|everyone|everybody|u|him|her|them) know|check|look (?:into|at|for|over|it)|follow|"
    r"have (?:it|this|that|them|something|(?:my|our|the|someone|somebody)(?: \w+){0,2} (?:call|send|get|look|check|"
    r"review|contact|e-?mail|prepare|forward|gather|do|fix|make))\b|provide|prepare|write|bring|"
    r"keep (?:you|u|an eye|everyone|them|him|her|after|on)|run (?:it|this|that|them|through|the|a|by)|"
    r"be (?:there|in touch|back (?:to|with)|sending|calling|forwarding|getting back to|attending|contacting)|"
    r"chase|track|dig|work (?:on|with|up|out)|take (?:care|it|this|that|a look|them)|(?:talk|speak) (?:to|with) "
    r"(?!you)|ask|find|review|confirm|revert|circulate|draft|update|give (?!up)|make (?:sure|the|those|these|that|"
    r"this|any|your|it|a note|copies|changes)|drop|pass (?:it|this|that|on|along|them|the)|put|add|fix|arrange|set|"
    r"schedule|reschedule|book|order|print|pick|deliver|return (?:your|the|it|them|his|her)|see (?:what|if|whether|"
    r"that|to it)|contact|share|submit|post (?:it|them|the)|discuss (?:it|this|that|the|your)|touch base|"
    r"try (?:to|and)|do (?:it|that|this|my best|so|what)|attend|come|stop by|swing by|meet you|change|correct|"
    r"include|sign|walk|redo|revise|resend|redraft|handle|advise|notify|report|ship|copy|tell|introduce|"
    r"communicate|leave (?:you|them|a|it (?!at))|finish|complete|process|research|verify|investigate|"
    r"distribute|finalize|incorporate|reply|respond)"
)

PROMISE = Pattern(
    rf"\b(?:i|we)(?: in \w+)?(?:'ll| will| shall| promise to)(?: (?:also|just|then|"
    rf"definitely|certainly|gladly|hopefully|obviously|personally|probably|be sure to|make sure to|make sure (?:i|we)|"
    rf"try to|try and|of course|now|again|still|either|go ahead and|get with \w+ and))*,? {_DO}\b"
    r"(?!.{0,120}\?)",
    rf"(?:^|thanks[-,. !]* |- )(?:will|'ll) (?:also |just |definitely )?{_DO}\b(?!.{{0,120}}\?)",
    r"\bi(?:'m| am) going to (?:send|call|write|forward|check|ask|bring|e-?mail)\b(?!.*\?)|"
    r"\bi promise (?:you|to|that i(?:'ll| will)|i(?:'ll| will))\b|\bcount on (?:me|us)\b|"
    r"\b(?:i|we) owe you (?:a|an|the|some|my)\b|\b(?:let me|lemme) (?:check|find out|look into|ask|see (?:what|if|"
    r"whether))\b(?!.*\?)|(?:^|[,.] |\band )you(?:'ll| will) (?:have|receive|hear) (?:it|"
    r"this|that|them|from me|the .{2,30} from (?:me|us))\b",
    r"\bich (?:werde|schicke|sende|melde mich|kümmere mich|rufe .{0,30} an|prüfe|gebe .{0,20} bescheid)\b|\bje "
    r"(?:vous|te|t')? ?(?:enverrai|envoie|rappellerai|tiens au courant|ferai|m'en occupe|reviens vers)\b|\b(?:te|"
    r"le|os) (?:enviaré|mandaré|llamaré|aviso|diré)\b|\b(?:ti|le|vi) (?:manderò|invierò|chiamerò|farò sapere)\b|"
    r"\bik (?:zal|stuur|bel) je\b|\bя (?:пришлю|отправлю|позвоню|напишу)",
)

NO_PROMISE = Pattern(
    r"\b(?:i|we)(?:'ll| will)(?: \w+)? (?:see you|talk to you|speak to you|be (?:out|away|gone|off)|have to (?:see|"
    r"wait)|never|call it|give up|come (?:in|out) (?:to work|late)|put up)\b",
    r"^(?:maybe|perhaps|if only|hopefully we|i (?:guess|doubt|hope|don't think|wonder|wish|thought|said|told))\b|"
    r"\b(?:if i (?:have|need) to|i don't (?:think|know)|not sure|i might|we'll see|may or may not)\b",
    r"\b(?:how|what|when|where|why|whether|that) we(?:'ll| will)\b|\bi think (?:i|we)(?:'ll| will)\b|https?://|\S@\S|\[image\]|\$\d|"
    r"\bwe(?:'ll| will) be there\b",
    r"\b(?:he|she|they|you) (?:said|told|thought|think|asked|hope|wish)\b[^.]{0,20}\b(?:i|we)(?:'ll| will)\b",
    r"\b(?:try to (?:answer|remind|remember|avoid)|form below|owe you [^.]{1,30}\?|we'll find out|we will find out)\b|"
    r"\b(?:our (?:experienced |friendly )?(?:agents?|customers?|team of)|free shipping|per ticket|your (?:offer|"
    r"order)|for free|a free|guarantee|we(?:'ll| will) bring you)\b",
)
"""Partings, doubts, hearsay and advertisements."""

_WHAT = (
    r"(?!\s*(?:(?:all |all of )?(?:your|the) )?(?:(?:continued|kind|prompt|immediate|timely|valued|recent|"
    r"generous|great|on-?going|ongoing|full) )*(?:attention|co-?operation|consideration|interest|time\b(?! and)|"
    r"understanding|"
    r"patience|business|participation|participating|contribution|membership|order|purchase|registering|registration|"
    r"subscribing|subscription|signing up|shopping|choosing|visiting|requesting|request|contacting|joining|using|"
    r"submitting|being a|becoming|support of|flying|ordering|enrolling|installing|downloading|reading|nothing|"
    r"assistant|your inquiry|inquiry|help in advance|your loyalty|loyalty|your compliance|compliance))"
)

THANKS = Pattern(
    rf"\b(?:thanks|thank you|thanx|thx|many thanks|tks)(?: (?:so|very) much| a lot| again| a million| a bunch| guys| "
    rf"all| everyone| \w+,?)?,? (?:for|to (?:you|all|everyone))\b{_WHAT}",
    rf"\b(?:like|want|wanted) to (?:also |again |personally |really |just )?(?:thank|say thank you|say thanks)\b"
    rf"[^.?!]{{2,80}}\b(?:for|to)\b{_WHAT}|\bthank(?:ed)? (?:you|u|everyone|all of you|both of you|you all)\b"
    rf"[^.?!]{{0,20}} for\b{_WHAT}",
    rf"\b(?:i|we)(?: do| really| truly| greatly| very much| certainly| sincerely| so| also| both| all)* appreciated? "
    rf"(?:very much )?(?:(?:all )?(?:of )?(?:your|the|you|it\b|everything|what you)|that\b|this\b){_WHAT}(?! if| "
    rf"when)|\bmuch appreciated\b(?! if)",
    r"\b(?:i|we) (?:am|are|'m|'re) (?:so |very |really |truly |most )?(?:grateful|thankful|indebted)\b(?! if)|"
    r"\byou(?:'ve| have)? been (?:such )?a (?:great |huge |big )?help\b|\bso kind of you\b",
    r"\b(?:vielen|herzlichen|lieben|besten|tausend) dank für|\bdanke (?:dir |ihnen |euch |nochmals? )?(?:sehr "
    r")?für\b|\bmerci (?:beaucoup |encore |infiniment )*(?:pour|d'avoir)\b|\b(?:muchas |mil )?gracias por\b|"
    r"\bgrazie (?:mille |tante |ancora )?(?:per|di)\b|\bobrigad[oa] (?:pel[oa]s?|por)\b|\b(?:bedankt|dank je|dank "
    r"u) (?:wel )?voor\b|\btack (?:så mycket )?för\b|\bdziękuję za\b|спасибо за|谢谢你|感谢您|ありがとうございました",
)

NO_THANKS = Pattern(
    r"\bin advance\b|\b(?:would|'d|will|could|should) (?:also |really |very much |greatly |deeply |certainly |truly )*"
    r"(?:be (?:very |much |greatly |most )*)?(?:appreciate|grateful)|\bif (?:you|someone|anyone) (?:could|can|would)\b|"
    r"\bthanks (?:but )?no\b|\bno,? thank|\bno thanks\b",
    r"\b(?:through|on|from|at) our (?:web ?site|site|store)|\bvalued (?:customer|member|client)|^dear (?:\w+ "
    r"){1,2}\w+, thank you",
)
"""What asks under the name of thanks, and what is said to every customer."""

SUBJECT_ASKS = Pattern(
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

FAVOUR = re.compile(
    r"\b(?:favou?r|request|requesting|help|invitation|gefallen|bitte um|hilfe|einladung|aide|demande|favor|ayuda|"
    r"solicitud|favore|aiuto|richiesta|pedido|ajuda)\b",
    re.IGNORECASE,
)

LOGISTICS = Pattern(
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

REPORT = re.compile(
    r"(?:\b\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?\b|\b(?:19|20)\d\d[-/.]?\d\d[-/.]?\d\d\b|\b(?:"
    + "|".join(words.MONTHS)
    + r")\.? \d{1,2}\b|\b\d{1,2}\.? (?:"
    + "|".join(words.MONTHS)
    + r")\b)",
    re.IGNORECASE,
)
"""A subject with a date in it is a report, an edition or an appointment."""

OCCASION = re.compile(
    r"\b(?:today|tonight|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|lunch|dinner|breakfast|drinks|"
    r"happy hour|party|game|heute|morgen|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|mittagessen|abendessen|"
    r"demain|ce soir|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|déjeuner|dîner|mañana|almuerzo|cena|domani|"
    r"pranzo|amanhã|almoço)\b",
    re.IGNORECASE,
)

SAYS_NOTHING = words.WHEN | words.GREETINGS | words.LOGISTICS | words.EMPTY | words.MONTHS.keys()
"""A subject of these words alone is no matter: "Saturday", "Good morning", "Follow-up"."""

FILE_NAME = re.compile(r"^\S+\.(?:docx?|xlsx?|pptx?|pdf|txt|csv|zip|jpe?g|png|gif|htm|html)$", re.IGNORECASE)
