"""An order's ten minutes: what the page of a waiting customer requests, and when the phone knows.

Customers wait in real time, in Chromium on the local cloud: with the page visible or hidden, and
polling or notified. A server of this process is their push service.
"""

import time
from itertools import product
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, CoffeeClient
from local.server import free_port
from local.service import Service, local_service
from tests.page.phone import Phone
from tests.page.shops import new_user
from tests.page.visitor import Visitor, chromium, session_storage
from tests.samples import PASSWORD

_SHOP = "v0"
_PREPARING, _READY, _END = 240, 420, 600  # seconds after the order
_PRICE = {"GET": 4.32e-3, "PUT": 6.17e-3}  # $ for 1,000, docs/deploying.md#what-it-costs
Row = tuple[int, float, float, float]  # requests, KB, $ for 1,000 orders, seconds after the tap


class Customer:
    """A customer who has ordered, and waits."""

    def __init__(self, browser: Browser, service: Service, accounts: Accounts, name: str) -> None:
        new_user(service, name)
        tokens, url = accounts.log_in(name, PASSWORD).tokens, service.stack.api_url
        state = session_storage(url, tokens.id_token, tokens.refresh_token)
        context = browser.new_context(storage_state=state)
        self.visitor = Visitor(context.new_page(), url, service.cloud.endpoint_url, name)
        self.visitor.visit()
        self.visitor.place_order("Mocha", _SHOP)
        self.sent: list[tuple[float, Request]] = []  # by the page, and by its worker
        context.on("requestfinished", lambda request: self.sent.append((time.time(), request)))

    def row(self, delay: float, *paths: str) -> Row:
        """Return the figures of the requests to these paths."""
        sent = [each for _, each in self.sent if urlsplit(each.url).path in paths]
        sizes: list[Any] = [size for each in sent for size in each.sizes().values()]
        return len(sent), sum(sizes) / 1e3, sum(_PRICE[each.method] for each in sent), delay


def measure() -> dict[str, Row]:
    """Return a row for each kind of page."""
    with (
        local_service(free_port()) as service,
        HTTPServer("127.0.0.1", 0, threaded=True) as push_service,
        chromium() as browser,
    ):
        stack = service.stack
        accounts = Accounts(
            stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url
        )
        new_user(service, "barista", _SHOP)
        barista = CoffeeClient(stack.api_url, accounts.log_in("barista", PASSWORD))
        customers, phones, delays = {}, {}, {}
        for kind in product(("polling", "notified"), ("visible", "hidden")):
            name = ", ".join(kind)
            customers[name] = Customer(browser, service, accounts, name)
            if "notified" in kind:
                phones[name] = Phone(customers[name].visitor, push_service)
                customers[name].sent.clear()
                phones[name].subscribe()
            customers[name].visitor.set_hidden("hidden" in kind)
        wait, started = customers[name].visitor.page.wait_for_timeout, time.time()
        wait(_PREPARING * 1000)
        for name in customers:
            barista.advance(name, _SHOP, "preparing")
        wait((started + _READY - time.time()) * 1000)
        for name, customer in customers.items():
            polls = [at for at, _ in customer.sent]
            delays[name] = (polls[-1] - polls[-2]) / 2  # on average
            tapped = time.time()
            barista.advance(name, _SHOP, "ready")
            if name in phones:
                phones[name].wait_for_push()
                delays[name] = time.time() - tapped
        wait((started + _END - time.time()) * 1000)
        rows = {
            name: customer.row(delays[name], "/orders", "/order", "/order/push")
            for name, customer in customers.items()
        }
        return rows | {"notified, locked": customer.row(delays[name], "/order", "/order/push")}
