"""The fake of Google, asked by Google's own client."""

import base64
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import google_auth_httplib2
import httplib2
import pytest
from google.auth.exceptions import RefreshError
from google.oauth2.credentials import Credentials
from google_auth_oauthlib.flow import Flow
from googleapiclient import discovery_cache
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaInMemoryUpload

from tests.fakes import google_errors as say
from tests.fakes import plumbing
from tests.fakes.google import (
    AUTH,
    CALENDAR_LIST_READONLY,
    EVENTS_READONLY,
    GMAIL_INSERT,
    GMAIL_METADATA,
    GMAIL_READONLY,
    Clock,
    Google,
    User,
)
from tests.fakes.google_calendar import at
from tests.fakes.google_consent import TESTING, Grant, Hand, go_through
from tests.fakes.plumbing import CUT, HANG_UP, RESET, STALL, TRUNCATED, Fault
from tests.servers import chromium

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALENDAR = (EVENTS_READONLY, CALENDAR_LIST_READONLY)
ADA = "ada@example.org"


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def fake(clock: Clock) -> Iterator[Google]:
    with Google(clock) as fake:
        yield fake
    assert fake.crashes == []


@pytest.fixture
def ada(fake: Google) -> User:
    return fake.user(ADA)


def letter(key: str, re_: str = "", subject: str = "", day: int = 0, **more: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"] = "Otto Brand <otto@brand.example>", ADA
    made["Subject"] = subject or ("Re: Looms" if re_ else "Looms")
    made["Date"] = format_datetime(NOW + day * DAY)
    made["Message-ID"] = f"<{key}@mail.example>"
    if re_:
        made["References"] = made["In-Reply-To"] = f"<{re_}@mail.example>"
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content(f"Some words on {key}.\n")
    return made


def signed(fake: Google, *scopes: str, who: str = ADA) -> Grant:
    return fake.consents.consent(who, *scopes)


def service(fake: Google, name: str, grant: Grant, timeout: float = 5) -> Any:
    """Google's own client, with the fake as its Google."""
    document = json.loads(discovery_cache.get_static_doc(name, {"gmail": "v1", "calendar": "v3"}[name]))
    for root in ("rootUrl", "baseUrl", "mtlsRootUrl"):
        document[root] = f"{fake.url}/"
    http = google_auth_httplib2.AuthorizedHttp(credentials(fake, grant), http=httplib2.Http(timeout=timeout))
    return build_from_document(document, http=http)


def credentials(fake: Google, grant: Grant) -> Credentials:
    return Credentials(
        fake.consents.token(grant),
        refresh_token=grant.refresh,
        token_uri=f"{fake.url}/token",
        client_id=fake.consents.client_id,
        client_secret=fake.consents.client_secret,
    )


@pytest.fixture
def users(fake: Google, ada: User) -> Iterator[Any]:
    """Gmail's users(), under gmail.metadata."""
    gmail = service(fake, "gmail", signed(fake, GMAIL_METADATA))
    yield gmail.users()
    gmail.close()


@pytest.fixture
def events(fake: Google, ada: User) -> Iterator[Any]:
    calendar = service(fake, "calendar", signed(fake, *CALENDAR))
    yield calendar.events()
    calendar.close()


def fetched(url: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """A request that is not the client's."""
    http = httplib2.Http(timeout=5)
    try:
        if form is None:
            said, body = http.request(url, headers=headers)
        else:
            sort = {"Content-Type": "application/x-www-form-urlencoded"}
            said, body = http.request(url, "POST", urlencode(form), sort)
        return said.status, body
    finally:
        http.close()


def refused(request: Any) -> tuple[int, str]:
    """The status of a refusal, and its reason."""
    with pytest.raises(HttpError) as caught:
        request.execute()
    return caught.value.resp.status, json.loads(caught.value.content)["error"]["errors"][0]["reason"]


def every(ask: Callable[..., Any], name: str, following: Callable[..., Any], **asked: Any) -> list[Any]:
    """All pages of a list."""
    found, request = [], ask(**asked)
    while request is not None:
        told = request.execute()
        found += told.get(name, [])
        request = following(request, told)
    return found


class TestAMailbox:
    def test_lists_newest_first_in_pages(self, ada: User, users: Any, fake: Google) -> None:
        made = [ada.deliver(letter(f"k{n}"), at=NOW - n * HOUR).id for n in range(5)]

        first = users.messages().list(userId="me", maxResults=2).execute()
        found = every(users.messages().list, "messages", users.messages().list_next, userId="me", maxResults=2)

        assert [one["id"] for one in found] == made
        assert len(first["messages"]) == 2
        assert first["nextPageToken"]
        assert fake.breaches == []

    def test_an_empty_list_has_no_messages(self, users: Any) -> None:
        assert users.messages().list(userId="me").execute() == {"resultSizeEstimate": 0}

    def test_leaves_out_spam_and_trash_unless_they_are_asked_for(self, ada: User, users: Any) -> None:
        here, spam = ada.deliver(letter("a")), ada.deliver(letter("b"), ["SPAM"])
        gone = ada.deliver(letter("c"))
        ada.mail.trash(gone.id)

        def ids(**asked: Any) -> set[str]:
            return {one["id"] for one in users.messages().list(userId="me", **asked).execute().get("messages", [])}

        assert ids() == {here.id}
        assert ids(labelIds="SPAM") == {spam.id}
        assert ids(includeSpamTrash=True) == {here.id, spam.id, gone.id}
        assert ids(labelIds=["INBOX", "UNREAD"]) == {here.id}

    def test_shows_the_headers_that_are_asked_for_and_no_text(self, ada: User, users: Any) -> None:
        made = ada.deliver(letter("a", subject="Über Webstühle", List_Id="<list.example>"), at=NOW)

        told = users.messages().get(
            userId="me", id=made.id, format="metadata", metadataHeaders=["subject", "Message-ID", "Cc"]
        ).execute()  # fmt: skip

        assert told["internalDate"] == str(int(NOW.timestamp() * 1000))
        assert told["labelIds"] == ["INBOX", "UNREAD", "CATEGORY_PERSONAL"]
        assert {one["name"]: one["value"] for one in told["payload"]["headers"]} == {
            "Subject": "Über Webstühle",
            "Message-ID": "<a@mail.example>",
        }
        assert "words" not in json.dumps(told)

    def test_shows_encoded_words_as_they_are_where_it_is_told_to(self, ada: User, users: Any) -> None:
        ada.gmail.decoded = False
        made = ada.deliver(letter("a", subject="Über Webstühle"))

        told = users.messages().get(userId="me", id=made.id, format="metadata").execute()

        assert "=?utf-8?q?" in json.dumps(told)

    def test_gives_the_text_to_whoever_may_read_it(self, fake: Google, ada: User) -> None:
        users = service(fake, "gmail", signed(fake, GMAIL_READONLY)).users()
        mail = letter("a")
        mail.add_attachment(b"pattern", maintype="application", subtype="pdf", filename="loom.pdf")
        made = ada.deliver(mail)

        full = users.messages().get(userId="me", id=made.id).execute()
        raw = users.messages().get(userId="me", id=made.id, format="raw").execute()

        text, file = full["payload"]["parts"]
        assert base64.urlsafe_b64decode(text["body"]["data"]) == b"Some words on a.\n"
        assert (file["filename"], file["partId"], file["body"]["size"]) == ("loom.pdf", "1", 7)
        assert base64.urlsafe_b64decode(raw["raw"]) == made.raw
        assert full["snippet"] == "Some words on a."
        users.close()

    def test_puts_answers_into_the_thread_of_what_they_answer(self, ada: User, users: Any) -> None:
        first = ada.deliver(letter("a"), at=NOW)
        answer = ada.send(letter("b", "a"), NOW + HOUR)
        ada.deliver(letter("c", "a", subject="Something else"))
        ada.deliver(letter("d"))

        threads = users.threads().list(userId="me").execute()["threads"]
        thread = users.threads().get(userId="me", id=first.thread, format="metadata").execute()

        assert len(threads) == 3
        assert [one["id"] for one in thread["messages"]] == [first.id, answer.id]

    def test_names_its_labels(self, ada: User, users: Any) -> None:
        label = ada.mail.add_label("Weavers")
        ada.deliver(letter("a"), ["INBOX", label])
        ada.mail.rename_label(label, "Looms")

        named = {one["id"]: one for one in users.labels().list(userId="me").execute()["labels"]}
        counted = users.labels().get(userId="me", id=label).execute()

        assert (named[label]["name"], named[label]["type"], named["SENT"]["type"]) == ("Looms", "user", "system")
        assert (counted["messagesTotal"], counted["messagesUnread"]) == (1, 0)

    @pytest.mark.parametrize("way", ["raw", "multipart", "media"])
    def test_takes_a_mail_in(self, fake: Google, ada: User, way: str) -> None:
        messages = service(fake, "gmail", signed(fake, GMAIL_INSERT)).users().messages()
        mail = letter("digest", day=-1).as_bytes()
        upload = MediaInMemoryUpload(mail, "message/rfc822")
        body: dict[str, Any] = {"labelIds": ["INBOX", "UNREAD"]}
        asked: dict[str, Any] = {
            "raw": {"body": body | {"raw": base64.urlsafe_b64encode(mail).decode()}},
            "multipart": {"body": body, "media_body": upload},
            "media": {"media_body": upload},
        }[way]

        told = messages.insert(userId="me", internalDateSource="dateHeader", **asked).execute()

        kept = ada.mail.mails[told["id"]]
        assert (kept.raw, kept.at) == (mail, int((NOW - DAY).timestamp() * 1000))
        assert kept.labels == ([] if way == "media" else ["INBOX", "UNREAD"])
        assert fake.breaches == []
        messages.close()


class TestTheHistory:
    def test_tells_what_happened_since(self, ada: User, users: Any) -> None:
        kept, gone = ada.deliver(letter("a")), ada.deliver(letter("b"))
        start = users.getProfile(userId="me").execute()["historyId"]
        new = ada.deliver(letter("c"))
        ada.mail.move(kept.id, "STARRED")
        ada.mail.delete(gone.id)

        told = users.history().list(userId="me", startHistoryId=start).execute()

        [added, starred, out, deleted] = told["history"]
        assert added["messagesAdded"] == [{"message": {"id": new.id, "threadId": new.thread}}]
        assert starred["labelsAdded"][0]["labelIds"] == ["STARRED"]
        assert out["labelsRemoved"] == [{"message": {"id": kept.id, "threadId": kept.thread}, "labelIds": ["INBOX"]}]
        assert deleted["messagesDeleted"][0]["message"]["id"] == gone.id
        assert told["historyId"] == deleted["id"] == users.getProfile(userId="me").execute()["historyId"]
        assert int(added["id"]) > int(start) + 1, "ids have gaps"
        assert refused(users.messages().get(userId="me", id=gone.id, format="minimal")) == (404, "notFound")

    def test_tells_of_the_kinds_and_the_label_that_are_asked_for(self, ada: User, users: Any) -> None:
        start = str(ada.mail.history)
        one, sent = ada.deliver(letter("a")), ada.send(letter("b"))
        ada.mail.label(one.id, "STARRED")

        def told(**asked: Any) -> list[str]:
            found = users.history().list(userId="me", startHistoryId=start, **asked).execute().get("history", [])
            return [record["messages"][0]["id"] for record in found]

        assert told(historyTypes=["messageAdded"]) == [one.id, sent.id]
        assert told(historyTypes=["labelAdded"]) == [one.id]
        assert told(labelId="SENT") == [sent.id]

    def test_is_404_where_it_is_forgotten(self, ada: User, users: Any, clock: Clock) -> None:
        old = ada.mail.history
        ada.mail.history_kept = 3600
        one = ada.deliver(letter("a"))
        clock.pass_by(7200)

        assert refused(users.history().list(userId="me", startHistoryId=str(old))) == (404, "notFound")
        assert refused(users.history().list(userId="me", startHistoryId=str(one.history - 1))) == (404, "notFound")
        assert "history" not in users.history().list(userId="me", startHistoryId=str(one.history)).execute(), "quiet"
        ada.forget_history()
        assert refused(users.history().list(userId="me", startHistoryId=str(one.history))) == (404, "notFound")
        fresh = users.getProfile(userId="me").execute()["historyId"]
        assert users.history().list(userId="me", startHistoryId=fresh).execute() == {"historyId": fresh}

    def test_may_begin_with_pages_without_history(self, ada: User, users: Any) -> None:
        start = str(ada.mail.history)
        made = [ada.deliver(letter(f"k{n}")).id for n in range(3)]
        ada.gmail.pager.empty = 2

        first = users.history().list(userId="me", startHistoryId=start).execute()
        found = every(
            users.history().list, "history", users.history().list_next, userId="me", startHistoryId=start, maxResults=2
        )

        assert "history" not in first
        assert first["nextPageToken"]
        assert [record["messages"][0]["id"] for record in found] == made


class TestItsLies:
    def test_lists_in_no_order(self, ada: User, users: Any) -> None:
        made = [ada.deliver(letter(f"k{n}"), at=NOW - n * HOUR).id for n in range(12)]
        ada.gmail.shuffled = True

        found = every(users.messages().list, "messages", users.messages().list_next, userId="me", maxResults=5)

        assert [one["id"] for one in found] != made
        assert sorted(one["id"] for one in found) == sorted(made)

    def test_serves_pages_twice(self, ada: User, users: Any) -> None:
        made = [ada.deliver(letter(f"k{n}"), at=NOW - n * HOUR).id for n in range(4)]
        ada.gmail.pager.repeats = True

        found = every(users.messages().list, "messages", users.messages().list_next, userId="me", maxResults=2)

        assert [one["id"] for one in found] == [*made[:2], *made[:2], *made[2:]]

    def test_refuses_page_tokens(self, fake: Google, ada: User, users: Any) -> None:
        for n in range(3):
            ada.deliver(letter(f"k{n}"))
        token = users.messages().list(userId="me", maxResults=2).execute()["nextPageToken"]

        other = users.messages().list(userId="me", labelIds="INBOX", pageToken=token)
        assert refused(other) == (400, "invalidArgument"), "it was given for another question"
        fake.forget_pages()
        assert refused(users.messages().list(userId="me", pageToken=token)) == (400, "invalidArgument")

    def test_lists_what_it_does_not_give_and_gives_what_it_does_not_list(self, ada: User, users: Any) -> None:
        one, other = ada.deliver(letter("a")), ada.deliver(letter("b"))
        ada.mail.unfetchable.add(one.id)
        ada.mail.unlisted.add(other.id)

        assert [each["id"] for each in users.messages().list(userId="me").execute()["messages"]] == [one.id]
        assert refused(users.messages().get(userId="me", id=one.id, format="minimal")) == (404, "notFound")
        assert users.messages().get(userId="me", id=other.id, format="minimal").execute()["id"] == other.id

    def test_is_empty_at_once(self, fake: Google, ada: User, users: Any, events: Any) -> None:
        ada.deliver(letter("a"))
        ada.calendars.primary.put_event(NOW)
        fake.hollow()

        assert "messages" not in users.messages().list(userId="me").execute()
        assert users.getProfile(userId="me").execute()["messagesTotal"] == 0
        assert events.list(calendarId="primary").execute()["items"] == []

    @pytest.mark.parametrize(
        ("fault", "status"),
        [
            (plumbing.html(200, "Sign in"), 200),
            (plumbing.html(503), 503),
            (plumbing.says(500, b"<html>", Content_Type="text/html"), 500),
            (TRUNCATED, 200),
            (plumbing.portal("/portal"), 200),
        ],
        ids=["html 200", "html 503", "html 500", "truncated", "captive portal"],
    )
    def test_says_what_is_no_json(self, fake: Google, users: Any, fault: Fault, status: int) -> None:
        fake.at("profile", fault)

        if status == 200:
            assert isinstance(users.getProfile(userId="me").execute(), str), "the client does not mind"
        else:
            with pytest.raises(HttpError) as caught:
                users.getProfile(userId="me").execute()
            assert caught.value.resp.status == status

    @pytest.mark.parametrize("fault", [CUT, RESET, HANG_UP, STALL], ids=["cut", "reset", "hang up", "stall"])
    def test_breaks_off(self, fake: Google, ada: User, fault: Fault) -> None:
        users = service(fake, "gmail", signed(fake, GMAIL_METADATA), timeout=0.3).users()
        fake.at("profile", fault)

        with pytest.raises((OSError, httplib2.HttpLib2Error, HTTPException)):
            users.getProfile(userId="me").execute()
        users.close()
        fake.heal()
        users = service(fake, "gmail", signed(fake, GMAIL_METADATA)).users()  # httplib2 would go on with what is broken
        assert users.getProfile(userId="me").execute()["emailAddress"] == ADA
        users.close()

    @pytest.mark.parametrize(
        ("answer", "expected"),
        [
            (say.rate_limited(), (429, "rateLimitExceeded")),
            (say.rate_limited(403, "userRateLimitExceeded"), (403, "userRateLimitExceeded")),
            (say.rate_limited(403), (403, "rateLimitExceeded")),
            (say.insufficient(), (403, "insufficientPermissions")),
            (say.domain_policy(), (403, "domainPolicy")),
            (say.not_enabled(), (403, "accessNotConfigured")),
            (say.backend_error(), (503, "backendError")),
            (say.bandwidth("2026-03-02T09:00:00Z"), (429, "rateLimitExceeded")),
        ],
        ids=lambda one: str(one[1]) if isinstance(one, tuple) else "",
    )
    def test_refuses_with_the_words_that_are_documented(
        self, fake: Google, users: Any, answer: plumbing.Answer, expected: tuple[int, str]
    ) -> None:
        fake.at("profile", Fault(answer))

        assert refused(users.getProfile(userId="me")) == expected

    @pytest.mark.parametrize("says", ["7", "2.128", "Mon, 02 Mar 2026 09:00:00 GMT"], ids=["whole", "float", "date"])
    def test_says_when_to_come_back(self, fake: Google, users: Any, says: str) -> None:
        fake.at("profile", Fault(say.rate_limited(retry_after=says)))

        with pytest.raises(HttpError) as caught:
            users.getProfile(userId="me").execute()

        assert caught.value.resp["retry-after"] == says

    def test_does_something_between_two_requests(self, fake: Google, ada: User, users: Any) -> None:
        one = ada.deliver(letter("a"))
        fake.when(r"GET .*/messages/", lambda: ada.mail.delete(one.id))

        [listed] = users.messages().list(userId="me").execute()["messages"]

        assert refused(users.messages().get(userId="me", id=listed["id"], format="minimal")) == (404, "notFound")


class TestABatch:
    def ask(self, users: Any, ids: list[str], fake: Google) -> dict[str, Any]:
        """The answer or the status of each."""
        told: dict[str, Any] = {}
        gmail = service(fake, "gmail", signed(fake, GMAIL_METADATA))
        batch = gmail.new_batch_http_request(
            callback=lambda id_, said, trouble: told.__setitem__(id_, trouble.resp.status if trouble else said["id"])
        )
        for id_ in ids:
            batch.add(gmail.users().messages().get(userId="me", id=id_, format="minimal"), request_id=id_)
        try:
            batch.execute()
        finally:
            gmail.close()
        return told

    def test_answers_each_part(self, fake: Google, ada: User, users: Any) -> None:
        ids = [ada.deliver(letter(f"k{n}")).id for n in range(25)]

        assert self.ask(users, [*ids, "abc"], fake) == {id_: id_ for id_ in ids} | {"abc": 404}
        assert (fake.units, fake.refused, fake.breaches) == (26 * 20, 0, [])
        assert [called.batch for called in fake.calls] == [True] * 26

    def test_lets_single_parts_fail(self, fake: Google, ada: User, users: Any) -> None:
        ids = [ada.deliver(letter(f"k{n}")).id for n in range(9)]
        fake.at("GET .*messages/", Fault(say.rate_limited()), every=3)

        told = self.ask(users, ids, fake)

        assert sorted(one for one in told.values() if one == 429) == [429, 429, 429]
        assert sum(one == id_ for id_, one in told.items()) == 6

    def test_leaves_a_part_out(self, fake: Google, ada: User, users: Any) -> None:
        ids = [ada.deliver(letter(f"k{n}")).id for n in range(3)]
        fake.at(f"messages/{ids[1]}", HANG_UP)

        with pytest.raises(KeyError):  # the client looks for every part's answer
            self.ask(users, ids, fake)

    def test_is_refused_where_it_is_too_large(self, fake: Google, ada: User, users: Any) -> None:
        ids = [ada.deliver(letter(f"k{n}")).id for n in range(101)]

        with pytest.raises(HttpError) as caught:
            self.ask(users, ids, fake)

        assert caught.value.resp.status == 400
        assert fake.breaches == ["a batch of 101"]

    def test_of_a_hundred_is_too_much_at_once_and_for_a_while_even_one_of_fifty(
        self, fake: Google, ada: User, users: Any, clock: Clock
    ) -> None:
        fake.quota(None)
        ids = [ada.deliver(letter(f"k{n}")).id for n in range(100)]

        def failed(n: int) -> int:
            return sum(one == 429 for one in self.ask(users, ids[:n], fake).values())

        assert failed(25) == 0
        assert failed(50) == 0
        assert failed(100) == 50
        assert failed(50) == 25
        assert failed(25) == 0
        clock.pass_by(11)
        assert failed(50) == 0
        assert ada.meter.most == 100


class TestQuota:
    def test_slides_over_a_minute(self, fake: Google, ada: User, users: Any, clock: Clock) -> None:
        one = ada.deliver(letter("a"))
        get = users.messages().get(userId="me", id=one.id, format="minimal")
        for _ in range(299):
            get.execute()
        clock.pass_by(30)
        get.execute()

        assert refused(get) == (429, "rateLimitExceeded")
        assert refused(users.getProfile(userId="me")) == (429, "rateLimitExceeded")
        clock.pass_by(29)
        assert refused(get) == (429, "rateLimitExceeded")
        clock.pass_by(1)
        get.execute()
        assert (fake.units, fake.refused) == (301 * 20, 3)
        assert sum(ada.meter.by_minute.values()) == fake.units

    @pytest.mark.parametrize(
        ("ask", "units"),
        [
            (lambda users, one: users.getProfile(userId="me"), 1),
            (lambda users, one: users.labels().list(userId="me"), 1),
            (lambda users, one: users.history().list(userId="me", startHistoryId=one.history), 2),
            (lambda users, one: users.messages().list(userId="me"), 5),
            (lambda users, one: users.threads().list(userId="me"), 10),
            (lambda users, one: users.messages().get(userId="me", id=one.id, format="minimal"), 20),
            (lambda users, one: users.threads().get(userId="me", id=one.thread, format="minimal"), 40),
        ],
        ids=["profile", "labels", "history", "messages", "threads", "message", "thread"],
    )
    def test_costs_what_it_costs_in_2026(self, fake: Google, ada: User, users: Any, ask: Any, units: int) -> None:
        one = ada.deliver(letter("a"))

        ask(users, one).execute()

        assert fake.units == units

    def test_is_counted_for_each_user(self, fake: Google, ada: User, users: Any) -> None:
        fake.user("eve@example.org")
        ada.meter.limit = 1
        eve = service(fake, "gmail", signed(fake, GMAIL_METADATA, who="eve@example.org")).users()
        users.getProfile(userId="me").execute()

        assert refused(users.getProfile(userId="me")) == (429, "rateLimitExceeded")
        assert eve.getProfile(userId="me").execute()["emailAddress"] == "eve@example.org"
        eve.close()


class TestScopes:
    def test_gmail_metadata_opens_neither_search_nor_text(self, fake: Google, ada: User, users: Any) -> None:
        one = ada.deliver(letter("a"))

        assert refused(users.messages().list(userId="me", q="")) == (403, "forbidden")
        assert refused(users.messages().get(userId="me", id=one.id)) == (403, "forbidden")
        assert refused(users.threads().get(userId="me", id=one.thread, format="full")) == (403, "forbidden")
        assert len(fake.breaches) == 3

    def test_gmail_metadata_closes_what_readonly_would_open(self, fake: Google, ada: User) -> None:
        users = service(fake, "gmail", signed(fake, GMAIL_METADATA, GMAIL_READONLY)).users()

        assert refused(users.messages().list(userId="me", q="from:otto")) == (403, "forbidden")
        users.close()

    @pytest.mark.parametrize(
        ("name", "ask"),
        [
            ("gmail", lambda one: one.users().messages().insert(userId="me", body={"raw": "YQ=="})),
            ("calendar", lambda one: one.calendarList().list()),
            ("calendar", lambda one: one.events().list(calendarId="primary")),
        ],
        ids=["insert", "list of calendars", "events"],
    )
    def test_open_only_what_they_name(self, fake: Google, ada: User, name: str, ask: Any) -> None:
        api = service(fake, name, signed(fake, GMAIL_METADATA))

        assert refused(ask(api)) == (403, "insufficientPermissions")
        assert "never asked for" in fake.breaches[0]
        api.close()

    def test_that_were_withdrawn_open_nothing(self, fake: Google, ada: User) -> None:
        users = service(fake, "gmail", signed(fake, GMAIL_METADATA, EVENTS_READONLY)).users()
        users.getProfile(userId="me").execute()

        ada.withdraw_scope(GMAIL_METADATA)

        assert refused(users.getProfile(userId="me")) == (403, "insufficientPermissions")
        assert fake.breaches == []
        users.close()


class TestItsStrictness:
    @pytest.mark.parametrize(
        "path",
        [
            "/gmail/v1/users/me/messages?pagetoken=x",
            "/gmail/v1/users/me/messages?maxResults=many",
            "/gmail/v1/users/me/messages?includeSpamTrash=yes",
            "/gmail/v1/users/me/messages/abc?format=headers",
            "/gmail/v1/users/me/history?startHistoryId=1&historyTypes=messagesAdded",
            "/gmail/v1/users/me/history?startHistoryId=-1",
            "/gmail/v1/users/me/history",
            "/gmail/v1/users/me/messages?fields=messages(id,subject)",
            "/gmail/v1/users/me/messages?maxResults=5&maxResults=6",
            "/gmail/v1/users/me/messages/never!",
            "/calendar/v3/calendars/primary/events?timeMin=2026-03-02T08:00:00",
            "/calendar/v3/calendars/primary/events?orderBy=startTime",
            "/calendar/v3/calendars/primary/events?maxResults=0",
            "/calendar/v3/users/me/calendarList?minAccessRole=admin",
        ],
    )
    def test_refuses_what_is_not_described(self, fake: Google, ada: User, path: str) -> None:
        token = fake.consents.token(signed(fake, GMAIL_METADATA, *CALENDAR))

        status, _ = fetched(fake.url + path, headers={"Authorization": f"Bearer {token}"})

        assert (status, len(fake.breaches)) == (400, 1)

    def test_gives_a_part_of_an_answer(self, fake: Google, ada: User, users: Any) -> None:
        one = ada.deliver(letter("a"))

        told = users.messages().get(
            userId="me", id=one.id, format="metadata", fields="id,payload/headers(name)"
        ).execute()  # fmt: skip

        assert told["payload"]["headers"][0] == {"name": "From"}
        assert told.keys() == {"id", "payload"}

    def test_lets_in_only_who_shows_a_token_that_is_good(
        self, fake: Google, ada: User, clock: Clock, users: Any
    ) -> None:
        profile = f"{fake.url}/gmail/v1/users/me/profile"
        token = fake.consents.token(signed(fake, GMAIL_METADATA))

        def asked(**headers: str) -> int:
            return fetched(profile, headers=headers)[0]

        assert asked() == 401
        assert asked(Authorization="Bearer wrong") == 401
        assert asked(Authorization=f"Bearer {token}") == 200
        clock.pass_by(3600)
        assert asked(Authorization=f"Bearer {token}") == 401
        assert fetched(f"{profile}?access_token={token}")[0] == 401
        assert token not in str(fake.log) + str(fake.calls) + str(fake.breaches)

    def test_does_not_know_methods_that_do_not_exist(self, fake: Google) -> None:
        status, body = fetched(f"{fake.url}/gmail/v1/users/me/mails")

        assert (status, b"<html>" in body) == (404, True)
        assert len(fake.breaches) == 1

    def test_nobody_sees_another_mailbox(self, fake: Google, ada: User, users: Any) -> None:
        fake.user("eve@example.org")

        assert refused(users.getProfile(userId="eve@example.org")) == (403, "forbidden")
        assert users.getProfile(userId=ADA).execute()["emailAddress"] == ADA


class TestACalendar:
    def test_tells_what_changed(self, ada: User, events: Any, fake: Google) -> None:
        calendar = ada.calendars.primary
        kept, gone = calendar.put_event(NOW, summary="Fair"), calendar.put_event(NOW + DAY)
        for n in range(3):
            calendar.put_event(NOW + n * DAY)

        pages = [events.list(calendarId="primary", maxResults=2, showDeleted=True).execute()]
        while token := pages[-1].get("nextPageToken"):
            pages.append(events.list(calendarId="primary", maxResults=2, showDeleted=True, pageToken=token).execute())
        token = pages[-1]["nextSyncToken"]
        quiet = events.list(calendarId="primary", syncToken=token).execute()
        calendar.change(kept["id"], summary="Great fair")
        calendar.cancel(gone["id"])
        told = events.list(calendarId="primary", syncToken=token).execute()

        assert [len(page["items"]) for page in pages] == [2, 2, 1]
        assert ["nextSyncToken" in page for page in pages] == [False, False, True]
        assert quiet["items"] == []
        assert [one.get("summary", one["status"]) for one in told["items"]] == ["Great fair", "cancelled"]
        assert told["items"][1].keys() == {"kind", "etag", "id", "status"}, "no more is promised"
        assert fake.breaches == []

    def test_hides_what_is_deleted_unless_it_is_asked_for(self, ada: User, events: Any) -> None:
        one = ada.calendars.primary.put_event(NOW)
        ada.calendars.primary.delete(one["id"])

        assert events.list(calendarId="primary").execute()["items"] == []
        assert len(events.list(calendarId="primary", showDeleted=True).execute()["items"]) == 1
        assert events.get(calendarId="primary", eventId=one["id"]).execute()["status"] == "cancelled"

    def test_gives_a_series_and_its_exceptions(self, ada: User, events: Any) -> None:
        start = datetime(2026, 3, 2, 9, tzinfo=UTC)
        calendar = ada.calendars.primary
        series = calendar.put_event(
            start, summary="Loom", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"], attendees=[{"email": "otto@brand.example"}]
        )
        calendar.except_at(series["id"], start + 7 * DAY, summary="Long loom")
        calendar.cancel_at(series["id"], start + 14 * DAY)

        told = events.list(calendarId="primary").execute()["items"]
        single = events.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()["items"]

        assert [one.get("summary") for one in told] == ["Loom", "Long loom", None]
        assert told[2].keys() == {"kind", "etag", "id", "status", "recurringEventId", "originalStartTime"}
        assert [(one["summary"], at(one["start"])) for one in single] == [
            ("Loom", start),
            ("Long loom", start + 7 * DAY),
            ("Loom", start + 21 * DAY),
        ]
        assert single[1]["originalStartTime"]["dateTime"].startswith("2026-03-09T")
        assert events.get(calendarId="primary", eventId=single[0]["id"]).execute()["recurringEventId"] == series["id"]

    def test_writes_a_series_out_in_its_own_zone(self, ada: User, events: Any) -> None:
        start = datetime(2026, 3, 23, 9, tzinfo=ZoneInfo("Europe/Berlin"))
        rule = ["RRULE:FREQ=WEEKLY;UNTIL=20260406T070000Z", "EXDATE;TZID=Europe/Berlin:20260330T090000"]
        ada.calendars.primary.put_event(start, recurrence=rule)

        told = events.list(calendarId="primary", singleEvents=True).execute()["items"]

        assert [one["start"]["dateTime"] for one in told] == ["2026-03-23T09:00:00+01:00", "2026-04-06T09:00:00+02:00"]

    def test_gives_days_as_days(self, ada: User, events: Any) -> None:
        ada.calendars.primary.put_event(date(2026, 3, 2), recurrence=["RRULE:FREQ=DAILY;COUNT=2"])

        told = events.list(calendarId="primary", singleEvents=True).execute()["items"]

        assert [one["start"] for one in told] == [{"date": "2026-03-02"}, {"date": "2026-03-03"}]

    def test_keeps_to_a_window(self, ada: User, events: Any) -> None:
        calendar = ada.calendars.primary
        for n in range(-3, 4):
            calendar.put_event(NOW + n * DAY, summary=str(n))

        told = events.list(
            calendarId="primary", timeMin=NOW.isoformat(), timeMax=(NOW + 2 * DAY).isoformat()
        ).execute()  # fmt: skip

        assert [one["summary"] for one in told["items"]] == ["0", "1"]
        assert "nextSyncToken" in told

    @pytest.mark.parametrize(
        "beside",
        [
            {"timeMin": "2026-03-02T08:00:00Z"},
            {"timeMax": "2026-03-02T08:00:00Z"},
            {"updatedMin": "2026-03-02T08:00:00Z"},
            {"q": "loom"},
            {"iCalUID": "x"},
            {"showDeleted": False},
            {"singleEvents": True},
        ],
        ids=lambda one: next(iter(one)),
    )
    def test_takes_a_sync_token_only_with_what_it_was_given_for(
        self, fake: Google, events: Any, beside: dict[str, Any]
    ) -> None:
        token = events.list(calendarId="primary").execute()["nextSyncToken"]

        assert refused(events.list(calendarId="primary", syncToken=token, **beside))[0] == 400
        assert len(fake.breaches) == 1

    def test_asks_for_a_full_sync_where_a_token_has_expired(self, ada: User, events: Any, fake: Google) -> None:
        gone = ada.calendars.primary.put_event(NOW)
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        ada.calendars.primary.delete(gone["id"])
        ada.calendars.primary.purge()

        assert refused(events.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")
        anew = events.list(calendarId="primary", showDeleted=True).execute()
        assert anew["items"] == [], "nobody says that it is gone"
        assert events.list(calendarId="primary", syncToken=anew["nextSyncToken"]).execute()["items"] == []
        assert fake.breaches == []

    def test_moves_an_event_to_another(self, ada: User, events: Any) -> None:
        work = ada.calendars.add("Work")
        one = ada.calendars.primary.put_event(NOW)
        tokens = [events.list(calendarId=id_).execute()["nextSyncToken"] for id_ in ("primary", work.id)]
        ada.calendars.primary.move(one["id"], work)

        told = [
            events.list(calendarId=id_, syncToken=token).execute()["items"]
            for id_, token in zip(("primary", work.id), tokens, strict=True)
        ]

        assert [(item["id"], item["status"]) for [item] in told] == [(one["id"], "cancelled"), (one["id"], "confirmed")]

    def test_is_one_of_a_list(self, fake: Google, ada: User) -> None:
        api = service(fake, "calendar", signed(fake, CALENDAR_LIST_READONLY))
        work = ada.calendars.add("Work", role="reader")
        ada.calendars.add("Hidden", hidden=True)
        told = api.calendarList().list().execute()
        ada.calendars.rename(work.id, "Weaving")
        ada.calendars.remove(work.id)
        changed = api.calendarList().list(syncToken=told["nextSyncToken"]).execute()["items"]

        assert sorted(one["summary"] for one in told["items"]) == ["Work", ADA]
        assert [(one["summary"], one["deleted"]) for one in changed] == [("Weaving", True)]
        ada.calendars.expire_sync_tokens()
        assert refused(api.calendarList().list(syncToken=told["nextSyncToken"])) == (410, "fullSyncRequired")
        api.close()

    def test_shows_only_when_to_whoever_may_see_no_more(self, ada: User, events: Any) -> None:
        busy = ada.calendars.add("Otto", role="freeBusyReader")
        busy.put_event(NOW, summary="Secret")

        [told] = events.list(calendarId=busy.id).execute()["items"]

        assert "summary" not in told
        assert at(told["start"]) == NOW

    def test_counts_requests(self, fake: Google, ada: User, events: Any) -> None:
        ada.calendar_meter.limit = 2
        for _ in range(2):
            events.list(calendarId="primary").execute()

        assert refused(events.list(calendarId="primary")) == (429, "rateLimitExceeded")
        assert fake.units == 0


class TestAConsent:
    SCOPES = (GMAIL_METADATA, EVENTS_READONLY)
    BACK = "http://127.0.0.1:9/"

    @pytest.fixture(autouse=True)
    def without_tls(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The client asks for TLS even on loopback."""
        monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")

    def flow(self, fake: Google, *scopes: str) -> tuple[Flow, str]:
        flow = Flow.from_client_config(
            fake.consents.client(), scopes or self.SCOPES, redirect_uri=self.BACK, autogenerate_code_verifier=True
        )
        return flow, flow.authorization_url(access_type="offline", prompt="consent", login_hint=ADA)[0]

    def through(self, fake: Google, url: str, hand: Hand) -> dict[str, str]:
        """What the program is told at its redirect_uri."""
        with Told() as told:
            go_through(self.to(told, url), hand)
        return told.told

    def to(self, told: "Told", url: str) -> str:
        """That address, leading back to a program that waits."""
        return url.replace(urlencode({"redirect_uri": self.BACK}), urlencode({"redirect_uri": f"{told.url}/"}))

    def exchange(self, fake: Google, flow: Flow, told: dict[str, str], **more: str) -> dict[str, Any]:
        """The token endpoint's answer."""
        form = {
            "grant_type": "authorization_code",
            "client_id": fake.consents.client_id,
            "client_secret": fake.consents.client_secret,
            "code": told["code"],
            "code_verifier": flow.code_verifier,
            "redirect_uri": told["redirect_uri"],
        } | more
        return dict(json.loads(fetched(f"{fake.url}/token", form)[1]))

    def test_is_given_on_pages(self, fake: Google, ada: User) -> None:
        flow, url = self.flow(fake)

        told = self.through(fake, url, Hand(ADA))
        tokens = self.exchange(fake, flow, told)

        assert told["scope"].split() == list(self.SCOPES)
        assert told["state"] == parse_qs(urlsplit(url).query)["state"][0]
        assert set(tokens) == {"access_token", "expires_in", "refresh_token", "scope", "token_type"}, "no id_token"
        assert fake.consents.good(tokens["access_token"]) is not None
        assert self.exchange(fake, flow, told)["error"] == "invalid_grant", "a code is good once"
        assert fake.breaches == []

    def test_says_who_signed_in_where_that_is_asked_for(self, fake: Google, ada: User) -> None:
        flow, url = self.flow(fake, "openid", "email", GMAIL_METADATA)

        tokens = self.exchange(fake, flow, self.through(fake, url, Hand(ADA)))

        claims = json.loads(base64.urlsafe_b64decode(tokens["id_token"].split(".")[1] + "=="))
        assert (claims["email"], claims["aud"]) == (ADA, fake.consents.client_id)
        assert tokens["scope"].split() == sorted(["openid", f"{AUTH}userinfo.email", GMAIL_METADATA])

    def test_may_be_of_a_part(self, fake: Google, ada: User) -> None:
        flow, url = self.flow(fake)

        told = self.through(fake, url, Hand(ADA, frozenset({EVENTS_READONLY})))

        assert told["scope"] == EVENTS_READONLY
        assert self.exchange(fake, flow, told)["scope"] == EVENTS_READONLY

    def test_may_be_refused(self, fake: Google, ada: User) -> None:
        _, url = self.flow(fake)

        told = self.through(fake, url, Hand(ADA, deny=True))

        assert told["error"] == "access_denied"
        assert "code" not in told

    def test_may_be_somebody_elses(self, fake: Google, ada: User) -> None:
        fake.user("eve@example.org")
        flow, url = self.flow(fake)

        tokens = self.exchange(fake, flow, self.through(fake, url, Hand("eve@example.org")))

        access = fake.consents.good(tokens["access_token"])
        assert access is not None
        assert access.grant.address == "eve@example.org"

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"code_verifier": "x" * 43}, "invalid_grant"),
            ({"code_verifier": ""}, "invalid_grant"),
            ({"redirect_uri": "http://127.0.0.1:10/"}, "redirect_uri_mismatch"),
            ({"client_secret": "guessed"}, "invalid_client"),
            ({"code": "4/0Awrong"}, "invalid_grant"),
            ({"grant_type": "password"}, "unsupported_grant_type"),
        ],
        ids=["verifier", "no verifier", "redirect", "client", "code", "grant type"],
    )
    def test_brings_nothing_to_whoever_cannot_prove_it(
        self, fake: Google, ada: User, wrong: dict[str, str], error: str
    ) -> None:
        flow, url = self.flow(fake)
        told = self.through(fake, url, Hand(ADA))

        assert self.exchange(fake, flow, told, **wrong)["error"] == error

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("redirect_uri", "https://auld.example/"),
            ("response_type", "token"),
            ("client_id", "another"),
            ("scope", "mail"),
            ("access_type", "always"),
        ],
    )
    def test_is_not_asked_for_wrongly(self, fake: Google, ada: User, name: str, value: str) -> None:
        _, url = self.flow(fake)

        page = go_through(re.sub(rf"{name}=[^&]*", urlencode({name: value}), url), Hand(ADA))

        assert "Error 400" in page
        assert len(fake.breaches) == 1

    @pytest.mark.parametrize("deny", [False, True], ids=["allowed", "denied"])
    def test_can_be_given_in_a_browser(self, fake: Google, ada: User, tmp_path: Path, deny: bool) -> None:
        """With a hand set, the pages go on by themselves."""
        fake.user("eve@example.org")
        fake.consents.hand = Hand(ADA, deny=deny)
        flow, url = self.flow(fake)

        with Told() as told:
            chromium.dumped(tmp_path, "--virtual-time-budget=5000", self.to(told, url))

        assert told.told.get("error", "") == ("access_denied" if deny else "")
        if not deny:
            assert self.exchange(fake, flow, told.told)["scope"].split() == sorted(self.SCOPES)

    def test_renews_until_it_is_taken_back(self, fake: Google, ada: User) -> None:
        grant = signed(fake, GMAIL_METADATA)
        kept = credentials(fake, grant)
        gmail = service(fake, "gmail", grant)

        ada.expire_access()
        assert gmail.users().getProfile(userId="me").execute()["emailAddress"] == ADA, "the client renews"
        ada.revoke()
        with pytest.raises(RefreshError) as caught:
            gmail.users().getProfile(userId="me").execute()

        assert caught.value.args[1]["error"] == "invalid_grant"
        assert kept.refresh_token == grant.refresh
        gmail.close()

    def test_dies_after_a_week_in_testing(self, fake: Google, ada: User, clock: Clock) -> None:
        fake.consents.testing = True
        flow, url = self.flow(fake)
        tokens = self.exchange(fake, flow, self.through(fake, url, Hand(ADA)))

        def renewed() -> dict[str, Any]:
            return self.renew(fake, tokens["refresh_token"])

        assert tokens["refresh_token_expires_in"] == TESTING - 1
        clock.pass_by(TESTING - 1)
        assert "access_token" in renewed()
        clock.pass_by(1)
        assert renewed() == {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}

    def renew(self, fake: Google, refresh: str) -> dict[str, Any]:
        form = {
            "grant_type": "refresh_token",
            "client_id": fake.consents.client_id,
            "client_secret": fake.consents.client_secret,
            "refresh_token": refresh,
        }
        return dict(json.loads(fetched(f"{fake.url}/token", form)[1]))

    def test_may_come_with_another_token_each_time(self, fake: Google, ada: User) -> None:
        fake.consents.rotates = True
        grant = signed(fake, GMAIL_METADATA)
        old = grant.refresh

        told = self.renew(fake, old)

        assert told["refresh_token"] != old
        assert self.renew(fake, old)["error"] == "invalid_grant"
        assert "access_token" in self.renew(fake, told["refresh_token"])

    def test_can_be_handed_back(self, fake: Google, ada: User) -> None:
        grant = signed(fake, GMAIL_METADATA)
        token = fake.consents.token(grant)

        def posted(path: str, **form: str) -> tuple[int, Any]:
            status, body = fetched(fake.url + path, form)
            return status, json.loads(body)

        assert posted("/tokeninfo", access_token=token)[1]["scope"] == GMAIL_METADATA
        assert posted("/revoke", token=grant.refresh) == (200, {})
        assert posted("/revoke", token=grant.refresh)[1]["error"] == "invalid_token"
        assert posted("/tokeninfo", access_token=token)[0] == 400
        assert self.renew(fake, grant.refresh)["error"] == "invalid_grant"


class Told(plumbing.Server):
    """The program that waits for the browser to come back."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, str] = {}

    def answer(self, asked: plumbing.Asked) -> plumbing.Answer:
        if asked.path != "/":
            return plumbing.Answer(404)
        self.told = dict(asked.parameters) | {"redirect_uri": f"{self.url}/"}
        return plumbing.Answer.html("You may close this window.")
