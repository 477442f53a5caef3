"""Which addresses are asked, and where a sign-in goes along: told from the address alone."""

import pytest

from connectors.contract import NeedsUser
from connectors.web_addresses import checked, may_sign


@pytest.mark.parametrize(
    ("url", "match"),
    [
        ("http://cal.example/x", "without encryption"),
        ("http://10.0.0.1/x", "without encryption"),
        ("file:///etc/passwd", "no web address"),
        ("https:///x", "no web address"),
        ("https://[::1/x", "no web address"),
        ("", "no web address"),
        ("https://ada:hunter2@cal.example/", "user name"),
    ],
)
def test_an_address_that_is_not_safe_is_refused_before_anything_is_asked(url: str, match: str) -> None:
    with pytest.raises(NeedsUser, match=match) as caught:
        checked(url, private=True)
    assert "hunter2" not in str(caught.value)


def test_http_is_for_this_machine_alone_and_only_where_the_user_says_so() -> None:
    assert checked("http://localhost:8/x#y", private=True) == "http://localhost:8/x"
    assert checked("webcal://cal.example/x") == "https://cal.example/x"
    with pytest.raises(NeedsUser, match="without encryption"):
        checked("http://localhost:8/x")


@pytest.mark.parametrize(
    ("home", "url", "may"),
    [
        ("https://caldav.icloud.com/", "https://p12-caldav.icloud.com:443/1/", True),
        ("https://caldav.icloud.com/", "http://p12-caldav.icloud.com/1/", False),
        ("https://caldav.icloud.com/", "https://p12-caldav.icloud.com.evil.example/", False),
        ("https://caldav.icloud.com/", "https://evilicloud.com/", False),
        ("https://dav.example/", "https://other.dav.example/", False),
        ("https://dav.example/", "https://dav.example:443/x", True),
    ],
)
def test_a_sign_in_goes_to_the_hosts_of_a_family_that_is_known(home: str, url: str, may: bool) -> None:
    assert may_sign(home, url) is may
