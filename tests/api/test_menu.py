"""POST /order at a shop with a menu: what it accepts, and at which price."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Send
from tests.fixtures import Customer
from tests.samples import order, ordered, shop_content

Order = Callable[..., HTTPResponse]
Change = Callable[..., None]


@pytest.fixture
def barista(send: Send, barista_of: Callable[[str], Customer], vendorid: str) -> Customer:
    """Return somebody of a shop that has published its menu."""
    barista = barista_of(vendorid)
    send("PUT", "/shop", barista, body={"shop": shop_content()}, vendorid=vendorid)
    return barista


@pytest.fixture
def place(
    send: Send, signed_in_customer: Customer, barista: Customer, accountid: str, vendorid: str
) -> Order:
    """Return a function that orders a small flat white; `details` overrides its details."""
    del barista

    def place(date: str = "2026-03-01T08:30:00Z", **details: Any) -> HTTPResponse:
        wanted = {"coffeetype": "Flat White", "unitprice": "4.50", **details}
        sent = ordered(date, accountid, vendorid, **wanted)
        sent["details"] = {name: value for name, value in sent["details"].items() if value != ""}
        return send("POST", "/order", signed_in_customer, body={"order": sent})

    return place


@pytest.fixture
def change(send: Send, barista: Customer, vendorid: str) -> Change:
    """Return a function that changes the shop, or with `menu` publishes another menu."""

    def change(menu: Any = None, **changes: Any) -> None:
        if menu is not None:
            body = {"shop": {**shop_content(), "menu": menu}}
            answer = send("PUT", "/shop", barista, body=body, vendorid=vendorid)
        else:
            answer = send("PATCH", "/shop", barista, body=changes, vendorid=vendorid)
        assert answer.status_code == 200

    return change


@pytest.mark.parametrize(
    ("sent", "stored"),
    [("4.50", "4.50"), ("4.5", "4.5"), (4.5, "4.5"), ("4.5000", "4.5000"), ("", "4.50")],
)
def test_price_of_the_menu_is_accepted(place: Order, sent: Any, stored: str) -> None:
    answer = place(unitprice=sent)
    assert answer.status_code == 201
    assert answer.json_body["order"]["details"]["unitprice"] == stored


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
        (
            {"coffeetype": "flat white"},
            "order.details.coffeetype: the menu has Flat White, Mocha",
        ),
        ({"coffeetype": "Tea", "unitprice": ""}, "order.details.coffeetype: the menu has Flat"),
    ],
)
def test_what_is_not_on_the_menu_is_refused(
    place: Order, details: dict[str, str], message: str
) -> None:
    refused = place(**details)
    assert (refused.status_code, refused.json_body["Code"]) == (409, "NotOnMenuError")
    assert refused.json_body["Message"].startswith(message)


def test_sold_out_coffee_is_refused(place: Order, change: Change) -> None:
    change(soldout=["Flat White"])
    refused = place()
    assert refused.status_code == 409
    assert refused.json_body == {
        "Code": "SoldOutError",
        "Message": "order.details.coffeetype: Flat White is sold out",
    }
    assert place(coffeetype="Mocha", unitprice="").status_code == 201
    change(soldout=[])
    assert place("2026-03-01T08:31:00Z").status_code == 200


@pytest.mark.parametrize("note", ["Back at 2", ""])
def test_closed_shop_takes_no_orders(place: Order, change: Change, note: str) -> None:
    change(open=False, note=note)
    refused = place()
    assert (refused.status_code, refused.json_body["Code"]) == (409, "ShopClosedError")
    said = f": {note}" if note else ""
    assert refused.json_body["Message"] == f"order.vendorid: Harbour Coffee is closed{said}"
    change(open=True)
    assert place().status_code == 201


@pytest.mark.parametrize("who", ["staff", "customer"])
def test_orders_are_changed_at_a_closed_shop(
    send: Send,
    place: Order,
    change: Change,
    signed_in_customer: Customer,
    barista: Customer,
    accountid: str,
    vendorid: str,
    who: str,
) -> None:
    place()
    change(open=False)
    key = {"accountid": accountid, "vendorid": vendorid}
    if who == "customer":
        assert send("DELETE", "/order", signed_in_customer, **key).status_code == 200
    for status in ("preparing", "ready", "collected") if who == "staff" else ():
        assert send("PATCH", "/order", barista, body={"status": status}, **key).status_code == 200


_DEARER = [
    {"coffeetype": "Flat White", "sizes": [{"coffeesize": "Small", "unitprice": "9"}]},
]


@pytest.mark.parametrize("unitprice", ["4.50", ""])
@pytest.mark.parametrize("how", ["closed", "sold out", "dearer"])
def test_retry_of_a_placed_order_succeeds_whatever_the_menu_says_now(
    place: Order, change: Change, unitprice: str, how: str
) -> None:
    placed = place(unitprice=unitprice)
    if how == "closed":
        change(open=False)
    elif how == "sold out":
        change(soldout=["Flat White"])
    else:
        change(_DEARER)
    retry = place(unitprice=unitprice)
    assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
    assert retry.json_body == placed.json_body  # at the price at which it was placed


@pytest.mark.parametrize("other", [{"quantity": "2"}, {"date": "2026-03-01T08:31:00Z"}])
def test_another_order_is_no_retry(place: Order, change: Change, other: dict[str, str]) -> None:
    place()
    change(open=False)
    assert place(**other).json_body["Code"] == "ShopClosedError"


def test_undated_order_is_no_retry(place: Order, change: Change) -> None:
    place("")
    change(open=False)
    assert place("").json_body["Code"] == "ShopClosedError"


def test_strangers_order_is_no_retry(
    send: Send, second_customer: Customer, place: Order, change: Change
) -> None:
    placed = place().json_body["order"]
    change(open=False)
    sent = {name: placed[name] for name in ("accountid", "vendorid", "orderdate", "details")}
    answer = send("POST", "/order", second_customer, body={"order": sent})
    assert answer.json_body["Code"] == "ShopClosedError"


def test_price_is_needed_where_there_is_no_menu(
    send: Send, signed_in_customer: Customer, accountid: str, vendorid: str
) -> None:
    sent = order(accountid, vendorid)
    del sent["details"]["unitprice"]
    refused = send("POST", "/order", signed_in_customer, body={"order": sent})
    assert refused.status_code == 400
    assert refused.json_body["Message"] == "order.details.unitprice: is missing"


def test_order_is_one_request_while_the_menu_is_cached(
    place: Order, dynamodb_requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(date: str) -> list[str]:
        dynamodb_requests.clear()
        assert place(date).status_code in {200, 201}
        return list(dynamodb_requests)

    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    assert asked("2026-03-01T08:30:00Z") == ["GetItem", "PutItem"]
    now += 4.9
    assert asked("2026-03-01T08:31:00Z") == ["PutItem"]
    now += 0.2
    assert asked("2026-03-01T08:32:00Z") == ["GetItem", "PutItem"]


@pytest.mark.parametrize(("seconds", "status"), [(4.9, 201), (5.1, 503)])
def test_slow_read_of_the_menu_leaves_time_for_the_order(
    place: Order,
    dynamodb_requests: list[str],
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    status: int,
) -> None:
    # The clock stands still but for the read.
    monkeypatch.setattr("time.monotonic", lambda: seconds * dynamodb_requests.count("GetItem"))
    assert place().status_code == status


def test_absence_of_a_menu_is_cached(
    send: Send,
    signed_in_customer: Customer,
    accountid: str,
    vendorid: str,
    dynamodb_requests: list[str],
) -> None:
    for _ in range(2):
        body = {"order": ordered("", accountid, vendorid)}
        send("POST", "/order", signed_in_customer, body=body)
    assert dynamodb_requests == ["GetItem", "PutItem", "PutItem"]


def test_cache_is_bounded(
    send: Send, signed_in_customer: Customer, accountid: str, vendorid: str
) -> None:
    from chalicelib import shops_table  # noqa: PLC0415 - after the environment is set

    for number in range(shops_table._MAX_CACHED + 10):
        shops_table.get_for_order(f"{vendorid}-{number}")
        assert len(shops_table._cache) <= shops_table._MAX_CACHED
    body = {"order": order(accountid, vendorid)}
    assert send("POST", "/order", signed_in_customer, body=body).status_code == 201


@pytest.mark.parametrize(
    ("code", "status"), [("ThrottlingException", 429), ("InternalServerError", 503)]
)
def test_unreadable_shop_is_no_shop_without_a_menu(
    place: Order, monkeypatch: pytest.MonkeyPatch, code: str, status: int
) -> None:
    from botocore.exceptions import ClientError  # noqa: PLC0415

    from chalicelib import dynamodb, shops_table  # noqa: PLC0415 - after the environment is set

    def fail(**_: Any) -> None:
        response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 500}}
        raise ClientError(response, "GetItem")  # type: ignore[arg-type]

    place()
    shops_table._cache.clear()
    monkeypatch.setattr(dynamodb.client, "get_item", fail)
    for _ in range(2):  # the failure is not cached either
        answer = place("2026-03-01T08:31:00Z", unitprice="0.01")
        assert answer.status_code == status
        assert "Retry-After" in answer.headers


def test_example_in_the_openapi_document_is_accepted(
    send: Send, barista: Customer, vendorid: str
) -> None:
    document = send("GET", "/openapi.json").json_body
    for method in ("put", "patch"):
        body = document["paths"]["/shop"][method]["requestBody"]["content"]["application/json"]
        answer = send(method.upper(), "/shop", barista, body=body["example"], vendorid=vendorid)
        assert answer.status_code == 200
