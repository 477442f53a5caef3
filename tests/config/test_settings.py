from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Account, Boundaries, Digest, Me, Settings


def said(error: pytest.ExceptionInfo[ValidationError]) -> str:
    return str(error.value)


def test_addresses_are_lower_cased() -> None:
    assert Me(addresses=(" Ada@Example.ORG ",)).addresses == ("ada@example.org",)


def test_the_same_address_in_capitals_is_no_second_one() -> None:
    with pytest.raises(ValidationError, match="stands there twice"):
        Me(addresses=("ada@example.org", "ADA@example.org"))


@pytest.mark.parametrize(
    "address",
    ["ada", "@example.org", "ada@", "ada b@example.org", "<ada@example.org>", "a@b@c", ""],
    ids=["a name", "no user", "no host", "a blank", "brackets", "two signs", "nothing"],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="is not an e-mail address"):
        Me(addresses=(address,))


@pytest.mark.parametrize("zone", ["Europe/London", "UTC", ""], ids=["a place", "utc", "the system's"])
def test_a_known_time_zone_is_taken(zone: str) -> None:
    assert Me(timezone=zone).timezone == zone


@pytest.mark.parametrize(
    ("zone", "hint"),
    [("europe/londn", "Did you mean `Europe/London`"), ("qqq", "Europe/London"), ("../../etc/passwd", "Europe/London")],
    ids=["a slip", "nothing like it", "a way out of the folder"],
)
def test_an_unknown_time_zone_is_refused_with_a_hint(zone: str, hint: str) -> None:
    with pytest.raises(ValidationError) as error:
        Me(timezone=zone)

    assert hint in said(error)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("07:00", time(7)), ("6:30", time(6, 30)), (time(6, 30), time(6, 30))],
    ids=["as documented", "one digit", "as TOML's own time"],
)
def test_the_hour_is_read(written: Any, meant: time) -> None:
    assert Digest.model_validate({"at": written}).at == meant


@pytest.mark.parametrize("written", ["24:00", "7", "07:60", "seven", 7, True], ids=repr)
def test_what_is_no_hour_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="is not a time of day"):
        Digest.model_validate({"at": written})


@pytest.mark.parametrize(
    ("days", "wanted"),
    [("weekdays", [0, 1, 2, 3, 4]), ("daily", [0, 1, 2, 3, 4, 5, 6]), (["Mon", "sunday"], [0, 6])],
    ids=["weekdays", "daily", "a list"],
)
def test_the_digest_comes_on_its_days(days: Any, wanted: list[int]) -> None:
    digest = Digest.model_validate({"days": days})
    week = [date(2026, 3, 2 + day) for day in range(7)]  # from a Monday

    assert [day.weekday() for day in week if digest.on(day)] == wanted


@pytest.mark.parametrize("days", ["never", [], ["mun"], [3], 3], ids=repr)
def test_what_are_no_days_is_refused(days: Any) -> None:
    with pytest.raises(ValidationError):
        Digest.model_validate({"days": days})


@pytest.mark.parametrize("people", [0, 6, True, "3", 2.0], ids=repr)
def test_only_one_to_five_people_fit_a_digest(people: Any) -> None:
    with pytest.raises(ValidationError):
        Digest.model_validate({"people": people})


def test_no_boundary_is_empty() -> None:
    with pytest.raises(ValidationError, match="is empty"):
        Boundaries(never=("  ",))


def test_a_line_of_never_means_somebody_or_names_a_topic() -> None:
    bounds = Boundaries(never=("Bob Example", "topic: Golf", "*@rival.example", "Topic:wide   looms"))

    assert bounds.people == ("Bob Example", "*@rival.example")
    assert bounds.topics == ("Golf", "wide looms")


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"never": ["topic:"]}, 'names no topic. Write it as "topic: golf"'),
        ({"never": ["topic: !!"]}, "names no topic"),
        ({"never": ["topic: golf", "Topic:  Golf"]}, "stands there twice"),
        ({"confidential": [" "]}, "names nothing"),
        ({"confidential": ["x"]}, "names nothing"),
        ({"confidential": ["Heron", "heron"]}, "stands there twice"),
        ({"topics": ["golf"]}, "topics"),
    ],
    ids=["no topic", "no word", "a topic twice", "nothing", "a letter", "a word twice", "no such key"],
)
def test_what_names_nothing_is_no_boundary(given: dict[str, list[str]], match: str) -> None:
    with pytest.raises(ValidationError, match=match):
        Boundaries.model_validate(given)


def test_nobody_is_read_before_a_section_says_so() -> None:
    settings = Settings()

    assert settings.enabled == {}
    assert (settings.digest.people, settings.digest.via, settings.digest.at) == (3, "stdout", time(7))


def test_an_account_that_is_off_is_known_but_not_enabled() -> None:
    settings = Settings(accounts={"on": Account(kind="mbox"), "off": Account(kind="mbox", enabled=False)})

    assert list(settings.accounts) == ["on", "off"]
    assert list(settings.enabled) == ["on"]


def test_an_account_reads_headers_only_unless_the_user_says_otherwise() -> None:
    assert Account(kind="mbox").read == "headers"


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Settings().me.timezone = "UTC"
