"""Who is calling, from the claims of their token, and what they may do.

Behind API Gateway the claims are believed: its Cognito authorizer has checked signature,
expiry and pool before Lambda runs. Where they are missing the answer is 401, so that a route
that lost its authorizer shuts everybody out instead of letting everybody in.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from chalicelib.errors import ForbiddenError, UnauthorizedError


class Caller(NamedTuple):
    """Somebody signed in. `sub` is the one name that Cognito never gives to a second user."""

    sub: str
    groups: frozenset[str]

    def require_staff_of(self, vendorid: str) -> None:
        """Raise ForbiddenError unless the caller works at this shop."""
        if staff_group(vendorid) not in self.groups:
            raise ForbiddenError("Only staff of this vendor may do this")


def caller(context: Mapping[str, Any]) -> Caller:
    """Return who is calling, from API Gateway's request context. Raises UnauthorizedError.

    Only an IdToken says who somebody is. An access token (`token_use` "access") says what an
    app may do, and the authorizer of a method without scopes refuses it too:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
    """
    authorizer = context.get("authorizer")
    claims = authorizer.get("claims") if isinstance(authorizer, Mapping) else None
    if not isinstance(claims, Mapping) or claims.get("token_use") != "id":
        raise UnauthorizedError("Log in and send the IdToken in the Authorization header")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub:
        raise UnauthorizedError("The IdToken does not say whose it is")
    return Caller(sub, _groups(claims.get("cognito:groups")))


def staff_group(vendorid: str) -> str:
    """Return the Cognito group of a vendor's staff: `vendor-<vendorid>`.

    What a group's name can't have (blanks, invisible characters), and what a list of groups
    is joined with, is percent-encoded: with a plain comma the staff of a shop named
    "a,vendor-b" would arrive as the staff of two other shops.
    """
    safe = (
        char if char.isprintable() and char not in " %,[]" else quote(char) for char in vendorid
    )
    return f"vendor-{''.join(safe)}"


def _groups(claim: object) -> frozenset[str]:
    """Read the groups claim, in whichever form a gateway hands it on.

    A REST API joins the groups with commas, an HTTP API writes `[a b]`, and the token itself
    has a list.
    """
    if isinstance(claim, str):
        if claim.startswith("[") and claim.endswith("]"):
            return frozenset(claim[1:-1].split())
        return frozenset(claim.split(","))
    if isinstance(claim, list | tuple):
        return frozenset(each for each in claim if isinstance(each, str))
    return frozenset()
