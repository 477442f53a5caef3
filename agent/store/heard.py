"""Which answers came by mail, and what became of them? Each counts once, wherever and however often it is seen."""

import json
from collections.abc import Mapping, Sequence
from datetime import date

from agent.model import Decision, Letter
from agent.store.keys import hidden
from agent.store.stated import LATE_COPY, Stated


class Heard(Stated):
    """The store's door for answers by mail."""

    def letters(self, since: date) -> list[Letter]:
        """The digests from that day on that went out, or may have, newest first."""
        people: dict[str, dict[int, tuple[str, ...]]] = {}
        for day, slot, addresses in self.rows(
            "SELECT day, slot, addresses FROM mailed WHERE day >= ?", (since.isoformat(),)
        ):
            people.setdefault(day, {})[slot] = tuple(json.loads(addresses))
        found = self.rows("SELECT day, message_id FROM digest WHERE day >= ? ORDER BY day DESC", (since.isoformat(),))
        nobody: Mapping[int, tuple[str, ...]] = {}
        return [Letter(date.fromisoformat(day), name, people.get(day, nobody)) for day, name in found]

    def hear(
        self,
        mail: str,
        decisions: Sequence[Decision],
        day: date | None,
        why: str,
        *,
        at: int,
        account: str = "",
        lane: int | None = None,
    ) -> int:
        """Keep what a mail answers, in one transaction; gives how many decisions are new.

        `mail` is what identifies it: seen again, on any account, it changes nothing, and neither does another mail that
        answers the same to the same number of the same digest, not even after that was undone. `why` it is not obeyed
        is kept where there is no decision, until a copy of it is. Raises LaneClosed, StoreTrouble.
        """
        told = hidden(mail, self.key).hex()
        with self.writing():
            self.check_lane(account, lane)
            before = self.rows("SELECT why FROM heard WHERE mail = ?", (told,)).fetchone()
            if before is not None and not (before[0] and decisions):
                return 0
            new = [one for one in decisions if self._answered(one) is None]
            self.write_many(
                "INSERT INTO statement (at, verb, addresses, until, answers) VALUES (?, ?, ?, ?, ?)",
                [(one.at, one.verb, json.dumps(list(one.addresses)), one.until, _answers(one)) for one in new],
            )
            if decisions and not new and any(self._answered(one) for one in decisions):
                why = UNDONE
            self.connection.exec_driver_sql(
                "INSERT OR REPLACE INTO heard (mail, at, day, why) VALUES (?, ?, ?, ?)",
                (told, at, day.isoformat() if day else "", why),
            )
        return len(new)

    def unheard(self, day: date, at: int) -> list[tuple[date | None, str]]:
        """What the digest of `day` has to say of answers that were not obeyed: (their digest, why), oldest first."""
        rows = self.rows(
            "SELECT day, why FROM heard WHERE why != '' AND ((told = '' AND at <= ?) OR told = ?) ORDER BY at, mail",
            (at - LATE_COPY, day.isoformat()),
        )
        return [(date.fromisoformat(to) if to else None, why) for to, why in rows]

    def _answered(self, one: Decision) -> int | None:
        """Whether the same was answered before: 1 = and taken back, 0 = and it holds; None: it was not."""
        taken_back: int | None = self.one(
            "SELECT undone_at IS NOT NULL FROM statement WHERE answers = ? AND verb = ?", (_answers(one), one.verb)
        )
        return taken_back


UNDONE = "each answer counts once, and this one was taken back"


def _answers(one: Decision) -> str:
    return f"{one.day.isoformat()} {one.slot}"
