"""Facts are read in order, within bounds, and only from accounts that may be seen."""

from datetime import timedelta

from agent.model import Coverage
from agent.store.store import Store
from connectors.contract import Party, Stream
from tests.agent.store.generated import ADA, BOB, EVE, EVER, INBOX, NOW, mail, meeting, page, subjects


def at(number: int) -> int:
    return int(mail(number).sent.timestamp())


def test_facts_come_oldest_first_however_they_were_stored(store: Store) -> None:
    store.record("home", INBOX, page(mail(3), mail(1), mail(2)), at=NOW)

    assert subjects(store) == ["Looms 1", "Looms 2", "Looms 3"]


def test_nothing_after_until_is_seen(store: Store) -> None:
    store.record("home", INBOX, page(*map(mail, range(5))), at=NOW)

    assert [fact.at for fact in store.facts(until=at(2))] == [at(0), at(1), at(2)]
    assert [fact.at for fact in store.facts(until=at(2), since=at(1))] == [at(1), at(2)]
    assert not list(store.facts(until=at(2), ids=[4, 5]))
    assert not list(store.facts(until=at(0) - 1, addresses=[BOB.address]))


def test_facts_can_be_asked_for_by_address_and_by_id(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2, cc=(EVE,)), meeting(3)), at=NOW)

    assert subjects(store, addresses=[EVE.address]) == ["Looms 2", "Fitting 3"]
    assert subjects(store, ids=[1, 3]) == ["Looms 1", "Fitting 3"]
    assert subjects(store, addresses=[]) == []
    assert subjects(store, ids=[2, 3], addresses=[ADA.address]) == ["Looms 2", "Fitting 3"]


def test_facts_can_be_asked_for_by_who_sent_them_and_meetings_come_along(store: Store) -> None:
    store.record("home", INBOX, page(mail(1, sender=ADA), mail(2, sender=EVE), meeting(3), mail(4, sender=EVE)), at=NOW)

    assert subjects(store, by=[ADA.address]) == ["Looms 1", "Fitting 3"]
    assert subjects(store, by=[EVE.address, ADA.address], since=at(2)) == ["Looms 2", "Looms 4", "Fitting 3"]
    assert subjects(store, by=[]) == ["Fitting 3"]


def test_the_same_address_is_the_same_text_object(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2, sender=ADA, to=(Party(BOB.address, "Robert"),))), at=NOW)
    first, second = store.facts(until=EVER)

    assert first.sender is second.to[0]


def test_names_are_counted_once_a_mail(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2, sender=Party(BOB.address, "Robert")), mail(3)), at=NOW)
    store.record("copy", INBOX, page(mail(1), mail(2, sender=Party(BOB.address, "Robert"))), at=NOW)

    assert store.names() == {ADA.address: {"Ada": 3}, BOB.address: {"Bob Example": 2, "Robert": 1}}


def test_names_that_came_later_are_not_known_yet(store: Store) -> None:
    store.record("home", INBOX, page(mail(1), mail(2, sender=Party(BOB.address, "Robert"))), at=NOW)

    assert store.names(until=at(1)) == {ADA.address: {"Ada": 1}, BOB.address: {"Bob Example": 1}}


def test_what_is_read_together_is_of_one_moment(store: Store) -> None:
    store.record("home", INBOX, page(mail(1)), at=NOW)
    with Store.open(store.path) as other, store.reading():
        before = subjects(store)
        other.record("work", INBOX, page(mail(2)), at=NOW)
        assert subjects(store) == before

    assert subjects(store) == ["Looms 1", "Looms 2"]


class TestHidden:
    """What the user opted out is not seen, though it is still there."""

    def test_its_facts_names_and_coverage_are_not_there(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.record("work", INBOX, page(mail(2, to=(EVE,))), at=NOW)

        store.visible = frozenset({"home"})

        assert subjects(store) == ["Looms 1"]
        assert EVE.address not in store.names()
        assert [covered.account for covered in store.coverage()] == ["home"]

    def test_a_copy_shows_what_the_visible_one_says(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)
        store.record("work", INBOX, page(mail(1, bcc=(EVE,), labels=("secret",))), at=NOW)

        store.visible = frozenset({"home"})
        [fact] = store.facts(until=EVER)

        assert (fact.labels, fact.recipients) == (("INBOX",), (ADA.address,))

    def test_an_account_unknown_to_the_config_hides_nothing_else(self, store: Store) -> None:
        store.record("home", INBOX, page(mail(1)), at=NOW)

        store.visible = frozenset()

        assert subjects(store) == []


class TestCoverage:
    def test_an_archive_goes_from_its_first_to_its_last_mail(self, store: Store) -> None:
        store.account("old", "mbox", archive=True)
        store.record("old", INBOX, page(mail(1), mail(5)), at=NOW)
        store.record("old", Stream("b", "b"), page(mail(9)), at=NOW)

        assert store.coverage() == [Coverage("old", at(1), at(9), archive=True)]

    def test_reading_it_again_without_news_changes_nothing(self, store: Store) -> None:
        store.account("old", "mbox", archive=True)
        store.record("old", INBOX, page(mail(1), mail(5), complete=True), at=NOW)
        before = store.coverage()
        store.record("old", INBOX, page(complete=True), at=NOW + timedelta(days=1))

        assert store.coverage() == before

    def test_wrong_dates_do_not_stretch_it(self, store: Store) -> None:
        odd = [mail(700, sent=NOW + timedelta(days=3000)), mail(701, sent=NOW - timedelta(days=9000))]
        store.record("old", INBOX, page(*map(mail, range(100)), *odd), at=NOW)
        [covered] = store.coverage()

        assert (covered.start, covered.end) == (at(0), at(99))

    def test_a_mail_after_a_long_pause_counts_when_there_are_more(self, store: Store) -> None:
        late = [mail(n, sent=NOW + timedelta(days=n)) for n in range(900, 905)]
        store.record("old", INBOX, page(*map(mail, range(100)), *late), at=NOW + timedelta(days=2000))
        [covered] = store.coverage()

        assert covered.end == int(late[-1].sent.timestamp())


class TestRelated:
    def thread(self, *numbers: int, **changed: object) -> list[object]:
        return [mail(n, subject=f"About {n}", **changed) for n in numbers]

    def test_it_follows_answers_and_subjects_to_the_end(self, store: Store) -> None:
        others = [mail(n, sender=EVE, to=(ADA,), subject=f"Other {n}") for n in range(20, 60)]
        chain = [
            mail(1, sender=Party("cy@example.org"), to=(EVE,), subject="Warp"),
            mail(2, subject="AW: [weavers] Warp"),
            mail(3, subject="Weft", in_reply_to="2@mail.example.net", sender=EVE),
            mail(4, subject="Fwd: WEFT", sender=EVE),
        ]
        store.record("home", INBOX, page(*chain, *others), at=NOW)

        found = store.related(["cy@example.org"])

        assert found == {1, 2, 3, 4}

    def test_mails_without_a_subject_are_not_one_thread(self, store: Store) -> None:
        store.record("home", INBOX, page(*(mail(n, subject="Re:") for n in range(9)), mail(20, sender=EVE)), at=NOW)

        assert store.related([EVE.address]) == {10}

    def test_it_gives_up_beyond_a_third(self, store: Store) -> None:
        store.record("home", INBOX, page(*map(mail, range(9))), at=NOW)

        assert store.related([BOB.address]) is None

    def test_it_sees_what_came_since_the_last_time(self, store: Store) -> None:
        others = [mail(n, sender=EVE, subject=f"Other {n}") for n in range(20, 60)]
        cy = Party("cy@example.org")
        store.record("home", INBOX, page(mail(1, sender=cy), *others), at=NOW)
        assert store.related([cy.address]) == {1}

        store.record("home", INBOX, page(mail(2, sender=EVE, subject="Re: Looms 1"), cursor=2), at=NOW)

        assert store.related([cy.address]) == {1, 42}


def test_the_spans_in_which_somebody_wrote_are_those_with_a_mail_of_theirs(store: Store) -> None:
    numbers = (0, 1, 5, 9, 40, 41, 77)
    store.record("home", INBOX, page(*(mail(n, sender=ADA if n % 2 else BOB) for n in numbers), meeting(3)), at=NOW)
    span = 4 * (at(1) - at(0))

    for since, until in ((at(0) - 9 * span, at(99)), (at(1), at(41)), (at(1) + 1, at(41) - 1), (at(2), at(4))):
        wrote = {fact.at for fact in store.facts(since=since, until=until, addresses=[ADA.address])
                 if fact.sender == ADA.address and not fact.meeting}  # fmt: skip
        assert store.written([ADA.address], since, until, span) == {moment // span for moment in wrote}
    assert store.written([], at(0), at(77), span) == frozenset()
