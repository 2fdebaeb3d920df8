"""Two people at two browsers: one order, one queue and one menu, on the local cloud.

What a screen shows is stale while its polls are blocked. A tap on it undoes nobody's work.
"""

import pytest
from playwright.sync_api import expect

from coffee_client import CoffeeClient
from local.service import Service
from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def buyer(customer: Visitor, barista: Visitor, shop: str) -> Visitor:
    """Return a customer whose latte is in the barista's queue."""
    customer.place_order("Latte", shop)
    barista.expect_row(customer.name, "new")
    return customer


def test_nobody_cancels_what_replaced_the_order(
    buyer: Visitor, barista: Visitor, open_page: NewVisitor, service: Service, shop: str
) -> None:
    state = buyer.page.context.storage_state()
    tablet = open_page(service.stack.api_url, "", buyer.name, storage_state=state)
    tablet.expect_status("Latte", "placed")
    for screen in (barista, tablet):
        screen.block("**/orders**")
    buyer.order("Espresso", shop)
    buyer.press("Change it to 1 × Regular Espresso")
    buyer.expect_status("Espresso", "placed")
    barista.tap(buyer.name, "new", "Can’t make it")
    barista.move(buyer.name, "new", "Yes, cancel")
    barista.expect_text(f"{buyer.name}: The order is now 1 × Regular Espresso.")
    tablet.press("Cancel 1 × Regular Latte")
    tablet.expect_text("Nothing was cancelled: this order is now 1 × Regular Espresso.")
    buyer.expect_status("Espresso", "placed")
    tablet.press("Cancel 1 × Regular Espresso")
    tablet.expect_status("Espresso", "cancelled")
    buyer.expect_status("Espresso", "cancelled")
    buyer.expect_text("Cancelled by the shop, or by you elsewhere")


def test_two_baristas_start_an_order_once(
    buyer: Visitor, barista: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    colleague = sign_in(shop)
    colleague.expect_row(buyer.name, "new")
    colleague.block("**/orders**")
    barista.move(buyer.name, "new", "Start")
    colleague.tap(buyer.name, "new", "Start")
    colleague.expect_text(f"{buyer.name}: It is being made by now.")
    expect(colleague.row(buyer.name, "making")).to_be_visible()


def test_two_editors_change_one_menu(
    barista: Visitor, sign_in: NewVisitor, colleague: CoffeeClient, menu: str
) -> None:
    other = sign_in(menu)
    for editor in (barista, other):
        editor.go_to("Menu")
        editor.expect_text("Order here, pick it up when it is ready.")
    for editor, coffee in ((barista, "Flat White"), (other, "Mocha")):
        editor.press(f"Sold out: {coffee}")
        for each in (barista, other):
            button = each.page.get_by_role("button", name=f"Sold out: {coffee}", pressed=True)
            expect(button).to_be_visible()
    assert [each.soldout for each in colleague.shop(menu).menu] == [True, True]
    barista.fill(Name_of_the_shop="Quay Coffee")
    barista.press("Publish")
    barista.expect_text("Published.")
    other.press("Sold out: Mocha")  # its answer has the new menu's tag
    other.fill(Name_of_the_shop="Pier Coffee")
    other.press("Publish")
    other.expect_text("A colleague has published another menu meanwhile.")
    expect(other.field("Name of the shop")).to_have_value("Pier Coffee")
    assert colleague.shop(menu).name == "Quay Coffee"
