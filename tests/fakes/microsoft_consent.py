"""What does the user see at Microsoft's sign-in? An account chooser, the permissions asked for, and the way back.

Plain pages with forms, as a browser without a display can press them: the buttons have the ids of the real ones
(`idSIButton9` accepts, `idBtn_Back` cancels). A page may press its own button (`hand`), so that a browser that only
looks at it goes all the way.
"""

from collections.abc import Iterable, Mapping
from html import escape

WORDS = {
    "Mail.ReadBasic": "Read basic mail",
    "Mail.Read": "Read your mail",
    "Mail.ReadWrite": "Read and write access to your mail",
    "Mail.Send": "Send mail as you",
    "Calendars.ReadBasic": "Read basic details of your calendars",
    "Calendars.Read": "Read your calendars",
    "User.Read": "View your basic profile",
    "offline_access": "Maintain access to data you have given it access to",
    "openid": "Sign you in",
    "profile": "View your basic profile",
    "email": "View your email address",
}


def _page(title: str, body: str, press: str = "") -> str:
    script = f"<script>document.getElementById({press!r}).click()</script>" if press else ""
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title></head>'
        f"<body><h1>{escape(title)}</h1>{body}{script}</body></html>"
    )


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )


def chooser(action: str, fields: Mapping[str, str], accounts: Iterable[str], hand: str = "") -> str:
    """Which account? One button each."""
    buttons = "".join(
        f'<form method="post" action="{escape(action)}">{_hidden(fields | {"login": one})}'
        f'<button id="tile-{escape(one)}" type="submit">{escape(one)}</button></form>'
        for one in accounts
    )
    return _page("Pick an account", buttons, f"tile-{hand}" if hand else "")


def asking(action: str, fields: Mapping[str, str], app: str, scopes: Iterable[str], hand: str = "") -> str:
    """May the app? Accept or cancel."""
    rights = "".join(f"<li>{escape(WORDS.get(one, one))}</li>" for one in scopes)
    body = (
        f"<p>{escape(app)}</p><p>This app would like to:</p><ul>{rights}</ul>"
        f'<form method="post" action="{escape(action)}">{_hidden(fields)}'
        '<button id="idBtn_Back" type="submit" name="answer" value="cancel">Cancel</button>'
        '<button id="idSIButton9" type="submit" name="answer" value="accept">Accept</button></form>'
    )
    presses = {"accept": "idSIButton9", "cancel": "idBtn_Back"}
    return _page("Permissions requested", body, presses.get(hand, ""))


def back(redirect: str, fields: Mapping[str, str]) -> str:
    """The way back to the app, as a form that posts itself."""
    body = (
        f'<form id="hiddenform" method="post" action="{escape(redirect)}">{_hidden(fields)}'
        '<noscript><button type="submit">Submit</button></noscript></form>'
        "<script>document.getElementById('hiddenform').submit()</script>"
    )
    return _page("Working...", body)


def code_page(action: str, hand: str = "") -> str:
    """Where the code of a device is entered."""
    body = (
        f'<form method="post" action="{escape(action)}"><input id="otc" name="otc" value="{escape(hand)}">'
        '<button id="idSIButton9" type="submit">Next</button></form>'
    )
    return _page("Enter code", body, "idSIButton9" if hand else "")


def said(title: str, text: str) -> str:
    return _page(title, f"<p>{escape(text)}</p>")
