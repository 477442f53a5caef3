"""What are the days that lie ahead called, in twelve languages? Closed lists, written by hand."""

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import TypeAlias

from nlp.words import listed

Meaning: TypeAlias = Callable[[date], date]
"""The day that is meant, of the day on which it was written."""

_SUNDAY = 6


def _ahead(days: int) -> Meaning:
    return lambda written: written + timedelta(days)


def _week(weeks: int, surely_over: int = _SUNDAY) -> Meaning:
    """The Sunday of a week; from the day on which this week is `surely_over`, the next one is meant by it."""
    return lambda at: at + timedelta(_SUNDAY - at.weekday() + 7 * (weeks + (at.weekday() >= surely_over)))


def _month_end(months: int) -> Meaning:
    def last(written: date) -> date:
        year, month = divmod(written.year * 12 + written.month - 1 + months, 12)
        return date(year, month + 1, monthrange(year, month + 1)[1])

    return last


def _year_end(written: date) -> date:
    return date(written.year, 12, 31)


_NEXT_WEEK = """next week|nächste woche|nächster woche|kommende woche|kommender woche|la semaine prochaine|
la próxima semana|la semana próxima|la semana que viene|la semana que entra|la prossima settimana|prossima settimana|
settimana prossima|na próxima semana|da próxima semana|semana que vem|volgende week|komende week|nästa vecka|næste uge|
neste uke|w przyszłym tygodniu|przyszłego tygodnia|на следующей неделе|следующей недели"""

_FIXED: Mapping[Meaning, str] = {
    _ahead(2): """day after tomorrow|übermorgen|après-demain|pasado mañana|dopodomani|depois de amanhã|overmorgen|
    i övermorgon|i overmorgen|pojutrze|послезавтра""",
    _ahead(1): """tomorrow|tmrw|demain|mañana|domani|amanhã|i morgon|i morgen|imorgon|jutro|jutra|завтра|
    bis morgen|morgen früh|morgen abend|morgenochtend|morgenavond|morgenmiddag|tot morgen""",
    _week(1): _NEXT_WEEK,
    _week(2): """week after next|übernächste woche|übernächster woche""",
    _week(0): """this week|later this week|diese woche|dieser woche|cette semaine|esta semana|questa settimana|
    deze week|den här veckan|denne uge|denne uge|denne uken|denne uka|w tym tygodniu|на этой неделе|
    this weekend|dieses wochenende|diesem wochenende|ce week-end|este fin de semana|questo fine settimana|
    este fim de semana|dit weekend|i helgen|w ten weekend""",
    _week(0, surely_over=5): """end of the week|end of this week|week's end|ende der woche|ende dieser woche|
    wochenende hin|fin de la semaine|fin de semaine|fin de cette semaine|final de la semana|final de semana|
    finales de semana|fine settimana prossimo|fine della settimana|fim da semana|final da semana|eind van de week|
    einde van de week|slutet av veckan|slutningen af ugen|slutten av uken|slutten av uka|końca tygodnia|конца недели""",
    _month_end(0): """end of the month|end of this month|month's end|monatsende|ende des monats|ende dieses monats|
    ende monat|fin du mois|fin de ce mois|fin de mes|finales de mes|final de mes|fin del mes|fine mese|fine del mese|
    fim do mês|final do mês|eind van de maand|einde van de maand|slutet av månaden|slutningen af måneden|
    slutten av måneden|końca miesiąca|конца месяца""",
    _month_end(1): """next month|nächsten monat|nächsten monats|kommenden monat|le mois prochain|du mois prochain|
    el próximo mes|el mes que viene|del próximo mes|mese prossimo|prossimo mese|próximo mês|mês que vem|
    volgende maand|nästa månad|næste måned|neste måned|w przyszłym miesiącu|в следующем месяце""",
    _year_end: """end of the year|end of this year|year's end|jahresende|ende des jahres|fin de l'année|fin d'année|
    fin de año|final de año|fine anno|fine dell'anno|fim do ano|final do ano|eind van het jaar|einde van het jaar|
    slutet av året|slutningen af året|slutten av året|końca roku|конца года""",
}


def _listed(text: str) -> Iterator[tuple[str, ...]]:
    """The phrases between the bars, word by word."""
    return (tuple(phrase.split()) for phrase in text.split("|"))


PHRASES: Mapping[tuple[str, ...], Meaning] = {
    phrase: meaning for meaning, phrases in _FIXED.items() for phrase in _listed(phrases)
}
NEXT_WEEKS = frozenset(_listed(_NEXT_WEEK))

_WEEKDAYS = (
    "monday montag lundi lunes lunedì lunedi segunda-feira maandag måndag mandag poniedziałek poniedziałku понедельник "
    "понедельника",
    "tuesday dienstag mardi martes martedì martedi terça-feira dinsdag tisdag tirsdag wtorek wtorku вторник вторника",
    "wednesday mittwoch mercredi miércoles miercoles mercoledì mercoledi quarta-feira woensdag onsdag środę środy "
    "среду среды",
    "thursday donnerstag jeudi jueves giovedì giovedi quinta-feira donderdag torsdag czwartek czwartku четверг "
    "четверга",
    "friday freitag vendredi viernes venerdì venerdi sexta-feira vrijdag fredag piątek piątku пятницу пятницы",
    "saturday samstag samedi sábado sabado sabato zaterdag lördag lørdag sobotę soboty субботу субботы",
    "sunday sonntag dimanche domingo domenica zondag söndag søndag niedzielę niedzieli воскресенье воскресенья",
)
WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
"""From 0 for Monday."""

SHORT = {"mon": 0, "tue": 1, "tues": 1, "wed": 2, "thu": 3, "thur": 3, "thurs": 3, "fri": 4}
"""Taken only behind "by", "on" and "next": "sat" and "sun" are too often something else."""

FEIRA = {"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4}
"""Portuguese days without their "-feira" are numbers, unless "na" or "até" stands before."""

PART_OF_DAY = re.compile(r"(?<=.)(?:abend|nachmittag|vormittag|mittag|morgen|früh|avond|middag|ochtend)$")

BY = listed(
    "by before until till bis vor avant d'ici antes entro até uiterlijk voor tot senast före senest inden innen do "
    "przed до"
)
"""Until when something is to be."""

NEXT = listed(
    "next coming nächsten nächster nächste kommenden kommender kommende próximo próxima prossimo prossima volgende "
    "komende nästa næste neste przyszły przyszłą przyszłego następny следующий следующую следующего prochain prochaine"
)
NOT_AHEAD = listed(
    "last past previous every each since from of most all these letzten letzter letzte vergangenen vorigen seit jeden "
    "jeder chaque depuis cada desde ogni dal todo toda afgelopen vorige sinds elke förra varje sedan sidste forrige "
    "siste hver siden każdy ostatni zeszły zeszłą прошлый прошлую каждый каждую"
)
"""Before a weekday these say that it is over or comes again and again."""

OVER = listed("last dernier dernière passé passée pasado pasada scorso scorsa passado passada")
"""Behind it."""

BEHIND = listed("yesterday gestern hier ayer ieri ontem gisteren igår wczoraj вчера")
LAST_WEEKS = frozenset(
    _listed("""last week|letzte woche|semaine dernière|semana pasada|settimana scorsa|semana passada|vorige week|
    förra veckan|sidste uge|forrige uke|zeszłym tygodniu|прошлой неделе""")
)
"""Where one of these stands, a bare weekday is mostly over."""

TOLD = re.compile(
    r"(?:\w{2,}ed|met|sent|was|were|had|said|told|spoke|saw|got|wrote|did|gave|made|took|went|came|left|hast|hat|"
    r"haben|habe|avons|avez|ai|hemos|abbiamo|heeft|hebben)$"
)
"""What is told shortly before a bare weekday is past: "what we discussed on Friday"."""

_NUMBERS: Mapping[str, str] = {
    "en": "a|one two three four five six seven eight nine ten",
    "de": "eine|einer|einem|ein zwei drei vier fünf sechs sieben acht neun zehn",
    "fr": "un|une deux trois quatre cinq six sept huit neuf dix",
    "es": "un|una dos tres cuatro cinco seis siete ocho nueve diez",
    "it": "un|una due tre quattro cinque sei sette otto nove dieci",
    "pt": "um|uma dois|duas três quatro cinco seis sete oito nove dez",
    "nl": "een|één twee drie vier vijf zes zeven acht negen tien",
    "sv": "en|ett två tre fyra fem sex sju åtta nio tio",
    "da": "en|et to tre fire fem seks syv otte ni ti",
    "nb": "en|ei to tre fire fem seks sju|syv åtte ni ti",
    "pl": "jeden dwa|dwie trzy cztery pięć sześć siedem osiem dziewięć dziesięć",
    "ru": "один|одну два|две три четыре пять шесть семь восемь девять десять",
}
_IN: Mapping[str, tuple[str, str, str]] = {
    "en": ("in within", "day days", "week weeks"),
    "de": ("in binnen", "tag tagen tage", "woche wochen"),
    "fr": ("dans sous d'ici", "jour jours", "semaine semaines"),
    "es": ("en dentro", "día dia días dias", "semana semanas"),
    "it": ("tra fra entro", "giorno giorni", "settimana settimane"),
    "pt": ("em daqui dentro", "dia dias", "semana semanas"),
    "nl": ("over binnen", "dag dagen", "week weken"),
    "sv": ("om inom", "dag dagar", "vecka veckor"),
    "da": ("om inden", "dag dage", "uge uger"),
    "nb": ("om innen", "dag dager", "uke uker"),
    "pl": ("za", "dzień dni", "tydzień tygodnie tygodni"),
    "ru": ("через", "день дня дней", "неделю недели недель"),
}
"""By language: how a span of time ahead begins, and what its days and weeks are called."""

FILLING = listed("the next den nächsten les los próximos las próximas de a du da prossimi prossime de komende")
COUNT = {
    lang: {name: number for number, names in enumerate(said.split(), 1) for name in names.split("|")}
    for lang, said in _NUMBERS.items()
}
BEGINS = {lang: listed(begin) for lang, (begin, _, _) in _IN.items()}
UNIT = {
    lang: dict.fromkeys(days.split(), 1) | dict.fromkeys(weeks.split(), 7) for lang, (_, days, weeks) in _IN.items()
}

NTH = re.compile(r"(\d\d?)(?:st|nd|rd|th|er|e|de|ste|:e|:a|-go|-ego|-го|º)?$")
ORDINAL = re.compile(r"\d\d?(?:st|nd|rd|th)$")
TO_A_DAY = frozenset(
    _listed("""bis zum|bis am|am|zum|vor dem|avant le|d'ici le|jusqu'au|pour le|antes del|para el|hasta el|
    el día|entro il|prima del|per il|até o dia|até dia|no dia|antes do dia|voor de|uiterlijk de|op de|den|senest den|
    do|до""")
)
"""After these a number may be a day of the month."""

GOES_ON = listed(
    ". , ; : ! ? ) and or if at so please then but for with to und oder um wenn et ou à si y o a las e alle en om och "
    "kl og i и в"
)
"""After a day of the month; a noun would make it something else: "the 12th floor"."""

END, OF = (
    listed("end ende fin finales final fine fim eind einde slutet slutningen slutten"),
    listed("of de van af av"),
)
"""Between these, in this order, and a month: its last day."""

AND = listed("and or to - und oder bis et ou à y o e i en och og и")
"""Between two days of which the second has the month: "the 10th and 11th of May"."""

CAPITAL = listed("may march")
"""Months whose names are other words too, in small letters."""
