"""Accessibility: keyboard, screen reader, phone, colour schemes and forced colours."""

import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from tests.e2e.page.conftest import DESKTOP, NewVisitor
from tests.e2e.page.pictures import STATES, expect_accessible, take_picture
from tests.e2e.page.shops import Shops
from tests.e2e.page.visitor import Visitor

PHONE: ViewportSize = {"width": 360, "height": 800}


@pytest.mark.parametrize("state", STATES)
def test_state_is_accessible(sign_in: NewVisitor, shops: Shops, shop: str, state: str) -> None:
    shops.publish(f"{shop}-menu")
    staff_of = {"queue": shop, "menu-editor": f"{shop}-menu"}.get(state)
    visitor = sign_in(staff_of, viewport=PHONE, color_scheme="dark", reduced_motion="reduce")
    STATES[state](visitor, shop)
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    take_picture(visitor.page, f"{state}-phone")
    visitor.page.set_viewport_size(DESKTOP)
    expect_accessible(visitor.page, state)


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
    expect(customer.page.get_by_role("heading", name="Order a coffee")).to_be_focused()
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


def test_queue_row_for_a_screen_reader(buyer: Visitor, barista: Visitor) -> None:
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
