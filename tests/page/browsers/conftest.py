"""A browser for each engine, and users who have signed up."""

import threading
from collections.abc import Callable, Iterator

import pytest
from pytest_httpserver import HTTPServer
from selenium.webdriver.remote.webdriver import WebDriver
from websockets.sync.server import serve

from local.service import Service
from tests.page.browsers import engines
from tests.page.browsers.push_service import PushService
from tests.page.browsers.user import User
from tests.page.conftest import NewUser

PHONE = {"width": 390, "height": 844}
TABLET = {"width": 1024, "height": 768}
OpenPage = Callable[..., User]


@pytest.fixture(scope="session")
def push_url(make_httpserver: HTTPServer) -> Iterator[str]:
    """Run a push service, and return the address at which a browser connects to it."""
    service = PushService(make_httpserver)
    with serve(service.talk, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


@pytest.fixture(scope="session", params=[engines.firefox, engines.webkit])
def driver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, push_url: str
) -> Iterator[WebDriver]:
    with request.param(tmp_path_factory.mktemp("engine"), push_url) as driver:
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
