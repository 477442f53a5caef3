"""The same on a real IMAP server: mails come, go and move, the network breaks, workers die; then the store is right."""

from datetime import datetime, timedelta

import pytest

from connectors.contract import Connector, Session
from tests.faults.machines import WHEN, run
from tests.faults.sources import Mailbox
from tests.servers.dovecot import Dovecot, letter
from tests.servers.proxy import leave_out

FOLDERS = ("INBOX", "Kept", "Sent")


class Served:
    """A mailbox on Dovecot."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.mailbox, self.epoch = Mailbox(dovecot), 4_000
        self.user = self.mailbox.user
        self.user.create("Kept")

    def there(self) -> set[int]:
        found = set()
        for folder in FOLDERS:
            with self.user.signed_in(folder) as client:
                shown = client.fetch(client.search(), ["BODY.PEEK[HEADER.FIELDS (SUBJECT)]"])
                found |= {int(one[b"BODY[HEADER.FIELDS (SUBJECT)]"].split()[-1]) for one in shown.values()}
        return found

    def deliver(self, place: int, numbers: range) -> None:
        self.user.append_all([letter(f"Looms {n}", at=WHEN + timedelta(hours=n)) for n in numbers], FOLDERS[place])

    def expunge(self, place: int, share: int) -> None:
        if uids := self.user.uids(FOLDERS[place])[:share]:
            self.user.expunge(uids, FOLDERS[place])

    def move(self, one: int, other: int, number: int, *, keep: bool) -> None:
        if uids := self.user.uids(FOLDERS[one])[:number]:
            (self.user.copy if keep else self.user.move)(uids, FOLDERS[one], FOLDERS[other])

    def renumber(self, place: int) -> None:
        self.epoch += 1
        self.user.set_uid_validity(self.epoch, FOLDERS[place])

    def recreate(self) -> None:
        self.user.delete("Kept")
        self.user.create("Kept")

    def cut_at(self, answer: int) -> None:
        self.mailbox.proxy.cut_at(answer)

    def leave_out(self, after: int) -> None:
        self.mailbox.proxy.at(rb"\* \d+ FETCH", leave_out, after=after, times=1)

    def heal(self) -> None:
        self.mailbox.heal()

    def connector(self, at: datetime, session: Session) -> Connector:
        return self.mailbox.connector(at, session)

    def close(self) -> None:
        self.mailbox.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_whatever_is_done_to_a_real_mailbox_in_whatever_order(dovecot: Dovecot) -> None:
    run(lambda: Served(dovecot))
