"""Two browsers on one order, one queue or one menu, on the local cloud.

What a screen shows is stale while its polls are blocked. A tap on it undoes nobody's work.
"""

import pytest
from playwright.sync_api import expect

from coffee_client import CoffeeClient
from local.service import Service
from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

POLLS = "**/orders**"


@pytest.fixture
def buyer(customer: Visitor, barista: Visitor, shop: str) -> Visitor:
    """Return a customer whose latte is in the barista's queue."""
    customer.place_order("Latte", shop)
    barista.expect_row(customer.name, "new")
    return customer


def replace_latte(buyer: Visitor, shop: str) -> None:
    buyer.order("Espresso", shop)
    buyer.press("Change it to 1 × Regular Espresso")
    buyer.expect_status("Espresso", "placed")


def test_barista_does_not_cancel_what_replaced_the_order(
    buyer: Visitor, barista: Visitor, shop: str
) -> None:
    barista.block(POLLS)
    replace_latte(buyer, shop)
    barista.tap(buyer.name, "new", "Can’t make it")
    barista.move(buyer.name, "new", "Yes, cancel")
    barista.expect_text(f"{buyer.name}: The order is now 1 × Regular Espresso.")
    buyer.expect_status("Espresso", "placed")


def test_customer_does_not_cancel_what_replaced_the_order(
    buyer: Visitor, open_page: NewVisitor, service: Service, shop: str
) -> None:
    state = buyer.page.context.storage_state()
    tablet = open_page(service.stack.api_url, "", buyer.name, storage_state=state)
    tablet.expect_status("Latte", "placed")
    tablet.block(POLLS)
    replace_latte(buyer, shop)
    tablet.press("Cancel 1 × Regular Latte")
    tablet.expect_text("Nothing was cancelled: this order is now 1 × Regular Espresso.")
    tablet.press("Cancel 1 × Regular Espresso")
    tablet.expect_status("Espresso", "cancelled")
    buyer.expect_status("Espresso", "cancelled")
    buyer.expect_text("Cancelled by the shop, or by you elsewhere")


def test_two_baristas_start_an_order_once(
    buyer: Visitor, barista: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    colleague = sign_in(shop)
    colleague.expect_row(buyer.name, "new")
    colleague.block(POLLS)
    barista.move(buyer.name, "new", "Start")
    colleague.tap(buyer.name, "new", "Start")
    colleague.expect_text(f"{buyer.name}: It is being made by now.")
    expect(colleague.row(buyer.name, "making")).to_be_visible()


@pytest.fixture
def editors(barista: Visitor, sign_in: NewVisitor, menu: str) -> list[Visitor]:
    """Return two members of a shop's staff who look at its menu."""
    editors = [barista, sign_in(menu)]
    for editor in editors:
        editor.go_to("Menu")
        editor.expect_text("Order here, pick it up when it is ready.")
    return editors


def test_two_baristas_mark_a_coffee_each_as_sold_out(editors: list[Visitor]) -> None:
    for editor, coffee in zip(editors, ("Flat White", "Mocha"), strict=True):
        editor.press(f"Sold out: {coffee}")
        for each in editors:
            button = each.page.get_by_role("button", name=f"Sold out: {coffee}", pressed=True)
            expect(button).to_be_visible()
    expect(editors[0].page.get_by_role("button", pressed=True)).to_have_count(2)


def test_colleagues_menu_is_not_overwritten(
    editors: list[Visitor], colleague: CoffeeClient, menu: str
) -> None:
    first, second = editors
    first.fill(Name_of_the_shop="Quay Coffee")
    first.press("Publish")
    first.expect_text("Published.")
    second.press("Sold out: Mocha")  # its answer has the new menu's tag
    second.fill(Name_of_the_shop="Pier Coffee")
    second.press("Publish")
    second.expect_text("A colleague has published another menu meanwhile.")
    expect(second.field("Name of the shop")).to_have_value("Pier Coffee")
    assert colleague.shop(menu).name == "Quay Coffee"
