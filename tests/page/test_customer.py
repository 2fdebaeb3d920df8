"""A customer at a shop with a menu."""

import re

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.shops import Shops, coffee
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def guest(new_visitor: NewVisitor, menu: str) -> Visitor:
    """Return a visitor who has opened the menu and is not signed in."""
    return new_visitor(f"#order?shop={menu}", locale="en-GB")


@pytest.fixture
def customer(sign_in: NewVisitor, menu: str) -> Visitor:
    """Return a customer who has opened the menu."""
    visitor = sign_in(locale="en-GB")
    visitor.visit(f"#order?shop={menu}")
    return visitor


def test_guest_chooses_from_the_menu_and_reloads(guest: Visitor, menu: str) -> None:
    guest.expect_text(f"Cafe {menu}")
    guest.choose("Flat White", "Large")
    guest.press("One cup more")
    expect(guest.menu_submit).to_have_text("Order · €11.20")
    guest.page.reload()
    expect(guest.menu_submit).to_have_text("Order · €11.20")
    guest.press("One cup fewer")
    guest.press("One cup fewer")
    expect(guest.menu_submit).to_have_text("Order · €5.60")
    guest.page.get_by_role("radio", name="Short Black").check()
    expect(guest.menu_submit).to_have_text("Order · €3.50")  # its only size
    expect(guest.page.get_by_role("radio", name="Mocha")).to_be_disabled()
    guest.expect_text("Sold out")


def test_sign_in_keeps_the_choice(sign_in: NewVisitor, guest: Visitor, menu: str) -> None:
    guest.name = sign_in().name
    guest.choose("Flat White", "Small")
    guest.fill(Name_on_the_cup="Nell")
    guest.menu_submit.click()
    guest.sign_in()
    guest.expect_text("One more tap: nothing is ordered yet.")
    expect(guest.menu_submit).to_be_focused()
    expect(guest.menu_submit).to_have_text("Order · €4.50")
    guest.page.keyboard.press("Enter")
    guest.expect_status("Flat White", "placed")
    expect(guest.card("Flat White")).to_contain_text(f"for Nell at Cafe {menu}")
    expect(guest.card("Flat White").locator(".cost")).to_have_text("€4.50")


def test_missing_size_is_reported(customer: Visitor) -> None:
    customer.page.get_by_role("radio", name="Flat White").check()
    customer.menu_submit.click()
    customer.expect_text("Choose a size.")


def test_old_price_is_rejected_and_updated(customer: Visitor, shops: Shops, menu: str) -> None:
    customer.choose("Flat White", "Small")
    shops.publish(menu, menu=[coffee("Flat White", Small="4.80")])
    customer.menu_submit.click()
    customer.expect_text("A Small Flat White is 4.80.")
    expect(customer.menu_submit).to_have_text("Order · €4.80")
    customer.menu_submit.click()
    customer.expect_status("Flat White", "placed")


def test_order_at_a_closed_shop_is_rejected(customer: Visitor, shops: Shops, menu: str) -> None:
    customer.choose("Flat White", "Small")
    shops.update(menu, open=False, note="Back at 2")
    customer.menu_submit.click()
    customer.expect_text(f"Cafe {menu} is closed: Back at 2.")
    customer.page.reload()
    customer.expect_text("Closed: Back at 2")
    expect(customer.menu_submit).to_be_disabled()


def test_sold_out_coffee_is_rejected(customer: Visitor, shops: Shops, menu: str) -> None:
    customer.choose("Flat White", "Small")
    shops.update(menu, soldout={"Flat White": True})
    customer.menu_submit.click()
    customer.expect_text("Flat White is sold out.")
    expect(customer.page.get_by_role("radio", name="Flat White")).to_be_disabled()


def test_shop_and_order_can_be_chosen_again(customer: Visitor, menu: str) -> None:
    customer.choose("Flat White", "Large")
    customer.menu_submit.click()
    customer.expect_status("Flat White", "placed")
    customer.page.get_by_role("link", name="Another shop").click()
    expect(customer.field("Shop")).to_be_visible()
    customer.page.get_by_role("link", name=f"Cafe {menu}").click()
    customer.page.get_by_role("heading", name=f"Cafe {menu}").wait_for()
    customer.press("Cancel 1 × Large Flat White")
    customer.page.get_by_role("radio", name="Short Black").check()
    customer.press("Order again 1 × Large Flat White")
    expect(customer.menu_submit).to_have_text("Order · €5.60")


def test_shop_field_leads_to_a_menu(visitor: Visitor, menu: str) -> None:
    visitor.fill(Shop=menu)
    visitor.field("Coffee").focus()
    visitor.expect_text(f"Cafe {menu}")


def test_shop_without_a_menu_has_a_form(new_visitor: NewVisitor, shop: str) -> None:
    visitor = new_visitor(f"#order?shop={shop}")
    expect(visitor.field("Shop")).to_have_value(shop)
    expect(visitor.field("Price of a cup")).to_be_visible()


def test_navigation_moves_the_focus_and_sets_the_title(visitor: Visitor) -> None:
    visitor.go_to("Look up")
    expect(visitor.page.get_by_role("heading", name="Look up an order")).to_be_focused()
    expect(visitor.page).to_have_title(re.compile("^Look up an order · Coffee orders$"))
