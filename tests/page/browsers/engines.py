"""Firefox and WebKit from Debian's packages, which Selenium drives."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver import FirefoxOptions, Remote, WebKitGTK, WebKitGTKOptions
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.service import Service as WebKitService

from tests.page.browsers.marionette import running_firefox

_INSTALL = "apt-get install --no-install-recommends firefox-esr webkit2gtk-driver xvfb"


@contextlib.contextmanager
def firefox(folder: Path, push_url: str) -> Iterator[WebDriver]:
    """Run Firefox, which needs no display, with notifications from a push service at a URL."""
    path = _find("firefox-esr", "firefox")
    preferences = {
        "alerts.useSystemBackend": False,  # show notifications in windows of Firefox
        "dom.push.connection.enabled": True,
        "dom.push.serverURL": push_url,
        "dom.push.testing.allowInsecureServerURL": True,
        "permissions.default.desktop-notification": 1,  # granted
    }
    with (
        running_firefox(path, folder / "profile", preferences) as connection,
        Remote(connection, options=FirefoxOptions()) as driver,
    ):
        yield driver


@contextlib.contextmanager
def webkit(folder: Path, _push_url: str) -> Iterator[WebDriver]:
    """Run WebKitGTK's browser, which has no Web Push, on a display of its own."""
    path, log = _find("WebKitWebDriver"), str(folder / "webkit.log")
    with _display() as display:
        service = WebKitService(path, log_output=log, env={**os.environ, "DISPLAY": display})
        with WebKitGTK(WebKitGTKOptions(), service) as driver:
            yield driver


@contextlib.contextmanager
def _display() -> Iterator[str]:
    """Run an X server without a screen; it chooses a free display and writes its number."""
    command = [_find("Xvfb"), "-displayfd", "1", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            assert server.stdout
            yield f":{server.stdout.readline().decode().strip()}"
        finally:
            server.terminate()


def _find(*names: str) -> str:
    """Return the path of the first program that is installed; skip the test if none is."""
    if path := next(filter(None, map(shutil.which, names)), None):
        return path
    reason = f"{names[0]} is not installed. As root, run: {_INSTALL}"
    pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    raise AssertionError
