"""A customer with an open order who orders again at the same shop is asked what to do."""

import pytest
from playwright.sync_api import expect

from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor

pytestmark = pytest.mark.slow


@pytest.fixture
def dialog(customer: Visitor, shop: str) -> Visitor:
    """Return the page of a customer with an open order, with the dialog about a second one."""
    customer.place_order("Flat White", shop)
    customer.order("Mocha", shop)
    customer.expect_text("You have an open order here")
    return customer


@pytest.fixture
def other_device(customer: Visitor, new_visitor: NewVisitor, shop: str) -> Visitor:
    """Return the page of the same customer on another device, from which they have ordered."""
    device = new_visitor(name=customer.name)
    device.sign_in()
    device.place_order("Flat White", shop)
    return device


def test_open_order_is_replaced(dialog: Visitor) -> None:
    dialog.press("Change it to 1 × Regular Mocha")
    dialog.expect_status("Mocha", "placed")
    dialog.expect_text("It replaces 1 × Regular Flat White.")
    expect(dialog.card("Flat White")).to_have_count(0)


def test_more_orders_get_numbered_names(dialog: Visitor, shop: str) -> None:
    dialog.press("Add another order")
    dialog.expect_status("Mocha", "placed")
    dialog.expect_status("Flat White", "placed")
    expect(dialog.card("Mocha")).to_contain_text(f"for {dialog.name} 2")
    dialog.order("Latte", shop)
    dialog.press("Add another order")
    dialog.expect_text(f"1 × Regular Mocha for {dialog.name} 2")
    dialog.press("Add another order")
    dialog.expect_status("Latte", "placed")
    expect(dialog.card("Latte")).to_contain_text(f"for {dialog.name} 3")


@pytest.mark.parametrize("control", ["button", "Escape"])
def test_open_order_is_kept(dialog: Visitor, control: str) -> None:
    requests = dialog.record_requests("/order")
    if control == "Escape":
        dialog.page.keyboard.press("Escape")
    else:
        dialog.press("Keep it as it is")
    expect(dialog.page.get_by_role("dialog")).to_be_hidden()
    expect(dialog.field("Coffee")).to_have_value("Mocha")
    dialog.expect_status("Flat White", "placed")
    assert [request for request in requests if request.method == "POST"] == []


def test_order_in_preparation_is_kept(buyer: Visitor, barista: Visitor, shop: str) -> None:
    barista.move(buyer.name, "new", "Start")
    buyer.expect_status("Mocha", "preparing")
    buyer.order("Piccolo", shop)
    buyer.expect_text("You have an open order here")
    expect(buyer.page.get_by_role("button", name="Change it to")).to_have_count(0)
    buyer.press("Add another order")
    buyer.expect_status("Piccolo", "placed")


@pytest.mark.usefixtures("other_device")
def test_order_of_another_device_is_asked_about(customer: Visitor, shop: str) -> None:
    customer.order("Mocha", shop)
    customer.expect_text("You have an open order here")


def test_cancelled_order_is_not_asked_about(buyer: Visitor, shop: str) -> None:
    buyer.cancel_order("Mocha")
    buyer.place_order("Latte", shop)
    expect(buyer.page.locator("#order-note")).to_have_text(
        f"Ordered: 1 × Regular Latte for {buyer.name}."
    )
