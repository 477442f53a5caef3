import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from agent import wiring
from agent.pull import told
from config import keys
from config.secrets import NoSecret
from config.settings import Digest
from connectors.contract import Credential, Interaction, Meeting, NeedsUser, Party

AT = datetime(2026, 5, 12, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("own", "named", "greeted", "another"),
    [
        ("nora.lind@mill.example", "", "Nora", False),
        ("nora.lind@mill.example", "", "Tom", True),
        ("you@mill.example", "", "Nora", False),
        ("you@mill.example", "Nora Lind", "Nora", False),
        ("you@mill.example", "Nora Lind", "Tom", True),
        ("jd75@mill.example", "", "Nora", False),
    ],
    ids=[
        "spelled",
        "spelled, and another",
        "nobody knows the name",
        "named in To",
        "named in To, and another",
        "a handle",
    ],
)
def test_a_greeting_means_another_only_where_the_users_name_is_known(
    own: str, named: str, greeted: str, another: bool
) -> None:
    mark = wiring.marker([own])
    text = mark.read(f"Hi {greeted},\n\nhow wide is the loom?")
    marks = mark.mark(text, Interaction("1", AT, "date", None, (Party(own, named),)), text.new)

    assert ("to another" in marks.signs) is another
    assert "waits" in marks.signs


@pytest.mark.parametrize(
    ("zone", "day"), [("Pacific/Auckland", 14), ("Europe/Zurich", 13)], ids=["Wednesday there", "Tuesday there"]
)
def test_tomorrow_is_the_users_tomorrow(zone: str, day: int) -> None:
    mark = wiring.marker(["you@mill.example"], ZoneInfo(zone))
    text = mark.read("I will send you the pattern tomorrow.")

    sent = Interaction("1", AT + timedelta(hours=8), "date", None)

    assert mark.mark(text, sent, text.new).dates == (date(2026, 5, day),)


def test_of_a_meetings_text_nobody_knows_when_it_was_written() -> None:
    mark = wiring.marker()
    text = mark.read("I will send you the pattern tomorrow.")
    meeting = Interaction("1", AT, "start", None, meeting=Meeting("u", AT, AT + timedelta(hours=1)))

    assert mark.mark(text, meeting, text.new).dates == ()


CONFIG = """
[me]
addresses = ["ada@example.org", "ada@example.com"]
[accounts.home]
kind = "imap"
address = "ada@example.org"
host = "localhost"
secret_command = [{program}, "-c", "print('from the command')"]
[accounts.work]
kind = "imap"
address = "ada@example.com"
user = "ada"
host = "localhost"
auth = "token"
[accounts.cal]
kind = "ics"
path = "a.ics"
[digest]
account = "home"
[secrets]
file = true
"""


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> wiring.House:
    """A profile with two mailboxes, where there is no keyring."""
    monkeypatch.setattr(keys, "ALLOWED", {})
    return housed(tmp_path, CONFIG.replace("{program}", json.dumps(sys.executable)))


def housed(folder: Path, config: str) -> wiring.House:
    (folder / "config.toml").write_text(config)
    return wiring.house({"AULD_HOME": str(folder)})


def test_a_command_tells_the_password_before_what_is_kept(house: wiring.House) -> None:
    house.secrets().keep("home", "kept")

    assert house.credential("home") == Credential("ada@example.org", "from the command")


def test_what_is_kept_signs_in_as_the_account_says(house: wiring.House) -> None:
    house.secrets().keep("work", "kept")

    assert house.credential("work") == Credential("ada", "kept", "token")


def test_without_a_password_the_remedy_is_told(house: wiring.House) -> None:
    with pytest.raises(NeedsUser) as told:
        house.credential("work")

    assert told.value.remedy == "`auld login work` asks for it."
    assert isinstance(told.value.__cause__, NoSecret)


def test_where_the_config_allows_no_file_a_keyring_is_wanted(house: wiring.House, tmp_path: Path) -> None:
    house.secrets().keep("work", "kept")
    closed = housed(tmp_path, (tmp_path / "config.toml").read_text().replace("file = true", "file = false"))

    with pytest.raises(NeedsUser, match="There is no keyring here"):
        closed.credential("work")


def test_a_locked_keyring_rests_an_account_as_one_that_asked_no_server(house: wiring.House) -> None:
    with pytest.raises(NeedsUser) as trouble:
        house.credential("work")

    assert told(trouble.value).unasked
    assert not told(NeedsUser("refused", "sign in")).unasked


def test_nothing_of_the_keyring_is_loaded_where_no_secret_is_wanted(house: wiring.House, tmp_path: Path) -> None:
    code = (
        "import os, sys; from agent import wiring; house = wiring.house({'AULD_HOME': sys.argv[1]})\n"
        "house.secrets(); house.secrets().get('home')\n"
        "print([m for m in ('keyring', 'secretstorage', 'cryptography', 'smtplib', 'imapclient') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, timeout=60)

    assert done.stdout == "[]\n", done.stderr


def test_one_that_nobody_signs_in_to_has_no_password(house: wiring.House) -> None:
    with pytest.raises(NeedsUser, match="cal is no account that one signs in to"):
        house.credential("cal")


def test_a_connector_that_signs_in_nowhere_asks_for_no_password(house: wiring.House, tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")

    assert house.connect("cal", AT).streams()


def test_one_that_signs_in_says_what_is_missing_before_it_calls_anybody(house: wiring.House) -> None:
    with pytest.raises(NeedsUser, match="No password is kept for work"):
        house.connect("work", AT)


SMTP = '[smtp]\nhost = "localhost"\nport = 1\n'


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ('account = "home"', Credential("ada@example.org", "from the command")),
        ('user = "post"', Credential("post", "kept")),
        ('address = "ada@example.com"', Credential("ada@example.com", "kept")),
        ("", Credential("ada@example.org", "kept")),
        ('security = "none"\nuser = "post"', Credential("post", "kept")),
    ],
    ids=["as an account", "as somebody", "as an address", "as the first address", "by name on this machine"],
)
def test_it_is_clear_who_sends(house: wiring.House, tmp_path: Path, more: str, who: Credential) -> None:
    sending = housed(tmp_path, (tmp_path / "config.toml").read_text() + SMTP + more)
    sending.secrets().keep("smtp", "kept")

    assert sending.credential("smtp") == who
    assert sending.sender("smtp") == ("ada@example.com" if "address" in more else "ada@example.org")


@pytest.mark.parametrize(
    ("via", "says"), [("smtp", r"Write a section \[smtp\]"), ("append", "There is no inbox to put it into")]
)
def test_a_way_that_was_not_set_up_is_the_users_to_mend(tmp_path: Path, via: str, says: str) -> None:
    bare = housed(tmp_path, '[me]\naddresses = ["ada@example.org"]\n')

    with pytest.raises(NeedsUser, match=says):
        bare.output(via, AT, print)


def test_every_way_is_made_without_a_password_or_a_call(house: wiring.House, tmp_path: Path) -> None:
    sending = housed(tmp_path, (tmp_path / "config.toml").read_text() + SMTP)

    ways = get_args(Digest.model_fields["via"].annotation)
    assert {via: type(sending.output(via, AT, print)).__name__ for via in ways} == {
        "stdout": "Stdout",
        "file": "File",
        "append": "Append",
        "smtp": "Smtp",
    }


@pytest.mark.parametrize(
    ("section", "output"),
    [
        ('kind = "google"\nclient = "client.json"\n', "Gmail"),
        (f'kind = "microsoft"\nclient_id = "{"0" * 8}-0000-0000-0000-{"0" * 12}"\n', "Graph"),
    ],
    ids=["google", "microsoft"],
)
def test_a_digest_goes_into_the_inbox_that_the_account_has(section: str, output: str, tmp_path: Path) -> None:
    me = '[me]\naddresses = ["nora@mill.example"]\n'
    one = housed(tmp_path, f'{me}[digest]\nvia = "append"\n[accounts.it]\naddress = "nora@mill.example"\n{section}')

    assert type(one.output("append", AT, print)).__name__ == output
    assert one.fills("it")
    assert wiring.scopes(one.settings.accounts["it"], digest=True) != wiring.scopes(one.settings.accounts["it"])
