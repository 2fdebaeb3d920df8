"""No user can change another user's order or shop: every caller tries every route with others' ids.

The routes come from openapi.json, which tests/api/test_openapi.py compares with app.routes. A new
route without a test here fails. tests/unit/test_auth.py has more names of groups.
"""

import itertools
import json
from typing import Any

import pytest

from tests.conftest import AddToReport
from tests.hardening.target import Target, User, expect_status
from tests.samples import order, shop_content
from tools.project import PROJECT

_PROMISE = "Nobody can change another customer's order"
_OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
# What one user may do: the customer of an order, or a member of the shop's staff.
_BY_CUSTOMER: dict[tuple[str, str], Any] = {
    ("POST", "/order"): None,
    ("DELETE", "/order"): None,
    ("PUT", "/order/push"): {"endpoint": "https://fcm.googleapis.com/fcm/send/a"},
}
_BY_STAFF: dict[tuple[str, str], Any] = {
    ("PATCH", "/order"): {"status": "preparing"},
    ("PATCH", "/shop"): {"note": "Back soon"},
    ("PUT", "/shop"): {"shop": shop_content("Mine")},
}
_CHANGES = _BY_CUSTOMER | _BY_STAFF
# These have the same response for everybody.
_PUBLIC = {
    *[("GET", "/"), ("GET", "/static/{version}/{name}"), ("GET", "/openapi.json")],
    *[("GET", "/order"), ("GET", "/shop"), ("GET", "/shop/qr.svg"), ("GET", "/sw.js")],
}
_numbers = itertools.count()


class Scenario:
    """Two shops with a customer each, their staff, and staff of shops with similar names."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.shops = first, second = [f"shop{next(_numbers)}" for _ in range(2)]
        similar = [f"{first},vendor-{second}", f"{first}%2C", first.upper(), f"{first}0"]
        self.staff = {shop: target.sign_in(shop) for shop in (*self.shops, *similar)}
        self.customers = {shop: target.sign_in() for shop in self.shops}
        self.callers: list[User | None] = [*self.customers.values(), *self.staff.values(), None]
        for shop in self.shops:
            content = {"shop": shop_content()}
            target.succeed("PUT", "/shop", self.staff[shop], content, vendorid=shop)

    def place_order(self, shop: str) -> dict[str, str]:
        """Place a new order of the shop's customer, and return its key."""
        key = {"accountid": f"account{next(_numbers)}", "vendorid": shop}
        self.target.succeed("POST", "/order", self.customers[shop], self.sent_order(key))
        return key

    def sent_order(self, key: dict[str, str], quantity: str = "1") -> Any:
        details = {"coffeetype": "Mocha", "unitprice": "5", "quantity": quantity}
        return {"order": order(**key, **details)}

    def state(self, key: dict[str, str]) -> Any:
        """Return an order and its shop as everybody sees them."""
        found = self.target.request("GET", "/order", **key).json()
        shop = self.target.request("GET", "/shop", vendorid=key["vendorid"]).json()["shop"]
        return found, {**shop, "waiting": None}  # it may be some seconds old


@pytest.fixture(scope="module")
def scenario(target: Target) -> Scenario:
    return Scenario(target)


def test_every_route_is_tested() -> None:
    routes = {
        (method.upper(), path) for path, methods in _OPENAPI["paths"].items() for method in methods
    }
    assert routes == {*_CHANGES, ("GET", "/orders"), *_PUBLIC}


@pytest.mark.parametrize(("method", "path"), _CHANGES)
def test_caller_changes_only_their_own(
    scenario: Scenario, method: str, path: str, add_to_report: AddToReport
) -> None:
    permitted = scenario.staff if (method, path) in _BY_STAFF else scenario.customers
    for shop, caller in itertools.product(scenario.shops, scenario.callers):
        key = scenario.place_order(shop)
        before = scenario.state(key)
        body, query = _CHANGES[method, path], key if path != "/shop" else {"vendorid": shop}
        if method == "POST":
            body, query = scenario.sent_order(key, quantity="2"), {}
        response = scenario.target.request(method, path, caller, body, **query)
        is_permitted = caller is permitted[shop]
        expect_status(response, 401 if caller is None else 200 if is_permitted else 403)
        is_visible = is_permitted and path != "/order/push"
        assert (scenario.state(key) != before) == is_visible
    count = len(scenario.shops) * len(scenario.callers)
    attack = f"{method} {path}: caller x shop, {scenario.target.name}"
    add_to_report(_PROMISE, attack, count)


def test_lists_have_only_own_orders(scenario: Scenario, add_to_report: AddToReport) -> None:
    def accounts(caller: User, **query: str) -> set[str]:
        response = scenario.target.request("GET", "/orders", caller, **query, limit="100")
        expect_status(response, 200)
        return {order["accountid"] for order in response.json()["orders"]}

    placed = {shop: scenario.place_order(shop)["accountid"] for shop in scenario.shops}
    for shop, caller in itertools.product(scenario.shops, scenario.callers):
        if caller:
            is_own = caller is scenario.customers[shop]
            assert (placed[shop] in accounts(caller)) == is_own
        if caller is scenario.staff[shop]:
            assert {*placed.values()} & accounts(caller, vendorid=shop) == {placed[shop]}
        else:
            response = scenario.target.request("GET", "/orders", caller, vendorid=shop)
            expect_status(response, 401 if caller is None else 403)
    count = 2 * len(scenario.callers) * len(scenario.shops)
    add_to_report(_PROMISE, f"GET /orders: caller x list, {scenario.target.name}", count)
