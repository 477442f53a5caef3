"""Does anything of the whole suite reach for a host that is not this machine? An audit hook refuses it, and tells.

`watch()` sets the hook in this process, and in every Python that is started from here: the folder of this file goes on
their path, where `sitecustomize` does the same. A test that looks up a host which must not be found says so with
`@pytest.mark.looks_up("nowhere.invalid")`; it is refused all the same, and only not counted.
"""

import os
import tempfile
from pathlib import Path

from tests.sockets import sitecustomize

FOLDER = Path(__file__).parent


def watch() -> None:
    """Refuse everything but loopback from now on, here and in the processes that are started from here."""
    handle, name = tempfile.mkstemp(prefix="auld-reached-")
    os.close(handle)
    os.environ[sitecustomize.NOTED] = name
    path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys([str(FOLDER), *filter(None, path)]))
    sitecustomize.hook()


def reached() -> list[str]:
    """What was tried since this was asked last, one line for each."""
    noted = Path(os.environ[sitecustomize.NOTED])
    tried = noted.read_text("utf-8").splitlines() if noted.exists() else []
    if tried:
        noted.write_text("", "utf-8")
    return tried


def unwatch() -> None:
    """The file of notes goes; the hook stays for as long as the process."""
    Path(os.environ.pop(sitecustomize.NOTED)).unlink(missing_ok=True)
