"""Which words never make a topic? Closed lists, written by hand, in the languages that our users write."""

import re
from functools import lru_cache

from nlp.cued import Cued


def listed(text: str) -> frozenset[str]:
    """The words of a text, as a set."""
    return frozenset(text.split())


MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero ene januari gennaio janeiro jänner januára январь января",
            "february feb februar février fevrier febrero februari febbraio fevereiro febr февраль февраля",
            "march mar märz maerz mars marzo maart março марта март",
            "april apr avril abril aprile avr апрель апреля",
            "may mai mayo mei maggio maio maj мая май",
            "june jun juni juin junio giugno junho июнь июня",
            "july jul juli juillet julio luglio julho juil июль июля",
            "august aug août aout agosto augustus augusti agust август августа",
            "september sep sept septembre septiembre settembre setembro сентябрь сентября",
            "october oct oktober octobre octubre ottobre outubro okt октябрь октября",
            "november nov novembre noviembre novembro ноябрь ноября",
            "december dec dezember décembre decembre diciembre dicembre dezembro dez déc dic декабрь декабря",
        ),
        start=1,
    )
    for name in names.split()
}
"""Month names and their usual short forms."""

WHEN = listed(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun today "
    "tomorrow "
    "yesterday tonight morning afternoon evening night noon week weeks weekend weekly daily monthly month months "
    "year years "
    "yearly annual quarter quarterly day days hour hours minute minutes am pm est cst pst cdt edt pdt gmt utc "
    "cet date dates "
    "time times spring summer autumn winter q1 q2 q3 q4 fy h1 h2 eod eow asap now later soon early late tonite "
    "midnight "
    "montag dienstag mittwoch donnerstag freitag samstag sonntag heute morgen gestern woche wochenende monat "
    "jahr tag uhr "
    "lundi mardi mercredi jeudi vendredi samedi dimanche aujourd'hui demain hier semaine mois année jour heure "
    "matin soir "
    "lunes martes miércoles jueves viernes sábado domingo hoy mañana ayer semana mes año día hora tarde noche "
    "lunedì martedì mercoledì giovedì venerdì sabato domenica oggi domani ieri settimana mese anno giorno "
    "segunda terça quarta quinta sexta hoje amanhã ontem maandag dinsdag woensdag donderdag vrijdag zaterdag "
    "zondag vandaag "
    "morgen gisteren понедельник вторник среда четверг пятница суббота воскресенье сегодня завтра вчера"
)
"""Days, hours and seasons."""

GREETINGS = listed(
    "hello hi hey howdy dear greetings welcome congratulations congrats happy birthday bday merry christmas xmas "
    "thanks thank "
    "thankyou thanx thx regards sincerely cheers best wishes bye goodbye sorry apologies apology please pls plz "
    "yes no ok okay "
    "great good nice cool wow oops hurray hooray love miss ps "
    "hallo moin servus guten danke dank bitte grüße gruß glückwunsch geburtstag weihnachten frohe liebe lieber sehr "
    "bonjour salut bonsoir merci cordialement félicitations joyeux anniversaire noël désolé svp "
    "hola gracias saludos feliz cumpleaños navidad felicidades buenos buenas estimado querido "
    "ciao grazie buongiorno auguri saluti buon compleanno olá obrigado obrigada bom parabéns aniversário hoi "
    "groeten bedankt "
    "hej tack grattis привет спасибо здравствуйте поздравляю"
)
"""Greetings, thanks and good wishes."""

LOGISTICS = listed(
    "meeting meetings meet mtg call calls conference-call telephone phone voicemail lunch dinner breakfast "
    "coffee drinks drink schedule schedules scheduling "
    "scheduled reschedule rescheduled appointment appointments calendar agenda invitation invite invites invited "
    "rsvp availability "
    "available update updates updated question questions query fyi fw fwd re reply response request requests "
    "requested reminder "
    "reminders follow followup follow-up info information attached attachment attachments enclosed file files "
    "document documents doc docs form "
    "forms copy copies draft drafts version versions revised revision revisions final list lists report reports "
    "summary note notes memo "
    "message messages email emails e-mail e-mails mail mails letter letters fax contact contacts address "
    "addresses number numbers name names "
    "comment comments feedback review reviews change changes correction status issue issues item items thing "
    "things stuff "
    "help need needs check confirmation confirm confirmed notification notice announcement announcements action "
    "required urgent important "
    "importance priority deadline test testing password login account username access invoice invoices receipt "
    "receipts expense expenses "
    "timesheet timesheets vacation ooo out-of-office office absence holiday holidays travel trip flight flights "
    "hotel itinerary reservation booking visit "
    "plan plans idea ideas thought thoughts way lot part people person folks guy guys team group subject topic "
    "regarding concerning "
    "conference workshop session webinar zoom teams skype link links page website site web url online photo "
    "photos picture pictures pic pics image "
    "images video videos see look read send sent get got go going let new old next last first second another "
    "other more "
    "presentation slides deck spreadsheet proposal cancellation cancelled canceled delay delayed postponed move moved "
    "discussion discussions discuss chat talk talks conversation answer answers result results detail details "
    "data example examples sample "
    "work working job task tasks start end beginning today's thread post posts mailing digest newsletter "
    "unsubscribe subscription "
    "welcome introduction intro background reference references correspondence material materials package kind "
    "sort type "
    "besprechung treffen termin termine terminvorschlag terminanfrage telefonat anruf mittagessen rückfrage "
    "frage fragen "
    "anfrage antwort "
    "einladung erinnerung nachricht anhang datei unterlagen rechnung abwesenheit abwesenheitsnotiz urlaub "
    "protokoll entwurf bericht "
    "réunion rendez-vous rdv appel déjeuner question demande réponse invitation rappel compte-rendu pièce jointe "
    "fichier facture absence vacances "
    "projet-de document reunión cita llamada almuerzo pregunta solicitud respuesta invitación recordatorio "
    "adjunto archivo factura ausencia "
    "informe consulta vacaciones riunione appuntamento chiamata pranzo domanda richiesta risposta invito "
    "promemoria allegato fattura "
    "reunião chamada almoço pergunta pedido resposta convite lembrete anexo fatura vergadering afspraak vraag "
    "antwoord uitnodiging "
    "herinnering bijlage factuur möte fråga svar inbjudan påminnelse bilaga spotkanie pytanie odpowiedź "
    "zaproszenie встреча вопрос звонок "
    "ответ приглашение счет отчет"
)
"""Words of arranging, sending and reporting: they say how people deal with each other, not what about."""

EMPTY = listed(
    "etc via per vs plus minus versus none null na n/a tbd tba ref attn cc bcc wrt aka ie eg inc ltd llc corp co "
    "gmbh ag sa plc "
    "amp nbsp lt gt quot www http https com org net html htm pdf doc docx xls xlsx ppt pptx txt csv zip jpg jpeg "
    "png gif "
    "shall let's may might must mr mrs ms dr prof herr frau monsieur madame señor señora sir madam jr sr ii iii iv esq "
    "us usa uk id ids no nr num st nd rd th one two three four five six seven eight nine ten eleven twelve "
    "hundred thousand million "
    "billion dozen couple half bit little big small several many much lots everyone everybody someone somebody "
    "anyone anybody "
    "something anything nothing everything somewhere anywhere hear know think want use using used make made give "
    "given take taken "
    "come came put keep kept tell told say said ask asked try tried find found try still back also just well "
    "again soon here there"
)
"""Words that are left over of forms, files and titles, and the commonest verbs."""

_SENSITIVE_STEMS = (
    # health
    "cancer|chemo|oncolog|tumor|tumour|surger|surgeon|surgical|biops|diagnos|diabet|pregnan|miscarr|obstetric|"
    "gynecolog|gynaecolog|psychiatr|"
    "psychother|psycholog|therapist|depressi|anxiety|bipolar|schizo|alzheimer|dementia|parkinson|epilep|leukemi|"
    "leukaemi|lymphom|"
    "hepatit|asthma|arthrit|alcoholi|addict|hospital|hospice|clinic|medicat|medicin|medical|prescription|illness|"
    "disease|infertil|vasectom|"
    "hysterectom|mastectom|colonoscop|mammogra|vaccin|covid|overdos|suicid|disabilit|handicap|autis|adhd|anorexi|"
    "bulimi|insulin|cardiolog|"
    "pediatric|paediatric|radiolog|dialys|transplant|pharmac|rehab|urolog|dermatolog|antidepress|viagra|health|"
    "physician|"
    "krebs|chemother|operation am|krankenh|krankheit|krankschreib|krankmeld|schwanger|fehlgeburt|depression|"
    "therap|arzttermin|ärzt|"
    "diagnose|medikament|gesundheit|klinik|behinderung|selbstmord|impfung|psychisch|"
    "santé|maladi|hôpital|hopital|cancéreu|chirurg|grossesse|enceinte|médecin|médica|médicament|ordonnance|"
    "handicapé|dépress|traitement|"
    "salud|enfermedad|cáncer|cirug|embaraz|médic|depresi|terapi|psiquiatr|psicólog|discapacid|quimio|"
    "salute|malatt|ospedale|gravidanz|tumore|chirurgi|depressione|medicin|farmac|saúde|doença|gravidez|câncer|"
    "cirurgi|ziekte|ziekenhuis|"
    "zwanger|kanker|gezondheid|sjukdom|sjukhus|choroba|szpital|ciąż|болезн|больниц|беременн|рак |здоровь|"
    # religion
    "church|catholic|protestant|baptist|methodist|presbyter|lutheran|evangelic|episcopal|mormon|jehovah|islam|"
    "muslim|moslem|mosque|"
    "ramadan|quran|koran|jewish|judais|synagog|rabbi|kippur|rosh|hanukk|chanuk|passover|torah|hindu|buddhis|sikh|"
    "atheis|christian|"
    "jesus|christ|gospel|bible|biblic|scriptur|prayer|praying|pray|priest|pastor|sermon|worship|baptis|bishop|"
    "religio|diocese|parish|"
    "kirche|katholi|evangelisch|gottesdienst|gebet|moschee|muslim|jüdisch|synagoge|konfirmation|pfarrer|bibel|glaube|"
    "église|catholique|protestant|mosquée|musulman|juif|juive|prière|messe|prêtre|iglesia|católic|mezquita|"
    "musulm|judío|oración|sacerdot|"
    "chiesa|cattolic|preghier|igreja|oração|kerk|kościół|kosciol|церк|молитв|"
    # politics
    "democrat|republican|conservatives|labour party|socialis|communis|election|electoral|ballot|senator|"
    "congressm|politic|abortion|"
    "immigra|impeach|liberals|fascis|racis|antisemit|trade union|unionis|partisan|referendum|brexit|gop|"
    "wahlkampf|bundestagswahl|landtagswahl|partei|politik|gewerkschaft|abtreibung|demonstration gegen|cdu|spd|afd|"
    "élection|vote |parti socialiste|politique|syndicat|avortement|grève|elecciones|elección|votar|partido|"
    "polític|sindicato|aborto|huelga|"
    "elezion|partito|sindacat|eleições|eleição|verkiezing|wybory|выбор|полити|"
    # sex
    "sex|porn|erotic|nude|naked|gay|lesbian|lgbt|transgender|bisexual|homosex|queer|escort|hookup|contracepti|"
    "orgasm|prostitut|affair with|"
    "erotik|nackt|schwul|lesbisch|homosexu|verhütung|érotiqu|lesbienne|desnud|erótic|homosessual"
)

_SENSITIVE_WORDS = (
    "doctor doctors doc's dentist sick nurse nurses mri ivf hiv aids std ptsd ocd therapy therapies surgery flu "
    "symptom symptoms wellness patient patients kidney "
    "arzt ärztin krank op reha praxis malade docteur enfermo enferma hospital doctora medico malato "
    "god lord allah mass faith hymn nun monk pope papal lent eid gott papst dieu pape dios papa dio deus fe foi "
    "bush gore clinton obama trump biden nader reagan thatcher merkel scholz macron berlusconi putin lula netanyahu "
    "vote votes voting voter voters senate congress governor president campaign liberal conservative union unions "
    "wahl wahlen voto votos huelga homo lgbtq lgbtqi"
)

_NOT_SENSITIVE = listed(
    "addictive papa mass fe op papal sexton sextant essex sussex wessex middlesex christopher christina "
    "christine christmas paris parisian union unions campaign president patient conservative liberal lord lent "
    "lords affairs healthy politely praxis pastoral pharmacology rosh roshan medicine-hat clinical hospitality "
    "christchurch churchill diagnostics diagnostic"
)
"""Words that look sensitive and mostly are not: a name, a place, a firm's organ, a program's diagnostics."""

_STEM = re.compile(rf"(?:{_SENSITIVE_STEMS})")
_WORDS = listed(_SENSITIVE_WORDS) - _NOT_SENSITIVE
_TOGETHER = Cued(
    (
        "heart |blood |mental|birth control|test results|same-sex|same sex|coming out|night stand|white house|r party|"
        "n party|tea party|t-wing|t wing|r union|trade union|faith|sunday school|communion|mitzvah|high mass|"
        "sick leave|appointment|arbeitsunf|arrêt|baja m",
        r"\b(?:heart (?:attack|failure|disease|surgery)|blood (?:test|pressure|work|sugar)|mental(?:ly)? (?:health|"
        r"ill)|birth control|test results from|same[- ]sex|"
        r"coming out|one night stand|white house|labou?r party|green party|tea party|right[- ]wing|left[- ]wing|labor "
        r"union|trade union|faith[- ]based|"
        r"sunday school|first communion|bar mitzvah|bat mitzvah|high mass|sick leave|doctor'?s appointment|"
        r"arbeitsunfähig\w*|arrêt maladie|baja médica)\b",
    )
)
_SPOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_HAN = re.compile(
    r"癌|病院|医院|怀孕|妊娠|手术|手術|抑郁|うつ病|教会|基督|佛教|伊斯兰|选举|選挙|政党|性爱|암 |병원|임신|선거"
)


def sensitive(text: str) -> bool:
    """Whether a text touches health, religion, politics or sex. Better once too often: such topics are never "
    "learned."""
    lowered = text.lower()
    if _TOGETHER.search(lowered) or (not lowered.isascii() and _HAN.search(lowered)):
        return True
    return any(map(sensitive_word, set(_SPOKEN.findall(lowered))))


@lru_cache(maxsize=1 << 16)
def sensitive_word(word: str) -> bool:
    """The same for one lower-cased word."""
    return word not in _NOT_SENSITIVE and (word in _WORDS or bool(_STEM.match(word)))
