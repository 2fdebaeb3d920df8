"""The service's HTTP API: orders, for customers and staff, and shops with their menus."""

from collections.abc import Iterator, Mapping
from typing import Any

import requests

from coffee_client.accounts import Session
from coffee_client.models import Order, Outcome, PlaceOrderResult, Shop
from coffee_client.transport import Transport, response_errors

_PAGE_SIZE = "100"  # the maximum that the service allows


class CoffeeClient:
    """The API at `api_url`, the address without `/order`.

    Looking up an order or a shop needs no session and sends no token; the rest needs one. Every
    method raises OrderError if the service rejects the request, AccountError if the login has
    expired, and UnreachableError if there is no answer. The constructor raises SettingsError if
    the address is not valid.
    """

    def __init__(self, api_url: str, session: Session | None = None) -> None:
        self._transport = Transport(api_url)
        self._session = session

    def place(self, order: Order) -> PlaceOrderResult:
        """Place an order, or replace the customer's own earlier one at the same key."""
        body = {"order": order.to_request()}
        response = self._transport.send("POST", "order", session=self._session, json=body)
        return PlaceOrderResult(_parse_order(response), _outcome(response))

    def get(self, accountid: str, vendorid: str) -> Order:
        """Look up an order by its key."""
        return self._order("GET", accountid, vendorid)

    def cancel(self, accountid: str, vendorid: str) -> Order:
        """Cancel the customer's own order while the shop has not started it."""
        return self._order("DELETE", accountid, vendorid, session=self._session)

    def advance(self, accountid: str, vendorid: str, status: str) -> Order:
        """Move an order to its next status, as staff of its vendor."""
        body = {"status": status}
        return self._order("PATCH", accountid, vendorid, session=self._session, json=body)

    def orders(self, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over all of the customer's own orders, newest first; fetch pages as needed."""
        return self._list(status=status)

    def queue(self, vendorid: str, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over a shop's open orders, oldest first, as its staff; fetch pages as needed."""
        return self._list(vendorid=vendorid, status=status)

    def shop(self, vendorid: str) -> Shop:
        """Look up a shop and its menu. Without a menu, this is an OrderError with status 404."""
        return self._shop("GET", vendorid)

    def publish(
        self, vendorid: str, content: Mapping[str, Any], *, if_match: str | None = None
    ) -> Shop:
        """Publish a shop's name, currency and menu, as its staff.

        `content` is `{"name": ..., "currency": ..., "menu": [{"coffeetype": ..., "sizes":
        [{"coffeesize": ..., "unitprice": ...}]}]}`. With the `etag` of a Shop as `if_match`, a
        colleague's change since then is not overwritten: OrderError with status 412.
        """
        body, headers = {"shop": content}, {"If-Match": if_match}
        return self._shop("PUT", vendorid, session=self._session, json=body, headers=headers)

    def update_shop(
        self,
        vendorid: str,
        *,
        open: bool | None = None,  # noqa: A002
        note: str | None = None,
        soldout: Mapping[str, bool] | None = None,
    ) -> Shop:
        """Open or close a shop, change its note, or mark coffees as sold out, as its staff.

        `soldout` has the names of the coffees to change: True if they are sold out, False if they
        are available again. A field that is None does not change.
        """
        fields = {"open": open, "note": note, "soldout": soldout}
        body = {name: value for name, value in fields.items() if value is not None}
        return self._shop("PATCH", vendorid, session=self._session, json=body)

    def _order(self, method: str, accountid: str, vendorid: str, **arguments: Any) -> Order:
        key = {"accountid": accountid, "vendorid": vendorid}
        return _parse_order(self._transport.send(method, "order", params=key, **arguments))

    def _shop(self, method: str, vendorid: str, **arguments: Any) -> Shop:
        params = {"vendorid": vendorid}
        response = self._transport.send(method, "shop", params=params, **arguments)
        with response_errors(response):
            return Shop.from_json(response.json()["shop"], response.headers.get("ETag"))

    def _list(self, **query: str | None) -> Iterator[Order]:
        params = {**query, "limit": _PAGE_SIZE}
        while True:
            response = self._transport.send("GET", "orders", session=self._session, params=params)
            with response_errors(response):
                page = response.json()
                orders = list(map(Order.from_json, page["orders"]))
                params["cursor"] = page.get("cursor")
            yield from orders
            if params["cursor"] is None:
                return


def _parse_order(response: requests.Response) -> Order:
    with response_errors(response):
        return Order.from_json(response.json()["order"])


def _outcome(response: requests.Response) -> Outcome:
    if response.status_code == requests.codes.created:
        return "placed"
    return "unchanged" if response.headers.get("Order-Outcome") == "unchanged" else "replaced"
