"""Which text of an HTML mail is new?"""

import pytest

from nlp import markup


def test_blocks_become_lines() -> None:
    assert markup.html("<div>Dear <b>Ada</b>,</div><p>the shuttle<br>runs.</p>").split("\n") == [
        "Dear Ada,",
        "",
        "the shuttle",
        "runs.",
    ]


@pytest.mark.parametrize(
    "quoted",
    [
        "<blockquote>old</blockquote>",
        '<div class="gmail_quote">On Monday Ada wrote: old</div>',
        '<div id="OLK_SRC_BODY_SECTION">old</div>',
        '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">From: Ada</div><div>old</div>',
        '<div class="moz-cite-prefix">old</div>',
        "<style>old</style><script>old</script>",
    ],
    ids=["blockquote", "gmail", "outlook for mac", "outlook web", "thunderbird", "style"],
)
def test_what_the_program_marks_as_quoted_is_dropped(quoted: str) -> None:
    assert markup.html(f"<html><body><p>new</p>{quoted}</body></html>") == "new"


def test_deep_nesting_does_not_end_in_a_recursion() -> None:
    assert markup.html("<div>" * 20_000 + "deep") in ("deep", "")


def test_links_of_the_quoted_part_are_not_the_senders() -> None:
    raw = (
        '<p><a href="https://a.example/x">the loom</a></p><blockquote><a href="https://b.example">old</a></blockquote>'
    )

    assert markup.anchors(raw) == (("https://a.example/x", "the loom"),)


@pytest.mark.parametrize(
    ("raw", "is_html"), [("<p>a</p>", True), ("a < b and b > c", False), ("<ada@example.org>", False)]
)
def test_html_is_told_from_text(raw: str, is_html: bool) -> None:
    assert markup.is_html(raw) is is_html
