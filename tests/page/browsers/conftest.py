"""A browser for each engine, and users who have signed up."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from selenium.webdriver.remote.webdriver import WebDriver

from local.service import Service
from tests.page.browsers import engines
from tests.page.browsers.user import User
from tests.page.shops import new_user

_numbers = itertools.count()

NewUser = Callable[..., User]


@pytest.fixture(
    scope="session", params=[engines.firefox, engines.webkit], ids=["firefox", "webkit"]
)
def driver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebDriver]:
    with request.param(tmp_path_factory.mktemp("engine")) as driver:
        yield driver


@pytest.fixture
def user(driver: WebDriver, service: Service) -> NewUser:
    """Return a function that opens the page for a new user, as staff of a shop if one is given."""

    def new(address: str, vendorid: str | None = None) -> User:
        name = f"Joe{next(_numbers)}"
        new_user(service, name, vendorid)
        user = User(driver, service.stack.api_url, name)
        user.visit(address)
        return user

    return new
