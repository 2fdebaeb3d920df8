"""A notification when a coffee is ready: from a barista's tap to the worker, on the local cloud."""

import dataclasses
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.page.conftest import NewVisitor
from tests.page.phone import Phone
from tests.page.visitor import Visitor
from tests.samples import PASSWORD


@pytest.fixture
def phone(buyer: Visitor, make_httpserver: HTTPServer) -> Iterator[Phone]:
    yield Phone(buyer, make_httpserver)
    make_httpserver.clear()


def test_a_barista_s_tap_reaches_the_phone(phone: Phone, barista: Visitor, shop: str) -> None:
    phone.subscribe()
    barista.move(phone.visitor.name, "new", "Start")
    barista.move(phone.visitor.name, "making", "Ready")
    phone.wait_for_push()
    phone.expect_notifications(f"Your Mocha is ready at {shop}")
    phone.visitor.expect_status("Mocha", "ready")  # the open page is told at once


def test_an_order_is_announced_once(phone: Phone, barista: Visitor, shop: str) -> None:
    phone.subscribe()
    with phone.visitor.page.expect_response("**/order/push*"):
        phone.visitor.place_order("Flat White", shop, **{"Name on the cup": "Bea"})
    for drink in (phone.visitor.name, "Bea"):
        barista.move(drink, "new", "Start")
        barista.move(drink, "making", "Ready")
    phone.wait_for_push(count=2)
    phone.expect_notifications(
        f"Your Flat White is ready at {shop}", f"Your Mocha is ready at {shop}"
    )


def test_signing_out_ends_the_subscription(phone: Phone) -> None:
    phone.subscribe()
    phone.visitor.press("Sign out")
    phone.visitor.wait_until(lambda: phone.visitor.page.evaluate("window.hasUnsubscribed"))


def test_no_button_before_the_first_order(customer: Visitor, new_visitor: NewVisitor) -> None:
    for visitor in (customer, new_visitor()):
        expect(visitor.page.locator("#push")).to_be_hidden()


def test_a_correction_on_another_device_keeps_the_subscription(
    phone: Phone, accounts: Accounts, service: Service, shop: str
) -> None:
    """It replaces the order, and with it the subscription, which the page sends again."""
    phone.subscribe()
    name = phone.visitor.name
    device = CoffeeClient(service.stack.api_url, accounts.log_in(name, PASSWORD))
    order = device.get(name, shop)
    details = dataclasses.replace(order.details, quantity=2)
    assert device.place(dataclasses.replace(order, details=details)).outcome == "replaced"
    with phone.visitor.page.expect_response("**/order/push*") as response:
        phone.visitor.poll_now()
    assert response.value.status == 200
