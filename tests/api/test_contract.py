"""The HTTP contract: a new order, its address, the size of a body, CORS, and queries."""

import json

import pytest

from tests.api.conftest import Api, error
from tests.samples import order, placed_order


def test_new_order_is_returned_as_sent(api: Api) -> None:
    response = api.place()
    assert response.status_code == 201
    assert response.json_body == {"order": placed_order(**api.key)}
    assert api.get() == response.json_body["order"]


@pytest.mark.parametrize("vendorid", ["a+b&c=d", "Zoë ☕ v?#;/50%"])
def test_location_resolves_to_the_order(api: Api, vendorid: str) -> None:
    location = api.place().headers["Location"]
    for path in ("/order", "/order/"):
        response = api.send("GET", path + location)
        assert response.json_body["order"]["vendorid"] == vendorid


@pytest.mark.parametrize(("size", "status"), [(16 * 1024, 201), (16 * 1024 + 1, 413)])
def test_body_limit_is_16_kib(api: Api, size: int, status: int) -> None:
    body = json.dumps({"order": order(**api.key)}).encode().ljust(size)
    assert api.send("POST", "/order", api.customer, body=body).status_code == status


@pytest.mark.usefixtures("client")
def test_other_origins_may_send_preconditions() -> None:
    from app import app  # noqa: PLC0415

    for path in ("/order", "/orders", "/shop"):
        headers = app.routes[path]["GET"].cors.get_access_control_headers()
        allowed = set(headers["Access-Control-Allow-Headers"].split(","))
        assert {"Authorization", "Content-Type", "If-Match", "If-None-Match"} <= allowed
        assert headers["Access-Control-Max-Age"] == "600"


_NO_CONTROLS = "must have no control characters and no blank at either end"
_LIMIT = "must be a whole number from 1 to 100"
_STATUS = "must be one of placed, preparing, ready, collected, cancelled"
_LIMITS = ["", "0", "101", "1.0", "1%0A", "%D9%A3"]


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
        *[("GET /orders", f"limit={limit}", f"limit: {_LIMIT}") for limit in _LIMITS],
        ("GET /orders", "status=PLACED", f"status: {_STATUS}"),
        ("GET /orders", "vendorid=", "vendorid: must not be empty"),
        ("GET /orders", "cursor=", "cursor: does not belong to this list"),
        ("GET /orders", f"cursor={'x' * 5000}", "cursor: must have at most 4096 characters"),
        ("GET /orders", "accountid=a0", "accountid: is not a known field"),
        ("GET /shop", "", "vendorid: is missing"),
        ("PATCH /order", "accountid=a0&vendorid=v0", "status: is missing"),
    ],
)
def test_invalid_query_is_400(api: Api, route: str, query: str, message: str) -> None:
    method, path = route.split()
    assert error(api.send(method, f"{path}?{query}", api.customer, body={})) == (400, message)
