"""What a card says of an order: when it was placed, and what it costs in total."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor

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


def order(number: int, orderdate: str, unitprice: str, quantity: str) -> dict[str, object]:
    return {
        "accountid": f"a{number}",
        "vendorid": "v0",
        "orderdate": orderdate,
        "details": {
            "coffeetype": f"Coffee {number}",
            "coffeesize": "Regular",
            "unitprice": unitprice,
            "quantity": quantity,
        },
        "status": "placed",
    }


@pytest.fixture
def cards(sign_in: NewVisitor) -> Locator:
    """Show orders of other clients to a customer in Berlin, and return their cards."""
    visitor: Visitor = sign_in(timezone_id="Europe/Berlin", locale="en-GB")
    dates = [*_TIMES, *(["2026-03-01 08:30"] * (len(_COSTS) - len(_TIMES)))]
    orders = [
        order(number, date, *cost)
        for number, (date, cost) in enumerate(zip(dates, _COSTS, strict=True))
    ]
    visitor.page.route("**/orders", lambda route: route.fulfill(json={"orders": orders}))
    visitor.page.reload()
    return visitor.page.locator("#open-orders > li")


def test_cards_show_when_an_order_was_placed_and_its_total(cards: Locator) -> None:
    expect(cards.locator(".cost")).to_have_text(list(_COSTS.values()))
    shown = cards.locator("time").all_inner_texts()
    assert shown[: len(_TIMES)] == list(_TIMES.values())


def test_todays_order_shows_the_time_alone(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    expect(customer.card("Mocha").locator("time")).to_have_text(re.compile(r"^\d\d:\d\d( [AP]M)?$"))
