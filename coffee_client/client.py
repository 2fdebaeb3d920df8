"""The service's HTTP API: orders, for customers and staff, and shops with their menus."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import requests

from coffee_client.accounts import Session
from coffee_client.models import Order, Outcome, Placed, Shop
from coffee_client.transport import Transport, reading

_PAGE_SIZE = "100"  # the most that the service allows


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

    def place(self, order: Order) -> Placed:
        """Place an order, or replace the customer's own earlier one at the same key."""
        body = {"order": order.to_request()}
        answer = self._transport.send("POST", "order", token_of=self._session, json=body)
        return Placed(_order_in(answer), _outcome_of(answer))

    def get(self, accountid: str, vendorid: str) -> Order:
        """Look up an order by its key."""
        return self._order("GET", params=_key(accountid, vendorid))

    def cancel(self, accountid: str, vendorid: str) -> Order:
        """Cancel the customer's own order while the shop has not started it."""
        return self._order("DELETE", token_of=self._session, params=_key(accountid, vendorid))

    def advance(self, accountid: str, vendorid: str, status: str) -> Order:
        """Move an order to its next status, as staff of its vendor."""
        key, body = _key(accountid, vendorid), {"status": status}
        return self._order("PATCH", token_of=self._session, params=key, json=body)

    def orders(self, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over all of the customer's own orders, newest first; fetch pages as needed."""
        return self._list(status=status)

    def queue(self, vendorid: str, *, status: str | None = None) -> Iterator[Order]:
        """Iterate over a shop's open orders, oldest first, as its staff; fetch pages as needed."""
        return self._list(vendorid=vendorid, status=status)

    def shop(self, vendorid: str) -> Shop:
        """Look up a shop and its menu. A shop without a menu is an OrderError with status 404."""
        return self._shop("GET", vendorid)

    def publish(
        self, vendorid: str, content: Mapping[str, Any], *, if_match: str | None = None
    ) -> Shop:
        """Publish a shop's name, currency and menu, as its staff.

        `content` is `{"name": ..., "currency": ..., "menu": [{"coffeetype": ..., "sizes":
        [{"coffeesize": ..., "unitprice": ...}]}]}`. With the `etag` of a Shop as `if_match`, a
        colleague's change since then is not overwritten: OrderError with status 412.
        """
        headers = {} if if_match is None else {"If-Match": if_match}
        body = {"shop": content}
        return self._shop("PUT", vendorid, token_of=self._session, json=body, headers=headers)

    def update_shop(
        self,
        vendorid: str,
        *,
        open: bool | None = None,  # noqa: A002
        note: str | None = None,
        soldout: Sequence[str] | None = None,
    ) -> Shop:
        """Open or close a shop, change its note, or mark coffees as sold out, as its staff.

        `soldout` has the names of all coffees that are sold out. What is None stays as it is.
        """
        changes = {"open": open, "note": note, "soldout": soldout}
        body = {name: value for name, value in changes.items() if value is not None}
        return self._shop("PATCH", vendorid, token_of=self._session, json=body)

    def _order(self, method: str, **arguments: Any) -> Order:
        return _order_in(self._transport.send(method, "order", **arguments))

    def _shop(self, method: str, vendorid: str, **arguments: Any) -> Shop:
        params = {"vendorid": vendorid}
        answer = self._transport.send(method, "shop", params=params, **arguments)
        with reading(answer):
            return Shop.from_json(answer.json()["shop"], answer.headers.get("ETag"))

    def _list(self, **query: str | None) -> Iterator[Order]:
        cursor: str | None = None
        while True:
            page_query = {**query, "cursor": cursor, "limit": _PAGE_SIZE}
            answer = self._transport.send(
                "GET", "orders", token_of=self._session, params=page_query
            )
            with reading(answer):
                page = answer.json()
                orders = [Order.from_json(each) for each in page["orders"]]
                cursor = page.get("cursor")
            yield from orders
            if cursor is None:
                return


def _key(accountid: str, vendorid: str) -> dict[str, str]:
    return {"accountid": accountid, "vendorid": vendorid}


def _order_in(answer: requests.Response) -> Order:
    with reading(answer):
        return Order.from_json(answer.json()["order"])


def _outcome_of(answer: requests.Response) -> Outcome:
    if answer.status_code == requests.codes.created:
        return "placed"
    return "unchanged" if answer.headers.get("Order-Outcome") == "unchanged" else "replaced"
