"""A browser, and visitors who each have their own context in it.

`new_visitor` opens the page on the local cloud, for stories; `stub_visitor` opens it on a service
in the test's memory, for the states of a screen.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from coffee_client import Accounts
from local.service import Service
from tests.e2e.conftest import accounts, packaged, service
from tests.page.shops import Shops, new_user
from tests.page.stub import COGNITO_URL, SETTINGS, StubbedService, unsigned_token
from tests.page.visitor import TIMEOUT, Visitor, chromium, session_storage
from tests.samples import PASSWORD

__all__ = ["accounts", "packaged", "service"]

_numbers = itertools.count()
DESKTOP: ViewportSize = {"width": 1100, "height": 800}
expect.set_options(timeout=TIMEOUT)

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def shops(service: Service, accounts: Accounts) -> Shops:
    return Shops(service, accounts, "Owner")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[NewVisitor]:
    """Return a function that opens a visitor's page in a separate browser context.

    After the test, fails if a script failed or violated the page's policy.
    """
    visitors: list[Visitor] = []

    def open_page(
        url: str, fragment: str, stub: StubbedService | None = None, **options: Any
    ) -> Visitor:
        name = options.pop("name", None) or f"Ann{next(_numbers)}"
        cloud = options.pop("cloud", None)
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        context.set_default_timeout(TIMEOUT)
        if stub:
            stub.attach(context)
        cognito_url = f"{cloud.endpoint_url}/" if cloud else COGNITO_URL
        visitor = Visitor(context.new_page(), url, cognito_url, name, cloud)
        visitors.append(visitor)
        visitor.visit(fragment)
        return visitor

    yield open_page
    for visitor in visitors:
        visitor.page.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def new_visitor(open_page: NewVisitor, service: Service) -> NewVisitor:
    """Return a function that opens the page on the local cloud for a new visitor."""

    def visit(fragment: str = "", **options: Any) -> Visitor:
        return open_page(service.stack.api_url, fragment, cloud=service.cloud, **options)

    return visit


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()


@pytest.fixture
def sign_in(accounts: Accounts, service: Service, new_visitor: NewVisitor) -> NewVisitor:
    """Return a function that opens the page for a new user, as staff of a shop if one is given.

    The session comes from the API, and is stored where the page keeps it.
    """

    def sign_in(vendorid: str | None = None, fragment: str = "", **options: Any) -> Visitor:
        name = options.pop("name", None) or f"Bob{next(_numbers)}"
        new_user(service, name, vendorid)
        tokens = accounts.log_in(name, PASSWORD).tokens
        state = session_storage(service.stack.api_url, tokens.id_token, tokens.refresh_token)
        visitor = new_visitor(fragment, name=name, storage_state=state, **options)
        visitor.expect_signed_in()
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


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubbedService:
    """Return a service in this test's memory, without orders."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return StubbedService()


@pytest.fixture
def stub_visitor(open_page: NewVisitor, stub: StubbedService) -> NewVisitor:
    """Return a function that opens the page on the stub.

    A `username` is signed in, as staff of the stub's shop v0 if `staff` is true.
    """

    def visit(
        fragment: str = "", username: str | None = "Ann", *, staff: bool = False, **options: Any
    ) -> Visitor:
        if username:
            token = unsigned_token(username, "v0" if staff else None)
            options["storage_state"] = session_storage(stub.url, token, "refresh-token")
        return open_page(stub.url, fragment, stub, name=username, **options)

    return visit
