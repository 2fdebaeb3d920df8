"""Placing an order: a lost answer, another open order, and what the shop or another device does."""

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow

ORDER = "**/order"
DOUBT = "We don’t know yet whether your order arrived."
OPEN_ORDER = "You have an open order here"
CANCELLED = "Cancelled by the shop, or by you elsewhere"
SENT_ORDER = "JSON.parse(sessionStorage['coffee-orders.unanswered'] ?? null)?.order"


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer on a phone who has chosen a flat white from the menu."""
    stub.shop = shop_response("v0")
    customer = stub_visitor("#order?shop=v0")
    customer.choose("Flat White", "Large")
    return customer


@pytest.fixture
def buyer(customer: Visitor, stub: StubbedService) -> Visitor:
    """Return a customer with an open order for a mocha, which may change without their notice."""
    stub.orders = [listed_order("Ann", coffeetype="Mocha")]
    customer.page.reload()
    customer.expect_status("Mocha", "placed")
    customer.block("**/orders")
    return customer


def test_order_is_sent_again_until_it_is_answered(customer: Visitor, stub: StubbedService) -> None:
    customer.block(ORDER)
    customer.menu_submit.click()
    expect(customer.page.get_by_text(DOUBT)).to_be_in_viewport()
    customer.expect_accessible("order-in-doubt")
    sent = customer.page.evaluate(SENT_ORDER)
    customer.page.unroute(ORDER)
    customer.poll_now()
    customer.expect_status("Flat White", "placed")
    expect(customer.page.get_by_text(DOUBT)).to_be_hidden()
    assert stub.order("Ann")["orderdate"] == sent["orderdate"], "it is the same order"


def test_order_in_doubt_survives_a_reload(customer: Visitor, stub: StubbedService) -> None:
    customer.block(ORDER)
    customer.menu_submit.click()
    customer.expect_text(DOUBT)
    # It arrived, and the shop has started on it.
    stub.orders = [{**listed_order("Ann", "preparing"), **customer.page.evaluate(SENT_ORDER)}]
    customer.page.unroute(ORDER)
    conflict = {"Code": "ConflictError", "Message": "The shop has started on it"}
    customer.respond(ORDER, "POST", status=409, json=conflict)
    customer.page.reload()
    customer.expect_text("Ordered: 1 × Large Flat White for Ann.")
    expect(customer.page.get_by_text(DOUBT)).to_be_hidden()
    assert customer.page.evaluate(SENT_ORDER) is None


def test_asking_can_be_stopped(customer: Visitor) -> None:
    customer.block(ORDER)
    customer.menu_submit.click()
    customer.press("Stop asking")
    customer.expect_text("Your order may have arrived")
    assert customer.page.evaluate(SENT_ORDER) is None, "it is not sent again"


def test_rejected_order_gets_a_new_date(customer: Visitor, stub: StubbedService) -> None:
    customer.page.clock.install(time=0)  # a phone whose clock is wrong by years
    customer.respond(ORDER, "POST", status=409, json={"Code": "X", "Message": "It is closed"})
    customer.menu_submit.click()
    customer.expect_text("It is closed.")
    customer.page.unroute(ORDER)
    server_time = {"Date": "Tue, 01 Jan 2030 08:00:00 GMT"}
    customer.respond("**/shop?*", "GET", json={"shop": stub.shop}, headers=server_time)
    customer.page.reload()
    customer.menu_submit.click()
    customer.wait_until(lambda: stub.orders)
    assert stub.order("Ann")["orderdate"].startswith("2030-01-01T08:0"), "the server's time"


def test_open_order_is_replaced_as_it_was_shown(buyer: Visitor, stub: StubbedService) -> None:
    buyer.menu_submit.click()
    buyer.expect_text("1 × Small Mocha for Ann at v0")
    buyer.expect_accessible("open-order-dialog")
    stub.change("Ann", coffeetype="Piccolo")
    buyer.press("Change it to 1 × Large Flat White")
    buyer.expect_text("1 × Small Piccolo for Ann at v0")
    assert stub.order("Ann")["details"]["coffeetype"] == "Piccolo"
    buyer.press("Change it to 1 × Large Flat White")
    buyer.expect_text("It replaces 1 × Small Piccolo.")
    assert [each["details"]["coffeetype"] for each in stub.orders] == ["Flat White"]


def test_more_orders_get_numbered_names(buyer: Visitor, stub: StubbedService) -> None:
    stub.orders.append(listed_order("Ann 2"))  # on another device
    buyer.menu_submit.click()
    buyer.press("Add another order")
    buyer.expect_text("1 × Small Short Black for Ann 2 at v0")
    buyer.press("Add another order")
    buyer.expect_text("Ordered: 1 × Large Flat White for Ann 3.")
    assert {each["accountid"] for each in stub.orders} == {"Ann", "Ann 2", "Ann 3"}


def test_open_order_is_kept(buyer: Visitor, stub: StubbedService) -> None:
    for control in ("Escape", "Enter"):
        buyer.menu_submit.click()
        buyer.expect_text(OPEN_ORDER)
        buyer.page.get_by_role("button", name="Keep it as it is").press(control)
        expect(buyer.page.get_by_role("dialog")).to_be_hidden()
    assert stub.order("Ann")["details"]["coffeetype"] == "Mocha"


def test_order_that_the_shop_has_started_on_is_kept(buyer: Visitor, stub: StubbedService) -> None:
    stub.change("Ann", status="preparing")
    buyer.press("Cancel 1 × Small Mocha")
    buyer.expect_text("Too late to cancel: the shop has started on it.")
    buyer.expect_status("Mocha", "preparing")
    buyer.menu_submit.click()
    buyer.expect_text(OPEN_ORDER)
    expect(buyer.page.get_by_role("button", name="Change it to")).to_have_count(0)


def test_own_cancellation_is_not_the_shops(buyer: Visitor, stub: StubbedService) -> None:
    stub.change("Ann", status="cancelled")  # by an attempt whose answer was lost
    buyer.press("Cancel 1 × Small Mocha")
    buyer.expect_status("Mocha", "cancelled")
    expect(buyer.page.get_by_role("list", name="Your open orders")).to_be_focused()
    expect(buyer.page.locator("#open-orders .card")).to_have_count(0)


def test_cancellation_by_the_shop_stays_until_it_is_dismissed(
    customer: Visitor, stub: StubbedService
) -> None:
    customer.menu_submit.click()
    expect(customer.page).to_have_title("Placed · Harbour Coffee · Coffee orders")
    stub.change("Ann", status="cancelled")
    customer.poll_now()
    news = customer.page.get_by_role("status").filter(has_text="Cancelled by the shop")
    expect(news).to_have_text(f"{CANCELLED}: 1 × Large Flat White")
    card = customer.page.locator("#open-orders .card")
    expect(customer.page.locator("#order-note")).to_be_hidden()
    customer.expect_accessible("cancelled-by-the-shop")
    customer.page.reload()
    expect(card).to_contain_text(CANCELLED)
    customer.press("Remove 1 × Large Flat White")
    customer.expect_status("Flat White", "cancelled")
    expect(card).to_have_count(0)


def test_free_name_takes_one_tap(customer: Visitor, stub: StubbedService) -> None:
    stub.orders = [listed_order("Ann 2")]
    forbidden = {"Code": "ForbiddenError", "Message": "Another customer has an order at this key"}
    customer.respond(ORDER, "POST", status=403, json=forbidden)
    customer.menu_submit.click()
    customer.expect_error("Name on the cup", "Another customer has an open order")
    take = customer.page.get_by_role("button", name="Order as Ann 3")
    expect(take).to_be_in_viewport()
    customer.page.unroute(ORDER)
    take.click()
    customer.expect_text("Ordered: 1 × Large Flat White for Ann 3.")
