from agent.model import Fact, Marks, Thread
from agent.signals.asked import PRESSING_TO, QUESTION_TO, asked_days

ADA, ME = "ada@home.example", "me@home.example"
MAIL = Fact(1, 0, ADA, to=(ME,), subject="The warp", marks=Marks(signs=("waits",)))


def days(mail: Fact) -> int:
    return asked_days(mail, Thread(1, (mail,), mail.sender))


def test_a_question_waits_for_three_weeks_and_one_about_a_day_for_its_own() -> None:
    assert days(MAIL) == QUESTION_TO
    assert days(Fact(1, 0, ADA, to=(ME,), subject="Thursday dinner", marks=MAIL.marks)) == PRESSING_TO
    assert days(Fact(1, 0, ADA, to=(ME,), subject="Tomorrow it is", marks=MAIL.marks)) == 0


def test_by_its_subject_a_mail_asks_only_in_the_thread_that_it_opened() -> None:
    mail = Fact(1, 0, ADA, to=(ME,), subject="A question about the warp")

    assert days(mail) == QUESTION_TO
    assert asked_days(mail, Thread(1, (mail,), ME)) == 0
