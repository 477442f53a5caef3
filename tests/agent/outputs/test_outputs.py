from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from agent.digest.compose import as_mail
from agent.outputs import KINDS, Output
from config.settings import INBOXES
from tests.agent.digest.samples import ADA, MADE_AT, ME, TOMAS, digest_of

DIGEST = digest_of(ADA)
MAIL = as_mail(DIGEST, ME, MADE_AT)


OFFLINE = ("stdout", "file")


def made(kind: str, **offered: Any) -> Output:
    """The output, handed what its constructor asks for, as the wiring does."""
    module, _, name = KINDS[kind].partition(":")
    make = getattr(import_module(module), name)
    output: Output = make(**{key: value for key, value in offered.items() if key in signature(make).parameters})
    return output


def deliver(kind: str, folder: Path, mail: bytes = MAIL) -> list[str]:
    said: list[str] = []
    made(kind, folder=folder, echo=said.append).deliver(DIGEST, mail)
    return said


@pytest.mark.parametrize("kind", OFFLINE)
def test_every_output_delivers_and_says_something(kind: str, tmp_path: Path) -> None:
    assert len(deliver(kind, tmp_path)) == 1


@pytest.mark.parametrize("kind", OFFLINE)
def test_it_says_before_it_begins_that_it_is_about_to(kind: str, tmp_path: Path) -> None:
    order: list[str] = []
    output = made(kind, folder=tmp_path, echo=lambda text: order.append("said"))

    output.deliver(DIGEST, MAIL, lambda: order.append("about to" if not list(tmp_path.iterdir()) else "too late"))

    assert order == ["about to", "said"]


def test_the_command_offers_every_output() -> None:
    """Into which inbox "append" puts it, the account says."""
    from agent.cli import digest

    assert set(digest.KINDS) == set(KINDS) - (set(INBOXES.values()) - {"append"})


def test_the_screen_shows_the_text_and_leaves_nothing_behind(tmp_path: Path) -> None:
    assert deliver("stdout", tmp_path) == [DIGEST.text.rstrip("\n")]
    assert list(tmp_path.iterdir()) == []


class TestFile:
    def test_it_is_the_mail_itself_named_by_its_day(self, tmp_path: Path) -> None:
        [said] = deliver("file", tmp_path / "profile" / "digests")
        path = tmp_path / "profile" / "digests" / "2001-08-14.eml"

        assert path.read_bytes() == MAIL
        assert str(path) in said

    def test_nobody_else_can_read_it(self, tmp_path: Path) -> None:
        folder = tmp_path / "digests"
        deliver("file", folder)

        assert folder.stat().st_mode & 0o777 == 0o700
        assert (folder / "2001-08-14.eml").stat().st_mode & 0o777 == 0o600

    def test_a_second_one_replaces_the_first(self, tmp_path: Path) -> None:
        deliver("file", tmp_path)
        deliver("file", tmp_path, as_mail(digest_of(ADA, TOMAS), ME, MADE_AT))

        [only] = tmp_path.iterdir()
        assert b"Two people" in only.read_bytes()

    def test_where_it_cannot_be_written_the_old_one_stays_and_no_draft(self, tmp_path: Path) -> None:
        taken = tmp_path / "2001-08-14.eml"
        taken.mkdir(parents=True)

        with pytest.raises(OSError, match="irectory"):
            deliver("file", tmp_path)

        assert list(tmp_path.iterdir()) == [taken]
