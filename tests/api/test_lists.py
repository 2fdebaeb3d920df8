"""The customer's list and the shop's queue: sort order, filters, pages and cursors."""

import json
from base64 import urlsafe_b64encode
from hashlib import blake2b
from itertools import chain

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Cloud, Customer, log_in_new_customer
from tests.samples import placed_order

_STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"]
_FOREIGN = (400, "cursor: does not belong to this list")
_SIX = [f"a{number}" for number in range(6)]


class Lists:
    """Places orders at a shop, and reads the lists of its staff and of its only customer."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def place(self, *accountids: str, status: str = "placed") -> None:
        for self.api.accountid in accountids:
            self.api.place_with_status(status)

    def own_pages(self, **query: str) -> list[list[str]]:
        """Return the account ids of each page of the customer's list."""
        return self._pages(self.api.customer, query)

    def queue_pages(self, **query: str) -> list[list[str]]:
        """Return the account ids of each page of the shop's queue."""
        return self._pages(self.api.barista, {**query, "vendorid": self.api.vendorid})

    def _pages(self, user: Customer, query: dict[str, str]) -> list[list[str]]:
        page = self.api.send("GET", "/orders", user, **query).json_body
        accountids = [order["accountid"] for order in page["orders"]]
        if "cursor" not in page:
            return [accountids]
        return [accountids, *self._pages(user, query | {"cursor": page["cursor"]})]


@pytest.fixture
def lists(cloud: Cloud, api: Api) -> Lists:
    """Return the lists of a new customer and a new shop; they are empty."""
    api.customer = log_in_new_customer(cloud)
    return Lists(api)


def test_own_orders_are_listed_by_arrival_newest_first(lists: Lists) -> None:
    api = lists.api
    assert api.own_orders().json_body == {"orders": []}
    shops = {f"{api.vendorid}-{year}": f"{year}-01-01T00:00:00Z" for year in (2021, 2024, 2020)}
    for api.vendorid, date in shops.items():
        api.place(date)
    expected = [
        {**placed_order(api.accountid, vendorid), "orderdate": date}
        for vendorid, date in reversed(shops.items())
    ]
    assert api.own_orders().json_body == {"orders": expected}


def test_queue_has_open_orders_oldest_first(lists: Lists) -> None:
    for number, status in enumerate([*_STATUSES, "placed"]):
        lists.place(f"a{number}", status=status)
    vendorid = lists.api.vendorid
    lists.api.vendorid = f"next to {vendorid}"
    lists.place("elsewhere")
    lists.api.vendorid = vendorid
    statuses = {"a0": "placed", "a1": "preparing", "a2": "ready", "a5": "placed"}
    expected = [
        {**placed_order(accountid, vendorid), "status": status}
        for accountid, status in statuses.items()
    ]
    assert lists.api.queue().json_body["orders"] == expected


@pytest.mark.parametrize(
    ("coffeetype", "expected"), [("Long Black", ["a1", "a0"]), ("Short Black", ["a0", "a1"])]
)
def test_replaced_order_moves_to_the_end_and_repeated_order_stays(
    lists: Lists, coffeetype: str, expected: list[str]
) -> None:
    lists.place("a0", "a1")
    lists.api.accountid = "a0"
    assert lists.api.place(coffeetype=coffeetype).status_code == 200
    assert lists.queue_pages() == [expected]


@pytest.mark.parametrize("status", _STATUSES)
def test_status_filters_both_lists(lists: Lists, status: str) -> None:
    """Collected and cancelled orders are listed newest first, also to the shop."""
    for number in range(3):
        for each in _STATUSES:
            lists.place(f"{each} {number}", status=each)
    oldest_first = [f"{status} {number}" for number in range(3)]
    newest_first = oldest_first[::-1]
    in_queue = newest_first if status in {"collected", "cancelled"} else oldest_first
    for limit in ("1", "2", "100"):  # a filter may leave a page with fewer orders
        queue = lists.queue_pages(status=status, limit=limit)
        assert list(chain(*queue)) == in_queue
        own = lists.own_pages(status=status, limit=limit)
        assert list(chain(*own)) == newest_first


def test_pages_are_full_and_disjoint(lists: Lists) -> None:
    lists.place(*_SIX)
    for limit in (1, 2, 4, 5, 6, 100):
        starts = range(0, 6, limit)
        assert lists.queue_pages(limit=str(limit)) == [_SIX[at : at + limit] for at in starts]
        own_pages = [_SIX[::-1][at : at + limit] for at in starts]
        assert lists.own_pages(limit=str(limit)) == own_pages


def test_cursor_works_in_its_own_list_only(lists: Lists, second_customer: Customer) -> None:
    lists.place("a0", "a1", "a2")
    customer, barista, vendorid = lists.api.customer, lists.api.barista, lists.api.vendorid
    own = lists.api.own_orders(limit="1").json_body["cursor"]
    queue = lists.api.queue(limit="1").json_body["cursor"]
    rejected: list[tuple[Customer, dict[str, str]]] = [
        (second_customer, {"cursor": own}),
        (customer, {"cursor": own, "status": "placed"}),
        (barista, {"cursor": own, "vendorid": vendorid}),
        (barista, {"cursor": queue}),
    ]
    for user, query in rejected:
        response = lists.api.send("GET", "/orders", user, **query)
        assert error(response) == _FOREIGN, query
    # Another page size is the same list.
    assert lists.api.own_orders(cursor=own, limit="2").json_body["orders"]


def test_only_the_unchanged_cursor_is_accepted(api: Api) -> None:
    for api.accountid in ("☕ a?&=/+%", "b"):
        api.place()
    cursor = str(api.own_orders(limit="1").json_body["cursor"])
    assert cursor.replace("-", "").replace("_", "").isalnum()
    assert api.own_orders(cursor=cursor).status_code == 200
    changed_cursors = [
        *[cursor[:-1], cursor + "A", "A" + cursor, cursor.swapcase(), "☕", "e30", "A" * 4096],
        f"{cursor[:9]}*{cursor[9:]}",  # a decoder of base64 may skip the asterisk
    ]
    for changed_cursor in changed_cursors:
        assert error(api.own_orders(cursor=changed_cursor)) == _FOREIGN


@pytest.mark.parametrize(
    ("content", "status"),
    [
        *[(b"", 400), (b"{", 400), (b"[]", 400), (b'["t","a","v","x"]', 400)],
        *[(b'[null,"a","v"]', 400), (b'["","a","v"]', 400), (b'["t","a\\u0000","v"]', 400)],
        *[(b'["\xff","a","v"]', 400), (b'["' + b"9" * 41 + b'","a","v"]', 400)],
        (b'["9999","a","v"]', 200),  # it reads the caller's own list
    ],
)
def test_forged_cursor_is_at_most_a_position(api: Api, content: bytes, status: int) -> None:
    """Anybody who knows the format, which is public, can compute a cursor's checksum."""
    list_id = json.dumps([api.customer.sub, None, None], separators=(",", ":")).encode()
    checksum = blake2b(list_id + content, digest_size=12).digest()
    cursor = urlsafe_b64encode(checksum + content).decode().rstrip("=")
    assert api.own_orders(cursor=cursor).status_code == status
