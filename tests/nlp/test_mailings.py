"""A mail that went to many says so at its foot, in many languages; one from a friend does not."""

import pytest

from nlp import mailings
from nlp.marks import mark

LETTER = "Dear Ada,\n\nthe loom is mended. Will you come and see it on Friday?\n\nYours, Bob\n"

FEET = {
    "to leave": "To unsubscribe, write to leave@mill.example.",
    "opting out": "If you would like to opt-out, follow this link.",
    "to be removed": "You will be removed from this list at once.",
    "why one gets it": "You are receiving this e-mail because you are a member of The Mill.",
    "signed up": "This newsletter was sent to you by The Mill.",
    "its settings": "To change to plain text, modify your account\npreferences at mill.example.",
    "no longer": "If you no longer wish to receive our offers, tell us.",
    "nobody reads it": "Please do not reply to this e-mail; it was sent from a notification-only address.",
    "looks right elsewhere": "View this e-mail in your browser",
    "German": "Hier können Sie den Newsletter abbestellen.",
    "French": "Pour vous désabonner, cliquez ici.",
    "Spanish": "Para darse de baja, pulse aquí.",
    "Dutch": "Klik hier om u uit te schrijven: uitschrijven",
    "Japanese": "配信停止はこちら",
}


@pytest.mark.parametrize("foot", FEET.values(), ids=FEET)
def test_the_foot_of_a_mailing_says_so(foot: str) -> None:
    plain = f"{'News of the mill. ' * 400}\n\n{foot}\n"

    assert mailings.says_so(plain, plain)


@pytest.mark.parametrize(
    "text",
    [
        LETTER,
        "Did you receive my letter? I sent it because you asked.",
        "I removed the old thread from the shuttle.",
        "See https://loom.example/one and https://loom.example/two",
        "You have sent me the wrong pattern.",
    ],
    ids=["a letter", "what was received", "what was removed", "two links", "what was sent"],
)
def test_a_letter_does_not(text: str) -> None:
    assert not mailings.says_so(text, text)


def test_a_page_of_links_is_a_mailing() -> None:
    links = [f'<a href="https://mill.example/{n}">cloth {n}</a>' for n in range(mailings.MANY_LINKS)]
    written = "\n".join(f"https://mill.example/{n}" for n in range(mailings.MANY_WRITTEN_OUT))

    assert mailings.says_so(f"<html><body>{''.join(links)}</body></html>", "cloth")
    assert not mailings.says_so(f"<html><body>{''.join(links[1:])}</body></html>", "cloth")
    assert mailings.says_so(written, written)
    assert not mailings.says_so(written[:-30], written[:-30])


def test_the_mark_of_a_mailing_is_kept_and_nothing_of_its_text() -> None:
    assert "mailing" in mark(f"{LETTER}\nTo unsubscribe, write to leave@mill.example.").signs
    assert "mailing" not in mark(LETTER).signs
