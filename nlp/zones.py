"""What did they write themselves, this time?

A text loses quotes, forwarded mails, signatures, disclaimers and list footers. Lines that one sender repeats in mail
after mail are the second line of defence (`nlp.repeated`).
"""

import re
from collections.abc import Mapping

_WROTE = (
    r"wrote|writes|said|schrieb(?: am.*)?|hat .{0,60}geschrieben|a écrit|écrit|escribi[óo]|ha escrito|escreveu|ha "
    r"scritto|"
    r"scrisse|schreef|heeft .{0,60}geschreven|skrev|kirjoitti|написал\(?а?\)?|пише[тш]?|пишет|napisa[łl]\(?a?\)?|"
    r"pisze|napsala?|napsal\(a\)|napísala?|"
    r"(?:şunu|şunları) yazdı|írta|a scris|написа|έγραψε|כתב(?:ה)?|كتب|写道|寫道|のメール|작성"
)
_WROTE_END = re.compile(rf"(?:{_WROTE})\s*(?:[:：]\s*)?>?\s*$", re.IGNORECASE)
_WROTE_START = re.compile(
    r"^\s*(?:(?:on|am|le|el|em|il|op|den|dne|dnia|w dniu|в|на|pe|ti|ma|to|ke|su|la|at|in|from)\b|"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b|"
    r"\d{1,2}\.? \w+|\d{4}年|[\"'<]?[\w.+-]+@|(?:mon|tue|wed|thu|fri|sat|sun|вт|ср|чт|пт|сб|вс|пн)\w*[,.])",
    re.IGNORECASE,
)
"""How such a line begins when it is broken into several."""
_ADDRESSED = re.compile(r"^(?=.{0,160}\b\d{1,2}[:.]\d{2}\b).{0,160}[<(]\S+@\S+[>)].{0,80}[:：]$")
"""The same in any language, with a verb or, as Android puts it, without: a time, an address in brackets, a colon."""

_MARKS = re.compile(r"[\d@<:：]")
"""Without one of these a line introduces no quote, unless the quote itself follows."""

_FULL = re.compile(r"^on .{0,60}\b\d{1,2}:\d{2}\b.{0,80}\S@\S.{0,40}\bwrote$", re.IGNORECASE)
"""Complete but for its colon."""

_WROTE_INSIDE = re.compile(
    r"^\s*(?:am|op|den|il giorno|le|el|em|on)\b.{4,120}\b(?:schrieb|schreef|skrev|ha scritto|a écrit|escribió|"
    r"escreveu|wrote)\b.{0,80}:\s*$",
    re.I,
)

_CUT = re.compile(
    r"^[\s>*_]*(?:"
    r"-{2,}\s*(?:original[ -]?(?:message|mail|appointment|nachricht)|urspr(?:ü|ue|u)ngliche (?:nachricht|mail)|"
    r"message d'origine|message d’origine|"
    r"mensaje original|mensagem original|messaggio originale|messaggio inoltrato|oorspronkelijk(?:e)? bericht|"
    r"ursprungligt meddelande|"
    r"original(?:meddelelse|melding)|oprindelig (?:meddelelse|besked)|opprinnelig melding|alkuperäinen viesti|"
    r"исходное сообщение|(?:пересылаемое|пересланное|перенаправленное) сообщение|wiadomość oryginalna|"
    r"oryginalna wiadomość|původní (?:zpráva|e-mail)|orijinal mesaj|"
    r"forwarded (?:message|mail|by)|weitergeleitete nachricht|message (?:transféré|réexpédié)|mensaje reenviado|"
    r"mensagem encaminhada|"
    r"doorgestuurd bericht|vidarebefordrat meddelande|videresendt (?:melding|besked)|edelleenlähetetty viesti|"
    r"przekazana wiadomość|原始邮件|原始郵件|轉寄郵件|"
    r"转发邮件|转发的邮件|元のメッセージ|original|reply separator|forward header).*|"
    r"(?:begin forwarded message|anfang der weitergeleiteten (?:nachricht|e-mail)|début du (?:message réexpédié|"
    r"mail transféré)|"
    r"inicio del mensaje reenviado|início da mensagem (?:reencaminhada|encaminhada)|inizio messaggio inoltrato|"
    r"begin doorgestuurd bericht|"
    r"vidarebefordrat brev|начало переадресованного сообщения|początek przekazywanej wiadomości)\s*:?\s*|"
    r"={2,}\s*original message.*|-{3,} ?on .{6,90} wrote ?-{3,}|forwarded by .{2,80} on \d.*"
    r")\s*$",
    re.IGNORECASE,
)
"""Lines after which nothing is new."""

_FIELDS: Mapping[str, str] = {
    "from": r"from|von|de|da|van|från|fra|lähettäjä|от|от кого|од|od|kimden|від|від кого|από|מאת|من|feladó|de la|"
    r"expéditeur|remitente|发件人|寄件者|差出人|보낸\s?사람",
    "date": r"sent|date|received|gesendet(?: am)?|datum|envoyé(?: le)?|enviado(?: el| em)?|fecha|data|inviato|"
    r"verzonden|skickat|sendt|dato|lähetetty|päivämäärä|отправлено|дата|надіслано|wysłano|wysłane|odesláno|gönderildi|tarih|"
    r"στάλθηκε|ημερομηνία|נשלח|תאריך|تاريخ الإرسال|التاريخ|elküldve|dátum|trimis|"
    r"发送时间|日期|寄件日期|送信日時|日時|날짜|보낸\s?날짜",
    "to": r"to|an|à|a|para|per|pour|aan|till|til|vastaanottaja|кому|do|komu|kime|destinatario|προς|אל|إلى|címzett|"
    r"către|收件人|收件者|宛先|받는\s?사람",
    "cc": r"cc|bcc|kopie|copie(?: à)?|cópia|kopia|kopi|копия|dw|kopio|bilgi|抄送|副本|참조",
    "subject": r"subject|re|betreff|objet|asunto|assunto|oggetto|onderwerp|ämne|emne|aihe|тема|temat|předmět|konu|θέμα|"
    r"נושא|الموضوع|tárgy|subiect|主题|主題|主旨|件名|제목",
}
_FIELD = re.compile(
    r"^[\s>|*]*(?:"
    + "|".join(f"(?P<{name}>{words})" for name, words in _FIELDS.items())
    + r")\s?\**\s*[:：]\**(?:\s|$)(?P<rest>.*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^(?:[\w.]{0,4}>|\|(?:\s|$))")
_QUOTE_HEAD = re.compile(
    r"^\s*(?:in (?:a )?(?:message|article|reply to).{0,120}|quoting .{2,100}|at \d\d?:\d\d.{0,80}you wrote):?\s*$", re.I
)
_DATED = re.compile(
    r"^\s*(?:.{0,70}\s)?\(?\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[AaPp]\.?[Mm]\.?)?(?:\s+\w{2,4})?\)?\s*$"
)
_LOTUS = re.compile(
    r"^\s*[\"'<]?[\w.,@'\"()<>/ &-]{2,90}\s+on\s+\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\s+"
    r"(?:at\s+)?\d{1,2}[:.]\d{2}.{0,12}\s*$|"
    r"^\s*(?:from|sent by):?\s.{2,90}\s+on\s+\d{1,2}/\d{1,2}/\d{2,4}\s+\d{1,2}:\d{2}.{0,15}$",
    re.IGNORECASE,
)

_LETTERHEAD = re.compile(
    r"^[ \t]+\S[^\n]{2,60}\n(?:[ \t]*\n)*(?=[ \t]+From:[^\n]{3,80}\d{1,2}/\d{1,2}/\d{2,4}[ \t]+\d{1,2}:\d{2})",
    re.MULTILINE,
)
"""The firm that Lotus indents above the header of the mail that is answered."""

_SIGNATURE = re.compile(r"^\s{0,3}(?:--|—|– ?|__|-- -|--=20|\*{3,}|~{3,})\s*$")
_DEVICE = re.compile(
    r"^\s*(?:sent (?:from|via|with) (?:my |the )?(?!you)[\w .'’-]{2,50}(?:\(\S{4,40}\))?|get outlook for .*|"
    r"von meinem .{2,40} gesendet|gesendet (?:von|mit) .{2,50}|envoyé (?:de|depuis|à partir).{2,50}|"
    r"enviado (?:desde|do|a partir d).{2,50}|inviato da(?:l)? .{2,40}|verzonden (?:vanaf|met|via) .{2,40}|"
    r"verstuurd vanaf .{2,40}|skickat från .{2,40}|"
    r"sendt fra .{2,40}|lähetetty .{2,40}|отправлено (?:с|из) .{2,40}|wysłan[eo] z .{2,40}|odesláno z .{2,40}|"
    r"iphone[’']?umdan gönderildi|надіслано з .{2,40}|στάλθηκε από .{2,40}|נשלח מ.{2,40}|تم الإرسال من .{2,40}|"
    r"elküldve .{2,40}|trimis de pe .{2,40}|poslano (?:z|iz|s) .{2,40}|odoslané z .{2,40}|"
    r"(?:我的|发自我的|從我的).{2,20}(?:发送|傳送)?|発信元.{2,20}|iphoneから送信|나의 iphone에서 보냄|"
    r"do you yahoo!\?.*|get your (?:private, )?free e-?mail .*|(?:join|msn|hotmail|yahoo!).{0,60}https?://\S+.*|"
    r"scanned by .*|virus-free\..*|this message was sent using .*)\s*$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^[\s*_=#-]*(?:"
    r"(?:this|the information (?:contained )?in this) (?:e-?mail|message|communication|"
    r"transmission)[^.]{0,200}\b(?:confidential|privileged|intended|property)|"
    r"the information (?:transmitted|contained)[^.]{0,160}|confidentiality (?:notice|note)|(?:important "
    r")?(?:legal )?(?:notice|disclaimer)\s*:|"
    r"if you (?:are not|have received) (?:the|this)[^.]{0,80}(?:recipient|error)|privileged[/ ](?:and )?confidential|"
    r"diese (?:e-?mail|nachricht) (?:enthält|ist)[^.]{0,40}vertraulich|(?:ce|cet) (?:message|e-?mail|"
    r"courriel)[^.]{0,80}confidentiel|"
    r"(?:este|esta) (?:mensaje|correo|mensagem|e-?mail)[^.]{0,80}confiden|(?:questo|il presente) (?:messaggio|"
    r"e-?mail)[^.]{0,80}(?:confiden|riservat)|"
    r"dit (?:bericht|e-?mail)[^.]{0,80}vertrouwelijk|please consider the environment|"
    r"(?:this|your) (?:e-?mail|message|newsletter) (?:was|is|has been|is being) sent to\b|"
    r"you are (?:currently|now) subscribed|to (?:remove yourself|be removed|have your (?:name|address))\b|"
    r"please note that this (?:e-?mail|message) was sent to|"
    r".{0,60}mailing list\s*(?:$|--|https?:|\S+@\S+\s*$)|to unsubscribe|to (?:post|subscribe)[ ,].{0,60}(?:send|"
    r"visit|e-?mail)|"
    r"(?:you (?:are receiv|receiv|got)|you're receiv)\w* this (?:e-?mail|message|because).*|unsubscribe\b.{0,40}$|"
    r"yahoo! groups|your use of yahoo|"
    r"post the posting guide|please do read the posting guide|.{0,20}posting guide.{0,8}https?:|send \"info\", \"help\""
    r")",
    re.IGNORECASE,
)
"""Where a disclaimer or a list's footer begins: nothing after it is the sender's own."""

_CLOSING = re.compile(
    r"^\s*(?:(?:many |kind |best |warm |with (?:best |kind |warm )?)?(?:thanks|thank you|thanx|thx|regards|wishes|"
    r"rgds)(?: again| in advance| so much| very much| and regards)?|best|cheers|sincerely(?: yours)?|yours(?: "
    r"\w+)?|"
    r"(?:mit )?(?:freundlichen|besten|herzlichen?|viele|liebe|schöne|beste) (?:gr(?:ü|u|ue)(?:ß|ss)en?|dank)|mfg|"
    r"lg|vg|gru(?:ß|ss)|cordialement|bien à (?:toi|vous)|amicalement|salutations|"
    r"saludos(?: cordiales)?|un (?:abrazo|saludo)|atentamente|gracias|cordiali saluti|saluti|grazie|ciao|"
    r"atenciosamente|abraços?|obrigad[oa]|"
    r"(?:met )?vriendelijke groet(?:en)?|groet(?:en|jes)?|mvh|(?:med )?vänliga? hälsning(?:ar)?|hälsningar|hilsen|"
    r"с уважением|всего доброго|pozdrawiam|z poważaniem|ystävällisin terveisin|terveisin)\s*[,.!:;-]*\s*$",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"(?:^\W*(?:x|ext\.?)\s?\d[\d-]{2,}|\b(?:tel|phone|fax|mobile|cell|mob|office|direct|telefon|tél|teléfono|handy|pager|voice|ph|icq|"
    r"skype)\b\.?\s*[:#(+)\d. ]|\+\d[\d ().-]{6,}|\(?\d{3}\)?[ ./-]+\d{3}[ .-]?\d{4}\b|"
    r"^\s*(?:e-?mail:?\s*)?<?[\w.+-]+@[\w-]+\.[\w.-]+>?(?:\s*\(.{2,20}\))?\s*$|^\s*(?:web:?\s*)?(?:https?://|"
    r"www\.)\S+\s*$|\b\d{5}(?:-\d{4})?\s*$|\bp\.?\s?o\.? box\b|\b(?:suite|floor|street|avenue|straße|strasse|"
    r"rue)\b.*\d|\d.*\b(?:suite|street|avenue|ave|blvd|road)\b)",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    r"^\s*(?:<<.{1,120}>>|\(see attached file:.{1,200}\)|\(embedded image.{1,200}|"
    r"-\s[\w ,.&()'#+-]{1,80}\.\w{2,4}|\[(?:image|cid|inline|attachment)[^\]]{0,120}\]|attachment:.*|"
    r"\*{2,}.{1,60}attachment.{0,80}|"
    r"name not available|an embedded (?:and|message).{1,80}scrubbed.*|(?:name|type|size|desc|url): .{1,160})\s*$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[\s_*=#~+.<>|/\\-]*$")
"""Nothing, or a line drawn with marks."""

_SENTENCE_END = re.compile(r"[.!?;]$")
_FIRM_END = re.compile(
    r"\b(?:inc|corp|co|ltd|llc|llp|lp|plc|jr|sr|esq|p\.?c|n\.?a|s\.?a|s\.?p\.?a|b\.?v|gmbh|ph\.?d)\.$", re.I
)
"""How a firm or a name may end that ends with a full stop."""

_SITE = re.compile(r"^(?:web:?\s*)?(?:https?://|www\.)\S+$", re.IGNORECASE)
_HANDLE = re.compile(r"^\S+(?:@|\.\w{2,4}/?$)\S*$")
"""An address or a site, which begin with a small letter."""

_UNSEEN = str.maketrans(
    {"\u00a0": " ", "\u200b": None, "\u200e": None, "\u200f": None, "\ufeff": None, "\u00ad": None, "\r": None}
)

HEADER_SPAN = 14
"""Lines in which a quoted mail's From, Date, To and Subject stand together; long lists of recipients fold."""

LONGEST_LABEL = 12
"""Words of a line in a signature."""

SHORTEST_ALONE = 4
"""Lines of a signature that is all that its sender wrote above what is passed on."""

SIGNATURE_SPAN = 12
"""Lines at the end among which a signature without its "-- " is looked for."""

LONGEST_RULED = 400
"""Characters of a line that may be a header or the like; a longer one is prose, and keeps the rules quick."""

LONGEST = 200_000
"""Characters of a text that are looked at; what is longer is a log or an attachment."""


def text(raw: str) -> str:
    """The new prose: without quotes, forwarded mails, signatures, disclaimers and list footers."""
    unified = raw[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").translate(_UNSEEN)
    unified = _LETTERHEAD.sub("", unified)
    lines = [" ".join(line.split()) for line in unified.split("\n")]  # runs of blanks would make the rules slow
    kept = _without_signature(_without_footer(_without_quotes(lines)))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _without_quotes(lines: list[str]) -> list[str]:
    kept: list[str] = []
    n = 0
    while n < len(lines):
        line = lines[n]
        if len(line) > LONGEST_RULED:
            kept.append(line)
            n += 1
            continue
        if _CUT.match(line) or _quoted_header(lines, n):
            return _trim_head(kept)
        if _QUOTED.match(line):
            n += 1
            continue
        if span := _wrote(lines, n):
            if not _quote_follows(lines, n + span):
                return kept
            n += span
            continue
        kept.append(line)
        n += 1
    return kept


def _quoted_header(lines: list[str], n: int) -> bool:
    """Whether a quoted mail's header begins at line `n`: three of its fields close together, or a Lotus line."""
    line = lines[n]
    if _LOTUS.match(line):
        return _fields(lines, n + 1, 6) >= 1 or not any(part.strip() for part in lines[n + 1 : n + 2])
    found = _FIELD.match(line)
    if found is None:
        return False
    kinds = _fields(lines, n, HEADER_SPAN)
    return kinds >= 3 or (kinds == 2 and found["to"] is not None and bool(n and _dated_above(lines, n)))


def _fields(lines: list[str], n: int, span: int) -> int:
    """How many different header fields begin a line from `n` on, before a paragraph's end."""
    kinds: set[str] = set()
    for line in lines[n : n + span]:
        if found := _FIELD.match(line):
            kinds |= {kind for kind in _FIELDS if found[kind] is not None}
        elif not line.strip() and len(kinds) != 1:
            break
    return len(kinds)


def _dated_above(lines: list[str], n: int) -> bool:
    return any(_DATED.match(line) for line in lines[max(0, n - 3) : n])


def _trim_head(kept: list[str]) -> list[str]:
    """Take away what stands above a quoted header and belongs to it: Lotus puts name and time there."""
    end = len(kept)
    while end and not kept[end - 1].strip():
        end -= 1
    if end and _DATED.match(kept[end - 1]):
        end -= 1
        if end and 0 < len(kept[end - 1].split()) <= 5 and len(kept[end - 1]) < 60:
            end -= 1
    elif end and re.match(r"^\s*[-_=]{5,}\s*$", kept[end - 1]):
        end -= 1
    return kept[:end]


def _wrote(lines: list[str], n: int) -> int:
    """How many lines from `n` on say "On that day this person wrote:"; 0 if none does."""
    line = lines[n]
    if not line:
        return 0
    if _QUOTE_HEAD.match(line) or _ADDRESSED.match(line) or _WROTE_INSIDE.match(line):
        return 1
    if not (_MARKS.search(line) or _QUOTED.match(_next(lines, n + 1))):
        return 0
    joined = ""
    broken = _WROTE_START.match(line) or line.count("<") > line.count(">")
    for span in range(1, 4 if broken else 2):
        if n + span > len(lines) or not lines[n + span - 1].strip():
            return 0
        joined = f"{joined} {lines[n + span - 1]}".strip().replace("< ", "<").replace(" >:", ">:")
        if (
            len(joined) < 260
            and _says_who(joined, _next(lines, n + span))
            and (_ADDRESSED.match(joined) or _WROTE_END.search(joined))
        ):
            return span
    return 0


def _says_who(joined: str, following: str) -> bool:
    """Whether a "wrote:" line introduces a quote, and is no sentence about writing."""
    colon = joined.rstrip(" >").endswith((":", "："))
    return (colon and bool(re.search(r"\d|@|<", joined))) or bool(_FULL.match(joined)) or bool(_QUOTED.match(following))


def _next(lines: list[str], n: int) -> str:
    return next((line for line in lines[n : n + 3] if line.strip()), "")


def _quote_follows(lines: list[str], n: int) -> bool:
    return bool(_QUOTED.match(_next(lines, n)))


def _without_footer(lines: list[str]) -> list[str]:
    for n, line in enumerate(lines):
        if len(line) > LONGEST_RULED and not _FOOTER.match(line[:LONGEST_RULED]):
            continue
        if _SIGNATURE.match(line) and (n > 0 or line.startswith("--")):
            return lines[:n]
        if _FOOTER.match(line):
            return lines[: n - 1] if n and re.match(r"^\s*[-_=*#~]{4,}\s*$", lines[n - 1]) else lines[:n]
    return lines


def _without_signature(lines: list[str]) -> list[str]:
    kept = [line for line in lines if len(line) > LONGEST_RULED or not (_DEVICE.match(line) or _ATTACHED.match(line))]
    while kept and _RULE.match(kept[-1]):
        kept.pop()
    return kept[: _signature_start(kept)]


def _signature_start(lines: list[str]) -> int:
    """Where an unmarked signature begins: names, titles and firms at the end, below a closing, or with a telephone, an
    address or a site among them.
    """
    start, strong, sites = len(lines), 0, 0
    for n in range(len(lines) - 1, max(-1, len(lines) - 1 - SIGNATURE_SPAN), -1):
        line = lines[n]
        if _CLOSING.match(line):
            return n + 1
        if line and len(line.split()) <= LONGEST_LABEL and _STRONG.search(line[:LONGEST_RULED]) and not _ends(line):
            start, strong, sites = n, strong + 1, sites + bool(_SITE.match(line))
        elif line and not _label(line):
            break
        elif line and strong:
            start = n
    if strong == sites == len(lines) - start or (start == 0 and len(lines) < SHORTEST_ALONE):
        return len(lines)  # a site or a number alone is what the mail is about
    return start


def _ends(line: str) -> bool:
    """Whether a line ends a sentence, and not only the name of a firm."""
    return bool(_SENTENCE_END.search(line) and not _FIRM_END.search(line))


def _label(line: str) -> bool:
    """Whether a line reads like a name, a title or a firm, and not like a sentence."""
    if len(line.split()) > 6 or _ends(line):
        return False
    return not line[0].isalpha() or not line[0].islower() or bool(_HANDLE.match(line))
