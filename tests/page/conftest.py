"""A browser, and visitors who each have their own context in it.

`customer` and `barista` have opened the page on the local cloud, for stories; `stub_visitor` opens
it on a service in the test's memory, for everything else.
"""

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from coffee_client import Accounts, CoffeeClient
from local.service import Service
from tests.e2e.conftest import accounts, packaged, service
from tests.fixtures import sign_up_by_mail
from tests.page.stub import SETTINGS, URL, StubbedService, session_storage, unsigned_token
from tests.page.visitor import TIMEOUT, Visitor
from tests.samples import PASSWORD, shop_content
from tools.staff import add_to_vendor_group

__all__ = ["accounts", "packaged", "service"]

PHONE: ViewportSize = {"width": 360, "height": 800}
TABLET: ViewportSize = {"width": 1024, "height": 768}
_numbers = itertools.count()
expect.set_options(timeout=TIMEOUT)

NewVisitor = Callable[..., Visitor]
NewUser = Callable[..., str]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run the machine's Chromium, or the one that Playwright has installed."""
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(path).exists():
            reason = "no Chromium is installed: run `.venv/bin/playwright install chromium`"
            pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
        # No requests to Google's hosts.
        options = ["--disable-background-networking", "--disable-component-update"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[NewVisitor]:
    """Return a function that opens a visitor's page in a separate browser context.

    After the test, fails if a script failed or violated the page's policy.
    """
    visitors: list[Visitor] = []

    def open_page(
        url: str, fragment: str, name: str, stub: StubbedService | None = None, **options: Any
    ) -> Visitor:
        context = browser.new_context(**options)
        context.set_default_timeout(TIMEOUT)
        if stub:
            stub.attach(context)
        visitor = Visitor(context.new_page(), url, name)
        visitors.append(visitor)
        visitor.visit(fragment)
        return visitor

    yield open_page
    for visitor in visitors:
        visitor.page.context.close()
    assert [error for visitor in visitors for error in visitor.errors] == []


@pytest.fixture
def new_user(accounts: Accounts, service: Service) -> NewUser:
    """Return a function that signs up a user, as staff of a shop if one is given."""

    def new_user(vendorid: str | None = None) -> str:
        name = f"Joe{next(_numbers)}"
        sign_up_by_mail(accounts, service.cloud, name)
        if vendorid is not None:
            cognito, pool_id = service.cloud.client("cognito-idp"), service.stack.user_pool_id
            add_to_vendor_group(cognito, pool_id, vendorid, name)
        return name

    return new_user


@pytest.fixture
def sign_in(
    accounts: Accounts, service: Service, new_user: NewUser, open_page: NewVisitor
) -> NewVisitor:
    """Return a function that opens the page for a new user, as staff of a shop if one is given.

    The session comes from the API, and is stored where the page keeps it.
    """

    def sign_in(vendorid: str | None = None) -> Visitor:
        name, url = new_user(vendorid), service.stack.api_url
        tokens = accounts.log_in(name, PASSWORD).tokens
        state = session_storage(url, tokens.id_token, tokens.refresh_token)
        visitor = open_page(url, "", name, storage_state=state)
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
def barista(sign_in: NewVisitor, shop: str) -> Visitor:
    """Return a signed-in member of the shop's staff."""
    return sign_in(shop)


@pytest.fixture
def colleague(service: Service, accounts: Accounts, new_user: NewUser, shop: str) -> CoffeeClient:
    """Return a client of another member of the shop's staff, who orders there as well."""
    return CoffeeClient(service.stack.api_url, accounts.log_in(new_user(shop), PASSWORD))


@pytest.fixture
def menu(colleague: CoffeeClient, shop: str) -> str:
    """Publish a menu, and return the shop's id."""
    colleague.publish(shop, shop_content())
    return shop


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubbedService:
    """Return a service in this test's memory, without orders and without a shop."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    return StubbedService()


@pytest.fixture
def stub_visitor(open_page: NewVisitor, stub: StubbedService) -> NewVisitor:
    """Return a function that opens the page on the stub, on a phone.

    A `username` is signed in, on a tablet as staff of the stub's shop v0 if `staff` is true.
    """

    def visit(
        fragment: str = "", username: str | None = "Ann", *, staff: bool = False, **options: Any
    ) -> Visitor:
        options.setdefault("viewport", TABLET if staff else PHONE)
        if username:
            token = unsigned_token(username, "v0" if staff else None)
            options["storage_state"] = session_storage(URL, token, "refresh-token")
        return open_page(URL, fragment, username or "Ann", stub, **options)

    return visit
