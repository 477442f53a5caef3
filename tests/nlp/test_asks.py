"""Does this mail want something, offer something, promise something, or thank?"""

import pytest

from nlp import asks

SAID = {
    "a request": ("Could you send me the pattern?", {"request", "question"}),
    "please": ("Please send the yarn by Friday.", {"request"}),
    "an imperative": ("Let me know when the loom arrives.", {"request"}),
    "a question": ("Which shuttle do you use?", {"question"}),
    "an offer": ("I'd be happy to introduce you to the mill.", {"offer"}),
    "an offered question": ("Would you like me to bring the yarn?", {"offer"}),
    "a promise": ("I'll send the pattern tomorrow.", {"promise"}),
    "thanks": ("Thank you so much for the ribbon.", {"thanks"}),
    "german request": ("Könnten Sie mir das Muster schicken?", {"request", "question"}),
    "german promise": ("Ich schicke das Muster morgen.", {"promise"}),
    "german thanks": ("Vielen Dank für das Garn.", {"thanks"}),
    "french request": ("Pourriez-vous m'envoyer le modèle ?", {"request", "question"}),
    "french thanks": ("Merci beaucoup pour le fil.", {"thanks"}),
    "spanish request": ("¿Puedes enviarme el patrón?", {"request", "question"}),
    "spanish thanks": ("Muchas gracias por el hilo.", {"thanks"}),
    "italian request": ("Potresti mandarmi il modello?", {"request", "question"}),
    "dutch request": ("Kun je me het patroon sturen?", {"request", "question"}),
    "russian question": ("Где чертёж?", {"question"}),
    "chinese question": ("图纸在哪里？", {"question"}),
}


@pytest.mark.parametrize(("sentence", "said"), SAID.values(), ids=SAID.keys())
def test_a_sentence_does_something(sentence: str, said: set[str]) -> None:
    assert set(asks.asks(sentence)) == said


@pytest.mark.parametrize(
    "sentence",
    [
        "Please let me know if you have any questions.",
        "Please find the pattern attached.",
        "Please do not hesitate to contact us.",
        "To unsubscribe, please send a mail to this address.",
        "The loom is at https://mill.example/?page=2 now.",
        "The loom arrived yesterday.",
        "How are you?",
        "Bei Rückfragen melden Sie sich bitte.",
    ],
)
def test_courtesies_and_news_ask_nothing(sentence: str) -> None:
    assert asks.asks(sentence) == ()


MEANT = {
    "to pass on": ("I'll run the pattern by the mill before we print it.", "promise"),
    "to be there": ("I will be there on the 25th.", "promise"),
    "as soon as": ("As soon as I get the yarn, I will forward it to you.", "promise"),
    "without I": ("Will call you tonight.", "promise"),
    "let me check": ("Let me check with the mill.", "promise"),
    "a copy": ("If it helps, I can fax you a copy.", "offer"),
    "me to": ("Do you also want me to ask the mill?", "offer"),
    "more detail": ("Let me know if you need more detail than that.", "offer"),
    "to discuss": ("Call me if you would like to discuss it.", "offer"),
    "happy to explain": ("I would be more than happy to explain the pattern.", "offer"),
    "welcome": ("You are welcome to come by on Sunday.", "offer"),
    "tickets": ("First of all I want to thank you and Ada for the two tickets.", "thanks"),
    "appreciated": ("I really appreciate your help with the loom.", "thanks"),
    "a note": ("Ada, thanks for the note.", "thanks"),
}


@pytest.mark.parametrize(("sentence", "ask"), MEANT.values(), ids=MEANT.keys())
def test_what_is_named_is_meant(sentence: str, ask: asks.Ask) -> None:
    assert ask in asks.sentence_asks(sentence)


SAID_ONLY = {
    "where one will be": ("I will be out of the office on Monday.", "promise"),
    "a parting": ("I'll talk to you later.", "promise"),
    "a thought": ("I think we'll find it there.", "promise"),
    "hearsay": ("She said I will call the mill.", "promise"),
    "a firm": ("Our friendly agents and we will send your order for free.", "promise"),
    "anything": ("Let me know if there is anything I can do.", "offer"),
    "any questions": ("I would be glad to answer any questions.", "offer"),
    "when one could meet": ("I can meet on Tuesday after four.", "offer"),
    "so that I can": ("Send it today so I can make the changes.", "offer"),
    "how would you like": ("How would you like me to answer the mill?", "offer"),
    "only a closing": ("Thanks so much, Ada", "thanks"),
    "in advance": ("Thanks in advance for your help.", "thanks"),
    "a wish": ("I would appreciate your answer by Monday.", "thanks"),
    "a formula": ("Thank you for your patience.", "thanks"),
    "a shop": ("Thank you for shopping with us.", "thanks"),
    "a refusal": ("No, thank you.", "thanks"),
}


@pytest.mark.parametrize(("sentence", "ask"), SAID_ONLY.values(), ids=SAID_ONLY.keys())
def test_what_is_only_said_is_not_meant(sentence: str, ask: asks.Ask) -> None:
    assert ask not in asks.sentence_asks(sentence)


def test_asks_are_listed_once_in_their_order() -> None:
    text = "Thanks for the yarn! I'll call you tomorrow. Can you send more? Can you bring it?"

    assert asks.asks(text) == ("request", "question", "promise", "thanks")


ASKING = ["A question about looms", "Which shuttle?", "Need your advice on silk", "Invitation to the mill opening"]
ASKING += [
    "Frage zum Webstuhl",
    "Besoin de ton avis",
    "Pregunta sobre telares",
    "请教织布机",
    "Re: looms, please read and comment?",
]


@pytest.mark.parametrize("subject", ASKING)
def test_a_subject_asks(subject: str) -> None:
    assert asks.subject_asks(subject)


@pytest.mark.parametrize(
    "subject", ["The old loom", "Meeting request", "Lunch tomorrow?", "Password help", "FW: a question about looms", ""]
)
def test_a_subject_asks_nothing_that_matters(subject: str) -> None:
    assert not asks.subject_asks(subject)


ARRANGING = [
    "Re: Meeting on Tuesday",
    "Conference call",
    "Lunch?",
    "Expense report",
    "Out of Office: loom",
    "Timesheet",
]
ARRANGING += [
    "Invoice 4711",
    "Daily yarn stock 3/12",
    "test",
    "hello",
    "Password reset",
    "Fwd: The old loom",
    "stock.xls",
    "",
]
ARRANGING += [
    "Terminvorschlag",
    "Abwesenheitsnotiz",
    "Facture 12",
    "Réunion du 3 mars",
    "Reunión",
    "会议通知",
    "Re:",
    "Saturday",
    "Good morning",
]


@pytest.mark.parametrize("subject", ARRANGING)
def test_arranging_is_no_matter(subject: str) -> None:
    assert asks.is_logistics(subject)


@pytest.mark.parametrize(
    "subject",
    ["The old loom", "Silk ribbons for the museum", "Webstuhl für Basel", "A question about looms", "Le vieux métier"],
)
def test_a_matter_is_one(subject: str) -> None:
    assert not asks.is_logistics(subject)


@pytest.mark.parametrize(
    ("subject", "named"),
    [("Thursday dinner", True), ("The panel on April 19", True), ("Brown bag meeting", False), ("The warp", False)],
    ids=["a day and a meal", "a date", "a kind of meeting", "a thing"],
)
def test_a_subject_that_names_a_day_is_over_with_it(subject: str, named: bool) -> None:
    assert asks.names_a_day(subject) is named


@pytest.mark.parametrize(
    "text",
    [
        "Here is the draft. This e-mail message may contain privileged words; are you the intended recipient?",
        "Please see the draft.? ? ? This is for you.",
        "The draft ? ? for you ? ? and them",
    ],
    ids=["small print", "after a full stop", "with gaps"],
)
def test_what_no_one_asked_waits_for_nothing(text: str) -> None:
    assert not asks.waits(text)


@pytest.mark.parametrize(
    "text",
    [
        "Do you need paper, pens, etc.? I could bring some.",
        "Could you send me the draft???",
        "Qu'en pensez-vous ? Je suis curieuse.",
        "Could you send me the draft?\nThis message is confidential.",
    ],
    ids=["after a short form", "an urgent one", "with a gap, as in French", "above small print"],
)
def test_what_was_asked_waits_whatever_stands_around_it(text: str) -> None:
    assert asks.waits(text)
