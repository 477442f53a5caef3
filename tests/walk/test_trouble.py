"""Whatever is wrong is said, with where and what to do, has its own exit code, and harms nothing else."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from agent import worker
from agent.cli import COMMANDS, cli
from agent.store.glance import glance
from tests.profiles import Profile
from tests.walk.mailboxes import ME, letters, mbox

CONFIG = f'[me]\naddresses = ["{ME}"]\n'
PROGRAM = [sys.executable, "-c", "from agent.cli import main; main()"]


def account(name: str, file: str, kind: str = "mbox") -> str:
    return f'\n[accounts.{name}]\nkind = "{kind}"\npath = "{file}"\n'


SICK = {
    "there is no such file": (account("bad", "gone.mbox"), "there is no such file. Check `path`; was it moved?"),
    "it is no mailbox": (account("bad", "novel.txt"), "no mail was found in it"),
    "it is a picture": (account("bad", "image.png"), "no mail was found in it"),
    "it cannot be unpacked": (account("bad", "torn.zip"), "Unpack it, and give what was inside."),
    "there is no such calendar": (account("bad", "gone.ics", "ics"), "there is no such file. Correct `path`"),
    "it is no calendar": (account("bad", "novel.txt", "ics"), "this is no calendar"),
}


@pytest.fixture
def home(tmp_path: Path) -> Profile:
    profile = Profile(tmp_path / "home")
    profile.write(
        good_mbox=mbox(letters(30)),
        novel_txt="It was a dark and stormy night.\n" * 20,
        image_png=b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        torn_zip=b"PK\x03\x04" + b"\x00" * 60,
    )
    return profile


@pytest.mark.parametrize(("section", "words"), SICK.values(), ids=SICK)
def test_a_sick_account_harms_no_other(section: str, words: str, home: Profile) -> None:
    home.write(config_toml=CONFIG + section + account("good", "good.mbox"))

    said = home.run("sync")

    assert said.code == 3
    assert said.err.startswith("bad: ")
    assert words in said.err
    assert said.err.count("\n") == 1
    assert "good: 30 read, 30 new" in said.out
    assert home.json("people")["all"] == 12


@pytest.mark.parametrize(("section", "words"), SICK.values(), ids=SICK)
def test_where_all_are_sick_the_user_is_needed(section: str, words: str, home: Profile) -> None:
    home.write(config_toml=CONFIG + section)

    said = home.run("sync")

    assert said.code == 4
    assert words in said.err


def test_what_cannot_be_read_gets_no_section(home: Profile) -> None:
    said = home.run("import", home.home / "novel.txt", home.home / "good.mbox", "--me", ME)

    assert said.code == 3
    assert "novel.txt: " in said.err
    assert "good: 30 read, 30 new" in said.out
    assert "novel" not in home.config.read_text("utf-8")


def test_where_nothing_can_be_read_no_config_is_written(home: Profile) -> None:
    assert home.run("import", home.home / "novel.txt", "--me", ME).code == 4
    assert not home.config.exists()


def test_a_file_that_becomes_readable_is_read(home: Profile) -> None:
    home.write(config_toml=CONFIG + account("late", "late.mbox"))
    assert home.run("sync").code == 4
    home.write(late_mbox=mbox(letters(5)))

    assert "late: 5 read, 5 new" in home.tell("sync")


def test_a_bad_message_is_counted_and_named_and_harms_no_other(home: Profile) -> None:
    mails = [str(one) for one in letters(3)]
    mails[1] = "From someone@s.example\n" + mails[1].partition("\n")[2].replace("Date: ", "X-Day: ")
    home.write(config_toml=CONFIG + account("mail", "mail.mbox"), mail_mbox="\n".join(mails))

    said = home.tell("sync")

    assert "mail: 2 read, 2 new, 1 could not be read (mail, byte " in said
    assert home.json("status")["accounts"][0]["missed"] == 1


class TestTheConfig:
    BAD = '[me]\naddresses = ["me"]\n\n[digest]\npeopel = 3\nat = "25:00"\n\n[accounts.x]\nkind = "mbax"\n'

    @pytest.mark.parametrize("command", ["sync", "digest", "people", "why", "find", "later", "config check"])
    def test_all_its_problems_are_told_by_every_command(self, command: str, home: Profile) -> None:
        home.write(config_toml=self.BAD)
        more = {"why": ["a"], "find": ["a"], "later": ["a"]}.get(command, [])

        said = home.run(*command.split(), *more)

        assert said.code == 5
        assert said.out == ""
        assert said.err.startswith("config.toml has 4 problems:\n  line 2: ")
        assert "Did you mean `people`?" in said.err
        assert "Did you mean `mbox`?" in said.err

    def test_status_says_only_what_it_sees(self, home: Profile) -> None:
        home.write(config_toml="[me\n")

        assert "`auld config check` says why." in home.tell("status")

    def test_status_gives_each_problem_a_line_with_every_account_off_too(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox"))
        home.tell("sync")
        home.write(config_toml=self.BAD + account("good", "good.mbox") + "enabled = false\n")
        with home.entered():
            assert worker.main(["check"]) == 0  # as the daemon has it done

        told = home.tell("status").splitlines()

        assert told[0] == "The config file as it is now does not hold; the one before does."
        assert told[1] == "config.toml has 4 problems:"
        assert [line[:7] for line in told[2:6]] == ["  line "] * 4
        assert told[6].startswith("good: off since ")

    def test_status_says_which_accounts_are_off(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox") + "enabled = false\n")

        assert home.tell("status").splitlines() == [
            "good: off",
            "No account is opted in. `auld connectors enable NAME` switches one on.",
        ]

    @pytest.mark.parametrize("via", ["smtp", "append"])
    def test_a_way_that_lacks_something_is_told(self, via: str, home: Profile) -> None:
        home.write(config_toml=CONFIG + f'[digest]\nvia = "{via}"\n' + account("good", "good.mbox"))

        said = home.run("digest")

        assert said.code == 5
        assert f'digest.via: "{via}" needs ' in said.err


class TestWhoReadsTheConfig:
    """The config holds no password, but it names the accounts, and a calendar's private link may stand in it."""

    @pytest.fixture
    def open_(self) -> Iterator[Profile]:
        """A profile in a folder that everybody may enter, with a config file as an editor makes it."""
        with tempfile.TemporaryDirectory() as made:
            Path(made).chmod(0o755)
            profile = Profile(Path(made))
            profile.write(config_toml=CONFIG)
            profile.config.chmod(0o644)
            yield profile

    @pytest.mark.parametrize("command", ["config check", "status"])
    def test_who_else_may_read_it_is_told_until_it_is_closed(self, command: str, open_: Profile) -> None:
        told = f"{open_.config} can be read by other users of this machine. Close it: chmod 600 {open_.config}\n"
        assert told in open_.tell(*command.split())

        open_.config.chmod(0o600)
        assert "chmod" not in open_.tell(*command.split())

    def test_in_a_folder_of_ones_own_nobody_else_reads_it(self, open_: Profile) -> None:
        open_.home.chmod(0o700)

        assert "chmod" not in open_.tell("config", "check")
        assert open_.json("status")["config_shared"] == open_.json("config", "check")["shared"] == ""

    def test_programs_are_told_too(self, open_: Profile) -> None:
        assert "chmod 600" in open_.json("status")["config_shared"]
        assert "chmod 600" in open_.json("config", "check")["shared"]


class TestNothingWasRead:
    def test_the_digest_says_so_and_what_to_do(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox"))

        said = " ".join(home.tell("digest").split())
        assert "Nothing has been read yet. `auld sync` reads your accounts, `auld status` tells how they are." in said

        home.tell("sync")
        assert "has been read" not in home.tell("digest")

    def test_without_an_account_the_way_in_is_told(self, home: Profile) -> None:
        home.write(config_toml=CONFIG)

        assert "No account is opted in, so nothing has been read. `auld init" in home.json("digest")["silent_because"]

    def test_a_morning_before_all_that_was_read_says_so(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox"))
        home.tell("sync")

        assert "Nothing that was read is as old as that morning." in home.tell("digest", "--now", "1995-01-01")


class TestUsage:
    @pytest.mark.parametrize(
        ("args", "words"),
        [
            (("synk",), "Did you mean `auld sync`?"),
            (("poeple",), "Did you mean `auld people`?"),
            (("xyzzy",), "`auld --help` lists the commands."),
            (("later",), "Missing argument"),
            (("people", "--mots", "3"), "--most"),
            (("people", "--most", "0"), "0 is not in the range"),
            (("digest", "--via", "fax"), "stdout"),
            (("import", "gone.mbox"), "there is no such file. Nothing was read."),
            (("sync", "nobody"), "There is no account 'nobody'"),
            (("sync",), "`auld init you@example.org` opts a mailbox in; `auld import FILE --me you@example.org`"),
            (("later", "2"), "`auld digest` makes one"),
            (("person", "Zora"), "`auld find Zora` searches more widely."),
            (("digest",), "Whose mail is it?"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
    )
    def test_a_slip_is_told_with_what_to_do(self, args: tuple[str, ...], words: str, tmp_path: Path) -> None:
        said = Profile(tmp_path / "new").run(*args)

        assert said.code == 2
        assert words in said.err
        assert "Traceback" not in said.err

    def test_nobody_is_guessed_to_be_the_user(self, home: Profile) -> None:
        said = home.run("import", home.home / "good.mbox")

        assert said == ("", "Whose mail is it? Give your own address: auld import FILE --me you@example.org\n", 2)
        assert not home.config.exists()

    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_its_help(self, command: str, tmp_path: Path) -> None:
        said = Profile(tmp_path / "new").run(command, "--help")

        assert said.code == 0
        assert said.out.startswith("Usage: auld " + command)

    def test_every_line_of_help_is_the_commands_own(self) -> None:
        """`auld --help` imports no command, so its lines stand in a table; they say the same."""
        for name, (_, line) in COMMANDS.items():
            command = cli.get_command(click.Context(cli), name)
            assert command is not None
            assert command.name == name
            assert line.endswith(".")


class TestTheStore:
    def test_no_database_is_told(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox"), auld_db="This is a letter to Ann.\n" * 50)

        said = home.run("sync")

        assert said.code == 1
        assert "this is no database. Move the file away" in said.err
        assert "auld.db" in home.tell("status")

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may do anything")
    def test_a_folder_that_may_not_be_written_is_told(self, home: Profile) -> None:
        home.write(config_toml=CONFIG + account("good", "good.mbox"))
        home.home.chmod(0o500)
        said = home.run("sync")
        home.home.chmod(0o700)

        assert said.code == 1
        assert "Traceback" not in said.err


class TestTheProcess:
    def test_ctrl_c_says_that_nothing_was_lost(self, home: Profile) -> None:
        home.write(big_mbox=mbox(letters(24_000, people=20)), config_toml=CONFIG + account("big", "big.mbox"))
        with home.entered():
            started = subprocess.Popen(
                [*PROGRAM, "sync"],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background has none
            )
        for _ in range(6_000):
            if any(one.items for one in glance(home.home / "auld.db").accounts) or started.poll() is not None:
                break
            time.sleep(0.005)
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=60)

        assert started.returncode == 130
        assert err.strip() == "Interrupted; what was read so far is kept."
        assert "new" in home.tell("sync")
        assert home.json("status")["accounts"][0]["items"] == 24_000

    def test_a_reader_who_leaves_is_no_error(self, demo_home: Profile) -> None:
        with demo_home.entered():
            done = subprocess.run(
                ["bash", "-c", '"$@" | head -n 1', "-", *PROGRAM, "find", "re", "--most", "5000"],
                capture_output=True, text=True, timeout=60,
            )  # fmt: skip

        assert done.stderr == ""
        assert done.stdout.startswith("what")


def test_a_pipe_is_refused_in_words(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "home")
    os.mkfifo(tmp_path / "mail.mbox")

    said = profile.run("import", tmp_path / "mail.mbox", "--me", "nora@mill.example")

    assert said.code == 2
    assert "neither a file nor a folder" in said.err
    assert not profile.config.exists()
