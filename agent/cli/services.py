"""How does each system run a program of the user's? The file that it wants, and the commands that it takes."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.sax.saxutils import escape

NAME, LABEL = "auld", "org.auld.daemon"

WATCHDOG = 180
"""Seconds without a sign of life after which systemd starts it anew: it looks at the clock every 30."""


@dataclass(frozen=True, slots=True)
class Service:
    """The file of a service, and how it is put to work and taken away."""

    system: Literal["systemd", "launchd", "windows"]
    file: Path
    text: str
    install: tuple[tuple[str, ...], ...]
    uninstall: tuple[tuple[str, ...], ...]


def service(platform: str, home: Path, program: Sequence[str], logs: Path, given: Mapping[str, str]) -> Service:
    """The service for this platform (as `sys.platform` has it); `given` is what it finds in its environment.

    Only that of systemd was tried on a machine; the task of Windows waits for a daemon that runs there.
    """
    run = [*program, "daemon"]
    if platform == "darwin":
        file = home / "Library" / "LaunchAgents" / f"{LABEL}.plist"
        return Service(
            "launchd",
            file,
            _plist(run, logs, given),
            (("launchctl", "load", "-w", str(file)),),
            (("launchctl", "unload", "-w", str(file)),),
        )
    if platform == "win32":
        file = logs.parent / f"{NAME}-task.xml"
        return Service(
            "windows",
            file,
            _task(run, given),
            (("schtasks", "/Create", "/TN", NAME, "/XML", str(file), "/F"), ("schtasks", "/Run", "/TN", NAME)),
            (("schtasks", "/End", "/TN", NAME), ("schtasks", "/Delete", "/TN", NAME, "/F")),
        )
    file = home / ".config" / "systemd" / "user" / f"{NAME}.service"
    control = ("systemctl", "--user")
    return Service(
        "systemd",
        file,
        _unit(run, given),
        ((*control, "daemon-reload"), (*control, "enable", "--now", file.name)),
        ((*control, "disable", "--now", file.name),),
    )


def _unit(run: Sequence[str], given: Mapping[str, str]) -> str:
    place = "".join(f"Environment={_quoted(f'{name}={value}')}\n" for name, value in given.items())
    return f"""\
[Unit]
Description=auld, which keeps you in touch

[Service]
Type=notify
NotifyAccess=main
ExecStart={" ".join(_quoted(word.replace("$", "$$")) for word in run)}
{place}Restart=on-failure
RestartSec=30
RestartPreventExitStatus=6
WatchdogSec={WATCHDOG}
TimeoutStopSec=10
Nice=10
NoNewPrivileges=yes
UMask=0077

[Install]
WantedBy=default.target
"""


def _quoted(word: str) -> str:
    """A word as systemd reads it: % means something there, and $ on the line of a command."""
    word = word.replace("%", "%%")
    return word if shlex.quote(word) == word else '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _plist(run: Sequence[str], logs: Path, given: Mapping[str, str]) -> str:
    words = "\n".join(f"        <string>{escape(word)}</string>" for word in run)
    pairs = "".join(
        f"        <key>{escape(name)}</key>\n        <string>{escape(value)}</string>\n"
        for name, value in given.items()
    )
    place = f"    <key>EnvironmentVariables</key>\n    <dict>\n{pairs}    </dict>\n" if given else ""
    return f"""\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>Label</key>
    <string>{LABEL}</string>
    <key>ProgramArguments</key>
    <array>
{words}
    </array>
{place}    <key>RunAtLoad</key>
    <true/>
    <key>KeepAlive</key>
    <dict>
        <key>SuccessfulExit</key>
        <false/>
    </dict>
    <key>ThrottleInterval</key>
    <integer>30</integer>
    <key>ProcessType</key>
    <string>Background</string>
    <key>StandardErrorPath</key>
    <string>{escape(str(logs / "daemon.log"))}</string>
</dict>
</plist>
"""


def _task(run: Sequence[str], given: Mapping[str, str]) -> str:
    """A task of the Task Scheduler; variables are set by a shell around it, as a task knows none."""
    program, *words = run
    if given:
        sets = " && ".join(f'set "{name}={value}"' for name, value in given.items())
        program, words = "cmd.exe", ["/c", f'{sets} && "{run[0]}"', *run[1:]]
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>auld, which keeps you in touch</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>99</Count>
    </RestartOnFailure>
  </Settings>
  <Actions>
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(" ".join(words))}</Arguments>
    </Exec>
  </Actions>
</Task>
"""
