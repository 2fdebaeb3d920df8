"""API Gateway's token check, for `chalice local` and `chalice.test.Client`.

Chalice's local gateway accepts any token. This authorizer applies the rules of API Gateway's
Cognito authorizer and returns the same responses.
"""

import json
import logging
import time
from functools import cache, partial
from typing import Any

import jwt
from chalice import CognitoUserPoolAuthorizer, local

from chalicelib.settings import cognito_url

# The headers of the gateway's own 401, as on AWS.
_ERROR_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=63072000",
    "WWW-Authenticate": "Bearer",
    "X-Content-Type-Options": "nosniff",
    "x-amzn-ErrorType": "UnauthorizedException",
}
# The client for a pool's keys by their URL. It fetches them again for an unknown kid.
_signing_keys = cache(partial(jwt.PyJWKClient, timeout=5, cooldown_duration=1))
_log = logging.getLogger(__name__)


class TokenCheckingAuthorizer(local.LocalGatewayAuthorizer):
    """Chalice's local authorizer, which also checks the tokens of a Cognito authorizer."""

    def authorize(
        self, raw_path: str, lambda_event: local.EventType, lambda_context: local.LambdaContext
    ) -> local.LocalAuthPair:
        """Return the event with the token's claims.

        Raises NotAuthorizedError, which becomes a 401, unless the token is a valid IdToken.
        """
        route = self._route_for_event(lambda_event)
        authorizer = route.authorizer if route else None
        if not isinstance(authorizer, CognitoUserPoolAuthorizer):
            return super().authorize(raw_path, lambda_event, lambda_context)
        (arn,) = authorizer.to_swagger()["x-amazon-apigateway-authorizer"]["providerARNs"]
        header = lambda_event["headers"].get("authorization", "").strip()
        scheme, _, rest = header.partition(" ")
        try:
            claims = _verified_claims(rest.strip() if scheme.lower() == "bearer" else header, arn)
        except jwt.PyJWTError as error:
            _log.warning("401, because of the token: %s", error)
            headers = {"x-amzn-RequestId": lambda_context.aws_request_id, **_ERROR_HEADERS}
            raise local.NotAuthorizedError(headers, b'{"message":"Unauthorized"}') from None
        # API Gateway sets principalId for Lambda authorizers only.
        strings = {name: _as_string(name, value) for name, value in claims.items()}
        lambda_event["requestContext"]["authorizer"] = {"claims": strings}
        return lambda_event, lambda_context


def _verified_claims(token: str, pool_arn: str) -> dict[str, Any]:
    """Return the claims of a valid IdToken from the pool. Raises PyJWTError.

    API Gateway's authorizer does not check the app client, so neither does this function:
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
    """
    _, _, _, region, _, resource = pool_arn.split(":")
    pool = resource.removeprefix("userpool/")
    keys = _signing_keys(f"{cognito_url(region)}/{pool}/.well-known/jwks.json")
    claims: dict[str, Any] = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        issuer=f"https://cognito-idp.{region}.amazonaws.com/{pool}",
        # This machine's clock may be behind Cognito's, so `iat` is not checked.
        options={
            "require": ["exp", "iss", "sub", "token_use"],
            "verify_aud": False,
            "verify_iat": False,
        },
    )
    if claims["token_use"] != "id":  # noqa: S105
        raise jwt.InvalidTokenError("This is not an IdToken")
    return claims


def _as_string(name: str, value: object) -> str:
    """Convert a claim to a string, as API Gateway's REST APIs pass it to Lambda."""
    if name in {"exp", "iat"} and isinstance(value, int):
        return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(value))
    if isinstance(value, list):
        return ",".join(_as_string("", item) for item in value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
