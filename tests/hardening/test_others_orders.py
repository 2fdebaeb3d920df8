"""No user can change another user's order: every caller tries every route with others' ids.

The routes come from openapi.json, which tests/api/test_openapi.py compares with app.routes. A new
route without a test here fails.
"""

import itertools
import json
from typing import Any, NamedTuple

import pytest

from tests.conftest import AddToReport
from tests.hardening.request import Key
from tests.hardening.target import Target, User, expect_status
from tests.samples import order, shop_content
from tools.project import PROJECT

_PROMISE = "Nobody can change another customer's order"
_OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
_ORDER_METHODS = ("POST", "DELETE", "PATCH", "GET")
_TESTED = {
    *((method, "/order") for method in _ORDER_METHODS),
    *[("GET", "/orders"), ("GET", "/shop"), ("PUT", "/shop"), ("PATCH", "/shop")],
    ("PUT", "/order/push"),
}
# These have the same response for everybody.
_PUBLIC = {
    *[("GET", "/"), ("GET", "/static/{version}/{name}"), ("GET", "/openapi.json")],
    *[("GET", "/shop/qr.svg"), ("GET", "/sw.js")],
}
_numbers = itertools.count()


class Scenario(NamedTuple):
    """Two customers, two shops with staff, and staff of shops with similar names."""

    target: Target
    customers: list[User]
    shops: list[str]
    staff: dict[str, User]  # by shop, including the similar names
    owners: list[tuple[User, str]]  # a customer, and a shop where they order

    def callers(self) -> list[User | None]:
        """Return every user, and None for a request without a token."""
        return [*self.customers, *self.staff.values(), None]

    def place_order(self, owner: User, shop: str) -> dict[str, str]:
        """Place a new order, and return its key."""
        key = {"accountid": f"account{next(_numbers)}", "vendorid": shop}
        self.target.succeed("POST", "/order", owner, {"order": order(**key)})
        return key

    def get(self, path: str, **query: str) -> Any:
        """Return the body of a public response."""
        return self.target.request("GET", path, None, **query).json()


@pytest.fixture(scope="module")
def scenario(target: Target, full: bool) -> Scenario:
    shops = first, second = [f"shop{next(_numbers)}" for _ in range(2)]
    similar = [
        *[f"{first},vendor-{second}", f"[{first} {second}]", f"vendor-{first}", f"{first}%2C"],
        *[first.upper(), f"{first}0", first[:-1], f"{first}\u200b"],
    ][: None if full else 3]
    staff = {shop: target.sign_in(shop) for shop in (first, second, *similar)}
    customers = [target.sign_in() for _ in range(2)]
    owners = itertools.product(customers, shops) if full else zip(customers, shops, strict=True)
    return Scenario(target, customers, shops, staff, list(owners))


def test_every_route_is_tested() -> None:
    routes = {
        (method.upper(), path) for path, methods in _OPENAPI["paths"].items() for method in methods
    }
    assert routes == _TESTED | _PUBLIC


def _status(scenario: Scenario, method: str, caller: User | None, owner: User, shop: str) -> int:
    """Return the status of a request of the caller about an order of the owner at the shop."""
    if method == "GET":
        return 200
    if caller is None:
        return 401
    return 200 if caller is (scenario.staff[shop] if method == "PATCH" else owner) else 403


@pytest.mark.parametrize("method", _ORDER_METHODS)
def test_caller_changes_only_own_orders(
    scenario: Scenario, method: str, add_to_report: AddToReport
) -> None:
    for owner, shop in scenario.owners:
        key = scenario.place_order(owner, shop)
        for caller in scenario.callers():
            before = scenario.get("/order", **key)
            other_order = {"order": order(**key, coffeetype="Changed")}
            body = {"POST": other_order, "PATCH": {"status": "preparing"}}.get(method)
            query = {} if method == "POST" else key
            response = scenario.target.request(method, "/order", caller, body, **query)
            expect_status(response, _status(scenario, method, caller, owner, shop))
            after = scenario.get("/order", **key)
            if response.ok and method != "GET":
                assert after == response.json() != before
                key = scenario.place_order(owner, shop)
            else:
                assert after == before
    count = len(scenario.owners) * len(scenario.callers())
    add_to_report(
        _PROMISE, f"{method} /order: caller x owner x shop, {scenario.target.name}", count
    )


def test_caller_subscribes_to_own_orders_only(
    scenario: Scenario, add_to_report: AddToReport
) -> None:
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/a"}
    for owner, shop in scenario.owners:
        key = scenario.place_order(owner, shop)
        for caller in scenario.callers():
            response = scenario.target.request("PUT", "/order/push", caller, body, **key)
            expected = 401 if caller is None else 200 if caller is owner else 403
            expect_status(response, expected)
    count = len(scenario.owners) * len(scenario.callers())
    add_to_report(_PROMISE, f"PUT /order/push: caller x owner, {scenario.target.name}", count)


def _keys(scenario: Scenario, caller: User, **query: str) -> set[Key]:
    """Return the keys of all orders in a list."""
    response = scenario.target.request("GET", "/orders", caller, **query, limit="100")
    expect_status(response, 200)
    page = response.json()
    assert "cursor" not in page
    return {(order["accountid"], order["vendorid"]) for order in page["orders"]}


def test_lists_have_only_own_orders(scenario: Scenario, add_to_report: AddToReport) -> None:
    orders = [
        (owner, tuple(scenario.place_order(owner, shop).values()))
        for owner, shop in scenario.owners
        for _ in range(2)
    ]
    for caller in scenario.callers():
        if caller is None:
            expect_status(scenario.target.request("GET", "/orders", None), 401)
        else:
            own_keys = _keys(scenario, caller)
            for owner, key in orders:
                assert (key in own_keys) == (owner is caller)
        for shop in scenario.shops:
            if caller is scenario.staff[shop]:
                queue = _keys(scenario, caller, vendorid=shop)
                assert {vendorid for _, vendorid in queue} == {shop}
                assert {key for _, key in orders if key[1] == shop} <= queue
            else:
                response = scenario.target.request("GET", "/orders", caller, vendorid=shop)
                expect_status(response, 401 if caller is None else 403)
    count = 2 * len(scenario.callers()) * len(scenario.shops)
    add_to_report(_PROMISE, f"GET /orders: caller x list, {scenario.target.name}", count)


def test_only_own_staff_change_a_shop(scenario: Scenario, add_to_report: AddToReport) -> None:
    """Only its own staff publish and change a shop, before and after its first publication."""
    shop = f"menu of {next(_numbers)}"  # customers order at the others without a menu
    owner = scenario.target.sign_in(shop)
    others = scenario.callers()
    changes = [("PUT", {"shop": shop_content("Mine")}), ("PATCH", {"open": False})]

    def expect_others_fail() -> None:
        for caller, (method, body) in itertools.product(others, changes):
            response = scenario.target.request(method, "/shop", caller, body, vendorid=shop)
            expect_status(response, 401 if caller is None else 403)

    expect_others_fail()
    expect_status(scenario.target.request("GET", "/shop", None, vendorid=shop), 404)
    content = {"shop": shop_content()}
    published = scenario.target.succeed("PUT", "/shop", owner, content, vendorid=shop)
    expect_others_fail()
    shown = {**published["shop"], "waiting": 0}
    assert scenario.get("/shop", vendorid=shop) == {"shop": shown}
    changed = scenario.target.succeed("PATCH", "/shop", owner, {"open": False}, vendorid=shop)
    assert changed["shop"]["open"] is False
    count = 2 * len(others) * len(changes)
    add_to_report(_PROMISE, f"/shop: caller x change, {scenario.target.name}", count)
