"""Which mails belong together, and who began?"""

from dataclasses import dataclass

import pytest

from nlp import threads

DAY = 86_400
ME = "me@example.org"
OWN = frozenset({ME})


@dataclass(frozen=True, slots=True)
class Letter:
    """What `nlp.threads` needs to know of a mail."""

    id: int
    at: int
    sender: str
    recipients: tuple[str, ...] = (ME,)
    subject: str = "The old loom"
    message_id: str = ""
    parents: tuple[str, ...] = ()
    thread: str = ""


def ids(*mails: Letter) -> list[list[int]]:
    return [[mail.id for mail in group] for group in threads.assemble(mails, OWN)]


class TestAssemble:
    def test_references_link_whatever_the_subject(self) -> None:
        first = Letter(1, 0, "ada", message_id="a", subject="The old loom")
        answer = Letter(2, 400 * DAY, ME, ("ada",), "Something else", "b", ("a",))

        assert ids(first, answer) == [[1, 2]]

    def test_two_answers_to_a_mail_that_is_not_there_are_one_thread(self) -> None:
        one, two = Letter(1, 0, "ada", parents=("x",)), Letter(2, DAY, "bob", parents=("y", "x"), subject="Other")

        assert ids(one, two) == [[1, 2]]

    def test_the_providers_thread_links(self) -> None:
        assert ids(Letter(1, 0, "ada", thread="t", subject="A"), Letter(2, 9, "bob", thread="t", subject="B")) == [
            [1, 2]
        ]

    def test_a_subject_links_the_same_people_within_a_month(self) -> None:
        assert ids(Letter(1, 0, "ada"), Letter(2, 29 * DAY, ME, ("ada",), "Re: The old loom")) == [[1, 2]]

    def test_the_month_counts_from_the_last_mail(self) -> None:
        mails = [Letter(n, n * 20 * DAY, "ada", subject="Re: The old loom") for n in range(4)]

        assert ids(*mails) == [[0, 1, 2, 3]]

    def test_a_subject_does_not_link_after_more_than_a_month(self) -> None:
        assert ids(Letter(1, 0, "ada"), Letter(2, 31 * DAY, "ada", subject="Re: The old loom")) == [[1], [2]]

    def test_the_owner_alone_is_no_shared_participant(self) -> None:
        assert ids(Letter(1, 0, "ada"), Letter(2, DAY, "bob", subject="Re: The old loom")) == [[1], [2]]

    @pytest.mark.parametrize("subject", ["", "Hello", "question", "Re:"], ids=["none", "hello", "question", "only re"])
    def test_a_subject_that_says_nothing_does_not_link(self, subject: str) -> None:
        assert ids(Letter(1, 0, "ada", subject=subject), Letter(2, DAY, "ada", subject=subject)) == [[1], [2]]

    def test_an_answer_to_a_bare_subject_links(self) -> None:
        assert ids(Letter(1, 0, "ada", subject="Hello"), Letter(2, DAY, ME, ("ada",), "Re: Hello")) == [[1, 2]]

    def test_where_headers_link_a_mail_without_them_begins_anew(self) -> None:
        first = Letter(1, 0, "ada", message_id="a")
        answer = Letter(2, DAY, ME, ("ada",), "Re: The old loom", "b", ("a",))
        again = Letter(3, 9 * DAY, "ada", message_id="c")

        assert ids(first, answer, again) == [[1, 2], [3]]

    def test_a_mail_that_is_answered_by_header_and_answers_none_begins_anew(self) -> None:
        first = Letter(1, 0, "ada", message_id="a")
        again = Letter(2, DAY, "bob", message_id="b")
        answer = Letter(3, 2 * DAY, "ada", ("bob",), "Re: The old loom", "c", ("b",))

        assert ids(first, again, answer) == [[1], [2, 3]]

    def test_order_of_arrival_does_not_matter(self) -> None:
        mails = [
            Letter(1, 0, "ada", message_id="a"),
            Letter(2, DAY, ME, ("ada",), "Re: The old loom", "b", ("a",)),
            Letter(3, 2 * DAY, "bob", subject="Boats"),
            Letter(4, 3 * DAY, ME, ("bob",), "Re: Boats"),
        ]

        assert ids(*mails) == ids(*reversed(mails)) == [[1, 2], [3, 4]]

    def test_every_mail_is_in_one_thread(self) -> None:
        mails = [Letter(n, n * DAY, f"p{n % 7}", subject=f"Re: {n % 5}") for n in range(200)]

        assert sorted(n for group in ids(*mails) for n in group) == list(range(200))

    def test_no_mail_no_thread(self) -> None:
        assert threads.assemble([]) == []


class TestOpener:
    def test_the_sender_of_the_first_mail_began(self) -> None:
        assert threads.opener([Letter(1, 0, "ada"), Letter(2, 1, ME, ("ada",), "Re: The old loom")]) == "ada"

    @pytest.mark.parametrize(
        "first",
        [Letter(1, 0, "ada", subject="Re: The old loom"), Letter(1, 0, "ada", parents=("gone",))],
        ids=["by subject", "by header"],
    )
    def test_nobody_knows_who_began_where_the_first_mail_is_an_answer(self, first: Letter) -> None:
        assert threads.opener([first]) == ""

    def test_forwards_are_set_aside(self) -> None:
        assert threads.opener([Letter(1, 0, "ada", subject="Fwd: The old loom"), Letter(2, 1, "bob")]) == "bob"

    def test_answers_by_machine_are_set_aside(self) -> None:
        group = [Letter(1, 0, "robot"), Letter(2, 1, "ada")]

        assert threads.opener(group, automatic=lambda mail: mail.sender == "robot") == "ada"

    def test_a_wrong_clock_does_not_make_an_answer_the_beginning(self) -> None:
        answer = Letter(1, 0, "bob", subject="Re: The old loom", message_id="b", parents=("a",))

        assert threads.opener([answer, Letter(2, 60, "ada", message_id="a")]) == "ada"

    def test_the_only_mail_that_answers_none_and_is_answered_began(self) -> None:
        stray = Letter(1, 0, "bob", subject="Re: The old loom", message_id="b", parents=("lost",))

        assert (
            threads.opener([stray, Letter(2, 60, "ada", message_id="a"), Letter(3, 90, "bob", parents=("a",))]) == "ada"
        )

    def test_a_letter_and_a_colon_may_be_what_a_mail_is_about(self) -> None:
        answer = Letter(2, 1, "bob", subject="Re: R: a loom?", message_id="b", parents=("a",))

        assert threads.opener([Letter(1, 0, "ada", subject="R: a loom?", message_id="a"), answer]) == "ada"

    @pytest.mark.parametrize(
        "first",
        [
            Letter(1, 0, "ada", subject="Re: The old loom", message_id="a"),
            Letter(1, 0, "ada", subject="Fwd: The old loom", message_id="a"),
            Letter(1, 0, "robot", message_id="a"),
        ],
        ids=["an answer without its header", "a forward", "a machine"],
    )
    def test_an_answered_mail_may_yet_be_no_beginning(self, first: Letter) -> None:
        answer = Letter(2, 1, "bob", subject="Re: The old loom", message_id="b", parents=("a",))

        assert threads.opener([first, answer], lambda mail: mail.sender == "robot") == ""
