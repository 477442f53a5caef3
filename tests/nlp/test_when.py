"""A day that lies ahead is understood in the languages of our users, and what lies behind is none."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import when

TUESDAY = date(2026, 5, 12)
WEEKDAYS = {
    "en": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
    "pt": ("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "da": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "nb": ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag"),
    "pl": ("poniedziałku", "wtorku", "środy", "czwartku", "piątku", "soboty", "niedzieli"),
    "ru": ("понедельника", "вторника", "среды", "четверга", "пятницы", "субботы", "воскресенья"),
}
BY = {
    "en": "I will send you the pattern by {}.",
    "de": "Ich schicke dir das Muster bis {}.",
    "fr": "Je t'envoie le modèle d'ici {}.",
    "es": "Te mando el patrón antes del {}.",
    "it": "Ti mando il disegno entro {}.",
    "pt": "Envio o desenho até {}.",
    "nl": "Ik stuur je het patroon voor {}.",
    "sv": "Jag skickar mönstret senast {}.",
    "da": "Jeg sender dig mønsteret senest {}.",
    "nb": "Jeg sender deg mønsteret innen {}.",
    "pl": "Wyślę ci wzór do {}.",
    "ru": "Я пришлю узор до {}.",
}
SAID = {
    "en": ("tomorrow", "the day after tomorrow", "next week", "the end of the month", "in two weeks"),
    "de": ("morgen", "übermorgen", "nächste Woche", "Monatsende", "in zwei Wochen"),
    "fr": ("demain", "après-demain", "la semaine prochaine", "la fin du mois", "dans deux semaines"),
    "es": ("mañana", "pasado mañana", "la próxima semana", "fin de mes", "en dos semanas"),
    "it": ("domani", "dopodomani", "la prossima settimana", "fine mese", "tra due settimane"),
    "pt": ("amanhã", "depois de amanhã", "na próxima semana", "o fim do mês", "em duas semanas"),
    "nl": ("morgen", "overmorgen", "volgende week", "het eind van de maand", "over twee weken"),
    "sv": ("i morgon", "i övermorgon", "nästa vecka", "slutet av månaden", "om två veckor"),
    "da": ("i morgen", "i overmorgen", "næste uge", "slutningen af måneden", "om to uger"),
    "nb": ("i morgen", "i overmorgen", "neste uke", "slutten av måneden", "om to uker"),
    "pl": ("jutro", "pojutrze", "w przyszłym tygodniu", "końca miesiąca", "za dwa tygodnie"),
    "ru": ("завтра", "послезавтра", "на следующей неделе", "конца месяца", "через две недели"),
}
MEANT = {"tomorrow": 1, "day after": 2, "next week": 12, "month": 19, "two weeks": 14}
SENTENCES = [
    pytest.param(f"{said.capitalize() if lang == 'xx' else said}: {BY[lang].format('')}", days, id=f"{lang} {name}")
    for lang, row in SAID.items()
    for said, (name, days) in zip(row, MEANT.items(), strict=True)
]


@pytest.mark.parametrize("lang", BY)
@pytest.mark.parametrize("ahead", range(1, 7))
def test_by_a_weekday_is_the_next_one(lang: str, ahead: int) -> None:
    day = TUESDAY + timedelta(ahead)

    assert when.days(BY[lang].format(WEEKDAYS[lang][day.weekday()]), TUESDAY) == (day,)


@pytest.mark.parametrize("lang", BY)
def test_the_weekday_of_today_may_be_today(lang: str) -> None:
    assert when.days(BY[lang].format(WEEKDAYS[lang][TUESDAY.weekday()]), TUESDAY) == ()


@pytest.mark.parametrize(("sentence", "days"), SENTENCES)
def test_a_span_is_understood(sentence: str, days: int) -> None:
    assert when.days(sentence, TUESDAY) == (TUESDAY + timedelta(days),)


@pytest.mark.parametrize(
    ("sentence", "day"),
    [
        ("Will you come next Friday?", date(2026, 5, 22)),
        ("Kommst du nächsten Freitag?", date(2026, 5, 22)),
        ("Tu viens vendredi prochain ?", date(2026, 5, 22)),
        ("I will call on Monday of next week.", date(2026, 5, 18)),
        ("I will call next week on Monday.", date(2026, 5, 18)),
        ("Freitag nächster Woche schicke ich es.", date(2026, 5, 22)),
        ("vendredi de la semaine prochaine", date(2026, 5, 22)),
        ("Ich schicke es am Freitagabend.", date(2026, 5, 15)),
        ("I'll have it by fri.", date(2026, 5, 15)),
        ("Envio até sexta.", date(2026, 5, 15)),
        ("I will send it this week.", date(2026, 5, 17)),
        ("I will send it the week after next.", date(2026, 5, 31)),
        ("You will have it within the next 3 days.", date(2026, 5, 15)),
        ("Can you confirm by the 20th?", date(2026, 5, 20)),
        ("Can you confirm by the 3rd?", date(2026, 6, 3)),
        ("Bis zum 20. schicke ich es dir.", date(2026, 5, 20)),
        ("Je t'envoie ça avant le 20.", date(2026, 5, 20)),
        ("Ti mando tutto entro il 20.", date(2026, 5, 20)),
        ("I'll send it on May 20.", date(2026, 5, 20)),
        ("I'll send it on 3 June.", date(2026, 6, 3)),
        ("Je t'envoie ça le 3 juin.", date(2026, 6, 3)),
        ("Te lo mando el 3 de junio.", date(2026, 6, 3)),
        ("Ich schicke es am 3. Juni.", date(2026, 6, 3)),
        ("I'll pay by the end of June.", date(2026, 6, 30)),
        ("Ich zahle Ende Juni.", date(2026, 6, 30)),
        ("I will send it by the end of the year.", date(2026, 12, 31)),
        ("Te lo mando mañana por la mañana.", date(2026, 5, 13)),
        ("Please come on Saturday, June 6, for drinks.", date(2026, 6, 6)),
        ("Kommst du am Samstag, den 6. Juni?", date(2026, 6, 6)),
        ("I’ll send it on January 5th.", date(2027, 1, 5)),
    ],
)
def test_a_day_ahead_is_understood(sentence: str, day: date) -> None:
    assert when.days(sentence, TUESDAY) == (day,)


@pytest.mark.parametrize(
    "sentence",
    [
        "I will send you what we discussed on Friday.",
        "I will send you the notes from Friday.",
        "Thanks for last Friday.",
        "On Friday's call I will explain it.",
        "We meet on Fridays.",
        "Every Friday I send the list.",
        "Je t'envoie les notes de vendredi dernier.",
        "Te mando las notas del viernes pasado.",
        "Ich schicke dir das Protokoll von letzten Freitag.",
        "Was wir am Freitag besprochen haben, schicke ich dir: letzten Freitag.",
        "Guten Morgen, ich schicke es dir.",
        "Ich schicke es am Morgen.",
        "Te lo mando por la mañana.",
        "It is on the 12th floor.",
        "He is the 3rd man who asks.",
        "It takes 14 days.",
        "May 13 people come?",
        "I will send it by the 31st of February.",
        "I'll send it on 13 May 2027.",
        "It was sent on 11 May.",
        "You will find it in the 20 pages.",
        "Tomorrow's meeting is long.",
        "Please come on Thursday, 7/19/26.",
        "I will send what came on Wednesday and Thursday last week.",
        "Can you roll the 10th and 11th of May 2020?",
        "",
        "morgens",
    ],
)
def test_what_lies_behind_or_is_no_day_is_none(sentence: str) -> None:
    assert when.days(sentence, TUESDAY) == ()


@pytest.mark.parametrize(
    ("written", "sentence", "day"),
    [
        (date(2026, 12, 31), "I'll send it tomorrow.", date(2027, 1, 1)),
        (date(2026, 12, 28), "I'll send it by the 3rd.", date(2027, 1, 3)),
        (date(2026, 12, 28), "I'll send it next month.", date(2027, 1, 31)),
        (date(2028, 2, 20), "I'll send it by the end of the month.", date(2028, 2, 29)),
        (date(2026, 5, 17), "I'll send it this week.", date(2026, 5, 24)),
        (date(2026, 5, 16), "I'll send it by the end of the week.", date(2026, 5, 24)),
        (date(2026, 5, 11), "I'll come next Friday.", date(2026, 5, 22)),
        (date(2026, 5, 17), "I'll come next Friday.", date(2026, 5, 22)),
    ],
    ids=["new year", "into January", "next month", "leap year", "a Sunday", "a Saturday", "from Monday", "from Sunday"],
)
def test_at_the_edges_the_later_reading_holds(written: date, sentence: str, day: date) -> None:
    assert when.days(sentence, written) == (day,)


PIECES = """
    next week of the end month 31 31st by on Friday viernes que viene am den . May in two Wochen semaine prochaine
    mañana ' – d'ici la fin 99999 3-4 до пятницы
"""


@given(
    st.lists(st.sampled_from(PIECES.split()), max_size=12).map(" ".join), st.dates(date(1985, 1, 1), date(2099, 12, 31))
)
def test_every_day_found_lies_ahead_and_not_too_far(sentence: str, written: date) -> None:
    found = when.days(sentence, written)

    assert list(found) == sorted(set(found))
    assert all(written < day <= written + timedelta(366) for day in found)


@given(st.text(max_size=80), st.dates(date(1985, 1, 1), date(2099, 12, 31)))
def test_no_text_is_too_odd(sentence: str, written: date) -> None:
    when.days(sentence, written)
