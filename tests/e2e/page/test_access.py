"""Everybody can use the page: by keyboard, by ear, on a phone, by day and by night."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from deploy.project import PROJECT
from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import Shops
from tests.e2e.page.states import STATES, State

PHONE = 360  # px
PICTURES = PROJECT / "build" / "screenshots"

every_state = pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)


def take_picture(page: Page, name: str) -> Path:
    """Take a screenshot, for README.md and for whoever wants to see what a test saw."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, full_page=True)
    return path


@every_state
def test_axe_finds_nothing_to_object_to_by_day_and_by_night(
    sign_in: NewVisitor, shops: Shops, shop: str, state: State
) -> None:
    shops.publish(f"{shop}-menu")
    page = state(sign_in, shop, reduced_motion="reduce").page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.response["passes"], "axe has looked at nothing"
        assert found.violations_count == 0, found.generate_report()
        assert take_picture(page, f"{state.__name__}-{scheme}").exists()


@every_state
def test_nothing_sticks_out_of_a_phone(
    sign_in: NewVisitor, shops: Shops, shop: str, state: State
) -> None:
    shops.publish(f"{shop}-menu")
    page = state(sign_in, shop, width=PHONE, color_scheme="dark").page
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert take_picture(page, f"{state.__name__}-phone").exists()


def test_a_long_name_without_blanks_breaks_on_a_phone(sign_in: NewVisitor, shop: str) -> None:
    visitor = sign_in(width=PHONE)
    visitor.order("W" * 64, shop)
    visitor.sees("W" * 64, "placed")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE


def tab_to(visitor: Visitor, target: Locator) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(30):
        if target.evaluate("element => element === document.activeElement"):
            return
        visitor.page.keyboard.press("Tab")
    expect(target).to_be_focused()


def test_an_order_is_placed_and_cancelled_by_keyboard_alone(customer: Visitor, shop: str) -> None:
    keyboard = customer.page.keyboard
    expect(customer.page.get_by_role("heading", name="Order a coffee")).to_be_focused()
    tab_to(customer, customer.field("Shop"))
    keyboard.type(shop)
    tab_to(customer, customer.field("Coffee"))
    keyboard.type("Mocha")
    keyboard.press("Enter")
    customer.sees("Mocha", "placed")
    customer.page.locator("#order-title").focus()
    tab_to(customer, customer.page.get_by_role("button", name="Cancel 1 × Regular Mocha"))
    keyboard.press("Enter")
    customer.sees("Mocha", "cancelled")


def test_a_change_of_status_is_announced_and_in_the_title(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    expect(customer.page).to_have_title(re.compile("^Placed · "))
    barista = sign_in(vendorid=shop)
    barista.move(customer.name, "new", "Start")
    customer.ask_now()
    news = customer.page.locator("#news")
    expect(news).to_have_role("status")
    expect(news).to_have_text("Being made: 1 × Regular Mocha", timeout=15_000)
    expect(customer.page).to_have_title(re.compile("^Being made · "))


def test_the_skip_link_leads_to_the_content(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Skip to the content").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()


def test_forced_colours_show_what_is_chosen_and_what_is_late(
    sign_in: NewVisitor, shops: Shops, shop: str
) -> None:
    shops.publish(shop)
    visitor = sign_in(forced_colors="active")
    visitor.visit(f"#order?shop={shop}")
    choice = visitor.page.get_by_role("radio", name="Flat White")
    outline = "choice => getComputedStyle(choice).outlineStyle"
    visitor.page.locator("#cups").focus()
    assert choice.evaluate(outline) == "none"
    choice.check()
    visitor.page.locator("#cups").focus()
    assert choice.evaluate(outline) == "solid"


def test_a_screen_reader_reads_a_row_in_the_order_of_the_work(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=shop)
    barista.has(customer.name, "new")
    about = f"1 × Regular Mocha for {customer.name}"
    expect(barista.page.locator("#new")).to_match_aria_snapshot(
        f"""
        - list "New 1":
          - listitem:
            - strong: {customer.name}
            - paragraph: 1 × Regular Mocha
            - 'button "Can’t make it: {about}"'
            - 'button "Start: {about}"'
        """
    )
