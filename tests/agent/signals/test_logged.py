from agent.model import DAY, Contact, Person, Statement
from agent.signals.logged import logged, merged
from agent.signals.reciprocity import unanswered_days
from tests.agent.tales import ADA, MORNING, NOW, PERSON, mail, stands, talk, tie

OLD = "ada@old.example"


def log(number: int, ago: float, verb: str = "log", addresses: tuple[str, ...] = (ADA,)) -> Statement:
    return Statement(number, NOW, verb, addresses, "coffee", NOW - int(ago * DAY))


def test_each_way_of_logging_says_who_began() -> None:
    said = logged([log(1, 3), log(2, 2, "log mine"), log(3, 1, "log theirs")], [PERSON], NOW)

    assert [(c.by, c.fact, c.meeting) for c in said[PERSON.id]] == [
        ("other", -1, True),
        ("me", -2, True),
        ("them", -3, True),
    ]


def test_what_is_only_later_is_not_known_yet() -> None:
    assert logged([log(1, 3)], [PERSON], NOW - 4 * DAY) == {}


def test_other_words_and_strangers_are_no_contacts() -> None:
    assert logged([log(1, 3, "done"), log(2, 3, addresses=("bob@else.example",))], [PERSON], NOW) == {}


def test_after_a_split_it_was_one_call_and_not_two() -> None:
    ada, other = Person(1, "Ada", (ADA,)), Person(2, "Ada", (OLD,))
    said = [log(1, 3, addresses=(OLD, ADA))]

    assert set(logged(said, [ada, other], NOW)) == {2}
    assert set(logged(said, [ada], NOW)) == {1}
    assert set(logged(said, [Person(3, "Ada", (ADA, OLD))], NOW)) == {3}


def test_a_logged_contact_counts_as_one_of_its_day() -> None:
    before = tie(talk(mail(1, 90, "me"), mail(2, 80)))
    [call] = logged([log(9, 3)], [PERSON], NOW)[PERSON.id]
    after = stands(type(before)(PERSON, merged(before.contacts, [call]), before.threads))

    assert (stands(before).days, after.days) == (2, 3)
    assert after.last == NOW - 3 * DAY
    assert (after.mine, after.theirs, after.meetings) == (1, 1, 1)


def test_a_word_that_was_logged_ends_a_run_without_answers_and_a_meeting_does_not() -> None:
    mine = [Contact(NOW - 9 * DAY, "me", 1), Contact(NOW - 8 * DAY, "me", 2)]

    assert unanswered_days([*mine, Contact(NOW - DAY, "them", -1, meeting=True)], MORNING.zone) == 0
    assert unanswered_days([*mine, Contact(NOW - DAY, "me", -1, meeting=True)], MORNING.zone) == 2
    assert unanswered_days([*mine, Contact(NOW - DAY, "them", 5, meeting=True)], MORNING.zone) == 2
