"""Every bad token is rejected at every route that requires a token."""

import time

import pytest
from pytest_httpserver import HTTPServer

from tests.bad_tokens import BAD_TOKENS, valid
from tests.conftest import AddToReport
from tests.fixtures import log_in, make_pool, sign_up
from tests.hardening.target import Target, User, expect_status
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
        expect_status(response, 401)
        assert response.json() == {"message": "Unauthorized"}
    target.request("GET", "/openapi.json")  # the service answers this one
    assert target.requests_handled() == before + 1, "a rejected request reached the service"
    return len(attempts)


def test_bad_token_is_rejected(
    target: Target, customer: User, httpserver: HTTPServer, add_to_report: AddToReport
) -> None:
    pool_id, cognito = target.stack.user_pool_id, target.cognito()
    stolen = valid(customer.id_token, target.cloud.endpoint_url, pool_id, httpserver)
    tokens = [forge(stolen) for forge in BAD_TOKENS.values()]
    foreign_pool = make_pool(cognito)
    sign_up(cognito, *foreign_pool, "foreigner")
    tokens.append(log_in(cognito, foreign_pool[1], "foreigner")["IdToken"])
    count = assert_rejected(target, None, *tokens)
    assert httpserver.log == [], "a token made the service ask the attacker's key server"
    add_to_report(_PROMISE, f"{len(tokens)} bad tokens at every route, {target.name}", count)


def test_expired_token_is_rejected(
    target: Target, customer: User, add_to_report: AddToReport
) -> None:
    client = target.cognito().create_user_pool_client(
        UserPoolId=target.stack.user_pool_id,
        ClientName="four seconds",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"],
        TokenValidityUnits={"IdToken": "seconds"},
        IdTokenValidity=4,
    )["UserPoolClient"]
    token = log_in(target.cognito(), client["ClientId"], customer.username)["IdToken"]
    expect_status(target.request("GET", "/orders", token), 200)
    deadline = time.monotonic() + 60
    while target.request("GET", "/orders", token).ok:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    add_to_report(_PROMISE, f"an expired token, {target.name}", assert_rejected(target, token))


def test_other_kinds_of_token_are_rejected(
    target: Target, customer: User, add_to_report: AddToReport
) -> None:
    """API Gateway rejects them on AWS. The local cloud's does not, so there the service does."""
    routes = target.routes_with_token()
    for token in (customer.access_token, customer.refresh_token):
        for method, path in routes:
            expect_status(target.request(method, path, token, b"{}"), 401)
    name = f"access and refresh tokens at every route, {target.name}"
    add_to_report(_PROMISE, name, 2 * len(routes))


@pytest.mark.parametrize("operation", ["global_sign_out", "delete_user"])
def test_token_outlives_its_session(
    target: Target, operation: str, add_to_report: AddToReport
) -> None:
    """As on AWS, the gateway checks only the token, and does not look up its user."""
    user, cognito = target.sign_in(), target.cognito()
    getattr(cognito, operation)(AccessToken=user.access_token)
    target.succeed("POST", "/order", user, {"order": order(target.name, operation)})
    with pytest.raises(cognito.exceptions.ClientError, match=r"NotAuthorized|UserNotFound"):
        cognito.initiate_auth(
            ClientId=target.stack.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": user.refresh_token},
        )
    add_to_report(_PROMISE, f"after {operation}: no new token, {target.name}", 1)
