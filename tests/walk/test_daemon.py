"""The daemon runs by itself: it reads, ends, notices, and gives way."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

import connectors
from agent.cli.foreground import running
from tests.agent.scripted import KIND
from tests.profiles import Profile
from tests.walk.daemons import NAMED, PROGRAM, config, daemon, env, script

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


AULD = """
import connectors
from agent.cli import main
from tests.agent.scripted import KIND
connectors.KINDS |= KIND
main()
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    for kind, target in KIND.items():
        monkeypatch.setitem(connectors.KINDS, kind, target)
    profile = Profile(tmp_path / "home")
    profile.write(config_toml=config(NAMED))
    script(profile)
    return profile


def private(pid: int) -> int:
    """The bytes of memory that a process has for itself."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def test_it_reads_what_is_opted_in_and_stays_small(home: Profile) -> None:
    with daemon(home) as one:
        one.until(lambda: one.items() == 20)
        one.until(lambda: not one.workers())
        assert private(one.process.pid) <= 25e6
        maps = Path(f"/proc/{one.process.pid}/maps").read_text()
        assert not [heavy for heavy in ("pydantic", "sqlalchemy", "greenlet") if heavy in maps]
        assert running(home.home / "state") == one.process.pid
        assert "round of account 1: ok after" in one.log()
        assert one.stop() < 2
    assert running(home.home / "state") == 0


def test_its_log_tells_nothing_of_the_mail(home: Profile) -> None:
    script(home, trouble=["bug", 1])
    with daemon(home) as one:
        one.until(lambda: "RuntimeError at" in one.log())
        said = one.log()

    assert "test_pull" not in said
    assert not [word for word in ("secret", "@", "Looms", NAMED, str(home.home)) if word in said]


def test_there_is_one_to_a_profile(home: Profile) -> None:
    with daemon(home) as one:
        one.until(lambda: "started" in one.log())
        other = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=env(home), capture_output=True, text=True, timeout=20
        )

        assert other.returncode == 6
        assert "A daemon runs for this profile already" in other.stderr
        assert one.process.poll() is None


def test_it_stops_in_the_middle_of_a_round_within_two_seconds(home: Profile) -> None:
    script(home, trouble=["sleep", 2, 60])
    with daemon(home) as one:
        one.until(lambda: one.items() == 10)
        workers = one.until(one.workers)
        assert one.stop() < 2
        assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
        assert one.process.returncode == 0


def test_a_worker_that_does_not_listen_is_made_to_end(home: Profile) -> None:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    program = PROGRAM.replace("stay(argv=argv)", f"stay(argv=lambda *_: [sys.executable, '-c', {deaf!r}])")
    with subprocess.Popen([sys.executable, "-c", program], env=env(home), stderr=subprocess.PIPE) as process:
        assert process.stderr
        assert b"started" in process.stderr.readline()
        time.sleep(0.5)  # until the worker is deaf
        began = time.monotonic()
        process.terminate()
        process.communicate(timeout=10)

    assert time.monotonic() - began < 2
    assert process.returncode == 0


def test_after_a_kill_it_goes_on_where_it_was(home: Profile) -> None:
    script(home, trouble=["sleep", 2, 60])
    with daemon(home) as one:
        one.until(lambda: one.items() == 10)
        workers = one.workers()
        one.process.kill()
        one.process.wait()
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
    script(home)
    with daemon(home) as one:
        home.run("sync")
        one.until(lambda: one.items() == 20)


def test_it_tells_systemd_how_it_is(home: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listens:
        listens.bind(str(tmp_path / "notify"))
        listens.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with daemon(home) as one:
            said = [listens.recv(100), listens.recv(100)]
            one.stop()
        listens.settimeout(0.1)
        with contextlib.suppress(TimeoutError):
            while True:
                said.append(listens.recv(100))

    assert said[:2] == [b"READY=1", b"WATCHDOG=1"]
    assert said[-1] == b"STOPPING=1"


class TestTheConfig:
    def test_a_change_is_picked_up(self, home: Profile) -> None:
        with daemon(home) as one:
            one.until(lambda: one.items() == 20)
            script(home, "hall", folders={"inbox": [30, 31]})
            home.write(config_toml=config(NAMED, "hall"))
            os.kill(one.process.pid, signal.SIGUSR1)

            one.until(lambda: one.account("hall"))

    def test_a_bad_edit_keeps_the_old_one_and_says_so(self, home: Profile) -> None:
        with daemon(home) as one:
            one.until(lambda: one.items() == 20)
            home.write(config_toml=config(NAMED).replace("scripted", "scirpted"))
            os.kill(one.process.pid, signal.SIGUSR1)
            one.until(lambda: "check: config.toml has 1 problem (line " in one.log())
            [line] = [line for line in one.log().splitlines() if "config.toml" in line]
            assert line.endswith("what held before still does. `auld config check` says what to mend.")
            assert "scirpted" not in one.log()
            said = home.tell("status")
            script(home, folders={"inbox": list(range(1, 26))})
            one.until(lambda: not one.workers())

            assert "The config file as it is now does not hold" in said
            assert one.process.poll() is None
            account = one.account()
            assert account
            assert account.enabled
            home.write(config_toml=config(NAMED))
            os.kill(one.process.pid, signal.SIGUSR1)
            one.until(lambda: "does not hold" not in home.tell("status"))

    @pytest.mark.parametrize("how", ["taken out", "switched off"])
    def test_an_opt_out_ends_the_round_within_five_seconds(self, home: Profile, how: str) -> None:
        script(home, trouble=["sleep", 2, 60])
        off = config() if how == "taken out" else config(NAMED) + "enabled = false\n"
        with daemon(home) as one:
            one.until(lambda: one.items() == 10)
            home.write(config_toml=off)
            began = time.monotonic()
            one.until(lambda: "opted out" in one.log())

            assert time.monotonic() - began < 5
            assert one.items() == 10
            one.until(lambda: not one.workers())
            one.until(lambda: "deleted a day later" in home.tell("status"))
            assert "items" not in home.tell("status")


class TestSync:
    def test_it_has_the_daemon_read(self, home: Profile) -> None:
        with daemon(home) as one:
            one.until(lambda: one.items() == 20)
            one.until(lambda: not one.workers())
            script(home, folders={"inbox": list(range(1, 31))})
            said = subprocess.run(
                [sys.executable, "-c", AULD, "sync"],
                env=env(home), capture_output=True, text=True, timeout=60,
            )  # fmt: skip

            assert said.returncode == 0, said.stderr
            assert said.stdout.startswith(f"{NAMED} (scripted): ok · last complete round 20")
            assert one.items() == 30
            assert one.log().count("round of account 1: ok") == 2
