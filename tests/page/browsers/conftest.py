"""A browser for each engine, and users who have signed up."""

from collections.abc import Callable, Iterator

import pytest
from pytest_httpserver import HTTPServer
from selenium.webdriver.remote.webdriver import WebDriver

from local.service import Service
from tests.page.browsers import engines
from tests.page.browsers.push_service import PushService, running_push_service
from tests.page.browsers.user import User
from tests.page.conftest import NewUser

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1024, "height": 768}
OpenPage = Callable[..., User]


@pytest.fixture(scope="session")
def push_service(make_httpserver: HTTPServer) -> Iterator[PushService]:
    with running_push_service(make_httpserver) as service:
        yield service


@pytest.fixture(scope="session", params=[engines.firefox, engines.webkit])
def driver(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    push_service: PushService,
) -> Iterator[WebDriver]:
    with request.param(tmp_path_factory.mktemp("engine"), push_service.url) as driver:
        yield driver


@pytest.fixture
def user(driver: WebDriver, service: Service, new_user: NewUser) -> OpenPage:
    """Return a function that opens the page for a new user: a customer on a phone, or with
    a vendorid a member of a shop's staff on a tablet.
    """

    def new(address: str, vendorid: str | None = None) -> User:
        driver.set_window_rect(**(TABLET if vendorid else PHONE))
        user = User(driver, service.stack.api_url, new_user(vendorid))
        user.visit(address)
        return user

    return new
