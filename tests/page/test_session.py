"""Sessions: how long they last, what signing out removes, and what a browser may have stored."""

import json

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import COGNITO_URL, StubbedService, listed_order, unsigned_token
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

EXPIRE = """
const session = JSON.parse(localStorage["coffee-orders.session"]);
localStorage["coffee-orders.session"] = JSON.stringify({ ...session, staleAt: 0 });
window.dispatchEvent(new StorageEvent("storage", { key: "coffee-orders.session" }));
"""


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer with an open order for a mocha, who stays signed in."""
    stub.orders = [listed_order("Ann", coffeetype="Mocha")]
    customer = stub_visitor()
    customer.expect_status("Mocha", "placed")
    return customer


def test_tabs_share_a_remembered_session(customer: Visitor) -> None:
    tab = customer.page.context.new_page()
    tab.goto(customer.page.url)
    expect(tab.locator("#username")).to_have_text(customer.name)
    customer.fill(Coffee="Latte")
    login = {"id": "2", "idToken": unsigned_token("Ben"), "refreshToken": "r", "staleAt": 4e12}
    tab.evaluate("login => localStorage['coffee-orders.session'] = login", json.dumps(login))
    expect(customer.page.locator("#username")).to_have_text("Ben")
    expect(customer.field("Coffee")).to_have_value("")  # nothing of the other user
    customer.press("Sign out")
    expect(tab.locator("#to-sign-in")).to_be_visible()
    tab.reload()
    expect(tab.locator("#to-sign-in")).to_be_visible()


def test_expired_session_asks_to_sign_in_and_keeps_the_order(customer: Visitor) -> None:
    customer.fill(Coffee="Latte", Shop="v1", Cups="7")
    rejected = {"__type": "NotAuthorizedException", "message": "Refresh Token has expired"}
    customer.respond(COGNITO_URL, "POST", status=400, json=rejected)
    customer.page.evaluate(EXPIRE)
    customer.page.reload()
    customer.expect_text("Your sign-in has expired")
    customer.page.unroute(COGNITO_URL)
    customer.sign_in()
    for label, value in {"Coffee": "Latte", "Shop": "v1", "Cups": "7"}.items():
        expect(customer.field(label)).to_have_value(value)
    assert not customer.page.evaluate("'coffee-orders.session' in localStorage"), "for this tab"


def test_sign_out_removes_orders_and_session(customer: Visitor) -> None:
    requests = customer.record_requests("")
    customer.place_order("Latte", "v1", Name_on_the_cup="Ann 2")
    customer.fill(Coffee="Latte")
    customer.press("Sign out")
    expect(customer.page.locator("#to-sign-in")).to_be_visible()
    assert "Mocha" not in customer.page.locator("main").inner_text()
    expect(customer.field("Coffee")).to_have_value("")
    stored = customer.page.evaluate("JSON.stringify([{ ...localStorage }, { ...sessionStorage }])")
    assert not any(secret in stored for secret in ("refresh-token", "Latte", "Mocha"))
    assert not any(unsigned_token("Ann") in request.url for request in requests)


@pytest.mark.parametrize(
    ("pattern", "content"), [(COGNITO_URL, "REFRESH_TOKEN"), ("**/order?*", "DELETE")]
)
def test_answer_after_sign_out_is_not_shown(customer: Visitor, pattern: str, content: str) -> None:
    customer.page.clock.install()
    routes = customer.hold(pattern, content)
    customer.page.evaluate(EXPIRE)
    customer.press("Cancel 1 × Small Mocha")
    customer.wait_until(lambda: routes)
    customer.press("Sign out")
    polls = customer.record_requests("/orders")
    with customer.page.expect_response(routes[0].request.url):
        routes[0].fallback()
    customer.pass_time(10)
    expect(customer.page.locator("#earlier-orders li, #open-orders li")).to_have_count(0)
    assert polls == []
    customer.page.reload()
    expect(customer.page.locator("#to-sign-in")).to_be_visible()


@pytest.mark.parametrize("value", ["{not JSON", "7", '{"idToken": "a.b.c", "coffeesize": [1]}'])
def test_stored_values_of_another_page_are_ignored(customer: Visitor, value: str) -> None:
    names = "session draft choice account unanswered watched steps shops sound return waiting"
    store = "([key, value]) => (localStorage[key] = sessionStorage[key] = value)"
    for name in names.split():
        customer.page.evaluate(store, [f"coffee-orders.{name}", value])
    customer.page.reload()
    expect(customer.page.locator("#to-sign-in")).to_be_visible()
    expect(customer.field("Size")).to_have_value("Regular")
    customer.go_to("Sign in")
    customer.sign_in()
    customer.expect_status("Mocha", "placed")
