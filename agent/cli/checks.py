"""What may be wrong, and what mends it? One function to a check; `auld doctor` asks them all.

Nothing here names a person or a subject, or repeats what a server said. Nothing connects anywhere, but `online`.
"""

import os
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli import overview
from agent.words import count
from config.paths import Paths, chosen_home, shared

if TYPE_CHECKING:
    from agent.store.glance import AccountGlance, Glance
    from agent.wiring import House

LATE = 2 * 86_400
"""Seconds without a complete round after which an account no longer tells who wrote (as in `agent.work`)."""

AHEAD = 3_600
"""Seconds by which what was written down may lie ahead of the clock: more, and the clock was put back."""

BUILT = datetime(2025, 1, 1, tzinfo=UTC)
"""No clock that is right shows an earlier day."""

ONLINE = 20.0
"""Seconds for an account's server."""

SPARE = 200_000_000
"""Bytes that should be free: a store of 100,000 mails takes about as many, and is copied when it is cleansed."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `do` is the command that mends it, "" where nothing needs to be."""

    name: str
    ok: bool
    says: str
    do: str = ""


@dataclass(frozen=True, slots=True)
class Patient:
    """A profile, as far as it can be seen. `house` is None where its config does not hold."""

    paths: Paths
    seen: "Glance"
    at: datetime
    house: "House | None" = None
    problem: str = field(default="", repr=False)


def checks(patient: Patient, *, online: bool = False) -> Iterator[Check]:
    """All of it, in the order in which one would mend it."""
    yield config(patient)
    yield from modes(patient)
    yield store(patient)
    yield disk(patient)
    yield clock(patient)
    yield words()
    if patient.house is None:
        return
    yield zone(patient.house)
    yield keyring(patient.house)
    yield from accounts(patient, patient.house, online=online)
    yield daemon(patient, patient.house)
    yield service()
    yield digest(patient, patient.house)


def config(patient: Patient) -> Check:
    """Is there one, and does it hold?"""
    where = patient.paths.config
    if not where.exists():
        return Check("config", False, f"{where} is not there yet.", "auld init you@example.org")
    if patient.problem:
        return Check("config", False, f"{where} does not hold.", "auld config check")
    settings = patient.house.settings if patient.house else None
    if settings and settings.enabled:
        return Check("config", True, f"It holds: {count(len(settings.enabled), 'account')} on.")
    off = next(iter(settings.accounts), "") if settings else ""
    do = f"auld connectors enable {off}" if off else "auld init you@example.org"
    return Check("config", False, "No account is opted in.", do)


def modes(patient: Patient) -> Iterator[Check]:
    """Can nobody else read what is kept?"""
    where = patient.paths
    kept = (where.config, where.store, where.store.with_name(f"{where.store.name}-wal"), where.secrets, where.key)
    letters = where.digests.glob("*.eml") if where.digests.is_dir() else ()
    told = [path for path in (*kept, *letters) if open_to_others(path)]
    if told:
        what = f"{shlex.quote(str(told[0]))}{'' if len(told) == 1 else f' and {len(told) - 1} more'}"
        files = " ".join(shlex.quote(str(path)) for path in told)
        yield Check("file modes", False, f"Others may read {what}.", f"chmod 600 {files}")
    else:
        yield Check("file modes", True, "What is kept is readable by you alone.")


def open_to_others(path: Path) -> bool:
    """Whether others of this machine may read it: the config only where they can reach it, the rest by its mode."""
    if os.name != "posix" or not path.exists():
        return False
    return bool(shared(path)) if path.name == "config.toml" else bool(path.stat().st_mode & 0o077)


def store(patient: Patient) -> Check:
    """Is it there, whole, and of this version?"""
    from agent.store.health import damage

    seen, where = patient.seen, patient.paths.store
    if seen.missing:
        return Check("store", False, "Nothing was read yet.", "auld sync")
    if wrong := damage(where):
        return Check("store", False, f"{where} is damaged: {wrong}.", set_aside(where))
    if seen.trouble:
        return Check("store", False, seen.trouble, "auld sync")
    if seen.behind:
        return Check("store", False, "An older auld wrote it.", "auld sync")
    return Check("store", True, "It is whole, and of this version.")


def set_aside(where: Path) -> str:
    """What moves a store away, so that all is read anew."""
    return f"mv {shlex.quote(str(where))} {shlex.quote(f'{where}.damaged')} && auld sync"


def disk(patient: Patient) -> Check:
    """Is there room?"""
    where = next(path for path in (patient.paths.store.parent, *patient.paths.store.parents) if path.exists())
    free = shutil.disk_usage(where).free
    if free < SPARE:
        return Check("disk", False, f"Only {free // 1_000_000} MB are free where the store lies.", f"df -h {where}")
    return Check("disk", True, "There is room.")


def clock(patient: Patient) -> Check:
    """Does the clock show what it may show?"""
    known = [at for one in patient.seen.accounts for at in (one.ended_at, one.complete_at, one.last_page) if at]
    latest = max([*known, patient.seen.learned_at, int(BUILT.timestamp())])
    if patient.at.timestamp() < latest - AHEAD:
        says = f"The clock shows {patient.at:%Y-%m-%d}, earlier than what was read already."
        return Check("clock", False, says, "timedatectl set-ntp true")
    return Check("clock", True, "It is later than all that was read.")


def words() -> Check:
    """Can the word lists be loaded?"""
    try:
        from nlp import language

        language.pipeline("en")
        there = bool(language.stop_words("en") and language.odd_nouns())
    except Exception:  # whatever an installation may lack
        there = False
    if there:
        return Check("word lists", True, "They are there.")
    return Check("word lists", False, "The word lists cannot be loaded.", "make PYTHON=python3 .venv/ready")


def zone(house: "House") -> Check:
    """In which zone does a day begin?"""
    from agent import wiring

    named = house.settings.me.timezone
    if not named and os.name == "posix" and not wiring.LOCALTIME.exists():
        return Check("time zone", False, "Neither the config nor this machine names one.", "auld config edit")
    return Check("time zone", True, f"{named}." if named else "That of this machine.")


def keyring(house: "House") -> Check:
    """Can what is kept be opened?"""
    from config.secrets import NoSecret

    needing = keeping(house)
    if not needing and not house.paths.secrets.exists():
        return Check("keyring", True, "No account needs it.")
    try:
        house.secrets().reachable()
    except NoSecret as trouble:
        none = "no keyring" in trouble.what or not needing
        return Check("keyring", False, trouble.what, "auld config edit" if none else f"auld login {needing[0]}")
    except OSError as error:
        return Check("keyring", False, f"{house.paths.secrets}: {error.strerror}.", f"ls -l {house.paths.secrets}")
    return Check("keyring", True, "It opens what is kept.")


def keeping(house: "House") -> list[str]:
    """The accounts for which something is to be kept: a password that no program tells, or a consent."""
    from config.settings import Consented, SignedIn

    found = [
        name
        for name, one in house.settings.enabled.items()
        if isinstance(one, Consented) or (isinstance(one, SignedIn) and not one.secret_command)
    ]
    smtp = house.settings.smtp
    return [*found, "smtp"] if smtp and not (smtp.account or smtp.secret_command or smtp.security == "none") else found


def accounts(patient: Patient, house: "House", *, online: bool) -> Iterator[Check]:
    """Of each account: what signs in, its last round, and, where that is asked for, its server."""
    from config.secrets import NoSecret

    needed = keeping(house)
    try:
        there = set(house.secrets().names()) if needed else set()
    except (NoSecret, OSError):
        there = set()
    for name in needed:
        if name not in there:
            yield Check(f"{name}: sign-in", False, "Nothing is kept that signs in.", f"auld login {name}")
        else:
            yield Check(f"{name}: sign-in", True, "It is kept.")
    yield from programs(house)
    known = {one.name: one for one in patient.seen.accounts}
    for name in house.settings.enabled:
        yield round_of(name, known.get(name), patient.at)
        if online and not (name in known and known[name].archive):
            yield server(house, name)


def programs(house: "House") -> Iterator[Check]:
    """Of each account whose password a program tells: is the program there? It is not run."""
    from config.settings import SignedIn

    for name, one in house.settings.enabled.items():
        if isinstance(one, SignedIn) and one.secret_command:
            program = str(Path(one.secret_command[0]).expanduser())
            if shutil.which(program):
                yield Check(f"{name}: sign-in", True, "A program tells it.")
            else:
                yield Check(f"{name}: sign-in", False, "The program that tells it is not there.", "auld config edit")


def round_of(name: str, one: "AccountGlance | None", at: datetime) -> Check:
    """When was an account last read to its end?"""
    what = f"{name}: last round"
    if one is None or (one.archive and not one.streams) or not (one.archive or one.begun_at):
        return Check(what, False, "It was not read yet.", f"auld sync {name}")
    if one.state == "sign in":
        return Check(what, False, "Its server wants you to sign in.", f"auld login {name}")
    if one.state == "resting":
        return Check(what, False, "It rests after a bug of auld's own.", f"auld sync {name}")
    if one.archive:
        return Check(what, True, "It is an archive, and was read.")
    if one.complete_at is None:
        return Check(what, False, "It was never read to its end.", f"auld sync {name}")
    if at.timestamp() - one.complete_at > LATE:
        return Check(what, False, f"It was last read to its end on {overview.day(one.complete_at)}.", "auld daemon")
    return Check(what, True, "It was read to its end within two days.")


def server(house: "House", name: str) -> Check:
    """Does the server of an account answer, and let us in? The one check that connects."""
    from agent import wiring
    from agent.pull import closed
    from connectors.contract import NeedsUser, Trouble

    try:
        with closed(house.connect(name, wiring.now(), wiring.allowed(ONLINE))) as connector:
            connector.streams()
    except NeedsUser:
        return Check(f"{name}: server", False, "It does not let auld in.", f"auld login {name} --check")
    except Trouble:
        return Check(f"{name}: server", False, "It does not answer as it should.", f"auld sync {name}")
    return Check(f"{name}: server", True, "It answers.")


def daemon(patient: Patient, house: "House") -> Check:
    """Does it run where there is something for it to do?"""
    from agent import config_file

    if overview.daemon_runs():
        return Check("daemon", True, "It runs.")
    live = any(not config_file.archive(one) for one in house.settings.enabled.values())
    if live or house.settings.digest.via != "stdout":
        return Check("daemon", False, "It does not run: nothing is read or sent by itself.", "auld service install")
    return Check("daemon", True, "It does not run, and nothing waits for it.")


def service() -> Check:
    """Is the service that is installed the one of this program and profile?"""
    from agent.cli.service import here

    found = here()
    if not found.file.exists():
        return Check("service", True, "None is installed.")
    text, home = found.file.read_text("utf-8", "replace"), chosen_home()
    if (str(home) not in text) if home else ("AULD_HOME" in text):
        return Check("service", True, "The one that is installed is of another profile.")
    if text != found.text:
        says = f"{found.file} starts another program, or starts it otherwise."
        return Check("service", False, says, "auld service install")
    return Check("service", True, "It starts this program.")


def digest(patient: Patient, house: "House") -> Check:
    """Where does it go, and did the last one arrive?"""
    seen, via = patient.seen, house.settings.digest.via
    if not house.me:
        return Check("digest", False, "Nobody knows whose mail it is: [me] has no address.", "auld config edit")
    if seen.mailing:
        return Check("digest", False, "The last one did not arrive.", "auld digest --test")
    if seen.drafts:
        return Check("digest", False, f"{seen.drafts[:1].upper()}{seen.drafts[1:]}", "auld config edit")
    if seen.pause and overview.goes_on(seen.pause):
        return Check("digest", True, seen.pause.says)
    last = f"the last one was of {seen.last_digest.isoformat()}" if seen.last_digest else "there was none yet"
    way = "shown when you ask" if via == "stdout" else f"by {via} at {house.settings.digest.at:%H:%M}"
    return Check("digest", True, f"It is {way}; {last}.")
