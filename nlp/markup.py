"""Which text of an HTML mail is new?"""

import re
from collections.abc import Iterator
from typing import Any

from nlp import words

LONGEST = 200_000
"""Characters of a text that are looked at; what is longer is a log or an attachment."""

_SPACE = re.compile(r"\s+")
_BLOCKS = words.listed(
    "address article aside blockquote body center dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 "
    "header hr li "
    "main nav ol p pre section table tbody td tfoot th thead tr ul"
)
_UNREAD = words.listed("script style head title template noscript blockquote")
_QUOTING = words.listed(
    "gmail_quote gmail_quote_container gmail_extra gmail_signature yahoo_quoted ydp-quote moz-cite-prefix "
    "moz-signature "
    "protonmail_quote protonmail_signature_block zmail_extra tutanota_quote olk_src_body_section reply-intro "
    "mail-editor-reference-message-container ms-outlook-mobile-signature signature"
)
"""Classes and ids by which mail programs mark the quoted mail and the signature, lower-cased."""

_AFTER = words.listed("divrplyfwdmsg appendonsend")
"""Outlook's ids of the place after which everything beside it is quoted."""

_MARKUP = re.compile(r"<(?:html|body|div|p|br|table|span|blockquote|a\s+href|font|!doctype)\b", re.IGNORECASE)


def is_html(raw: str) -> bool:
    """Whether a text is HTML."""
    return bool(_MARKUP.search(raw[:4_000]))


def html(raw: str) -> str:
    """The text of an HTML mail, a block to a line, without what its program marks as quoted or signature."""
    return "".join(_said(node, entering) for node, entering in _walk(raw)).strip()


def anchors(raw: str) -> tuple[tuple[str, str], ...]:
    """The links of the new part of an HTML mail, as (address, words between the tags)."""
    found = [node for node, entering in _walk(raw) if entering and node.tag == "a"]
    links = ((str(node.attributes.get("href") or "").strip(), " ".join(node.text().split())) for node in found)
    return tuple((href, title) for href, title in links if href)


def _walk(raw: str) -> Iterator[tuple[Any, bool]]:
    """The elements and texts of the new part in reading order, on entering (True) and on leaving (False).

    By hand and without recursion or selectors: hostile mail nests thousands of levels deep.
    """
    from selectolax.lexbor import LexborHTMLParser

    body = LexborHTMLParser(raw[:LONGEST]).body
    node, depth, entering = (body.child if body is not None else None), 1, True
    while node is not None and depth:
        tag = node.tag or "-"
        marks = _marks(node) if entering and tag[0] != "-" else frozenset()
        skipped = bool(marks & _QUOTING) or bool(marks & _AFTER) or tag in _UNREAD
        if entering and not skipped:
            yield node, True
            if node.child is not None:
                node, depth = node.child, depth + 1
                continue
        if node.next is not None and not marks & _AFTER:
            node, entering = node.next, True
            continue
        node, depth, entering = node.parent, depth - 1, False
        if node is not None and depth:
            yield node, False


def _marks(node: Any) -> frozenset[str]:
    """The classes and the id of an element."""
    attributes = node.attributes
    named = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return frozenset(named.lower().split()) if len(named) > 1 else frozenset()


def _said(node: Any, entering: bool) -> str:
    if node.tag == "-text":
        return _SPACE.sub(" ", node.text(deep=False)) if entering else ""
    if node.tag == "br":
        return "\n" if entering else ""
    return "\n" if node.tag in _BLOCKS and (entering or node.tag not in ("td", "th")) else ""
