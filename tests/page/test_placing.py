"""An order whose answer is lost, that another device has changed, or that the shop cancels."""

import pytest
from playwright.sync_api import Route, expect

from tests.page.conftest import NewVisitor
from tests.page.shops import shop_as_listed
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

DOUBT = "We don’t know yet whether your order arrived."


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer on a phone who has chosen a coffee from the menu."""
    stub.shop = shop_as_listed()
    customer = stub_visitor("#order?shop=v0", viewport={"width": 390, "height": 844})
    customer.choose("Flat White", "Large")
    return customer


def lose_answers(customer: Visitor, *, arrives: bool) -> list[str | None]:
    """Let answers to orders get lost; return the bodies that were sent, which grow."""
    bodies: list[str | None] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.fallback()
            return
        bodies.append(route.request.post_data)
        route.fallback() if arrives and len(bodies) == 1 else route.abort()

    customer.page.route("**/order", lose)
    return bodies


def test_order_is_sent_again_until_it_is_answered(customer: Visitor, stub: StubbedService) -> None:
    bodies = lose_answers(customer, arrives=False)
    customer.menu_submit.click()
    customer.expect_text(DOUBT)
    expect(customer.page.locator("#doubt")).to_be_in_viewport()
    customer.expect_accessible("order-in-doubt")
    customer.page.unroute("**/order")
    customer.poll_now()
    customer.expect_status("Flat White", "placed")
    expect(customer.page.locator("#doubt")).to_be_hidden()
    assert stub.order("Ann")["orderdate"] in str(bodies[0]), "it is the same order"


def test_order_in_doubt_survives_a_reload(customer: Visitor, stub: StubbedService) -> None:
    lose_answers(customer, arrives=False)
    customer.menu_submit.click()
    customer.expect_text(DOUBT)
    # It arrived, and the shop has started on it.
    stored = customer.page.evaluate("JSON.parse(sessionStorage['coffee-orders.unanswered']).order")
    stub.orders = [{**listed_order("Ann", "preparing"), **stored}]
    customer.page.unroute("**/order")
    customer.page.reload()
    customer.expect_status("Flat White", "preparing")
    expect(customer.page.locator("#doubt")).to_be_hidden()
    assert len(stub.orders) == 1


def test_asking_can_be_stopped(customer: Visitor) -> None:
    bodies = lose_answers(customer, arrives=False)
    customer.menu_submit.click()
    customer.press("Stop asking")
    customer.expect_text("Your order may have arrived")
    customer.page.reload()
    expect(customer.menu_submit).to_be_visible()
    assert len(bodies) <= 2


def test_rejected_order_gets_a_new_date(customer: Visitor, stub: StubbedService) -> None:
    customer.page.clock.install(time=0)  # a phone whose clock is wrong by years
    customer.respond("**/order", "POST", status=409, json={"Code": "X", "Message": "It is closed"})
    customer.menu_submit.click()
    customer.expect_text("It is closed.")
    customer.page.unroute("**/order")
    customer.respond(
        "**/shop?*",
        "GET",
        json={"shop": stub.shop},
        headers={"Date": "Tue, 01 Jan 2030 08:00:00 GMT"},
    )
    customer.page.reload()
    customer.menu_submit.click()
    customer.wait_until(lambda: stub.orders)
    assert stub.order("Ann")["orderdate"].startswith("2030-01-01T08:0"), "the server's time"


def test_order_of_another_device_is_shown_and_kept(customer: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order("Ann", coffeetype="Mocha")]
    customer.block("**/orders")  # this device has not seen the other order
    customer.menu_submit.click()
    customer.expect_text("1 × Small Mocha for Ann at v0")
    stub.change("Ann", details={**stub.order("Ann")["details"], "coffeetype": "Piccolo"})
    customer.press("Change it to 1 × Large Flat White")
    customer.expect_text("1 × Small Piccolo for Ann at v0")
    assert stub.order("Ann")["details"]["coffeetype"] == "Piccolo"
    customer.press("Change it to 1 × Large Flat White")
    customer.wait_until(lambda: stub.order("Ann")["details"]["coffeetype"] == "Flat White")


def test_changed_order_is_not_cancelled(customer: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order("Ann", coffeetype="Mocha")]
    customer.page.reload()
    customer.expect_status("Mocha", "placed")
    customer.block("**/orders")
    stub.change("Ann", details={**stub.order("Ann")["details"], "coffeetype": "Piccolo"})
    customer.press("Cancel 1 × Small Mocha")
    customer.expect_text("Nothing was cancelled: this order is now 1 × Small Piccolo.")
    assert stub.order("Ann")["status"] == "placed"
    customer.press("Cancel 1 × Small Piccolo")
    customer.wait_until(lambda: stub.order("Ann")["status"] == "cancelled")


def test_cancellation_by_the_shop_stays_until_it_is_dismissed(
    customer: Visitor, stub: StubbedService
) -> None:
    customer.menu_submit.click()
    customer.expect_text("Ordered: 1 × Large Flat White")
    stub.change("Ann", status="cancelled")
    customer.poll_now()
    card = customer.page.locator("#open-orders .card")
    expect(card).to_contain_text("Cancelled by the shop")
    expect(customer.page.locator("#news")).to_have_text(
        "Cancelled by the shop: 1 × Large Flat White"
    )
    expect(customer.page.locator("#order-note")).to_be_hidden()
    customer.expect_accessible("cancelled-by-the-shop")
    customer.page.reload()
    expect(card).to_contain_text("Cancelled by the shop")
    customer.press("Remove 1 × Large Flat White")
    expect(card).to_have_count(0)
    customer.page.reload()
    customer.expect_status("Flat White", "cancelled")
    expect(card).to_have_count(0)


def test_note_is_ordered_and_shown(customer: Visitor, stub: StubbedService) -> None:
    customer.fill(Note="oat milk, extra hot")
    customer.menu_submit.click()
    expect(customer.card("Flat White")).to_contain_text("oat milk, extra hot")
    assert stub.order("Ann")["details"]["note"] == "oat milk, extra hot"
    customer.press("Cancel 1 × Large Flat White")
    customer.press("Order again 1 × Large Flat White")
    expect(customer.field("Note")).to_have_value("oat milk, extra hot")


def test_free_name_takes_one_tap(customer: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order("Ann 2")]
    forbidden = {"Code": "ForbiddenError", "Message": "Another customer has an order at this key"}
    customer.respond("**/order", "POST", status=403, json=forbidden)
    customer.menu_submit.click()
    customer.expect_error("Name on the cup", "Another customer has an open order")
    take = customer.page.get_by_role("button", name="Order as Ann 3")
    expect(take).to_be_in_viewport()
    customer.page.unroute("**/order")
    take.click()
    customer.wait_until(lambda: any(each["accountid"] == "Ann 3" for each in stub.orders))
