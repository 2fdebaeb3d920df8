"""POST /order at a shop with a menu: accepted orders and prices, retries, the cache."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, error
from tests.fixtures import Customer
from tests.samples import order, shop_content, without_field

Place = Callable[..., HTTPResponse]
_DATE, _LATER = "2026-03-01T08:30:00Z", "2026-03-01T08:31:00Z"


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
    ("unitprice", "stored"),
    [("4.50", "4.50"), ("4.5", "4.5"), (4.5, "4.5"), ("4.5000", "4.5000"), ("", "4.50")],
)
def test_price_of_the_menu_is_accepted(place: Place, unitprice: Any, stored: str) -> None:
    response = place(unitprice=unitprice)
    assert response.status_code == 201
    assert response.json_body["order"]["details"]["unitprice"] == stored


@pytest.mark.parametrize(
    ("details", "message"),
    [
        ({"unitprice": "4.49"}, "order.details.unitprice: a Small Flat White is 4.50"),
        ({"unitprice": "0"}, "order.details.unitprice: a Small Flat White is 4.50"),
        ({"coffeesize": "Large"}, "order.details.unitprice: a Large Flat White is 5.20"),
        ({"coffeesize": "Huge"}, "order.details.coffeesize: Flat White comes in Small, Large"),
        (
            {"coffeetype": "Mocha", "coffeesize": "Large"},
            "order.details.coffeesize: Mocha comes in Small",
        ),
        ({"coffeetype": "flat white"}, "order.details.coffeetype: the menu has Flat White, Mocha"),
        ({"coffeetype": "Tea", "unitprice": ""}, "order.details.coffeetype: the menu has Flat"),
    ],
)
def test_order_that_differs_from_the_menu_is_rejected(
    place: Place, details: dict[str, str], message: str
) -> None:
    response = place(**details)
    assert (response.status_code, response.json_body["Code"]) == (409, "NotOnMenuError")
    assert response.json_body["Message"].startswith(message)


@pytest.mark.parametrize("coffeetype", ["Flat\u200b White", "Flat\u00ad White\ufe0f"])
def test_coffee_that_looks_the_same_is_on_the_menu(place: Place, coffeetype: str) -> None:
    response = place(coffeetype=coffeetype, coffeesize="Sma\u200dll")
    assert response.status_code == 201
    assert response.json_body["order"]["details"]["coffeetype"] == coffeetype


def test_sold_out_coffee_is_rejected(api: Api, place: Place) -> None:
    api.change_shop(soldout={"Flat White": True})
    response = place()
    assert response.status_code == 409
    assert response.json_body == {
        "Code": "SoldOutError",
        "Message": "order.details.coffeetype: Flat White is sold out",
    }
    assert place(coffeetype="Mocha", unitprice="").status_code == 201
    api.change_shop(soldout={"Flat White": False})
    assert place(_LATER).status_code == 200


@pytest.mark.parametrize(("note", "suffix"), [("Back at 2", ": Back at 2"), ("", "")])
def test_closed_shop_accepts_no_orders(api: Api, place: Place, note: str, suffix: str) -> None:
    api.change_shop(open=False, note=note)
    response = place()
    assert error(response) == (409, f"order.vendorid: Harbour Coffee is closed{suffix}")
    assert response.json_body["Code"] == "ShopClosedError"
    api.change_shop(open=True)
    assert place().status_code == 201


@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_status_can_change_at_a_closed_shop(api: Api, place: Place, status: str) -> None:
    place()
    api.change_shop(open=False)
    api.advance_to(status)
    assert api.get()["status"] == status


_DEARER_MENU = [
    {"coffeetype": "Flat White", "sizes": [{"coffeesize": "Small", "unitprice": "9"}]},
]
_MENU_CHANGES: dict[str, Callable[[Api], HTTPResponse]] = {
    "closed": lambda api: api.change_shop(open=False),
    "sold out": lambda api: api.change_shop(soldout={"Flat White": True}),
    "dearer": lambda api: api.publish({**shop_content(), "menu": _DEARER_MENU}),
}


@pytest.mark.parametrize("unitprice", ["4.50", ""])
@pytest.mark.parametrize("change", _MENU_CHANGES)
def test_retry_succeeds_after_a_change_of_the_menu(
    api: Api, place: Place, unitprice: str, change: str
) -> None:
    first = place(unitprice=unitprice)
    assert _MENU_CHANGES[change](api).status_code == 200
    retry = place(unitprice=unitprice)
    assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
    assert retry.json_body == first.json_body  # with the price of the first attempt


@pytest.mark.parametrize("unitprice", ["4.50", ""])
@pytest.mark.parametrize(
    ("field", "value"), [("coffeesize", "Large"), ("quantity", "2"), ("note", "oat milk")]
)
def test_order_is_identical_if_all_that_was_sent_is(
    place: Place, field: str, value: str, unitprice: str
) -> None:
    """At the same date, a change of any field is a correction."""
    price = {"unitprice": unitprice and "5.20"} if field == "coffeesize" else {}
    corrected = {"unitprice": unitprice, field: value, **price}
    outcomes = [
        place(**details).headers["Order-Outcome"]
        for details in ({"unitprice": unitprice}, corrected, corrected, {"unitprice": unitprice})
    ]
    assert outcomes == ["placed", "replaced", "unchanged", "replaced"]


def test_every_detail_is_part_of_the_identity() -> None:
    from chalicelib.orders import RequestedDetails  # noqa: PLC0415

    tested = {"coffeetype", "coffeesize", "unitprice", "quantity", "note"}
    assert tested == set(RequestedDetails.__struct_fields__)


def test_order_keeps_the_currency_of_its_menu(api: Api, place: Place) -> None:
    assert place().json_body["order"]["currency"] == "EUR"
    api.publish({**shop_content(), "currency": "JPY"})
    assert api.get()["currency"] == "EUR"
    for response in (place(), api.set_status("preparing"), api.set_status("ready")):
        assert response.json_body["order"]["currency"] == "EUR"
    (listed_order,) = api.send("GET", "/orders", api.barista, vendorid=api.vendorid).json_body[
        "orders"
    ]
    assert listed_order["currency"] == "EUR"


def test_retry_without_a_price_succeeds_while_no_menu_is_cached(api: Api, place: Place) -> None:
    from chalicelib import shops_table  # noqa: PLC0415 - after the environment is set

    first = place(unitprice="")
    shops_table._cache[api.vendorid] = (time.monotonic(), None)
    retry = place(unitprice="")
    assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
    assert retry.json_body == first.json_body
    missing_price = (400, "order.details.unitprice: is missing")
    assert error(place(unitprice="", quantity="2")) == missing_price
    assert error(place(_LATER, unitprice="")) == missing_price


def test_other_orders_are_not_a_retry(api: Api, place: Place, second_customer: Customer) -> None:
    place()
    api.change_shop(open=False)
    for response in (place(quantity="2"), place(_LATER), place(user=second_customer)):
        assert response.json_body["Code"] == "ShopClosedError"
    api.change_shop(open=True)
    place("")
    api.change_shop(open=False)
    assert place("").json_body["Code"] == "ShopClosedError"


def test_menu_is_cached_for_5_seconds(
    place: Place, dynamodb_requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    # A read takes 0.3 seconds; the age of the menu counts from its start.
    monkeypatch.setattr("time.monotonic", lambda: now + 0.3 * dynamodb_requests.count("GetItem"))
    place()
    assert dynamodb_requests == ["GetItem", "PutItem"]
    now += 4.6
    place(_LATER)
    assert dynamodb_requests == ["GetItem", "PutItem", "PutItem"]
    now += 0.2
    place("2026-03-01T08:32:00Z")
    assert dynamodb_requests == ["GetItem", "PutItem", "PutItem", "GetItem", "PutItem"]


def test_vendor_without_a_menu_needs_a_price(api: Api, dynamodb_requests: list[str]) -> None:
    for _ in range(2):  # the second order uses the cache
        api.place("")
    assert dynamodb_requests == ["GetItem", "PutItem", "PutItem"]
    body = {"order": without_field("details.unitprice") | api.key}
    response = api.send("POST", "/order", api.customer, body=body)
    assert error(response) == (400, "order.details.unitprice: is missing")


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


def test_cache_is_bounded(api: Api) -> None:
    from chalicelib import shops_table  # noqa: PLC0415 - after the environment is set

    for number in range(shops_table._MAX_CACHED + 10):
        shops_table.get_for_order(f"{api.vendorid}-{number}")
        assert len(shops_table._cache) <= shops_table._MAX_CACHED
    assert api.place().status_code == 201


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 429), ("InternalServerError", 503)]
)
def test_unreadable_menu_rejects_orders(
    place: Place, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    from chalicelib import dynamodb  # noqa: PLC0415 - after the environment is set

    def fail(**_: Any) -> None:
        response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 500}}
        raise ClientError(response, "GetItem")  # type: ignore[arg-type]

    place()
    monkeypatch.setattr(dynamodb.client, "get_item", fail)
    expired = time.monotonic() + 5.1
    monkeypatch.setattr("time.monotonic", lambda: expired)
    for _ in range(2):  # the failure is not cached
        response = place(_LATER)
        assert response.status_code == status
        assert "Retry-After" in response.headers
