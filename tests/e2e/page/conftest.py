"""Customers and baristas, each in a browser of their own."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from coffee_client import Accounts
from local.service import Service
from tests.e2e.page.browser import Visitor, chromium
from tests.e2e.page.shops import Shops
from tests.e2e.people import add_staff, sign_up

_numbers = itertools.count()

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def shops(service: Service, accounts: Accounts) -> Shops:
    return Shops(service, accounts, "Owner")


@pytest.fixture
def new_visitor(browser: Browser, service: Service) -> Iterator[NewVisitor]:
    """Return a function that lets somebody new visit the page, in a context of their own.

    At the end no script has failed, and nothing was asked of the page's policy in vain.
    """
    contexts: list[BrowserContext] = []
    visitors: list[Visitor] = []

    def visit(part: str = "", width: int = 1100, height: int = 800, **options: object) -> Visitor:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        name = f"Ann{next(_numbers)}"
        visitor = Visitor(context.new_page(), service.stack.api_url, service.cloud, name)
        visitors.append(visitor)
        visitor.visit(part)
        return visitor

    yield visit
    for context in contexts:
        context.close()
    assert [fault for visitor in visitors for fault in visitor.faults] == []


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


@pytest.fixture
def sign_in(accounts: Accounts, service: Service, new_visitor: NewVisitor) -> NewVisitor:
    """Return a function that signs somebody in, as staff of a shop if one is named."""

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
