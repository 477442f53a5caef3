"""A headless Chromium, with a profile of its own, which talks to nobody but the pages that it is shown."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


def command(folder: Path, *arguments: str) -> list[str]:
    """How it is called. Skips the test where there is none; in CI that is a failure."""
    if not PROGRAM:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is absent; CI installs it (see .ci/run)")
        pytest.skip("Chromium is not installed: what a person looks at is not looked at here")
    return [PROGRAM, *QUIET, f"--user-data-dir={folder / 'profile'}", *arguments]


def dumped(folder: Path, *arguments: str) -> str:
    """The page that is there at the end, when its scripts have run."""
    done = subprocess.run(
        command(folder, "--dump-dom", *arguments), capture_output=True, check=True, timeout=60, text=True
    )
    return done.stdout
