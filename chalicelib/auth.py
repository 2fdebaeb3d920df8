"""Authentication and authorization by the claims of the IdToken.

API Gateway's Cognito authorizer checks signature, expiry and user pool before Lambda runs, so
the service trusts the claims. Without claims it responds with 401: a route that loses its
authorizer rejects everybody.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from chalice import ForbiddenError, UnauthorizedError


class Caller(NamedTuple):
    """A signed-in user. Cognito never gives the same `sub` to a second user."""

    sub: str
    groups: frozenset[str]

    def require_staff_of(self, vendorid: str) -> None:
        """Raise ForbiddenError unless the caller is staff of this vendor."""
        if staff_group(vendorid) not in self.groups:
            raise ForbiddenError("Only staff of this vendor may do this")


def authenticate(context: Mapping[str, Any]) -> Caller:
    """Return the caller from API Gateway's request context. Raises UnauthorizedError.

    Only an IdToken identifies a user. An access token (`token_use` is "access") is rejected, as
    by the authorizer of a method without scopes:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
    """
    authorizer = context.get("authorizer")
    claims = authorizer.get("claims") if isinstance(authorizer, Mapping) else None
    if not isinstance(claims, Mapping) or claims.get("token_use") != "id":
        raise UnauthorizedError("Log in and send the IdToken in the Authorization header")
    sub = claims.get("sub")
    if not isinstance(sub, str) or not sub:
        raise UnauthorizedError("The IdToken has no subject")
    return Caller(sub, _groups(claims.get("cognito:groups")))


def staff_group(vendorid: str) -> str:
    """Return the Cognito group of a vendor's staff: `vendor-<vendorid>`, percent-encoded.

    A group name cannot have blanks or invisible characters, and a comma separates groups in the
    claim.
    """
    return f"vendor-{quote(vendorid, safe='')}"


def _groups(claim: object) -> frozenset[str]:
    """Parse the claim `cognito:groups`.

    A REST API joins the groups with commas, an HTTP API writes `[a b]`, and the token itself
    has a list.
    """
    if isinstance(claim, str):
        if claim.startswith("[") and claim.endswith("]"):
            return frozenset(claim[1:-1].split())
        return frozenset(claim.split(","))
    if isinstance(claim, list | tuple):
        return frozenset(group for group in claim if isinstance(group, str))
    return frozenset()
