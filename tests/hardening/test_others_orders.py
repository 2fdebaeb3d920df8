"""No user can change another user's order: every caller tries every route with others' ids.

The routes come from openapi.json, which tests/api/test_openapi.py compares with app.routes. A new
route without a test here fails.
"""

import itertools
import json
from typing import Any

import pytest

from tests.conftest import AddToReport
from tests.hardening.request import Key
from tests.hardening.target import Target, User, expect_status
from tests.samples import order, shop_content
from tools.project import PROJECT

_PROMISE = "Nobody can change another customer's order"
_OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
# What one user may do with an order: the customer, or a member of the shop's staff.
_ORDER_ROUTES: dict[tuple[str, str], Any] = {
    ("POST", "/order"): None,
    ("DELETE", "/order"): None,
    ("PATCH", "/order"): {"status": "preparing"},
    ("PUT", "/order/push"): {"endpoint": "https://fcm.googleapis.com/fcm/send/a"},
}
_TESTED = {*_ORDER_ROUTES, ("GET", "/orders"), ("PUT", "/shop"), ("PATCH", "/shop")}
# These have the same response for everybody.
_PUBLIC = {
    *[("GET", "/"), ("GET", "/static/{version}/{name}"), ("GET", "/openapi.json")],
    *[("GET", "/order"), ("GET", "/shop"), ("GET", "/shop/qr.svg"), ("GET", "/sw.js")],
}
_numbers = itertools.count()


class Scenario:
    """Two customers, two shops with staff, and staff of shops with similar names."""

    def __init__(self, target: Target, *, full: bool) -> None:
        self.target = target
        self.shops = first, second = [f"shop{next(_numbers)}" for _ in range(2)]
        similar = [
            *[f"{first},vendor-{second}", f"[{first} {second}]", f"vendor-{first}"],
            *[f"{first}%2C", first.upper(), f"{first}0", first[:-1], f"{first}\u200b"],
        ][: None if full else 3]
        self.staff = {shop: target.sign_in(shop) for shop in (first, second, *similar)}
        customers = [target.sign_in() for _ in range(2)]
        self.callers: list[User | None] = [*customers, *self.staff.values(), None]  # no token
        every = itertools.product(customers, self.shops)
        self.owners = list(every if full else zip(customers, self.shops, strict=True))

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
    return Scenario(target, full=full)


def test_every_route_is_tested() -> None:
    routes = {
        (method.upper(), path) for path, methods in _OPENAPI["paths"].items() for method in methods
    }
    assert routes == _TESTED | _PUBLIC


@pytest.mark.parametrize(("method", "path"), _ORDER_ROUTES)
def test_caller_changes_only_own_orders(
    scenario: Scenario, method: str, path: str, add_to_report: AddToReport
) -> None:
    for owner, shop in scenario.owners:
        key = scenario.place_order(owner, shop)
        for caller in scenario.callers:
            before = scenario.get("/order", **key)
            body, query = _ORDER_ROUTES[method, path], key
            if method == "POST":
                body, query = {"order": order(**key, coffeetype="Changed")}, {}
            response = scenario.target.request(method, path, caller, body, **query)
            permitted = scenario.staff[shop] if method == "PATCH" else owner
            expect_status(response, 401 if caller is None else 200 if caller is permitted else 403)
            after = scenario.get("/order", **key)
            if not response.ok:
                assert after == before
            elif path == "/order":
                assert after == response.json() != before
                key = scenario.place_order(owner, shop)
    count = len(scenario.owners) * len(scenario.callers)
    attack = f"{method} {path}: caller x owner x shop, {scenario.target.name}"
    add_to_report(_PROMISE, attack, count)


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
    for caller in scenario.callers:
        own_keys = _keys(scenario, caller) if caller else set()
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
    count = 2 * len(scenario.callers) * len(scenario.shops)
    add_to_report(_PROMISE, f"GET /orders: caller x list, {scenario.target.name}", count)


def test_only_own_staff_change_a_shop(scenario: Scenario, add_to_report: AddToReport) -> None:
    """Only its own staff publish and change a shop, before and after its first publication."""
    shop, target = f"menu of {next(_numbers)}", scenario.target  # orders need none at the others
    owner, content = target.sign_in(shop), {"shop": shop_content()}
    changes = [("PUT", {"shop": shop_content("Mine")}), ("PATCH", {"open": False})]

    def expect_others_fail() -> None:
        for caller, (method, body) in itertools.product(scenario.callers, changes):
            response = target.request(method, "/shop", caller, body, vendorid=shop)
            expect_status(response, 401 if caller is None else 403)

    expect_others_fail()
    expect_status(target.request("GET", "/shop", None, vendorid=shop), 404)
    published = target.succeed("PUT", "/shop", owner, content, vendorid=shop)
    expect_others_fail()
    shown = {**published["shop"], "waiting": 0}
    assert scenario.get("/shop", vendorid=shop) == {"shop": shown}
    changed = target.succeed("PATCH", "/shop", owner, {"open": False}, vendorid=shop)
    assert changed["shop"]["open"] is False
    count = 2 * len(scenario.callers) * len(changes)
    add_to_report(_PROMISE, f"/shop: caller x change, {target.name}", count)
