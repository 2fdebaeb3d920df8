"""The HTTP contract of POST and GET /order."""

import base64
import json
import math
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from chalice.test import Client

from tests.api.conftest import OPENAPI, Api, PostOrder, Send, error
from tests.fixtures import Customer
from tests.samples import order, placed_order, with_field


def test_new_order_is_returned_as_sent(api: Api) -> None:
    response = api.place()
    assert response.status_code == 201
    assert response.json_body == {"order": placed_order(**api.key)}


def test_anybody_can_get_an_order(api: Api) -> None:
    api.place()
    response = api.send("GET", "/order", **api.key)
    assert response.status_code == 200
    assert response.json_body == {"order": placed_order(**api.key)}


@pytest.mark.parametrize("vendorid", ["v 0", "v/0", "50%", "a+b", "a&b=c", "Zoë", "☕", "v?#;"])
def test_location_resolves_to_the_order(api: Api, vendorid: str) -> None:
    location = api.place().headers["Location"]
    query = urlsplit(location).query
    assert parse_qs(query) == {"accountid": [api.accountid], "vendorid": [vendorid]}
    for base in ("https://host/order", "https://host/prod/order", "https://host/cafe/v1/order/"):
        assert urljoin(base, location) == f"{base}?{query}"
    response = api.send("GET", f"/order?{query}")
    assert response.json_body == {"order": placed_order(**api.key)}


@pytest.mark.parametrize("path", ["/order", "/order/"])
def test_location_resolves_from_every_path_of_the_route(api: Api, path: str) -> None:
    created = api.send("POST", path, api.customer, body={"order": order(**api.key)})
    assert created.status_code == 201
    url = urlsplit(urljoin(f"https://host{path}", created.headers["Location"]))
    response = api.send("GET", f"{url.path}?{url.query}")
    assert response.json_body == {"order": placed_order(**api.key)}


def test_outcome_of_a_post(api: Api) -> None:
    def outcome(**details: Any) -> tuple[int, str]:
        response = api.place(**details)
        assert "Order-Outcome" in response.headers["Access-Control-Expose-Headers"]
        return response.status_code, response.headers["Order-Outcome"]

    assert outcome() == (201, "placed")
    assert outcome() == (200, "unchanged")
    assert outcome(quantity="2") == (200, "replaced")


def test_no_answer_shows_who_placed_an_order(api: Api, second_customer: Customer) -> None:
    responses = [
        api.place(),
        api.place(),
        api.place(who=second_customer),
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


@pytest.mark.parametrize(
    ("invalid", "field"),
    [
        (with_field("accountid", ""), "order.accountid"),
        (with_field("orderdate", "noon"), "order.orderdate"),
        (with_field("details.unitprice", "-1"), "order.details.unitprice"),
        (with_field("details.quantity", 0), "order.details.quantity"),
        (with_field("milk", "oat"), "order.milk"),
    ],
)
def test_error_names_the_field(post_order: PostOrder, invalid: dict[str, Any], field: str) -> None:
    response = post_order(invalid)
    assert response.status_code == 400
    assert response.json_body["Code"] == "BadRequestError"
    assert response.json_body["Message"].startswith(f"{field}: ")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"null", b"[" * 16_000])
def test_invalid_bodies(post_order: PostOrder, body: bytes) -> None:
    response = post_order(body=body)
    assert response.status_code == 400
    assert response.json_body["Code"] == "BadRequestError"


def test_body_limit_is_16_kib(post_order: PostOrder, accountid: str) -> None:
    body = json.dumps({"order": order(accountid)}).encode()
    assert post_order(body=body.ljust(16 * 1024)).status_code == 201
    assert post_order(body=body.ljust(16 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "content_type",
    [
        *["text/plain", "application/xml", "multipart/form-data", "*/*", "application/*", ""],
        *["text/plain, application/json", "application/json, */*", "text/plain; application/json"],
    ],
)
def test_rejected_content_types(post_order: PostOrder, content_type: str) -> None:
    assert post_order(order(), content_type=content_type).status_code == 415


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", None]
)
def test_accepted_content_types(post_order: PostOrder, accountid: str, content_type: Any) -> None:
    assert post_order(order(accountid), content_type=content_type).status_code == 201


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


def test_cors_headers(api: Api, post_order: PostOrder) -> None:
    missing = api.send("GET", "/order", **api.key)
    posts = [api.place(), post_order({}), post_order(content_type="x/y")]
    gets = [missing, api.send("GET", "/order", **api.key), api.send("GET", "/order?accountid=a0")]
    for response in posts + gets:
        assert response.headers["Access-Control-Allow-Origin"] == "*"
    for response in posts:
        assert "Location" in response.headers["Access-Control-Expose-Headers"]


def test_one_dynamodb_request_each(
    api: Api,
    post_order: PostOrder,
    second_customer: Customer,
    dynamodb_requests: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.shops_table._CACHE_LIFETIME", math.inf)
    api.place()  # reads the shop's menu, which is then in the cache
    api.accountid += "-second"
    dynamodb_requests.clear()
    api.place()
    api.place()
    api.place(who=second_customer)
    assert dynamodb_requests == ["PutItem"] * 3
    dynamodb_requests.clear()
    api.get()
    api.send("GET", "/order", accountid="missing", vendorid="v0")
    assert dynamodb_requests == ["GetItem"] * 2
    dynamodb_requests.clear()
    post_order({})
    post_order(order(), authorization="junk")
    api.send("GET", "/order")
    assert dynamodb_requests == []


def test_other_routes_send_no_dynamodb_request(
    client: Client, dynamodb_requests: list[str]
) -> None:
    """The routes of orders have tests of their own."""
    others = OPENAPI["paths"].keys() - {"/order", "/orders"}
    assert others >= {"/", "/openapi.json", "/static/{version}/{name}"}
    for path in others:
        client.http.get(path.replace("{version}", "any").replace("{name}", "main.js"))
    assert dynamodb_requests == []
