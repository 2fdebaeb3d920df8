"""Every bad token is rejected at every route that requires a token."""

import time

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.bad_tokens import (
    FROM_VALID_TOKEN,
    refer_to_key_server,
    serve_attacker_keys,
    sign_with_public_key,
)
from tests.conftest import AddToReport
from tests.hardening.target import Target, User, log_in, sign_up
from tests.samples import order

_PROMISE = "Only valid tokens are accepted"


def assert_rejected(target: Target, *tokens: str | None) -> int:
    """Expect the gateway's 401 on every route with an authorizer. Return the number of requests."""
    attempts = [
        (method, path, f"{scheme}{token}" if token is not None else None)
        for method, path in target.routes_with_token()
        for token in tokens
        for scheme in (("", "Bearer ") if token else ("",))
    ]
    before = target.requests_handled()
    for method, path, token in attempts:
        response = target.request(method, path, token, b"{}")
        assert (response.status_code, response.json()) == (401, {"message": "Unauthorized"}), path
    target.request("GET", "/openapi.json")  # the service answers this one
    assert target.requests_handled() == before + 1, "a rejected request reached the service"
    return len(attempts)


def id_token_of_new_user(target: Target, pool_id: str, **validity: int) -> str:
    """Sign up a user with a new app client, and return their IdToken. Validity in seconds."""
    cognito = target.cognito()
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="another",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        TokenValidityUnits={"IdToken": "seconds"},
        **validity,
    )["UserPoolClient"]["ClientId"]
    username = f"user-{client_id}"
    sign_up(cognito, pool_id, client_id, username)
    return str(log_in(cognito, client_id, username)["IdToken"])


def test_bad_token_is_rejected(target: Target, customer: User, add_to_report: AddToReport) -> None:
    jwks_url = f"{target.cloud.endpoint_url}/{target.stack.user_pool_id}/.well-known/jwks.json"
    jwks = requests.get(jwks_url, timeout=5).json()
    tokens = [forge(customer.id_token) for forge in FROM_VALID_TOKEN.values()]
    tokens.append(sign_with_public_key(customer.id_token, jwks))
    count = assert_rejected(target, None, "", *tokens)
    add_to_report(_PROMISE, f"{len(tokens)} bad tokens at every route, {target.name}", count)


def test_key_server_of_a_token_is_never_requested(
    target: Target, customer: User, httpserver: HTTPServer, add_to_report: AddToReport
) -> None:
    forgeries = refer_to_key_server(serve_attacker_keys(httpserver)).values()
    count = assert_rejected(target, *(forge(customer.id_token) for forge in forgeries))
    assert httpserver.log == []
    add_to_report(_PROMISE, f"tokens with the URL of a key server, {target.name}", count)


def test_token_of_another_pool_is_rejected(target: Target, add_to_report: AddToReport) -> None:
    pool = target.cognito().create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    count = assert_rejected(target, id_token_of_new_user(target, pool))
    add_to_report(_PROMISE, f"another pool's token, {target.name}", count)


def test_expired_token_is_rejected(target: Target, add_to_report: AddToReport) -> None:
    token = id_token_of_new_user(target, target.stack.user_pool_id, IdTokenValidity=4)
    assert target.request("GET", "/orders", token).status_code == 200
    deadline = time.monotonic() + 60
    while target.request("GET", "/orders", token).ok:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    add_to_report(_PROMISE, f"an expired token, {target.name}", assert_rejected(target, token))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_other_kinds_of_token_are_rejected(
    target: Target, customer: User, kind: str, add_to_report: AddToReport
) -> None:
    """API Gateway rejects them on AWS. The local cloud's does not, so there the service does."""
    routes = target.routes_with_token()
    for method, path in routes:
        response = target.request(method, path, getattr(customer, kind), b"{}")
        assert response.status_code == 401
    add_to_report(
        _PROMISE, f"the {kind.replace('_', ' ')} at every route, {target.name}", len(routes)
    )


@pytest.mark.parametrize("operation", ["global_sign_out", "delete_user"])
def test_token_outlives_its_session(
    target: Target, operation: str, add_to_report: AddToReport
) -> None:
    """As on AWS, the gateway checks only the token, and does not look up its user."""
    user, cognito = target.sign_in(), target.cognito()
    getattr(cognito, operation)(AccessToken=user.access_token)
    body = {"order": order(user.username)}
    assert target.request("POST", "/order", user, body).status_code == 201
    with pytest.raises(cognito.exceptions.ClientError, match=r"NotAuthorized|UserNotFound"):
        cognito.initiate_auth(
            ClientId=target.stack.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": user.refresh_token},
        )
    add_to_report(_PROMISE, f"after {operation}: no new token, {target.name}", 1)
