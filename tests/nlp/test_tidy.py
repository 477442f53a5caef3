"""What is a subject without what mail programs put before it?"""

import pytest

from nlp import tidy

SUBJECTS = {
    "bare": ("The old loom", "The old loom", False, False),
    "english": ("Re: The old loom", "The old loom", True, False),
    "many": ("RE: Re: AW: The old loom", "The old loom", True, False),
    "counted": ("Re[2]: The old loom", "The old loom", True, False),
    "counted in brackets": ("Re (3): The old loom", "The old loom", True, False),
    "french space": ("RE : Le vieux métier", "Le vieux métier", True, False),
    "german": ("AW: Der alte Webstuhl", "Der alte Webstuhl", True, False),
    "german forward": ("WG: Der alte Webstuhl", "Der alte Webstuhl", False, True),
    "swedish": ("SV: Den gamla vävstolen", "Den gamla vävstolen", True, False),
    "finnish": ("VS: Vanhat kangaspuut", "Vanhat kangaspuut", True, False),
    "dutch": ("Antw: Het oude weefgetouw", "Het oude weefgetouw", True, False),
    "portuguese": ("RES: O tear antigo", "O tear antigo", True, False),
    "italian": ("Rif: Il vecchio telaio", "Il vecchio telaio", True, False),
    "italian letter": ("R: Il vecchio telaio", "Il vecchio telaio", True, False),
    "italian forward letter": ("I: Il vecchio telaio", "Il vecchio telaio", False, True),
    "spanish forward": ("RV: El telar", "El telar", False, True),
    "french forward": ("TR: Le métier", "Le métier", False, True),
    "polish": ("Odp: Krosno", "Krosno", True, False),
    "turkish": ("Ynt: Tezgah", "Tezgah", True, False),
    "russian": ("Отв: Ткацкий станок", "Ткацкий станок", True, False),
    "chinese": ("回复：织布机", "织布机", True, False),
    "chinese forward": ("转发: 织布机", "织布机", False, True),
    "japanese": ("返信: 織機", "織機", True, False),
    "korean": ("답장: 베틀", "베틀", True, False),
    "arabic": ("رد: النول", "النول", True, False),
    "hebrew": ("תשובה: הנול", "הנול", True, False),
    "reply to a forward": ("Re: Fwd: The old loom", "The old loom", True, True),
    "forward of a reply": ("Fwd: Re: The old loom", "The old loom", False, True),
    "list tag": ("[weavers] Re: The old loom", "The old loom", True, False),
    "tag after reply": ("Re: [weavers] The old loom", "The old loom", True, False),
    "external": ("[EXTERNAL] Re: The old loom", "The old loom", True, False),
    "spam": ("***SPAM*** The old loom", "The old loom", False, False),
    "mozilla": ("[Fwd: The old loom]", "The old loom", False, True),
    "tail": ("The old loom (fwd)", "The old loom", False, True),
    "folded": ("Re: The old\r\n  loom", "The old loom", True, False),
    "nothing": ("", "", False, False),
    "only a prefix": ("Re:", "", True, False),
    "only a tag": ("[weavers]", "[weavers]", False, False),
    "a word with re": ("Report: looms", "Report: looms", False, False),
    "a colon of its own": ("Looms: a history", "Looms: a history", False, False),
}


@pytest.mark.parametrize(("raw", "bare", "reply", "forward"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_a_subject_loses_what_programs_put_before_it(raw: str, bare: str, reply: bool, forward: bool) -> None:
    assert tidy.subject(raw) == bare
    assert tidy.is_reply(raw) is reply
    assert tidy.is_forward(raw) is forward


@pytest.mark.parametrize("raw", ["Re: The old LOOM!", "[weavers] the old loom", "AW: The  old loom ..."])
def test_a_thread_is_known_by_its_bare_subject(raw: str) -> None:
    assert tidy.thread_key(raw) == "the old loom"
