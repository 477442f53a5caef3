"""How do a few numbers become a picture that also whoever sees none can read?

Every picture is inline SVG without a word from outside: only numbers and words of our own go in, colours come from the
page's style sheet, and a `<title>` says the same in a sentence.
"""

from collections.abc import Iterable, Sequence
from math import copysign

from markupsafe import Markup, escape

from agent.model import Standing
from agent.page.months import Month
from agent.words import MONTHS

WIDTH = 340
"""The width of a phone's column in CSS pixels: there, a letter is as large as it is drawn."""

STEP, BAR = 12, 9
"""Pixels from one month to the next, and of one bar (its width stands in the style sheet, too): left of 24 of them
there is room for a word."""

UP = 46
"""Pixels of the highest bar, on either side of the line."""

FULL = 3
"""Mails in the fullest month that fill the height, at the least: two mails a year are not to look like a torrent."""

LEAST = 2.0
"""Pixels of the lowest bar: one mail beside a hundred is still to be seen."""


def sparkline(shown: Sequence[Month]) -> Markup:
    """The months as a mark beside a name: an ornament, hidden from who hears the page."""
    line = Markup('<path class="line" d="M0 12h95"/>')
    bars = _sides(shown, high=11, line=12, step=4, left=1.5, least=1.5)
    return Markup('<svg class="spark" viewBox="0 0 96 24" aria-hidden="true" focusable="false">{}</svg>').format(
        line + bars
    )


def by_month(shown: Sequence[Month], says: str) -> Markup:
    """Mails of the user's above the line, theirs below it, and a dot for each month in which the two met."""
    line, left = UP + 4, WIDTH - len(shown) * STEP
    ground = line + UP
    parts = [
        Markup('<text x="0" y="{}">you</text><text x="0" y="{}">they</text>').format(line - 8, line + 18),
        Markup('<path class="line" d="M0 {}h{}"/>').format(line, WIDTH),
        _sides(shown, high=UP, line=line, step=STEP, left=left + BAR / 2, least=LEAST),
    ]
    if any(month.met for month in shown):
        ground += 12
        parts.append(Markup('<text x="0" y="{}">met</text>').format(ground))
        parts += [
            Markup('<circle class="met" cx="{}" cy="{}" r="3"/>').format(left + i * STEP + BAR / 2, ground - 4)
            for i, month in enumerate(shown)
            if month.met
        ]
    for i, month in enumerate(shown):
        if month.number % 3 == 1:  # January, April, July, October
            x = left + i * STEP
            word = f"{month.year}" if month.number == 1 else MONTHS[month.number - 1][:3]
            at, anchor = (WIDTH, "end") if x > WIDTH - 2 * STEP else (x, "start")
            parts.append(Markup('<path class="line" d="M{} {}v4"/>').format(x, ground + 4))
            parts.append(Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(at, ground + 19, anchor, word))
    return _framed(ground + 24, says, Markup("").join(parts))


def began(standing: Standing, says: str) -> Markup:
    """Who began, as two parts of one bar."""
    mine, theirs = standing.began_mine, standing.began_theirs
    if mine and theirs:
        split = min(max(round(WIDTH * mine / (mine + theirs)), 6), WIDTH - 6)  # one among thousands is still to be seen
        parts = [_bar(0, 0, split - 2, "mine"), _bar(split, 0, WIDTH - split, "theirs")]
    else:
        parts = [_bar(0, 0, WIDTH, "mine" if mine else "theirs")]
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
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="14" rx="2"/>').format(called, x, y, width)


def _sides(shown: Sequence[Month], *, high: int, line: int, step: int, left: float, least: float) -> Markup:
    """The user's months above the line, and theirs below it, to one scale."""
    top = _top(shown)
    mine = _bars([-m.mine * high / top for m in shown], line, step, left, least)
    theirs = _bars([m.theirs * high / top for m in shown], line, step, left, least)
    return Markup('<path class="mine bars" d="{}"/><path class="theirs bars" d="{}"/>').format(mine, theirs)


def _bars(heights: Iterable[float], line: int, step: int, left: float, least: float) -> str:
    """One path for all bars of a side, each a thick stroke: a page of hundreds of people stays small."""
    return "".join(
        f"M{left + i * step:.4g} {line}v{copysign(max(abs(high), least), high):.3g}"
        for i, high in enumerate(heights)
        if high
    )


def _top(shown: Sequence[Month]) -> int:
    return max([FULL, *(m.mine for m in shown), *(m.theirs for m in shown)])
