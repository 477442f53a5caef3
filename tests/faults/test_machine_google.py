"""The same at Google: mail in Gmail and events in calendars, over Google's own client."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.contract import Connector, Session
from tests.fakes.google_calendar import Calendar
from tests.fakes.google_mail import Mail
from tests.fakes.plumbing import CUT, HANG_UP
from tests.faults.google_sources import API, AtGoogle, GmailBox, GoogleDiary
from tests.faults.machines import WHEN, run
from tests.faults.sources import ME
from tests.servers.dovecot import letter


class Served:
    """What mail and calendar have in common."""

    source: AtGoogle

    def cut_at(self, answer: int) -> None:
        self.source.fake.at(API, CUT, times=1, after=(answer - 1) % 12)

    def heal(self) -> None:
        self.source.heal()

    def connector(self, at: datetime, session: Session) -> Connector:
        return self.source.connector(at, session)

    def close(self) -> None:
        self.source.close()


class ServedMail(Served):
    """A Gmail mailbox: a place is a label, what has none of them is in the archive."""

    def __init__(self) -> None:
        self.source: GmailBox = GmailBox()
        self.mail = self.source.user.mail
        self.labels = ["INBOX", self.mail.add_label("Kept"), "SENT"]

    def there(self) -> set[int]:
        live = [mail for mail in self.mail.mails.values() if "TRASH" not in mail.labels]
        return {int(str(mail.parsed()["Subject"]).split()[-1]) for mail in live}

    def having(self, place: int) -> list[Mail]:
        return [mail for mail in self.mail.mails.values() if self.labels[place] in mail.labels]

    def deliver(self, place: int, numbers: range) -> None:
        for n in numbers:
            when = WHEN + timedelta(hours=n)
            self.mail.deliver(letter(f"Looms {n}", at=when), [self.labels[place]], when)

    def expunge(self, place: int, share: int) -> None:
        """Every other one is only thrown away, and may be taken back by a move."""
        for n, mail in enumerate(self.having(place)[:share]):
            (self.mail.trash if n % 2 else self.mail.delete)(mail.id)

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        for mail in self.having(one)[:number]:
            self.mail.unlabel(mail.id, "TRASH")
            self.mail.label(mail.id, self.labels[other])
            if not keep:
                self.mail.unlabel(mail.id, self.labels[one])

    def renumber(self, place: int) -> None:
        """The history is forgotten; from then on lists come in another order."""
        self.mail.forget_history()
        self.source.user.gmail.shuffled = place == 1
        self.source.user.gmail.pager.empty = 2 if place == 2 else 0

    def recreate(self) -> None:
        self.mail.delete_label(self.labels[1])
        self.labels[1] = self.mail.add_label("Kept")

    def leave_out(self, after: int) -> None:
        self.source.fake.at("GET .*/(messages|threads)/", HANG_UP, times=1, after=after)


class ServedEvents(Served):
    """Three calendars of one account."""

    def __init__(self) -> None:
        self.source: GoogleDiary = GoogleDiary()
        self.calendars = self.source.user.calendars
        self.places = [self.calendars.primary, self.calendars.add("Kept"), self.calendars.add("Sent")]

    def live(self, calendar: Calendar) -> list[dict[str, Any]]:
        return [one for one in calendar.events.values() if one["status"] != "cancelled"]

    def there(self) -> set[int]:
        return {int(one["summary"].split()[-1]) for calendar in self.places for one in self.live(calendar)}

    def deliver(self, place: int, numbers: range) -> None:
        for n in numbers:
            other = {"email": "otto@brand.example", "responseStatus": "accepted"}
            me = {"email": ME, "self": True}
            self.places[place].put_event(
                WHEN + timedelta(hours=n), id_=f"n{n:05}", summary=f"Looms {n}", organizer=me, attendees=[other]
            )

    def expunge(self, place: int, share: int) -> None:
        for one in self.live(self.places[place])[:share]:
            self.places[place].cancel(one["id"])

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        for event in self.live(self.places[one])[:number]:
            if event["id"] in {each["id"] for each in self.live(self.places[other])}:
                continue
            if keep:
                self.places[other].put(event)
            else:
                self.places[one].move(event["id"], self.places[other])

    def renumber(self, place: int) -> None:
        """The tokens expire, and what was deleted is not even told of."""
        self.places[place].purge()

    def recreate(self) -> None:
        self.calendars.remove(self.places[1].id)
        self.places[1] = self.calendars.add("Kept", id_=f"{self.calendars.version}@group.calendar.google.com")

    def leave_out(self, after: int) -> None:
        """A calendar leaves nothing out; a page comes twice instead."""
        self.calendars.pager.repeats = bool(after % 2)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_a_gmail_mailbox_in_whatever_order() -> None:
    run(ServedMail)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_google_calendars_in_whatever_order() -> None:
    run(ServedEvents)
