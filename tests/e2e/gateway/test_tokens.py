"""Who gets past the gateway, and who is turned away before the function runs."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from coffee_client import Session
from tests.bad_tokens import FROM_ANY_GOOD_TOKEN, signed_with_the_public_key
from tests.e2e.gateway.conftest import PostOrder
from tests.e2e.packaged import Packaged
from tests.samples import PASSWORD, order


def assert_turned_away_by_the_gateway(packaged: Packaged, send: Callable[[], Any]) -> None:
    """Expect 401 in the gateway's words, and no sign of the function."""
    before = len(packaged.log_lines())
    answer = send()
    assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    assert len(packaged.log_lines()) == before


def test_no_token_is_turned_away_before_the_function_runs(
    packaged: Packaged, post_order: PostOrder
) -> None:
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), None))


@pytest.mark.parametrize("kind", FROM_ANY_GOOD_TOKEN)
def test_a_token_of_no_worth_is_turned_away_before_the_function_runs(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session, kind: str
) -> None:
    token = FROM_ANY_GOOD_TOKEN[kind](signed_in_customer.id_token())
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_a_token_signed_with_the_public_key_as_secret_is_turned_away(
    packaged: Packaged, post_order: PostOrder, signed_in_customer: Session
) -> None:
    url = f"{packaged.cloud.endpoint_url}/{packaged.made.user_pool_id}/.well-known/jwks.json"
    jwks = requests.get(url, timeout=5).json()
    token = signed_with_the_public_key(signed_in_customer.id_token(), jwks)
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_an_expired_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    token = tokens_of_somebody_new(packaged, IdTokenValidity=4)["IdToken"]
    assert post_order(order("expiring"), token).status_code == 201
    time.sleep(4.5)
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order("expiring"), token))


def test_another_pools_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    pool = packaged.cloud.client("cognito-idp").create_user_pool(PoolName="foreign")["UserPool"][
        "Id"
    ]
    token = tokens_of_somebody_new(packaged, pool)["IdToken"]
    assert_turned_away_by_the_gateway(packaged, lambda: post_order(order(), token))


def test_an_access_token_is_turned_away(packaged: Packaged, post_order: PostOrder) -> None:
    """By the function: the local cloud's gateway lets it pass, AWS's would not."""
    answer = post_order(order(), tokens_of_somebody_new(packaged)["AccessToken"])
    assert (answer.status_code, answer.json()["Code"]) == (401, "UnauthorizedError")


def tokens_of_somebody_new(
    packaged: Packaged, pool: str | None = None, **validity: int
) -> dict[str, str]:
    """Log somebody in by an app client of their own, whose tokens may live for seconds."""
    cognito = packaged.cloud.client("cognito-idp")
    pool = pool or packaged.made.user_pool_id
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="another",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        TokenValidityUnits={"IdToken": "seconds"},
        **validity,
    )["UserPoolClient"]["ClientId"]
    username = f"user-{client}"
    cognito.sign_up(ClientId=client, Username=username, Password=PASSWORD)
    cognito.admin_confirm_sign_up(UserPoolId=pool, Username=username)
    tokens: dict[str, str] = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens


def test_a_browser_is_told_what_it_may_send_without_a_token(packaged: Packaged) -> None:
    before = len(packaged.log_lines())
    asks = {
        "Origin": packaged.cloud.endpoint_url,  # local/gate.py lets no other one through
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = requests.options(f"{packaged.api_url}/order", headers=asks, timeout=10)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"].split(",")
    assert {"Authorization", "Content-Type"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(",")
    )
    assert len(packaged.log_lines()) == before
