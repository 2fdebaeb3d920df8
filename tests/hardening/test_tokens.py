"""Every bad token is rejected at every route that requires a token."""

import json
import time

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.bad_tokens import (
    FROM_VALID_TOKEN,
    attackers_url,
    pointing_at,
    signed_with_the_public_key,
)
from tests.conftest import Tried
from tests.hardening.target import Person, Target
from tests.samples import PASSWORD, order

_PROMISE = "No token but a good one gets in"
_JSON = {"Content-Type": "application/json"}


def assert_rejected(target: Target, *tokens: str | None) -> int:
    """Expect the gateway's 401 on every route with an authorizer; return how often we asked."""
    requests_ = [
        (method, path, f"{scheme}{token}" if token is not None else None)
        for method, path in target.routes(signed_in=True)
        for token in tokens
        for scheme in (("", "Bearer ") if token else ("",))
    ]
    before = target.answered()
    for method, path, token in requests_:
        answer = target.ask(method, path, token, body=b"{}", headers=_JSON)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"}), path
    target.ask("GET", "/openapi.json")  # the service answers this one
    assert target.answered() == before + 1, "a rejected request reached the service"
    return len(requests_)


def id_token_of_new_user(target: Target, pool_id: str, **validity: int) -> str:
    """Sign up a user with an app client of their own; return an IdToken. Validity in seconds."""
    cognito = target.cognito()
    client_id = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="another",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        TokenValidityUnits={"IdToken": "seconds"},
        **validity,
    )["UserPoolClient"]["ClientId"]
    username = f"user-{client_id}"
    cognito.sign_up(ClientId=client_id, Username=username, Password=PASSWORD)
    cognito.admin_confirm_sign_up(UserPoolId=pool_id, Username=username)
    answer = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )
    return str(answer["AuthenticationResult"]["IdToken"])


def test_bad_tokens(target: Target, customer: Person, tried: Tried) -> None:
    jwks_url = f"{target.cloud.endpoint_url}/{target.stack.user_pool_id}/.well-known/jwks.json"
    jwks = requests.get(jwks_url, timeout=5).json()
    bad = [bend(customer.id_token) for bend in FROM_VALID_TOKEN.values()]
    bad.append(signed_with_the_public_key(customer.id_token, jwks))
    count = assert_rejected(target, None, "", *bad)
    tried(_PROMISE, f"{len(bad)} bad tokens at every route, {target.name}", count)


def test_token_naming_a_key_server(
    target: Target, customer: Person, httpserver: HTTPServer, tried: Tried
) -> None:
    ways = pointing_at(attackers_url(httpserver)).values()
    count = assert_rejected(target, *(bend(customer.id_token) for bend in ways))
    assert httpserver.log == []
    tried(_PROMISE, f"tokens that name a key server of their own, {target.name}", count)


def test_token_of_another_pool(target: Target, tried: Tried) -> None:
    pool = target.cognito().create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    count = assert_rejected(target, id_token_of_new_user(target, pool))
    tried(_PROMISE, f"another pool's token, {target.name}", count)


def test_expired_token(target: Target, tried: Tried) -> None:
    token = id_token_of_new_user(target, target.stack.user_pool_id, IdTokenValidity=4)
    assert target.ask("GET", "/orders", token).status_code == 200
    time.sleep(4.5)
    tried(_PROMISE, f"an expired token, {target.name}", assert_rejected(target, token))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_other_kinds_of_token(target: Target, customer: Person, kind: str, tried: Tried) -> None:
    """AWS's gateway rejects them. The local cloud's does not, so there the service does."""
    routes = target.routes(signed_in=True)
    for method, path in routes:
        answer = target.ask(method, path, getattr(customer, kind), body=b"{}", headers=_JSON)
        assert answer.status_code == 401
    tried(_PROMISE, f"the {kind.replace('_', ' ')} at every route, {target.name}", len(routes))


@pytest.mark.parametrize("leave", ["global_sign_out", "delete_user"])
def test_token_outlives_its_session_but_is_not_renewed(
    target: Target, leave: str, tried: Tried
) -> None:
    """As on AWS: the gateway checks only the token, and does not ask about its owner."""
    leaver, cognito = target.sign_in(), target.cognito()
    getattr(cognito, leave)(AccessToken=leaver.access_token)
    body = json.dumps({"order": order(leaver.username)}).encode()
    assert target.ask("POST", "/order", leaver, body=body, headers=_JSON).status_code == 201
    with pytest.raises(cognito.exceptions.ClientError, match=r"NotAuthorized|UserNotFound"):
        cognito.initiate_auth(
            ClientId=target.stack.client_id,
            AuthFlow="REFRESH_TOKEN_AUTH",
            AuthParameters={"REFRESH_TOKEN": leaver.refresh_token},
        )
    tried(_PROMISE, f"after {leave}: no new token, {target.name}", 1)
