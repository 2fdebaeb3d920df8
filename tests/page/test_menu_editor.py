"""The staff's menu: a table to edit, sold-out buttons, and a poster to print."""

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.page.shops import Shops
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def editor(menu: str, barista: Visitor) -> Visitor:  # noqa: ARG001 - publishes the menu
    barista.go_to("Menu")
    expect(barista.page.locator("#menu-table tbody tr")).to_have_count(3)
    return barista


def cell(visitor: Visitor, row: int, column: int) -> Locator:
    return visitor.page.locator("#menu-table tbody tr").nth(row).locator("input").nth(column)


def publish(visitor: Visitor) -> None:
    visitor.press("Publish")
    visitor.expect_text("Published.")


def test_menu_is_edited(editor: Visitor, shops: Shops, menu: str) -> None:
    cell(editor, 0, 1).fill("4,80")
    cell(editor, 0, 2).fill("")
    editor.press("Remove Mocha")
    editor.press("Add a coffee")
    cell(editor, 2, 0).fill("Piccolo")
    editor.press("Add a size")
    editor.page.keyboard.type("Tiny")
    cell(editor, 2, 3).fill("3")
    publish(editor)
    first, second, third = shops.get(menu)["menu"]
    assert first["sizes"] == [{"coffeesize": "Small", "unitprice": "4.80"}]
    assert second["coffeetype"] == "Short Black"
    assert third["coffeetype"] == "Piccolo"
    assert third["sizes"] == [{"coffeesize": "Tiny", "unitprice": "3"}]


def test_first_menu_is_published(barista: Visitor, shops: Shops, shop: str) -> None:
    barista.go_to("Menu")
    barista.expect_text("This shop has no menu yet")
    barista.fill(Name_of_the_shop="Harbour Coffee", Currency="eur")
    cell(barista, 0, 0).fill("Latte")
    cell(barista, 0, 1).fill("4")
    publish(barista)
    assert shops.get(shop)["currency"] == "EUR"
    expect(barista.page.locator("#qr")).to_be_visible()


def test_one_tap_marks_sold_out(editor: Visitor, shops: Shops, menu: str) -> None:
    toggle = editor.page.get_by_role("button", name="Sold out: Flat White")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    assert [coffee["soldout"] for coffee in shops.get(menu)["menu"]] == [True, False, True]
    editor.page.get_by_role("button", name="Sold out: Mocha").click()
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert not any(coffee["soldout"] for coffee in shops.get(menu)["menu"])


def test_quick_taps_mark_all_sold_out(editor: Visitor, shops: Shops, menu: str) -> None:
    def delay(route: Route) -> None:
        editor.page.wait_for_timeout(200)
        route.continue_()

    editor.page.route("**/shop?*", delay)
    buttons = editor.page.get_by_role("button", name=re.compile("^Sold out: (Flat|Short)"))
    for button in buttons.all():
        button.click()
    for button in buttons.all():
        expect(button).to_have_attribute("aria-pressed", "true")
    assert all(coffee["soldout"] for coffee in shops.get(menu)["menu"])


def test_colleagues_edit_is_not_overwritten(editor: Visitor, shops: Shops, menu: str) -> None:
    shops.publish(menu, name="A colleague's")
    cell(editor, 0, 1).fill("9")
    editor.press("Publish")
    editor.expect_text("A colleague has changed the menu meanwhile.")
    expect(cell(editor, 0, 1)).to_have_value("9")
    editor.press("Show the published menu")
    expect(editor.field("Name of the shop")).to_have_value("A colleague's")
    expect(cell(editor, 0, 1)).to_have_value("4.50")


@pytest.mark.parametrize(
    ("row", "column", "value", "text"),
    [
        (1, 1, "cheap", "must be a decimal number"),
        (1, 0, "Flat White", "is on the menu twice"),
        (0, 0, "x" * 63 + "\u007f", "must have no control characters"),
    ],
)
def test_bad_cell_is_marked(editor: Visitor, row: int, column: int, value: str, text: str) -> None:
    invalid = cell(editor, row, column)
    invalid.fill(value)
    editor.press("Publish")
    expect(invalid).to_have_attribute("aria-invalid", "true")
    expect(invalid).to_have_accessible_description(re.compile(text))
    expect(invalid).to_be_focused()


def test_note_is_saved(editor: Visitor, shops: Shops, menu: str) -> None:
    editor.fill(Note_while_orders_are_paused="Back at 2")
    editor.press("Save the note")
    editor.expect_text("Saved.")
    assert shops.get(menu)["note"] == "Back at 2"


def test_only_the_poster_is_printed(editor: Visitor, menu: str) -> None:
    link = editor.page.locator("#shop-link")
    expect(link).to_have_attribute("href", f"{editor.page.url.split('#')[0]}#order?shop={menu}")
    editor.wait_until(lambda: editor.page.locator("#qr").evaluate("image => image.naturalWidth"))
    editor.page.emulate_media(media="print")
    expect(editor.page.locator("#qr")).to_be_visible()
    for hidden in ("header", "#editor", "#note-form", "#print"):
        expect(editor.page.locator(hidden)).to_be_hidden()
