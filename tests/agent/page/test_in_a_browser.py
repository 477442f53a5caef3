"""What headless Chromium makes of the page on a phone and on a desk, in light and in dark."""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.agent.digest.test_on_a_phone import DARK, LIGHT, PHONE, contrast, luminance
from tests.agent.page.portraits import crowded, hostile, ordinary
from tests.profiles import Profile
from tests.servers import chromium

HEIGHT = 844
PHONE_WIDE, DESK_WIDE = 390, 1280

PAGES = {"an ordinary morning": ordinary, "a crowd": crowded, "hostile names": hostile}

MEASURE = """<script>
for (const one of document.querySelectorAll("details")) one.open = true;
const shown = getComputedStyle(document.body).backgroundColor;
const clear = colour => /^rgba.*, 0\\)$/.test(colour);
const ground = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (!clear(colour)) return colour;
  }
  return shown;
};
const worded = [...document.body.querySelectorAll("*")].filter(e => [...e.childNodes].some(
  n => n.nodeType === Node.TEXT_NODE && n.textContent.trim()) && !["SCRIPT", "TITLE", "title"].includes(e.tagName));
const ink = e => e.tagName === "text" ? getComputedStyle(e).fill : getComputedStyle(e).color;
const drawn = e => e.matches(".bars") ? getComputedStyle(e).stroke : getComputedStyle(e).fill;
const box = e => [e.getBoundingClientRect().width, e.getBoundingClientRect().height];
const measured = {
  width: innerWidth,
  scroll: document.documentElement.scrollWidth,
  dark: matchMedia("(prefers-color-scheme: dark)").matches,
  ground: shown,
  texts: worded.map(e => [e.tagName, ink(e), ground(e)]),
  marks: [...document.querySelectorAll("svg [class]")].filter(e => !e.matches(".line")).map(
    e => [e.getAttribute("class"), drawn(e), ground(e)]),
  thumbs: [...document.querySelectorAll("a:not(.skip), summary")].map(e => [e.textContent.trim(), ...box(e)]),
  letters: [...document.querySelectorAll("svg text")].map(e => e.getBoundingClientRect().height),
};
const said = parent.document.createElement("pre");
said.id = "measured";
said.textContent = JSON.stringify(measured);
parent.document.body.append(said);
</script>"""
"""Added to the test's copy of the page only, from which the policy is taken, for it would not let it run."""

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n')


def measured(page: str, width: int, scheme: int, folder: Path) -> dict[str, Any]:
    """What the measuring script says of the page, with everything on it unfolded."""
    inner = html.escape(POLICY.sub("", page).replace("</body>", MEASURE + "</body>"))
    (folder / "page.html").write_text(PHONE.format(width=width, height=HEIGHT, page=inner), encoding="utf-8")
    dom = chromium.dumped(
        folder,
        "--window-size=1400,900",
        f"--blink-settings=preferredColorScheme={scheme}",
        (folder / "page.html").as_uri(),
    )
    found = re.search(r'<pre id="measured">(.*?)</pre>', dom, re.DOTALL)
    assert found, dom[:2_000]
    said: dict[str, Any] = json.loads(html.unescape(found[1]))
    return said


@pytest.fixture(
    scope="module",
    params=[(name, width, scheme) for name in PAGES for width in (PHONE_WIDE, DESK_WIDE) for scheme in (LIGHT, DARK)],
    ids=lambda one: f"{one[0]}, {one[1]} px, {'light' if one[2] == LIGHT else 'dark'}",
)
def looked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    name, width, scheme = request.param
    found = measured(PAGES[name](), width, scheme, tmp_path_factory.mktemp("chromium"))
    assert found["width"] == width, "Chromium did not give the page its width"
    assert found["dark"] == (scheme == DARK)
    return found


def test_nothing_scrolls_sideways(looked: dict[str, Any]) -> None:
    assert looked["scroll"] <= looked["width"]


def test_every_word_stands_out_from_its_ground(looked: dict[str, Any]) -> None:
    assert len(looked["texts"]) > 50
    assert [text for text in looked["texts"] if contrast(*text[1:]) < 4.5] == []


def test_every_mark_of_a_picture_stands_out_from_its_ground(looked: dict[str, Any]) -> None:
    assert {mark[0] for mark in looked["marks"]} >= {"mine bars", "theirs bars", "usual", "quiet", "met", "mine"}
    assert [mark for mark in looked["marks"] if contrast(*mark[1:]) < 3.0] == []


def test_dark_is_dark_and_light_is_light(looked: dict[str, Any]) -> None:
    assert (luminance(looked["ground"]) < 0.2) == looked["dark"]


def test_whatever_one_touches_is_as_large_as_a_thumb(looked: dict[str, Any]) -> None:
    assert [one for one in looked["thumbs"] if min(one[1:]) < 44] == []


def test_the_letters_in_the_pictures_can_be_read(looked: dict[str, Any]) -> None:
    assert min(looked["letters"]) >= 12


ITSELF = "not an origin"
"""Who asks, where the browser does so for itself: for the time, and for news of its own."""


def loaded(page: Path, folder: Path) -> tuple[str, list[str]]:
    """What Chromium says on its console of a page, and which addresses it asked for."""
    net = folder / "net.json"
    done = subprocess.run(
        chromium.command(
            folder,
            "--enable-logging=stderr",
            f"--log-net-log={net}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--screenshot=" + str(folder / "look.png"),
            page.as_uri(),
        ),
        capture_output=True,
        check=True,
        timeout=60,
        text=True,
    )
    told = [event.get("params", {}) for event in json.loads(net.read_text("utf-8"))["events"]]
    asked = [one["url"] for one in told if "url" in one and one.get("initiator", ITSELF) != ITSELF]
    return "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line), asked


def test_the_users_own_page_asks_for_nothing_and_complains_of_nothing(nora: Profile, tmp_path: Path) -> None:
    nora.tell("open", "--no-browser")

    assert loaded(nora.home / "state" / "acquaintances.html", tmp_path) == ("", [])


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_asks_for_nothing_and_complains_of_nothing(page: Any, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(), "utf-8")

    assert loaded(tmp_path / "page.html", tmp_path) == ("", [])


def test_it_would_be_seen_if_a_page_asked_or_complained(tmp_path: Path) -> None:
    """The two tests above can fail: a style that the policy does not know is told of, a picture is asked for."""
    (tmp_path / "style.html").write_text(ordinary().replace("<style>", "<style> "), "utf-8")
    (tmp_path / "picture.html").write_text('<img src="http://127.0.0.1:1/x.png">', "utf-8")

    assert "style-src" in loaded(tmp_path / "style.html", tmp_path)[0]
    assert "http://127.0.0.1:1/x.png" in loaded(tmp_path / "picture.html", tmp_path)[1]


def test_an_anchor_unfolds_the_person_it_leads_to(tmp_path: Path) -> None:
    """Without a script: whoever looks by last contact gets there in one touch."""
    listen = (
        "<script>setTimeout(() => document.title = document.querySelectorAll('.person[open]').length, 300)</script>"
    )
    (tmp_path / "page.html").write_text(POLICY.sub("", ordinary()).replace("</body>", listen + "</body>"), "utf-8")
    address = (tmp_path / "page.html").as_uri()

    for place, unfolded in (("#person-3", 1), ("", 0)):
        dom = chromium.dumped(tmp_path, "--virtual-time-budget=2000", address + place)
        assert f"<title>{unfolded}</title>" in dom
