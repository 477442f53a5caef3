"""How well is Gmail's quota used, and what does a mail cost of it? On a fake that counts, with a clock of its own.

    python bench/gmail.py [--messages 600] [--units 6000] [--sent 0.3]

The clock stands still but for what the connector waits, and for what each answer takes of it (`--latency` seconds).
"""

import argparse
import random
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.cli.opening import InHand
from connectors.contract import Session
from connectors.gmail import MAILBOX, Gmail
from connectors.gmail_listing import COST, LISTED
from connectors.gmail_mails import BY_THREAD
from connectors.google_api import Api, Endpoints
from connectors.google_scopes import METADATA
from connectors.google_tokens import GoogleTokens, Held
from tests.fakes.google import Clock, Google

ME = "me@home.example"
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=600)
    parser.add_argument("--units", type=int, default=6_000)
    parser.add_argument("--sent", type=float, default=0.3, help="the share that the user sent")
    parser.add_argument("--latency", type=float, default=0.2)
    args = parser.parse_args()
    clock = Clock(NOW)
    with Google(clock) as fake:
        fake.user(ME)
        fake.quota(args.units)
        least = fill(fake, args.messages, args.sent)
        fake.when(r"^(GET|POST) ", lambda: clock.pass_by(args.latency / 25), times=1_000_000)  # parts of a batch too
        show(fake, clock, args.units, args.messages, least)


def fill(fake: Google, messages: int, sent: float) -> int:
    """A mailbox in threads; gives the least units for which its mails can be had."""
    dice, left, units = random.Random(1), messages, 0
    while left:
        size = min(left, dice.choice((1, 1, 1, 2, 2, 3, 4, 7)))
        first = f"{left}@mail.example"
        for number in range(size):
            at = NOW - timedelta(minutes=10 * left - number)
            labels = ["SENT"] if dice.random() < sent else ["INBOX"] if dice.random() < 0.5 else ["CATEGORY_UPDATES"]
            fake.user(ME).deliver(letter(first, number, at), labels, at)
        left -= size
        units += COST["thread"] if size >= BY_THREAD else size * COST["mail"]
    return units + -(-messages // LISTED) * COST["list"]


def letter(first: str, number: int, at: datetime) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Date"] = "Bob <bob@example.com>", ME, format_datetime(at)
    mail["Subject"] = f"{'Re: ' if number else ''}Matter {first.partition('@')[0]}"
    mail["Message-ID"] = f"<{number}.{first}>"
    if number:
        mail["References"] = f"<0.{first}>"
    mail.set_content("Words.\n")
    return mail


def show(fake: Google, clock: Clock, units: int, messages: int, least: int) -> None:
    started, cpu = clock(), time.process_time()
    session = Session(clock, rest=clock.pass_by)
    with opened(fake, session, units) as gmail:
        first, seen = 0.0, 0
        for page in gmail.pull(MAILBOX, None):
            seen += len(page.found)
            first = first or clock() - started
    took = clock() - started
    rows = (
        ("mails", f"{seen:,} of {messages:,}"),
        ("first page after", f"{first:.1f} s"),
        ("all after", f"{took / 60:.1f} min"),
        ("of the quota used", f"{fake.units / (took / 60) / units:.1%}"),
        ("units, by the least there can be", f"{fake.units / least:.3f}"),
        ("refused for the quota", f"{fake.refused}"),
        ("CPU a mail, the fake's included", f"{(time.process_time() - cpu) / messages * 1_000:.1f} ms"),
        ("peak memory, the fake's included", f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"),
    )
    for name, value in rows:
        print(f"{name:36} {value}")


@contextmanager
def opened(fake: Google, session: Session, units: int) -> Iterator[Gmail]:
    grant, told = fake.consents.consent(ME, METADATA), fake.consents
    held = Held(grant.refresh, told.client_id, told.client_secret, ME, (METADATA,), NOW)
    at = Endpoints.at(fake.url)
    tokens = GoogleTokens(InHand(held.text()), session, now=NOW, endpoints=at)
    api = Api(tokens, session, now=NOW, endpoints=at, units=units)
    try:
        yield Gmail(api)
    finally:
        api.close()


if __name__ == "__main__":
    main()
