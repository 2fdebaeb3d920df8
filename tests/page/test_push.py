"""A notification when a coffee is ready: from a barista's tap to the worker of the page."""

import pytest
from playwright.sync_api import expect
from pytest_httpserver import HTTPServer

from tests.page.conftest import NewVisitor
from tests.page.stub import StubbedService, listed_order
from tests.page.visitor import HIDE, Phone, Visitor


def test_a_barista_s_tap_reaches_the_phone(
    customer: Visitor, httpserver: HTTPServer, barista: Visitor, shop: str
) -> None:
    phone = Phone(customer, httpserver, shop)
    customer.poll_now()  # the next request for the list is in 30 seconds
    barista.move(customer.name, "new", "Start")
    barista.move(customer.name, "making", "Ready")
    with phone.page.expect_response("**/orders*", timeout=5000):  # the open page is told at once
        phone.receive(pushes=1)
    phone.expect_notification(f"Your Mocha is ready at {shop}")


@pytest.fixture
def phone(stub_visitor: NewVisitor, httpserver: HTTPServer) -> Phone:
    return Phone(stub_visitor(), httpserver, "v0")


def test_order_is_announced_once(stub: StubbedService, phone: Phone) -> None:
    phone.page.evaluate(HIDE)
    stub.change("Ann", "cancelled")
    phone.visitor.poll_now()  # a hidden page announces what it finds
    phone.expect_notification("Your Mocha at v0 is cancelled")
    stub.change("Ann", "ready")
    for _ in range(2):
        phone.receive(pushes=0)
    phone.expect_notification("Your Mocha is ready at v0, silently")


def test_replaced_order_is_subscribed_until_sign_out(stub: StubbedService, phone: Phone) -> None:
    for quantity in ("2", "1"):  # a correction on another device, and its reversal
        stub.change("Ann", quantity=quantity)
    with phone.page.expect_response("**/order/push*"):
        phone.visitor.poll_now()
    subscriptions = phone.visitor.record_requests("/order/push")
    with phone.page.expect_response("**/orders*"):
        phone.visitor.poll_now()
    phone.visitor.press("Sign out")
    phone.visitor.wait_until(lambda: phone.page.evaluate("window.hasUnsubscribed"))
    assert not phone.page.evaluate("caches.has('coffee-orders')")
    assert subscriptions == []  # one is enough for each state of an order


def test_subscription_ends_with_its_key(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    with phone.page.expect_response("**/order/push*"):
        phone.page.reload()
    monkeypatch.setenv("PUSH_PUBLIC_KEY", "another")
    phone.page.reload()
    phone.visitor.wait_until(lambda: phone.page.evaluate("window.hasUnsubscribed"))
    expect(phone.page.locator("#turn-on-push")).to_be_visible()


def test_offer_lasts_as_long_as_an_order(stub: StubbedService, stub_visitor: NewVisitor) -> None:
    stub.orders = [listed_order("Ann")]
    customer = stub_visitor(permissions=["notifications"])
    customer.press("Tell me when it is ready")
    customer.expect_text("This browser can’t be told now.")  # the stub's key is none
    customer.page.add_init_script("delete window.PushManager; navigator.standalone = false")
    customer.page.reload()
    customer.expect_text("To be told when it is ready, open this page from your home screen.")
    stub.change("Ann", "collected")
    customer.poll_now()
    expect(customer.page.locator("#push")).to_be_hidden()
