"""A customer at a shop with a menu: from the QR code to the coffee."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import Shops


def choose(visitor: Visitor, coffee: str, size: str) -> None:
    visitor.page.get_by_role("radio", name=coffee).check()
    visitor.page.get_by_role("radio", name=size).check()


def order_button(visitor: Visitor, text: str) -> None:
    expect(visitor.page.locator("#menu-submit")).to_have_text(text)


@pytest.fixture
def menu(shops: Shops, shop: str) -> str:
    """Publish a menu, and return the shop's id."""
    shops.publish(shop)
    return shop


def test_the_menu_is_shown_without_signing_in(new_visitor: NewVisitor, menu: str) -> None:
    visitor = new_visitor(f"#order?shop={menu}", locale="en-GB")
    visitor.says(f"Cafe {menu}")
    choose(visitor, "Flat White", "Large")
    visitor.press("One cup more")
    order_button(visitor, "Order · €11.20")
    visitor.press("One cup fewer")
    visitor.press("One cup fewer")
    order_button(visitor, "Order · €5.60")
    assert visitor.page.get_by_role("radio", name="Mocha").is_disabled()
    visitor.says("Sold out")


def test_a_coffee_of_one_size_needs_no_choice(new_visitor: NewVisitor, menu: str) -> None:
    visitor = new_visitor(f"#order?shop={menu}", locale="en-GB")
    visitor.page.get_by_role("radio", name="Short Black").check()
    order_button(visitor, "Order · €3.50")


def test_sign_in_comes_with_the_order_and_keeps_the_choice(
    sign_in: NewVisitor, new_visitor: NewVisitor, menu: str
) -> None:
    known = sign_in()
    visitor = new_visitor(f"#order?shop={menu}", locale="en-GB")
    visitor.name = known.name
    choose(visitor, "Flat White", "Small")
    visitor.fill(Name_on_the_cup="Nell")
    visitor.page.locator("#menu-submit").click()
    visitor.sign_in()
    visitor.says("You are signed in.")
    expect(visitor.page.locator("#menu-submit")).to_be_focused()
    order_button(visitor, "Order · €4.50")
    visitor.page.keyboard.press("Enter")
    visitor.sees("Flat White", "placed")
    expect(visitor.card("Flat White")).to_contain_text(f"for Nell at Cafe {menu}")
    expect(visitor.card("Flat White").locator(".cost")).to_have_text("€4.50")


def test_what_is_not_chosen_is_asked_for(sign_in: NewVisitor, menu: str) -> None:
    visitor = sign_in()
    visitor.visit(f"#order?shop={menu}")
    visitor.page.locator("#menu-submit").click()
    visitor.says("Choose a coffee.")
    visitor.page.get_by_role("radio", name="Flat White").check()
    visitor.page.locator("#menu-submit").click()
    visitor.says("Choose a size.")


def test_a_closed_shop_says_so_with_its_note(
    new_visitor: NewVisitor, shops: Shops, shop: str
) -> None:
    shops.publish(shop)
    shops.close(shop, "Back at 2")
    visitor = new_visitor(f"#order?shop={shop}")
    visitor.says("Closed: Back at 2")
    assert visitor.page.locator("#menu-submit").is_disabled()


def test_a_choice_survives_a_reload(new_visitor: NewVisitor, menu: str) -> None:
    visitor = new_visitor(f"#order?shop={menu}", locale="en-GB")
    choose(visitor, "Flat White", "Large")
    visitor.press("One cup more")
    visitor.page.reload()
    order_button(visitor, "Order · €11.20")


def test_a_price_that_has_changed_is_shown_before_the_order(
    sign_in: NewVisitor, shops: Shops, menu: str
) -> None:
    visitor = sign_in(locale="en-GB")
    visitor.visit(f"#order?shop={menu}")
    choose(visitor, "Flat White", "Small")
    sizes = [{"coffeesize": "Small", "unitprice": "4.80"}]
    shops.publish(menu, menu=[{"coffeetype": "Flat White", "sizes": sizes}])
    visitor.page.locator("#menu-submit").click()
    visitor.says("A Small Flat White is 4.80.")
    order_button(visitor, "Order · €4.80")
    visitor.page.locator("#menu-submit").click()
    visitor.sees("Flat White", "placed")


def test_a_shop_that_has_closed_says_so(sign_in: NewVisitor, shops: Shops, menu: str) -> None:
    visitor = sign_in()
    visitor.visit(f"#order?shop={menu}")
    choose(visitor, "Flat White", "Small")
    shops.close(menu, "Back at 2")
    visitor.page.locator("#menu-submit").click()
    visitor.says("Closed: Back at 2")
    visitor.says(f"Cafe {menu} is closed: Back at 2.")


def test_a_coffee_that_has_sold_out_cannot_be_chosen_any_more(
    sign_in: NewVisitor, shops: Shops, menu: str
) -> None:
    visitor = sign_in()
    visitor.visit(f"#order?shop={menu}")
    choose(visitor, "Flat White", "Small")
    shops.sell_out(menu, "Flat White")
    visitor.page.locator("#menu-submit").click()
    visitor.says("Flat White is sold out.")
    expect(visitor.page.get_by_role("radio", name="Flat White")).to_be_disabled()


def test_a_shop_is_offered_again(sign_in: NewVisitor, menu: str) -> None:
    visitor = sign_in()
    visitor.visit(f"#order?shop={menu}")
    choose(visitor, "Flat White", "Small")
    visitor.page.locator("#menu-submit").click()
    visitor.sees("Flat White", "placed")
    visitor.page.get_by_role("link", name="Another shop").click()
    expect(visitor.field("Shop")).to_be_visible()
    visitor.page.get_by_role("link", name=f"Cafe {menu}").click()
    visitor.page.get_by_role("heading", name=f"Cafe {menu}").wait_for()


def test_a_shop_that_is_typed_in_shows_its_menu(new_visitor: NewVisitor, menu: str) -> None:
    visitor = new_visitor()
    visitor.fill(Shop=menu)
    visitor.field("Coffee").focus()
    visitor.says(f"Cafe {menu}")


def test_a_shop_without_a_menu_has_the_form(new_visitor: NewVisitor, shop: str) -> None:
    visitor = new_visitor(f"#order?shop={shop}")
    expect(visitor.field("Shop")).to_have_value(shop)
    expect(visitor.field("Price of a cup")).to_be_visible()


def test_order_again_chooses_from_the_menu(sign_in: NewVisitor, menu: str) -> None:
    visitor = sign_in(locale="en-GB")
    visitor.visit(f"#order?shop={menu}")
    choose(visitor, "Flat White", "Large")
    visitor.page.locator("#menu-submit").click()
    visitor.press("Cancel 1 × Large Flat White")
    visitor.sees("Flat White", "cancelled")
    visitor.page.get_by_role("radio", name="Short Black").check()
    visitor.press("Order again 1 × Large Flat White")
    order_button(visitor, "Order · €5.60")


def test_staying_signed_in_lasts_over_tabs_and_ends_with_sign_out(
    sign_in: NewVisitor, new_visitor: NewVisitor
) -> None:
    known = sign_in()
    visitor = new_visitor("#sign-in")
    visitor.name = known.name
    visitor.page.get_by_label("Stay signed in on this phone").check()
    visitor.sign_in()
    tab = visitor.page.context.new_page()
    tab.goto(visitor.page.url)
    expect(tab.locator("#username")).to_have_text(visitor.name)
    visitor.press("Sign out")
    expect(tab.locator("#to-sign-in")).to_be_visible()
    tab.reload()
    expect(tab.locator("#to-sign-in")).to_be_visible()


def test_a_sign_in_ends_with_the_tab_unless_it_is_to_stay(customer: Visitor) -> None:
    tab = customer.page.context.new_page()
    tab.goto(customer.page.url)
    expect(tab.locator("#to-sign-in")).to_be_visible()
    assert customer.page.evaluate("localStorage.getItem('coffee-orders.session')") is None


def test_a_reload_at_the_code_keeps_the_step_and_the_name(visitor: Visitor) -> None:
    visitor.sign_up()
    visitor.says("We sent a code to")
    visitor.page.reload()
    visitor.says("We sent a code to")
    expect(visitor.field("Name")).to_have_value(visitor.name)
    expect(visitor.field("The code from the mail")).to_be_focused()


def test_a_password_can_be_shown(visitor: Visitor) -> None:
    visitor.go_to("Sign in")
    visitor.fill(Password="Secret")
    visitor.press("Show")
    expect(visitor.field("Password")).to_have_attribute("type", "text")
    visitor.press("Show")
    expect(visitor.field("Password")).to_have_attribute("type", "password")


def test_an_error_disappears_after_reconnecting(customer: Visitor, shop: str) -> None:
    customer.page.context.set_offline(True)
    customer.order("Mocha", shop)
    customer.says("Nothing you typed is lost")
    customer.page.context.set_offline(False)
    expect(customer.page.get_by_text("Nothing you typed is lost")).to_be_hidden()


def test_navigation_moves_the_focus_and_sets_the_title(visitor: Visitor) -> None:
    visitor.go_to("Look up")
    expect(visitor.page.get_by_role("heading", name="Look up an order")).to_be_focused()
    expect(visitor.page).to_have_title(re.compile("^Look up an order · Coffee orders$"))
