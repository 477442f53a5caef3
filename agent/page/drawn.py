"""How do a few numbers become a picture that also whoever sees none can read?

Every picture is inline SVG without a word from outside: only numbers and words of our own go in, colours come from the
page's style sheet, and a `<title>` says the same in a sentence.
"""

from collections.abc import Sequence

from markupsafe import Markup, escape

from agent.model import Standing
from agent.page.months import Month
from agent.words import MONTHS

WIDTH = 340
"""The width of a phone's column in CSS pixels: there, a letter is as large as it is drawn."""

STEP, BAR = 12, 9
"""Pixels from one month to the next, and of one bar: left of 24 of them there is room for a word."""

UP = 46
"""Pixels of the highest bar, on either side of the line."""

FULL = 3
"""Mails in the fullest month that fill the height, at the least: two mails a year are not to look like a torrent."""

LEAST = 2.0
"""Pixels of the lowest bar: one mail beside a hundred is still to be seen."""


def sparkline(shown: Sequence[Month]) -> Markup:
    """The months as a mark beside a name: an ornament, hidden from who hears the page."""
    top = max(_top(shown), 1)
    mine, theirs = (
        _path(shown, [getattr(m, side) for m in shown], way * 11 / top, side, step=4, bar=3, line=12, least=1.5)
        for side, way in (("mine", -1), ("theirs", 1))
    )
    line = Markup('<path class="line" d="M0 12h95"/>')
    return Markup('<svg class="spark" viewBox="0 0 96 24" aria-hidden="true" focusable="false">{}{}{}</svg>').format(
        line, mine, theirs
    )


def by_month(shown: Sequence[Month], says: str) -> Markup:
    """Mails of the user's above the line, theirs below it, and a dot for each month in which the two met."""
    top, line = _top(shown), UP + 4
    left = WIDTH - len(shown) * STEP
    ground = line + UP
    parts = [
        Markup('<text x="0" y="{}">you</text>').format(line - 8),
        Markup('<text x="0" y="{}">they</text>').format(line + 18),
        Markup('<path class="line" d="M0 {}h{}"/>').format(line, WIDTH),
        _path(shown, [m.mine for m in shown], -UP / top, "mine", STEP, BAR, line, LEAST, left),
        _path(shown, [m.theirs for m in shown], UP / top, "theirs", STEP, BAR, line, LEAST, left),
    ]
    parts += [
        Markup('<circle class="met" cx="{}" cy="{}" r="3"/>').format(left + i * STEP + BAR // 2, ground + 8)
        for i, month in enumerate(shown)
        if month.met
    ]
    if any(month.met for month in shown):
        parts.append(Markup('<text x="0" y="{}">met</text>').format(ground + 12))
        ground += 12
    for i, month in enumerate(shown):
        if month.number % 3 == 1:  # January, April, July, October
            x = left + i * STEP
            parts.append(Markup('<path class="line" d="M{} {}v4"/>').format(x, ground + 4))
            word = f"{month.year}" if month.number == 1 else MONTHS[month.number - 1][:3]
            where = Markup(' text-anchor="end"') if x > WIDTH - 24 else ""
            parts.append(Markup('<text x="{}" y="{}"{}>{}</text>').format(min(x, WIDTH), ground + 19, where, word))
    return _framed(ground + 24, says, Markup("").join(parts))


def began(standing: Standing, says: str) -> Markup:
    """Who began, as two parts of one bar."""
    mine, theirs = standing.began_mine, standing.began_theirs
    split = round(WIDTH * mine / max(mine + theirs, 1))
    parts = [_bar(0, 0, split - (2 if mine and theirs else 0), "mine"), _bar(split, 0, WIDTH - split, "theirs")]
    return _framed(14, says, Markup("").join(parts))


def paces(usual: float, quiet: float, says: str) -> Markup:
    """The usual gap and the present silence, in days, to one scale."""
    left, room = 84, WIDTH - 84
    scale = room / max(usual, quiet, 1.0)
    parts = [
        Markup('<text x="0" y="12">usual gap</text>'),
        _bar(left, 0, max(round(usual * scale), 2), "usual"),
        Markup('<text x="0" y="34">this silence</text>'),
        _bar(left, 22, max(round(quiet * scale), 2), "quiet"),
    ]
    return _framed(36, says, Markup("").join(parts))


def _framed(height: int, says: str, inside: Markup) -> Markup:
    return Markup('<svg viewBox="0 0 {} {}" role="img"><title>{}</title>{}</svg>').format(
        WIDTH, height, escape(says), inside
    )


def _bar(x: int, y: int, width: int, called: str) -> Markup:
    if width <= 0:
        return Markup("")
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="14" rx="2"/>').format(called, x, y, width)


def _path(
    shown: Sequence[Month],
    counts: Sequence[int],
    scale: float,
    called: str,
    step: int,
    bar: int,
    line: int,
    least: float,
    left: int = 0,
) -> Markup:
    """One path for all bars of a side: a page of hundreds of people stays small."""
    drawn = []
    for i, count in enumerate(counts):
        if count:
            high = max(abs(count * scale), least) * (1 if scale > 0 else -1)
            drawn.append(f"M{left + i * step} {line}v{high:.4g}h{bar}V{line}z")
    return Markup('<path class="{}" d="{}"/>').format(called, "".join(drawn)) if drawn else Markup("")


def _top(shown: Sequence[Month]) -> int:
    return max([FULL, *(m.mine for m in shown), *(m.theirs for m in shown)])
