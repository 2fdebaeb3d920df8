"""POST /order at a shop with a menu: accepted orders and prices, retries, the cache."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from chalicelib.errors import ServiceUnavailableError
from chalicelib.orders import RequestedDetails
from tests.api.conftest import Api, error
from tests.fixtures import Customer
from tests.samples import order, shop_content

Place = Callable[..., HTTPResponse]
_DATE, _LATER = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"
_MISSING_PRICE = (400, "order.details.unitprice: is missing")


@pytest.fixture
def place(api: Api) -> Place:
    """Publish a menu; return a function that orders a small flat white from it.

    `details` overrides the order's details. An empty detail is left out.
    """
    api.publish()

    def place(date: str = _DATE, user: Customer | None = None, **details: Any) -> HTTPResponse:
        details = {"coffeetype": "Flat White", "unitprice": "4.50", **details}
        body = order(orderdate=date, **api.key, **details)
        body["details"] = {name: value for name, value in body["details"].items() if value != ""}
        return api.send("POST", "/order", user or api.customer, body={"order": body})

    return place


@pytest.mark.parametrize(
    ("details", "stored"),
    [
        *[({"unitprice": price}, {"unitprice": str(price)}) for price in ("4.5", 4.5)],
        ({"unitprice": ""}, {"unitprice": "4.50"}),
        # A name that looks the same is on the menu.
        ({"coffeesize": "Sma\u200dll"}, {"coffeesize": "Sma\u200dll", "unitprice": "4.50"}),
        ({"coffeetype": "Flat\u200b White"}, {"coffeetype": "Flat\u200b White"}),
    ],
)
def test_order_that_agrees_with_the_menu_is_accepted(
    place: Place, details: dict[str, Any], stored: dict[str, str]
) -> None:
    response = place(**details)
    assert response.status_code == 201
    assert response.json_body["order"]["details"].items() >= stored.items()


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"unitprice": "4.49"}, "unitprice: a Small Flat White is 4.50 EUR"),
        ({"coffeesize": "Large"}, "unitprice: a Large Flat White is 5.20 EUR"),
        ({"coffeesize": "Huge"}, "coffeesize: Flat White comes in Small, Large"),
        ({"coffeetype": "flat white"}, "coffeetype: the menu has Flat White, Mocha"),
        ({"coffeetype": "Tea", "unitprice": ""}, "coffeetype: the menu has Flat White, Mocha"),
    ],
)
def test_order_that_differs_from_the_menu_is_rejected(
    place: Place, details: dict[str, str], message: str
) -> None:
    response = place(**details)
    assert error(response) == (409, f"order.details.{message}")
    assert response.json_body["Code"] == "NotOnMenuError"


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"open": False}, "ShopClosedError", "vendorid: Harbour Coffee is closed"),
        (
            {"open": False, "note": "Back at 2"},
            "ShopClosedError",
            "vendorid: Harbour Coffee is closed: Back at 2",
        ),
        (
            {"soldout": {"Flat White": True}},
            "SoldOutError",
            "details.coffeetype: Flat White is sold out",
        ),
    ],
)
def test_closed_shop_and_sold_out_coffee_take_no_orders(
    api: Api, place: Place, changes: dict[str, Any], code: str, message: str
) -> None:
    api.change_shop(**changes)
    response = place()
    assert error(response) == (409, f"order.{message}")
    assert response.json_body["Code"] == code
    api.change_shop(open=True, soldout={"Flat White": False, "Mocha": True})
    assert place().status_code == 201


_SMALL_FOR_9 = {"coffeetype": "Flat White", "sizes": [{"coffeesize": "Small", "unitprice": "9"}]}


@pytest.mark.parametrize("unitprice", ["4.50", ""])
@pytest.mark.parametrize(
    "change_menu",
    [
        lambda api: api.change_shop(open=False),
        lambda api: api.change_shop(soldout={"Flat White": True}),
        lambda api: api.publish({**shop_content(), "menu": [_SMALL_FOR_9]}),
    ],
)
def test_retry_succeeds_after_a_change_of_the_menu(
    api: Api, place: Place, unitprice: str, change_menu: Callable[[Api], HTTPResponse]
) -> None:
    first = place(unitprice=unitprice)
    assert change_menu(api).status_code == 200
    retry = place(unitprice=unitprice)
    assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
    assert retry.json_body == first.json_body  # with the price of the first attempt


_CORRECTIONS = {
    "coffeetype": {"coffeetype": "Mocha", "unitprice": "5"},
    "coffeesize": {"coffeesize": "Large", "unitprice": "5.20"},
    "unitprice": {"unitprice": "4.5"},
    "quantity": {"quantity": "2"},
    "note": {"note": "oat milk"},
}


@pytest.mark.parametrize("field", RequestedDetails.__struct_fields__)
@pytest.mark.parametrize("sends_price", [True, False])
def test_order_is_identical_if_all_that_was_sent_is(
    place: Place, field: str, sends_price: bool
) -> None:
    """At the same date, a change of any field is a correction."""
    first, corrected = {"unitprice": "4.50"}, _CORRECTIONS[field]
    if not sends_price and field != "unitprice":
        first, corrected = {"unitprice": ""}, {**corrected, "unitprice": ""}
    orders = (first, corrected, corrected, first)
    outcomes = [place(**details).headers["Order-Outcome"] for details in orders]
    assert outcomes == ["placed", "replaced", "unchanged", "replaced"]


def test_order_keeps_the_currency_of_its_menu(api: Api, place: Place) -> None:
    assert place().json_body["order"]["currency"] == "EUR"
    api.publish({**shop_content(), "currency": "JPY"})
    for response in (place(), api.look_up(), api.set_status("preparing")):
        assert response.json_body["order"]["currency"] == "EUR"


def test_retry_without_a_price_succeeds_while_no_menu_is_cached(
    api: Api, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = place(unitprice="")
    cache = {api.vendorid: (time.monotonic(), None)}
    monkeypatch.setattr("chalicelib.shops_table._cache", cache)
    retry = place(unitprice="")
    assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
    assert retry.json_body == first.json_body
    assert error(place(unitprice="", quantity="2")) == _MISSING_PRICE
    assert error(place(_LATER, unitprice="")) == _MISSING_PRICE


def test_other_orders_are_not_a_retry(api: Api, place: Place, second_customer: Customer) -> None:
    place()
    api.change_shop(open=False)
    for response in (place(quantity="2"), place(_LATER), place(user=second_customer)):
        assert response.json_body["Code"] == "ShopClosedError"
    api.advance_to("cancelled")
    assert place().json_body["Code"] == "ShopClosedError"
    api.change_shop(open=True)
    place("")
    api.change_shop(open=False)
    assert place("").json_body["Code"] == "ShopClosedError"


def test_menu_is_cached_for_5_seconds(
    place: Place, dynamodb_requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    # A read takes 0.3 seconds; the age of the menu counts from its start.
    monkeypatch.setattr("time.monotonic", lambda: now + 0.3 * ("GetItem" in dynamodb_requests))
    for seconds, expected in (
        (0, ["GetItem", "PutItem"]),
        (4.9, ["PutItem"]),
        (0.2, ["GetItem", "PutItem"]),
    ):
        now += seconds
        dynamodb_requests.clear()
        place("")
        assert dynamodb_requests == expected


@pytest.mark.parametrize(("seconds", "status"), [(4.9, 201), (5.1, 503)])
def test_slow_read_of_the_menu_leaves_time_for_the_order(
    place: Place,
    dynamodb_requests: list[str],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    status: int,
) -> None:
    # On this clock, only the read takes time.
    monkeypatch.setattr("time.monotonic", lambda: seconds * dynamodb_requests.count("GetItem"))
    assert place().status_code == status


def test_cache_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    cache: dict[str, Any] = {}
    monkeypatch.setattr("chalicelib.shops_table._cache", cache)
    monkeypatch.setattr("chalicelib.shops_table._MAX_CACHED", 2)
    for api.vendorid in (f"{api.vendorid}-{number}" for number in range(4)):
        assert api.place().status_code == 201
        assert api.vendorid in cache
        assert len(cache) <= 2


def test_unreadable_menu_rejects_orders_and_is_not_cached(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ServiceUnavailableError

    with monkeypatch.context() as patch:
        patch.setattr("chalicelib.dynamodb.get_item", fail)
        assert place().status_code == 503
    assert place(unitprice="9").json_body["Code"] == "NotOnMenuError"
