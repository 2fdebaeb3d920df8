"""A service in the test's memory, which Playwright's routing puts behind the page.

It serves the page's files as the service does, keeps orders and one shop, demands preconditions,
and believes everybody who signs in. It has no other rules: stories run on the local cloud.
"""

import base64
import datetime
import itertools
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chalice
from playwright.sync_api import BrowserContext, Request, Route, StorageState

from chalicelib import page
from tests.samples import order

URL = "https://coffee.test"
COGNITO_URL = "https://cognito-idp.eu-west-1.amazonaws.com/"
SETTINGS = {
    "USER_POOL_ARN": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/pool",
    "CLIENT_ID": "client",
    "PUSH_PUBLIC_KEY": "key",
}
_OPEN = {"placed", "preparing", "ready"}
_versions = itertools.count(1)

Query = dict[str, str]
Response = dict[str, Any]
_QR_CODE = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>'
_CHANGED: Response = {
    "status": 412,
    "json": {"Code": "PreconditionFailedError", "Message": "It has changed"},
}
_NOT_FOUND: Response = {"status": 404, "json": {"Code": "NotFoundError", "Message": "not there"}}


def listed_order(
    name: str, status: str = "placed", minutes: float = 0, **details: str
) -> dict[str, Any]:
    """Return an order that has had its status for this many minutes."""
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=minutes)
    fields = {"status": status, "since": since.isoformat(), "version": f"{next(_versions):016x}"}
    return {**order(name, "v0", **details), **fields}


def unsigned_token(username: str, vendorid: str | None = None) -> str:
    """Return a token with the claims that the page reads; the page checks no signature."""
    groups = [f"vendor-{vendorid}"] if vendorid else []
    claims = json.dumps({"cognito:username": username, "cognito:groups": groups})
    return f"x.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.x"


def session_storage(url: str, id_token: str, refresh_token: str) -> StorageState:
    """Return the storage of a browser in which a user has chosen to stay signed in."""
    session = {"id": "1", "idToken": id_token, "refreshToken": refresh_token, "staleAt": 4e12}
    entry = {"name": "coffee-orders.session", "value": json.dumps(session)}
    return {"cookies": [], "origins": [{"origin": url, "localStorage": [entry]}]}  # type: ignore


class StubbedService:
    """The service of one context. Tests change `orders` and `shop`, and read `changes`."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.shop: dict[str, Any] = {}
        self.changes: list[tuple[str, str]] = []  # the name and the new status of each change

    def attach(self, context: BrowserContext) -> None:
        """Answer all requests of a context."""
        context.route("**/*", lambda route: route.fulfill(**self._answer(route)))

    def order(self, name: str) -> dict[str, Any]:
        """Return the order of a name."""
        return next(each for each in self.orders if each["accountid"] == name)

    def change(self, name: str, status: str | None = None, **details: str) -> None:
        """Change an order as another client does."""
        order = self.order(name)
        fresh = listed_order(name, status or order["status"])
        order |= {field: fresh[field] for field in ("status", "since", "version")}
        order["details"] |= details

    def _answer(self, route: Route) -> Response:
        request = route.request
        url = urlsplit(request.url)
        if request.url.startswith(COGNITO_URL):
            return _cognito_response(request)
        if url.path == "/":
            return _file(page.html("/"))
        if url.path.startswith("/static/"):
            return _file(page.static(*url.path.split("/")[2:]))
        answers = {
            "GET /sw.js": lambda *_: _file(page.service_worker()),
            "GET /order": self._get_order,
            "POST /order": self._place,
            "PUT /order/push": self._get_order,
            "PATCH /order": self._change_status,
            "DELETE /order": self._change_status,
            "GET /orders": self._get_orders,
            "GET /shop": self._get_shop,
            "PUT /shop": self._publish,
            "PATCH /shop": self._change_shop,
            "GET /shop/qr.svg": lambda *_: {"body": _QR_CODE, "content_type": "image/svg+xml"},
        }
        return answers[f"{request.method} {url.path}"](request, dict(parse_qsl(url.query)))

    def _get_order(self, _request: Request, query: Query) -> Response:
        found = [each for each in self.orders if each["accountid"] == query["accountid"]]
        return {"json": {"order": found[0]}} if found else _NOT_FOUND

    def _get_orders(self, _request: Request, query: Query) -> Response:
        if "vendorid" not in query:
            return {"json": {"orders": self.orders}}
        statuses = {query["status"]} if "status" in query else _OPEN
        listed = [each for each in self.orders if each["status"] in statuses]
        start = int(query.get("cursor", "0"))
        end = start + int(query["limit"])
        cursor = {"cursor": str(end)} if end < len(listed) else {}
        return {"json": {"orders": listed[start:end], **cursor}}

    def _place(self, request: Request, _query: Query) -> Response:
        placed = _body(request)["order"]
        others = [each for each in self.orders if each["accountid"] != placed["accountid"]]
        replaced = next((each for each in self.orders if each not in others), None)
        is_open = replaced is not None and replaced["status"] in _OPEN
        if replaced and replaced["orderdate"] == placed["orderdate"]:
            return {"json": {"order": replaced}}
        tag = f'"{replaced["version"]}"' if replaced and is_open else None
        if request.headers.get("if-match") != tag:
            return _CHANGED
        self.orders = [{**listed_order(placed["accountid"]), **placed}, *others]
        return {"status": 201, "json": {"order": self.orders[0]}}

    def _change_status(self, request: Request, query: Query) -> Response:
        name = query["accountid"]
        status = _body(request).get("status", "cancelled")
        if request.headers.get("if-match") != f'"{self.order(name)["version"]}"':
            return _CHANGED
        self.changes.append((name, status))
        self.change(name, status=status)
        return {"json": {"order": self.order(name)}}

    def _get_shop(self, _request: Request, _query: Query) -> Response:
        if not self.shop:
            return _NOT_FOUND
        return {"json": {"shop": self.shop}, "headers": {"ETag": "-".join(self._shop_tag())}}

    def _shop_tag(self) -> tuple[str, str]:
        """Return the halves of the shop's ETag: the first changes with the published content."""
        published = [{**coffee, "soldout": False} for coffee in self.shop.get("menu", [])]
        content = (self.shop.get("name"), self.shop.get("currency"), published)
        return f'"{abs(hash(str(content)))}', f'{abs(hash(str(self.shop)))}"'

    def _publish(self, request: Request, query: Query) -> Response:
        content = _body(request)["shop"]
        menu = [{"soldout": False, **coffee} for coffee in content["menu"]]
        self.shop = {"vendorid": "v0", "open": True, "note": "", **self.shop, **content}
        self.shop["menu"] = menu
        return self._get_shop(request, query)

    def _change_shop(self, request: Request, query: Query) -> Response:
        if request.headers.get("if-match") != "-".join(self._shop_tag()):
            return _CHANGED
        changes = _body(request)
        soldout = changes.pop("soldout", {})
        for coffee in self.shop["menu"]:
            coffee["soldout"] = soldout.get(coffee["coffeetype"], coffee["soldout"])
        self.shop |= changes
        return self._get_shop(request, query)


def _body(request: Request) -> Any:
    return json.loads(request.post_data or "{}")


def _file(file: chalice.Response) -> Response:
    return {"body": file.body, "headers": file.headers}


def _cognito_response(request: Request) -> Response:
    """Sign anybody in, and refresh the session of Ann."""
    username = _body(request).get("AuthParameters", {}).get("USERNAME", "Ann")
    tokens = {"IdToken": unsigned_token(username), "RefreshToken": "r", "ExpiresIn": 3600}
    headers = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}
    return {"json": {"AuthenticationResult": tokens, "UserSub": "1"}, "headers": headers}
