"""Only a valid IdToken of the user pool is accepted.

`chalice.test.Client` checks tokens as `chalice local` does.
"""

import time
from typing import Any

import jwt
import pytest
from chalice.test import Client, HTTPResponse
from moto.utilities.utils import load_resource
from pytest_httpserver import HTTPServer

from tests.api.conftest import Send
from tests.bad_tokens import BAD_TOKENS, valid
from tests.fixtures import Cloud, Customer
from tests.samples import order


def sign_as_pool(token: str, **changes: Any) -> str:
    """Change the claims and sign them with moto's own key; a claim that is None is left out."""
    key = jwt.PyJWK(load_resource("cognitoidp/resources/jwks-private.json"))
    claims = jwt.decode(token, options={"verify_signature": False}) | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    headers = {"kid": jwt.get_unverified_header(token)["kid"]}
    return jwt.encode(claims, key.key, "RS256", headers=headers)


def place(send: Send, token: str, body: Any, **headers: str) -> HTTPResponse:
    return send("POST", "/order", body=body, headers={"Authorization": token, **headers})


def assert_unauthorized(response: HTTPResponse) -> None:
    assert response.status_code == 401
    assert response.body == b'{"message":"Unauthorized"}'
    assert response.headers["x-amzn-ErrorType"] == "UnauthorizedException"


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_bad_token_is_rejected(
    cloud: Cloud, send: Send, signed_in_customer: Customer, httpserver: HTTPServer, kind: str
) -> None:
    stolen = valid(signed_in_customer.id_token, cloud.endpoint_url, cloud.pool_id, httpserver)
    assert_unauthorized(place(send, BAD_TOKENS[kind](stolen), {"order": order()}))
    assert httpserver.log == [], "a token made the service ask the attacker's key server"


_COGNITO = "https://cognito-idp.ap-southeast-2.amazonaws.com"


@pytest.mark.parametrize(
    "changes",
    [
        *[{"iss": None}, {"iss": f"{_COGNITO}/ap-southeast-2_other"}],
        *[{"iss": f"{_COGNITO}.attacker.example/{{pool}}"}, {"iss": f"{_COGNITO}/{{pool}}/"}],
        *[{"exp": int(time.time()) - 1}, {"exp": None}, {"nbf": int(time.time()) + 600}],
        *[{"token_use": "access"}, {"token_use": "refresh"}, {"token_use": None}, {"sub": None}],
    ],
)
def test_bad_claims_with_a_valid_signature_are_rejected(
    cloud: Cloud, send: Send, signed_in_customer: Customer, changes: dict[str, Any]
) -> None:
    if issuer := changes.get("iss"):
        changes = {"iss": issuer.format(pool=cloud.pool_id)}
    token = sign_as_pool(signed_in_customer.id_token, **changes)
    assert_unauthorized(place(send, token, {"order": order()}))


def test_claims_have_api_gateways_format(
    send: Send, signed_in_customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    contexts: list[dict[str, Any]] = []
    monkeypatch.setattr("chalicelib.auth.authenticate", contexts.append)
    token = sign_as_pool(
        signed_in_customer.id_token,
        iat=1_666_606_318,
        auth_time=1_666_606_318,
        address={"city": "Sydney"},
        **{"cognito:groups": ["vendor-v0", "vendor-v1"]},
    )
    place(send, token, {})
    expected = {
        "sub": signed_in_customer.sub,
        "iat": "Mon Oct 24 10:11:58 UTC 2022",
        "auth_time": "1666606318",
        "address": '{"city":"Sydney"}',
        "cognito:groups": "vendor-v0,vendor-v1",
    }
    assert contexts[0]["authorizer"]["claims"].items() >= expected.items()


def test_token_that_cannot_be_checked_is_rejected(
    client: Client, signed_in_customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    headers = {"Authorization": signed_in_customer.id_token}
    response = client.http.post("/order", headers=headers)
    assert response.status_code == 401
