"""A browser, and visitors who each have their own context in it."""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from coffee_client import Accounts
from local.service import Service
from tests.e2e.page.network import TIMEOUT
from tests.e2e.page.shops import Shops
from tests.e2e.page.visitor import Visitor
from tests.e2e.people import add_staff, sign_up

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = [
    "--disable-background-networking",  # no requests to Google's hosts
    "--disable-component-update",
    "--disable-sync",
]
_numbers = itertools.count()
DESKTOP: ViewportSize = {"width": 1100, "height": 800}
expect.set_options(timeout=TIMEOUT)

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run the machine's Chromium, or the one that Playwright has installed."""
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, _CHROMIUM)), None)
        path = chromium or playwright.chromium.executable_path
        if not Path(path).exists():
            reason = "no Chromium is installed: run `.venv/bin/playwright install chromium`"
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        browser = playwright.chromium.launch(executable_path=path, args=_OPTIONS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shops(service: Service, accounts: Accounts) -> Shops:
    return Shops(service, accounts, "Owner")


@pytest.fixture
def new_visitor(browser: Browser, service: Service) -> Iterator[NewVisitor]:
    """Return a function that opens the page for a new visitor, in a separate browser context.

    After the test, fails if a script failed or violated the page's policy.
    """
    visitors: list[Visitor] = []

    def visit(fragment: str = "", name: str | None = None, **options: Any) -> Visitor:
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(TIMEOUT)
        name = name or f"Ann{next(_numbers)}"
        visitor = Visitor(context.new_page(), service.stack.api_url, service.cloud, name)
        visitors.append(visitor)
        visitor.visit(fragment)
        return visitor

    yield visit
    for visitor in visitors:
        visitor.page.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


@pytest.fixture
def sign_in(accounts: Accounts, service: Service, new_visitor: NewVisitor) -> NewVisitor:
    """Return a function that signs a new user in, as staff of a shop if one is given."""

    def sign_in(vendorid: str | None = None, **options: object) -> Visitor:
        visitor = new_visitor(**options)
        sign_up(accounts, service.cloud, visitor.name)
        if vendorid is not None:
            add_staff(service.cloud, service.stack.user_pool_id, vendorid, visitor.name)
        visitor.sign_in()
        return visitor

    return sign_in


@pytest.fixture
def customer(sign_in: NewVisitor) -> Visitor:
    return sign_in()


@pytest.fixture
def shop() -> str:
    """Return a shop that no other test orders from."""
    return f"shop{next(_numbers)}"


@pytest.fixture
def buyer(customer: Visitor, shop: str) -> Visitor:
    """Return a customer who has placed an order for a mocha at the shop."""
    customer.place_order("Mocha", shop)
    return customer


@pytest.fixture
def barista(sign_in: NewVisitor, shop: str) -> Visitor:
    """Return a signed-in member of the shop's staff."""
    return sign_in(vendorid=shop)


@pytest.fixture
def menu(shops: Shops, shop: str) -> str:
    """Publish a menu, and return the shop's id."""
    shops.publish(shop)
    return shop
