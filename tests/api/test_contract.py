"""The HTTP contract: bodies, queries, tokens, and who may use which route."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest
from chalice.local import LambdaEventConverter, RouteMatcher

from tests.api.conftest import Api, error
from tests.fixtures import Customer
from tests.samples import order, placed_order, shop_content


def test_new_order_is_returned_as_sent(api: Api) -> None:
    response = api.place()
    assert response.status_code == 201
    assert response.json_body == {"order": placed_order(**api.key)}
    assert api.get() == response.json_body["order"]


@pytest.mark.parametrize("vendorid", ["v 0/50%", "a+b&c=d", "Zoë ☕", "v?#;"])
def test_location_resolves_to_the_order(api: Api, vendorid: str) -> None:
    location = api.place().headers["Location"]
    query = urlsplit(location).query
    assert parse_qs(query) == {"accountid": [api.accountid], "vendorid": [vendorid]}
    for base in ("https://host/order", "https://host/prod/order", "https://host/cafe/v1/order/"):
        assert urljoin(base, location) == f"{base}?{query}"
    for path in ("/order", "/order/"):
        assert api.send("GET", f"{path}?{query}").json_body == {"order": api.get()}


@pytest.mark.parametrize("scheme", ["", "Bearer ", "bearer ", "BEARER  "])
def test_bearer_prefix_is_optional(api: Api, scheme: str) -> None:
    headers = {"Authorization": scheme + api.customer.id_token}
    assert api.place(headers=headers).status_code == 201


@pytest.mark.parametrize(("size", "status"), [(16 * 1024, 201), (16 * 1024 + 1, 413)])
def test_body_limit_is_16_kib(api: Api, size: int, status: int) -> None:
    body = json.dumps({"order": order(**api.key)}).encode().ljust(size)
    assert api.send("POST", "/order", api.customer, body=body).status_code == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        *[("application/json; charset=utf-8", 201), (None, 201)],
        *[("text/json", 415), ("*/*", 415), ("", 415), ("application/json, */*", 415)],
    ],
)
def test_only_json_content_types_are_accepted(
    api: Api, content_type: str | None, status: int
) -> None:
    assert api.place(headers={"Content-Type": content_type}).status_code == status


@pytest.mark.usefixtures("client")
def test_other_origins_may_send_preconditions() -> None:
    from app import app  # noqa: PLC0415

    for path in ("/order", "/orders", "/shop"):
        headers = app.routes[path]["GET"].cors.get_access_control_headers()
        allowed = set(headers["Access-Control-Allow-Headers"].split(","))
        assert {"Authorization", "Content-Type", "If-Match", "If-None-Match"} <= allowed
        assert headers["Access-Control-Max-Age"] == "600"


@pytest.mark.usefixtures("client")
def test_base64_body_is_decoded(signed_in_customer: Customer, accountid: str) -> None:
    """API Gateway encodes a body of a binary media type as base64."""
    from app import app  # noqa: PLC0415

    routes = RouteMatcher(list(app.routes))
    converter = LambdaEventConverter(routes, binary_types=["application/json"])
    body = json.dumps({"order": order(accountid)}).encode()
    headers = {"content-type": "application/json"}
    event = converter.create_lambda_event("POST", "/order", headers, body)
    assert event["isBase64Encoded"]
    response = app(event, None)  # a route without an authorizer rejects everybody
    assert (response["statusCode"], response["headers"]["WWW-Authenticate"]) == (401, "Bearer")
    claims = {"sub": signed_in_customer.sub, "token_use": "id"}
    event["requestContext"]["authorizer"] = {"claims": claims}
    assert app(event, None)["statusCode"] == 201


_NO_CONTROLS = "must have no control characters and no blank at either end"
_LIMIT = "must be a whole number from 1 to 100"
_STATUS = "must be one of placed, preparing, ready, collected, cancelled"
_LIMITS = ["", "0", "-1", "101", "1000", "1.0", "+1", "1%0A", "ten", "%D9%A3"]


@pytest.mark.parametrize(
    ("route", "query", "message"),
    [
        ("GET /order", "", "accountid: is missing"),
        ("GET /order", "accountid=a0", "vendorid: is missing"),
        ("GET /order", "accountid=&vendorid=v0", "accountid: must not be empty"),
        ("GET /order", "accountid=a0&vendorid=v0&x=1", "x: is not a known field"),
        ("GET /order", f"accountid={'a' * 129}", "accountid: must have at most 128 characters"),
        ("GET /order", "accountid=%00&vendorid=v0", f"accountid: {_NO_CONTROLS}"),
        ("GET /order", "accountid=a0&vendorid=v0+", f"vendorid: {_NO_CONTROLS}"),
        *[
            (route, "vendorid=v0&vendorid=v1", "vendorid: is given more than once")
            for route in ("GET /order", "GET /orders", "GET /shop", "PUT /shop", "PATCH /shop")
        ],
        ("DELETE /order", "vendorid=v0", "accountid: is missing"),
        ("PATCH /order", "accountid=a0", "vendorid: is missing"),
        *[("GET /orders", f"limit={limit}", f"limit: {_LIMIT}") for limit in _LIMITS],
        *[
            ("GET /orders", f"status={status}", f"status: {_STATUS}")
            for status in ("", "brewed", "PLACED", "placed+", "null")
        ],
        ("GET /orders", "vendorid=", "vendorid: must not be empty"),
        ("GET /orders", "cursor=", "cursor: does not belong to this list"),
        ("GET /orders", f"cursor={'x' * 5000}", "cursor: must have at most 4096 characters"),
        ("GET /orders", "accountid=a0", "accountid: is not a known field"),
        ("GET /shop", "", "vendorid: is missing"),
        ("PUT /shop", "vendorid=v0&x=1", "x: is not a known field"),
        ("PATCH /shop", "vendorid=", "vendorid: must not be empty"),
    ],
)
def test_invalid_query_is_400(api: Api, route: str, query: str, message: str) -> None:
    method, path = route.split()
    assert error(api.send(method, f"{path}?{query}", api.customer, body={})) == (400, message)


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("PATCH /order", {"status": "preparing"}),
        ("GET /orders", None),
        ("PUT /shop", {"shop": shop_content(name="Other")}),
        ("PATCH /shop", {"open": False}),
    ],
)
def test_staff_routes_reject_other_users(
    api: Api, barista_of: Callable[[str], Customer], route: str, body: Any
) -> None:
    api.place()
    api.publish()
    before = api.get(), api.get_shop()
    method, path = route.split()
    query = api.key if path == "/order" else {"vendorid": api.vendorid}
    other_vendors = (f"{api.vendorid}x", f"{api.vendorid},vendor-x")
    for user in (api.customer, *map(barista_of, other_vendors)):
        response = api.send(method, path, user, body=body, **query)
        assert error(response) == (403, "Only staff of this vendor may do this")
    assert (api.get(), api.get_shop()) == before


def test_colon_in_an_id_does_not_mix_up_keys(api: Api) -> None:
    api.vendorid = "b:c"
    api.place()
    key = {"accountid": f"{api.accountid}:b", "vendorid": "c"}
    assert api.send("GET", "/order", **key).status_code == 404
