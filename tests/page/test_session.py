"""Sessions: how long they last, what signing out removes, and blocked storage."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, expect

from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


def expect_no_session(visitor: Visitor) -> None:
    visitor.expect_signed_out()
    assert visitor.session() is None
    visitor.page.reload()
    visitor.expect_signed_out()


def test_tabs_share_a_remembered_session(customer: Visitor, new_visitor: NewVisitor) -> None:
    visitor = new_visitor("#sign-in", name=customer.name)
    visitor.field("Stay signed in on this phone").check()
    visitor.sign_in()
    tab = visitor.page.context.new_page()
    tab.goto(visitor.page.url)
    expect(tab.locator("#username")).to_have_text(visitor.name)
    visitor.press("Sign out")
    expect(tab.locator("#to-sign-in")).to_be_visible()
    tab.reload()
    expect(tab.locator("#to-sign-in")).to_be_visible()


def test_session_belongs_to_one_tab(customer: Visitor, new_visitor: NewVisitor) -> None:
    customer = new_visitor(name=customer.name)
    customer.sign_in()
    tab = customer.page.context.new_page()
    tab.goto(customer.page.url)
    expect(tab.locator("#to-sign-in")).to_be_visible()
    assert customer.page.evaluate("localStorage.getItem('coffee-orders.session')") is None


def test_expired_token_is_refreshed(customer: Visitor, shop: str) -> None:
    customer.expire_session()
    customer.expect_signed_in()
    customer.place_order("Mocha", shop)
    assert customer.session()["staleAt"] > 0


def test_expired_session_asks_to_sign_in_and_keeps_the_order(customer: Visitor, shop: str) -> None:
    customer.fill(Coffee="Mocha", Shop=shop, Cups="7")
    customer.expire_session(refreshToken="worthless")
    expect(customer.page.locator("#sign-in-form")).to_be_visible()
    customer.expect_text("Your sign-in has expired")
    customer.sign_in()
    expect(customer.field("Coffee")).to_have_value("Mocha")
    expect(customer.field("Shop")).to_have_value(shop)
    expect(customer.field("Cups")).to_have_value("7")


def test_sign_out_removes_orders_and_session(buyer: Visitor) -> None:
    buyer.press("Sign out")
    buyer.expect_signed_out()
    assert buyer.session() is None
    assert "Mocha" not in buyer.page.locator("main").inner_text()
    assert buyer.page.locator("#order-coffeetype").input_value() == ""


def test_no_url_contains_a_token(customer: Visitor, shop: str) -> None:
    requests = customer.record_requests("")
    customer.place_order("Mocha", shop)
    session = customer.session()
    assert requests
    for url in [*(request.url for request in requests), customer.page.url]:
        assert session["idToken"] not in url
        assert session["refreshToken"] not in url


def test_sign_out_during_a_token_refresh(customer: Visitor) -> None:
    cognito = customer.cognito_url
    routes = customer.hold(cognito, lambda request: "REFRESH_TOKEN" in (request.post_data or ""))
    customer.expire_session()
    customer.wait_until(lambda: routes)
    customer.press("Sign out")
    with customer.page.expect_response(cognito):
        routes[0].continue_()
    customer.page.wait_for_timeout(200)
    expect_no_session(customer)


@pytest.mark.parametrize(
    ("method", "send"),
    [
        ("POST", lambda customer, shop: customer.order("Mocha", shop)),
        ("DELETE", lambda customer, _: customer.press("Cancel 1 × Regular Flat White")),
    ],
    ids=["order", "cancel"],
)
def test_response_after_sign_out_is_not_shown(
    customer: Visitor, shop: str, method: str, send: Callable[[Visitor, str], None]
) -> None:
    def matches(request: Request) -> bool:
        return request.method == method

    customer.place_order("Flat White", f"{shop}b")
    routes = customer.hold("**/order*", matches)
    with customer.page.expect_request(matches):
        send(customer, shop)
    customer.press("Sign out")
    polls = customer.record_requests("/orders")
    with customer.page.expect_response("**/order*"):
        routes[0].continue_()
    customer.page.wait_for_timeout(3_000)  # longer than the page waits before it polls
    assert customer.page.locator("#earlier-orders li, #open-orders li").count() == 0
    assert polls == []
    expect_no_session(customer)


def test_retry_ends_at_sign_out(customer: Visitor, sign_in: NewVisitor, shop: str) -> None:
    stranger = sign_in()
    routes = customer.hold("**/order")
    customer.order("Mocha", shop)
    customer.wait_until(lambda: routes)
    customer.press("Sign out")
    customer.name = stranger.name
    customer.sign_in()
    routes[0].fulfill(status=503, headers={"Retry-After": "1"}, json={"Code": "x", "Message": "x"})
    customer.page.wait_for_timeout(1_500)
    assert len(routes) == 1


def test_late_sign_up_is_ignored(customer: Visitor) -> None:
    page = customer.page
    cognito = customer.cognito_url
    customer.press("Sign out")
    routes = customer.hold(cognito, lambda request: "SignUp" in request.headers["x-amz-target"])
    first_name, customer.name = customer.name, f"{customer.name}b"
    customer.sign_up()
    customer.wait_until(lambda: routes)
    customer.press("I have an account")
    customer.name = first_name
    customer.sign_in()
    with page.expect_response(cognito):
        routes[0].continue_()
    page.wait_for_timeout(200)
    customer.expect_signed_in()
    customer.sign_out()
    expect(page.locator("#sign-in-form")).to_be_visible()
    expect(page.locator("#confirm")).to_be_hidden()


BLOCKED = """
for (const name of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
  });
}
"""
FULL = """
Storage.prototype.setItem = () => {
  throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
};
"""


@pytest.mark.parametrize("script", [BLOCKED, FULL], ids=["blocked", "full"])
def test_page_works_without_storage(visitor: Visitor, shop: str, script: str) -> None:
    visitor.page.add_init_script(script)
    visitor.page.reload()
    visitor.look_up("nobody", "nowhere")
    visitor.expect_text("There is no order under these two ids.")
    visitor.sign_up()
    visitor.confirm()
    visitor.go_to("Order")
    visitor.place_order("Mocha", shop)
    visitor.page.reload()
    visitor.expect_signed_out()
