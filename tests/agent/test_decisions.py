"""Only what the user sent to themselves is obeyed, and nothing that anybody else can write."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import decisions, tokens
from agent.cli import say
from agent.decisions import (
    BY_MACHINE,
    FORGED,
    LATE,
    NOT_ALONE,
    NOT_SENT,
    NOT_YOURS,
    PASSED_ON,
    STOP,
    UNCLEAR,
    UNKNOWN,
    UNREAD,
    Answer,
    Desk,
)
from agent.model import DAY as SECONDS
from agent.model import Decision, Letter, Verb
from connectors import headers_evidence
from connectors.contract import Interaction
from connectors.headers import interaction
from connectors.headers_evidence import answers_ours
from connectors.headers_fields import fields

KEY = b"a profile's own key"
ME, ALIAS, BOB = "me@home.example", "m.e@work.example", "bob@old.example"
ADA, TOMAS, RUTH = ("ada@guild.example",), ("tomas@harbour.example", "t@old.example"), ("ruth@okafor.example",)
DAY, BEFORE = date(2026, 5, 12), date(2026, 5, 11)
NOON = datetime(2026, 5, 12, 12, 30, tzinfo=UTC)
OURS = tokens.message_id(KEY, DAY)
LETTERS = (
    Letter(DAY, OURS, {1: ADA, 2: TOMAS, 3: RUTH}),
    Letter(BEFORE, tokens.message_id(KEY, BEFORE), {1: RUTH, 2: ADA}),
    Letter(DAY - timedelta(days=20), tokens.message_id(KEY, DAY - timedelta(days=20)), {1: BOB}),  # type: ignore[dict-item]
)
DESK = Desk(KEY, frozenset((ME, ALIAS)), LETTERS)


def link(verb: str, slot: int, day: date = DAY) -> str:
    """The subject that a link of the digest puts into a mail."""
    return tokens.subject(KEY, day, slot, verb)


class Mail(NamedTuple):
    """An answer as it lies in a mailbox; what most of them have is left out."""

    subject: str = "Re: Three people to write to - Tuesday, 12 May 2026"
    text: str | None = ""
    sender: str = f"Me Myself <{ME}>"
    to: str = f"auld <{ME}>"
    cc: str = ""
    answers: str = OURS
    sent: bool = True
    at: datetime = NOON
    more: str = ""

    def seen(self) -> Interaction:
        """As a connector hands it over."""
        lines = [
            f"From: {self.sender}",
            f"To: {self.to}",
            f"Subject: {self.subject}",
            f"Date: {self.at:%a, %d %b %Y %T +0000}",
        ]
        lines += [f"Cc: {self.cc}"] * bool(self.cc) + ["Message-ID: <a1@phone.example>"]
        lines += [f"In-Reply-To: <{self.answers}>", f"References: <{self.answers}>"] * bool(self.answers)
        return interaction(fields("\r\n".join([*lines, self.more, ""]).encode()), id="1")

    def read(self, now: datetime | None = None, desk: Desk = DESK) -> Answer | None:
        return decisions.read(self.seen(), self.text, desk, sent=self.sent, now=now or self.at + timedelta(minutes=10))


def pressed(verb: str, slot: int, day: date = DAY) -> Mail:
    """What the phone sends when a link was pressed."""
    return Mail(link(verb, slot, day), "Send this to yourself, as it is.", answers="", to=ME)


DIGEST = "Three people to write to\nTuesday, 12 May 2026\n\n1. Ada Weber, you two talk about looms\n   2 never\n"
QUOTED = "".join(f"> {line}\n" for line in DIGEST.splitlines())

GMAIL = "{}\r\n\r\nOn Tue, May 12, 2026 at 7:00 AM auld <me@home.example> wrote:\r\n\r\n" + QUOTED
GMAIL_DE = "{}\r\n\r\nAm Di., 12. Mai 2026 um 07:00 Uhr schrieb auld <me@home.example>:\r\n\r\n" + QUOTED
GMAIL_FR = "{}\r\n\r\nLe mar. 12 mai 2026 à 07:00, auld <me@home.example> a écrit :\r\n\r\n" + QUOTED
IPHONE = "{}\n\nSent from my iPhone\n\n> On 12 May 2026, at 07:00, auld <me@home.example> wrote:\n> \n" + QUOTED
IPHONE_DE = (
    "{}\n\nVon meinem iPhone gesendet\n\n> Am 12.05.2026 um 07:00 schrieb auld <me@home.example>:\n> \n" + QUOTED
)
IPHONE_FR = "{}\n\nEnvoyé de mon iPhone\n\n> Le 12 mai 2026 à 07:00, auld <me@home.example> a écrit :\n> \n" + QUOTED
OUTLOOK = (
    "{}\r\n\r\n________________________________\r\nFrom: auld <me@home.example>\r\n"
    "Sent: Tuesday, May 12, 2026 7:00 AM\r\nTo: me@home.example\r\nSubject: Three people to write to\r\n\r\n" + DIGEST
)
OUTLOOK_DE = (
    "{}\r\n\r\n________________________________\r\nVon: auld <me@home.example>\r\n"
    "Gesendet: Dienstag, 12. Mai 2026 07:00\r\nAn: me@home.example\r\nBetreff: Three people to write to\r\n\r\n"
    + DIGEST
)
OUTLOOK_FR = (
    "{}\r\n\r\n________________________________\r\nDe : auld <me@home.example>\r\nEnvoyé : mardi 12 mai 2026 07:00\r\n"
    "À : me@home.example\r\nObjet : Three people to write to\r\n\r\n" + DIGEST
)
OUTLOOK_HTML = (
    '<html><body><div class="elementToProof">{}</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">'
    "<b>Von:</b> auld</div><div>2 never</div></body></html>"
)
GMAIL_HTML = (
    '<div dir="ltr">{}</div><br><div class="gmail_quote">On Tue auld wrote:<blockquote>2 never</blockquote></div>'
)

OBEYED: dict[str, tuple[Mail, list[tuple[int, str]]]] = {
    "Later, pressed": (pressed("later", 2), [(2, "later")]),
    "Not now, pressed": (pressed("not now", 1), [(1, "not now")]),
    "Never, pressed": (pressed("never", 3), [(3, "never")]),
    "pressed on the digest of the day before": (pressed("later", 2, BEFORE), [(2, "later")]),
    "pressed, and the text may not be read": (pressed("later", 2)._replace(text=None), [(2, "later")]),
    "pressed, sent from an alias": (pressed("later", 2)._replace(sender=ALIAS), [(2, "later")]),
    "pressed, with another link's subject in the text": (
        pressed("later", 1)._replace(text=link("never", 2)), [(1, "later")]),
    "pressed on the fourteenth day after": (pressed("later", 2)._replace(at=NOON + timedelta(days=14)), [(2, "later")]),
    "Gmail": (Mail(text=GMAIL.format("2 later")), [(2, "later")]),
    "Gmail, German": (Mail("Re: Three people", GMAIL_DE.format("later 2")), [(2, "later")]),
    "Gmail, French": (Mail("Re: Three people", GMAIL_FR.format("2 not now")), [(2, "not now")]),
    "Gmail, HTML alone": (Mail(text=GMAIL_HTML.format("1 later<br>3 never")), [(1, "later"), (3, "never")]),
    "iPhone": (Mail(text=IPHONE.format("1 Never")), [(1, "never")]),
    "iPhone, German": (Mail("Aw: Three people", IPHONE_DE.format("1 later.")), [(1, "later")]),
    "iPhone, French": (Mail("Re : Three people", IPHONE_FR.format("#3 Later")), [(3, "later")]),
    "Outlook": (Mail("RE: Three people", OUTLOOK.format("1 never, 3 later")), [(1, "never"), (3, "later")]),
    "Outlook, German": (
        Mail("AW: Three people", OUTLOOK_DE.format("later 1\r\nnot now 2")), [(1, "later"), (2, "not now")]),
    "Outlook, French": (Mail("RE: Three people", OUTLOOK_FR.format("1: later")), [(1, "later")]),
    "Outlook, HTML alone": (Mail("AW: Three people", OUTLOOK_HTML.format("3 never")), [(3, "never")]),
    "two answers with a word between them": (Mail(text="1 later and 2 never"), [(1, "later"), (2, "never")]),
    "the same twice": (Mail(text="1 later\n1 later"), [(1, "later")]),
    "a word of thanks after it": (Mail(text="2 later\nThanks! And 3 never"), [(2, "later")]),
}  # fmt: skip

REFUSED: dict[str, tuple[Mail, str]] = {
    "pressed, and the From is a stranger's": (pressed("later", 2)._replace(sender="Eve <eve@evil.example>"), NOT_YOURS),
    "pressed, from an address that auld does not know": (
        pressed("later", 2)._replace(sender="me@new.example"), NOT_YOURS),
    "a forged From, in the inbox": (Mail("auld never 1 2026-05-12 " + "0" * 32, answers="", sent=False), NOT_SENT),
    "a true token, in the inbox": (pressed("never", 1)._replace(sent=False), NOT_SENT),
    "a true reply, in the inbox": (Mail(text="1 never", sent=False), NOT_SENT),
    "a token moved to another number": (
        Mail(link("later", 2).replace("later 2", "later 1"), answers=""), FORGED),
    "a token moved to another answer": (Mail(link("later", 2).replace("later", "never"), answers=""), FORGED),
    "a token of another day": (
        Mail(link("later", 2, BEFORE).replace("2026-05-11", "2026-05-12"), answers=""), FORGED),
    "a token of another profile": (
        Mail(tokens.subject(b"another key", DAY, 2, "later"), answers=""), FORGED),
    "a token that is too short": (Mail(link("later", 2)[:-1], answers=""), UNKNOWN),
    "two tokens in one subject": (Mail(f"{link('later', 1)} {link('never', 2)}", answers=""), UNKNOWN),
    "a token of a digest that there never was": (pressed("later", 1, DAY - timedelta(days=3)), UNKNOWN),
    "a number that nobody had": (pressed("later", 4), "nobody stands under number 4 of it"),
    "pressed sixteen days after": (pressed("later", 2)._replace(at=NOON + timedelta(days=16)), LATE),
    "pressed before there was a digest": (pressed("later", 2)._replace(at=NOON - timedelta(days=4)), LATE),
    "answered three weeks after": (Mail(text="2 later", at=NOON + timedelta(days=21)), LATE),
    "a link passed on to a friend": (pressed("later", 2)._replace(to=BOB), NOT_ALONE),
    "an answer to a link's mail": (pressed("later", 2)._replace(subject=f"Re: {link('later', 2)}"), UNKNOWN),
    "the digest, forwarded to a friend": (
        Mail("Fwd: Three people to write to", GMAIL.format("1 later"), to=BOB), NOT_ALONE),
    "the digest, forwarded to oneself": (
        Mail("Fwd: Three people to write to", GMAIL.format("1 later"), to=ALIAS), PASSED_ON),
    "the digest, forwarded in German": (Mail("WG: Three people", OUTLOOK_DE.format("1 later")), PASSED_ON),
    "a reply with a stranger in Cc": (Mail(text="1 later", cc="eve@evil.example"), NOT_ALONE),
    "what the stranger in Cc makes of it": (
        Mail(text="1 never", sender="eve@evil.example", sent=False), NOT_YOURS),
    "a vacation reply": (
        Mail("Automatic reply: Three people", "2 later", more="Auto-Submitted: auto-replied\r\n"), BY_MACHINE),
    "a filter that answers all mail": (Mail(text="2 later", more="Precedence: auto_reply\r\n"), BY_MACHINE),
    "a link's mail that a machine sent": (
        pressed("later", 2)._replace(more="Auto-Submitted: auto-generated\r\n"), BY_MACHINE),
    "a reply whose text may not be read": (Mail(text=None), UNREAD),
    "an empty reply": (Mail(text=GMAIL.format("")), UNCLEAR),
    "an empty reply from Outlook": (Mail(text=OUTLOOK.format("")), UNCLEAR),
    "an answer below the quote": (Mail(text=QUOTED + "\n2 later\n"), UNCLEAR),
    "a sentence that holds an answer": (Mail(text="Please put 2 later this month, and 1 never."), UNCLEAR),
    "an answer after a greeting": (Mail(text="Hi,\n2 later"), UNCLEAR),
    "a number without an answer": (Mail(text="2"), UNCLEAR),
    "garbage": (Mail(text="\x00\ufffd{{7*7}} 2 later; DROP TABLE"), UNCLEAR),
    "an answer and nonsense on one line": (Mail(text="2 later, 5 bananas"), UNCLEAR),
    "a reply to a test, or to another's digest": (Mail(text="2 later", answers=f"{'ab' * 16}@auld.invalid"), UNKNOWN),
    "a number out of the list among good ones": (Mail(text="1 later, 9 never"), "nobody stands under number 9 of it"),
    "two things of one person": (Mail(text="1 later, 1 never"), "it says two things of number 1"),
    "the mailing list's way to stop": (Mail(f"auld stop {OURS}", answers=""), STOP),
}  # fmt: skip

NOT_ONE: dict[str, Mail] = {
    "a mail to a friend": Mail("Looms", "1 later", answers="", to=BOB),
    "a link's subject in the text alone": Mail("A note", link("never", 1), answers="", to=ME),
    "a reply to a friend": Mail("Re: Looms", "2 never", answers="77@guild.example"),
    "a stranger who writes of auld": Mail("Should auld acquaintance be forgot", sender=BOB, answers=""),
}


def decided(answer: Answer | None) -> list[tuple[int, str]]:
    assert answer
    return [(one.slot, one.verb) for one in answer.decisions]


@pytest.mark.parametrize(("mail", "said"), OBEYED.values(), ids=OBEYED)
def test_what_the_user_answers_is_obeyed(mail: Mail, said: list[tuple[int, str]]) -> None:
    answer = mail.read()

    assert (decided(answer), answer and answer.why) == (said, "")


@pytest.mark.parametrize(("mail", "why"), REFUSED.values(), ids=REFUSED)
def test_what_anybody_else_may_have_written_is_not_and_that_is_said(mail: Mail, why: str) -> None:
    answer = mail.read()

    assert (decided(answer), answer and answer.why) == ([], why)


@pytest.mark.parametrize("mail", NOT_ONE.values(), ids=NOT_ONE)
def test_what_does_not_look_like_an_answer_is_none(mail: Mail) -> None:
    assert mail.read() is None


class TestADecision:
    def test_it_is_about_whom_the_mail_named_and_from_when_it_was_sent(self) -> None:
        at = int(NOON.timestamp())
        answer = pressed("later", 2).read(now=NOON + timedelta(days=40))

        assert answer
        assert answer.decisions == (Decision(DAY, 2, "later", TOMAS, at, at + 14 * SECONDS),)
        assert answer.day == DAY

    def test_a_phone_whose_clock_is_ahead_answers_now(self) -> None:
        answer = pressed("never", 1)._replace(at=NOON + timedelta(days=3)).read(now=NOON)

        assert answer
        assert [(one.at, one.until) for one in answer.decisions] == [(int(NOON.timestamp()), 0)]

    def test_not_now_is_longer_than_later_and_never_has_no_end(self) -> None:
        assert dict(decisions.RESTS) == {"later": say.LATER, "not now": say.QUARTER, "never": 0}

    def test_of_an_old_answer_that_is_not_obeyed_nothing_is_said(self) -> None:
        old = pressed("later", 2)._replace(sent=False)

        assert old.read(now=NOON + timedelta(days=14)) == Answer(DAY, why=NOT_SENT)
        assert old.read(now=NOON + timedelta(days=16)) == Answer(DAY)

    def test_a_test_of_the_way_is_answered_in_vain_and_in_silence(self) -> None:
        assert pressed("later", 2)._replace(subject=link("later", 2).replace("auld ", "auld test ")).read() == Answer()

    def test_a_subject_that_was_folded_is_the_same(self) -> None:
        assert decided(Mail(link("later", 2).replace(" 2 ", " 2\r\n  "), answers="").read()) == [(2, "later")]

    def test_a_mail_without_in_reply_to_answers_the_last_of_its_references(self) -> None:
        seen = replace(Mail(text="").seen(), in_reply_to="", references=("x@y.example", OURS))

        assert decided(decisions.read(seen, "1 later", DESK, sent=True, now=NOON)) == [(1, "later")]
        other = replace(seen, references=(OURS, "x@y.example"))
        assert decisions.read(other, "1 later", DESK, sent=True, now=NOON) is None


class TestWhatIsSaidOfThem:
    def test_one_line_names_the_digest_and_the_reason(self) -> None:
        assert decisions.told([(DAY, NOT_SENT)]) == (
            "An answer to the digest of Tuesday, 12 May 2026 was not obeyed: it is not among your sent mails."
        )
        assert (
            decisions.told([(None, UNKNOWN)]) == "An answer to a digest was not obeyed: no such digest is known here."
        )

    def test_many_are_one_line_too(self) -> None:
        assert decisions.told([(None, UNKNOWN)] * 400 + [(DAY, LATE)]) == (
            "401 answers to digests were not obeyed; of the last one, to the digest of Tuesday, 12 May 2026: "
            "it came more than 14 days after it."
        )
        assert decisions.told([]) == ""


class TestWhatIsOurs:
    """An answer passed between the user and the user: it is no contact, and no word in it is a topic."""

    @pytest.mark.parametrize("mail", [pressed("later", 1), Mail(text="1 later"), pressed("later", 9)])
    def test_answers_are(self, mail: Mail) -> None:
        assert decisions.looks_like_one(mail.seen())
        assert decisions.is_own(mail.seen(), DESK.own)

    @pytest.mark.parametrize(
        "mail",
        [pressed("later", 1)._replace(to=BOB), Mail(text="1 later", cc=BOB), Mail(text="1 later", sender=BOB)],
        ids=["to a friend", "a friend in Cc", "from a friend"],
    )
    def test_what_somebody_else_takes_part_in_is_not(self, mail: Mail) -> None:
        assert not decisions.is_own(mail.seen(), DESK.own)


WORDS = st.lists(
    st.sampled_from([
        "1", "2", "3", "later", "never", "not now", "auld", "test", "stop", "2026-05-12", "2026-05-11", ",", "and",
        "Re:", "Fwd:", "0" * 32, link("later", 1), link("never", 3), link("later", 2, BEFORE),
        tokens.action(KEY, DAY, 2, "never"), "<html><body>", "> ", "\n", "\u202e", "\x00", "Ⅱ", "２",
    ])
    | st.text(max_size=20),
    max_size=12,
).map(" ".join)  # fmt: skip
VERBS: tuple[Verb, ...] = ("later", "not now", "never")
TRUE = {tokens.subject(KEY, one.day, slot, verb) for one in LETTERS for slot in (1, 2, 3) for verb in VERBS}


@given(WORDS, WORDS, st.sampled_from([OURS, "x@auld.invalid", "", "77@guild.example"]), st.booleans(), st.booleans())
def test_no_words_decide_anything_without_a_token_or_a_reply_that_is_the_user_s(
    subject: str, text: str, answers: str, sent: bool, alone: bool
) -> None:
    mail = Mail(answers=answers, to=ME if alone else BOB)
    seen = replace(mail.seen(), subject=subject)
    answer = decisions.read(seen, text, DESK, sent=sent, now=NOON)

    if answer is None or not answer.decisions:
        return
    assert sent
    assert alone
    assert answer.why == ""
    if " ".join(subject.split()) not in TRUE:
        assert answers == OURS
        assert {one.day for one in answer.decisions} == {DAY}
        assert set(decided(answer)) <= set(decisions.words(text))


@given(st.text(max_size=300))
def test_whatever_a_text_says_it_is_read_without_harm_and_names_small_numbers(text: str) -> None:
    for slot, verb in decisions.words(text):
        assert 0 <= slot <= 99
        assert verb in VERBS


def test_our_digests_are_known_by_one_name_everywhere() -> None:
    assert tokens.HOST == headers_evidence.OURS
    assert answers_ours(Mail().seen())
    assert not answers_ours(Mail(answers="a@b.example").seen())
    assert tokens.subject(KEY, DAY, 2, "later").endswith(tokens.action(KEY, DAY, 2, "later"))
