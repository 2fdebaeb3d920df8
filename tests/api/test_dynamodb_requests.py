"""The requests that each route sends to DynamoDB."""

import math
from collections.abc import Callable

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api
from tests.fixtures import Customer
from tests.samples import order, shop_content

_EARLIER, _LATER = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"
_GET, _PUT, _UPDATE, _PAGE = ["GetItem"], ["PutItem"], ["UpdateItem"], ["Query 21"]

Exchange = tuple[Callable[[], HTTPResponse], int, list[str]]


def exchanges(api: Api, second_customer: Customer) -> list[Exchange]:
    """Return requests in their order, each with its status and its requests to DynamoDB."""
    stale = {"If-Match": '"0"'}
    no_token = {"Authorization": "junk"}
    customer, shop = api.customer, {"vendorid": api.vendorid}
    status, menu = {"status": "ready"}, {"shop": shop_content()}
    return [
        (lambda: api.place(_EARLIER), 201, _PUT),
        (lambda: api.place(_LATER), 200, _PUT),
        (lambda: api.place(_EARLIER), 409, _PUT),
        (lambda: api.place("", second_customer), 403, _PUT),
        (api.look_up, 200, _GET),
        (lambda: api.send("GET", "/order", accountid="none", vendorid="v0"), 404, _GET),
        (lambda: api.cancel(api.barista), 403, _UPDATE),
        (lambda: api.set_status("preparing"), 200, _UPDATE),
        (lambda: api.place(_LATER, headers=stale, coffeetype="Mocha"), 412, _PUT),
        (lambda: api.set_status("ready", stale), 412, _UPDATE),
        (api.cancel, 409, _UPDATE),
        (lambda: api.send("POST", "/order", api.customer, body={}), 400, []),
        (lambda: api.send("POST", "/order", body={"order": order()}, headers=no_token), 401, []),
        (api.own_orders, 200, _PAGE),
        (lambda: api.own_orders(**shop), 403, []),
        (lambda: api.send("PATCH", "/order", customer, body=status, **api.key), 403, []),
        (lambda: api.send("PUT", "/shop", customer, body=menu, **shop), 403, []),
        (lambda: api.send("PATCH", "/shop", customer, body={"open": True}, **shop), 403, []),
        (api.publish, 201, _GET + _UPDATE),
        (api.look_up_shop, 200, [*_GET, "Query 200"]),
        (lambda: api.change_shop(open=False), 200, _GET + _UPDATE),
        # The shop is closed, which the cache does not know yet, and the order may be a retry.
        (lambda: api.place(_LATER, quantity="2"), 409, _GET + _GET),
        (lambda: api.place(""), 409, []),
        (lambda: api.send("GET", "/shop/qr.svg", vendorid=api.vendorid), 200, ["GetItem"]),
    ]


def test_requests_of_each_route(
    api: Api,
    second_customer: Customer,
    dynamodb_requests: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chalicelib.shops_table._CACHE_LIFETIME", math.inf)
    api.place()  # reads the shop's menu, which is then in the cache
    api.accountid += "-second"
    for number, (send, status, expected) in enumerate(exchanges(api, second_customer)):
        dynamodb_requests.clear()
        assert (send().status_code, dynamodb_requests) == (status, expected), f"request {number}"
