"""The digest is put into the own Gmail inbox: unread, arrived now, once, and by the narrowest right that there is."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agent.digest.compose import as_mail
from agent.outputs import Unsure
from agent.outputs.gmail import Gmail
from connectors.contract import NeedsUser, TryLater
from connectors.google import Options
from tests.agent.digest.samples import ADA as WHO
from tests.agent.digest.samples import MADE_AT, ME, digest_of
from tests.connectors.googles import ADA, INSERT, METADATA, NOW, READONLY, SENT, Home, letter
from tests.fakes import google_errors as say
from tests.fakes.plumbing import CUT, HANG_UP, RESET, STALL, TRUNCATED, Fault, html, says

DIGEST = digest_of(WHO)
MAIL = as_mail(DIGEST, ME, MADE_AT)


@pytest.fixture
def home() -> Iterator[Home]:
    with Home(METADATA, INSERT) as made:
        yield made
        made.kind()


def way(home: Home, *, said: list[str] | None = None, silence: float = 5.0) -> Gmail:
    options = Options.model_validate({"kind": "google", "address": ADA, "client": "/nowhere", "units": home.units})
    echo = said.append if said is not None else print
    return Gmail(options, home.kept, home.session(silence=silence), home.now, echo, home.endpoints)


def test_it_lies_in_the_inbox_unread_and_arrived_now(home: Home) -> None:
    said: list[str] = []
    told: list[int] = []

    way(home, said=said).deliver(DIGEST, MAIL, lambda: told.append(len(home.ada.mail.mails)))

    [mail] = home.ada.mail.mails.values()
    assert mail.raw == MAIL
    assert sorted(mail.labels) == ["INBOX", "UNREAD"]
    assert mail.at == NOW.timestamp() * 1_000
    assert told == [0]
    assert said == [f"The digest is in the inbox of {ADA}."]


def test_the_right_to_insert_is_enough_for_it(home: Home) -> None:
    home.scopes = (INSERT,)
    home.consent()

    way(home).deliver(DIGEST, MAIL)

    assert len(home.ada.mail.mails) == 1
    assert way(home).arrived(DIGEST.message_id) is None, "nobody can tell"


def test_without_the_right_nothing_is_handed_over(home: Home) -> None:
    home.scopes = (METADATA,)
    home.consent()

    with pytest.raises(NeedsUser, match="putting the digest into your inbox"):
        way(home).deliver(DIGEST, MAIL, lambda: pytest.fail("it was about to"))


@pytest.mark.parametrize("scope", [METADATA, READONLY], ids=["headers", "text"])
@pytest.mark.parametrize("since", ["there", "read", "archived", "thrown away"])
def test_it_is_found_again_wherever_the_user_has_put_it(home: Home, scope: str, since: str) -> None:
    home.scopes = (scope, INSERT)
    home.consent()
    output = way(home)
    for number in range(40):
        home.deliver(f"Number {number}", at=NOW - timedelta(days=3))

    assert output.arrived(DIGEST.message_id) is False
    output.deliver(DIGEST, MAIL)
    [mail] = [one for one in home.ada.mail.mails.values() if "CATEGORY_PERSONAL" not in one.labels]
    for _ in range(30):
        home.deliver("Another", at=NOW)
    if since != "there":
        home.ada.mail.unlabel(mail.id, "UNREAD")
    if since == "archived":
        home.ada.mail.unlabel(mail.id, "INBOX")
    if since == "thrown away":
        home.ada.mail.trash(mail.id)

    assert way(home).arrived(DIGEST.message_id) is True


def test_looking_for_it_ends_with_the_mails_of_the_day_before(home: Home) -> None:
    for number in range(60):
        home.deliver(f"Number {number}", at=NOW - timedelta(days=3 + number))

    assert way(home).arrived(DIGEST.message_id) is False
    assert len(home.calls("messages.get")) == 25


def test_a_mail_that_quotes_its_id_is_not_it(home: Home) -> None:
    home.ada.deliver(letter("Re: today", answers=DIGEST.message_id, at=NOW), SENT, NOW)

    assert way(home).arrived(DIGEST.message_id) is False


@pytest.mark.parametrize(
    "fault", [CUT, RESET, HANG_UP, STALL, TRUNCATED, html(200), says(503), html(502)],
    ids=["cut", "reset", "hung up on", "silence", "truncated", "a page", "503", "502"],
)  # fmt: skip
def test_who_hears_nothing_back_is_unsure_and_does_not_send_twice(home: Home, fault: Fault) -> None:
    home.fake.at("POST /gmail", fault)

    with pytest.raises(Unsure):
        way(home, silence=0.2).deliver(DIGEST, MAIL)

    assert len([line for line, _ in home.fake.log if "POST /gmail" in line]) <= 1


@pytest.mark.parametrize("fault", [Fault(say.rate_limited()), Fault(say.forbidden("no"))], ids=["limit", "403"])
def test_who_is_refused_knows_that_nothing_was_delivered(home: Home, fault: Fault) -> None:
    home.fake.at("POST /gmail", fault)

    with pytest.raises(TryLater) as caught:
        way(home).deliver(DIGEST, MAIL)

    assert not isinstance(caught.value, Unsure)
    assert home.ada.mail.mails == {}


def test_a_consent_that_is_gone_is_said_before_anything_is_handed_over(home: Home) -> None:
    home.grant.dead = True

    with pytest.raises(NeedsUser, match="consent"):
        way(home).deliver(DIGEST, MAIL, lambda: pytest.fail("it was about to"))


def test_the_doubt_stays_where_gmail_does_not_answer(home: Home) -> None:
    home.deliver("Another", at=NOW)
    home.fake.at("GET /gmail/v1/users/me/messages/", says(503))

    with pytest.raises(TryLater):
        way(home).arrived(DIGEST.message_id)
