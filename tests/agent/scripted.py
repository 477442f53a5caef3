"""A live source that does what a script says: mails by number in folders, and every fault of a server at will.

In a test the script is a dict that it may change; in a worker process it is a JSON file that the account names. As at
an IMAP server, an id is `epoch:number`, so that a reset gives every mail another one.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from config.settings import Account
from connectors.contract import Cursor, CursorLost, NeedsUser, Page, RemoteId, Session, Stream, TryLater
from tests.agent.store.generated import mail

KIND = {"scripted": "tests.agent.scripted:Scripted"}


class Options(Account):
    kind: Literal["scripted"]
    script: Path


class Scripted:
    """Folders of numbered mails. Keys of the script:

    `folders`: name -> numbers; `epoch`; `page`: how many on a page; `bad`: numbers that cannot be read; `silent`: that
    are not answered when asked for; `hidden`: that a listing leaves out; `empty`: listings show nothing at all;
    `trouble`: [what, after so many pages, detail]; `asked`: what was asked so far, in words.
    """

    def __init__(self, options: Options | dict[str, Any], *, session: Session | None = None) -> None:
        self.script: dict[str, Any] = (
            json.loads(options.script.read_text()) if isinstance(options, Options) else options
        )
        self.session = session
        self.pages = 0

    def streams(self) -> Sequence[Stream]:
        self._note("streams")
        self._stumble()
        return [Stream(name, name.title()) for name in self.script["folders"]]

    def pull(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        self._note(f"pull {stream.id}")
        if cursor is not None and cursor["epoch"] != self._epoch:
            raise CursorLost(f"{stream.name} was numbered anew")
        seen, whole = (list(cursor["seen"]), cursor["whole"]) if cursor else ([], True)
        there = [] if self.script.get("empty") else self._there(stream)
        listed = [n for n in there if n not in self.script.get("hidden", ())]
        gone = tuple(self._id(n) for n in seen if n not in there)
        seen = [n for n in seen if n in there]
        fresh = [n for n in listed if n not in seen][::-1]
        size = self.script.get("page", 5)
        for start in range(0, max(len(fresh), 1), size):
            self._stumble()
            batch = fresh[start : start + size]
            seen += batch
            last = start + size >= len(fresh)
            yield self._page(
                batch,
                {"v": 1, "epoch": self._epoch, "seen": sorted(seen), "whole": whole and not last},
                gone=gone if start == 0 else (),
                complete=last and whole,
                progress=(start + len(batch)) / len(fresh) if fresh else 1.0,
            )
            self.pages += 1

    def audit(self, stream: Stream) -> Iterator[RemoteId]:
        self._note(f"audit {stream.id}")
        return iter([self._id(n) for n in self._there(stream)])

    def fetch(self, stream: Stream, cursor: Cursor, ids: Sequence[RemoteId]) -> Iterator[Page]:
        self._note(f"fetch {stream.id} {len(ids)}")
        if cursor["epoch"] != self._epoch:
            raise CursorLost(f"{stream.name} was numbered anew")
        numbers = [int(each.partition(":")[2]) for each in ids]
        there = self._there(stream)
        answered = [n for n in numbers if n in there and n not in self.script.get("silent", ())]
        gone = tuple(self._id(n) for n in numbers if n not in there)
        yield self._page(answered, cursor, gone=gone, complete=False, progress=None)

    @property
    def _epoch(self) -> int:
        return int(self.script.get("epoch", 1))

    def _id(self, number: int) -> str:
        return f"{self._epoch}:{number}"

    def _there(self, stream: Stream) -> list[int]:
        found: list[int] = self.script["folders"][stream.id]
        return found

    def _page(self, numbers: Sequence[int], cursor: Cursor, **told: Any) -> Page:
        bad = self.script.get("bad", ())
        found = tuple(mail(n, id=self._id(n), labels=()) for n in numbers if n not in bad)
        missed = tuple((self._id(n), "it cannot be read") for n in numbers if n in bad)
        return Page(found, cursor, missed=missed, **told)

    def _note(self, what: str) -> None:
        self.script.setdefault("asked", []).append(what)

    def _stumble(self) -> None:
        """Get into the trouble of the script, if it is time."""
        trouble = self.script.get("trouble")
        if not trouble or self.pages < trouble[1]:
            return
        detail = str(trouble[2]) if len(trouble) > 2 else ""
        if trouble[0] == "sleep":
            time.sleep(float(detail))
        elif trouble[0] == "later":
            raise TryLater("The server wants peace.", datetime.fromisoformat(detail) if detail else None)
        elif trouble[0] == "offline":
            raise TryLater("imap.example.org cannot be reached.") from ConnectionError("no route")
        elif trouble[0] == "refused":
            raise NeedsUser("The server refuses the password.", "Run `auld login`.")
        elif trouble[0] == "lost":
            raise CursorLost("the server forgot")
        elif trouble[0] == "spent" and self.session:
            self.session.wait()
        elif trouble[0] == "bug":
            raise RuntimeError("the secret subject of a mail")


def main() -> int:
    """A worker that knows this kind too."""
    import connectors
    from agent import worker

    connectors.KINDS |= KIND
    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
