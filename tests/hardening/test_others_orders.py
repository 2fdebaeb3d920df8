"""No user can change another user's order: every caller tries every route with others' ids.

The routes come from openapi.json, which tests/api/test_openapi.py compares with app.routes. A new
route without a test here fails.
"""

import itertools
import json
import re
from typing import NamedTuple

import pytest

from tests.conftest import AddToReport
from tests.cursors import forge_cursor
from tests.hardening.request import Key
from tests.hardening.target import Target, User
from tests.samples import order, shop_content
from tools.project import PROJECT

_PROMISE = "Nobody can change another customer's order"
_OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
_ROUTES = {
    (method.upper(), path) for path, methods in _OPENAPI["paths"].items() for method in methods
}
_ORDER_METHODS = ("POST", "DELETE", "PATCH", "GET")
_SHOP_ROUTES = {("GET", "/shop"), ("PUT", "/shop"), ("PATCH", "/shop"), ("GET", "/shop/qr.svg")}
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
        response = self.target.request("POST", "/order", owner, {"order": order(**key)})
        assert response.status_code == 201
        return key


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


def _is_static(method: str, path: str) -> bool:
    """Return whether a route has the same response for everybody."""
    route = _OPENAPI["paths"][path][method.lower()]
    has_only_path_parameters = all(each["in"] == "path" for each in route.get("parameters", []))
    return method == "GET" and "security" not in route and has_only_path_parameters


def test_every_route_is_tested() -> None:
    orders = {("GET", "/orders"), *((method, "/order") for method in _ORDER_METHODS)}
    assert orders | _SHOP_ROUTES | {route for route in _ROUTES if _is_static(*route)} == _ROUTES


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
            before = scenario.target.request("GET", "/order", None, **key).json()
            other_order = {"order": order(**key, coffeetype="Changed")}
            body = {"POST": other_order, "PATCH": {"status": "preparing"}}.get(method)
            query = {} if method == "POST" else key
            response = scenario.target.request(method, "/order", caller, body, **query)
            expected = _status(scenario, method, caller, owner, shop)
            assert response.status_code == expected, (caller, owner, key)
            after = scenario.target.request("GET", "/order", None, **key).json()
            if response.ok and method != "GET":
                assert after == response.json() != before
                key = scenario.place_order(owner, shop)
            else:
                assert after == before
    count = len(scenario.owners) * len(scenario.callers())
    add_to_report(
        _PROMISE, f"{method} /order: caller x owner x shop, {scenario.target.name}", count
    )


def _keys(scenario: Scenario, caller: User, **query: str) -> set[Key]:
    """Return the keys of all orders in a list, page by page."""
    keys: set[Key] = set()
    cursor: dict[str, str] = {}
    while True:
        response = scenario.target.request("GET", "/orders", caller, **query, **cursor, limit="3")
        assert response.status_code == 200
        page = response.json()
        keys |= {(order["accountid"], order["vendorid"]) for order in page["orders"]}
        if "cursor" not in page:
            return keys
        cursor = {"cursor": page["cursor"]}


def test_lists_have_only_own_orders(scenario: Scenario, add_to_report: AddToReport) -> None:
    orders = [
        (owner, shop, tuple(scenario.place_order(owner, shop).values()))
        for owner, shop in scenario.owners
        for _ in range(2)
    ]
    for caller in scenario.callers():
        if caller is None:
            assert scenario.target.request("GET", "/orders", None).status_code == 401
        else:
            own_keys = _keys(scenario, caller)
            for owner, _, key in orders:
                assert (key in own_keys) == (owner is caller)
        for shop in scenario.shops:
            if caller is scenario.staff[shop]:
                queue = _keys(scenario, caller, vendorid=shop)
                assert {vendorid for _, vendorid in queue} == {shop}
                assert {key for _, vendorid, key in orders if vendorid == shop} <= queue
            else:
                response = scenario.target.request("GET", "/orders", caller, vendorid=shop)
                assert response.status_code == (401 if caller is None else 403)
    count = 2 * len(scenario.callers()) * len(scenario.shops)
    add_to_report(_PROMISE, f"GET /orders: caller x list, {scenario.target.name}", count)


def test_cursor_of_another_list_is_rejected(scenario: Scenario, add_to_report: AddToReport) -> None:
    """A cursor of another list is rejected, and so is one forged with knowledge of the format."""
    for owner, shop in scenario.owners:
        for _ in range(2):
            scenario.place_order(owner, shop)
    lists: list[tuple[User, dict[str, str]]] = [
        *((customer, {}) for customer in scenario.customers),
        *((customer, {"status": "placed"}) for customer in scenario.customers),
        *((scenario.staff[shop], {"vendorid": shop}) for shop in scenario.shops),
    ]
    cursors = [
        scenario.target.request("GET", "/orders", caller, **query, limit="1").json()["cursor"]
        for caller, query in lists
    ]
    for (caller, query), own_cursor in zip(lists, cursors, strict=True):
        for cursor in cursors:
            response = scenario.target.request("GET", "/orders", caller, **query, cursor=cursor)
            assert response.status_code == (200 if cursor == own_cursor else 400)
    ann, bob = scenario.customers
    key = scenario.place_order(ann, scenario.shops[0])
    content = f'[NOW,"9999","{key["accountid"]}","{key["vendorid"]}"]'
    forged_cursor = forge_cursor(content.encode(), bob.sub, None, None)
    response = scenario.target.request("GET", "/orders", bob, cursor=forged_cursor, limit="100")
    assert response.status_code in {200, 400}
    for accountid, _ in _keys(scenario, ann):
        assert f'"{accountid}"' not in response.text
    add_to_report(_PROMISE, f"cursors of other lists, {scenario.target.name}", len(lists) ** 2 + 1)


def test_only_own_staff_change_a_shop(scenario: Scenario, add_to_report: AddToReport) -> None:
    """Only its own staff publish and change a shop. Everybody gets the same shop."""
    # New shops, as customers order at the others without a menu.
    shops = [f"menu of {next(_numbers)}" for _ in range(2)]
    staff = {shop: scenario.target.sign_in(shop) for shop in shops}
    callers = [*scenario.callers(), *staff.values()]
    changes = [("PUT", {"shop": shop_content("Mine")}), ("PATCH", {"open": False})]

    def expect_others_fail(shop: str) -> int:
        others = [caller for caller in callers if caller is not staff[shop]]
        for caller, (method, body) in itertools.product(others, changes):
            response = scenario.target.request(method, "/shop", caller, body, vendorid=shop)
            assert response.status_code == (401 if caller is None else 403)
        return len(others) * len(changes)

    count = 0
    for shop, owner in staff.items():
        count += expect_others_fail(shop)
        assert scenario.target.request("GET", "/shop", None, vendorid=shop).status_code == 404
        content = {"shop": shop_content()}
        shop_response = scenario.target.request("PUT", "/shop", owner, content, vendorid=shop)
        assert shop_response.status_code == 201
        count += expect_others_fail(shop)
        for caller in callers:
            response = scenario.target.request("GET", "/shop", caller, vendorid=shop)
            assert response.json() == shop_response.json()
        response = scenario.target.request("PATCH", "/shop", owner, {"open": False}, vendorid=shop)
        assert response.json()["shop"]["open"] is False
    add_to_report(_PROMISE, f"/shop: caller x shop, {scenario.target.name}", count)


def test_static_routes_are_the_same_for_everybody(scenario: Scenario) -> None:
    page = scenario.target.request("GET", "/", None).text
    files = {f"/{path}" for path in re.findall(r'"(static/[^"]+)"', page)}
    assert files
    paths = {path for method, path in _ROUTES if _is_static(method, path) and "{" not in path}
    for path in paths | files:
        responses = [scenario.target.request("GET", path, caller) for caller in scenario.callers()]
        assert {response.status_code for response in responses} == {200}, path
        assert len({response.content for response in responses}) == 1, path
