"""The HTTP contract of POST and GET /order."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from tests.api.conftest import Api, PostOrder, Send, error
from tests.fixtures import Customer
from tests.samples import order, placed_order


def test_new_order_is_returned_as_sent(api: Api) -> None:
    response = api.place()
    assert response.status_code == 201
    assert response.json_body == {"order": placed_order(**api.key)}
    assert api.get() == response.json_body["order"]


@pytest.mark.parametrize("vendorid", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "v?#;"])
def test_location_resolves_to_the_order(api: Api, vendorid: str) -> None:
    location = api.place().headers["Location"]
    query = urlsplit(location).query
    assert parse_qs(query) == {"accountid": [api.accountid], "vendorid": [vendorid]}
    for base in ("https://host/order", "https://host/prod/order", "https://host/cafe/v1/order/"):
        assert urljoin(base, location) == f"{base}?{query}"
    for path in ("/order", "/order/"):
        response = api.send("GET", f"{path}?{query}")
        assert response.json_body == {"order": placed_order(**api.key)}


def test_outcome_of_a_post(api: Api) -> None:
    def outcome(**details: Any) -> tuple[int, str]:
        response = api.place(**details)
        return response.status_code, response.headers["Order-Outcome"]

    assert outcome() == (201, "placed")
    assert outcome() == (200, "unchanged")
    assert outcome(quantity="2") == (200, "replaced")


def test_no_answer_shows_who_placed_an_order(api: Api, second_customer: Customer) -> None:
    responses = [
        api.place(),
        api.place(),
        api.place(user=second_customer),
        api.send("GET", "/order", **api.key),
    ]
    for response in responses:
        assert api.customer.sub not in response.body.decode() + json.dumps(response.headers)


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "BEARER  "])
def test_token_with_or_without_bearer(
    post_order: PostOrder, signed_in_customer: Customer, accountid: str, scheme: str
) -> None:
    token = scheme + signed_in_customer.id_token
    assert post_order(order(accountid), authorization=token).status_code == 201


def test_body_limit_is_16_kib(post_order: PostOrder, accountid: str) -> None:
    body = json.dumps({"order": order(accountid)}).encode()
    assert post_order(body=body.ljust(16 * 1024)).status_code == 201
    assert post_order(body=body.ljust(16 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        *[("application/json; charset=utf-8", 201), (None, 201)],
        *[("application/xml", 415), ("*/*", 415), ("", 415), ("application/json, */*", 415)],
    ],
)
def test_content_types(
    post_order: PostOrder, accountid: str, content_type: str | None, status: int
) -> None:
    assert post_order(order(accountid), content_type=content_type).status_code == status


@pytest.mark.usefixtures("client")
def test_base64_body_is_decoded(signed_in_customer: Customer, accountid: str) -> None:
    """API Gateway encodes a body of a binary media type as base64."""
    from app import app  # noqa: PLC0415

    claims = {"sub": signed_in_customer.sub, "token_use": "id"}
    event = {
        "requestContext": {
            "httpMethod": "POST",
            "resourcePath": "/order",
            "authorizer": {"claims": claims},
        },
        "headers": {"content-type": "application/json"},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": base64.b64encode(json.dumps({"order": order(accountid)}).encode()).decode(),
        "isBase64Encoded": True,
    }
    assert app(event, None)["statusCode"] == 201


_NO_CONTROLS = "must have no control characters and no blank at either end"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "accountid: is missing"),
        ("accountid=a0", "vendorid: is missing"),
        ("vendorid=v0", "accountid: is missing"),
        ("accountid=&vendorid=v0", "accountid: expected str of length >= 1"),
        ("accountid=a0&vendorid=v0&vendorid=v1", "vendorid: is given more than once"),
        ("accountid=a0&vendorid=v0&x=1", "x: is not a known field"),
        ("accountid=" + "a" * 129 + "&vendorid=v0", "accountid: expected str of length <= 128"),
        ("accountid=%00&vendorid=v0", f"accountid: {_NO_CONTROLS}"),
        ("accountid=a0&vendorid=v0+", f"vendorid: {_NO_CONTROLS}"),
    ],
)
def test_invalid_queries(send: Send, query: str, message: str) -> None:
    assert error(send("GET", f"/order?{query}")) == (400, message)


def test_ids_of_a_key_are_kept_apart(api: Api) -> None:
    api.vendorid = "b:c"
    api.place()
    key = {"accountid": f"{api.accountid}:b", "vendorid": "c"}
    assert api.send("GET", "/order", **key).status_code == 404
