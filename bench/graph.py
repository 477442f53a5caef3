"""How fast is a page of Graph's parsed and stored? Beside the transport alone, and the parts of the way one by one.

    python bench/graph.py [--messages 5000] [--rounds 5]

Pages of 100 mails as Graph gives them, with their headers, from a process on loopback that does nothing but hand over
bytes. Each round begins with an empty store; all ways take turns, and the least of each counts, in seconds of CPU.
"""

import argparse
import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from agent.store.store import Store
from agent.worker import AT_ONCE
from connectors.consent import AccessToken
from connectors.contract import Session, Stream
from connectors.graph import Api, Endpoints
from connectors.outlook_mail import OutlookMail

PAGE = 100
BAR = 5_000
"""Messages a second, parsed and stored (`speed.md`, P13)."""

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INBOX = Stream("inbox", "Inbox", "\\Inbox")


class Given:
    """A token that this server does not look at."""

    def access(self, *, refused: bool = False) -> AccessToken:
        return AccessToken("x", NOW + timedelta(days=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help="be the server: for this bench's own use")
    args = parser.parse_args()
    if args.serve:
        serve(args.messages)
        return
    gc.set_threshold(AT_ONCE, 20, 20)  # as the worker does
    with serving(args.messages) as where:
        ways: dict[str, Callable[[], object]] = {
            "transport": lambda: drained(where),
            "transport and JSON": lambda: [api(where).get(page(n), right="") for n in range(args.messages // PAGE)],
            "read into Interactions": lambda: list(mail(where).pull(INBOX, None)),
            "read and stored": lambda: stored(where),
        }
        least: dict[str, float] = {}
        for _ in range(args.rounds):
            for name, way in ways.items():
                least[name] = min(least.get(name, 1e9), seconds(way))
    whole = least["read and stored"]
    print(f"{args.messages:,} mails in pages of {PAGE}, the least of {args.rounds} rounds")
    for name, took in least.items():
        print(f"  {name:24} {args.messages / took:10,.0f} mails/s   {took / whole:5.0%} of the whole")
    print(f"  bar: {BAR:,} mails/s; {'reached' if args.messages / whole >= BAR else 'MISSED'}")


def seconds(way: Callable[[], object]) -> float:
    began = time.process_time()
    way()
    return time.process_time() - began


def api(where: str) -> Api:
    return Api(Given(), now=NOW, session=Session(time.monotonic), endpoints=Endpoints(graph=where))


def mail(where: str) -> OutlookMail:
    return OutlookMail(api(where), now=NOW)


def page(number: int) -> str:
    return f"/page/{number}"


def drained(where: str) -> None:
    import requests

    with requests.Session() as session:
        session.trust_env = False
        link: str | None = f"{where}/me/mailFolders/inbox/messages/delta"
        while link:
            found = session.get(link, timeout=10).content
            cut = found.find(b'"@odata.nextLink": "')
            link = found[cut + 20 : found.index(b'"', cut + 20)].decode() if cut >= 0 else None


def stored(where: str) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "store.db")) as store:
        store.account("bench", "microsoft")
        for one in mail(where).pull(INBOX, None):
            store.record("bench", INBOX, one, at=NOW)


@contextmanager
def serving(messages: int) -> Iterator[str]:
    """Where a process of its own has the pages of a mailbox ready."""
    argv = [sys.executable, "-m", "bench.graph", "--serve", "--messages", str(messages)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()


def serve(messages: int) -> None:
    """Hand over pages that were made beforehand, until killed."""
    count = messages // PAGE

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = pages[int(self.path.rpartition("/")[2]) if "/page/" in self.path else 0]
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    where = f"http://127.0.0.1:{server.server_address[1]}/v1.0"
    pages = [made(where, n, last=n == count - 1) for n in range(count)]
    print(where, flush=True)
    server.serve_forever()


def made(where: str, number: int, *, last: bool) -> bytes:
    name, link = ("@odata.deltaLink", f"{where}/delta") if last else ("@odata.nextLink", f"{where}/page/{number + 1}")
    rows = [row(number * PAGE + n) for n in range(PAGE)]
    return json.dumps({name: link, "value": rows}).encode()


def row(number: int) -> dict[str, Any]:
    """A mail as Graph shows it: some fields, and thirty headers of the way it came."""
    at = NOW - timedelta(minutes=7 * number)
    bob, ada = f"bob{number % 800}@example.org", "ada@example.org"
    stamp = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    said = [
        ("Received", f"from mx{n}.example.org by mx{n + 1}.example.org; {at:%d %b %Y %H:%M:%S} +0000") for n in range(4)
    ]
    said += [(f"X-MS-Exchange-Organization-{n}", "00000000-0000-0000-0000-000000000000") for n in range(20)]
    said += [
        ("From", f"Bob Example {number % 800} <{bob}>"),
        ("To", f"Ada Weaver <{ada}>"),
        ("Subject", f"Word {number}"),
        ("Date", f"{at:%d %b %Y %H:%M:%S} +0000"),
        ("Message-ID", f"<{number}@mail.example.org>"),
        ("References", f"<{number - 1}@mail.example.org>"),
    ]
    return {
        "@odata.type": "#microsoft.graph.message",
        "id": f"AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{number:032d}AAA=",
        "parentFolderId": "inbox",
        "internetMessageId": f"<{number}@mail.example.org>",
        "conversationId": f"AAQkADE{number // 4:060d}",
        "subject": f"Word {number}",
        "from": {"emailAddress": {"name": f"Bob Example {number % 800}", "address": bob}},
        "sender": {"emailAddress": {"name": f"Bob Example {number % 800}", "address": bob}},
        "toRecipients": [{"emailAddress": {"name": "Ada Weaver", "address": ada}}],
        "ccRecipients": [],
        "bccRecipients": [],
        "receivedDateTime": stamp,
        "sentDateTime": stamp,
        "isDraft": False,
        "internetMessageHeaders": [{"name": name, "value": value} for name, value in said],
    }


if __name__ == "__main__":
    main()
