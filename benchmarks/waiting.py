"""An order's ten minutes: what the page of a waiting customer requests, and when the phone knows.

Customers wait in real time, in Chromium on the local cloud: with the page visible or hidden, and
polling or notified. A server of this process is their push service.
"""

import shutil
import time
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, sync_playwright
from pytest_httpserver import HTTPServer

from local.emulator import free_port
from local.service import local_service
from tests.hardening.target import Target
from tests.page.visitor import Phone, Visitor

_SHOP = "v0"
_PREPARING, _READY, _END = 240, 420, 600  # seconds after the order
_PRICE = {"GET": 4.32e-3, "PUT": 6.17e-3}  # $ for 1,000, docs/deploying.md#what-it-costs
_HIDE = "Object.defineProperty(Document.prototype, 'hidden', { get: () => true })"
Row = tuple[int, float, float, float]  # requests, KB, $ for 1,000 orders, seconds after the tap


class Customer:
    """A customer who orders, and waits."""

    def __init__(self, browser: Browser, target: Target, name: str) -> None:
        context = browser.new_context()
        if "hidden" in name:
            context.add_init_script(_HIDE)
        self.visitor = Visitor(context.new_page(), target.api_url, target.sign_in().username)
        self.visitor.visit("#sign-in")
        self.visitor.sign_in()
        self.visitor.expect_signed_in()
        self.sent: list[tuple[float, Request]] = []  # by the page, and by its worker
        context.on("requestfinished", lambda request: self.sent.append((time.time(), request)))

    def row(self, delay: float, *paths: str) -> Row:
        """Return the figures of the requests to these paths that follow the POST."""
        sent = [each for _, each in self.sent if urlsplit(each.url).path in paths]
        sent = sent[[each.method for each in sent].index("POST") + 1 :]
        sizes: list[Any] = [size for each in sent for size in each.sizes().values()]
        return len(sent), sum(sizes) / 1e3, sum(_PRICE[each.method] for each in sent), delay


def measure() -> dict[str, Row]:
    """Return a row for each kind of page."""
    with (
        local_service(free_port()) as service,
        HTTPServer("127.0.0.1", 0, threaded=True) as push_service,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=shutil.which("chromium")) as browser,
    ):
        target = Target("make bench", service.stack, service.stack.api_url, service.cloud)
        barista = target.sign_in(_SHOP)

        def advance(customer: Customer, status: str) -> None:
            key = {"accountid": customer.visitor.name, "vendorid": _SHOP}
            target.succeed("PATCH", "/order", barista, {"status": status}, **key)

        customers, phones, delays = {}, {}, {}
        for kind in product(("polling", "notified"), ("visible", "hidden")):
            name = ", ".join(kind)
            customer = customers[name] = Customer(browser, target, name)
            if "notified" in kind:
                phones[name] = Phone(customer.visitor, push_service, _SHOP)
            else:
                customer.visitor.place_order("Mocha", _SHOP)
        target.secrets.clear()  # the customers' names are on their cups
        wait, started = customer.visitor.page.wait_for_timeout, time.time()
        wait(_PREPARING * 1000)
        for customer in customers.values():
            advance(customer, "preparing")
        wait((started + _READY - time.time()) * 1000)
        for name, customer in customers.items():
            delays[name] = (customer.sent[-1][0] - customer.sent[-2][0]) / 2  # on average
            tapped, pushes = time.time(), len(push_service.log) + 1
            advance(customer, "ready")
            if name in phones:
                phones[name].receive(pushes)
                phones[name].expect_notification(f"Your Mocha is ready at {_SHOP}")
                delays[name] = time.time() - tapped
        wait((started + _END - time.time()) * 1000)
        rows = {
            name: customer.row(delays[name], "/orders", "/order", "/order/push")
            for name, customer in customers.items()
        }
        name = "notified, visible"  # a locked phone sends what this one sends, but for the polls
        locked = customers[name].row(delays[name], "/order", "/order/push")
        return rows | {"notified, locked": locked}
