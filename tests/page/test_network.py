"""A slow, failing or captive network: the page reports it, keeps the input, retries, and polls."""

from collections.abc import Callable, Collection

import pytest
from playwright.sync_api import Route, expect

from tests.page.conftest import NewVisitor
from tests.page.stub import COGNITO_URL, StubbedService, listed_order
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def customer(stub_visitor: NewVisitor) -> Visitor:
    return stub_visitor()


@pytest.fixture
def visitor(stub_visitor: NewVisitor) -> Visitor:
    return stub_visitor(username=None)


@pytest.fixture
def buyer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer with an open order for a mocha."""
    stub.orders = [listed_order("Ann", coffeetype="Mocha")]
    buyer = stub_visitor()
    buyer.expect_status("Mocha", "placed")
    return buyer


def test_slow_order_is_reported_and_sent_once(customer: Visitor) -> None:
    routes = customer.hold("**/order")
    customer.order("Mocha", "v0")
    customer.expect_text("The network is slow. Still waiting for an answer")
    customer.field("Coffee").press("Enter")
    assert len(routes) == 1
    routes[0].fallback()
    customer.expect_status("Mocha", "placed")
    expect(customer.page.locator("#network")).to_be_hidden()


@pytest.mark.parametrize("status", [429, 503])
def test_busy_service_is_retried(customer: Visitor, status: int) -> None:
    def reject(route: Route) -> None:
        route.fulfill(status=status, headers={"Retry-After": "1"}, json={"Code": "Busy"})

    customer.page.route("**/order", reject, times=1)
    customer.place_order("Mocha", "v0")


@pytest.mark.parametrize("retry_after", ["3600", "Wed, 25 Nov 2026 12:00:00 GMT", "-1", ""])
def test_busy_service_is_reported(customer: Visitor, retry_after: str) -> None:
    customer.respond("**/order", status=429, headers={"Retry-After": retry_after}, json={})
    customer.order("Mocha", "v0")
    customer.expect_text("The shop’s system is busy.")
    expect(customer.field("Coffee")).to_have_value("Mocha")


def test_outdated_list_is_reported_and_stays(buyer: Visitor) -> None:
    buyer.block("**/orders")
    buyer.poll_now()
    buyer.expect_text("What you see may be out of date.")
    buyer.expect_status("Mocha", "placed")


@pytest.fixture
def polling_customer(buyer: Visitor) -> Visitor:
    """Return a customer with an open order, whose page has a clock that the test controls."""
    buyer.page.clock.install()
    buyer.page.reload()
    buyer.expect_status("Mocha", "placed")
    return buyer


def polls_in(customer: Visitor, seconds: int) -> int:
    """Advance the page's clock, and count the requests for the list of orders."""
    requests = customer.record_requests("/orders")
    for _ in range(seconds):
        customer.page.clock.run_for(1000)
        customer.wait_until(lambda: all(request.timing["responseEnd"] >= 0 for request in requests))
        customer.page.wait_for_timeout(20)  # until the page has handled the responses
    return len(requests)


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [
        (lambda _: None, range(5, 8)),  # a placed order, every 10 s
        (lambda customer: customer.respond("**/orders", status=500, json={}), range(6)),
        (lambda customer: customer.set_hidden(True), range(1, 3)),
        (lambda customer: customer.go_to("Look up"), [0]),
    ],
    ids=["open order", "failing service", "hidden tab", "another tab of the page"],
)
def test_polls_in_a_minute(
    polling_customer: Visitor, prepare: Callable[[Visitor], None], expected: Collection[int]
) -> None:
    prepare(polling_customer)
    assert polls_in(polling_customer, 60) in expected


def test_shown_tab_polls_at_once(polling_customer: Visitor) -> None:
    polling_customer.set_hidden(True)
    requests = polling_customer.record_requests("/orders")
    polling_customer.set_hidden(False)
    polling_customer.wait_until(lambda: requests)
    polling_customer.page.wait_for_timeout(200)
    assert len(requests) == 1


def test_polling_stops_without_an_open_order(polling_customer: Visitor) -> None:
    polling_customer.press("Cancel 1 × Small Mocha")
    polling_customer.expect_status("Mocha", "cancelled")
    polls_in(polling_customer, 6)  # one more poll, as the list may lag behind
    assert polls_in(polling_customer, 60) == 0


# A captive portal, such as the sign-in page of a train's Wi-Fi, answers instead of the service.
PORTAL_RESPONSES = {
    "page": {"status": 200, "content_type": "text/html", "body": "<h1>Welcome aboard</h1>"},
    "empty": {"status": 200, "body": ""},
    "list": {"status": 200, "json": ["welcome"]},
    "other object": {"status": 200, "json": {"welcome": "aboard", "order": None, "orders": 1}},
    "forbidden": {"status": 403, "content_type": "text/html", "body": "<h1>Sign in first</h1>"},
    "unauthorized": {"status": 401, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
    "511": {"status": 511, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
}
PORTAL_ERROR = "Something other than the service answered."

every_portal = pytest.mark.parametrize("portal", PORTAL_RESPONSES)
every_portal_with_200 = pytest.mark.parametrize("portal", ["page", "empty", "list", "other object"])


def capture(visitor: Visitor, portal: str, pattern: str, method: str) -> None:
    """Let the portal respond to matching requests from now on."""
    headers = {"Access-Control-Allow-Origin": "*"}
    visitor.respond(pattern, method, headers=headers, **PORTAL_RESPONSES[portal])


@every_portal
def test_requests_fail_at_a_portal(customer: Visitor, portal: str) -> None:
    capture(customer, portal, "**/order", "POST")
    customer.order("Mocha", "v0")
    customer.expect_text(PORTAL_ERROR)
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.expect_signed_in()
    capture(customer, portal, "**/order?*", "GET")
    customer.look_up("a0", "v0")
    customer.expect_text(PORTAL_ERROR)


@every_portal
def test_list_stays_at_a_portal(buyer: Visitor, portal: str) -> None:
    capture(buyer, portal, "**/orders", "GET")
    buyer.poll_now()
    buyer.expect_text(PORTAL_ERROR)
    buyer.expect_status("Mocha", "placed")


@every_portal_with_200
def test_sign_up_fails_at_a_portal(visitor: Visitor, portal: str) -> None:
    capture(visitor, portal, COGNITO_URL, "POST")
    visitor.sign_up()
    visitor.expect_text(PORTAL_ERROR)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)


@every_portal_with_200
def test_portal_does_not_sign_out(customer: Visitor, portal: str) -> None:
    capture(customer, portal, COGNITO_URL, "POST")
    customer.expire_session()
    customer.expect_text(PORTAL_ERROR)
    customer.expect_signed_in()
