"""The service's HTTP API: orders, for customers and staff, and shops with their menus."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from coffee_client.accounts import Session
from coffee_client.arguments import check_etag, encode_json, to_plain
from coffee_client.connection import Connection, Response, response_errors
from coffee_client.errors import OrderError, PreconditionFailedError, UnreachableError
from coffee_client.models import Order, PlaceOrderResult, Shop

_SERVICE = "the service"
_PAGE_SIZE = "100"  # the maximum that the service allows
_MAX_PAGES = 1000  # of a list; a page with a cursor to itself would never end
_REDIRECT, _UNAUTHORIZED, _PRECONDITION_FAILED = 300, 401, 412


class CoffeeClient:
    """The API at `api_url`, the address without `/order`.

    Looking up an order or a shop needs no session and sends no token; the rest needs one. Every
    method raises ArgumentError if an argument cannot be sent, OrderError if the service rejects
    the request, AccountError if the login has expired, and UnreachableError if there is no answer.
    The constructor raises SettingsError if the address is not valid.

    With the `etag` of an order or a shop as `if_match`, a request changes nothing if somebody else
    has changed it since: PreconditionFailedError, an OrderError with status 412.
    """

    def __init__(self, api_url: str, session: Session | None = None) -> None:
        self._connection = Connection(api_url)
        self._session = session

    def place(
        self, order: Order, *, if_match: str | None = None, if_none_match: str | None = None
    ) -> PlaceOrderResult:
        """Place an order, or replace the customer's own earlier one at the same key.

        With `if_none_match="*"`, it replaces no open order.
        """
        tags = {"if_match": if_match, "if_none_match": if_none_match}
        response = self._send("POST", "order", {}, {"order": order.to_request()}, **tags)
        with response_errors(_SERVICE):
            return PlaceOrderResult(_parse_order(response), response.headers["Order-Outcome"])

    def get(self, accountid: str, vendorid: str) -> Order:
        """Look up an order by its key."""
        key = {"accountid": accountid, "vendorid": vendorid}
        return _parse_order(self._request("GET", "order", key))

    def cancel(self, accountid: str, vendorid: str, *, if_match: str | None = None) -> Order:
        """Cancel the customer's own order while the shop has not started it."""
        key = {"accountid": accountid, "vendorid": vendorid}
        return _parse_order(self._send("DELETE", "order", key, if_match=if_match))

    def advance(
        self, accountid: str, vendorid: str, status: str, *, if_match: str | None = None
    ) -> Order:
        """Move an order to another status, as staff of its vendor.

        A step back, such as from ready to preparing, needs `if_match`.
        """
        key, body = {"accountid": accountid, "vendorid": vendorid}, {"status": status}
        return _parse_order(self._send("PATCH", "order", key, body, if_match=if_match))

    def orders(self, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over all of the customer's own orders, newest first; fetch pages as needed."""
        return self._list(status=status)

    def queue(self, vendorid: str, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over a shop's open orders, oldest first, as its staff; fetch pages as needed."""
        return self._list(vendorid=vendorid, status=status)

    def shop(self, vendorid: str) -> Shop:
        """Look up a shop and its menu. Without a menu, this is an OrderError with status 404."""
        return _parse_shop(self._request("GET", "shop", {"vendorid": vendorid}))

    def publish(
        self,
        vendorid: str,
        content: Mapping[str, Any],
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Shop:
        """Publish a shop's name, currency and menu, as its staff.

        `content` is `{"name": ..., "currency": ..., "menu": [{"coffeetype": ..., "sizes":
        [{"coffeesize": ..., "unitprice": ...}]}]}`. With `if_none_match="*"`, it replaces no menu.
        """
        key, tags = {"vendorid": vendorid}, {"if_match": if_match, "if_none_match": if_none_match}
        return _parse_shop(self._send("PUT", "shop", key, {"shop": content}, **tags))

    def update_shop(
        self,
        vendorid: str,
        *,
        open: bool | None = None,  # noqa: A002
        note: str | None = None,
        soldout: Mapping[str, bool] | None = None,
        if_match: str | None = None,
    ) -> Shop:
        """Open or close a shop, change its note, or mark coffees as sold out, as its staff.

        `soldout` has the names of the coffees to change: True if they are sold out, False if they
        are available again. A field that is None does not change.
        """
        fields = {"open": open, "note": note, "soldout": soldout}
        body = {name: value for name, value in fields.items() if value is not None}
        key = {"vendorid": vendorid}
        return _parse_shop(self._send("PATCH", "shop", key, body, if_match=if_match))

    def _list(self, **query: str | None) -> Iterator[Order]:
        params = {**query, "limit": _PAGE_SIZE}
        for _ in range(_MAX_PAGES):
            response = self._send("GET", "orders", params)
            with response_errors(_SERVICE):
                page = response.json()
                orders = list(map(Order.from_json, page["orders"]))
                params["cursor"] = page.get("cursor")
            yield from orders
            if params["cursor"] is None:
                return
        raise UnreachableError(f"The list has no end: {_MAX_PAGES} pages have been read")

    def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | None],
        body: Mapping[str, Any] | None = None,
        **tags: str | None,
    ) -> Response:
        """Send a request of the session, with preconditions such as `if_match`."""
        headers = {
            name.replace("_", "-").title(): check_etag(name, tag)
            for name, tag in tags.items()
            if tag is not None
        }
        if body is not None:
            headers["Content-Type"] = "application/json"
        data = encode_json(body) if body is not None else None
        if self._session is None:
            return self._request(method, path, params, headers=headers, data=data)
        token = self._session.id_token()
        try:
            headers["Authorization"] = f"Bearer {token}"
            return self._request(method, path, params, headers=headers, data=data)
        except OrderError as error:
            if error.status != _UNAUTHORIZED:
                raise
        # The clock of this machine may be wrong, or the token may have been revoked.
        headers["Authorization"] = f"Bearer {self._session.id_token(rejected=token)}"
        return self._request(method, path, params, headers=headers, data=data)

    def _request(
        self, method: str, path: str, params: Mapping[str, str | None], **options: Any
    ) -> Response:
        """Send a request, and return the response if it is a success."""
        # requests sends no parameter that is None.
        query = {name: to_plain(name, value) for name, value in params.items()}
        response = self._connection.send(method, path, params=query, **options)
        if response.status >= _REDIRECT:
            raise _rejection(response)
        return response


def _parse_order(response: Response) -> Order:
    with response_errors(_SERVICE):
        return Order.from_json(response.json()["order"])


def _parse_shop(response: Response) -> Shop:
    with response_errors(_SERVICE):
        return Shop.from_json(response.json()["shop"], response.headers.get("ETag"))


def _rejection(response: Response) -> OrderError:
    """Return the error for the service's `Code` and `Message`, or the gateway's `message`."""
    with response_errors(_SERVICE):
        body: Mapping[str, Any] = response.json()
        code = str(body["Code"]) if "Code" in body else None
        message = str(body["Message"] if "Message" in body else body["message"])
    seconds = response.headers.get("Retry-After", "")
    retry_after = float(seconds) if re.fullmatch("[0-9]{1,8}", seconds) else None
    error = PreconditionFailedError if response.status == _PRECONDITION_FAILED else OrderError
    return error(response.status, message, code=code, retry_after=retry_after)
