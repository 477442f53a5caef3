"""Secrets stand nowhere in the clear, open for nobody else, and survive whatever happens between two writes."""

import base64
import json
import os
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import pytest

from config import keys
from config.keys import HANDED, NoSecret, Sources
from config.locks import Held, held
from config.secrets import Secrets, printed

posix = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")

NOWHERE = "plan9"
"""A platform without a keyring, so that the other sources are asked alone."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "auld.secrets"


@pytest.fixture
def kept(path: Path) -> Secrets:
    return in_file(path)


def in_file(path: Path) -> Secrets:
    return Secrets(path, Sources(file=path.with_name("auld.key"), platform=NOWHERE))


def test_what_was_kept_is_found(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2")
    kept.keep("work", "pässwörd\n")

    assert [in_file(path).get(name) for name in ("home", "work", "other")] == ["hunter2", "pässwörd\n", None]
    assert kept.names() == ["home", "work"]


def test_whether_a_secret_can_be_kept_is_told_before_there_is_one(kept: Secrets, path: Path) -> None:
    kept.reachable()
    assert not path.parent.exists()

    with pytest.raises(NoSecret, match="no keyring"):
        Secrets(path, Sources(platform=NOWHERE)).reachable()


def test_whether_what_is_kept_can_be_opened_is_told(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2")
    kept.reachable()

    path.with_name("auld.key").unlink()
    with pytest.raises(NoSecret, match="no keyring"):
        kept.reachable()


def test_the_newest_one_holds(kept: Secrets) -> None:
    kept.keep("home", "old")
    kept.keep("home", "new")

    assert kept.get("home") == "new"


def test_no_file_shows_a_secret(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2hunter2")

    for file in path.parent.iterdir():
        assert b"hunter2" not in file.read_bytes()
        assert base64.b64encode(b"hunter2hunter2")[:16] not in file.read_bytes()


@posix
def test_its_files_are_the_users_alone(kept: Secrets, path: Path) -> None:
    os.umask(before := os.umask(0))
    os.umask(0)
    try:
        kept.keep("home", "hunter2")
    finally:
        os.umask(before)

    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}


def test_the_same_secret_never_looks_the_same(kept: Secrets, path: Path) -> None:
    seen = set()
    for _ in range(3):
        kept.keep("home", "hunter2")
        seen.add(json.loads(path.read_text())["secrets"]["home"]["text"])

    assert len(seen) == 3


def test_what_was_forgotten_is_gone_and_the_rest_stays(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2")
    kept.keep("work", "other")

    assert [kept.forget("home"), kept.forget("home")] == [True, False]
    assert [kept.get("home"), kept.get("work")] == [None, "other"]
    assert "home" not in path.read_text()


def test_with_the_last_secret_its_file_and_its_key_go(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2")
    kept.forget("home")

    assert not path.exists()
    assert not path.with_name("auld.key").exists()


def swap(data: dict[str, dict[str, object]]) -> None:
    data["secrets"]["home"], data["secrets"]["work"] = data["secrets"]["work"], data["secrets"]["home"]


def renumber(data: dict[str, dict[str, dict[str, object]]]) -> None:
    data["secrets"]["home"]["write"] = 7


def flip(data: dict[str, dict[str, dict[str, str]]]) -> None:
    raw = bytearray(base64.b64decode(data["secrets"]["home"]["text"]))
    raw[0] ^= 1
    data["secrets"]["home"]["text"] = base64.b64encode(raw).decode()


@pytest.mark.parametrize("tampered", [swap, renumber, flip], ids=["put under another name", "renumbered", "one bit"])
def test_what_was_tampered_with_does_not_open(kept: Secrets, path: Path, tampered: object) -> None:
    kept.keep("home", "hunter2")
    kept.keep("work", "other")
    data = json.loads(path.read_text())
    tampered(data)  # type: ignore[operator]
    path.write_text(json.dumps(data))

    with pytest.raises(NoSecret, match="is damaged"):
        kept.get("home")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"v": 2}', "\x00\xff", "null"], ids=repr)
def test_a_file_that_is_none_of_ours_is_said_and_not_written_over(kept: Secrets, path: Path, content: str) -> None:
    kept.keep("home", "hunter2")
    path.write_text(content)

    with pytest.raises(NoSecret, match="is damaged"):
        kept.get("home")
    with pytest.raises(NoSecret, match="is damaged"):
        kept.keep("home", "new")
    with pytest.raises(NoSecret, match="is damaged"):
        kept.forget("home")
    assert path.read_text() == content


@posix
@pytest.mark.parametrize("name", ["auld.secrets", "auld.key"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620], ids=oct)
def test_a_file_that_others_may_touch_is_refused(kept: Secrets, path: Path, name: str, mode: int) -> None:
    kept.keep("home", "hunter2")
    path.with_name(name).chmod(mode)

    with pytest.raises(NoSecret, match=f"Others can read .*{name}. Close it .chmod 600"):
        kept.get("home")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_somebody_else_is_refused(kept: Secrets, path: Path) -> None:
    kept.keep("home", "hunter2")
    os.chown(path, 65534, -1)

    with pytest.raises(NoSecret, match="belongs to somebody else"):
        kept.get("home")


@posix
def test_a_link_in_its_place_is_not_followed(kept: Secrets, path: Path, tmp_path: Path) -> None:
    kept.keep("home", "hunter2")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic links"):
        kept.get("home")


def test_the_folder_of_systemd_gives_the_key(path: Path, tmp_path: Path) -> None:
    (tmp_path / HANDED).write_text(base64.b64encode(bytes(range(32))).decode() + "\n")
    kept = Secrets(path, Sources(handed=tmp_path, platform=NOWHERE))
    kept.keep("home", "hunter2")

    (tmp_path / HANDED).write_bytes(bytes(range(32)))  # the same key, as its bytes
    assert kept.get("home") == "hunter2"
    assert not path.with_name("auld.key").exists()


def test_another_key_opens_nothing_and_is_said(path: Path, tmp_path: Path) -> None:
    (tmp_path / HANDED).write_bytes(b"a" * 32)
    kept = Secrets(path, Sources(handed=tmp_path, platform=NOWHERE))
    kept.keep("home", "hunter2")
    (tmp_path / HANDED).write_bytes(b"b" * 32)

    with pytest.raises(NoSecret, match="does not open"):
        kept.get("home")
    with pytest.raises(NoSecret, match="does not open"):
        kept.keep("home", "new")  # what is there is not thrown away


@pytest.mark.parametrize("raw", [b"", b"short", b"a" * 31, b"a" * 33, b"!" * 44], ids=repr)
def test_what_is_no_key_is_refused(path: Path, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / HANDED).write_bytes(raw)

    with pytest.raises(NoSecret, match="holds no key of 32 bytes"):
        Secrets(path, Sources(handed=tmp_path, platform=NOWHERE)).keep("home", "x")


def test_without_a_source_nothing_is_kept_and_the_remedy_is_told(path: Path) -> None:
    with pytest.raises(NoSecret) as said:
        Secrets(path, Sources(platform=NOWHERE)).keep("home", "hunter2")

    assert "secret_command" in said.value.remedy
    assert "file = true" in said.value.remedy
    assert not path.exists()


def test_F25_a_keyring_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "PATIENCE", 0.2)
    ended = threading.Event()
    begun = time.monotonic()

    with pytest.raises(NoSecret, match="does not answer"):
        Sources()._asked(ended.wait)

    ended.set()
    assert time.monotonic() - begun < 5


def test_two_processes_lose_nothing_of_each_other(path: Path) -> None:
    write = (
        "import sys; from pathlib import Path; from config.secrets import *\n"
        "path = Path(sys.argv[1])\n"
        "kept = Secrets(path, Sources(file=path.with_name('auld.key'), platform='plan9'))\n"
        "for n in range(20): kept.keep(sys.argv[2] + str(n), 'x')\n"
    )
    in_file(path).keep("first", "x")
    running = [subprocess.Popen([sys.executable, "-c", write, path, name]) for name in ("a", "b")]

    assert [each.wait(60) for each in running] == [0, 0]
    assert len(in_file(path).names()) == 41


def test_a_kill_at_any_write_leaves_the_old_or_the_new(path: Path) -> None:
    write = (
        "import os, sys; from pathlib import Path; from config.secrets import *\n"
        "path, left = Path(sys.argv[1]), int(sys.argv[2])\n"
        "def die(event, args):\n"
        "    global left\n"
        "    if event in ('open', 'os.rename', 'os.remove') and str(path.parent) in str(args[0]):\n"
        "        left -= 1\n"
        "        if left < 0: os._exit(9)\n"
        "kept = Secrets(path, Sources(file=path.with_name('auld.key'), platform='plan9'))\n"
        "kept.names()\n"
        "sys.addaudithook(die)\n"
        "kept.keep('home', 'new')\n"
    )
    kept = in_file(path)
    seen = []
    for step in range(20):
        kept.keep("home", "old")
        ended = subprocess.run([sys.executable, "-c", write, path, str(step)], timeout=60).returncode
        seen.append(kept.get("home"))
        if ended == 0:
            break

    assert set(seen[:-1]) <= {"old", "new"}
    assert (len(seen) > 4, seen[0], seen[-1]) == (True, "old", "new")


def test_one_process_at_a_time_renews_a_token(kept: Secrets, path: Path) -> None:
    with kept.locked("home"), kept.locked("work"):
        kept.keep("home", "rotated")  # the lock of a token is not that of the file
        with pytest.raises(Held, match="another auld"), held(path.with_name("auld.secrets.home.lock"), wait=False):
            pass

    with held(path.with_name("auld.secrets.home.lock"), wait=False):
        assert kept.get("home") == "rotated"


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    hold = "import sys, time; from pathlib import Path; from config.locks import held\n"
    hold += "with held(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", hold, lock], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "held\n"
        with pytest.raises(Held), held(lock, wait=False):
            pass
        running.kill()

    with held(lock, wait=False):
        assert lock.exists()


class TestCommand:
    def test_its_first_line_is_the_password(self) -> None:
        assert printed([sys.executable, "-c", "print('hunter2 '); print('user: ada')"]) == "hunter2 "

    def test_a_line_of_windows_is_one_too(self) -> None:
        assert printed([sys.executable, "-c", "import os; os.write(1, b'hunter2\\r\\n')"]) == "hunter2"

    def test_no_shell_reads_it(self, tmp_path: Path) -> None:
        said = printed([sys.executable, "-c", "import sys; print(sys.argv[1])", f"$(touch {tmp_path}/x); `id` > y"])

        assert said == f"$(touch {tmp_path}/x); `id` > y"
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("does", "says"),
        [
            ("print('hunter2'); raise SystemExit(3)", "ended with code 3"),
            ("import sys; sys.stderr.write('hunter2'); sys.exit('hunter2')", "ended with code 1"),
            ("pass", "printed no password"),
            ("print()", "printed no password"),
            ("import os; os.write(1, b'\\xff\\xfe\\n')", "printed no password"),
        ],
        ids=["failed", "failed loudly", "nothing", "an empty line", "no text"],
    )
    def test_its_trouble_is_said_without_what_it_printed(
        self, does: str, says: str, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(NoSecret, match=says) as told:
            printed([sys.executable, "-c", does])

        assert "hunter2" not in "".join(traceback.format_exception(told.value)) + "".join(capfd.readouterr())
        assert Path(sys.executable).name in told.value.what

    def test_one_that_is_not_there_is_named(self) -> None:
        with pytest.raises(NoSecret, match=r"no-such-program cannot be run \(No such file"):
            printed(["no-such-program", "home"])

    @posix
    def test_one_that_takes_too_long_is_ended_with_its_children(self, tmp_path: Path) -> None:
        begun = time.monotonic()
        with pytest.raises(NoSecret, match="printed nothing in 1 seconds"):
            printed(["sh", "-c", f"sleep 300 & echo $! > {tmp_path}/pid; wait"], timeout=1.0)

        child = int((tmp_path / "pid").read_text())
        assert time.monotonic() - begun < 10
        while lives(child):
            assert time.monotonic() - begun < 10
            time.sleep(0.05)

    def test_it_can_ask_nobody(self) -> None:
        assert printed([sys.executable, "-c", "import sys; print(repr(sys.stdin.read()))"]) == "''"


def lives(process: int) -> bool:
    """Whether a process still runs; one that nobody asked after yet does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_secret_is_shown_by_nothing(kept: Secrets) -> None:
    kept.keep("home", "hunter2")

    assert "hunter2" not in repr(kept) + repr(vars(kept)) + repr(kept.names())
