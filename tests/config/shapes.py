"""Two kinds of account for the tests of config, which knows no connector."""

from pathlib import Path

from config.settings import Account, Address


class Archive(Account):
    path: Path
    others: tuple[Path, ...] = ()


class Server(Account):
    host: str
    address: Address = "ada@example.org"
    port: int = 993
    mail: bool = True
    port_or_name: int | str = 0


KINDS: dict[str, type[Account]] = {"archive": Archive, "server": Server}
