from agent.model import Fact, Marks, Thread
from agent.signals.asked import COLLEAGUES_TO, PRESSING_TO, QUESTION_TO, asked_days

ADA, ME = "ada@loom.example", "me@home.example"
OWN = frozenset({ME})
MAIL = Fact(1, 0, ADA, to=(ME,), subject="The warp", marks=Marks(signs=("waits",)))


def days(mail: Fact) -> int:
    return asked_days(mail, Thread(1, (mail,), mail.sender), OWN)


def test_a_question_waits_for_three_weeks_and_one_about_a_day_for_its_own() -> None:
    assert days(MAIL) == QUESTION_TO
    assert days(Fact(1, 0, "kim@home.example", to=(ME,), subject="The warp", marks=MAIL.marks)) == COLLEAGUES_TO
    assert days(Fact(1, 0, ADA, to=(ME,), subject="Thursday dinner", marks=MAIL.marks)) == PRESSING_TO
    assert days(Fact(1, 0, ADA, to=(ME,), subject="Tomorrow it is", marks=MAIL.marks)) == 0


def test_by_its_subject_a_mail_asks_only_in_the_thread_that_it_opened() -> None:
    mail = Fact(1, 0, ADA, to=(ME,), subject="A question about the warp")

    assert days(mail) == QUESTION_TO
    assert asked_days(mail, Thread(1, (mail,), ME), OWN) == 0


def test_a_subject_that_asked_a_list_asks_nobody() -> None:
    asked = Fact(1, 0, ADA, to=("all@home.example",), subject="A question about the warp")
    told = Fact(2, 9, ADA, to=(ME,), subject="Re: A question about the warp")

    assert asked_days(told, Thread(1, (asked, told), ADA), OWN) == 0


def test_a_favour_is_settled_with_the_first_answer_and_a_question_is_not() -> None:
    def after_an_answer(subject: str) -> int:
        asked = Fact(1, 0, ADA, to=(ME,), subject=subject)
        mine = Fact(2, 9, ME, to=(ADA,), subject=f"Re: {subject}")
        again = Fact(3, 99, ADA, to=(ME,), subject=f"Re: {subject}")
        return asked_days(again, Thread(1, (asked, mine, again), ADA), OWN)

    assert after_an_answer("Asking a favour") == 0
    assert after_an_answer("A question about the warp") == QUESTION_TO
