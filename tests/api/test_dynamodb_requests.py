"""The requests that each route sends to DynamoDB."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api
from tests.fixtures import Customer
from tests.samples import order

_EARLIER, _LATER = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"


Exchange = tuple[Callable[[], HTTPResponse], int, list[str]]


def exchanges(api: Api, second_customer: Customer) -> list[Exchange]:
    """Return requests in their order, each with its status and its requests to DynamoDB."""
    shop = {"vendorid": api.vendorid}
    missing = {"accountid": "missing", "vendorid": "v0"}
    stale = {"If-Match": '"0"'}
    no_token = {"Authorization": "junk"}
    return [
        (partial(api.place, _EARLIER), 201, ["PutItem"]),
        (partial(api.place, _EARLIER), 200, ["PutItem"]),
        (partial(api.place, _LATER), 200, ["PutItem"]),
        (partial(api.place, _EARLIER), 409, ["PutItem"]),
        (partial(api.place, "", second_customer), 403, ["PutItem"]),
        (partial(api.send, "GET", "/order", **api.key), 200, ["GetItem"]),
        (partial(api.send, "GET", "/order", **missing), 404, ["GetItem"]),
        (partial(api.cancel, api.barista), 403, ["UpdateItem"]),
        (partial(api.set_status, "preparing"), 200, ["UpdateItem"]),
        (partial(api.set_status, "preparing"), 409, ["UpdateItem"]),
        (partial(api.set_status, "collected"), 409, ["UpdateItem"]),
        (partial(api.set_status, "placed"), 409, ["UpdateItem"]),
        (partial(api.place, _LATER, headers=stale, coffeetype="Mocha"), 412, ["PutItem"]),
        (partial(api.cancel, headers=stale), 412, ["UpdateItem"]),
        (partial(api.set_status, "ready", headers=stale), 412, ["UpdateItem"]),
        (partial(api.place, _LATER, headers={"If-Match": "junk"}), 400, []),
        (api.cancel, 409, ["UpdateItem"]),
        (partial(api.set_status, "ready"), 200, ["UpdateItem"]),
        (partial(api.set_status, "collected"), 200, ["UpdateItem"]),
        (partial(api.place, _LATER), 409, ["PutItem"]),
        (partial(api.place, "2026-03-01 08:30:00"), 200, ["PutItem"]),
        (partial(api.place, ""), 200, ["PutItem"]),
        (api.cancel, 200, ["UpdateItem"]),
        (partial(api.send, "POST", "/order", api.customer, body={}), 400, []),
        (partial(api.send, "POST", "/order", body={"order": order()}, headers=no_token), 401, []),
        (partial(api.send, "GET", "/order"), 400, []),
        (partial(api.send, "GET", "/orders", api.customer), 200, ["Query"]),
        (partial(api.send, "GET", "/orders", api.customer, limit="1"), 200, ["Query"]),
        (partial(api.send, "GET", "/orders", api.customer, status="ready"), 200, ["Query"]),
        (partial(api.send, "GET", "/orders", api.barista, **shop), 200, ["Query"]),
        (partial(api.send, "GET", "/orders", api.barista, status="ready", **shop), 200, ["Query"]),
        (partial(api.send, "GET", "/orders", api.customer, **shop), 403, []),
        (partial(api.send, "GET", "/orders", api.customer, cursor="junk"), 400, []),
        (api.publish, 201, ["GetItem", "UpdateItem"]),
        (api.get_shop, 200, ["GetItem", "Query"]),
        (partial(api.change_shop, open=False), 200, ["GetItem", "UpdateItem"]),
        # The shop is closed, which the cache does not know yet, and the order may be a retry.
        (partial(api.place, _LATER), 409, ["GetItem", "GetItem"]),
        (partial(api.place, ""), 409, []),
        (partial(api.send, "GET", "/shop/qr.svg", **shop), 200, []),
        (partial(api.send, "GET", "/"), 200, []),
        (partial(api.send, "GET", "/static/any/main.js"), 200, []),
        (partial(api.send, "GET", "/openapi.json"), 200, []),
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


@pytest.mark.parametrize("path", ["/order", "/shop"])
def test_lookup_reads_its_own_write(
    api: Api, dynamodb_bodies: list[tuple[str, Any]], path: str
) -> None:
    query = api.key if path == "/order" else {"vendorid": api.vendorid}
    api.send("GET", path, **query)
    assert [body["ConsistentRead"] for _, body in dynamodb_bodies] == [True]


def test_page_asks_for_one_more_order(api: Api, dynamodb_bodies: list[tuple[str, Any]]) -> None:
    """The order after the page shows whether the page is the last."""
    api.send("GET", "/orders", api.customer, limit="7")
    assert [body["Limit"] for _, body in dynamodb_bodies] == [8]


def test_menus_of_several_shops_are_cached(api: Api, dynamodb_requests: list[str]) -> None:
    shops = [f"{api.vendorid}-{number}" for number in range(3)]
    for api.vendorid in [*shops, *shops]:
        api.place("")
    assert dynamodb_requests == ["GetItem", "PutItem"] * 3 + ["PutItem"] * 3
