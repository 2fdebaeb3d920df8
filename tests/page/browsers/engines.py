"""Firefox and WebKit from Debian's packages, each driven by its vendor's protocol.

Debian does not package geckodriver, so Mozilla's own client speaks to Firefox's built-in
Marionette. Selenium drives WebKit. Both clients have the same names for most commands.
"""

import contextlib
import gc
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pytest
from marionette_driver.marionette import Marionette
from selenium.webdriver import WebKitGTK, WebKitGTKOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitService

PHONE = {"width": 390, "height": 844}
_INSTALL = "apt-get install firefox-esr webkit2gtk-driver xvfb"


class Driver(Protocol):
    """What both clients can do. An element has click, send_keys, clear, text and is_displayed."""

    def find_elements(self, by: str, value: str) -> list[Any]: ...
    def execute_script(self, script: str) -> Any: ...


class Engine(NamedTuple):
    """A running browser."""

    name: str
    driver: Driver

    def get(self, url: str) -> None:
        """Open an address."""
        navigate = "navigate" if self.name == "Firefox" else "get"
        getattr(self.driver, navigate)(url)


@contextlib.contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    """Run Firefox without a display."""
    path = _find("firefox-esr", "firefox")
    log = str(folder / "firefox.log")
    driver = Marionette(bin=path, headless=True, gecko_log=log, port=0)
    driver.start_session()
    driver.set_window_rect(**PHONE)
    yield Engine("Firefox", driver)
    driver.quit()
    del driver
    gc.collect()  # the client's own clean-up needs modules that are gone when Python ends


@contextlib.contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """Run WebKitGTK's browser on a display of its own."""
    service = WebKitService(_find("WebKitWebDriver"), log_output=str(folder / "webkit.log"))
    with _display() as display:
        service.env["DISPLAY"] = display
        driver = WebKitGTK(WebKitGTKOptions(), service)
        driver.set_window_size(**PHONE)
        yield Engine("WebKit", driver)
        driver.quit()


@contextlib.contextmanager
def _display() -> Iterator[str]:
    """Run an X server without a screen; it chooses a free display and writes its number."""
    command = [_find("Xvfb"), "-displayfd", "1", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout
        yield f":{server.stdout.readline().decode().strip()}"
        server.terminate()


def _find(*names: str) -> str:
    """Return the path of the first program that is installed; skip the test if none is."""
    if path := next(filter(None, map(shutil.which, names)), None):
        return path
    reason = f"{names[0]} is not installed: run `{_INSTALL}` as root"
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    raise AssertionError
