import tomllib
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import getaddresses
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest

from agent.demo import CAST, CONFIG, HOME, LIST, ME, RULES, calendar, mailbox
from connectors.contract import Interaction
from connectors.mbox import Mbox, Options

NOW = datetime(2026, 5, 12, 7, tzinfo=ZoneInfo("Europe/London"))


def mails(now: datetime = NOW) -> list[EmailMessage]:
    """The demo's mails as the standard library reads them."""
    whole = b"\n" + mailbox(now)
    return [message_from_bytes(raw.partition(b"\n")[2], policy=default) for raw in whole.split(b"\nFrom ")[1:]]


MAILS = mails()


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[Interaction]:
    """The demo's mails as the connector reads them."""
    path = tmp_path_factory.mktemp("demo") / "demo.mbox"
    path.write_bytes(mailbox(NOW))
    connector = Mbox(Options(kind="mbox", path=Path(path)), now=NOW)
    pages = [page for stream in connector.streams() for page in connector.pull(stream, None)]
    assert [missed for page in pages for missed in page.missed] == []
    return [one for page in pages for one in page.found if isinstance(one, Interaction)]


def test_the_same_moment_gives_the_same_bytes() -> None:
    assert mailbox(NOW) == mailbox(NOW)
    assert calendar(NOW) == calendar(NOW)


def test_it_is_a_mailbox_of_some_hundreds_of_mails_over_about_two_years() -> None:
    days = [mail["Date"].datetime for mail in MAILS]

    assert 300 <= len(MAILS) <= 999
    assert timedelta(days=500) < max(days) - min(days) < timedelta(days=730)


def test_the_connector_reads_every_mail(found: list[Interaction]) -> None:
    assert len(found) == len(MAILS)
    assert {one.message_id for one in found} == {mail["Message-ID"].strip("<>") for mail in MAILS}


def test_what_the_user_wrote_lies_in_sent_and_nothing_else_does(found: list[Interaction]) -> None:
    for one in found:
        assert one.sender
        assert ("\\Sent" in one.labels) == (one.sender.address in (ME, HOME))


@pytest.mark.parametrize(
    "now",
    [
        NOW,
        datetime(2026, 5, 10, 0, 5, tzinfo=ZoneInfo("Europe/London")),
        datetime(2024, 2, 29, 23, 59, tzinfo=ZoneInfo("Pacific/Auckland")),
        datetime(2026, 3, 2, 6, tzinfo=UTC),
    ],
    ids=["a Tuesday", "just after midnight of a Sunday", "a leap day in the far east", "a Monday in UTC"],
)
def test_no_mail_is_of_the_future_or_of_a_weekend(now: datetime) -> None:
    for mail in mails(now):
        sent = mail["Date"].datetime
        assert sent <= now
        assert sent.weekday() < 5
        assert 8 <= sent.hour < 18


def test_no_two_mails_have_one_message_id() -> None:
    assert [id_ for id_, times in Counter(mail["Message-ID"] for mail in MAILS).items() if times > 1] == []


def test_an_answer_names_all_mails_of_its_thread_before_it() -> None:
    by_id = {mail["Message-ID"]: mail for mail in MAILS}
    answers = [mail for mail in MAILS if mail["In-Reply-To"]]

    assert len(answers) > 200
    for mail in answers:
        parents = mail["References"].split()
        assert parents[-1] == mail["In-Reply-To"]
        assert all(by_id[parent]["Date"].datetime < mail["Date"].datetime for parent in parents)
        assert mail["Subject"] == f"Re: {by_id[parents[0]]['Subject']}"


def test_all_of_it_is_invented() -> None:
    """`.example` belongs to nobody (RFC 2606)."""
    parties = [a for mail in MAILS for _, a in getaddresses([str(mail[h]) for h in ("From", "To", "Cc") if mail[h]])]
    events = [str(line) for line in calendar(NOW).decode().split("\r\n") if "mailto:" in line]

    assert {address.rpartition(".")[2] for address in parties} == {"example"}
    assert all(line.endswith(".example") for line in events)


def test_the_user_has_two_addresses_of_which_the_config_names_one() -> None:
    senders = Counter(mail["From"].addresses[0].addr_spec for mail in MAILS)

    assert tomllib.loads(CONFIG)["me"]["addresses"] == [ME]
    assert senders[ME] > senders[HOME] >= 3


def test_each_rule_has_a_name_and_a_person_of_its_own() -> None:
    cast = {somebody.address for somebody in CAST}

    assert len({rule.name for rule in RULES}) == len(RULES)
    assert len({rule.person for rule in RULES}) == len(RULES)
    assert {rule.person for rule in RULES} <= cast | {HOME, LIST}
    assert {rule.other for rule in RULES if rule.other} <= cast


def test_nobody_of_the_cast_is_there_for_nothing() -> None:
    shown = {rule.person for rule in RULES} | {rule.other for rule in RULES}

    assert {s.address for s in CAST} - shown == {"sofia@skerry.example"}  # who writes to the second address


def test_only_one_mail_asks_something_that_was_not_answered() -> None:
    waiting = [mail for mail in MAILS if "?" in mail.get_content() and mail["From"].addresses[0].addr_spec != ME]

    assert [mail["Subject"] for mail in waiting] == ["The loom and its width"]


class TestTheCalendar:
    def test_it_is_read_without_a_complaint(self) -> None:
        events = icalendar.Calendar.from_ical(calendar(NOW)).walk("VEVENT")

        assert [event.errors for event in events] == [[]] * 5
        assert len({str(event["UID"]) for event in events}) == 5

    def test_it_holds_a_meeting_of_each_sort(self) -> None:
        found = icalendar.Calendar.from_ical(calendar(NOW)).walk("VEVENT")
        events: dict[str, Any] = {str(event["SUMMARY"]): event for event in found}

        assert events["Lunch with Elena"].decoded("DTSTART") < NOW
        assert [a.params["PARTSTAT"] for a in events["Branch lines"]["ATTENDEE"]] == ["ACCEPTED", "DECLINED"]
        assert str(events["Lantern room"]["STATUS"]) == "CANCELLED"
        assert len(events["Council hour"]["ATTENDEE"]) > 8
        assert "RRULE" in events["Council hour"]
        assert events["Coffee with Inês"].decoded("DTSTART") > NOW

    def test_its_lines_are_no_longer_than_allowed(self) -> None:
        assert max(len(line) for line in calendar(NOW).split(b"\r\n")) <= 75
