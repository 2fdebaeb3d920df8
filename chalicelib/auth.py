"""Authentication and authorization by the claims of the IdToken.

API Gateway's Cognito authorizer checks signature, expiry and user pool before Lambda runs, so
the service trusts the claims. Without claims it responds with 401: a route that loses its
authorizer rejects everybody.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from unicodedata import ucd_3_2_0
from urllib.parse import quote, unquote

from chalice import ForbiddenError, UnauthorizedError

_PREFIX = "vendor-"
# Blocks of emoji in which Unicode 14 (Python 3.11) has assigned every character.
_EMOJI = [(0x2600, 0x27BF), (0x1F300, 0x1F64F), (0x1F900, 0x1F9FF)]


class Caller(NamedTuple):
    """A signed-in user. Cognito never gives the same `sub` to a second user."""

    sub: str
    groups: frozenset[str]

    def require_staff_of(self, vendorid: str) -> None:
        """Raise ForbiddenError unless the caller is staff of this vendor."""
        if all(_vendor_of(group) != vendorid for group in self.groups):
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
    """Return the Cognito group of a vendor's staff: `vendor-<vendorid>`.

    Characters that a group name cannot have (blanks, invisible characters) and characters that
    separate groups in the claim are percent-encoded. With a plain comma, the staff of a vendor
    named "a,vendor-b" would be taken for the staff of "a" and "b".

    Every version of Python returns the same group, because its own Unicode tables are not used.
    Except for emoji, characters newer than Unicode 3.2 are encoded.
    """
    return _PREFIX + "".join(char if _is_unreserved(char) else quote(char) for char in vendorid)


def _is_unreserved(char: str) -> bool:
    """Return whether a group name has this character without percent-encoding."""
    if any(first <= ord(char) <= last for first, last in _EMOJI):
        return True
    # Python has the tables of Unicode 3.2 for domain names (RFC 3490). The category C is control,
    # format or unassigned; Z is a separator. The soft hyphen became a format character later.
    return char not in "%,[]\u00ad" and ucd_3_2_0.category(char)[0] not in "CZ"


def _vendor_of(group: str) -> str | None:
    """Return the vendor whose staff are in this group; None for any other group.

    Groups with more or fewer encoded characters are accepted, too, such as those that a Python
    with other Unicode tables has created.
    """
    if not group.startswith(_PREFIX):
        return None
    try:
        return unquote(group.removeprefix(_PREFIX), errors="strict")
    except UnicodeDecodeError:
        return None


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
