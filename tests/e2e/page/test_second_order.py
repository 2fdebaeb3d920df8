"""Nobody loses a coffee unnoticed: a second order at a shop asks what to do with the first."""

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.page.browser import Visitor
from tests.e2e.page.conftest import NewVisitor


@pytest.fixture
def with_flat_white(customer: Visitor, shop: str) -> Visitor:
    """Return a customer with an open order, who orders a second coffee there."""
    customer.order("Flat White", shop)
    customer.sees("Flat White", "placed")
    customer.order("Mocha", shop)
    customer.says("You have an open order here")
    return customer


def test_the_open_order_is_changed_on_request(with_flat_white: Visitor) -> None:
    with_flat_white.press("Change it to 1 × Regular Mocha")
    with_flat_white.sees("Mocha", "placed")
    with_flat_white.says("It replaces 1 × Regular Flat White.")
    expect(with_flat_white.card("Flat White")).to_have_count(0)


def test_another_order_is_added_under_another_name(with_flat_white: Visitor) -> None:
    with_flat_white.press("Add another order")
    with_flat_white.sees("Mocha", "placed")
    with_flat_white.sees("Flat White", "placed")
    expect(with_flat_white.card("Mocha")).to_contain_text(f"for {with_flat_white.name} 2")


def test_a_third_order_asks_again(with_flat_white: Visitor, shop: str) -> None:
    with_flat_white.press("Add another order")
    with_flat_white.sees("Mocha", "placed")
    with_flat_white.order("Latte", shop)
    with_flat_white.press("Add another order")
    with_flat_white.says(f"1 × Regular Mocha for {with_flat_white.name} 2")
    with_flat_white.press("Add another order")
    with_flat_white.sees("Latte", "placed")
    expect(with_flat_white.card("Latte")).to_contain_text(f"for {with_flat_white.name} 3")


@pytest.mark.parametrize("how", ["button", "Escape"])
def test_the_open_order_is_kept(with_flat_white: Visitor, how: str) -> None:
    posted = with_flat_white.requests_to("/order")
    if how == "Escape":
        with_flat_white.page.keyboard.press("Escape")
    else:
        with_flat_white.press("Keep it as it is")
    expect(with_flat_white.page.get_by_role("dialog")).to_be_hidden()
    expect(with_flat_white.field("Coffee")).to_have_value("Mocha")
    with_flat_white.sees("Flat White", "placed")
    assert [each for each in posted if each.method == "POST"] == []


def test_an_order_in_the_making_cannot_be_changed(
    customer: Visitor, sign_in: NewVisitor, shop: str
) -> None:
    customer.order("Latte", shop)
    customer.sees("Latte", "placed")
    barista = sign_in(vendorid=shop)
    barista.move(customer.name, "new", "Start")
    customer.sees("Latte", "preparing")
    customer.order("Piccolo", shop)
    customer.says("You have an open order here")
    expect(customer.page.get_by_role("button", name="Change it to")).to_have_count(0)
    customer.press("Add another order")
    customer.sees("Piccolo", "placed")


def test_an_order_from_another_device_is_noticed(
    customer: Visitor, new_visitor: NewVisitor, shop: str
) -> None:
    other_device = new_visitor()
    other_device.name = customer.name
    other_device.sign_in()
    other_device.order("Flat White", shop)
    other_device.sees("Flat White", "placed")
    customer.order("Mocha", shop)
    customer.says("You have an open order here")


def test_a_collected_order_is_not_asked_about(customer: Visitor, shop: str) -> None:
    customer.order("Latte", shop)
    customer.sees("Latte", "placed")
    customer.press("Cancel 1 × Regular Latte")
    customer.sees("Latte", "cancelled")
    customer.order("Mocha", shop)
    customer.sees("Mocha", "placed")
    expect(customer.page.locator("#order-note")).to_have_text(
        f"Ordered: 1 × Regular Mocha for {customer.name}."
    )


def test_an_order_that_comes_from_elsewhere_meanwhile_is_mentioned(
    customer: Visitor, new_visitor: NewVisitor, shop: str
) -> None:
    other_device = new_visitor()
    other_device.name = customer.name
    other_device.sign_in()

    def order_elsewhere_first(route: Route) -> None:
        route.fulfill(status=404, json={"Code": "NotFoundError", "Message": "x"})

    other_device.order("Flat White", shop)
    other_device.sees("Flat White", "placed")
    customer.page.route("**/order?*", order_elsewhere_first)
    customer.order("Mocha", shop)
    customer.says("It takes the place of another order of yours.")
