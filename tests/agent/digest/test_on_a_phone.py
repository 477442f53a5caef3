"""What headless Chromium makes of the page at the width of a phone, in light and in dark."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from agent.model import Digest
from tests.agent.digest.samples import ADA, NOTICES, RUTH, TOMAS, WORST, digest_of
from tests.servers import chromium

WIDTH, HEIGHT = 390, 844
DARK, LIGHT = 0, 1  # blink's PreferredColorScheme

DIGESTS = {
    "an ordinary morning": digest_of(ADA, TOMAS, RUTH),
    "hostile lengths": digest_of(WORST, WORST, lines=(WORST.why, *NOTICES), archive_ends=WORST.why),
    "nobody": digest_of(silent_because="Nobody has gone quiet: nothing to do.", lines=NOTICES),
}

MEASURE = """<script>
const probe = document.createElement("div");
probe.style.background = "Canvas";
document.body.append(probe);
const canvas = getComputedStyle(probe).backgroundColor;
probe.remove();
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!/^rgba.*, 0\\)$/.test(colour)) return colour;
  }
  return canvas;
};
const told = [...document.body.querySelectorAll("*")].filter(e => [...e.childNodes].some(
  n => n.nodeType === Node.TEXT_NODE && n.textContent.trim()));
const measured = {
  width: innerWidth,
  scroll: document.documentElement.scrollWidth,
  height: document.documentElement.scrollHeight,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  canvas,
  texts: told.map(e => [e.tagName, getComputedStyle(e).color, ground(e)]),
  links: [...document.links].map(e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height]),
};
const said = parent.document.createElement("pre");
said.id = "measured";
said.textContent = JSON.stringify(measured);
parent.document.body.append(said);
</script>"""
"""Added to the test's copy of the page only; the page itself has no script."""


PHONE = """<!doctype html><meta name="color-scheme" content="light dark">
<body><iframe width="{width}" height="{height}" style="border:0" srcdoc="{page}"></iframe></body>"""
"""A frame, because the window of a headless Chromium is never narrower than 500 px."""


def measured(digest: Digest, scheme: int, folder: Path) -> dict[str, Any]:
    """What the measuring script says of the page."""
    page = folder / "page.html"
    inner = html.escape(digest.html.replace("</body>", MEASURE + "</body>"))
    page.write_text(PHONE.format(width=WIDTH, height=HEIGHT, page=inner), encoding="utf-8")
    dom = chromium.dumped(folder, f"--blink-settings=preferredColorScheme={scheme}", page.as_uri())
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom
    said: dict[str, Any] = json.loads(html.unescape(found[1]))
    return said


def luminance(colour: str) -> float:
    """The relative luminance of `rgb(r, g, b)` (WCAG 2.2)."""
    shares = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(text: str, ground: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dim, bright = sorted((luminance(text), luminance(ground)))
    return (bright + 0.05) / (dim + 0.05)


@pytest.fixture(scope="module", params=[(name, s) for name in DIGESTS for s in (LIGHT, DARK)],
                ids=[f"{name}, {s}" for name in DIGESTS for s in ("light", "dark")])  # fmt: skip
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    name, scheme = request.param
    found = measured(DIGESTS[name], scheme, tmp_path_factory.mktemp("chromium"))
    assert found["width"] == WIDTH, "Chromium did not give the page the width of a phone"
    assert found["dark"] == (scheme == DARK)
    return found


def test_nothing_scrolls_sideways(page: dict[str, Any]) -> None:
    assert page["scroll"] <= WIDTH


def test_every_word_stands_out_from_its_ground(page: dict[str, Any]) -> None:
    assert page["texts"]
    assert [text for text in page["texts"] if contrast(*text[1:]) < 4.5] == []


def test_dark_is_dark_and_light_is_light(page: dict[str, Any]) -> None:
    assert (luminance(page["canvas"]) < 0.2) == page["dark"]


def test_every_link_is_as_large_as_a_thumb(page: dict[str, Any]) -> None:
    assert [box for box in page["links"] if min(box) < 44] == []


def test_three_people_take_about_one_screen(tmp_path: Path) -> None:
    """Phones have narrower letters than the fallback font of a bare machine; hence the allowance."""
    assert measured(DIGESTS["an ordinary morning"], LIGHT, tmp_path)["height"] <= 1.2 * HEIGHT
