"""The sign-in page of a train's Wi-Fi is not mistaken for the service."""

import pytest
from playwright.sync_api import Route, expect

from local.service import Service
from tests.e2e.page.browser import Visitor

ANSWERS = {
    "page": {"status": 200, "content_type": "text/html", "body": "<h1>Welcome aboard</h1>"},
    "empty": {"status": 200, "body": ""},
    "list": {"status": 200, "json": ["welcome"]},
    "other object": {"status": 200, "json": {"welcome": "aboard", "order": None, "orders": 1}},
    "refusal": {"status": 403, "content_type": "text/html", "body": "<h1>Sign in first</h1>"},
    "unauthorized": {"status": 401, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
    "511": {"status": 511, "content_type": "text/html", "body": "<h1>Sign in</h1>"},
}
WORDS = "Something other than the service answered."

every_portal = pytest.mark.parametrize("portal", ANSWERS.values(), ids=ANSWERS.keys())


def capture(visitor: Visitor, portal: dict[str, object], pattern: str, method: str) -> None:
    """Let the portal answer what the page asks from now on."""

    def answer(route: Route) -> None:
        if route.request.method == method:
            headers = {"Access-Control-Allow-Origin": "*"}
            route.fulfill(headers=headers, **portal)  # type: ignore[arg-type]
        else:
            route.fallback()

    visitor.page.route(pattern, answer)


@every_portal
def test_an_order_is_not_taken_for_placed(
    customer: Visitor, shop: str, portal: dict[str, object]
) -> None:
    capture(customer, portal, "**/order", "POST")
    customer.order("Mocha", shop)
    customer.says(WORDS)
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.is_signed_in()


@every_portal
def test_a_look_up_is_not_taken_for_answered(visitor: Visitor, portal: dict[str, object]) -> None:
    capture(visitor, portal, "**/order?*", "GET")
    visitor.go_to("Look up")
    visitor.fill(Name_on_the_cup="a0", Shop="v0")
    visitor.press("Look up")
    visitor.says(WORDS)


@every_portal
def test_the_list_of_orders_stays(customer: Visitor, shop: str, portal: dict[str, object]) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    capture(customer, portal, "**/orders", "GET")
    customer.ask_now()
    customer.says(WORDS)
    customer.sees("Mocha", "placed")


@pytest.mark.parametrize("portal", ["page", "empty", "list", "other object"])
def test_a_sign_up_is_not_taken_for_done(visitor: Visitor, service: Service, portal: str) -> None:
    capture(visitor, ANSWERS[portal], f"{service.cloud.endpoint_url}/", "POST")
    visitor.sign_up()
    visitor.says(WORDS)
    expect(visitor.field("E-mail")).to_have_value(visitor.email)


@pytest.mark.parametrize("portal", ["page", "empty", "list", "other object"])
def test_a_refresh_does_not_sign_out(customer: Visitor, service: Service, portal: str) -> None:
    capture(customer, ANSWERS[portal], f"{service.cloud.endpoint_url}/", "POST")
    customer.page.evaluate(
        """() => {
          const kept = JSON.parse(sessionStorage["coffee-orders.session"]);
          sessionStorage["coffee-orders.session"] = JSON.stringify({ ...kept, staleAt: 0 });
        }"""
    )
    customer.page.reload()
    customer.says(WORDS)
    customer.is_signed_in()
