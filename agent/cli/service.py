"""`auld service`: have the system run the daemon, from login (or from boot) on."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from agent.cli.ends import ERROR, Ends
from agent.cli.services import Service, service

LINGER = "It runs while you are logged in. To have it run from boot on: loginctl enable-linger"


@click.group("service")
def service_() -> None:
    """Have the system run the daemon: install, uninstall, status."""


@service_.command("install")
def install() -> None:
    """Install the daemon as a service of yours, and start it."""
    found = here()
    if found.system == "windows":
        from agent.cli.foreground import NOT_THERE

        raise Ends(NOT_THERE, ERROR)
    found.file.parent.mkdir(parents=True, exist_ok=True)
    found.file.write_text(found.text, "utf-8")
    click.echo(f"{found.file} is written.")
    told = [does(command) for command in found.install]
    if all(told):
        click.echo("The daemon runs now; `auld status` tells how it does.")
    if found.system == "systemd":
        click.echo(LINGER)
    if not all(told):
        raise Ends("", ERROR)


@service_.command("uninstall")
def uninstall() -> None:
    """Stop the daemon, and take its service away. Nothing else is touched."""
    found = here()
    for command in found.uninstall:
        does(command)
    if found.file.exists():
        found.file.unlink()
        click.echo(f"{found.file} is gone.")
    else:
        click.echo("No service was installed.")


@service_.command("status")
def status() -> None:
    """Tell whether the service is installed, and whether a daemon runs."""
    from agent.cli.foreground import running
    from config.paths import paths

    found = here()
    click.echo(f"service: {'installed' if found.file.exists() else 'not installed'} ({found.file})")
    click.echo(f"daemon: {'running' if running(paths().state) else 'not running'}")


def here() -> Service:
    """The service of this machine and this profile."""
    from config.paths import paths, to_a_service

    where = paths()
    return service(sys.platform, Path.home(), program(), where.logs, to_a_service())


def program() -> list[str]:
    """How this auld is run: the program beside this Python, or Python itself."""
    beside = Path(sys.executable).with_name("auld.exe" if sys.platform == "win32" else "auld")
    return [str(beside)] if beside.exists() else [sys.executable, "-c", "from agent.cli import main; main()"]


def does(command: Sequence[str]) -> bool:
    """Run a command of the system's; what it says against it is shown."""
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)  # noqa: S603 - fixed words
    except (OSError, subprocess.TimeoutExpired) as error:
        click.echo(f"{' '.join(command)}: {error}", err=True)
        return False
    if done.returncode:
        click.echo(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}", err=True)
    return done.returncode == 0
