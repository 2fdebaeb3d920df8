"""A visitor who uses the page in Chromium, by what it shows."""

import re
import time
from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Request, Route, expect
from pytest_httpserver import HTTPServer

from tests.samples import PASSWORD
from tools.project import PROJECT

TIMEOUT = 20_000  # ms that an expected event may take on a busy machine
# Headless Chromium never hides a tab.
HIDE = """
Object.defineProperty(document, "hidden", { value: true });
document.dispatchEvent(new Event("visibilitychange"));
"""
_VIOLATION = re.compile(".*(?:Content Security Policy|TrustedHTML|TrustedScript).*")


class Visitor:
    """A user of the page. `errors` has failed scripts and violations of the page's policy."""

    def __init__(self, page: Page, url: str, name: str) -> None:
        self.page = page
        self.name = name
        self.email = f"{name}@example.com"
        self.menu_submit = page.locator("#menu-submit")  # the button that orders from the menu
        self.errors: list[str] = []
        self._url = url
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self.errors.extend(_VIOLATION.findall(message.text)))

    def visit(self, fragment: str = "") -> None:
        self.page.goto(f"{self._url}/{fragment}")

    def poll_now(self) -> None:
        """Make the page poll at once, as after a lost connection, instead of in 5 seconds."""
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def pass_time(self, seconds: float = 1) -> None:
        """Let the clock move on that a test has installed in the page."""
        self.page.clock.run_for(int(seconds * 1000))

    def wait_until(self, condition: Callable[[], object]) -> None:
        """Wait until a condition outside the page is true, as when a request has arrived."""
        deadline = time.monotonic() + TIMEOUT / 1000
        while not condition():
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(20)

    def record_requests(self, path: str) -> list[Request]:
        """Return the list of requests to a path of the service, which grows with each request."""
        requests: list[Request] = []
        self.page.on(
            "request", lambda request: requests.append(request) if path in request.url else None
        )
        return requests

    def block(self, pattern: str) -> None:
        """Make all requests to matching URLs fail."""
        self.page.route(pattern, lambda route: route.abort())

    def respond(self, pattern: str, method: str, **response: Any) -> None:
        """Answer requests of one method to matching URLs with this response."""
        headers = {"Access-Control-Allow-Origin": "*", **response.pop("headers", {})}

        def handle(route: Route) -> None:
            if route.request.method == method:
                route.fulfill(headers=headers, **response)
            else:
                route.fallback()

        self.page.route(pattern, handle)

    def hold(self, pattern: str, content: str) -> list[Route]:
        """Hold back matching requests. Return their list, which grows with each request.

        A request matches if its method, the action for Cognito or its body contains `content`.
        """
        routes: list[Route] = []

        def handle(route: Route) -> None:
            request = route.request
            action = request.headers.get("x-amz-target", "")
            if content in f"{request.method} {action} {request.post_data}":
                routes.append(route)
            else:
                route.fallback()

        self.page.route(pattern, handle)
        return routes

    def go_to(self, name: str) -> None:
        self.page.get_by_role("navigation").get_by_role("link", name=name).click()

    def fill(self, **fields: str) -> None:
        """Fill in fields of the visible form, by their labels."""
        for label, value in fields.items():
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        """Return the visible field with this label."""
        return self.page.get_by_label(label.replace("_", " "), exact=True).locator("visible=true")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).locator("visible=true").click()

    def expect_text(self, text: str) -> None:
        """Wait until the page shows this text."""
        expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    def expect_error(self, label: str, text: str) -> None:
        """Wait until the field with this label is marked as invalid, with this text."""
        field = self.field(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(field).to_have_accessible_description(re.compile(re.escape(text)))
        expect(self.page.locator(f"#{field.get_attribute('id')}-error")).to_be_visible()

    def expect_accessible(self, name: str) -> None:
        """Check the page's width, and with axe each colour scheme, of which it takes a picture."""
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            results = Axe().run(self.page)
            assert results.response["passes"], "axe has checked nothing"
            assert results.violations_count == 0, results.generate_report()
            path = PROJECT / "build" / "screenshots" / f"{name}-{scheme}.png"
            self.page.screenshot(path=path, full_page=True)

    def sign_up(self, password: str = PASSWORD) -> None:
        self.go_to("Sign in")
        self.press("I am new here")
        self.fill(Name=self.name, **{"E-mail": self.email}, Password=password)
        self.press("Sign up")

    def submit_code(self, code: str) -> None:
        self.fill(The_code_from_the_mail=code)
        self.press("Confirm")

    def sign_in(self, password: str = PASSWORD) -> None:
        """Fill in the sign-in form, which is open, and send it."""
        self.fill(Name=self.name, Password=password)
        self.page.locator("#sign-in-form button:not([type])").click()

    def expect_signed_in(self) -> None:
        expect(self.page.locator("#username")).to_have_text(self.name)

    def order(self, coffee: str, shop: str, **fields: str) -> None:
        """Send the form of a shop without a menu."""
        self.fill(Coffee=coffee, Shop=shop, **fields)
        self.press("Order")

    def place_order(self, coffee: str, shop: str, **fields: str) -> None:
        """Order at a shop without a menu, and wait until the order is placed."""
        self.order(coffee, shop, **fields)
        self.expect_status(coffee, "placed")

    def choose(self, coffee: str, size: str) -> None:
        """Choose a coffee from the menu."""
        self.page.get_by_role("radio", name=coffee).check()
        self.page.get_by_role("radio", name=size).check()

    def card(self, coffee: str) -> Locator:
        """Return the card of the order for this coffee."""
        return self.page.get_by_role("listitem").filter(
            has=self.page.get_by_role("heading", name=coffee)
        )

    def expect_status(self, coffee: str, status: str) -> None:
        """Wait until the card of an order shows this status."""
        self.poll_now()
        expect(self.card(coffee).and_(self.page.locator(f".{status}"))).to_be_visible()

    def row(self, name: str, queue: str) -> Locator:
        """Return the row of a name in a list of the queue: new, making or ready."""
        return self.page.locator(f"#{queue} .row").filter(has_text=name)

    def expect_row(self, name: str, queue: str) -> None:
        """Wait until a name is in this list of the queue, and in no other."""
        self.poll_now()
        expect(self.row(name, queue)).to_have_count(1)
        expect(self.page.locator("#queue .row").filter(has_text=name)).to_have_count(1)

    def tap(self, name: str, queue: str, label: str) -> None:
        """Tap a button of a row, once the row has been in its place for a second."""
        row = self.row(name, queue).and_(self.page.locator(":not(.settling)"))
        row.get_by_role("button", name=label).click()

    def move(self, name: str, queue: str, label: str) -> None:
        """Tap a button of a row, and wait for the answer."""
        with self.page.expect_response(lambda response: response.request.method == "PATCH"):
            self.tap(name, queue, label)


_SUBSCRIPTION = """
const subscription = { endpoint: "%s", unsubscribe: async () => (window.hasUnsubscribed = true) };
PushManager.prototype.subscribe = PushManager.prototype.getSubscription = async () => subscription;
"""
_NOTIFICATIONS = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, renotify }) => (renotify ? title : `${title}, silently`))"""


class Phone:
    """The phone of a customer who wants to be told when their mocha is ready.

    Chromium has no push service in a test, so the page gets the address of one that runs here, and
    a push that arrives there is delivered through the browser's debugging protocol.
    """

    def __init__(self, visitor: Visitor, push_service: HTTPServer, shop: str) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self._push_service = push_service
        self._registrations: list[dict[str, str]] = []
        push_service.expect_request("/push", "POST").respond_with_data(status=201)
        self.page.context.grant_permissions(["notifications"])
        self.page.add_init_script(_SUBSCRIPTION % push_service.url_for("/push"))
        self._protocol = self.page.context.new_cdp_session(self.page)
        self._protocol.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: self._registrations.extend(event["registrations"]),
        )
        self._protocol.send("ServiceWorker.enable")
        self.page.reload()
        visitor.place_order("Mocha", shop)
        with self.page.expect_response("**/order/push*"):
            visitor.press("Tell me when it is ready")
        expect(self.page.locator("#push")).to_be_hidden()

    def receive(self, pushes: int) -> None:
        """Wait until the push service has this many pushes, and deliver the last."""
        self.visitor.wait_until(lambda: len(self._push_service.log) >= pushes)
        registration = {"registrationId": self._registrations[-1]["registrationId"]}
        message = {"origin": self.page.evaluate("origin"), **registration, "data": ""}
        self._protocol.send("ServiceWorker.deliverPushMessage", message)

    def expect_notification(self, title: str) -> None:
        """Wait until the phone shows only this notification."""
        self.visitor.wait_until(lambda: self.page.evaluate(_NOTIFICATIONS) == [title])
