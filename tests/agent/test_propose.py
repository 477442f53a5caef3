from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date, datetime

from agent.boundaries import SELDOM as SELDOM_ANSWERED
from agent.boundaries import Rules
from agent.model import DAY, Coverage, Fact, Marks, Morning, Person, Shown, Standing, Statement, Thread, Tie
from agent.propose import SELDOM, SHARED, propose, why
from agent.sharing.news import chosen
from tests.agent.tales import ADA, ME, MORNING, NOW, OWN, mail, stands, talk, tie

TUESDAY = replace(MORNING, now=NOW + (1 - datetime.fromtimestamp(NOW, MORNING.zone).weekday()) % 7 * DAY)


class Village:
    """People of whom everything is known, called by number."""

    def __init__(self, *ties: Tie, notices: tuple[str, ...] = ()) -> None:
        self.own, self.notices = OWN, notices
        self.weights: tuple[float, ...] = ()
        self._ties = {t.person.id: t for t in ties}
        self.read: list[int] = []

    def people(self) -> Sequence[Person]:
        return [t.person for t in self._ties.values()]

    def standings(self) -> Sequence[Standing]:
        return [replace(stands(t), person=number) for number, t in self._ties.items()]

    def caring(self, terms: Collection[str]) -> frozenset[int]:
        return frozenset(n for n, t in self._ties.items() if {topic.term for topic in t.topics} & set(terms))

    def open_talk(self, standing: Standing) -> Tie:
        return self._ties[standing.person]

    def tie(self, person: int) -> Tie:
        self.read.append(person)
        return self._ties[person]


def moved(of: Tie, number: int, name: str) -> Tie:
    """The same tie with somebody else."""
    address = f"{name.lower()}@loom.example"

    def theirs(fact: Fact) -> Fact:
        sender = address if fact.sender == ADA else fact.sender
        return replace(fact, id=fact.id + 1000 * number, sender=sender, to=(ME,) if sender == address else (address,))

    threads = [
        Thread(t.id + 1000 * number, tuple(theirs(m) for m in t.mails), address if t.opened_by == ADA else t.opened_by)
        for t in of.threads
    ]
    contacts = tuple(replace(c, fact=c.fact + 1000 * number, thread=c.thread + 1000 * number) for c in of.contacts)
    return Tie(Person(number, name, (address,)), contacts, tuple(threads), of.topics)


OWED = tie(talk(mail(1, 90, "me"), mail(2, 89)), talk(mail(3, 9, subject="The warp", marks=Marks(signs=("waits",)))))
QUIET = tie(
    *[talk(mail(10 + n, 220 - 10 * n, "me" if n % 2 else "them", f"Weave {n}")) for n in range(12)],
    talk(mail(1, 70, "me"), mail(2, 66), mail(3, 60), mail(4, 50, "me")),
    topics=["loom"],
)


def names(village: Village, most: int = 3, rules: Rules | None = None, morning: Morning = MORNING) -> list[str]:
    return [p.person.name for p in propose(village, morning, rules or Rules(), most).proposals]


def test_the_pools_take_turns_and_an_answer_owed_comes_first() -> None:
    assert names(Village(moved(QUIET, 1, "Quinn"), moved(OWED, 2, "Odile"))) == ["Odile", "Quinn"]


def test_a_digest_has_no_more_people_than_wanted() -> None:
    village = Village(*(moved(OWED, n, name) for n, name in enumerate(("Ann", "Ben", "Cleo"), 1)))

    assert len(names(village, most=1)) == 1


def test_of_a_kind_that_is_always_put_off_there_is_one_at_most() -> None:
    other = Tie(OWED.person, OWED.contacts, (*OWED.threads[:-1], retitled(OWED.threads[-1])), OWED.topics)
    village = Village(moved(OWED, 1, "Ann"), moved(other, 2, "Ben"))
    before = tuple(
        Shown(date(2001, 1, n), 1, "reply", (f"{n}@x.example",), "", NOW - 60 * DAY + n) for n in range(1, 5)
    )
    said = tuple(Statement(s.slot, s.at + 1, "later", s.addresses) for s in before)

    assert len(names(village)) == 2
    assert len(names(village, rules=Rules(statements=said, shown=before))) == 1


def test_without_any_answer_for_a_month_a_weekday_has_nobody_and_says_why() -> None:
    done = propose(Village(moved(OWED, 1, "Ann")), TUESDAY, Rules(unanswered=SELDOM_ANSWERED), 3)

    assert (done.proposals, done.silent_because) == ((), SELDOM)


def test_two_gifts_never_read_the_same() -> None:
    assert len(names(Village(moved(OWED, 1, "One"), moved(OWED, 2, "Two")))) == 1


def test_one_link_stands_in_a_digest_at_the_most() -> None:
    pieces = [chosen(f"https://x.example/{n}", f"The wide loom of number {n}", "", NOW) for n in range(3)]
    talks = (talk(mail(n, 400 - 12 * n, "me" if n % 2 else "them", "Wide loom")) for n in range(1, 30))
    wide = tie(*talks, topics=["loom"])
    village = Village(*(moved(wide, n, name) for n, name in enumerate(("Ada", "Bea", "Cleo"), 1)))
    morning = replace(MORNING, news=tuple(pieces), interested=frozenset({1, 2, 3}))

    found = propose(village, morning, Rules(), 5).proposals

    assert [proposal.gift.kind for proposal in found] == ["link"]


def test_what_the_user_does_not_bring_up_is_not_proposed_and_the_reason_is_told() -> None:
    village = Village(moved(QUIET, 1, "Ada"))
    morning = replace(MORNING, unwelcome=("loom",))

    assert [p.gift.kind for p in propose(village, MORNING, Rules(), 3).proposals] == ["question"]
    assert propose(village, morning, Rules(), 3).proposals == ()


def test_an_answer_that_is_owed_may_be_about_anything() -> None:
    village = Village(moved(OWED, 1, "Ada"))

    found = propose(village, replace(MORNING, unwelcome=("warp",)), Rules(), 3).proposals
    assert [p.gift.kind for p in found] == ["answer"]


def test_one_question_stands_in_a_digest_at_the_most() -> None:
    other = Tie(QUIET.person, QUIET.contacts, (*QUIET.threads[:-1], retitled(QUIET.threads[-1])), QUIET.topics)

    assert len(names(Village(moved(QUIET, 1, "One"), moved(other, 2, "Two")))) == 1


def test_with_headers_only_a_tie_is_read_where_the_last_word_was_the_users() -> None:
    theirs = tie(*QUIET.threads, talk(mail(9, 45, subject="Yarn")), topics=["loom"])
    village = Village(moved(QUIET, 1, "Mine"), moved(theirs, 2, "Theirs"))

    assert names(village, morning=replace(MORNING, texts=False)) == ["Mine"]
    assert village.read == [1]


def retitled(thread: Thread) -> Thread:
    return replace(thread, mails=tuple(replace(m, subject="The wide loom") for m in thread.mails))


def test_whoever_is_held_back_is_said_with_the_reason() -> None:
    outcome = propose(Village(moved(OWED, 1, "Odile")), MORNING, Rules(never=("odile",)), 3)

    assert outcome.proposals == ()
    assert [(h.person.name, h.reason) for h in outcome.held] == [("Odile", "Your config says never: odile")]
    assert "held back for a reason" in outcome.silent_because


def test_a_silent_digest_says_why() -> None:
    assert propose(Village(), MORNING, Rules(), 3).silent_because.startswith("Nobody has gone quiet")


def test_an_archive_that_ended_long_ago_says_so_and_names_its_last_morning() -> None:
    old = [Coverage("mail", NOW - 900 * DAY, NOW - 100 * DAY, archive=True)]
    outcome = propose(Village(moved(OWED, 1, "Odile")), MORNING, Rules(), 3, old)

    assert outcome.proposals == ()
    assert "`auld digest --now 2023-11-26`" in outcome.silent_because


def test_a_fresh_archive_or_a_live_account_speaks() -> None:
    fresh = [Coverage("mail", NOW - 900 * DAY, NOW - 3 * DAY, archive=True)]

    assert propose(Village(moved(OWED, 1, "Odile")), MORNING, Rules(), 3, fresh).proposals


def test_a_mailbox_of_two_owners_proposes_nobody() -> None:
    shared = Village(moved(OWED, 1, "Odile"), notices=("Mail of somebody else is sent from this mailbox too.",))

    assert propose(shared, MORNING, Rules(), 3).silent_because == SHARED


def test_only_the_ties_of_candidates_are_read() -> None:
    busy = tie(*[talk(mail(n, 20 - n, "me" if n % 2 else "them", f"Weave {n}")) for n in range(1, 19)])
    village = Village(moved(OWED, 1, "Odile"), moved(busy, 2, "Bea"))
    names(village)

    assert village.read == [1]


def told(of: Tie, rules: Rules | None = None) -> list[str]:
    village = Village(of)
    outcome = propose(village, MORNING, rules or Rules(), 3)
    return why(of.person, village, MORNING, rules or Rules(), outcome.proposals)


def test_why_tells_a_proposal_with_its_gift() -> None:
    [said] = told(moved(OWED, 1, "Odile"))

    assert said.startswith("Proposed today: Odile asked you something")
    assert said.endswith("Answer Odile’s mail “The warp”.")


def test_why_tells_a_boundary_first() -> None:
    assert told(moved(OWED, 1, "Odile"), Rules(never=("Odile",)))[0] == "Your config says never: Odile"


def test_why_tells_that_there_is_nothing_to_give() -> None:
    bare = Tie(QUIET.person, QUIET.contacts, QUIET.threads, ())

    assert told(moved(bare, 1, "Quinn"))[0].startswith("There is nothing to give")


def test_why_tells_that_there_is_no_hurry() -> None:
    steady = tie(*[talk(mail(n, 5 + 20 * n, "me" if n % 2 else "them", f"Weave {n}")) for n in range(9, 0, -1)])

    assert told(moved(steady, 1, "Bea"))[0].endswith("there is no hurry.")


def test_why_tells_that_too_little_passed() -> None:
    assert told(moved(tie(talk(mail(1, 60, "me"))), 1, "Bea"))[0].startswith("Too little passed between you two")


def test_why_tells_of_somebody_without_any_contact() -> None:
    assert told(Tie(Person(1, "Cc", ("cc@x.example",)), ()))[0].startswith("There was no contact")
