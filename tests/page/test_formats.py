"""Formats: numbers as people type them, cards as they are shown, and stored values."""

import re
from itertools import cycle

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

_COSTS = {
    ("4.50", "2"): "2 × 4.50 = 9.00",
    ("4.5", "1"): "4.50",
    ("0.1", "3"): "3 × 0.1 = 0.30",
    ("0", "1000"): "1000 × 0 = 0.00",
    ("0.0001", "3"): "3 × 0.0001 = 0.0003",
    ("100000.0000", "1000"): "1000 × 100000.0000 = 100000000.00",
    ("99999.9999", "999"): "999 × 99999.9999 = 99899999.9001",
}
_TIMES = {
    "2026-03-01T08:30:00Z": "1 Mar 2026, 09:30",
    "2026-03-01 08:30:00.123456": "1 Mar 2026, 08:30",
    "2026-03-01T08:30:00.123456789+02:00": "1 Mar 2026, 07:30",
    "2026-03-01 08:30": "1 Mar 2026, 08:30",
}


@pytest.mark.parametrize(
    ("price", "cups", "cost"),
    [
        ("4,50", "1", "4.50"),
        ("4,5", "1", "4.50"),
        (",50", "1", "0.50"),
        ("٤٫٥٠", "٢", "2 × 4.50 = 9.00"),
    ],
)
def test_local_number_formats_are_accepted(
    stub_visitor: NewVisitor, price: str, cups: str, cost: str
) -> None:
    customer = stub_visitor()
    customer.place_order("Mocha", "v0", Price_of_a_cup=price, Cups=cups)
    expect(customer.card("Mocha").locator(".cost")).to_have_text(cost)
    # The time of an order of today has no date.
    expect(customer.card("Mocha").locator("time")).to_have_text(re.compile(r"^\d\d:\d\d( [AP]M)?$"))


def test_cards_show_time_and_total(stub_visitor: NewVisitor, stub: StubbedService) -> None:
    stub.orders = [
        {**listed_order(f"a{number}", unitprice=price, quantity=quantity), "orderdate": date}
        for number, (date, (price, quantity)) in enumerate(zip(cycle(_TIMES), _COSTS))
    ]
    customer = stub_visitor(timezone_id="Europe/Berlin", locale="en-GB")
    cards = customer.page.locator("#open-orders > li")
    expect(cards.locator(".cost")).to_have_text(list(_COSTS.values()))
    times = cards.locator("time").all_inner_texts()
    assert times[: len(_TIMES)] == list(_TIMES.values())


@pytest.mark.parametrize("size", ["Bucket", "Very  large"])
def test_size_of_another_client_survives_a_reload(
    stub_visitor: NewVisitor, stub: StubbedService, size: str
) -> None:
    stub.orders = [listed_order("Ann", "collected", coffeesize=size)]
    customer = stub_visitor()
    customer.page.locator("button", has_text="Order again").click()
    customer.page.reload()
    expect(customer.field("Size")).to_have_value(size)
    customer.press("Order")
    customer.expect_status("Short Black", "placed")
    assert stub.order("Ann")["details"]["coffeesize"] == size


@pytest.mark.parametrize(
    "draft",
    [
        "{not JSON",
        "null",
        "7",
        '["Mocha"]',
        '{"coffeetype": "Mocha", "milk": "oat", "length": "1", "quantity": 3, "coffeesize": null}',
        '{"coffeetype": "Mocha", "coffeesize": {"a": 1}, "vendorid": ["v0"]}',
    ],
)
def test_invalid_draft_is_ignored(stub_visitor: NewVisitor, draft: str) -> None:
    customer = stub_visitor()
    customer.page.evaluate("draft => sessionStorage['coffee-orders.draft'] = draft", draft)
    customer.page.reload()
    customer.expect_signed_in()
    expect(customer.field("Coffee")).to_have_value("Mocha" if "coffeetype" in draft else "")
    expect(customer.field("Size")).to_have_value("Regular")
    expect(customer.field("Cups")).to_have_value("1")


@pytest.mark.parametrize(
    "session", ["{not JSON", "[]", '{"idToken": "a.b.c"}', '{"idToken": 7, "refreshToken": "x"}']
)
def test_invalid_session_is_ignored(stub_visitor: NewVisitor, session: str) -> None:
    visitor: Visitor = stub_visitor(username=None)
    visitor.page.evaluate("value => sessionStorage['coffee-orders.session'] = value", session)
    visitor.page.reload()
    visitor.expect_signed_out()
