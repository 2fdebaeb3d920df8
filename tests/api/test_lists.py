"""The customer's list and the shop's queue: access, sort order, filters and pages."""

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Cloud, Customer, log_in_new_customer
from tests.samples import placed_order

_STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"]
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
    api.customer = log_in_new_customer(cloud.cognito, cloud.pool_id, cloud.client_id)
    return Lists(api)


def test_own_orders_are_newest_first(lists: Lists) -> None:
    api = lists.api
    assert api.own_orders().json_body == {"orders": []}
    shops = [f"{api.vendorid}-{number}" for number in range(3)]
    for api.vendorid in shops:
        api.place()
    expected = [placed_order(api.accountid, vendorid) for vendorid in reversed(shops)]
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


def test_lists_are_sorted_by_arrival(lists: Lists) -> None:
    for lists.api.accountid, year in (("first", 2024), ("second", 2020)):
        lists.api.place(f"{year}-01-01T00:00:00Z")
    assert lists.queue_pages() == [["first", "second"]]
    assert lists.own_pages() == [["second", "first"]]


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


def test_status_filters_both_lists(lists: Lists) -> None:
    for status in _STATUSES:
        lists.place(f"a {status} order", status=status)
    for status in _STATUSES:
        expected = [[f"a {status} order"]]
        assert lists.own_pages(status=status) == lists.queue_pages(status=status) == expected


def test_pages_are_full_and_disjoint(lists: Lists) -> None:
    lists.place(*_SIX)
    for limit in (1, 2, 4, 5, 6, 100):
        pages = [_SIX[start : start + limit] for start in range(0, 6, limit)]
        newest_first = _SIX[::-1]
        own_pages = [newest_first[start : start + limit] for start in range(0, 6, limit)]
        assert lists.queue_pages(limit=str(limit)) == pages
        assert lists.own_pages(limit=str(limit)) == own_pages


@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_shops_closed_orders_are_listed_newest_first(lists: Lists, status: str) -> None:
    lists.place("a0", "a1", "a2", status=status)
    assert lists.queue_pages(status=status, limit="2") == [["a2", "a1"], ["a0"]]


def test_pages_of_one_status_are_complete(lists: Lists) -> None:
    for number in range(9):
        lists.place(f"a{number}", status="preparing" if number % 3 else "placed")
    for limit in ("1", "2", "3", "100"):
        queue = lists.queue_pages(status="placed", limit=limit)
        assert [accountid for page in queue for accountid in page] == ["a0", "a3", "a6"]
        own = lists.own_pages(status="placed", limit=limit)
        assert [accountid for page in own for accountid in page] == ["a6", "a3", "a0"]


def test_default_page_has_20_orders(lists: Lists) -> None:
    lists.place(*(f"a{number}" for number in range(21)))
    assert [len(page) for page in lists.own_pages()] == [20, 1]


def test_cursor_works_in_its_own_list_only(lists: Lists, second_customer: Customer) -> None:
    lists.place("a0", "a1", "a2")
    customer, barista, vendorid = lists.api.customer, lists.api.barista, lists.api.vendorid
    own = lists.api.own_orders(limit="1").json_body["cursor"]
    queue = lists.api.queue(limit="1").json_body["cursor"]
    rejected: list[tuple[Customer, dict[str, str]]] = [
        (second_customer, {"cursor": own}),
        (customer, {"cursor": own, "status": "placed"}),
        (customer, {"cursor": queue}),
        (barista, {"cursor": own, "vendorid": vendorid}),
        (barista, {"cursor": queue}),
        (barista, {"cursor": queue, "vendorid": vendorid, "status": "placed"}),
    ]
    for user, query in rejected:
        response = lists.api.send("GET", "/orders", user, **query)
        assert error(response) == (400, "cursor: does not belong to this list"), query
    # Another page size is the same list.
    assert lists.api.own_orders(cursor=own, limit="2").json_body["orders"]
