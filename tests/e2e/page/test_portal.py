"""A captive portal, such as the sign-in page of a train's Wi-Fi, answers instead of the service."""

import pytest
from playwright.sync_api import expect

from local.service import Service
from tests.e2e.page.visitor import Visitor

RESPONSES = {
    "page": {"status": 200, "content_type": "text/html", "body": "<h1>Welcome aboard</h1>"},
    "empty": {"status": 200, "body": ""},
    "list": {"status": 200, "json": ["welcome"]},
    "other object": {"status": 200, "json": {"welcome": "aboard", "order": None, "orders": 1}},
    "refusal": {"status": 403, "content_type": "text/html", "body": "<h1>Sign in first</h1>"},
    "unauthorized": {"status": 401, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
    "511": {"status": 511, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
}
ERROR = "Something other than the service answered."

every_portal = pytest.mark.parametrize("portal", RESPONSES)
every_portal_with_200 = pytest.mark.parametrize(
    "portal", [name for name, response in RESPONSES.items() if response["status"] == 200]
)


def capture(visitor: Visitor, portal: str, pattern: str, method: str) -> None:
    """Let the portal answer matching requests from now on."""
    headers = {"Access-Control-Allow-Origin": "*"}
    visitor.respond(pattern, method, headers=headers, **RESPONSES[portal])


@every_portal
def test_order_fails(customer: Visitor, shop: str, portal: str) -> None:
    capture(customer, portal, "**/order", "POST")
    customer.order("Mocha", shop)
    customer.expect_text(ERROR)
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.expect_signed_in()


@every_portal
def test_look_up_fails(visitor: Visitor, portal: str) -> None:
    capture(visitor, portal, "**/order?*", "GET")
    visitor.look_up("a0", "v0")
    visitor.expect_text(ERROR)


@every_portal
def test_list_of_orders_stays(buyer: Visitor, portal: str) -> None:
    capture(buyer, portal, "**/orders", "GET")
    buyer.poll_now()
    buyer.expect_text(ERROR)
    buyer.expect_status("Mocha", "placed")


@every_portal_with_200
def test_sign_up_fails(visitor: Visitor, service: Service, portal: str) -> None:
    capture(visitor, portal, f"{service.cloud.endpoint_url}/", "POST")
    visitor.sign_up()
    visitor.expect_text(ERROR)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)


@every_portal_with_200
def test_failed_refresh_does_not_sign_out(customer: Visitor, service: Service, portal: str) -> None:
    capture(customer, portal, f"{service.cloud.endpoint_url}/", "POST")
    customer.expire_session()
    customer.expect_text(ERROR)
    customer.expect_signed_in()
