"""A notification when a coffee is ready: from a barista's tap to the worker, on the local cloud.

Chromium has no push service in a test, so the page gets the address of one that runs here, and the
push that arrives there is delivered through the browser's debugging protocol.
"""

import dataclasses
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.page.visitor import Visitor
from tests.samples import PASSWORD

_SUBSCRIPTION = """
const endpoint = "%s";
const subscription = { endpoint, unsubscribe: async () => (window.hasUnsubscribed = true) };
PushManager.prototype.subscribe = async () => subscription;
PushManager.prototype.getSubscription = async () => null;
"""
_NOTIFICATIONS = """async () => {
  const registration = await navigator.serviceWorker.getRegistration();
  return (await registration.getNotifications()).map(({ title }) => title);
}"""


class Phone:
    """The phone of a customer who wants to be told when their mocha is ready."""

    def __init__(self, visitor: Visitor, push_service: HTTPServer, shop: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self._push_service = push_service
        self._registration = ""
        push_service.expect_request("/push", "POST").respond_with_data(status=201)
        self.page.context.grant_permissions(["notifications"])
        self.page.add_init_script(_SUBSCRIPTION % push_service.url_for("/push"))
        self._protocol = self.page.context.new_cdp_session(self.page)
        self._protocol.on("ServiceWorker.workerRegistrationUpdated", self._remember)
        self._protocol.send("ServiceWorker.enable")
        self.page.reload()
        visitor.expect_signed_in()
        expect(self.page.locator("#push")).to_be_hidden()  # before the first order
        visitor.place_order("Mocha", shop)
        with self.page.expect_response("**/order/push*"):
            visitor.press("Tell me when it is ready")
        expect(self.page.locator("#push")).to_be_hidden()

    def _remember(self, event: dict[str, list[dict[str, str]]]) -> None:
        for registration in event["registrations"]:
            self._registration = registration["registrationId"]

    def expect_notifications(self, *titles: str, pushes: int) -> None:
        """Wait for pushes of the notifier; deliver the last, which leads to these titles."""
        self.visitor.wait_until(lambda: len(self._push_service.log) >= pushes)
        scheme, host, *_ = urlsplit(self.page.url)
        message = {"origin": f"{scheme}://{host}", "registrationId": self._registration, "data": ""}
        self._protocol.send("ServiceWorker.deliverPushMessage", message)
        self.visitor.wait_until(lambda: self.page.evaluate(_NOTIFICATIONS) == [*titles])


@pytest.fixture
def phone(customer: Visitor, httpserver: HTTPServer, shop: str) -> Phone:
    return Phone(customer, httpserver, shop)


def test_a_barista_s_tap_reaches_the_phone(phone: Phone, barista: Visitor, shop: str) -> None:
    barista.move(phone.visitor.name, "new", "Start")
    barista.move(phone.visitor.name, "making", "Ready")
    phone.expect_notifications(f"Your Mocha is ready at {shop}", pushes=1)
    phone.visitor.expect_status("Mocha", "ready")  # the open page is told at once


def test_an_order_is_announced_once(phone: Phone, barista: Visitor, shop: str) -> None:
    with phone.page.expect_response("**/order/push*"):
        phone.visitor.place_order("Flat White", shop, **{"Name on the cup": "Bea"})
    for drink in (phone.visitor.name, "Bea"):
        barista.move(drink, "new", "Start")
        barista.move(drink, "making", "Ready")
    titles = [f"Your {coffee} is ready at {shop}" for coffee in ("Flat White", "Mocha")]
    phone.expect_notifications(*titles, pushes=2)


def test_subscription_survives_a_correction_and_ends_at_sign_out(
    phone: Phone, accounts: Accounts, service: Service, shop: str
) -> None:
    name = phone.visitor.name
    device = CoffeeClient(service.stack.api_url, accounts.log_in(name, PASSWORD))
    order = device.get(name, shop)
    details = dataclasses.replace(order.details, quantity=2)
    assert device.place(dataclasses.replace(order, details=details)).outcome == "replaced"
    with phone.page.expect_response("**/order/push*") as response:
        phone.visitor.poll_now()
    assert response.value.status == 200
    phone.visitor.press("Sign out")
    phone.visitor.wait_until(lambda: phone.page.evaluate("window.hasUnsubscribed"))
