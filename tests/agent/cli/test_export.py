"""`auld export`: the user's own copy of all that is kept, the same every time, and nothing that was forgotten."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.profiles import MORNING, Profile

LISTS = ("accounts", "own", "notices", "people", "said", "shelf", "opportunities", "proposed", "asked", "came", "cards")


def exported(profile: Profile, *args: object) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(profile.tell("export", *args))
    return data


def test_it_begins_with_its_version_and_its_moment(nora: Profile) -> None:
    data = exported(nora)

    assert list(data) == ["v", "at", *LISTS]
    assert (data["v"], data["at"]) == (1, int(MORNING.timestamp()))


def test_everybody_is_in_it_as_people_tells_of_them(nora: Profile) -> None:
    people = exported(nora)["people"]

    for kind in ("person", "machine", "list", "broadcast"):
        told = nora.json("people", "--kind", kind, "--most", 99)["people"]
        found = [one for one in people if one["kind"] == kind]
        assert len(found) == len(told)
        assert all(any(one.items() >= same.items() for one in found) for same in told)
    assert people == sorted(people, key=lambda one: one["addresses"])


def test_what_passed_and_what_it_was_about_is_told(nora: Profile) -> None:
    [ada] = [one for one in exported(nora)["people"] if one["name"] == "Ada Weber"]

    assert (ada["mine"], ada["theirs"], ada["began_theirs"]) == (14, 15, 15)
    assert "warp price" in [topic["term"] for topic in ada["topics"]]


def test_all_that_the_user_said_is_in_it_and_nothing_that_was_undone(nora: Profile) -> None:
    nora.tell("note", "Clara", "has a loom at home")
    nora.tell("never", "Bruno Keller")
    nora.tell("note", "Ada", "a slip of the tongue")
    nora.tell("undo")
    nora.tell("digest", "--via", "file")
    data = exported(nora)

    assert [(one["verb"], one["addresses"], one["text"]) for one in data["said"]] == [
        ("note", ["clara.jensen@print.example"], "has a loom at home"),
        ("never", ["bruno@kellerpaper.example"], ""),
    ]
    assert [one["addresses"] for one in data["proposed"]] == [
        proposal["addresses"] for proposal in nora.json("digest")["proposals"]
    ]
    assert {one["day"] for one in data["proposed"]} == {"2026-05-12"}


def test_what_somebody_offered_is_in_it(nora: Profile) -> None:
    nora.tell("opportunity", "Ada", "A stall at the fair")
    [one] = exported(nora)["opportunities"]

    assert one == nora.json("opportunity")["opportunities"][0]


def test_mails_are_in_it_only_where_one_asks_for_them_and_their_text_never(nora: Profile) -> None:
    short, data = nora.tell("export"), exported(nora, "--mails")
    with nora.opened() as (_, store):
        facts = list(store.facts(until=int(MORNING.timestamp())))

    assert "mails" not in json.loads(short)
    assert [(one["at"], one["from"], one["subject"]) for one in data["mails"]] == [
        (fact.at, fact.sender, fact.subject) for fact in facts
    ]
    assert {name for one in data["mails"] for name in one} == {
        "at", "meeting", "from", "to", "cc", "bcc", "subject", "message_id", "labels", "cancelled", "declined",
        "asks", "links", "terms", "dates",
    }  # fmt: skip


def test_the_same_moment_gives_the_same_bytes(nora: Profile) -> None:
    assert nora.tell("export", "--mails") == nora.tell("export", "--mails")


def test_a_file_is_the_users_alone_and_holds_the_same(nora: Profile, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    before = os.umask(0)
    try:
        said = nora.tell("export", "--to", path)
    finally:
        os.umask(before)

    assert said == f"All that auld knows is in {path}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text("utf-8") == nora.tell("export")
    assert [one.name for one in tmp_path.iterdir() if "mine" in one.name] == ["mine.json"]


def test_a_folder_that_is_not_there_is_said(nora: Profile, tmp_path: Path) -> None:
    said = nora.run("export", "--to", tmp_path / "no" / "mine.json")

    assert (said.code, said.err) == (2, f"{tmp_path / 'no'}: there is no such folder.\n")


def test_a_file_that_cannot_be_written_leaves_the_last_one(
    nora: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "mine.json"
    path.write_text("the last one", "utf-8")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(os, "fsync", full)
    said = nora.run("export", "--to", path)

    assert (said.code, said.err) == (1, f"{path}: No space left on device.\n")
    assert path.read_text("utf-8") == "the last one"
    assert [one.name for one in tmp_path.iterdir() if "mine" in one.name] == ["mine.json"]


def test_whoever_is_forgotten_is_not_in_it(nora: Profile) -> None:
    nora.tell("note", "Clara", "has a loom at home")
    assert "clara.jensen" in nora.tell("export", "--mails")
    nora.tell("forget", "Clara", "--yes")

    text = nora.tell("export", "--mails")
    assert "clara" not in text.lower()
    assert "has a loom at home" not in text


def test_with_nothing_read_there_is_nothing_in_it(tmp_path: Path) -> None:
    data = exported(Profile(tmp_path / "home"))

    assert {name: data[name] for name in LISTS} == {name: [] for name in LISTS}
