"""The staff's menu: a table to edit, sold-out buttons, and a poster to print."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.page.conftest import NewVisitor
from tests.page.shops import MENU, coffee, shop_as_listed
from tests.page.stub import StubbedService
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow

OUTDATED = "A colleague has published another menu meanwhile."


@pytest.fixture
def editor(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    stub.shop = shop_as_listed()
    editor = stub_visitor("#menu", "Bo", staff=True)
    expect(editor.page.locator("#menu-table tbody tr")).to_have_count(3)
    return editor


def cell(visitor: Visitor, row: int, column: int) -> Locator:
    return visitor.page.locator("#menu-table tbody tr").nth(row).locator("input").nth(column)


def publish(visitor: Visitor) -> None:
    visitor.press("Publish")
    visitor.expect_text("Published.")


def published_menu(stub: StubbedService) -> list[dict[str, Any]]:
    assert stub.shop
    return [{**each, "soldout": False} for each in stub.shop["menu"]]


def listed_menu(*coffees: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**each, "soldout": False} for each in coffees]


def test_menu_is_edited(editor: Visitor, stub: StubbedService) -> None:
    cell(editor, 0, 1).fill("4,80")
    cell(editor, 0, 2).fill("")
    editor.press("Remove Mocha")
    editor.press("Add a coffee")
    cell(editor, 2, 0).fill("Piccolo")
    editor.press("Add a size")
    editor.page.keyboard.type("Tiny")
    cell(editor, 2, 3).fill("3")
    publish(editor)
    flat_white, piccolo = coffee("Flat White", Small="4.80"), coffee("Piccolo", Tiny="3")
    assert published_menu(stub) == listed_menu(flat_white, MENU[1], piccolo)


def test_first_menu_is_published(stub: StubbedService, stub_visitor: NewVisitor) -> None:
    barista = stub_visitor("#menu", "Bo", staff=True)
    barista.expect_text("This shop has no menu yet")
    barista.fill(Name_of_the_shop="Harbour Coffee", Currency="eur")
    cell(barista, 0, 0).fill("Latte")
    cell(barista, 0, 1).fill("4")
    publish(barista)
    assert stub.shop
    assert stub.shop["currency"] == "EUR"
    expect(barista.page.locator("#qr")).to_be_visible()


def test_order_of_sizes_stays(stub: StubbedService, stub_visitor: NewVisitor) -> None:
    menu = [coffee("Latte", Small="4", Large="5"), coffee("Mocha", Large="6", Small="5")]
    stub.shop = shop_as_listed(menu=listed_menu(*menu))
    editor = stub_visitor("#menu", "Bo", staff=True)
    cell(editor, 1, 2).fill("6.50")
    editor.page.reload()
    publish(editor)
    menu[1] = coffee("Mocha", Large="6.50", Small="5")
    assert published_menu(stub) == listed_menu(*menu)


@pytest.mark.parametrize(
    ("typed", "text"),
    [("25.000", "Is this 25000 or 25?"), ("4,500", "Is this 4500 or 4.5?")],
)
def test_ambiguous_price_is_asked_about(
    editor: Visitor, stub: StubbedService, typed: str, text: str
) -> None:
    cell(editor, 0, 1).fill(typed)
    editor.press("Publish")
    expect(cell(editor, 0, 1)).to_have_accessible_description(re.compile(re.escape(text)))
    assert published_menu(stub) == listed_menu(*MENU)


def test_published_price_with_three_decimals_is_kept(
    stub: StubbedService, stub_visitor: NewVisitor
) -> None:
    stub.shop = shop_as_listed(menu=listed_menu(coffee("Karak", Small="1.250")))
    editor = stub_visitor("#menu", "Bo", staff=True)
    publish(editor)
    assert published_menu(stub) == listed_menu(coffee("Karak", Small="1.2500"))


@pytest.mark.parametrize(
    "leave",
    [
        lambda editor: editor.page.reload(),
        lambda editor: (editor.go_to("Queue"), editor.go_to("Menu")),
        lambda editor: (editor.visit("#menu?x"), editor.page.reload()),
    ],
    ids=["reload", "another part", "another address"],
)
def test_draft_is_kept_until_it_is_published(editor: Visitor, leave: Any) -> None:
    cell(editor, 0, 1).fill("9")
    editor.press("Remove Mocha")
    leave(editor)
    editor.expect_text("Your changes are kept on this device.")
    expect(cell(editor, 0, 1)).to_have_value("9")
    publish(editor)
    editor.page.reload()
    expect(cell(editor, 0, 1)).to_have_value("9")
    expect(editor.page.get_by_role("button", name="Discard")).to_be_hidden()


def test_draft_is_discarded(editor: Visitor) -> None:
    cell(editor, 0, 1).fill("9")
    editor.press("Discard my changes, show the published menu")
    expect(cell(editor, 0, 1)).to_have_value("4.50")
    editor.page.reload()
    expect(cell(editor, 0, 1)).to_have_value("4.50")


def test_success_is_said_until_the_next_change(editor: Visitor) -> None:
    publish(editor)
    cell(editor, 0, 1).fill("9")
    expect(editor.page.get_by_text("Published.")).to_be_hidden()
    editor.fill(Note_while_orders_are_paused="Back at 2")
    editor.press("Save the note")
    editor.expect_text("Saved.")
    editor.fill(Note_while_orders_are_paused="Back at 3")
    expect(editor.page.get_by_text("Saved.")).to_be_hidden()


def test_removing_a_row_focuses_the_next_one(editor: Visitor) -> None:
    editor.press("Remove Flat White")
    expect(cell(editor, 0, 0)).to_be_focused()
    expect(cell(editor, 0, 0)).to_have_value("Short Black")


def test_sold_out_changes_one_coffee(editor: Visitor, stub: StubbedService) -> None:
    assert stub.shop
    for name in ("Flat White", "Short Black"):  # without waiting for the first answer
        editor.page.get_by_role("button", name=f"Sold out: {name}").click()
    for toggle in editor.page.get_by_role("button", name=re.compile("^Sold out: ")).all():
        expect(toggle).to_have_attribute("aria-pressed", "true")
    editor.page.get_by_role("button", name="Sold out: Mocha").click()
    editor.wait_until(lambda: not stub.shop or not stub.shop["menu"][2]["soldout"])
    assert [each["soldout"] for each in stub.shop["menu"]] == [True, True, False]


def test_sold_out_of_a_changed_shop_shows_it(editor: Visitor, stub: StubbedService) -> None:
    stub.shop = shop_as_listed(menu=listed_menu(*MENU))
    toggle = editor.page.get_by_role("button", name="Sold out: Flat White")
    toggle.click()
    editor.expect_text("Nothing was done: look at it, then tap again.")
    mocha = editor.page.get_by_role("button", name="Sold out: Mocha")
    expect(mocha).to_have_attribute("aria-pressed", "false")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("sold_out_first", [False, True])
def test_colleagues_menu_is_not_overwritten(
    editor: Visitor, stub: StubbedService, sold_out_first: bool
) -> None:
    colleagues = [coffee("Flat White", Small="4.60")]
    stub.shop = shop_as_listed(name="A colleague's", menu=listed_menu(*colleagues))
    cell(editor, 0, 1).fill("9")
    if sold_out_first:  # the answer has the new menu's tag
        editor.page.get_by_role("button", name="Sold out: Flat White").click()
        editor.expect_text("Nothing was done: look at it, then tap again.")
    editor.press("Publish")
    editor.expect_text(OUTDATED)
    assert published_menu(stub) == listed_menu(*colleagues)
    editor.page.reload()
    editor.expect_text(OUTDATED)
    expect(cell(editor, 0, 1)).to_have_value("9")
    editor.press("Discard my changes, show the published menu")
    expect(editor.field("Name of the shop")).to_have_value("A colleague's")
    expect(cell(editor, 0, 1)).to_have_value("4.60")


@pytest.mark.parametrize(
    ("path", "row", "column"),
    [
        ("shop.menu[1].sizes[0].unitprice", 1, 1),
        ("shop.menu[1].coffeetype", 1, 0),
        ("shop.menu[0]", 0, 0),
    ],
)
def test_error_is_shown_at_its_cell(editor: Visitor, path: str, row: int, column: int) -> None:
    message = f"{path}: must be different"
    editor.respond("**/shop?*", "PUT", status=400, json={"Code": "x", "Message": message})
    editor.press("Publish")
    expect(cell(editor, row, column)).to_have_attribute("aria-invalid", "true")
    expect(cell(editor, row, column)).to_have_accessible_description("This must be different.")
    expect(cell(editor, row, column)).to_be_focused()


def test_only_the_poster_is_printed(editor: Visitor) -> None:
    link = editor.page.locator("#shop-link")
    expect(link).to_have_attribute("href", f"{editor.page.url.split('#')[0]}#order?shop=v0")
    editor.wait_until(lambda: editor.page.locator("#qr").evaluate("image => image.naturalWidth"))
    editor.page.emulate_media(media="print")
    expect(editor.page.locator("#qr")).to_be_visible()
    for hidden in ("header", "#editor", "#note-form", "#print"):
        expect(editor.page.locator(hidden)).to_be_hidden()
