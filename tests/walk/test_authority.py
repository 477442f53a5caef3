"""A certificate that an authority of the user's own signed holds where SSL_CERT_FILE names it, on every way."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.profiles import Profile
from tests.servers.certificates import certify
from tests.servers.dovecot import Dovecot
from tests.servers.web import Web
from tests.walk.mailboxes import ME, letters

ASKED = "SSL_CERT_FILE"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def cloud() -> Iterator[Web]:
    with Web(tls=True) as found:
        found.serve("/mine.ics", CALENDAR)
        yield found


@pytest.fixture
def plans(tmp_path: Path, cloud: Web) -> Profile:
    """A profile with a calendar behind a link."""
    section = f'[accounts.plans]\nkind = "ics"\nprivate = true\nurl = "{cloud.url("/mine.ics")}"\n'
    profile = Profile(tmp_path / "home")
    profile.write(config_toml=f'[me]\naddresses = ["{ME}"]\n\n{section}')
    return profile


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mailbox_is_read(security: str, tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    user, home = dovecot.user(), Profile(tmp_path / "home")
    user.fill(str(mail).encode() for mail in letters(3))
    port = dovecot.imaps_port if security == "tls" else dovecot.imap_port
    home.write(
        config_toml=f'[me]\naddresses = ["{ME}"]\n\n[accounts.home]\nkind = "imap"\naddress = "{ME}"\n'
        f'host = "localhost"\nport = {port}\nsecurity = "{security}"\nuser = "{user.name}"\n'
        f'secret_command = ["/bin/echo", "{user.password}"]\n'
    )
    assert "certificate cannot be trusted" in home.run("sync").err

    monkeypatch.setenv(ASKED, str(dovecot.ca))
    assert home.tell("sync").startswith("home: 3 read, 3 new")


def test_a_calendar_behind_a_link_is_read(plans: Profile, cloud: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    said = plans.run("sync").err
    assert "its certificate does not hold" in said
    assert ASKED in said

    monkeypatch.setenv(ASKED, str(cloud.ca))
    assert plans.tell("sync").startswith("plans: 0 read")


def test_that_of_another_authority_is_still_refused(
    plans: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _ = certify(tmp_path)
    monkeypatch.setenv(ASKED, str(other))

    assert ASKED in plans.run("sync").err
