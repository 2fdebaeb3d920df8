"""The caller of a request by the claims of the IdToken, and the groups of staff."""

from typing import Any

import pytest
from chalice import ForbiddenError, UnauthorizedError

from chalicelib.auth import authenticate, staff_group

_CLAIMS = {"sub": "2a0689dc", "token_use": "id", "cognito:username": "Paul"}


@pytest.mark.parametrize(
    "context",
    [
        *[{}, {"authorizer": None}, {"authorizer": {"claims": None}}],
        # A Lambda authorizer's context is flat: no Cognito authorizer has checked the token.
        {"authorizer": {"principalId": "Paul", **_CLAIMS}},
        {"authorizer": {"claims": {**_CLAIMS, "token_use": "access"}}},
        {"authorizer": {"claims": {"sub": "2a0689dc"}}},
        {"authorizer": {"claims": {**_CLAIMS, "sub": ""}}},
    ],
)
def test_missing_or_wrong_claims_are_rejected(context: dict[str, Any]) -> None:
    with pytest.raises(UnauthorizedError):
        authenticate(context)


def is_staff(claim: Any, vendorid: str) -> bool:
    caller = authenticate({"authorizer": {"claims": {**_CLAIMS, "cognito:groups": claim}}})
    try:
        caller.require_staff_of(vendorid)
    except ForbiddenError:
        return False
    return True


@pytest.mark.parametrize("claim", ["vendor-v0,vendor-v1", "[vendor-v0 vendor-v1]"])
def test_groups_of_each_gateway_are_parsed(claim: Any) -> None:
    vendorids = ["v0", "v1", "v", "v0,vendor-v1", "v0 vendor-v1"]
    assert [vendorid for vendorid in vendorids if is_staff(claim, vendorid)] == ["v0", "v1"]


@pytest.mark.parametrize(
    "claim",
    [
        *[None, "", "[]", [None], [["vendor-v0"]], {"vendor-v0": True}, "v0", "Vendor-v0"],
        *["vendor-v00", "xvendor-v0", "vendor-", "vendor-v0;vendor-v1", '"vendor-v0"'],
    ],
)
def test_other_claims_are_not_staff(claim: Any) -> None:
    assert not is_staff(claim, "v0")


@pytest.mark.parametrize(
    ("vendorid", "group"),
    [
        *[("v-0_.~", "vendor-v-0_.~"), ("a/b,c", "vendor-a%2Fb%2Cc"), ("%2C", "vendor-%252C")],
        *[("[a ]", "vendor-%5Ba%20%5D"), ("☕", "vendor-%E2%98%95")],
        ("a,vendor-b", "vendor-a%2Cvendor-b"),
    ],
)
def test_group_name_is_percent_encoded(vendorid: str, group: str) -> None:
    assert staff_group(vendorid) == group
    for claim in (f"x,{group}", f"[x {group}]", group, f"[{group}]"):
        assert is_staff(claim, vendorid)
        assert not any(is_staff(claim, other) for other in ("a", "b", "c", "vendor-b"))
