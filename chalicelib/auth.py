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

    An access token is rejected, as by the authorizer of a method without scopes:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
    """
    claims = (context.get("authorizer") or {}).get("claims") or {}
    if claims.get("token_use") != "id" or not claims.get("sub"):
        raise UnauthorizedError("Log in and send the IdToken in the Authorization header")
    # API Gateway joins the groups with commas, that of the local cloud writes `[a b]`.
    groups = str(claims.get("cognito:groups")).strip("[]").replace(" ", ",")
    return Caller(claims["sub"], frozenset(groups.split(",")))


def staff_group(vendorid: str) -> str:
    """Return the Cognito group of a vendor's staff: `vendor-<vendorid>`, percent-encoded.

    A group name cannot have blanks, and a comma separates groups in the claim.
    """
    return f"vendor-{quote(vendorid, safe='')}"
