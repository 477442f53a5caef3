"""Where are the real things made? Here and nowhere else; tests call the rooms below with others.

Everything is imported inside its function, so that a command pays only for what it uses.
"""

import inspect
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import connectors
from agent import config_file, outputs
from config.paths import Paths, handed, paths

if TYPE_CHECKING:
    from agent.outputs import Output
    from agent.outputs.drafts import Drafts
    from agent.schedule import Task
    from agent.store.store import Store
    from agent.texts import Mark
    from config.secrets import Secrets
    from config.settings import Account, Settings
    from connectors.consent import Consent, Kept
    from connectors.contract import Connector, Credential, Interaction, Session

SMTP = "smtp"
"""Under which name the password of [smtp] is kept; no account may be called so beside it."""

DELIVERY = 5 * 60.0
"""Seconds for one mail, however slowly its server speaks."""

LOCALTIME = Path("/etc/localtime")
"""Where Unix keeps the rules of the system's time zone."""


def now() -> datetime:
    """The present, aware, in UTC: the only place where the clock is read."""
    return datetime.now(UTC)  # noqa: TID251 - here and nowhere else


def clock(start: datetime | None = None) -> Callable[[], datetime]:
    """The present; or, for tests and rehearsals, a present that began at `start` just now."""
    if start is None:
        return lambda: now()  # looked up each time: tests put another in its place
    began = time.monotonic()
    return lambda: start + timedelta(seconds=time.monotonic() - began)


def worker_argv(task: "Task", at: datetime | None = None) -> list[str]:
    """The program that does this task; `at` is its present where that is not the real one."""
    told = ["--now", at.isoformat()] if at else []
    return [sys.executable, "-m", "agent.worker", task.what, *([task.name] if task.name else []), *told]


@dataclass(frozen=True, slots=True)
class House:
    """One profile: where it lies, what the user chose, and in which zone their day begins."""

    paths: Paths
    settings: "Settings"
    zone: tzinfo

    def store(self) -> "Store":
        """The store of this profile, made or brought up to date where needed."""
        from agent.store.store import Store

        self.paths.make()
        return Store.open(self.paths.store)

    @property
    def me(self) -> str:
        """The address that the digest goes to; "" while none is known."""
        return next(iter(self.settings.me.addresses), "")

    def sender(self, via: str) -> str:
        """The user's own address that a digest comes from and goes to on that way."""
        smtp = self.settings.smtp if via == "smtp" else None
        return (smtp.address if smtp else None) or self.me

    def secrets(self, *, ask: bool = False) -> "Secrets":
        """The passwords and tokens of this profile; with `ask` somebody is there to open the keyring."""
        return secrets_of(self.paths, file=self.settings.secrets.file, ask=ask)

    def mark(self, name: str) -> "Mark | None":
        """What turns the texts of this account into marks; None where only its headers may be read."""
        text = self.settings.accounts[name].read == "text"
        return marker(self.settings.me.addresses, self.zone) if text else None

    def credential(self, name: str) -> "Credential":
        """What signs in at the account of that name, or at the server of [smtp]. Raises NeedsUser."""
        from config.secrets import NoSecret, printed
        from config.settings import SignedIn
        from connectors.contract import Credential, NeedsUser

        smtp = self.settings.smtp if name == SMTP else None
        if smtp and smtp.account:
            return self.credential(smtp.account)
        account = self.settings.accounts.get(name)
        if smtp:
            command, auth, user = smtp.secret_command, smtp.auth, smtp.user or self.sender(SMTP)
        elif isinstance(account, SignedIn):
            command, auth, user = account.secret_command, account.auth, account.login
        else:
            raise NeedsUser(f"{name} is no account that one signs in to.", "Look at its section in the config.")
        with _told():
            secret = printed(command) if command else self.secrets().get(name)
            if secret is None:
                raise NoSecret(f"No password is kept for {name}.", f"`auld login {name}` asks for it.", passes=True)
        return Credential(user, secret, auth)

    def connect(self, name: str, at: datetime, session: "Session | None" = None) -> "Connector":
        """The connector of the account of that name, which is asked for its password only where it signs in."""
        account = self.settings.accounts[name]
        return connect(account, at, self.zone, session, lambda: self.credential(name), self.kept(name))

    def kept(self, name: str) -> "Kept":
        """What is kept of the consent that opens the account of that name."""
        return _Kept(self, name)

    def output(self, via: str, at: datetime, echo: Callable[[str], None], session: "Session | None" = None) -> "Output":
        """The way that a digest goes; it is handed what its constructor asks for by name. Raises NeedsUser."""
        from config.settings import INBOXES
        from connectors.contract import NeedsUser

        if via == "smtp" and self.settings.smtp is None:
            raise NeedsUser("There is no mail server to send with.", "Write a section [smtp] with its `host`.")
        if via == "append" and self.settings.inbox not in self.settings.enabled:
            raise NeedsUser("There is no inbox to put it into.", 'Opt in an account of kind "imap".')
        session = allowed(min(DELIVERY, session.left()) if session else DELIVERY)
        smtp, inbox = self.settings.smtp, self.settings.inbox
        way = INBOXES[self.settings.accounts[inbox].kind] if via == "append" else via
        module, _, kind = outputs.KINDS[way].partition(":")
        make: Callable[..., Output] = getattr(import_module(module), kind)
        who = SMTP if via == "smtp" else inbox
        named = smtp is not None and bool(smtp.account or smtp.user or smtp.secret_command)
        anonymous = smtp is not None and via == "smtp" and smtp.security == "none" and not named
        offered: dict[str, Callable[[], Any]] = {
            "folder": lambda: self.paths.digests,
            "echo": lambda: echo,
            "now": lambda: at,
            "session": lambda: session,
            "account": lambda: self.settings.accounts[inbox],
            "credential": lambda: nobody if anonymous else lambda: self.credential(who),
            "smtp": lambda: smtp,
            "own": lambda: self.settings.me.addresses,
            "inbox": lambda: self.output("append", at, echo, session) if self._seen(inbox) else None,
            "kept": lambda: self.kept(inbox),
        }
        asked = inspect.signature(make).parameters
        return make(**{key: give() for key, give in offered.items() if key in asked})

    def drafts(self, at: datetime, session: "Session | None" = None) -> "Drafts | None":
        """The folder that drafts are put into; None where none are wanted, or their account is off."""
        inbox = self.settings.inbox
        if not self.settings.digest.drafts or not self._seen(inbox):
            return None
        from agent.outputs.drafts import Drafts

        session = allowed(min(DELIVERY, session.left()) if session else DELIVERY)
        account: Any = self.settings.accounts[inbox]
        return Drafts(account, lambda: self.credential(inbox), session, at)

    def _seen(self, inbox: str) -> bool:
        """Whether one can look whether a digest has come into that account's inbox."""
        return inbox in self.settings.enabled and self.settings.accounts[inbox].kind == "imap"

    def sign_in(self, name: str, show: Callable[[str], None], browse: Callable[[str], bool]) -> "Consent":
        """Have the user consent on the page of the account's vendor. Nothing is kept. Raises NeedsUser, TryLater."""
        account = self.settings.accounts[name]
        module = import_module(connectors.SIGN_INS[account.kind])
        consent: Consent = module.sign_in(account, now=now(), show=show, browse=browse, digest=self.fills(name))
        return consent

    def fills(self, name: str) -> bool:
        """Whether the digest is put into the inbox of this account: a vendor asks for a right of its own for that."""
        return self.settings.digest.via == "append" and self.settings.inbox == name


class _Kept:
    """A `connectors.consent.Kept` among the secrets of a profile."""

    def __init__(self, house: House, name: str) -> None:
        self._house, self._name = house, name

    def get(self) -> str:
        """Raises NeedsUser."""
        with _told():
            kept = self._house.secrets().get(self._name)
        if kept is None:
            from connectors.contract import NeedsUser

            raise NeedsUser(f"{self._name} is not signed in.", f"`auld login {self._name}` opens the sign-in page.")
        return kept

    def keep(self, value: str) -> None:
        """Raises NeedsUser."""
        with _told():
            self._house.secrets().keep(self._name, value)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Raises NeedsUser."""
        with self._house.secrets().locked(self._name):
            yield


@contextmanager
def _told() -> Iterator[None]:
    """What is wrong with the keyring is for the user."""
    from config.secrets import NoSecret
    from connectors.contract import NeedsUser

    try:
        yield
    except NoSecret as trouble:
        raise NeedsUser(trouble.what, trouble.remedy) from trouble


def nobody() -> None:
    """Who signs in at a server of this machine that asks for no name."""


def secrets_of(found: Paths, *, file: bool, ask: bool = False) -> "Secrets":
    """The passwords and tokens of the profile that lies there; `file`: their key may lie in a file."""
    from config.secrets import Secrets, Sources

    return Secrets(found.secrets, Sources(handed(), found.key if file else None, ask))


def house(environ: Mapping[str, str] | None = None) -> House:
    """The profile of whoever runs us. Raises config.load.ConfigProblems."""
    found = paths(environ)
    settings = config_file.chosen(found)
    return House(found, settings, zone(settings.me.timezone))


def forget_secret(found: Paths, name: str) -> None:
    """Forget the password or token of an account, if one is kept."""
    if found.secrets.exists():
        secrets_of(found, file=True).forget(name)


def allowed(seconds: float = float("inf")) -> "Session":
    """What may be spent from now on: so many seconds, and waiting at a vendor's pace is a part of them."""
    from connectors.contract import Session

    return Session(time.monotonic, time.monotonic() + seconds, rest=time.sleep)  # noqa: TID251 - for the Session


def scopes(account: "Account", *, digest: bool = False) -> tuple[str, ...]:
    """What a vendor is asked to open for this account; nothing where one signs in with a password."""
    if account.kind not in connectors.SIGN_INS:
        return ()
    found: tuple[str, ...] = import_module(connectors.SIGN_INS[account.kind]).scopes(account, digest=digest)
    return found


def withdraw(found: Paths, kind: str, name: str) -> str:
    """Tell the vendor, if one can, that the consent to this account is over; gives a sentence for the user, or ""."""
    from connectors.contract import Trouble

    if kind not in connectors.SIGN_INS or not found.secrets.exists():
        return ""
    from config.secrets import NoSecret

    with suppress(NoSecret, Trouble):
        kept = secrets_of(found, file=True).get(name)
        if kept:
            said: str = import_module(connectors.SIGN_INS[kind]).revoke(kept)
            return said
    return ""


def zone(name: str) -> tzinfo:
    """The time zone of that name; the system's where none is given."""
    if name:
        return ZoneInfo(name)
    try:
        with LOCALTIME.open("rb") as rules:
            return ZoneInfo.from_file(rules)
    except (OSError, ValueError):
        from dateutil.tz import tzlocal

        return tzlocal()


def connect(
    account: "Account",
    at: datetime,
    local: tzinfo,
    session: "Session | None" = None,
    credential: "Callable[[], Credential] | None" = None,
    kept: "Kept | None" = None,
) -> "Connector":
    """The connector of an account that the user opted in; its library is imported now, and no other's.

    It is handed what its constructor asks for by name, and nothing else. Raises NeedsUser where there is no password.
    """
    from connectors.contract import NeedsUser

    def unknown() -> "Credential":
        raise NeedsUser("No password is kept for this account.", "`auld login NAME` asks for it.")

    module, _, name = connectors.KINDS[account.kind].partition(":")
    make: Callable[..., Connector] = getattr(import_module(module), name)
    asked = inspect.signature(make).parameters
    offered: dict[str, Callable[[], Any]] = {
        "now": lambda: at,
        "zone": lambda: local,
        "session": lambda: session or allowed(),
        "credential": credential or unknown,
        "kept": lambda: kept,
    }
    return make(account, **{key: give() for key, give in offered.items() if key in asked})


def marker(own: Iterable[str] = (), zone: tzinfo = UTC) -> "Mark":
    """What turns texts into marks, for the user with these addresses, in this zone; it loads the word lists.

    Of a mail is known when it was sent, and not where: "by Friday" is the user's Friday. The names by which the user
    goes are those that the mail is addressed with, and those that an address like first.last@ spells; where there are
    none, nobody can tell whether a greeting means somebody else.
    """
    from agent.gifts.promised import signed
    from agent.people.names import fold, same_given
    from agent.texts import Mark
    from nlp import marks

    mine = frozenset(address.lower() for address in own)
    spelled = {word for address in mine for word in names_in(fold(address.partition("@")[0]))}

    def made(text: marks.Text, mail: "Interaction | None", said: str) -> marks.Marks:
        addressed = mail.to + mail.cc if mail else ()
        written = mail.sent.astimezone(zone).date() if mail and mail.meeting is None else None
        called = {w for p in addressed if p.address in mine for w in re.split(r"[^\w]+", fold(p.name)) if len(w) > 2}
        known = spelled | called

        def goes_by(name: str) -> bool:
            return any(same_given(fold(name), word) or same_given(word, fold(name)) for word in known)

        return signed(marks.mark(text, is_me=goes_by if known else None, said=said, written=written), said)

    return Mark(marks.read, made)


def names_in(local: str) -> list[str]:
    """The words of the part before an @, where it is spelled from a name: a word alone may mean anything."""
    words = [word for word in re.split(r"[^a-z]+", local) if word]
    return [word for word in words if len(word) > 2] if len(words) > 1 else []
