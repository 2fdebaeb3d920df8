"""A slow, failing or captive network: the page reports it, keeps the input, retries, and polls."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import HIDE, Visitor

pytestmark = pytest.mark.slow

ORDER = "**/order"


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer with an open order for a latte, whose page has a clock to control."""
    stub.orders = [listed_order("Ann 2", coffeetype="Latte")]
    customer = stub_visitor()
    customer.page.clock.install()
    customer.page.reload()
    customer.expect_status("Latte", "placed")
    return customer


def test_slow_order_is_reported_and_sent_once(customer: Visitor) -> None:
    routes = customer.hold(ORDER, "POST")
    customer.order("Mocha", "v0")
    customer.pass_time(3)
    customer.expect_text("The network is slow. Still waiting for an answer")
    customer.field("Coffee").press("Enter")
    assert len(routes) == 1
    routes[0].fallback()
    customer.expect_status("Mocha", "placed")
    expect(customer.page.locator("#network")).to_be_hidden()


@pytest.mark.parametrize("retry_after", ["3600", "Wed, 25 Nov 2026 12:00:00 GMT"])
def test_busy_service_is_reported(customer: Visitor, retry_after: str) -> None:
    customer.respond(ORDER, "POST", status=429, headers={"Retry-After": retry_after}, json={})
    requests = customer.record_requests("/order")
    customer.order("Mocha", "v0")

    def has_sent_three() -> bool:
        customer.pass_time(3)
        return sum(request.method == "POST" for request in requests) == 3

    customer.wait_until(has_sent_three)
    expect(customer.page.get_by_text("The shop’s system is busy.")).to_be_in_viewport()
    expect(customer.field("Coffee")).to_have_value("Mocha")


@pytest.mark.parametrize(
    ("status", "script", "expected"),
    [
        ("placed", "null", range(5, 8)),  # every 10 s
        ("preparing", "null", range(7, 10)),  # once after 30 s, then every 4 s
        ("ready", "null", range(2, 5)),  # every 20 s
        ("collected", "null", range(1)),
        ("placed", HIDE, range(1, 3)),
    ],
)
def test_polls_in_a_minute(
    customer: Visitor, stub: StubbedService, status: str, script: str, expected: range
) -> None:
    stub.change("Ann 2", status)
    customer.expect_status("Latte", status)
    customer.page.evaluate(script)
    requests = customer.record_requests("/orders")
    for _ in range(60):
        customer.pass_time()
        customer.wait_until(lambda: all(request.timing["responseEnd"] >= 0 for request in requests))
        customer.page.wait_for_timeout(20)  # until the page has handled the responses
    assert len(requests) in expected


@pytest.mark.parametrize(
    "portal",
    [
        {"body": "<h1>Welcome aboard</h1>"},
        {"json": {"welcome": "aboard", "order": None, "orders": 1}},
        {"status": 401, "body": "<h1>Sign in</h1>"},
        {"status": 511, "body": "<h1>Sign in</h1>"},
    ],
)
def test_portal_of_a_network_is_not_the_service(customer: Visitor, portal: dict[str, Any]) -> None:
    customer.respond("**/orders", "GET", **portal)
    customer.poll_now()
    customer.expect_text("This Wi-Fi may want you to sign in to it first.")
    customer.expect_text("What you see may be out of date.")
    customer.respond(ORDER, "POST", **portal)
    customer.order("Mocha", "v0")
    expect(customer.page.get_by_text("Something other than the service")).to_have_count(2)
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.expect_signed_in()
