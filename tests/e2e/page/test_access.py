"""Everybody can use the page: by keyboard, by ear, on a phone, by day and by night."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from deploy.project import PROJECT
from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
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
    sign_in: NewVisitor, shop: str, state: State
) -> None:
    page = state(sign_in, shop, reduced_motion="reduce").page
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.response["passes"], "axe has looked at nothing"
        assert found.violations_count == 0, found.generate_report()
        assert take_picture(page, f"{state.__name__}-{scheme}").exists()


@every_state
def test_nothing_sticks_out_of_a_phone(sign_in: NewVisitor, shop: str, state: State) -> None:
    page = state(sign_in, shop, width=PHONE, color_scheme="dark").page
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE
    assert take_picture(page, f"{state.__name__}-phone").exists()


def test_a_long_name_without_blanks_breaks_on_a_phone(sign_in: NewVisitor, shop: str) -> None:
    visitor = sign_in(width=PHONE)
    visitor.order("W" * 64, shop)
    visitor.sees("W" * 64, "placed")
    assert visitor.page.evaluate("document.documentElement.scrollWidth") == PHONE


def test_an_order_is_placed_and_cancelled_by_keyboard_alone(customer: Visitor, shop: str) -> None:
    keyboard = customer.page.keyboard
    expect(customer.field("Coffee")).to_be_focused()
    keyboard.type("Mocha")
    for _ in range(4):  # size, cups, price, shop
        keyboard.press("Tab")
    keyboard.type(shop)
    keyboard.press("Enter")
    customer.sees("Mocha", "placed")
    cancel = customer.page.get_by_role("button", name="Cancel 1 × Regular Mocha")
    for _ in range(10):
        if cancel.evaluate("button => button === document.activeElement"):
            break
        keyboard.press("Tab")
    keyboard.press("Enter")
    customer.sees("Mocha", "cancelled")
    again = customer.page.get_by_role("button", name="Order again 1 × Regular Mocha")
    expect(again).to_be_focused()  # the keyboard's place is kept where the button changed


def test_a_change_of_status_is_announced(customer: Visitor, sign_in: NewVisitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    barista = sign_in(vendorid=shop)
    barista.go_to("Queue")
    barista.page.get_by_role("button", name="Start").click()
    news = customer.page.locator("#news")
    expect(news).to_have_role("status")
    expect(news).to_have_text(f"1 × Regular Mocha at {shop} is preparing.", timeout=15_000)


def test_the_skip_link_leads_to_the_content(visitor: Visitor) -> None:
    visitor.page.get_by_role("link", name="Skip to the content").focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.page.locator("main")).to_be_focused()
