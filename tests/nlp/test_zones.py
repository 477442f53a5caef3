"""What did they write themselves, this time?"""

import pytest

from nlp import zones

NEW = "The shuttle came back today.\nIt runs smoothly again."

QUOTED = {
    "english": "On Tue, 3 Mar 2020 at 10:12, Ada Example <ada@example.org> wrote:\n> How is the shuttle?\n> Ada",
    "english in two lines": (
        "On Tue, 3 Mar 2020 at 10:12, Ada Example\n<ada@example.org> wrote:\n\n> How is the shuttle?"
    ),
    "german": "Am 03.03.2020 um 10:12 schrieb Ada Example <ada@example.org>:\n> Was macht das Schiffchen?",
    "german without quote marks": "Am Di., 3. März 2020 um 10:12 Uhr schrieb Ada Example:\n\nWas macht das Schiffchen?",
    "french": "Le mar. 3 mars 2020 à 10:12, Ada Example <ada@example.org> a écrit :\n> Et la navette ?",
    "spanish": "El mar, 3 mar 2020 a las 10:12, Ada Example (<ada@example.org>) escribió:\n> ¿Y la lanzadera?",
    "italian": "Il giorno mar 3 mar 2020 alle ore 10:12 Ada Example <ada@example.org> ha scritto:\n> E la navetta?",
    "portuguese": "Em ter., 3 de mar. de 2020 às 10:12, Ada Example <ada@example.org> escreveu:\n> E a lançadeira?",
    "dutch": "Op di 3 mrt. 2020 om 10:12 schreef Ada Example <ada@example.org>:\n> Hoe is de schietspoel?",
    "swedish": "Den tis 3 mars 2020 kl 10:12 skrev Ada Example <ada@example.org>:\n> Hur mår skytteln?",
    "danish": "Den tir. 3. mar. 2020 kl. 10.12 skrev Ada Example <ada@example.org>:\n> Hvordan går det?",
    "polish": "wt., 3 mar 2020 o 10:12 Ada Example <ada@example.org> napisał(a):\n> Jak czółenko?",
    "russian": "вт, 3 мар. 2020 г. в 10:12, Ада Пример <ada@example.org>:\n> Как челнок?",
    "russian with verb": "3 марта 2020 г. 10:12 пользователь Ада <ada@example.org> написал:\n> Как челнок?",
    "chinese": "Ada <ada@example.org> 于2020年3月3日周二 10:12写道：\n> 梭子怎么样？",
    "outlook": (
        "-----Original Message-----\nFrom: Ada\nSent: Tuesday, March 3, 2020 10:12\nTo: Bob\n"
        "Subject: Shuttle\n\nHow is it?"
    ),
    "outlook rule": (
        "________________________________\nFrom: Ada Example <ada@example.org>\n"
        "Sent: Tuesday, March 3, 2020\nTo: Bob\nSubject: Shuttle\n\nHow is it?"
    ),
    "outlook german": (
        "Von: Ada Example\nGesendet: Dienstag, 3. März 2020 10:12\nAn: Bob\nBetreff: Schiffchen\n\nWas macht es?"
    ),
    "outlook french": "De : Ada Example\nEnvoyé : mardi 3 mars 2020 10:12\nÀ : Bob\nObjet : Navette\n\nEt la navette ?",
    "outlook spanish": (
        "De: Ada Example\nEnviado el: martes, 3 de marzo de 2020\nPara: Bob\nAsunto: Lanzadera\n\n¿Qué tal?"
    ),
    "outlook chinese": "发件人: Ada\n发送时间: 2020年3月3日\n收件人: Bob\n主题: 梭子\n\n怎么样？",
    "german original": "-----Ursprüngliche Nachricht-----\nVon: Ada Example\n\nWas macht es?",
    "forwarded": (
        "---------- Forwarded message ---------\nFrom: Ada Example <ada@example.org>\nSubject: Shuttle\n\nHow is it?"
    ),
    "apple": "Begin forwarded message:\n\nFrom: Ada Example\nSubject: Shuttle\n\nHow is it?",
    "lotus forward": (
        "---------------------- Forwarded by Bob Example/BAS/Mill on 03/03/2020 10:12 AM ---------------------------\n"
        "\nHow is it?"
    ),
    "lotus reply": (
        "\tAda Example\n\t03/03/2020 10:12 AM\n\tTo: Bob Example/BAS/Mill\n\tcc:\n\tSubject: Shuttle\n\nHow is it?"
    ),
    "lotus line": (
        '"Ada Example" <ada@example.org> on 03/03/2020 10:12:20 AM\n\nTo: Bob\ncc:\nSubject: Shuttle\n\nHow is it?'
    ),
    "signature": "-- \nAda Example\nThe Mill, Basel",
    "telephone": "Regards,\nBob\n\nBob Example\nMaster Weaver\nTel: +41 61 555 01 02",
    "iphone": "Sent from my iPhone",
    "iphone german": "Von meinem iPhone gesendet",
    "iphone french": "Envoyé de mon iPhone",
    "disclaimer": (
        "This e-mail is confidential and intended only for the addressee.\nIf you are not the addressee, delete it."
    ),
    "list footer": (
        "_______________________________________________\nWeavers mailing list\nweavers@example.org\n"
        "https://example.org/x"
    ),
}


@pytest.mark.parametrize("rest", QUOTED.values(), ids=QUOTED.keys())
def test_a_text_loses_what_its_sender_did_not_write_now(rest: str) -> None:
    kept = zones.text(f"{NEW}\n\n{rest}\n").removesuffix("Regards,").strip()

    assert kept == NEW


def test_answers_between_quotes_are_kept() -> None:
    head = "On 3 Mar 2020, Ada <ada@example.org> wrote:\n"
    raw = f"{head}> How is the shuttle?\nIt runs.\n> And the loom?\nIt waits for yarn.\n"

    assert zones.text(raw) == "It runs.\nIt waits for yarn."


@pytest.mark.parametrize(
    "prose",
    [
        "Ada wrote:\nshe will come.",
        "I saw what he wrote: it was good.\nWe should print it.",
        "From: here we go on foot.\nBring shoes.",
        "To: whom it may concern\n\nThe loom is sold.",
        "The numbers:\n555 yards\n212 threads",
        "Am Montag webe ich.\nAm Dienstag auch.",
    ],
    ids=["a sentence about writing", "a colon inside", "one field", "a salutation", "numbers", "german am"],
)
def test_prose_that_looks_like_a_header_is_kept(prose: str) -> None:
    assert zones.text(prose) == prose


ODD = {
    "nothing": "",
    "marks": ">" * 5_000,
    "one word": "a" * 300_000,
    "only a signature": "-- \n",
    "headers": "From:" * 2_000,
    "on": "on " * 4_000,
    "blanks": (" " * 390 + "\n") * 500,
    "dashes": ("-" * 390 + "\n") * 500,
    "stars": ("*" * 390 + "\n") * 500,
    "digits": ("1 " * 190 + "\n") * 500,
    "addresses": ("a@" * 190 + "\n") * 500,
}


@pytest.mark.parametrize("raw", ODD.values(), ids=ODD.keys())
def test_odd_texts_are_read_without_harm(raw: str) -> None:
    assert len(zones.text(raw)) <= len(raw)


def test_a_text_that_is_tidied_stays_so() -> None:
    assert zones.text(zones.text(NEW)) == NEW
