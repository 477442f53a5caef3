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


def test_a_mail_of_one_picture_is_kept() -> None:
    assert zones.text("🎉\n\n—\nBob Example") == "🎉"


def test_a_text_that_is_tidied_stays_so() -> None:
    assert zones.text(zones.text(NEW)) == NEW


ANSWERED = {
    "bulgarian": "На вт, 3.03.2020 г. в 10:12 Ада Пример <ada@example.org> написа:",
    "croatian": "uto, 3. ožu 2020. u 10:12 Ada Example <ada@example.org> napisao je:",
    "czech": "út 3. 3. 2020 v 10:12 odesílatel Ada Example <ada@example.org> napsal:",
    "finnish": "ti 3. maalisk. 2020 klo 10.12 Ada Example (ada@example.org) kirjoitti:",
    "greek": "Στις Τρί 3 Μαρ 2020 στις 10:12 μ.μ., ο χρήστης Ada Example <ada@example.org> έγραψε:",
    "hebrew": "בתאריך יום ג׳, 3 במרץ 2020 ב-10:12 מאת Ada Example <ada@example.org>:",
    "arabic": "في الثلاثاء، 3 مارس 2020 في 10:12 ص تمت كتابة ما يلي بواسطة Ada Example <ada@example.org>:",
    "hungarian": "Ada Example <ada@example.org> ezt írta (időpont: 2020. márc. 3., K, 10:12):",
    "indonesian": "Pada tanggal Sel, 3 Mar 2020 pukul 10.12 Ada Example <ada@example.org> menulis:",
    "japanese": "2020年3月3日(火) 10:12 Ada Example <ada@example.org>:",
    "korean": "2020년 3월 3일 (화) 오전 10:12, Ada Example <ada@example.org>님이 작성:",
    "norwegian": "tir. 3. mar. 2020 kl. 10:12 skrev Ada Example <ada@example.org>:",
    "romanian": "În mar., 3 mar. 2020 la 10:12, Ada Example <ada@example.org> a scris:",
    "slovak": "ut 3. 3. 2020 o 10:12 Ada Example <ada@example.org> napísal(a):",
    "turkish": "Ada Example <ada@example.org>, 3 Mar 2020 Sal, 10:12 tarihinde şunu yazdı:",
    "ukrainian": "вт, 3 бер. 2020 р. о 10:12 Ада Приклад <ada@example.org> пише:",
    "vietnamese": "Vào Th 3, 3 thg 3, 2020 vào lúc 10:12 Ada Example <ada@example.org> đã viết:",
    "english without a colon": "On Tue, 3 Mar 2020 10:12:43 -0200 Ada Example <ada@example.org> wrote",
    "english between dashes": "---- On Tue, 3 Mar 2020 10:12:50 +0530 ada@example.org wrote ----",
    "dutch, broken in the address": "Op 3 maart 2020 10:12 schreef Ada Example <\nada@example.org>:",
    "norwegian, broken in the address": "tir. 3. mar. 2020 kl. 10:12 skrev Ada Example <ada@example.org\n>:",
    "thunderbird german": "Am 03.03.20 um 10:12 schrieb Ada Example:",
    "thunderbird french": "Le 03/03/2020 à 10:12, Ada Example a écrit :",
    "thunderbird spanish": "El 3/3/20 a las 10:12, Ada Example escribió:",
    "thunderbird italian": "Il 03/03/20 10:12, Ada Example ha scritto:",
    "thunderbird dutch": "Op 03-03-2020 om 10:12 schreef Ada Example:",
    "thunderbird polish": "W dniu 03.03.2020 o 10:12, Ada Example pisze:",
    "thunderbird czech": "Dne 03. 03. 20 v 10:12 Ada Example napsal(a):",
    "thunderbird russian": "03.03.2020 10:12, Ада Пример пишет:",
    "thunderbird swedish": "Den 2020-03-03 kl. 10:12, skrev Ada Example:",
}


@pytest.mark.parametrize("marked", [True, False], ids=["with quote marks", "without"])
@pytest.mark.parametrize("head", ANSWERED.values(), ids=ANSWERED.keys())
def test_the_line_above_a_quote_is_known_in_many_languages(head: str, marked: bool) -> None:
    old = "> Shuttle?\n> Loom?" if marked else "\nShuttle?\nLoom?"

    assert zones.text(f"{NEW}\n\n{head}\n{old}\n") == NEW


HEADERS = {
    "arabic": ("من", "تاريخ الإرسال", "إلى", "الموضوع"),
    "czech": ("Od", "Odesláno", "Komu", "Předmět"),
    "danish": ("Fra", "Sendt", "Til", "Emne"),
    "dutch": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "finnish": ("Lähettäjä", "Lähetetty", "Vastaanottaja", "Aihe"),
    "french": ("De", "Envoyé", "À", "Objet"),
    "german": ("Von", "Gesendet", "An", "Betreff"),
    "greek": ("Από", "Στάλθηκε", "Προς", "Θέμα"),
    "hebrew": ("מאת", "נשלח", "אל", "נושא"),
    "hungarian": ("Feladó", "Elküldve", "Címzett", "Tárgy"),
    "italian": ("Da", "Inviato", "A", "Oggetto"),
    "japanese": ("差出人", "送信日時", "宛先", "件名"),
    "korean": ("보낸 사람", "보낸 날짜", "받는 사람", "제목"),
    "norwegian": ("Fra", "Sendt", "Til", "Emne"),
    "polish": ("Od", "Wysłano", "Do", "Temat"),
    "portuguese": ("De", "Enviado", "Para", "Assunto"),
    "romanian": ("De la", "Trimis", "Către", "Subiect"),
    "russian": ("От", "Отправлено", "Кому", "Тема"),
    "spanish": ("De", "Enviado el", "Para", "Asunto"),
    "swedish": ("Från", "Skickat", "Till", "Ämne"),
    "turkish": ("Kimden", "Gönderildi", "Kime", "Konu"),
    "ukrainian": ("Від", "Надіслано", "Кому", "Тема"),
    "chinese": ("发件人", "发送时间", "收件人", "主题"),
}


@pytest.mark.parametrize("fields", HEADERS.values(), ids=HEADERS.keys())
def test_the_header_of_an_answered_mail_is_known_in_many_languages(fields: tuple[str, str, str, str]) -> None:
    values = ("Ada Example <ada@example.org>", "2020-03-03 10:12", "Bob Example", "Shuttle")
    head = "\n".join(f"{field}: {value}" for field, value in zip(fields, values, strict=True))

    assert zones.text(f"{NEW}\n\n{head}\n\nShuttle?\n") == NEW


CLOSINGS = {
    "arabic": "مع أطيب التحيات",
    "chinese": "此致",
    "czech": "S pozdravem",
    "danish": "Med venlig hilsen",
    "dutch": "Met vriendelijke groet,",
    "english": "Kind regards,",
    "finnish": "Ystävällisin terveisin",
    "french": "Cordialement,",
    "german": "Mit freundlichen Grüßen",
    "greek": "Με εκτίμηση,",
    "hebrew": "בברכה,",
    "hungarian": "Üdvözlettel,",
    "italian": "Cordiali saluti,",
    "japanese": "よろしくお願いいたします。",
    "korean": "감사합니다.",
    "norwegian": "Med vennlig hilsen",
    "polish": "Z poważaniem,",
    "portuguese": "Com os melhores cumprimentos,",
    "romanian": "Cu stimă,",
    "russian": "С уважением,",
    "spanish": "Saludos cordiales,",
    "swedish": "Med vänliga hälsningar",
    "turkish": "Saygılarımla,",
    "ukrainian": "З повагою,",
}


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS.keys())
def test_what_follows_a_closing_is_a_signature_in_many_languages(closing: str) -> None:
    raw = f"{NEW}\n\n{closing}\n\nBob Example\nMaster Weaver\nThe Mill\n+41 61 555 01 02\nbob@example.org"

    assert zones.text(raw).removesuffix(closing).strip() == NEW


DEVICES = {
    "arabic": "تم الإرسال من الـ iPhone الخاص بي",
    "chinese": "发自我的iPhone",
    "czech": "Odesláno z iPhonu",
    "danish": "Sendt fra min iPhone",
    "dutch": "Verstuurd vanaf mijn iPhone",
    "finnish": "Lähetetty iPhonesta",
    "german": "Gesendet mit der Post-App",
    "greek": "Στάλθηκε από το iPhone μου",
    "hebrew": "נשלח מה-iPhone שלי",
    "hungarian": "Elküldve az iPhone-omról",
    "italian": "Inviato da iPhone",
    "japanese": "iPhoneから送信",
    "korean": "나의 iPhone에서 보냄",
    "norwegian": "Sendt fra min iPhone",
    "polish": "Wysłane z iPhone'a",
    "portuguese": "Enviado do meu iPhone",
    "romanian": "Trimis de pe iPhone-ul meu",
    "russian": "Отправлено с iPhone",
    "spanish": "Enviado desde mi iPhone",
    "swedish": "Skickat från min iPhone",
    "turkish": "iPhone'umdan gönderildi",
    "ukrainian": "Надіслано з iPhone",
}


@pytest.mark.parametrize("line", DEVICES.values(), ids=DEVICES.keys())
def test_what_a_telephone_adds_is_dropped_in_many_languages(line: str) -> None:
    assert zones.text(f"{NEW}\n\n{line}") == NEW


KEPT = {
    "a site alone": f"{NEW}\nhttps://mill.example/shuttle",
    "a number alone": "+41 61 555 01 02",
    "a sentence that ends with a number": "For the shuttle, please\ncall 061 555 01 02.",
    "a list of short lines": "We need:\nSilk\nWool\nA shuttle",
}


@pytest.mark.parametrize("raw", KEPT.values(), ids=KEPT.keys())
def test_what_only_looks_like_a_signature_is_kept(raw: str) -> None:
    assert zones.text(raw) == raw


def test_a_signature_may_be_all_that_stands_above_a_forwarded_mail() -> None:
    raw = "Bob Example\nThe Mill, Inc.\n12 Water Street\n(061) 555-0102\n\n" + QUOTED["lotus forward"]

    assert zones.text(raw) == ""


def test_the_firm_that_lotus_puts_above_a_header_is_not_the_writers() -> None:
    head = "\tThe Mill, Basel\n\t\n\tFrom:  Ada Example            03/03/2020 10:12 AM\n\t\n"

    assert zones.text(f"{NEW}\n\n\n{head}\nTo: Bob\ncc:\nSubject: X\n\nOld.") == NEW
