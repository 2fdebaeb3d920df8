"""No token but a good one gets in: each bad one, at each route that asks for a token."""

import json

import pytest
import requests
from pytest_httpserver import HTTPServer

from tests.bad_tokens import (
    FROM_ANY_GOOD_TOKEN,
    attackers_url,
    pointing_at,
    signed_with_the_public_key,
)
from tests.conftest import Tried
from tests.hardening.target import Person, Target
from tests.samples import PASSWORD, order

_PROMISE = "No token but a good one gets in"
_JSON = {"Content-Type": "application/json"}


def assert_turned_away(target: Target, *tokens: str | None) -> int:
    """Expect the gateway's own 401 at every route with an authorizer; return how often we asked."""
    asked = [
        (method, path, f"{scheme}{token}" if token is not None else None)
        for method, path in target.routes(signed_in=True)
        for token in tokens
        for scheme in (("", "Bearer ") if token else ("",))
    ]
    before = target.answered()
    for method, path, who in asked:
        answer = target.ask(method, path, who, body=b"{}", headers=_JSON)
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"}), path
    target.ask("GET", "/openapi.json")  # which the service does answer
    assert target.answered() == before + 1, "the service itself was asked"
    return len(asked)


def test_bad_tokens_are_turned_away_before_the_service_runs(
    target: Target, customer: Person, tried: Tried
) -> None:
    jwks_url = f"{target.cloud.endpoint_url}/{target.stack.user_pool_id}/.well-known/jwks.json"
    jwks = requests.get(jwks_url, timeout=5).json()
    bad = [bend(customer.id_token) for bend in FROM_ANY_GOOD_TOKEN.values()]
    bad.append(signed_with_the_public_key(customer.id_token, jwks))
    asked = assert_turned_away(target, None, "", *bad)
    tried(_PROMISE, f"{len(bad)} bad tokens at every route, {target.name}", asked)


def test_keys_are_never_fetched_from_where_a_token_says(
    target: Target, customer: Person, httpserver: HTTPServer, tried: Tried
) -> None:
    ways = pointing_at(attackers_url(httpserver)).values()
    asked = assert_turned_away(target, *(bend(customer.id_token) for bend in ways))
    assert httpserver.log == []
    tried(_PROMISE, f"tokens that name a key server of their own, {target.name}", asked)


def test_another_pools_token_is_turned_away(target: Target, tried: Tried) -> None:
    cognito = target.cognito()
    pool = cognito.create_user_pool(PoolName="foreign")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool, ClientName="foreign", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.sign_up(ClientId=client, Username="stranger", Password=PASSWORD)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username="stranger")
    token = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "stranger", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]["IdToken"]
    tried(_PROMISE, f"another pool's token, {target.name}", assert_turned_away(target, token))


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_token_that_does_not_say_who_is_turned_away(
    target: Target, customer: Person, kind: str, tried: Tried
) -> None:
    """AWS's gateway refuses it; the local cloud's does not, so there the service does."""
    routes = target.routes(signed_in=True)
    for method, path in routes:
        answer = target.ask(method, path, getattr(customer, kind), body=b"{}", headers=_JSON)
        assert answer.status_code == 401
    tried(_PROMISE, f"the {kind.replace('_', ' ')} at every route, {target.name}", len(routes))


@pytest.mark.parametrize("leave", ["global_sign_out", "delete_user"])
def test_who_has_left_gets_in_until_the_token_expires_and_gets_no_new_one(
    target: Target, leave: str, tried: Tried
) -> None:
    """As on AWS: the gateway checks the token alone, and asks nobody about its owner."""
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
