"""The requests of the benchmarks, as events of API Gateway."""

import json
from pathlib import Path
from typing import Any

_EVENT = json.loads(Path(__file__).with_name("event.json").read_text())
SUB: str = _EVENT["requestContext"]["authorizer"]["claims"]["sub"]
_DETAILS = {
    "coffeetype": "Short Black",
    "coffeesize": "Small",
    "unitprice": "4.5",
    "quantity": "1",
}
_ORDER = {"accountid": "a0", "vendorid": "v0", "orderdate": "2026-03-01 08:30:00.123456"}
# The item of the order in this project's table. Every program reads it.
ITEM: dict[str, Any] = {
    **{name: {"S": value} for name, value in _ORDER.items()},
    "details": {"M": {name: {"S": value} for name, value in _DETAILS.items()}},
    "status": {"S": "placed"},
    "since": {"S": "2026-03-01T08:30:00.250000+00:00"},
    "version": {"S": "3f0c4d1e5b6a7980"},
    "fingerprint": {"S": "6a79803f0c4d1e5b"},
    "placed_by": {"S": SUB},
    "placed_at": {"S": "2026-03-01T08:30:00.250000+00:00"},
    "ordered_local": {"N": "1772353800123456"},
    "shop_queue": {"S": "open:v0"},
}
# The item of a shop with five coffees in three sizes.
_COFFEES = ["Short Black", "Long Black", "Flat White", "Cappuccino", "Mocha"]
_SIZES = [{"coffeesize": size, "unitprice": "4.50"} for size in ("Small", "Medium", "Large")]
_SHOP = {
    "vendorid": "menu",
    "name": "Harbour Coffee",
    "currency": "EUR",
    "open": True,
    "note": "",
    "menu": [{"coffeetype": name, "soldout": False, "sizes": _SIZES} for name in _COFFEES],
}
MENU: dict[str, Any] = {
    "vendorid": {"S": "menu"},
    "shop": {"S": json.dumps(_SHOP)},
    "revisions": {"S": "3f0c4d1e5b6a7980"},
}


def _get(path: str, **query: str) -> dict[str, Any]:
    lists = {name: [value] for name, value in query.items()}
    parameters = {"queryStringParameters": query, "multiValueQueryStringParameters": lists}
    context = {**_EVENT["requestContext"], "resourcePath": path}
    return {**_EVENT, "resource": path, "path": path, "requestContext": context, **parameters}


def _post(accountid: str, **changes: Any) -> dict[str, Any]:
    order = {**_ORDER, "accountid": accountid, "details": _DETAILS, **changes}
    body = json.dumps({"order": order})
    context = {**_EVENT["requestContext"], "httpMethod": "POST"}
    return {**_EVENT, "httpMethod": "POST", "requestContext": context, "body": body}


GET = _get("/order", accountid="a0", vendorid="v0")
POST = _post("a0")
REQUESTS = {"GET": GET, "POST": POST}
_UNPRICED = {name: value for name, value in _DETAILS.items() if name != "unitprice"}
# No other program has menus and lists.
OWN_REQUESTS = {
    "POST /order at a shop without a menu": POST,
    "POST /order at the price of the menu": _post("a0", vendorid="menu", details=_UNPRICED),
    "GET /shop": _get("/shop", vendorid="menu"),
    "GET /orders: 20 of a customer": _get("/orders", limit="20"),
    "GET /orders: 20 of a shop's queue": _get("/orders", limit="20", vendorid="v0"),
}
