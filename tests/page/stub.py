"""A service in the test's memory, which Playwright's routing puts behind the page.

It serves the page's files as the service does, keeps orders and one shop, and demands
preconditions. It has no other rules: tests of a story run on the local cloud.
"""

import base64
import datetime
import io
import itertools
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import segno
from playwright.sync_api import BrowserContext, Route

from chalicelib import page
from tests.samples import order

SETTINGS = {
    "USER_POOL_ARN": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/pool",
    "CLIENT_ID": "client",
}
COGNITO_URL = "https://cognito-idp.eu-west-1.amazonaws.com/"
_QR_CODE = io.BytesIO()
segno.make("https://coffee.test/#order?shop=v0").save(_QR_CODE, kind="svg", border=0)
_OPEN = {"placed", "preparing", "ready"}
_versions = itertools.count(1)

Response = dict[str, Any]


def new_version() -> str:
    return f"{next(_versions):016x}"


def listed_order(
    name: str, status: str = "placed", minutes: float = 0, **details: str
) -> dict[str, Any]:
    """Return an order that has had its status for this many minutes."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    placed = order(name, "v0", **details)
    return {**placed, "status": status, "since": since.isoformat(), "version": new_version()}


def unsigned_token(username: str, vendorid: str | None) -> str:
    """Return a token with the claims that the page reads; the page checks no signature."""
    groups = [f"vendor-{vendorid}"] if vendorid else []
    claims = json.dumps({"cognito:username": username, "cognito:groups": groups})
    return f"x.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.x"


class StubbedService:
    """The service of one context. Tests change `orders` and `shop`, and read `changes`."""

    def __init__(self, stage: str = "") -> None:
        self.url = f"https://coffee.test{stage}"
        self.orders: list[dict[str, Any]] = []
        self.shop: dict[str, Any] | None = None
        self.changes: list[tuple[str, str]] = []  # the name and the new status of each PATCH
        self._stage = stage
        self._routes: dict[str, Callable[[Route, dict[str, str]], Response]] = {
            "GET /order": self._get_order,
            "POST /order": self._post_order,
            "PATCH /order": self._change_order,
            "DELETE /order": self._change_order,
            "GET /orders": self._get_orders,
            "GET /shop": lambda *_: self._shop_response(),
            "PUT /shop": self._put_shop,
            "PATCH /shop": self._patch_shop,
            "GET /shop/qr.svg": lambda *_: {
                "body": _QR_CODE.getvalue(),
                "content_type": "image/svg+xml",
            },
        }

    def attach(self, context: BrowserContext) -> None:
        """Answer all requests of a context."""
        context.route("**/*", self._answer)

    def order(self, name: str) -> dict[str, Any]:
        """Return the order of a name."""
        return next(each for each in self.orders if each["accountid"] == name)

    def change(self, name: str, **changes: Any) -> None:
        """Change an order as another client does."""
        since = datetime.datetime.now(datetime.UTC).isoformat()
        self.order(name).update({"version": new_version(), "since": since, **changes})

    def _answer(self, route: Route) -> None:
        request = route.request
        url = urlsplit(request.url)
        if request.url.startswith(COGNITO_URL):
            headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
            route.fulfill(json={}, headers=headers)
            return
        path = url.path.removeprefix(self._stage) or "/"
        if path == "/" or path.startswith("/static/"):
            file = page.html(url.path) if path == "/" else page.static(*path.split("/")[2:])
            headers = {name: str(text) for name, text in file.headers.items()}
            route.fulfill(body=file.body, headers=headers)
            return
        answer = self._routes[f"{request.method} {path}"]
        route.fulfill(**answer(route, dict(parse_qsl(url.query))))

    def _get_order(self, _route: Route, query: dict[str, str]) -> Response:
        found = [each for each in self.orders if each["accountid"] == query["accountid"]]
        return _order_response(found[0]) if found else _error(404, "NotFoundError", "no such order")

    def _get_orders(self, _route: Route, query: dict[str, str]) -> Response:
        if "vendorid" not in query:
            return {"json": {"orders": self.orders}}
        statuses = {query["status"]} if "status" in query else _OPEN
        listed = [each for each in self.orders if each["status"] in statuses]
        start = int(query.get("cursor", "0"))
        end = start + int(query["limit"])
        cursor = {"cursor": str(end)} if end < len(listed) else {}
        return {"json": {"orders": listed[start:end], **cursor}}

    def _post_order(self, route: Route, _query: dict[str, str]) -> Response:
        placed = {**json.loads(route.request.post_data or "")["order"], "status": "placed"}
        stored = [each for each in self.orders if each["accountid"] == placed["accountid"]]
        if stored and stored[0]["orderdate"] == placed["orderdate"]:
            return _order_response(stored[0], outcome="unchanged")
        open_versions = [f'"{each["version"]}"' for each in stored if each["status"] in _OPEN]
        headers = route.request.headers
        if open_versions != ([headers["if-match"]] if "if-match" in headers else []):
            return _error(412, "PreconditionFailedError", "The order is now another one")
        self.orders = [each for each in self.orders if each["accountid"] != placed["accountid"]]
        self.orders.insert(0, placed)
        self.change(placed["accountid"])
        return _order_response(placed, status=201, outcome="placed")

    def _change_order(self, route: Route, query: dict[str, str]) -> Response:
        name = query["accountid"]
        body = json.loads(route.request.post_data or '{"status": "cancelled"}')
        version = f'"{self.order(name)["version"]}"'
        if route.request.headers.get("if-match") != version:
            return _error(412, "PreconditionFailedError", "The order is now another one")
        self.changes.append((name, body["status"]))
        self.change(name, **body)
        return _order_response(self.order(name))

    def _shop_response(self) -> Response:
        if self.shop is None:
            return _error(404, "NotFoundError", "no such shop")
        return {"json": {"shop": self.shop}, "headers": {"ETag": self._shop_tag()}}

    def _shop_tag(self) -> str:
        """Return the shop's ETag: its first half changes with the published content."""
        assert self.shop
        menu = [{**coffee, "soldout": False} for coffee in self.shop["menu"]]
        content = (self.shop["name"], self.shop["currency"], menu)
        return f'"{abs(hash(str(content)))}-{abs(hash(str(self.shop)))}"'

    def _put_shop(self, route: Route, query: dict[str, str]) -> Response:
        content = json.loads(route.request.post_data or "")["shop"]
        if_match = route.request.headers.get("if-match", "none-match")
        if self.shop and if_match.split("-")[0] != self._shop_tag().split("-")[0]:
            return _error(412, "PreconditionFailedError", "The shop has changed")
        state = {"vendorid": query["vendorid"], "open": True, "note": "", "waiting": 0}
        menu = [{"soldout": False, **coffee} for coffee in content["menu"]]
        self.shop = {**state, **(self.shop or {}), **content, "menu": menu}
        return self._shop_response()

    def _patch_shop(self, route: Route, _query: dict[str, str]) -> Response:
        if route.request.headers.get("if-match") != self._shop_tag():
            return _error(412, "PreconditionFailedError", "The shop has changed")
        assert self.shop
        changes = json.loads(route.request.post_data or "")
        soldout = changes.pop("soldout", {})
        self.shop.update(changes)
        for coffee in self.shop["menu"]:
            coffee["soldout"] = soldout.get(coffee["coffeetype"], coffee["soldout"])
        return self._shop_response()


def _order_response(order: dict[str, Any], *, status: int = 200, outcome: str = "") -> Response:
    headers = {"ETag": f'"{order["version"]}"', "Order-Outcome": outcome}
    return {"json": {"order": order}, "status": status, "headers": headers}


def _error(status: int, code: str, message: str) -> Response:
    return {"status": status, "json": {"Code": code, "Message": message}}
