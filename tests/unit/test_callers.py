"""Who is calling: an IdToken's claims, or nobody."""

from typing import Any

import pytest

from chalicelib.callers import caller
from chalicelib.errors import UnauthorizedError

_CLAIMS = {"sub": "2a0689dc", "token_use": "id", "cognito:username": "Paul"}


def test_the_claims_of_an_id_token_name_the_caller() -> None:
    assert caller({"authorizer": {"claims": _CLAIMS}}).sub == "2a0689dc"


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"authorizer": None},
        {"authorizer": {}},
        {"authorizer": "2a0689dc"},
        {"authorizer": {"claims": None}},
        {"authorizer": {"claims": {}}},
        {"authorizer": {"claims": "sub=2a0689dc"}},
        # A Lambda authorizer's context is flat; nobody's token was checked by Cognito's.
        {"authorizer": {"principalId": "Paul", **_CLAIMS}},
        {"authorizer": {"claims": {**_CLAIMS, "token_use": "access"}}},
        {"authorizer": {"claims": {"sub": "2a0689dc"}}},
        {"authorizer": {"claims": {"token_use": "id"}}},
        {"authorizer": {"claims": {**_CLAIMS, "sub": ""}}},
        {"authorizer": {"claims": {**_CLAIMS, "sub": ["2a0689dc"]}}},
    ],
)
def test_without_the_claims_of_an_id_token_nobody_is_let_in(context: dict[str, Any]) -> None:
    with pytest.raises(UnauthorizedError):
        caller(context)
