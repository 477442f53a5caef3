"""The fake of Microsoft, asked as documented: by msal itself, and by plain requests."""

import base64
import socket
import threading
import webbrowser
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import msal
import pytest
import requests

from tests.fakes.graph_calendar import Rule
from tests.fakes.graph_mail import Mail
from tests.fakes.graph_schema import EVENT, FOLDER, MESSAGE, Many, flaws
from tests.fakes.microsoft import UNAVAILABLE, Microsoft, User, error, throttled
from tests.fakes.microsoft_identity import TROUBLES
from tests.fakes.plumbing import CUT, TRUNCATED, html

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Clock:
    """A time that stands still until it is put on."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(autouse=True)
def _own_trust(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fake(clock: Clock) -> Iterator[Microsoft]:
    with Microsoft(clock) as server:
        yield server
        assert server.login.crashes == server.graph.crashes == []


@pytest.fixture
def ada(fake: Microsoft) -> User:
    return fake.user("ada@example.org", "Ada Byron")


class Visitor:
    """A program that asks Graph."""

    def __init__(self, fake: Microsoft, user: User, *scopes: str, immutable: bool = True) -> None:
        self.fake = fake
        self.token = fake.signed_in(user, *(scopes or ("Mail.ReadBasic", "Calendars.ReadBasic")))["access_token"]
        self.prefer = ['IdType="ImmutableId"'] if immutable else []
        self.session = requests.Session()
        self.session.trust_env = False

    def ask(self, path: str, method: str = "GET", prefer: str = "", /, **more: Any) -> requests.Response:
        url = path if path.startswith("http") else f"{self.fake.graph.url}/v1.0/{path}"
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if wanted := [*self.prefer, *([prefer] if prefer else [])]:
            headers["Prefer"] = ", ".join(wanted)
        return self.session.request(method, url, headers=headers, timeout=10, **more)

    def get(self, path: str, prefer: str = "", /, **params: Any) -> Any:
        said = self.ask(path, "GET", prefer, params=params)
        assert said.status_code == 200, said.text
        return said.json()

    def round(self, path: str, prefer: str = "odata.maxpagesize=4", /, **params: Any) -> tuple[list[Any], str, int]:
        """All items of a round of a delta, its last link, and how many pages it had."""
        page, found, pages = self.get(path, prefer, **params), [], 1
        found += page["value"]
        while "@odata.nextLink" in page:
            page = self.get(page["@odata.nextLink"], prefer)
            found += page["value"]
            pages += 1
        return found, page["@odata.deltaLink"], pages


INBOX = "me/mailFolders/inbox/messages"


@pytest.fixture
def visitor(fake: Microsoft, ada: User) -> Visitor:
    return Visitor(fake, ada)


def letter(n: int, **headers: str) -> EmailMessage:
    made = EmailMessage()
    told = {
        "From": "Otto Brand <otto@brand.example>",
        "To": "Ada Byron <ada@example.org>",
        "Subject": f"Matter {n}",
        "Date": format_datetime(MONDAY + timedelta(minutes=n)),
        "Message-ID": f"<{n}@mail.example>",
    }
    for name, value in (told | headers).items():
        made[name] = value
    made.set_content("Some words.\n")
    return made


def fill(user: User, number: int, folder: str = "inbox") -> list[Mail]:
    return [user.deliver(letter(n), folder, MONDAY + timedelta(minutes=n)) for n in range(number)]


def subjects(items: list[Any]) -> list[str]:
    return [one["subject"] for one in items if "subject" in one]


# ------------------------------------------------------------------------------------------------------------- sign-in


def program(fake: Microsoft, tenant: str = "common") -> msal.PublicClientApplication:
    return msal.PublicClientApplication(
        fake.client_id, authority=fake.authority(tenant), verify=str(fake.ca), instance_discovery=False
    )


def signs_in(
    fake: Microsoft, user: User, scopes: list[str], answer: str = "accept", tenant: str = "common"
) -> tuple[msal.PublicClientApplication, dict[str, Any]]:
    """The program, and what it was told in the end."""
    app = program(fake, tenant)
    flow = app.initiate_auth_code_flow(scopes, "http://localhost:1", prompt="select_account", response_mode="form_post")
    return app, app.acquire_token_by_auth_code_flow(flow, fake.login.came_back(flow["auth_uri"], user.address, answer))


class TestSignIn:
    def test_msal_itself_opens_a_browser_and_is_sent_back_to(
        self, fake: Microsoft, ada: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(socket, "getfqdn", lambda name="": name)  # http.server asks for the name of loopback
        monkeypatch.setattr(webbrowser, "open", fake.browser(ada))
        got = program(fake).acquire_token_interactive(["Mail.ReadBasic"], timeout=10)
        assert got["id_token_claims"]["preferred_username"] == "ada@example.org"
        assert fake.breaches == []

    def test_msal_signs_in_through_the_pages_and_renews_silently(self, fake: Microsoft, ada: User) -> None:
        app, got = signs_in(fake, ada, ["Mail.ReadBasic", "Calendars.ReadBasic"])

        assert got["scope"].split()[:2] == ["Calendars.ReadBasic", "Mail.ReadBasic"]
        assert got["id_token_claims"]["preferred_username"] == "ada@example.org"
        [account] = app.get_accounts()
        fake.expire_access()
        again = app.acquire_token_silent_with_error(["Mail.ReadBasic"], account, force_refresh=True)
        assert again["access_token"] != got["access_token"]
        assert again["refresh_token"] != got["refresh_token"], "it rotates"
        assert fake.login.old_refreshes == 0
        assert fake.breaches == []

    def test_who_cancels_is_sent_back_with_the_reason(self, fake: Microsoft, ada: User) -> None:
        _, got = signs_in(fake, ada, ["Mail.ReadBasic"], "cancel")

        assert got["error"] == "access_denied"
        assert "AADSTS65004" in got["error_description"]
        assert fake.breaches == []

    def test_an_administrator_may_be_needed(self, fake: Microsoft, ada: User) -> None:
        ada.needs_admin = frozenset({"Mail.ReadBasic"})
        _, got = signs_in(fake, ada, ["Mail.ReadBasic"])
        assert "AADSTS90094" in got["error_description"]

    def test_a_personal_account_is_told_its_scopes_in_full(self, fake: Microsoft) -> None:
        home = fake.user("ada@outlook.example", personal=True)
        _, got = signs_in(fake, home, ["Mail.ReadBasic"], tenant="consumers")
        assert got["scope"] == "https://graph.microsoft.com/Mail.ReadBasic"

    def test_a_device_signs_in_by_its_code(self, fake: Microsoft, ada: User) -> None:
        app = program(fake)
        flow = app.initiate_device_flow(["Mail.ReadBasic"])
        assert flow["user_code"] in flow["message"]
        fake.login.enter(flow["user_code"], "ada@example.org")
        got = app.acquire_token_by_device_flow(flow)
        assert got["access_token"]
        assert fake.breaches == []

    def test_a_code_entered_in_the_page_signs_the_device_in(self, fake: Microsoft, ada: User) -> None:
        app = program(fake)
        flow = app.initiate_device_flow(["Mail.ReadBasic"])
        fake.login.hand = "accept"  # the page has the code in it, and presses its own buttons
        assert "You have signed in" in fake.login.visit(flow["verification_uri"], ada.address)
        assert "access_token" in app.acquire_token_by_device_flow(flow)

    @pytest.mark.parametrize("trouble", ["device blocked", "confirmation"])
    def test_a_device_may_be_kept_out(self, fake: Microsoft, ada: User, trouble: str) -> None:
        app = program(fake)
        flow = app.initiate_device_flow(["Mail.ReadBasic"])
        [device] = fake.login.devices.values()
        device.denied = trouble
        assert app.acquire_token_by_device_flow(flow)["error_codes"] == [TROUBLES[trouble].code]

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_each_trouble_of_the_token_endpoint_reaches_the_program(
        self, fake: Microsoft, ada: User, trouble: str
    ) -> None:
        kept = fake.signed_in(ada, "Mail.ReadBasic")["refresh_token"]
        ada.trouble = trouble
        said = requests.post(
            f"{fake.authority()}/oauth2/v2.0/token",
            data={"grant_type": "refresh_token", "client_id": fake.client_id, "refresh_token": kept},
            verify=str(fake.ca),
            timeout=10,
        )
        wanted = TROUBLES[trouble]
        assert said.status_code == wanted.status
        told = said.json()
        assert (told["error"], told["error_codes"]) == (wanted.error, [wanted.code])
        assert told["error_description"].startswith(f"AADSTS{wanted.code}: ")
        assert told.get("suberror", "") == wanted.suberror

    def test_what_was_revoked_is_worth_nothing_until_the_user_signs_in_again(self, fake: Microsoft, ada: User) -> None:
        app, _ = signs_in(fake, ada, ["Mail.ReadBasic"])
        ada.revoke()
        [account] = app.get_accounts()
        got = app.acquire_token_silent_with_error(["Mail.ReadBasic"], account, force_refresh=True)
        assert (got["error"], got["error_codes"]) == ("invalid_grant", [50173])
        _, again = signs_in(fake, ada, ["Mail.ReadBasic"])
        assert "access_token" in again

    def test_what_the_user_took_back_is_no_longer_granted(self, fake: Microsoft, ada: User) -> None:
        app, _ = signs_in(fake, ada, ["Mail.ReadBasic", "Calendars.ReadBasic"])
        ada.withdraw("Calendars.ReadBasic")
        [account] = app.get_accounts()
        kept = app.acquire_token_silent_with_error(["Mail.ReadBasic"], account, force_refresh=True)
        lost = app.acquire_token_silent_with_error(["Calendars.ReadBasic"], account, force_refresh=True)
        assert "access_token" in kept
        assert (lost["error"], lost["suberror"]) == ("invalid_grant", "consent_required")

    def test_an_old_refresh_token_is_noticed_and_refused_where_that_is_asked_for(
        self, fake: Microsoft, ada: User
    ) -> None:
        app = program(fake)
        first = fake.signed_in(ada, "Mail.ReadBasic")["refresh_token"]
        assert "access_token" in app.acquire_token_by_refresh_token(first, ["Mail.ReadBasic"])
        assert "access_token" in app.acquire_token_by_refresh_token(first, ["Mail.ReadBasic"])
        assert fake.login.old_refreshes == 1
        fake.login.strict = True
        assert app.acquire_token_by_refresh_token(first, ["Mail.ReadBasic"])["error"] == "invalid_grant"

    def test_a_refresh_token_lives_for_ninety_days(self, fake: Microsoft, ada: User, clock: Clock) -> None:
        kept = fake.signed_in(ada, "Mail.ReadBasic")["refresh_token"]
        clock.now += 91 * DAY
        assert program(fake).acquire_token_by_refresh_token(kept, ["Mail.ReadBasic"])["error_codes"] == [700082]

    def test_a_code_is_good_once_and_only_with_its_verifier(self, fake: Microsoft, ada: User) -> None:
        app = program(fake)
        flow = app.initiate_auth_code_flow(["Mail.ReadBasic"], "http://localhost:1", response_mode="form_post")
        told = fake.login.came_back(flow["auth_uri"], ada.address)
        wrong = app.acquire_token_by_auth_code_flow(flow | {"code_verifier": "x" * 43}, told)
        assert wrong["error_codes"] == [501481]
        told = fake.login.came_back(flow["auth_uri"], ada.address)
        assert "access_token" in app.acquire_token_by_auth_code_flow(flow, told)
        assert app.acquire_token_by_auth_code_flow(flow, told)["error_codes"] == [54005]

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"client_id": "0000"}, "AADSTS700016"),
            ({"redirect_uri": "https://elsewhere.example/"}, "AADSTS50011"),
        ],
        ids=["unknown app", "unknown redirect"],
    )
    def test_a_wrong_request_ends_on_a_page(
        self, fake: Microsoft, ada: User, change: dict[str, str], said: str
    ) -> None:
        told = {
            "client_id": fake.client_id, "redirect_uri": "http://localhost:1", "response_type": "code", "state": "s",
            "scope": "Mail.ReadBasic", "code_challenge": "x" * 43, "code_challenge_method": "S256",
        }  # fmt: skip
        page = requests.get(
            f"{fake.authority()}/oauth2/v2.0/authorize", params=told | change, verify=str(fake.ca), timeout=10
        )
        assert said in page.text

    def test_an_unknown_tenant_has_no_configuration(self, fake: Microsoft) -> None:
        with pytest.raises(ValueError, match="check your tenant name"):
            program(fake, "nowhere.example")
        assert fake.login.log[-1] == ("GET /nowhere.example/v2.0/.well-known/openid-configuration", 400)

    def test_the_token_endpoint_can_be_out_of_order(self, fake: Microsoft, ada: User) -> None:
        kept = fake.signed_in(ada, "Mail.ReadBasic")["refresh_token"]
        app = program(fake)
        fake.login.at("/token", html(503))
        with pytest.raises(Exception, match="503"):
            app.acquire_token_by_refresh_token(kept, ["Mail.ReadBasic"])

    def test_secrets_are_known_and_are_not_in_the_log(self, fake: Microsoft, ada: User) -> None:
        signs_in(fake, ada, ["Mail.ReadBasic"])
        assert len(fake.secrets) == 3
        assert not any(secret in line for secret in fake.secrets for line, _ in fake.login.log)


# ---------------------------------------------------------------------------------------------------------------- mail


class TestFolders:
    def test_are_listed_in_pages_of_ten_without_the_hidden_ones(self, visitor: Visitor, ada: User) -> None:
        for n in range(6):
            ada.mail.make_folder(f"Place {n}")
        ada.mail.make_folder("Clutter", hidden=True)
        first = visitor.get("me/mailFolders")
        assert len(first["value"]) == 10
        second = visitor.get(first["@odata.nextLink"])
        names = [one["displayName"] for one in first["value"] + second["value"]]
        assert names[-1] == "Place 5"
        assert "@odata.nextLink" not in second
        more = visitor.get("me/mailFolders", includeHiddenFolders="true", **{"$top": 100})["value"]
        assert "Clutter" in [one["displayName"] for one in more]
        assert visitor.fake.breaches == []

    def test_lie_in_each_other(self, visitor: Visitor, ada: User) -> None:
        above = ada.mail.make_folder("Projects")
        ada.mail.make_folder("Loom", above.id)
        [below] = visitor.get(f"me/mailFolders/{above.id}/childFolders")["value"]
        assert (below["displayName"], below["parentFolderId"]) == ("Loom", above.id)

    @pytest.mark.parametrize("name", ["inbox", "drafts", "sentitems", "deleteditems", "junkemail", "archive", "outbox"])
    def test_have_names_that_are_well_known(self, visitor: Visitor, ada: User, name: str) -> None:
        assert visitor.get(f"me/mailFolders/{name}")["id"] == ada.mail.folder(name).id

    def test_may_only_show_what_stands_elsewhere(self, visitor: Visitor, ada: User) -> None:
        ada.mail.make_folder("Weekly", "inbox", search="contains(subject, 'weekly')")
        [found] = visitor.get("me/mailFolders/inbox/childFolders")["value"]
        assert found["@odata.type"] == "#microsoft.graph.mailSearchFolder"
        assert visitor.fake.breaches == []

    def test_gone_are_404(self, visitor: Visitor, ada: User) -> None:
        old = ada.mail.make_folder("Old")
        ada.mail.delete_folder("Old")
        said = visitor.ask(f"me/mailFolders/{old.id}/messages/delta")
        assert (said.status_code, said.json()["error"]["code"]) == (404, "ErrorItemNotFound")
        assert visitor.fake.breaches == []


class TestMessages:
    def test_show_what_is_documented_and_with_readbasic_never_a_body(self, visitor: Visitor, ada: User) -> None:
        [mail] = fill(ada, 1)
        told = visitor.get(f"me/messages/{mail.key}")
        assert flaws(MESSAGE, told) == []
        assert told["internetMessageId"] == "<0@mail.example>"
        assert told["sentDateTime"] == "2026-03-02T09:00:00Z"
        assert told["from"]["emailAddress"] == {"name": "Otto Brand", "address": "otto@brand.example"}
        assert not {"body", "bodyPreview", "uniqueBody", "internetMessageHeaders"} & told.keys()
        headers = visitor.get(f"me/messages/{mail.key}", **{"$select": "internetMessageHeaders"})
        assert set(headers) - {"@odata.etag"} == {"id", "internetMessageHeaders"}
        assert {"name": "Message-ID", "value": "<0@mail.example>"} in headers["internetMessageHeaders"]

    @pytest.mark.parametrize(
        "query",
        [{"$select": "body"}, {"$select": "subject,bodyPreview"}, {"$search": '"loom"'}, {"$expand": "attachments"}],
        ids=["body", "preview", "search", "attachments"],
    )
    def test_refuse_readbasic_what_is_not_basic(self, visitor: Visitor, query: dict[str, str]) -> None:
        said = visitor.ask(INBOX, params=query)
        assert (said.status_code, said.json()["error"]["code"]) == (403, "ErrorAccessDenied")

    def test_show_their_body_to_whoever_may_read(self, fake: Microsoft, ada: User) -> None:
        [mail] = fill(ada, 1)
        told = Visitor(fake, ada, "Mail.Read").get(
            f"me/messages/{mail.key}", 'outlook.body-content-type="text"', **{"$select": "body"}
        )
        assert told["body"] == {"contentType": "text", "content": "Some words.\n"}

    def test_change_their_id_when_they_move_unless_asked_for_immutable_ones(self, fake: Microsoft, ada: User) -> None:
        [mail] = fill(ada, 1)
        plain, lasting = Visitor(fake, ada, immutable=False), Visitor(fake, ada)
        before = plain.get(INBOX)["value"][0]["id"], lasting.get(INBOX)["value"][0]["id"]
        ada.move(mail, "archive")
        after = [one.get("me/mailFolders/archive/messages")["value"][0]["id"] for one in (plain, lasting)]
        assert before[0] != after[0]
        assert before[1] == after[1]
        assert plain.ask(f"me/messages/{before[0]}").status_code == 404
        assert len(fake.graph.mutable) == 3

    def test_are_listed_newest_first_and_filtered_as_documented(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 12)
        assert subjects(visitor.get(INBOX, **{"$top": 3})["value"]) == ["Matter 11", "Matter 10", "Matter 9"]
        late = {"$filter": "receivedDateTime ge 2026-03-02T09:10:00Z", "$orderby": "receivedDateTime"}
        assert subjects(visitor.get(INBOX, **late)["value"]) == ["Matter 10", "Matter 11"]
        one = {"$filter": "internetMessageId eq '<4@mail.example>'", "$select": "subject"}
        assert subjects(visitor.get(INBOX, **one)["value"]) == ["Matter 4"]
        wrong = {"$filter": "isRead eq false", "$orderby": "receivedDateTime desc"}
        said = visitor.ask(INBOX, params=wrong)
        assert (said.status_code, said.json()["error"]["code"]) == (400, "InefficientFilter")

    def test_are_listed_to_the_end_by_their_links(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 25)
        page = visitor.get(INBOX, **{"$select": "id", "$top": 10})
        found = page["value"]
        while "@odata.nextLink" in page:
            page = visitor.get(page["@odata.nextLink"])
            found += page["value"]
        assert len({one["id"] for one in found}) == len(found) == 25
        assert visitor.fake.breaches == []

    @pytest.mark.parametrize(
        ("path", "query", "status"),
        [
            (INBOX, {"$select": "sizeOfIt"}, 400),
            (INBOX, {"$top": "1001"}, 400),
            (INBOX, {"top": "10"}, 400),
            (INBOX, {"$filter": "nothing eq 1"}, 400),
            (f"{INBOX}/delta", {"$skip": "4"}, 400),
            (f"{INBOX}/delta", {"$filter": "isRead eq false"}, 400),
            (f"{INBOX}/delta", {"$deltatoken": "made-up"}, 400),
            ("me/everything", {}, 400),
            ("me/mailFolders/nowhere", {}, 400),
        ],
        ids=["property", "top", "no dollar", "filter", "skip", "delta filter", "token", "path", "id"],
    )
    def test_not_asked_for_as_documented_are_refused_and_noted(
        self, visitor: Visitor, path: str, query: dict[str, str], status: int
    ) -> None:
        assert visitor.ask(path, params=query).status_code == status
        assert len(visitor.fake.breaches) == 1

    def test_that_invite_say_so(self, visitor: Visitor, ada: User) -> None:
        mail = letter(1)
        mail.add_alternative("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", subtype="calendar")
        kept = ada.deliver(mail)
        assert visitor.get(f"me/messages/{kept.key}")["@odata.type"] == "#microsoft.graph.eventMessageRequest"
        assert visitor.fake.breaches == []

    def test_with_null_fields_are_still_as_documented(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 2)
        ada.mail.lies.add("nulls")
        for one in visitor.get(INBOX)["value"]:
            assert one["from"] is one["receivedDateTime"] is None
        assert visitor.fake.breaches == []


class TestDelta:
    def test_gives_everything_in_pages_and_then_what_changed(self, visitor: Visitor, ada: User) -> None:
        mails = fill(ada, 10)
        found, link, pages = visitor.round(f"{INBOX}/delta", **{"$select": "subject,isRead"})
        assert sorted(subjects(found)) == sorted(f"Matter {n}" for n in range(10))
        assert pages == 3
        assert set(found[0]) == {"@odata.type", "@odata.etag", "id", "subject", "isRead"}

        ada.delete(mails[0])
        ada.move(mails[1], "archive")
        ada.mark(mails[2])
        ada.deliver(letter(77))
        changed, link, _ = visitor.round(link)
        told = {one["id"]: one for one in changed}
        assert told[mails[0].key]["@removed"] == {"reason": "deleted"}
        assert told[mails[1].key]["@removed"] == {"reason": "changed"}
        assert told[mails[2].key]["isRead"] is True
        assert "Matter 77" in subjects(changed)
        assert len(changed) == 4
        assert visitor.round(link)[0] == []
        assert visitor.fake.breaches == []

    def test_says_the_same_again_to_whoever_asks_again(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 9)
        first = visitor.get(f"{INBOX}/delta", "odata.maxpagesize=4")
        again = [visitor.get(first["@odata.nextLink"], "odata.maxpagesize=4")["value"] for _ in range(2)]
        assert again[0] == again[1]

    def test_tells_in_the_next_round_what_came_in_this_one(self, visitor: Visitor, ada: User) -> None:
        mails = fill(ada, 8)
        visitor.fake.graph.when("skiptoken", lambda: (ada.deliver(letter(99)), ada.delete(mails[7])))
        found, link, _ = visitor.round(f"{INBOX}/delta")
        assert "Matter 99" not in subjects(found)
        changed, _, _ = visitor.round(link)
        assert "Matter 99" in subjects(changed)
        assert [one["@removed"]["reason"] for one in changed if "@removed" in one] == ["deleted"]

    def test_a_move_is_removed_here_and_new_there_with_one_immutable_id(self, visitor: Visitor, ada: User) -> None:
        [mail] = fill(ada, 1)
        _, here, _ = visitor.round(f"{INBOX}/delta")
        _, there, _ = visitor.round("me/mailFolders/archive/messages/delta")
        ada.move(mail, "archive")
        [gone], [new] = visitor.round(here)[0], visitor.round(there)[0]
        assert gone["id"] == new["id"] == mail.key
        assert "@removed" in gone
        assert new["subject"] == "Matter 0"

    @pytest.mark.parametrize("code", ["SyncStateNotFound", "syncStateInvalid", "ResyncRequired"])
    def test_forgets_its_state_with_410(self, visitor: Visitor, ada: User, code: str) -> None:
        fill(ada, 3)
        _, link, _ = visitor.round(f"{INBOX}/delta")
        ada.mail.forget_sync_state("inbox", code=code)
        said = visitor.ask(link)
        assert (said.status_code, said.json()["error"]["code"]) == (410, code)
        assert said.headers["Location"].endswith("/messages/delta")
        assert len(visitor.round(said.headers["Location"])[0]) == 3
        assert visitor.fake.breaches == []

    def test_forgets_its_state_in_the_middle_of_a_round(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 12)
        ada.mail.forget_sync_state("inbox", on_page=3)
        second = visitor.get(f"{INBOX}/delta", "odata.maxpagesize=4")["@odata.nextLink"]
        third = visitor.get(second, "odata.maxpagesize=4")["@odata.nextLink"]
        assert visitor.ask(third).status_code == 410
        assert visitor.round(f"{INBOX}/delta")[2] == 3

    def test_can_be_full_of_what_was_begun(self, visitor: Visitor, ada: User, clock: Clock) -> None:
        ada.mail.capacity = 2
        statuses = [visitor.ask(f"{INBOX}/delta").status_code for _ in range(3)]
        assert statuses == [200, 200, 403]
        clock.now += DAY
        visitor.token = visitor.fake.signed_in(ada, "Mail.ReadBasic")["access_token"]
        assert visitor.ask(f"{INBOX}/delta").status_code == 200

    def test_may_begin_with_fifty_empty_pages(self, visitor: Visitor, ada: User) -> None:
        fill(ada, 3)
        ada.mail.empty_pages = 50
        found, _, pages = visitor.round(f"{INBOX}/delta")
        assert (len(found), pages) == (3, 51)

    def test_lies_as_it_is_told_to(self, visitor: Visitor, ada: User) -> None:
        mails = fill(ada, 15)
        ada.mail.lies |= {"shuffled", "repeated"}
        found, _, _ = visitor.round(f"{INBOX}/delta")
        assert len(found) > 15
        assert len(set(subjects(found))) == 15
        ada.mail.lies = {"ends early"}
        assert len(visitor.round(f"{INBOX}/delta", **{"$top": 2})[0]) == 2
        ada.mail.lies = set()
        ada.mail.leave_out(mails[3])
        assert "Matter 3" not in subjects(visitor.round(f"{INBOX}/delta")[0])
        assert visitor.get(f"me/messages/{mails[3].key}")["subject"] == "Matter 3"
        ada.mail.lies = {"empty"}
        assert visitor.round(f"{INBOX}/delta")[0] == visitor.get(INBOX)["value"] == []
        ada.mail.lies = {"no headers in delta"}
        found, link, _ = visitor.round(f"{INBOX}/delta", **{"$select": "subject,internetMessageHeaders"})
        assert not any("internetMessageHeaders" in one for one in found)
        ada.mail.lies = {"partial", "moves are deletions"}
        ada.mark(mails[4])
        ada.move(mails[5], "archive")
        [change, gone] = visitor.round(link)[0]
        assert "subject" not in change
        assert gone["@removed"] == {"reason": "deleted"}
        ada.mail.lies = {"basic refused"}
        assert visitor.ask(f"{INBOX}/delta").status_code == 403
        assert visitor.fake.breaches == []


class TestSending:
    def test_a_mail_in_mime_goes_to_sent_and_to_oneself(self, fake: Microsoft, ada: User) -> None:
        visitor = Visitor(fake, ada, "Mail.Send")
        content = base64.b64encode(letter(1, From="ada@example.org").as_bytes())
        said = visitor.ask("me/sendMail", "POST", data=content, headers={"Content-Type": "text/plain"})
        assert (said.status_code, said.content) == (202, b"")
        assert [one.subject for one in ada.mail.within("sentitems")] == ["Matter 1"]
        assert [one.subject for one in ada.mail.within("inbox")] == ["Matter 1"]
        assert fake.breaches == []

    def test_a_mail_put_into_the_inbox_is_a_draft(self, fake: Microsoft, ada: User) -> None:
        visitor = Visitor(fake, ada, "Mail.ReadWrite")
        content = base64.b64encode(letter(1).as_bytes())
        said = visitor.ask(INBOX, "POST", data=content, headers={"Content-Type": "text/plain"})
        assert said.status_code == 201
        assert said.json()["isDraft"] is True
        assert fake.breaches == []

    def test_needs_its_right_and_its_form(self, fake: Microsoft, ada: User) -> None:
        content: dict[str, Any] = {
            "data": base64.b64encode(letter(1).as_bytes()),
            "headers": {"Content-Type": "text/plain"},
        }
        assert Visitor(fake, ada).ask("me/sendMail", "POST", **content).status_code == 403
        wrong = Visitor(fake, ada, "Mail.Send").ask(
            "me/sendMail", "POST", data=b"From: me", headers={"Content-Type": "text/plain"}
        )
        assert (wrong.status_code, wrong.json()["error"]["code"]) == (400, "ErrorMimeContentInvalidBase64String")


# ------------------------------------------------------------------------------------------------------------ calendar

VIEW = "me/calendarView"
WINDOW = {"startDateTime": "2026-02-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}


class TestCalendar:
    def test_a_view_shows_each_of_a_series_whole(self, visitor: Visitor, ada: User) -> None:
        ada.calendars.add("Lunch", MONDAY, MONDAY + HOUR, people=["Otto Brand <otto@brand.example>"])
        ada.calendars.add("Stand-up", MONDAY, MONDAY + HOUR, rule=Rule("weekly", count=3))
        found = visitor.get(VIEW, **WINDOW)["value"]
        assert [one["type"] for one in found].count("occurrence") == 3
        assert len({one["iCalUId"] for one in found}) == 4
        assert found[0]["attendees"][0]["emailAddress"]["address"] == "otto@brand.example"
        assert "body" not in found[0]
        assert visitor.fake.breaches == []

    def test_a_delta_gives_of_an_occurrence_its_times_alone(self, visitor: Visitor, ada: User) -> None:
        series = ada.calendars.add("Stand-up", MONDAY, MONDAY + HOUR, rule=Rule("weekly", count=3))
        moved = ada.calendars.shift(series, MONDAY + 7 * DAY, MONDAY + 8 * DAY)
        found, _, _ = visitor.round(f"{VIEW}/delta", **WINDOW)
        kinds = {one["type"]: one for one in found}
        assert set(kinds["occurrence"]) == {
            "@odata.type", "@odata.etag", "id", "type", "seriesMasterId", "start", "end",
        }  # fmt: skip
        assert kinds["exception"]["subject"] == kinds["seriesMaster"]["subject"] == "Stand-up"
        assert kinds["exception"]["start"]["dateTime"] == f"{moved.start:%Y-%m-%dT%H:%M:%S}.0000000"
        assert kinds["exception"]["originalStart"] == "2026-03-09T09:00:00Z"
        master = visitor.get(f"me/events/{kinds['occurrence']['seriesMasterId']}")
        assert master["recurrence"]["range"]["numberOfOccurrences"] == 3
        assert visitor.get(f"me/events/{kinds['occurrence']['id']}")["subject"] == "Stand-up"
        assert visitor.fake.breaches == []

    def test_no_delta_says_that_an_occurrence_was_deleted(self, visitor: Visitor, ada: User) -> None:
        series = ada.calendars.add("Stand-up", MONDAY, MONDAY + HOUR, rule=Rule("daily", count=3))
        _, link, _ = visitor.round(f"{VIEW}/delta", **WINDOW)
        ada.calendars.drop(series, MONDAY + DAY)
        assert visitor.round(link)[0] == []
        assert len(visitor.get(VIEW, **WINDOW)["value"]) == 2
        instances = visitor.get(f"me/events/{series.key}/instances", **WINDOW)["value"]
        assert [one["start"]["dateTime"][:10] for one in instances] == ["2026-03-02", "2026-03-04"]

    def test_a_delta_tells_of_changes_and_of_what_lies_outside(self, visitor: Visitor, ada: User) -> None:
        lunch = ada.calendars.add("Lunch", MONDAY, MONDAY + HOUR)
        tea = ada.calendars.add("Tea", MONDAY, MONDAY + HOUR)
        _, link, _ = visitor.round(f"{VIEW}/delta", **WINDOW)
        ada.calendars.change(lunch, subject="Late lunch")
        ada.calendars.delete(tea)
        far = ada.calendars.add("Far away", MONDAY + 400 * DAY, MONDAY + 400 * DAY + HOUR)
        told = {one["id"]: one for one in visitor.round(link)[0]}
        assert told[lunch.key]["subject"] == "Late lunch"
        assert told[tea.key]["@removed"] == told[far.key]["@removed"] == {"reason": "deleted"}

    def test_a_series_is_never_split_over_two_pages(self, visitor: Visitor, ada: User) -> None:
        ada.calendars.add("Stand-up", MONDAY, MONDAY + HOUR, rule=Rule("daily", count=9))
        ada.calendars.add("Lunch", MONDAY, MONDAY + HOUR)
        first = visitor.get(f"{VIEW}/delta", "odata.maxpagesize=2", **WINDOW)
        assert len(first["value"]) == 10
        assert "@odata.nextLink" in first

    def test_a_master_before_the_window_is_not_in_the_delta(self, visitor: Visitor, ada: User) -> None:
        early = MONDAY - 400 * DAY
        ada.calendars.add("Stand-up", early, early + HOUR, rule=Rule("weekly"))
        found, _, _ = visitor.round(f"{VIEW}/delta", **WINDOW)
        assert {one["type"] for one in found} == {"occurrence"}

    def test_its_state_is_forgotten_with_410(self, visitor: Visitor, ada: User) -> None:
        _, link, _ = visitor.round(f"{VIEW}/delta", **WINDOW)
        ada.calendars.forget_sync_state()
        assert visitor.ask(link).status_code == 410
        assert visitor.fake.breaches == []

    def test_times_come_in_the_zone_that_is_asked_for(self, visitor: Visitor, ada: User) -> None:
        summer = datetime(2026, 7, 6, 9, tzinfo=UTC)
        event = ada.calendars.add("Lunch", summer, summer + HOUR, zone="W. Europe Standard Time")
        told = visitor.get(f"me/events/{event.key}", 'outlook.timezone="W. Europe Standard Time"')
        assert told["start"] == {"dateTime": "2026-07-06T11:00:00.0000000", "timeZone": "W. Europe Standard Time"}
        assert told["originalStartTimeZone"] == "W. Europe Standard Time"
        assert visitor.get(f"me/events/{event.key}")["start"]["dateTime"] == "2026-07-06T09:00:00.0000000"

    def test_a_series_keeps_its_local_time_when_the_clocks_change(self, visitor: Visitor, ada: User) -> None:
        before = datetime(2026, 3, 23, 8, tzinfo=UTC)
        ada.calendars.add("Stand-up", before, before + HOUR, zone="W. Europe Standard Time", rule=Rule(count=2))
        found = visitor.get(VIEW, **WINDOW)["value"]
        assert [one["start"]["dateTime"][:16] for one in found] == ["2026-03-23T08:00", "2026-03-30T07:00"]

    def test_whole_days_are_midnight_in_any_zone(self, visitor: Visitor, ada: User) -> None:
        event = ada.calendars.add("Fair", date(2026, 3, 5), date(2026, 3, 7))
        told = visitor.get(f"me/events/{event.key}", 'outlook.timezone="Pacific Standard Time"')
        assert told["isAllDay"] is True
        assert told["start"]["dateTime"] == "2026-03-05T00:00:00.0000000"

    @pytest.mark.parametrize(
        ("path", "query"),
        [
            (f"{VIEW}/delta", WINDOW | {"$select": "subject"}),
            (f"{VIEW}/delta", {"startDateTime": "2026-02-01T00:00:00Z"}),
            (VIEW, WINDOW | {"endDateTime": "soon"}),
        ],
        ids=["select in delta", "half a window", "no date"],
    )
    def test_a_view_not_asked_for_as_documented_is_refused(
        self, visitor: Visitor, path: str, query: dict[str, str]
    ) -> None:
        assert visitor.ask(path, params=query).status_code == 400
        assert len(visitor.fake.breaches) == 1

    def test_other_calendars_are_asked_for_by_their_ids(self, visitor: Visitor, ada: User) -> None:
        club = ada.calendars.make("Club")
        ada.calendars.add("Match", MONDAY, MONDAY + HOUR, calendar="Club")
        assert [one["name"] for one in visitor.get("me/calendars")["value"]] == ["Calendar", "Club"]
        assert visitor.get(f"me/calendars/{club.id}/calendarView", **WINDOW)["value"][0]["subject"] == "Match"
        assert flaws(Many(EVENT), visitor.get(f"me/calendars/{club.id}/events")["value"]) == []
        found, link, _ = visitor.round(f"me/calendars/{club.id}/calendarView/delta", **WINDOW)
        assert subjects(found) == ["Match"]
        ada.calendars.remove("Club")
        assert visitor.ask(link).status_code == 404


# -------------------------------------------------------------------------------------------------- limits and troubles


class Hold:
    """Keeps answers back: `came` counts the requests that wait for theirs."""

    def __init__(self) -> None:
        self.came, self.over = threading.Semaphore(0), threading.Event()

    def __call__(self) -> None:
        self.came.release()
        self.over.wait(10)


class TestLimits:
    def test_four_requests_at_once_and_no_more(self, fake: Microsoft, ada: User) -> None:
        hold = Hold()
        fake.graph.when("mailFolders", hold, times=6)
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda one=one: statuses.append(one.ask("me/mailFolders").status_code))
            for one in [Visitor(fake, ada) for _ in range(4)]
        ]
        for thread in threads:
            thread.start()
            assert hold.came.acquire(timeout=10)
        refused = [Visitor(fake, ada).ask("me/mailFolders") for _ in range(2)]
        hold.over.set()
        for thread in threads:
            thread.join()
        assert [one.status_code for one in refused] == [429, 429]
        assert refused[0].json()["error"]["code"] == "ApplicationThrottled"
        assert statuses == [200] * 4
        assert (fake.most_in_flight, fake.graph.throttled) == (5, 2)

    def test_one_batch_takes_all_four_places(self, visitor: Visitor, fake: Microsoft, ada: User) -> None:
        hold = Hold()
        fake.graph.when("batch", hold)
        parts = [{"id": str(n), "method": "GET", "url": "/me/mailFolders/inbox"} for n in range(20)]
        done: list[requests.Response] = []
        thread = threading.Thread(target=lambda: done.append(visitor.ask("$batch", "POST", json={"requests": parts})))
        thread.start()
        assert hold.came.acquire(timeout=10)
        assert Visitor(fake, ada).ask("me/mailFolders").status_code == 429
        hold.over.set()
        thread.join()
        assert {one["status"] for one in done[0].json()["responses"]} == {200}

    def test_ten_thousand_in_ten_minutes(self, visitor: Visitor, fake: Microsoft, clock: Clock) -> None:
        fake.graph.quota = 3
        statuses = [visitor.ask("me/mailFolders") for _ in range(4)]
        assert [one.status_code for one in statuses] == [200, 200, 200, 429]
        assert int(statuses[-1].headers["Retry-After"]) == 600
        clock.now += timedelta(minutes=11)
        assert visitor.ask("me/mailFolders").status_code == 200

    @pytest.mark.parametrize("after", ["1", "2.128", "Sun, 22 Nov 2026 12:00:00 GMT"], ids=["int", "float", "date"])
    def test_retry_after_comes_in_each_of_its_forms(self, visitor: Visitor, after: str) -> None:
        visitor.fake.graph.at("mailFolders", throttled(after), times=1)
        said = visitor.ask("me/mailFolders")
        assert (said.status_code, said.headers["Retry-After"]) == (429, after)
        assert visitor.ask("me/mailFolders").status_code == 200

    def test_answers_can_be_spoilt(self, visitor: Visitor) -> None:
        graph = visitor.fake.graph
        graph.at("inbox$", UNAVAILABLE, times=1)
        assert visitor.ask("me/mailFolders/inbox").status_code == 503
        graph.at("inbox$", html(200), times=1)
        assert visitor.ask("me/mailFolders/inbox").text.startswith("<!DOCTYPE html>")
        graph.at("inbox$", TRUNCATED, times=1)
        with pytest.raises(requests.JSONDecodeError):
            visitor.ask("me/mailFolders/inbox").json()
        graph.at("inbox$", CUT, times=1)
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            visitor.ask("me/mailFolders/inbox")
        assert visitor.ask("me/mailFolders/inbox").status_code == 200


class TestBatch:
    def test_each_part_is_answered_by_its_id(self, visitor: Visitor, ada: User) -> None:
        mails = fill(ada, 3)
        parts = [
            {"id": str(n), "method": "GET", "url": f"/me/messages/{one.key}?$select=subject",
             "headers": {"Prefer": 'IdType="ImmutableId"'}}
            for n, one in enumerate(mails)
        ]  # fmt: skip
        said = visitor.ask("$batch", "POST", json={"requests": parts}).json()["responses"]
        told = {one["id"]: one for one in said}
        assert [told[str(n)]["body"]["subject"] for n in range(3)] == ["Matter 0", "Matter 1", "Matter 2"]
        assert {one["status"] for one in said} == {200}
        assert visitor.fake.graph.mutable == []
        assert visitor.fake.breaches == []

    def test_a_part_can_fail_alone_and_take_with_it_what_depends_on_it(self, visitor: Visitor) -> None:
        visitor.fake.graph.at("PART .*sentitems", throttled("2.128"), times=1)
        parts = [
            {"id": "a", "method": "GET", "url": "/me/mailFolders/inbox"},
            {"id": "b", "method": "GET", "url": "/me/mailFolders/sentitems"},
            {"id": "c", "method": "GET", "url": "/me/mailFolders/archive", "dependsOn": ["b"]},
        ]
        said = visitor.ask("$batch", "POST", json={"requests": parts}).json()["responses"]
        assert {one["id"]: one["status"] for one in said} == {"a": 200, "b": 429, "c": 424}
        assert {one["id"]: one["headers"].get("Retry-After") for one in said}["b"] == "2.128"

    @pytest.mark.parametrize(
        "parts",
        [
            [{"id": str(n), "method": "GET", "url": "/me"} for n in range(21)],
            [{"id": "1", "method": "GET", "url": "/me"}] * 2,
            [{"id": "1", "method": "GET", "url": "https://graph.microsoft.com/v1.0/me"}],
            [],
        ],
        ids=["too many", "twice the same id", "not relative", "none"],
    )
    def test_what_is_no_batch_is_refused(self, visitor: Visitor, parts: list[Any]) -> None:
        said = visitor.ask("$batch", "POST", json={"requests": parts})
        assert (said.status_code, said.json()["error"]["code"]) == (400, "BadRequest")
        assert len(visitor.fake.breaches) == 1


class TestTokens:
    def test_too_old_unknown_or_missing_are_401(self, visitor: Visitor, fake: Microsoft, clock: Clock) -> None:
        clock.now += 2 * HOUR
        said = visitor.ask("me/mailFolders")
        assert (said.status_code, said.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
        assert "expired" in said.json()["error"]["message"]
        assert "WWW-Authenticate" in said.headers
        visitor.token = "made-up"
        assert visitor.ask("me/mailFolders").status_code == 401
        assert fake.breaches == []
        visitor.token = ""
        assert visitor.ask("me/mailFolders").status_code == 401
        assert len(fake.breaches) == 1

    @pytest.mark.parametrize(
        ("scope", "path"),
        [("Calendars.ReadBasic", "me/mailFolders"), ("Mail.ReadBasic", "me/calendars"), ("Mail.ReadBasic", "me")],
        ids=["mail", "calendars", "profile"],
    )
    def test_open_only_what_was_granted(self, fake: Microsoft, ada: User, scope: str, path: str) -> None:
        assert Visitor(fake, ada, scope).ask(path).status_code == 403

    def test_who_signed_in_can_be_asked_for_with_its_right(self, fake: Microsoft, ada: User) -> None:
        assert Visitor(fake, ada, "User.Read").get("me")["mail"] == "ada@example.org"


def test_graph_speaks_https_where_asked_to() -> None:
    with Microsoft(tls=True) as fake:
        token = fake.signed_in(fake.user("ada@example.org"), "Mail.ReadBasic")["access_token"]
        said = requests.get(
            f"{fake.graph.url}/v1.0/me/mailFolders/inbox", headers={"Authorization": f"Bearer {token}"},
            verify=str(fake.ca), timeout=10,
        )  # fmt: skip
        assert said.status_code == 200


def test_what_is_not_documented_is_a_flaw() -> None:
    wrong = {"id": "a/b", "displayName": 3, "isHidden": "no", "size": 4}
    assert len(flaws(FOLDER, wrong)) == 4


def test_an_error_has_the_documented_form(fake: Microsoft, visitor: Visitor) -> None:
    fake.graph.at("inbox", error(500, "InternalServerError", Retry_After="3"), times=1)
    said = visitor.ask("me/mailFolders/inbox")
    assert said.json()["error"]["code"] == "InternalServerError"
    assert said.headers["Retry-After"] == "3"


def test_the_fake_knows_nothing_of_what_it_is_there_for() -> None:
    for path in Path(__file__).parent.glob("*.py"):
        lines = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in lines if line.split()[1].split(".")[0] in ("agent", "config", "connectors", "nlp")]
