"""Control over the network between a page and the service."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, Route

TIMEOUT = 20_000  # ms that an expected event may take on a busy machine


class NetworkControl:
    """Records, blocks, answers and holds requests of a page, and triggers its polling."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def poll_now(self) -> None:
        """Make the page poll at once, as after a lost connection, instead of in 5 seconds."""
        self.page.evaluate("window.dispatchEvent(new Event('online'))")

    def wait_until(self, condition: Callable[[], object], timeout: float = TIMEOUT) -> None:
        """Wait until a condition outside the page is true, as when a request has arrived."""
        deadline = time.monotonic() + timeout / 1000
        while not condition():
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(20)

    def set_hidden(self, hidden: bool) -> None:
        """Tell the page whether its tab is hidden, as headless Chromium never hides one."""
        self.page.evaluate(
            """(hidden) => {
              Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            hidden,
        )

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

    def respond(self, pattern: str, method: str | None = None, **response: Any) -> None:
        """Answer requests to matching URLs, of one method if it is given, with this response."""

        def handle(route: Route) -> None:
            if method in {None, route.request.method}:
                route.fulfill(**response)
            else:
                route.fallback()

        self.page.route(pattern, handle)

    def hold(
        self, pattern: str, matches: Callable[[Request], bool] = lambda _: True
    ) -> list[Route]:
        """Hold back matching requests. Return their list, which grows with each request."""
        routes: list[Route] = []

        def handle(route: Route) -> None:
            if matches(route.request):
                routes.append(route)
            else:
                route.fallback()

        self.page.route(pattern, handle)
        return routes
