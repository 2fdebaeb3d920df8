"""A customer's phone: a browser, its push service, and the notifications that it shows.

Chromium has no push service in a test, so the page gets the address of one that runs here, and the
push that arrives there is delivered through the browser's debugging protocol.
"""

import itertools
from urllib.parse import urlsplit

from playwright.sync_api import CDPSession, expect
from pytest_httpserver import HTTPServer

from tests.page.visitor import Visitor

_SUBSCRIPTION = """
const endpoint = "%s";
const subscription = { endpoint, unsubscribe: async () => (window.hasUnsubscribed = true) };
PushManager.prototype.subscribe = async () => subscription;
PushManager.prototype.getSubscription = async () => null;
"""
_paths = itertools.count()


class Phone:
    """The phone of a visitor, whose pushes a server of the test receives."""

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
        self.visitor.wait_until(lambda: self.pushes() >= count)
        scheme, host, *_ = urlsplit(self.visitor.page.url)
        message = {"origin": f"{scheme}://{host}", "registrationId": self._registrations[-1]}
        self._protocol.send("ServiceWorker.deliverPushMessage", {**message, "data": ""})

    def pushes(self) -> int:
        """Return how many pushes have arrived for this phone."""
        return sum(request.path == self._path for request, _ in self._push_service.log)

    def expect_notifications(self, *titles: str) -> None:
        """Wait until exactly these notifications are shown."""
        script = """async () => {
          const registration = await navigator.serviceWorker.getRegistration();
          return (await registration.getNotifications()).map(({ title }) => title);
        }"""
        self.visitor.wait_until(lambda: self.visitor.page.evaluate(script) == [*titles])
