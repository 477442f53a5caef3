"""A vendor sends the browser back to this machine: who knows the state is listened to, and told what came of it."""

from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from connectors.contract import NeedsUser
from connectors.redirect import LONGEST_FORM, NOT_LET_IN, NOT_OURS, SIGNED_IN, Redirect

OURS = {"state": "s3cret", "code": "c0de"}


def knock(back: Redirect, told: dict[str, str], *, form: bool) -> tuple[int, str]:
    """What the page says to a browser that comes with this."""
    line = HTTPConnection("127.0.0.1", urlsplit(back.address).port or 0, timeout=5)
    try:
        if form:
            line.request("POST", "/", urlencode(told), {"Content-Type": "application/x-www-form-urlencoded"})
        else:
            line.request("GET", f"/?{urlencode(told)}")
        said = line.getresponse()
        return said.status, said.read().decode()
    finally:
        line.close()


@pytest.mark.parametrize("form", [False, True], ids=["in the address", "in a form"])
def test_the_answer_is_brought_once(form: bool) -> None:
    with Redirect(form=form) as back:
        back.state = "s3cret"

        assert knock(back, OURS, form=form) == (200, SIGNED_IN)
        assert knock(back, {**OURS, "code": "later"}, form=form) == (200, SIGNED_IN)

        assert back.came(5) == OURS


@pytest.mark.parametrize("form", [False, True], ids=["in the address", "in a form"])
def test_whoever_is_not_let_in_is_not_told_that_they_are(form: bool) -> None:
    told = {"state": "s3cret", "error": "access_denied"}
    with Redirect(form=form) as back:
        back.state = "s3cret"

        assert knock(back, told, form=form) == (200, NOT_LET_IN)
        assert back.came(5) == told


@pytest.mark.parametrize(
    ("told", "form", "asked_in"),
    [
        ({**OURS, "state": "guessed"}, False, False),
        ({"state": "s3cret"}, False, False),
        ({**OURS, "state": ""}, True, True),
        (OURS, True, False),
        (OURS, False, True),
        ({**OURS, "more": "x" * LONGEST_FORM}, True, True),
    ],
    ids=["another state", "nothing in it", "no state", "an address for a form", "a form for an address", "too long"],
)
def test_nobody_else_is_listened_to(told: dict[str, str], form: bool, asked_in: bool) -> None:
    with Redirect(form=form) as back:
        back.state = "s3cret"

        assert knock(back, told, form=asked_in) == (404, NOT_OURS)
        with pytest.raises(NeedsUser, match="Nobody signed in in time"):
            back.came(0.01)


def test_before_there_is_a_state_nobody_is_listened_to() -> None:
    with Redirect() as back:
        assert knock(back, {"state": "", "code": "mine"}, form=False) == (404, NOT_OURS)


def test_the_vendor_says_what_it_calls_this_machine() -> None:
    with Redirect(called="http://localhost:{port}") as back:
        assert back.address == f"http://localhost:{urlsplit(back.address).port}"
