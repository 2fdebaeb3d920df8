"""Signing out is final: no answer that was still on its way undoes it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from local.service import Service
from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor


def expire_token(visitor: Visitor, **changes: str) -> None:
    """Make the page refresh its token before the next request."""
    visitor.page.evaluate(
        """(changes) => {
          const kept = JSON.parse(sessionStorage["coffee-orders.session"]);
          const expired = { ...kept, ...changes, staleAt: 0 };
          sessionStorage["coffee-orders.session"] = JSON.stringify(expired);
        }""",
        changes,
    )
    visitor.page.reload()


def is_signed_out(visitor: Visitor) -> None:
    expect(visitor.page.locator("#to-sign-in")).to_be_visible()
    assert visitor.page.evaluate("sessionStorage.getItem('coffee-orders.session')") is None
    visitor.page.reload()
    expect(visitor.page.locator("#to-sign-in")).to_be_visible()


def test_sign_out_during_a_token_refresh_lasts(customer: Visitor, service: Service) -> None:
    page = customer.page
    held: list[Route] = []

    def hold_refreshes(route: Route) -> None:
        if "REFRESH_TOKEN" in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page.route(f"{service.cloud.endpoint_url}/", hold_refreshes)
    expire_token(customer)
    page.wait_for_timeout(300)
    customer.press("Sign out")
    assert held
    with page.expect_response(f"{service.cloud.endpoint_url}/"):
        held[0].continue_()
    page.wait_for_timeout(200)
    is_signed_out(customer)


def order(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)


def cancel(customer: Visitor, _shop: str) -> None:
    customer.press("Cancel 1 × Regular Flat White")


@pytest.mark.parametrize(("method", "act"), [("POST", order), ("DELETE", cancel)])
def test_an_answer_after_sign_out_shows_nothing(
    customer: Visitor, shop: str, method: str, act: Callable[[Visitor, str], None]
) -> None:
    customer.order("Flat White", f"{shop}b")
    customer.sees("Flat White", "placed")
    held: list[Route] = []

    def hold(route: Route) -> None:
        if route.request.method == method:
            held.append(route)
        else:
            route.continue_()

    customer.page.route("**/order*", hold)
    with customer.page.expect_request(lambda sent: sent.method == method):
        act(customer, shop)
    customer.press("Sign out")
    lists = customer.requests_to("/orders")
    with customer.page.expect_response("**/order*"):
        held[0].continue_()
    customer.page.wait_for_timeout(3_000)  # longer than the page waits before it asks again
    assert customer.page.locator("#mine li, #open-orders li").count() == 0
    assert lists == []
    is_signed_out(customer)


def test_a_retry_is_never_sent_as_the_next_customer(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    another = sign_in()
    sent: list[Route] = []

    def hold(route: Route) -> None:
        sent.append(route)

    customer.page.route("**/order", hold)
    customer.order("Mocha", shop)
    expect(customer.page.get_by_role("button", name="Order", exact=True)).to_have_attribute(
        "aria-disabled", "true"
    )
    customer.page.wait_for_timeout(300)
    customer.press("Sign out")
    customer.name = another.name
    customer.sign_in()
    sent[0].fulfill(status=503, headers={"Retry-After": "1"}, json={"Code": "x", "Message": "x"})
    customer.page.wait_for_timeout(1_500)
    assert len(sent) == 1


def test_a_late_confirmation_does_not_replace_the_next_customer(
    customer: Visitor, service: Service
) -> None:
    page = customer.page
    customer.press("Sign out")
    held: list[Route] = []

    def hold_sign_up(route: Route) -> None:
        if "SignUp" in route.request.headers["x-amz-target"]:
            held.append(route)
        else:
            route.continue_()

    page.route(f"{service.cloud.endpoint_url}/", hold_sign_up)
    first, customer.name = customer.name, f"{customer.name}b"
    customer.sign_up()
    page.wait_for_timeout(200)
    customer.press("I have an account")
    customer.name = first
    customer.sign_in()
    with page.expect_response(f"{service.cloud.endpoint_url}/"):
        held[0].continue_()
    page.wait_for_timeout(200)
    customer.is_signed_in()
    customer.press("Sign out")
    customer.go_to("Sign in")
    expect(page.locator("#sign-in-form")).to_be_visible()
    expect(page.locator("#confirm")).to_be_hidden()
