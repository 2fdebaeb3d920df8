"""Nobody can touch another user's order: every caller tries every route with others' ids.

The routes come from openapi.json, which tests/api/test_openapi.py compares with app.routes. A new
route without a rule here fails.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
import requests

from chalicelib import pagination
from deploy.project import PROJECT
from tests.conftest import Tried
from tests.hardening.target import Person, Target
from tests.samples import order, shop_content

_PROMISE = "No one touches another's order"
_JSON = {"Content-Type": "application/json"}
_OPENAPI = json.loads((PROJECT / "chalicelib/openapi.json").read_text())
_ROUTES = [
    (method.upper(), path) for path in _OPENAPI["paths"] for method in _OPENAPI["paths"][path]
]
_numbers = itertools.count()


class Town(NamedTuple):
    """Two customers, two shops with staff, and staff of shops with similar names."""

    target: Target
    customers: list[Person]
    shops: list[str]
    staff: dict[str, Person]  # by shop, including the similar names
    pairs: list[tuple[Person, str]]  # customers and the shops where they order

    def callers(self) -> list[Person | None]:
        """Return every user, and None for a request without a token."""
        return [*self.customers, *self.staff.values(), None]

    def place(self, owner: Person, shop: str) -> dict[str, str]:
        """Place a new order; return its key."""
        key = {"accountid": f"account{next(_numbers)}", "vendorid": shop}
        body = json.dumps({"order": order(**key)}).encode()
        answer = self.target.ask("POST", "/order", owner, body=body, headers=_JSON)
        assert answer.status_code == 201
        return key

    def ask(
        self, method: str, path: str, who: Person | None, sent: Any = None, **query: str
    ) -> requests.Response:
        body = json.dumps(sent).encode() if sent is not None else None
        url = f"{path}?{urlencode(query)}" if query else path
        return self.target.ask(method, url, who, body=body, headers=_JSON if sent else {})


@pytest.fixture(scope="module")
def town(target: Target, full: bool) -> Town:
    shops = first, second = [f"shop{next(_numbers)}" for _ in range(2)]
    lookalikes = [
        *[f"{first},vendor-{second}", f"[{first} {second}]", f"vendor-{first}", f"{first}%2C"],
        *[first.upper(), f"{first}0", first[:-1], f"{first}\u200b"],
    ][: None if full else 3]
    staff = {shop: target.sign_in(shop) for shop in (first, second, *lookalikes)}
    customers = [target.sign_in() for _ in range(2)]
    pairs = itertools.product(customers, shops) if full else zip(customers, shops, strict=True)
    return Town(target, customers, shops, staff, list(pairs))


# For each route about one order: the status for this caller and this customer's order at this shop.
Rule = Callable[[Town, Person | None, Person, str], int]
_RULES: dict[tuple[str, str], Rule] = {
    ("POST", "/order"): lambda _, caller, owner, __: 200 if caller is owner else 403,
    ("DELETE", "/order"): lambda _, caller, owner, __: 200 if caller is owner else 403,
    ("PATCH", "/order"): lambda town, caller, _, shop: 200 if caller is town.staff[shop] else 403,
    ("GET", "/order"): lambda *_: 200,
}
# The body and the query that address the order with this key.
_SENT: dict[tuple[str, str], Callable[[dict[str, str]], tuple[Any, dict[str, str]]]] = {
    ("POST", "/order"): lambda key: ({"order": order(**key, coffeetype="Changed")}, {}),
    ("DELETE", "/order"): lambda key: (None, key),
    ("PATCH", "/order"): lambda key: ({"status": "preparing"}, key),
    ("GET", "/order"): lambda key: (None, key),
}
# These have tests of their own below.
_LISTS = {("GET", "/orders")}
_SHOPS = {("GET", "/shop"), ("PUT", "/shop"), ("PATCH", "/shop"), ("GET", "/shop/qr.svg")}


def _same_for_everybody(method: str, path: str) -> bool:
    route = _OPENAPI["paths"][path][method.lower()]
    names_a_file = all(each["in"] == "path" for each in route.get("parameters", []))
    return method == "GET" and "security" not in route and names_a_file


def test_every_route_has_a_rule() -> None:
    ruled = {
        *_RULES,
        *_LISTS,
        *_SHOPS,
        *(route for route in _ROUTES if _same_for_everybody(*route)),
    }
    assert ruled == set(_ROUTES)


@pytest.mark.parametrize("route", _RULES, ids=" ".join)
def test_each_caller_at_each_route(town: Town, route: tuple[str, str], tried: Tried) -> None:
    asked = 0
    for owner, shop in town.pairs:
        key = town.place(owner, shop)
        for caller in town.callers():
            before = town.ask("GET", "/order", None, **key).json()
            sent, query = _SENT[route](key)
            answer = town.ask(*route, caller, sent, **query)
            if caller is None and route != ("GET", "/order"):
                expected = 401
            else:
                expected = _RULES[route](town, caller, owner, shop)
            assert answer.status_code == expected, (caller, owner, key)
            after = town.ask("GET", "/order", None, **key).json()
            if answer.ok and route[0] != "GET":
                assert after == answer.json() != before
                key = town.place(owner, shop)
            else:
                assert after == before
            asked += 1
    tried(_PROMISE, f"{' '.join(route)}: caller x owner x shop, {town.target.name}", asked)


def _pages(town: Town, who: Person, **query: str) -> Iterator[dict[str, Any]]:
    cursor: dict[str, str] = {}
    while True:
        answer = town.ask("GET", "/orders", who, **query, **cursor)
        assert answer.status_code == 200
        page = answer.json()
        yield page
        if "cursor" not in page:
            return
        cursor = {"cursor": page["cursor"]}


def _keys(pages: Iterator[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["accountid"], each["vendorid"]) for page in pages for each in page["orders"]}


def test_lists_have_only_own_orders(town: Town, tried: Tried) -> None:
    placed = {
        (owner, shop): {tuple(town.place(owner, shop).values()) for _ in range(2)}
        for owner, shop in town.pairs
    }
    asked = 0
    for caller in town.callers():
        own = {key for (owner, _), keys in placed.items() if owner is caller for key in keys}
        others = {key for (owner, _), keys in placed.items() if owner is not caller for key in keys}
        if caller is None:
            assert town.ask("GET", "/orders", None).status_code == 401
        else:
            listed = _keys(_pages(town, caller, limit="3"))
            assert own <= listed
            assert not others & listed
        for shop in town.shops:
            if caller is town.staff[shop]:
                queue = _keys(_pages(town, caller, vendorid=shop, limit="3"))
                assert {vendorid for _, vendorid in queue} == {shop}
                assert {
                    key for (_, at), keys in placed.items() if at == shop for key in keys
                } <= queue
            else:
                answer = town.ask("GET", "/orders", caller, vendorid=shop)
                assert answer.status_code == (401 if caller is None else 403)
            asked += 2
    tried(_PROMISE, f"GET /orders: caller x list, {town.target.name}", asked)


def test_cursors_of_other_lists(town: Town, tried: Tried) -> None:
    """They are rejected, and so is one forged with knowledge of the format."""
    for owner, shop in town.pairs:
        for _ in range(2):
            town.place(owner, shop)
    lists: list[tuple[Person, dict[str, str]]] = [
        *((customer, {}) for customer in town.customers),
        *((customer, {"status": "placed"}) for customer in town.customers),
        *((town.staff[shop], {"vendorid": shop}) for shop in town.shops),
    ]
    cursors = {
        number: town.ask("GET", "/orders", who, **query, limit="1").json()["cursor"]
        for number, (who, query) in enumerate(lists)
    }
    asked = 0
    for number, (who, query) in enumerate(lists):
        for from_, cursor in cursors.items():
            answer = town.ask("GET", "/orders", who, **query, cursor=cursor)
            assert answer.status_code == (200 if from_ == number else 400)
            asked += 1
    ann, bob = town.customers
    key = town.place(ann, town.shops[0])
    forged = pagination.encode(pagination.Position("9999", *key.values()), bob.sub, None, None)
    answer = town.ask("GET", "/orders", bob, cursor=forged, limit="100")
    assert answer.status_code in {200, 400}
    assert not _keys(iter([answer.json()] if answer.ok else [])) & _keys(_pages(town, ann))
    tried(_PROMISE, f"cursors of other lists, {town.target.name}", asked + 1)


def test_each_caller_at_each_shop(town: Town, tried: Tried) -> None:
    """Only its own staff publish and change a shop; everybody sees the same of it."""
    asked = 0
    # Shops of their own: customers order at the others without a menu.
    shops = [f"menu of {next(_numbers)}" for _ in range(2)]
    staff = {shop: town.target.sign_in(shop) for shop in shops}
    everybody = [*town.callers(), *staff.values()]
    changes = [("PUT", {"shop": shop_content("Mine")}), ("PATCH", {"open": False})]

    def strangers_fail(shop: str) -> int:
        strangers = [caller for caller in everybody if caller is not staff[shop]]
        for caller, (method, sent) in itertools.product(strangers, changes):
            answer = town.ask(method, "/shop", caller, sent, vendorid=shop)
            assert answer.status_code == (401 if caller is None else 403)
        return len(strangers) * len(changes)

    for shop in shops:
        asked += strangers_fail(shop)
        assert town.ask("GET", "/shop", None, vendorid=shop).status_code == 404
        content = {"shop": shop_content()}
        published = town.ask("PUT", "/shop", staff[shop], content, vendorid=shop)
        assert published.status_code == 201
        asked += strangers_fail(shop)
        for caller in everybody:
            found = town.ask("GET", "/shop", caller, vendorid=shop)
            assert found.json() == published.json()
        changed = town.ask("PATCH", "/shop", staff[shop], {"open": False}, vendorid=shop)
        assert changed.json()["shop"]["open"] is False
    tried(_PROMISE, f"/shop: caller x shop, {town.target.name}", asked)


def test_public_routes_are_the_same_for_everybody(town: Town) -> None:
    page = town.ask("GET", "/", None).text
    files = {f"/{address}" for address in re.findall(r'"(static/[^"]+)"', page)}
    assert files
    whole = {path for method, path in _ROUTES if _same_for_everybody(method, path)}
    for path in {path for path in whole if "{" not in path} | files:
        answers = [town.ask("GET", path, caller) for caller in town.callers()]
        assert {answer.status_code for answer in answers} == {200}, path
        assert len({answer.content for answer in answers}) == 1, path
