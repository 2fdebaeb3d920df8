"""A customer at a shop with a menu, on a phone: what opens, what a tap shows, what is kept."""

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.page.conftest import PHONE, TABLET, NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow

FLAT_WHITE, MOCHA = shop_response("v0")["menu"]
LONG_MENU = [{**FLAT_WHITE, "coffeetype": f"Coffee {number:02}"} for number in range(30)]


@pytest.fixture
def customer(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    """Return a customer who has opened the menu of Harbour Coffee."""
    stub.shop = shop_response("v0", waiting=101)
    customer = stub_visitor("#order?shop=v0", locale="en-GB")
    customer.expect_text("Harbour Coffee")
    return customer


def test_choice_has_its_price_and_survives_a_reload(customer: Visitor) -> None:
    customer.expect_text("Orders waiting: 100+")
    customer.page.get_by_role("radio", name="Flat White").check()
    customer.menu_submit.click()
    customer.expect_text("Choose a size.")
    customer.choose("Flat White", "Large")
    customer.press("One cup more")
    customer.page.reload()
    expect(customer.menu_submit).to_have_text("Order · €10.40")
    customer.press("One cup fewer")
    customer.press("One cup fewer")
    expect(customer.menu_submit).to_have_text("Order · €5.20")
    customer.page.get_by_role("radio", name="Mocha").check()
    expect(customer.menu_submit).to_have_text("Order · €5.00")  # its only size


def test_sign_in_keeps_the_choice(customer: Visitor, stub: StubbedService) -> None:
    customer.press("Sign out")
    customer.choose("Flat White", "Small")
    customer.fill(Name_on_the_cup="Nell", Note="oat milk")
    customer.menu_submit.click()
    customer.expect_text("Sign in to order 1 × Small Flat White. Nothing is ordered yet.")
    customer.sign_in()
    customer.expect_text("One more tap: nothing is ordered yet.")
    expect(customer.menu_submit).to_be_focused()
    expect(customer.menu_submit).to_be_in_viewport()
    assert stub.orders == []
    customer.page.keyboard.press("Enter")
    customer.expect_status("Flat White", "placed")
    expect(customer.card("Flat White")).to_contain_text("for Nell at Harbour Coffee")
    expect(customer.card("Flat White")).to_contain_text("oat milk")
    customer.expect_accessible("customer")
    assert stub.order("Nell")["details"]["note"] == "oat milk"


def test_rejection_by_the_shop_updates_its_menu(customer: Visitor, stub: StubbedService) -> None:
    customer.page.get_by_role("radio", name="Mocha").check()
    stub.shop["menu"] = [FLAT_WHITE, {**MOCHA, "soldout": True}]
    message = "order.details.coffeetype: there is no mocha now"
    rejection = {"Code": "SoldOutError", "Message": message}
    customer.respond("**/order", "POST", status=409, json=rejection)
    customer.menu_submit.click()
    customer.expect_text("There is no mocha now.")
    customer.expect_text("Sold out")


def test_size_and_button_open_at_the_coffee(customer: Visitor, stub: StubbedService) -> None:
    stub.shop["menu"] = LONG_MENU
    customer.page.reload()
    for name in ("Coffee 00", "Coffee 15", "Coffee 29"):
        coffee = customer.page.get_by_role("radio", name=name)
        coffee.check()
        expect(coffee).to_be_in_viewport()
        expect(customer.page.get_by_role("radio", name="Large")).to_be_in_viewport()
        expect(customer.menu_submit).to_be_in_viewport()
    customer.expect_accessible("menu")
    customer.page.get_by_role("radio", name="Large").check()
    customer.page.context.set_offline(True)
    expect(customer.page.get_by_text("You are offline.")).to_be_in_viewport()
    customer.menu_submit.click()
    expect(customer.page.get_by_text("Nothing you typed is lost")).to_be_in_viewport()
    customer.expect_accessible("offline")
    customer.page.context.set_offline(False)
    customer.menu_submit.click()
    customer.expect_status("Coffee 29", "placed")


def test_order_again_brings_the_button_into_view(customer: Visitor, stub: StubbedService) -> None:
    stub.shop["menu"] = LONG_MENU
    stub.orders = [listed_order("Ann", "collected", coffeetype="Coffee 20", note="oat milk")]
    customer.page.reload()
    customer.press("Order again 1 × Small Coffee 20")
    customer.expect_text("One more tap: nothing is ordered yet.")
    expect(customer.menu_submit).to_be_in_viewport()
    expect(customer.menu_submit).to_be_focused()
    expect(customer.field("Note")).to_have_value("oat milk")


def test_closed_shop_reopens_without_a_reload(customer: Visitor, stub: StubbedService) -> None:
    customer.choose("Flat White", "Small")
    stub.shop |= {"open": False, "note": "Back at 2"}
    customer.page.clock.install()
    customer.page.reload()
    customer.expect_text("Closed: Back at 2")
    expect(customer.menu_submit).to_be_disabled()
    customer.field("Note").focus()
    stub.shop["open"] = True
    customer.pass_time(5)
    expect(customer.menu_submit).to_be_enabled()
    expect(customer.field("Note")).to_be_focused()


SHIFTS = """
window.shifts = 0;
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) shifts += value;
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("username", "viewport"), [(None, TABLET), ("Ann", PHONE)])
def test_first_load_moves_nothing(
    stub: StubbedService, stub_visitor: NewVisitor, username: str, viewport: ViewportSize
) -> None:
    stub.shop = shop_response("v0", menu=LONG_MENU)
    stub.orders = [listed_order("Ann"), listed_order("Ann 2", "collected")]
    visitor = stub_visitor("", username, viewport=viewport)
    visitor.page.add_init_script(SHIFTS)
    visitor.page.goto("about:blank")
    visitor.visit("#order?shop=v0")
    expect(visitor.page.get_by_role("radio", name="Coffee 03")).to_be_visible()
    assert visitor.page.evaluate("shifts") < 0.1
