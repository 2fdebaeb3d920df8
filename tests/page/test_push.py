"""A notification when a coffee is ready: from a barista's tap to the worker, on the local cloud.

Chromium has no push service in a test, so the page gets the address of one that runs here, and the
push that arrives there is delivered through the browser's debugging protocol.
"""

import itertools
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import CDPSession, expect
from pytest_httpserver import HTTPServer

from tests.page.conftest import NewVisitor
from tests.page.visitor import Visitor

_SUBSCRIPTION = """
const endpoint = "%s";
const subscription = { endpoint, unsubscribe: async () => (window.hasUnsubscribed = true) };
PushManager.prototype.subscribe = async () => subscription;
PushManager.prototype.getSubscription = async () => null;
"""
_paths = itertools.count()

Deliver = Callable[[], None]


class Phone:
    """A customer's browser, its push service, and the notifications that it shows."""

    def __init__(self, visitor: Visitor, push_service: HTTPServer) -> None:
        self.visitor = visitor
        self._push_service = push_service
        self._path = f"/push/{next(_paths)}"
        push_service.expect_request(self._path, "POST").respond_with_data(status=201)
        visitor.page.context.grant_permissions(["notifications"])
        visitor.page.add_init_script(_SUBSCRIPTION % push_service.url_for(self._path))
        self._protocol: CDPSession = visitor.page.context.new_cdp_session(visitor.page)
        self._registrations: list[str] = []
        self._protocol.on("ServiceWorker.workerRegistrationUpdated", self._remember)
        self._protocol.send("ServiceWorker.enable")
        visitor.page.reload()

    def _remember(self, event: dict[str, list[dict[str, str]]]) -> None:
        self._registrations += [each["registrationId"] for each in event["registrations"]]

    def subscribe(self) -> None:
        with self.visitor.page.expect_response("**/order/push*") as response:
            self.visitor.press("Tell me when it is ready")
        assert response.value.status == 200
        expect(self.visitor.page.locator("#push")).to_be_hidden()

    def wait_for_push(self, count: int = 1) -> None:
        """Wait until the notifier has sent this many pushes, and deliver the last one."""
        while self.pushes() < count:
            self.visitor.page.wait_for_timeout(50)
        scheme, host, *_ = urlsplit(self.visitor.page.url)
        message = {"origin": f"{scheme}://{host}", "registrationId": self._registrations[-1]}
        self._protocol.send("ServiceWorker.deliverPushMessage", {**message, "data": ""})

    def pushes(self) -> int:
        return sum(request.path == self._path for request, _ in self._push_service.log)

    def expect_notifications(self, *titles: str) -> None:
        script = """async () => {
          const registration = await navigator.serviceWorker.getRegistration();
          return (await registration.getNotifications()).map(({ title }) => title);
        }"""
        while (shown := self.visitor.page.evaluate(script)) != [*titles]:
            self.visitor.page.wait_for_timeout(50)
        assert shown == [*titles]


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
    while not phone.visitor.page.evaluate("window.hasUnsubscribed"):
        phone.visitor.page.wait_for_timeout(50)


def test_no_button_before_the_first_order(customer: Visitor, new_visitor: NewVisitor) -> None:
    for visitor in (customer, new_visitor()):
        expect(visitor.page.locator("#push")).to_be_hidden()
