"""What Microsoft's token service means: only what the user can mend is asked of the user."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.contract import NeedsUser, TryLater
from connectors.microsoft import Options
from connectors.microsoft_answers import trouble

CLIENT = "5b1f9e0c-2f5e-4c53-9d0b-7a3d1f6c0a11"


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ({"error": "invalid_grant", "error_codes": [50173]}, NeedsUser, "was changed"),
        ({"error": "invalid_grant", "error_codes": [700082], "suberror": "token_expired"}, NeedsUser, "has ended"),
        ({"error": "invalid_grant", "error_codes": [70008]}, NeedsUser, "has ended"),
        ({"error": "invalid_grant", "error_codes": [70043]}, NeedsUser, "has ended"),
        ({"error": "invalid_grant", "error_codes": [70000]}, NeedsUser, "has ended"),
        ({"error": "invalid_grant", "error_codes": [65001], "suberror": "consent_required"}, NeedsUser, "no consent"),
        ({"error": "interaction_required", "error_codes": [50076]}, NeedsUser, "second proof"),
        ({"error": "interaction_required", "error_codes": [50079]}, NeedsUser, "second proof"),
        ({"error": "interaction_required", "error_codes": [50158]}, NeedsUser, "second proof"),
        ({"error": "interaction_required", "error_codes": [53003], "suberror": "message_only"}, NeedsUser, "admin"),
        ({"error": "interaction_required", "error_codes": [53000]}, NeedsUser, "administrator"),
        ({"error": "invalid_grant", "error_codes": [90094]}, NeedsUser, "administrator"),
        ({"error": "invalid_grant", "error_codes": [50105]}, NeedsUser, "administrator"),
        ({"error": "invalid_grant", "error_codes": [530032]}, NeedsUser, "administrator"),
        ({"error": "invalid_grant", "error_codes": [50057]}, NeedsUser, "switched off"),
        ({"error": "invalid_grant", "error_codes": [50055]}, NeedsUser, "too old"),
        ({"error": "invalid_grant", "error_codes": [50053]}, NeedsUser, "locked"),
        ({"error": "invalid_grant", "error_codes": [50020]}, NeedsUser, "unknown to the organisation"),
        ({"error": "invalid_grant", "error_codes": [50034]}, NeedsUser, "none of that name"),
        ({"error": "invalid_client", "error_codes": [7000218]}, NeedsUser, "own machine"),
        ({"error": "unauthorized_client", "error_codes": [700016]}, NeedsUser, "does not know the app"),
        ({"error": "invalid_request", "error_codes": [90002]}, NeedsUser, "no organisation"),
        ({"error": "invalid_request", "error_codes": [50011]}, NeedsUser, "come back to"),
        ({"error": "invalid_request", "error_codes": [9002331]}, NeedsUser, "other accounts"),
        ({"error": "access_denied", "error_description": "AADSTS65004: User declined."}, NeedsUser, "no consent"),
        ({"error": "authorization_declined"}, NeedsUser, "no consent"),
        ({"error": "expired_token"}, NeedsUser, "in time"),
        ({"error": "consent_required"}, NeedsUser, "no consent"),
        ({"error": "interaction_required"}, NeedsUser, "second proof"),
        ({"error": "login_required"}, NeedsUser, "has ended"),
        ({"error": "invalid_grant"}, NeedsUser, "has ended"),
        ({"error": "invalid_grant", "error_codes": [999999]}, NeedsUser, "has ended"),
        ({"error": "interaction_required", "suberror": "message_only"}, NeedsUser, "administrator"),
        ({"error": "invalid_grant", "suberror": "user_password_expired"}, NeedsUser, "too old"),
        ({"error": "temporarily_unavailable"}, TryLater, "out of order"),
        ({"error": "temporarily_unavailable", "error_codes": [90033]}, TryLater, "out of order"),
        ({"error": "invalid_grant", "error_codes": [90033]}, TryLater, "out of order"),
        ({"error": "invalid_request", "error_codes": [50196]}, TryLater, "out of order"),
        ({"error": "server_error"}, TryLater, "out of order"),
        ({"error": "slow_down"}, TryLater, "out of order"),
        ({"error": "authorization_pending"}, TryLater, "out of order"),
        ({"error": "invalid_request"}, TryLater, "for now"),
        ({"error": "something new"}, TryLater, "for now"),
        ({"error": None, "error_codes": [None, "x"], "error_description": 3}, TryLater, "for now"),
        ({}, TryLater, "no reason given"),
    ],
    ids=str,
)
def test_what_the_token_service_means(said: dict[str, Any], kind: Callable[..., Any], words: str) -> None:
    chosen = Options(kind="microsoft", address="ada@example.org", client_id=CLIENT)

    found = trouble(said, chosen)

    assert type(found) is kind
    assert words in str(found)


def test_by_a_device_code_an_organisations_no_has_another_remedy() -> None:
    chosen = Options(kind="microsoft", address="ada@example.org", client_id=CLIENT, sign_in="device")

    found = trouble({"error": "invalid_grant", "error_codes": [53003]}, chosen)

    assert isinstance(found, NeedsUser)
    assert found.remedy == 'Write `sign_in = "browser"`, and sign in again.'
