"""A mailbox of any size, invented and the same every time: for speed, where real mail is too little or not ours.

    python bench/mailbox.py /tmp/big.mbox --messages 50000 --body 20000
    python bench/mailbox.py /tmp/many.mbox --messages 1000000 --body 300 --people 20000 --two-way 3000

Ada is the owner. A few people write often and most hardly ever (Zipf); each has busy and silent times, so that there is
somebody to keep up with; 27 % are newsletters, names stand in encoded words and in quotes, half of the mails answer one
that came before.
"""

import argparse
import random
from base64 import b64encode, encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

OWNER = "ada@ada.example"
NEWSLETTERS = 0.27
SYLLABLES = (
    "ba be bo da de do fa fe fi ga go ka ke ki la le lo ma me mi na ne no pa pe ra re ri sa se ta te va ve".split()  # noqa: SIM905
)
ACCENTED = ("Jürgen", "Zoë", "Søren", "Łucja", "Ángel", "Dvořák", "Émile", "Åsa")
WORDS = """loom warp weft pattern thread letter garden engine bridge paper kettle window harbour market lantern river
orchard saddle violin compass ledger candle meadow chapel ferry quarry anchor barley copper timber
saffron pepper""".split()  # noqa: SIM905
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()  # noqa: SIM905


@dataclass(slots=True)
class Someone:
    """A correspondent, with the thread that is going on between them and the owner."""

    address: str
    shown: str
    cycle: int  # days; the first three fifths of each are busy
    shift: int
    last_id: str = ""
    subject: str = ""


@dataclass(slots=True)
class Town:
    """Everybody in the mailbox."""

    rng: random.Random
    friends: list[Someone]
    others: list[Someone]
    senders: list[Someone]
    weights: list[float] = field(default_factory=list)


def name(rng: random.Random) -> str:
    """An invented name."""
    first = "".join(rng.choices(SYLLABLES, k=2)).capitalize() if rng.random() < 0.85 else rng.choice(ACCENTED)
    return f"{first} {''.join(rng.choices(SYLLABLES, k=3)).capitalize()}"


def someone(rng: random.Random, number: int, domain: str) -> Someone:
    """Correspondent `number`, whose name is written in one of the usual ways."""
    full = name(rng)
    local = "".join(c for c in full.lower().replace(" ", ".") if c.isascii())
    address = f"{local}{number}@{domain}"
    if not full.isascii():
        full = f"=?utf-8?B?{b64encode(full.encode()).decode()}?="
    elif rng.random() < 0.3:
        first, last = full.split()
        full = f'"{last}, {first}"'
    return Someone(address, f"{full} <{address}>", rng.randint(20, 400), rng.randint(0, 400))


def town(rng: random.Random, people: int, two_way: int) -> Town:
    """`people` addresses: `two_way` friends, one newsletter to 25, and the rest who only write or are copied."""
    friends = [someone(rng, n, f"d{n % 97}.example") for n in range(two_way)]
    letters = max(people // 25, 5)
    senders = [someone(rng, n, f"news{n % 53}.example") for n in range(letters)]
    others = [someone(rng, n, f"o{n % 211}.example") for n in range(two_way, max(people - letters, two_way + 1))]
    return Town(rng, friends, others, senders, list(accumulate(1 / (n + 3) for n in range(two_way))))


def bodies(rng: random.Random, mean: int, kinds: int = 128) -> list[str]:
    """Texts, HTML and attachments whose mean size is `mean` bytes, from a heavy tail."""
    sizes = [rng.lognormvariate(0, 1.0) for _ in range(kinds)]
    scale = mean * kinds / sum(sizes)
    return [_body(rng, int(size * scale)) for size in sizes]


def _body(rng: random.Random, size: int) -> str:
    if size > 30_000:
        return encodebytes(rng.randbytes(size * 3 // 4)).decode()
    lines, done = [], 0
    while done < size:
        line = " ".join(rng.choices(WORDS, k=rng.randint(4, 12)))
        lines.append(f"<p>{line}</p>" if size > 15_000 else line)
        done += len(line) + 2
    return "\n".join(lines) + "\n"


def stamp(when: datetime) -> tuple[str, str]:
    """(as a `From ` line has it, as Date has it)."""
    day, month, clock = (
        DAYS[when.weekday()],
        MONTHS[when.month - 1],
        f"{when.hour:02}:{when.minute:02}:{when.second:02}",
    )
    return (
        f"{day} {month} {when.day:2} {clock} {when.year}",
        f"{day}, {when.day} {month} {when.year} {clock} +0000",
    )


def newsletter(who: Someone, number: int, body: str, dates: tuple[str, str]) -> str:
    """One mailing to many."""
    return (
        f"From {who.address} {dates[0]}\nReturn-Path: <bounce-{number}@{who.address.partition('@')[2]}>\n"
        f"Received: from mx.example by ada.example; {dates[1]}\n"
        f"From: {who.shown}\nTo: {OWNER}\nSubject: This week: {body[3:40].partition(chr(10))[0]}\nDate: {dates[1]}\n"
        f"Message-ID: <n{number}@{who.address.partition('@')[2]}>\nList-Id: <{who.address.replace('@', '.')}>\n"
        f"List-Unsubscribe: <mailto:off@{who.address.partition('@')[2]}>\nPrecedence: bulk\nMIME-Version: 1.0\n"
        f"Content-Type: text/plain; charset=utf-8\n\nNumber {number}\n{body}\n"
    )


def letter(place: Town, who: Someone, number: int, body: str, dates: tuple[str, str], mine: bool) -> str:
    """One mail between the owner and `who`, with a few more people on it."""
    rng = place.rng
    answers = bool(who.last_id) and rng.random() < 0.5
    if not answers:
        who.subject = " ".join(rng.choices(WORDS, k=3)).capitalize()
        if number % 9 == 0:
            who.subject = f"=?iso-8859-1?Q?{who.subject.replace(' ', '_')}_caf=E9?="
    crowd = rng.choices(place.others, k=min(int(rng.expovariate(0.28)), 12))
    to, cc = [who.shown if mine else f"Ada <{OWNER}>"], [each.shown for each in crowd]
    if len(cc) > 3:
        to, cc = to + cc[:2], cc[2:]
    author = f"Ada <{OWNER}>" if mine else who.shown
    here = f"{number}.{who.cycle}@{(OWNER if mine else who.address).partition('@')[2]}"
    before = f"In-Reply-To: <{who.last_id}>\nReferences: <{who.last_id}>\n" if answers else ""
    who.last_id = here
    return (
        f"From {OWNER if mine else who.address} {dates[0]}\n"
        + ("X-Gmail-Labels: Sent\n" if mine else f"Received: from mx.example by ada.example; {dates[1]}\n")
        + f"Message-ID: <{here}>\nDate: {dates[1]}\nFrom: {author}\nTo: {', '.join(to)}\n"
        + ("Cc: " + ",\n ".join(cc) + "\n" if cc else "")
        + f"Subject: {'Re: ' if answers else ''}{who.subject}\n{before}MIME-Version: 1.0\n"
        + "User-Agent: Letterbox 3.1\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
        + f"Dear friend, this is letter {number}.\n{'Could you tell me more?' if number % 5 == 0 else ''}\n{body}\n"
    )


def mails(
    messages: int, *, body: int, people: int, two_way: int, end: datetime, days: int = 1_800, seed: int = 1
) -> Iterator[str]:
    """The messages, oldest first, each with its `From ` line."""
    rng = random.Random(seed)
    place, texts = town(rng, people, two_way), bodies(rng, body)
    step = timedelta(days=days) / messages
    start = end - timedelta(days=days)
    for number in range(messages):
        when = start + step * number + timedelta(seconds=rng.randint(0, 50))
        dates, text = stamp(when), texts[number * 7 % len(texts)]
        if rng.random() < NEWSLETTERS:
            yield newsletter(place.senders[number % len(place.senders)], number, text, dates)
        elif number % 11 == 0:  # everybody in town writes at least now and then
            yield letter(place, place.others[number // 11 % len(place.others)], number, text, dates, mine=False)
        else:
            yield letter(place, busy(place, (when - start).days), number, text, dates, mine=rng.random() < 0.4)


def busy(place: Town, day: int) -> Someone:
    """A friend who is not in a silent time, if one is soon found."""
    for who in place.rng.choices(place.friends, cum_weights=place.weights, k=4):
        if (day + who.shift) % who.cycle < who.cycle * 3 // 5:
            return who
    return who


def write(path: Path, messages: int, **shape: object) -> None:
    """The mailbox as an mbox file."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(mails(messages, **shape))  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--body", type=int, default=20_000, help="mean size of a text in bytes")
    parser.add_argument("--people", type=int, default=2_500)
    parser.add_argument("--two-way", type=int, default=800)
    parser.add_argument("--days", type=int, default=1_800)
    parser.add_argument("--end", type=datetime.fromisoformat, default=None, help="default: now")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    end = args.end.replace(tzinfo=UTC) if args.end else datetime.now(UTC)
    write(
        args.path, args.messages, body=args.body, people=args.people, two_way=args.two_way, end=end, days=args.days,
        seed=args.seed,
    )  # fmt: skip


if __name__ == "__main__":
    main()
