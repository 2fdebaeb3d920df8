"""API Gateway's token check, for `chalice local` and `chalice.test.Client`.

Chalice's local gateway accepts any token. This authorizer applies the rules of API Gateway's
Cognito authorizer and returns the same responses. It imports PyJWT only when it checks a token,
because `chalice package` and `chalice deploy` do not need it.
"""

import functools
import json
import logging
import time
from typing import TYPE_CHECKING, Any

import chalice.local
from chalice import CognitoUserPoolAuthorizer
from chalice.local import (
    EventType,
    InvalidAuthorizerError,
    LambdaContext,
    LocalAuthPair,
    LocalGatewayAuthorizer,
    NotAuthorizedError,
)

if TYPE_CHECKING:
    from jwt import PyJWKClient

# The headers of the gateway's own errors, as on AWS.
_ERROR_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=63072000",
    "X-Content-Type-Options": "nosniff",
}
_log = logging.getLogger(__name__)


class TokenCheckingAuthorizer(LocalGatewayAuthorizer):
    """Chalice's local authorizer, which also checks the tokens of a Cognito authorizer."""

    def authorize(
        self, raw_path: str, lambda_event: EventType, lambda_context: LambdaContext
    ) -> LocalAuthPair:
        """Return the event with the token's claims.

        Raises NotAuthorizedError, which becomes a 401, unless the token is a valid IdToken.
        """
        route = self._route_for_event(lambda_event)
        authorizer = route.authorizer if route else None
        if not isinstance(authorizer, CognitoUserPoolAuthorizer):
            return super().authorize(raw_path, lambda_event, lambda_context)
        swagger = authorizer.to_swagger()
        pools: list[str] = swagger["x-amazon-apigateway-authorizer"]["providerARNs"]
        header = lambda_event["headers"].get(swagger["name"].lower(), "").strip()
        scheme, _, rest = header.partition(" ")
        token = rest.strip() if scheme.lower() == "bearer" else header
        headers = {"x-amzn-RequestId": lambda_context.aws_request_id, **_ERROR_HEADERS}
        try:
            claims = _verified_claims(token, pools)
        except (ModuleNotFoundError, ConnectionError) as error:
            _log.error("Tokens cannot be checked: %s", error)
            headers["x-amzn-ErrorType"] = "AuthorizerConfigurationException"
            body = b'{"message":"Internal server error"}'
            raise InvalidAuthorizerError(headers, body) from None
        if claims is None:
            headers |= {"x-amzn-ErrorType": "UnauthorizedException", "WWW-Authenticate": "Bearer"}
            raise NotAuthorizedError(headers, b'{"message":"Unauthorized"}')
        # API Gateway sets principalId for Lambda authorizers only.
        strings = {name: _as_string(name, value) for name, value in claims.items()}
        lambda_event["requestContext"]["authorizer"] = {"claims": strings}
        return lambda_event, lambda_context


def check_tokens() -> None:
    """Make every local gateway that Chalice creates from now on check tokens."""
    chalice.local.LocalGatewayAuthorizer = TokenCheckingAuthorizer  # type: ignore[misc]


def _verified_claims(token: str, pool_arns: list[str]) -> dict[str, Any] | None:
    """Return the claims of a valid IdToken from one of the pools; None for any other token.

    API Gateway's authorizer does not check the app client, so neither does this function:
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html
    Raises ConnectionError if the pool's keys are unavailable, ModuleNotFoundError without PyJWT.
    """
    if not token:
        return None
    import jwt  # noqa: PLC0415

    from chalicelib.settings import cognito_url  # noqa: PLC0415 - it reads the environment

    for arn in pool_arns:
        _, _, _, region, _, resource = arn.split(":", 5)
        pool = resource.removeprefix("userpool/")
        try:
            keys = _signing_keys(f"{cognito_url(region)}/{pool}/.well-known/jwks.json")
            claims = jwt.decode(
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
        except jwt.PyJWKClientConnectionError as error:
            raise ConnectionError(str(error)) from error
        except jwt.PyJWTError:
            continue
        if claims["token_use"] == "id":  # noqa: S105
            return claims
    return None


@functools.cache
def _signing_keys(url: str) -> "PyJWKClient":
    """Return the client for a pool's keys, which fetches them again for an unknown kid."""
    from jwt import PyJWKClient  # noqa: PLC0415

    return PyJWKClient(url, timeout=5, cooldown_duration=1)


def _as_string(name: str, value: object) -> str:
    """Convert a claim to a string, as API Gateway's REST APIs pass it to Lambda."""
    if name in {"exp", "iat"} and isinstance(value, int):
        return time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(value))
    if isinstance(value, list):
        return ",".join(_as_string("", item) for item in value)
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
