"""What is the user's own project at Google known by?

It has a client of the type "Desktop app"; its JSON file is read once, at the sign-in.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

from connectors.contract import NeedsUser


@dataclass(frozen=True, slots=True)
class Client:
    """What the user's own project is known by. Google calls the second a secret; in a desktop app it is none."""

    id: str
    secret: str = field(repr=False)


def client(path: Path) -> Client:
    """The client in the file that Google offers for download. Raises NeedsUser."""
    make = 'Make one in your project (console.cloud.google.com, Clients, Create client, type "Desktop app").'
    try:
        told = json.loads(path.expanduser().read_bytes())
    except FileNotFoundError:
        raise NeedsUser(
            f"{path}: there is no such file.", "Download the client's JSON, and correct `client`."
        ) from None
    except OSError as trouble:
        what = f"{path}: it cannot be read ({trouble.strerror})."
        raise NeedsUser(what, "Let your user read it, or correct `client`.") from None
    except ValueError:
        raise NeedsUser(f"{path}: this is no JSON.", "Download the client's JSON again.") from None
    told = told if isinstance(told, dict) else {}
    if "web" in told:
        raise NeedsUser(f'{path}: this is a client of type "Web application", which cannot sign in here.', make)
    if told.get("type") == "service_account":
        raise NeedsUser(f"{path}: this is the key of a service account, which has no mailbox of yours.", make)
    inner = told.get("installed")
    named = inner if isinstance(inner, dict) else {}
    if not all(isinstance(named.get(key), str) and named[key] for key in ("client_id", "client_secret")):
        raise NeedsUser(f'{path}: this is no client of type "Desktop app".', make)
    return Client(named["client_id"], named["client_secret"])
