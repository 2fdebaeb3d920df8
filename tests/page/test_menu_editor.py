"""The staff's menu: a table to edit, sold-out buttons, and a poster to print."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService
from tests.page.visitor import Visitor
from tests.samples import shop_response

pytestmark = pytest.mark.slow

OUTDATED = "A colleague has published another menu meanwhile."
DISCARD = "Discard my changes, show the published menu"


@pytest.fixture
def editor(stub: StubbedService, stub_visitor: NewVisitor) -> Visitor:
    stub.shop = shop_response("v0", {"Mocha"})
    editor = stub_visitor("#menu", "Bo", staff=True)
    expect(editor.page.locator("#poster-name")).to_have_text("Harbour Coffee")
    return editor


def coffee(coffeetype: str, **prices: str) -> dict[str, Any]:
    """Return a coffee of a menu, with its price for each size."""
    sizes = [{"coffeesize": size, "unitprice": price} for size, price in prices.items()]
    return {"coffeetype": coffeetype, "sizes": sizes, "soldout": False}


def cell(visitor: Visitor, row: int, column: int) -> Locator:
    return visitor.page.locator("#menu-table tbody tr").nth(row).locator("input").nth(column)


def sold_out(visitor: Visitor, coffeetype: str) -> Locator:
    return visitor.page.get_by_role("button", name=f"Sold out: {coffeetype}")


def publish(visitor: Visitor) -> None:
    visitor.press("Publish")
    visitor.expect_text("Published.")


def test_menu_is_edited(editor: Visitor, stub: StubbedService) -> None:
    cell(editor, 0, 1).fill("25.000")
    editor.press("Publish")
    question = re.compile(re.escape("Is this 25000 or 25?"))
    expect(cell(editor, 0, 1)).to_have_accessible_description(question)
    cell(editor, 0, 1).fill("4,80")
    cell(editor, 0, 2).fill("")
    editor.press("Add a coffee")
    cell(editor, 2, 0).fill("Piccolo")
    editor.press("Add a size")
    editor.page.keyboard.type("Tiny")
    cell(editor, 2, 3).fill("3")
    editor.press("Remove Mocha")
    expect(cell(editor, 1, 0)).to_be_focused()
    expect(cell(editor, 1, 0)).to_have_value("Piccolo")
    editor.expect_accessible("menu-editor")
    publish(editor)
    assert stub.shop["menu"] == [coffee("Flat White", Small="4.80"), coffee("Piccolo", Tiny="3")]


def test_order_of_sizes_is_kept(editor: Visitor, stub: StubbedService) -> None:
    menu = [coffee("Latte", Small="4", Large="5"), coffee("Karak", Large="1.2500", Small="1")]
    stub.shop["menu"] = menu
    editor.page.reload()
    expect(cell(editor, 1, 0)).to_have_value("Karak")
    publish(editor)
    assert stub.shop["menu"] == menu


def test_draft_is_kept_until_it_is_published(editor: Visitor) -> None:
    cell(editor, 0, 1).fill("9")
    editor.press("Remove Mocha")
    editor.page.reload()
    editor.go_to("Queue")
    editor.go_to("Menu")
    editor.expect_text("Your changes are kept on this device.")
    expect(cell(editor, 0, 1)).to_have_value("9")
    publish(editor)
    editor.page.reload()
    expect(cell(editor, 0, 1)).to_have_value("9")
    expect(editor.page.get_by_role("button", name="Discard")).to_be_hidden()


def test_success_is_said_until_the_next_change(editor: Visitor, stub: StubbedService) -> None:
    cell(editor, 0, 1).press("Enter")
    editor.expect_text("Published.")
    expect(editor.page.get_by_role("button", name="Publish")).to_be_focused()
    cell(editor, 0, 1).fill("9")
    expect(editor.page.get_by_text("Published.")).to_be_hidden()
    note = editor.field("Note while orders are paused")
    note.fill("Back at 2")
    editor.press("Save the note")
    editor.expect_text("Saved.")
    note.fill("Back at 3")
    expect(editor.page.get_by_text("Saved.")).to_be_hidden()
    stub.shop["note"] = "Back at 4"  # a colleague's, which is shown before it is replaced
    editor.press("Save the note")
    editor.expect_text("Now “Back at 4”")
    assert stub.shop["note"] == "Back at 4"


def test_input_during_publishing_is_kept(editor: Visitor, stub: StubbedService) -> None:
    held = editor.hold("**/shop?*", "PUT")
    cell(editor, 0, 1).fill("9")
    cell(editor, 0, 1).press("Enter")
    editor.wait_until(lambda: held)
    cell(editor, 0, 2).fill("10")
    held.pop().fallback()
    editor.expect_text("Published, without what you typed since.")
    expect(cell(editor, 0, 2)).to_have_value("10")
    assert stub.shop["menu"][0]["sizes"][0]["unitprice"] == "9"


def test_sold_out_changes_one_coffee(editor: Visitor, stub: StubbedService) -> None:
    stub.shop["note"] = "Back at 2"  # a colleague's change
    sold_out(editor, "Flat White").click()
    editor.expect_text("Nothing was done: look at it, then tap again.")
    expect(sold_out(editor, "Flat White")).to_have_attribute("aria-pressed", "false")
    for name in ("Flat White", "Mocha"):  # without waiting for the first answer
        sold_out(editor, name).click()
    expect(sold_out(editor, "Flat White")).to_have_attribute("aria-pressed", "true")
    expect(sold_out(editor, "Mocha")).to_have_attribute("aria-pressed", "false")
    assert [each["soldout"] for each in stub.shop["menu"]] == [True, False]


def test_draft_of_an_outdated_menu_is_kept(editor: Visitor, stub: StubbedService) -> None:
    cell(editor, 0, 1).fill("9")
    stub.shop = shop_response("v0", menu=[coffee("Flat White", Small="4.60")])
    editor.page.reload()
    editor.expect_text(OUTDATED)
    expect(cell(editor, 0, 1)).to_have_value("9")
    editor.press(DISCARD)
    expect(cell(editor, 0, 1)).to_have_value("4.60")


def test_only_the_poster_is_printed(editor: Visitor) -> None:
    link = editor.page.locator("#shop-link")
    expect(link).to_have_attribute("href", f"{editor.page.url.split('#')[0]}#order?shop=v0")
    editor.page.emulate_media(media="print")
    expect(editor.page.get_by_role("img", name="QR code")).to_be_visible()
    for hidden in ("header", "#editor", "#note-form", "#print"):
        expect(editor.page.locator(hidden)).to_be_hidden()
