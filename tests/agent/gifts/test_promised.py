import pytest

from agent.gifts.promised import sends, signed
from nlp.marks import mark


@pytest.mark.parametrize(
    "text",
    [
        "I will send you the list of paper makers.",
        "Thanks! I'll forward the drawings this afternoon.",
        "I'll get back to you on this next week.",
        "Will let you know on Monday.",
        "You will hear from me by Friday.",
        "I owe you a proper answer.",
        "Ich werde dir die Zeichnungen am Freitag schicken.",
        "Je vous enverrai la liste demain.",
        "Te enviaré la lista mañana.",
        "Ti manderò la lista domani.",
    ],
    ids=["send", "forward", "get back", "let know", "hear", "owe", "German", "French", "Spanish", "Italian"],
)
def test_what_goes_out_by_mail_is_seen(text: str) -> None:
    assert sends(f"That was a good day. {text} All the best.")


@pytest.mark.parametrize(
    "text",
    [
        "I will call you tomorrow.",
        "I'll give you a call on Friday.",
        "I will bring a copy to the meeting.",
        "I will look into it.",
        "I'll be there at nine.",
        "I will send it to you if the printer works.",
        "I'll let you know as soon as I hear from her.",
        "Let me know the address and I will send it.",
        "I will forward it to them on Friday.",
        "I will send the list to the printer.",
        "We will give you a second chance.",
        "She will send you the list.",
        "I sent you the list.",
        "I asked them. If they come back to me, so much the better. I will let you know.",
        "I won't be able to come. I will let you know my plans.",
        "",
    ],
    ids=["a call", "a call, given", "by hand", "looking into it", "coming", "a condition", "once she answers",
         "once you answer", "to others", "to the printer", "nothing that is sent",
         "somebody else", "sent already", "a condition before it", "a courtesy", "nothing"],
)  # fmt: skip
def test_what_is_kept_elsewhere_or_waits_is_not(text: str) -> None:
    assert not sends(text)


def test_the_sign_stands_beside_those_of_the_text() -> None:
    text = "I will send you the list of paper makers."

    assert "sends" in signed(mark(text), text).signs
    assert signed(mark("All is well."), "All is well.") == mark("All is well.")
