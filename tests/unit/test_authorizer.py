"""The token check of `chalice local`: claims and keys."""

import json
import time
from typing import Any

import jwt
import pytest
from chalice import Chalice, CognitoUserPoolAuthorizer
from chalice.test import Client, HTTPResponse
from cryptography.hazmat.primitives.asymmetric import rsa
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from local import authorizer

_POOL = "ap-southeast-2_pool"
_ISSUER = f"https://cognito-idp.ap-southeast-2.amazonaws.com/{_POOL}"


class Pool:
    """A user pool's keys. `paths` has the paths of the requests for them."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self._keys: dict[str, rsa.RSAPrivateKey] = {}
        self.rotate("first")

    def rotate(self, kid: str) -> None:
        self._keys = {kid: rsa.generate_private_key(public_exponent=65537, key_size=2048)}

    def token(self, **claims: Any) -> str:
        ((kid, key),) = self._keys.items()
        defaults = {"sub": "s", "iss": _ISSUER, "token_use": "id", "exp": int(time.time()) + 60}
        return jwt.encode({**defaults, **claims}, key, "RS256", headers={"kid": kid})

    def jwks(self, request: Request) -> Response:
        self.paths.append(request.path)
        keys = [
            {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}
            for kid, key in self._keys.items()
        ]
        return Response(json.dumps({"keys": keys}))


@pytest.fixture
def pool(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Pool:
    pool = Pool()
    authorizer._signing_keys.cache_clear()  # all tests use the same server
    keys = httpserver.expect_request(f"/{_POOL}/.well-known/jwks.json")
    keys.respond_with_handler(pool.jwks)
    monkeypatch.setenv("AWS_ENDPOINT_URL", httpserver.url_for("").rstrip("/"))
    return pool


def send(token: str) -> HTTPResponse:
    """Send a request to a route that returns its claims."""
    authorizer.check_tokens()
    app = Chalice("sample")
    arn = f"arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/{_POOL}"

    @app.route("/", authorizer=CognitoUserPoolAuthorizer("Pool", provider_arns=[arn]))
    def view() -> dict[str, Any]:
        assert app.current_request is not None
        context: dict[str, Any] = app.current_request.context["authorizer"]
        return context

    with Client(app) as client:
        return client.http.get("/", headers={"Authorization": token})


def test_claims_have_api_gateways_format(pool: Pool) -> None:
    token = pool.token(
        exp=4_102_444_800,
        iat=1_666_606_318,
        auth_time=1_666_606_318,
        email_verified=True,
        address={"city": "Sydney"},
        **{"cognito:groups": ["vendor-v0", "vendor-v1"]},
    )
    assert send(token).json_body == {
        "claims": {
            "sub": "s",
            "iss": _ISSUER,
            "token_use": "id",
            "exp": "Fri Jan 01 00:00:00 UTC 2100",
            "iat": "Mon Oct 24 10:11:58 UTC 2022",
            "auth_time": "1666606318",
            "email_verified": "true",
            "address": '{"city":"Sydney"}',
            "cognito:groups": "vendor-v0,vendor-v1",
        }
    }


def test_keys_are_fetched_once_and_again_for_an_unknown_kid(pool: Pool) -> None:
    for _ in range(3):
        assert send(pool.token()).status_code == 200
    assert pool.paths == [f"/{_POOL}/.well-known/jwks.json"]
    pool.rotate("second")
    time.sleep(1.1)  # unknown kids cause at most one fetch a second
    assert send(pool.token()).status_code == 200
    assert len(pool.paths) == 2


def test_keys_of_a_pool_on_aws_come_from_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    urls: list[str] = []

    def fetch_keys(url: str) -> None:
        urls.append(url)
        raise jwt.PyJWKClientError

    monkeypatch.setattr(authorizer, "_signing_keys", fetch_keys)
    assert send("a.b.c").status_code == 401
    assert urls == [f"{_ISSUER}/.well-known/jwks.json"]
