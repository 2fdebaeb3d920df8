"""The staff's menu: a table to edit, sold out with one tap, and a poster to print."""

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor
from tests.e2e.page.shops import Shops


@pytest.fixture
def editor(sign_in: NewVisitor, shops: Shops, shop: str) -> Visitor:
    shops.publish(shop)
    barista = sign_in(vendorid=shop)
    barista.go_to("Menu")
    expect(barista.page.locator("#menu-table tbody tr")).to_have_count(3)
    return barista


def cell(visitor: Visitor, row: int, column: int) -> Locator:
    return visitor.page.locator("#menu-table tbody tr").nth(row).locator("input").nth(column)


def test_a_price_is_changed_and_an_empty_one_is_not_sold(
    editor: Visitor, shops: Shops, shop: str
) -> None:
    cell(editor, 0, 1).fill("4,80")
    cell(editor, 0, 2).fill("")
    editor.press("Publish")
    editor.says("Published.")
    (coffee, *_) = shops.get(shop)["menu"]
    assert coffee["sizes"] == [{"coffeesize": "Small", "unitprice": "4.80"}]


def test_coffees_and_sizes_are_added_and_removed(editor: Visitor, shops: Shops, shop: str) -> None:
    editor.press("Remove Mocha")
    editor.press("Add a coffee")
    cell(editor, 2, 0).fill("Piccolo")
    editor.press("Add a size")
    editor.page.keyboard.type("Tiny")
    cell(editor, 2, 3).fill("3")
    editor.press("Publish")
    editor.says("Published.")
    menu = shops.get(shop)["menu"]
    assert [coffee["coffeetype"] for coffee in menu] == ["Flat White", "Short Black", "Piccolo"]
    assert menu[-1]["sizes"] == [{"coffeesize": "Tiny", "unitprice": "3"}]


def test_a_first_menu_is_published(sign_in: NewVisitor, shops: Shops, shop: str) -> None:
    barista = sign_in(vendorid=shop)
    barista.go_to("Menu")
    barista.says("This shop has no menu yet")
    barista.fill(Name_of_the_shop="Harbour Coffee", Currency="eur")
    cell(barista, 0, 0).fill("Latte")
    cell(barista, 0, 1).fill("4")
    barista.press("Publish")
    barista.says("Published.")
    assert shops.get(shop)["currency"] == "EUR"
    expect(barista.page.locator("#qr")).to_be_visible()


def test_sold_out_is_one_tap(editor: Visitor, shops: Shops, shop: str) -> None:
    toggle = editor.page.get_by_role("button", name="Sold out: Flat White")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    assert [coffee["soldout"] for coffee in shops.get(shop)["menu"]] == [True, False, True]
    editor.page.get_by_role("button", name="Sold out: Mocha").click()
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    assert not any(coffee["soldout"] for coffee in shops.get(shop)["menu"])


def test_quick_taps_on_sold_out_all_count(editor: Visitor, shops: Shops, shop: str) -> None:
    def answer_slowly(route: Route) -> None:
        editor.page.wait_for_timeout(200)
        route.continue_()

    editor.page.route("**/shop?*", answer_slowly)
    buttons = editor.page.get_by_role("button", name=re.compile("^Sold out: (Flat|Short)"))
    for button in buttons.all():
        button.click()
    for button in buttons.all():
        expect(button).to_have_attribute("aria-pressed", "true")
    assert all(coffee["soldout"] for coffee in shops.get(shop)["menu"])


def test_a_colleagues_edit_is_not_overwritten(editor: Visitor, shops: Shops, shop: str) -> None:
    shops.publish(shop, name="A colleague's")
    cell(editor, 0, 1).fill("9")
    editor.press("Publish")
    editor.says("A colleague has changed the menu meanwhile.")
    expect(cell(editor, 0, 1)).to_have_value("9")
    editor.press("Show the published menu")
    expect(editor.field("Name of the shop")).to_have_value("A colleague's")
    expect(cell(editor, 0, 1)).to_have_value("4.50")


@pytest.mark.parametrize(
    ("row", "column", "value", "words"),
    [
        (1, 1, "cheap", "must be a decimal number"),
        (1, 0, "Flat White", "is on the menu twice"),
        (0, 0, "x" * 63 + "\u007f", "must have no control characters"),
    ],
)
def test_what_is_refused_is_marked(
    editor: Visitor, row: int, column: int, value: str, words: str
) -> None:
    cell(editor, row, column).fill(value)
    editor.press("Publish")
    expect(cell(editor, row, column)).to_have_attribute("aria-invalid", "true")
    expect(cell(editor, row, column)).to_have_accessible_description(re.compile(words))
    expect(cell(editor, row, column)).to_be_focused()


def test_the_note_is_saved(editor: Visitor, shops: Shops, shop: str) -> None:
    editor.fill(Note_while_orders_are_paused="Back at 2")
    editor.press("Save the note")
    editor.says("Saved.")
    assert shops.get(shop)["note"] == "Back at 2"


def test_the_poster_leads_to_the_shop_and_is_all_that_is_printed(
    editor: Visitor, shop: str
) -> None:
    link = editor.page.locator("#shop-link")
    expect(link).to_have_attribute("href", f"{editor.page.url.split('#')[0]}#order?shop={shop}")
    assert editor.page.locator("#qr").evaluate("image => image.naturalWidth") > 0
    editor.page.emulate_media(media="print")
    expect(editor.page.locator("#qr")).to_be_visible()
    for hidden in ("header", "#editor", "#note-form", "#print"):
        expect(editor.page.locator(hidden)).to_be_hidden()
