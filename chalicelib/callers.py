"""Who is calling, from the claims of their token.

Behind API Gateway the claims are believed: its Cognito authorizer has checked signature,
expiry and pool before Lambda runs. Where they are missing the answer is 401, so that a route
that lost its authorizer shuts everybody out instead of letting everybody in.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalicelib.errors import UnauthorizedError


class Caller(NamedTuple):
    """A signed-in customer. `sub` is the one name that Cognito never gives to a second user."""

    sub: str


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
    return Caller(sub)
