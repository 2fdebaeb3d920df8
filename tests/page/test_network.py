"""A slow, failing or captive network: the page reports it, keeps the input, retries, and polls."""

from collections.abc import Callable, Collection

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import COGNITO_URL, StubbedService, listed_order
from tests.page.visitor import Visitor

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


def test_busy_service_is_asked_again(customer: Visitor) -> None:
    busy = {"status": 503, "headers": {"Retry-After": "1"}, "json": {"Code": "Busy"}}
    customer.page.route(ORDER, lambda route: route.fulfill(**busy), times=1)
    customer.place_order("Mocha", "v0")


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


def test_input_survives_being_offline(customer: Visitor, stub: StubbedService) -> None:
    customer.page.context.set_offline(True)
    customer.expect_text("You are offline. What you type is kept.")
    customer.expect_accessible("offline")
    customer.order("Mocha", "v0")
    customer.expect_text("Nothing you typed is lost")
    customer.page.context.set_offline(False)
    expect(customer.page.locator("#network")).to_be_hidden()
    expect(customer.page.get_by_text("Nothing you typed is lost")).to_be_hidden()
    assert len(stub.orders) == 1
    customer.press("Order")
    customer.expect_status("Mocha", "placed")


# Headless Chromium never hides a tab.
HIDE = """
Object.defineProperty(document, "hidden", { value: true });
document.dispatchEvent(new Event("visibilitychange"));
"""


@pytest.mark.parametrize(
    ("status", "prepare", "expected"),
    [
        ("placed", lambda _: None, range(5, 8)),  # every 10 s
        ("preparing", lambda _: None, range(7, 10)),  # once after 30 s, then every 4 s
        ("ready", lambda _: None, range(2, 5)),  # every 20 s
        ("collected", lambda _: None, [0]),
        ("placed", lambda customer: customer.respond("**/orders", "GET", status=500), range(6)),
        ("placed", lambda customer: customer.page.evaluate(HIDE), range(1, 3)),
        ("placed", lambda customer: customer.go_to("Look up"), [0]),
    ],
    ids=["placed", "preparing", "ready", "collected", "failing", "hidden tab", "another part"],
)
def test_polls_in_a_minute(
    customer: Visitor,
    stub: StubbedService,
    status: str,
    prepare: Callable[[Visitor], object],
    expected: Collection[int],
) -> None:
    stub.change("Ann 2", status=status)
    customer.expect_status("Latte", status)
    prepare(customer)
    requests = customer.record_requests("/orders")
    for _ in range(60):
        customer.pass_time()
        customer.wait_until(lambda: all(request.timing["responseEnd"] >= 0 for request in requests))
        customer.page.wait_for_timeout(20)  # until the page has handled the responses
    assert len(requests) in expected


# A captive portal, such as the sign-in page of a train's Wi-Fi, answers instead of the service.
PORTAL_RESPONSES = {
    "page": {"status": 200, "content_type": "text/html", "body": "<h1>Welcome aboard</h1>"},
    "empty": {"status": 200, "body": ""},
    "list": {"status": 200, "json": ["welcome"]},
    "other object": {"status": 200, "json": {"welcome": "aboard", "order": None, "orders": 1}},
    "unauthorized": {"status": 401, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
    "511": {"status": 511, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
}
LOOK_UP = "#look-up?accountid=a&vendorid=b"
PORTAL_ERROR = "Something other than the service answered."


@pytest.mark.parametrize("portal", PORTAL_RESPONSES)
def test_order_at_a_portal_is_not_sent(customer: Visitor, portal: str) -> None:
    customer.respond(ORDER, "POST", **PORTAL_RESPONSES[portal])
    customer.order("Mocha", "v0")
    customer.expect_text(PORTAL_ERROR)
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.expect_signed_in()


def test_other_requests_fail_at_a_portal(customer: Visitor) -> None:
    other_object = PORTAL_RESPONSES["other object"]
    customer.respond("**/orders", "GET", **other_object)
    customer.poll_now()
    customer.expect_text(f"{PORTAL_ERROR} This Wi-Fi may want you to sign in to it first.")
    customer.expect_text("What you see may be out of date.")
    customer.expect_status("Latte", "placed")
    customer.respond(COGNITO_URL, "POST", **other_object)
    customer.press("Sign out")
    customer.sign_up()
    customer.expect_text(PORTAL_ERROR)
