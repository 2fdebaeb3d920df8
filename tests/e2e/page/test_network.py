"""A slow or failing network shows as such, and loses nothing that was typed."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor


def test_offline_and_back(customer: Visitor, shop: str) -> None:
    customer.page.context.set_offline(True)
    customer.says("You are offline. What you type is kept.")
    customer.order("Mocha", shop)
    customer.says("Nothing you typed is lost")
    expect(customer.field("Coffee")).to_have_value("Mocha")
    customer.page.context.set_offline(False)
    expect(customer.page.locator("#network")).to_be_hidden()
    customer.press("Order")
    customer.sees("Mocha", "placed")


def test_what_was_typed_survives_a_reload(customer: Visitor, shop: str) -> None:
    customer.fill(Coffee="Mocha", Shop=shop, Cups="7")
    customer.page.reload()
    expect(customer.field("Coffee")).to_have_value("Mocha")
    expect(customer.field("Shop")).to_have_value(shop)
    expect(customer.field("Cups")).to_have_value("7")


def test_a_slow_network_is_said_and_the_order_cannot_be_pressed_twice(
    customer: Visitor, shop: str
) -> None:
    held: list[Route] = []
    customer.page.route("**/order", lambda route: held.extend([route]))
    customer.order("Mocha", shop)
    customer.says("The network is slow. Still waiting for an answer")
    customer.field("Coffee").press("Enter")
    assert len(held) == 1
    held[0].continue_()
    customer.sees("Mocha", "placed")
    expect(customer.page.locator("#network")).to_be_hidden()


def test_an_order_whose_answer_was_lost_is_sent_again_as_the_same_order(
    customer: Visitor, shop: str
) -> None:
    bodies: list[str | None] = []

    def lose_the_answer(route: Route) -> None:
        bodies.append(route.request.post_data)
        route.fetch()
        route.abort()

    customer.page.route("**/order", lose_the_answer)
    customer.order("Mocha", shop)
    customer.says("Nothing you typed is lost")
    customer.page.unroute("**/order")
    again = customer.requests_to("/order")
    customer.press("Order")
    customer.sees("Mocha", "placed")
    (sent,) = [each for each in again if each.method == "POST"]
    assert sent.post_data == bodies[0]
    customer.says("It was placed already: there is one coffee, not two.")


def test_a_move_is_shown_though_the_queue_cannot_be_asked(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    barista = sign_in(shop)
    barista.has(customer.name, "new")
    barista.page.route("**/orders?*", lambda route: route.abort())
    barista.tap(customer.name, "new", "Start")
    barista.has(customer.name, "making")
    customer.sees("Mocha", "preparing")


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_shop_is_asked_again_when_it_says(customer: Visitor, shop: str, status: int) -> None:
    refusals = iter([True])

    def refuse_once(route: Route) -> None:
        if route.request.method == "POST" and next(refusals, False):
            route.fulfill(status=status, headers={"Retry-After": "1"}, json={"Code": "Busy"})
        else:
            route.continue_()

    customer.page.route("**/order", refuse_once)
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")


@pytest.mark.parametrize("retry_after", ["3600", "Wed, 25 Nov 2026 12:00:00 GMT", "-1", ""])
def test_a_busy_shop_is_not_waited_for_longer_than_a_few_seconds(
    customer: Visitor, shop: str, retry_after: str
) -> None:
    customer.page.route(
        "**/order",
        lambda route: route.fulfill(status=503, headers={"Retry-After": retry_after}, json={}),
    )
    customer.order("Mocha", shop)
    customer.says("The shop’s system is busy.", timeout=12_000)


def test_a_shop_that_stays_busy_is_told_of(customer: Visitor, shop: str) -> None:
    customer.page.route(
        "**/order", lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}, json={})
    )
    customer.order("Mocha", shop)
    customer.says("The shop’s system is busy.")
    expect(customer.field("Coffee")).to_have_value("Mocha")


def test_a_list_that_cannot_be_refreshed_says_so_and_stays(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    customer.page.route("**/orders", lambda route: route.abort())
    customer.ask_now()
    customer.says("What you see may be out of date.")
    customer.sees("Mocha", "placed")


def hide(page: Page, hidden: bool) -> None:
    """Tell the page that its tab is hidden; headless Chromium never hides one by itself."""
    page.evaluate(
        """(hidden) => {
          Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


@pytest.fixture
def patient_customer(sign_in: NewVisitor) -> Visitor:
    """Return a customer whose page's clock the test moves on."""
    customer = sign_in()
    customer.page.clock.install()
    return customer


def polls_in(customer: Visitor, seconds: int) -> int:
    """Count the lists that the page asks for while this much of its time passes."""
    asked = customer.requests_to("/orders")
    for _ in range(seconds):
        customer.page.clock.run_for(1000)
        customer.page.wait_for_timeout(20)
    return len(asked)


def test_an_open_order_is_asked_about_every_5_seconds(patient_customer: Visitor, shop: str) -> None:
    patient_customer.order("Mocha", shop)
    patient_customer.sees("Mocha", "placed")
    assert 10 <= polls_in(patient_customer, 60) <= 12


def test_a_busy_service_is_asked_less_often(patient_customer: Visitor, shop: str) -> None:
    patient_customer.order("Mocha", shop)
    patient_customer.sees("Mocha", "placed")
    patient_customer.page.route(
        "**/orders", lambda route: route.fulfill(status=500, json={"Code": "x", "Message": "x"})
    )
    assert polls_in(patient_customer, 60) <= 5


def test_a_hidden_tab_asks_less_often_and_a_shown_one_at_once(
    patient_customer: Visitor, shop: str
) -> None:
    patient_customer.order("Mocha", shop)
    patient_customer.sees("Mocha", "placed")
    hide(patient_customer.page, True)
    assert 1 <= polls_in(patient_customer, 60) <= 2
    asked = patient_customer.requests_to("/orders")
    hide(patient_customer.page, False)
    patient_customer.page.wait_for_timeout(200)
    assert len(asked) == 1


def test_polling_stops_when_no_order_is_open(patient_customer: Visitor, shop: str) -> None:
    patient_customer.order("Mocha", shop)
    patient_customer.sees("Mocha", "placed")
    patient_customer.press("Cancel 1 × Regular Mocha")
    patient_customer.sees("Mocha", "cancelled")
    polls_in(patient_customer, 6)  # one more look, as the list may lag behind
    assert polls_in(patient_customer, 60) == 0


def test_polling_stops_where_the_list_is_not_shown(patient_customer: Visitor, shop: str) -> None:
    patient_customer.order("Mocha", shop)
    patient_customer.sees("Mocha", "placed")
    patient_customer.go_to("Look up")
    assert polls_in(patient_customer, 60) == 0
