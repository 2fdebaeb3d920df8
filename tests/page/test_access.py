"""Accessibility: keyboard, screen reader, phone, colour schemes and forced colours."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.page.conftest import DESKTOP, NewVisitor
from tests.page.shops import Shops
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

PHONE: ViewportSize = {"width": 360, "height": 800}

# Brings the page of a signed-in visitor into a state. The shop has no menu; f"{shop}-menu" has one.
State = Callable[[Visitor, str], None]


def _sign_up_errors(visitor: Visitor, _shop: str) -> None:
    visitor.sign_out()
    visitor.press("I am new here")
    visitor.press("Sign up")
    visitor.expect_error("Name", "Please fill this in.")


def _confirmation(visitor: Visitor, _shop: str) -> None:
    visitor.sign_out()
    visitor.press("I have a code")


def _orders(visitor: Visitor, shop: str) -> None:
    visitor.place_order("Flat White", shop)
    visitor.place_order("Mocha", f"{shop}b")
    visitor.cancel_order("Mocha")


def _shop_menu(visitor: Visitor, shop: str) -> None:
    visitor.visit(f"#order?shop={shop}-menu")
    visitor.choose("Flat White", "Large")


def _open_order_dialog(visitor: Visitor, shop: str) -> None:
    _shop_menu(visitor, shop)
    visitor.menu_submit.click()
    visitor.expect_status("Flat White", "placed")
    visitor.menu_submit.click()
    visitor.expect_text("You have an open order here")


def _queue(barista: Visitor, shop: str) -> None:
    barista.go_to("Order")
    for name in ("Ann", "Ben"):
        barista.order("Flat White", shop, Name_on_the_cup=name)
        barista.expect_text(f"Ordered: 1 × Regular Flat White for {name}.")
    barista.go_to("Queue")
    barista.tap("Ann", "new", "Start")
    barista.expect_row("Ann", "making")


def _menu_editor(barista: Visitor, _shop: str) -> None:
    barista.go_to("Menu")
    barista.expect_text("Order here, pick it up when it is ready.")


def _look_up(visitor: Visitor, shop: str) -> None:
    visitor.place_order("Flat White", shop)
    visitor.look_up(visitor.name, shop)
    visitor.expect_text("The answer as JSON")


def _offline(visitor: Visitor, shop: str) -> None:
    _orders(visitor, shop)
    visitor.page.context.set_offline(True)
    visitor.expect_text("You are offline.")


STATES: dict[str, State] = {
    "sign-in": lambda visitor, _: visitor.sign_out(),
    "sign-up-errors": _sign_up_errors,
    "confirmation": _confirmation,
    "new-password": lambda visitor, _: visitor.request_new_password(),
    "orders": _orders,
    "shop-menu": _shop_menu,
    "open-order-dialog": _open_order_dialog,
    "queue": _queue,
    "menu-editor": _menu_editor,
    "look-up": _look_up,
    "offline": _offline,
}


@pytest.mark.parametrize("state", STATES)
def test_state_is_accessible(sign_in: NewVisitor, shops: Shops, shop: str, state: str) -> None:
    shops.publish(f"{shop}-menu")
    staff_of = {"queue": shop, "menu-editor": f"{shop}-menu"}.get(state)
    visitor = sign_in(staff_of, viewport=PHONE, color_scheme="dark", reduced_motion="reduce")
    STATES[state](visitor, shop)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    visitor.take_picture(f"{state}-phone")
    visitor.page.set_viewport_size(DESKTOP)
    visitor.expect_accessible(state)


def test_long_word_wraps_on_a_phone(sign_in: NewVisitor, shop: str) -> None:
    visitor = sign_in(viewport=PHONE)
    visitor.place_order("W" * 64, shop)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def tab_to(visitor: Visitor, target: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(30):
        if target.evaluate("element => element === document.activeElement"):
            return
        visitor.page.keyboard.press("Tab")
    expect(target).to_be_focused()


def test_keyboard_places_and_cancels_an_order(customer: Visitor, shop: str) -> None:
    keyboard = customer.page.keyboard
    tab_to(customer, customer.field("Shop"))
    keyboard.type(shop)
    tab_to(customer, customer.field("Coffee"))
    keyboard.type("Mocha")
    keyboard.press("Enter")
    customer.expect_status("Mocha", "placed")
    customer.page.locator("#order-title").focus()
    tab_to(customer, customer.page.get_by_role("button", name="Cancel 1 × Regular Mocha"))
    keyboard.press("Enter")
    customer.expect_status("Mocha", "cancelled")


def test_status_change_is_announced_and_in_the_title(buyer: Visitor, barista: Visitor) -> None:
    expect(buyer.page).to_have_title(re.compile("^Placed · "))
    barista.move(buyer.name, "new", "Start")
    buyer.poll_now()
    news = buyer.page.locator("#news")
    expect(news).to_have_role("status")
    expect(news).to_have_text("Being made: 1 × Regular Mocha")
    expect(buyer.page).to_have_title(re.compile("^Being made · "))


def test_skip_link_focuses_the_content(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Skip to the content").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()


def test_forced_colours_outline_the_choice(sign_in: NewVisitor, menu: str) -> None:
    visitor = sign_in(forced_colors="active")
    visitor.visit(f"#order?shop={menu}")
    choice = visitor.page.get_by_role("radio", name="Flat White")
    outline = "choice => getComputedStyle(choice).outlineStyle"
    visitor.page.locator("#cups").focus()
    assert choice.evaluate(outline) == "none"
    choice.check()
    visitor.page.locator("#cups").focus()
    assert choice.evaluate(outline) == "solid"


def test_queue_row_has_names_for_a_screen_reader(buyer: Visitor, barista: Visitor) -> None:
    barista.expect_row(buyer.name, "new")
    order = f"1 × Regular Mocha for {buyer.name}"
    expect(barista.page.locator("#new")).to_match_aria_snapshot(
        f"""
        - list "New 1":
          - listitem:
            - strong: {buyer.name}
            - paragraph: 1 × Regular Mocha
            - 'button "Can’t make it: {order}"'
            - 'button "Start: {order}"'
        """
    )
