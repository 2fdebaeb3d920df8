"""The cards of orders: when an order was placed, and its total price."""

import re

from playwright.sync_api import expect

from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import listed_order
from tests.e2e.page.visitor import Visitor

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


def test_cards_show_time_and_total(sign_in: NewVisitor) -> None:
    customer = sign_in(timezone_id="Europe/Berlin", locale="en-GB")
    dates = [*_TIMES, *(["2026-03-01 08:30"] * (len(_COSTS) - len(_TIMES)))]
    orders = [
        {**listed_order(f"a{number}", unitprice=price, quantity=quantity), "orderdate": date}
        for number, (date, (price, quantity)) in enumerate(zip(dates, _COSTS, strict=True))
    ]
    customer.respond("**/orders", json={"orders": orders})
    customer.page.reload()
    cards = customer.page.locator("#open-orders > li")
    expect(cards.locator(".cost")).to_have_text(list(_COSTS.values()))
    times = cards.locator("time").all_inner_texts()
    assert times[: len(_TIMES)] == list(_TIMES.values())


def test_order_of_today_shows_only_the_time(buyer: Visitor) -> None:
    expect(buyer.card("Mocha").locator("time")).to_have_text(re.compile(r"^\d\d:\d\d( [AP]M)?$"))
