"""Firefox's own remote protocol, Marionette, for Selenium.

Selenium reaches Firefox through geckodriver, which Debian does not package. Geckodriver translates
between HTTP and Marionette, and so does this module, for the commands that the tests use.
https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html
"""

import contextlib
import itertools
import json
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.command import Command
from selenium.webdriver.remote.remote_connection import RemoteConnection

_COMMANDS = {
    Command.NEW_SESSION: "WebDriver:NewSession",
    Command.GET: "WebDriver:Navigate",
    Command.FIND_ELEMENTS: "WebDriver:FindElements",
    Command.CLICK_ELEMENT: "WebDriver:ElementClick",
    Command.CLEAR_ELEMENT: "WebDriver:ElementClear",
    Command.SEND_KEYS_TO_ELEMENT: "WebDriver:ElementSendKeys",
    Command.SET_WINDOW_RECT: "WebDriver:SetWindowRect",
    Command.W3C_EXECUTE_SCRIPT: "WebDriver:ExecuteScript",
    Command.W3C_GET_WINDOW_HANDLES: "WebDriver:GetWindowHandles",
    Command.SWITCH_TO_WINDOW: "WebDriver:SwitchToWindow",
    "SET_CONTEXT": "Marionette:SetContext",
    Command.QUIT: "WebDriver:DeleteSession",
}
_START_TIME = 60.0  # seconds that Firefox may take to start on a busy machine


class Marionette(RemoteConnection):
    """A connection to a running Firefox."""

    def __init__(self, port: int) -> None:
        super().__init__(client_config=ClientConfig(f"http://127.0.0.1:{port}"))
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._stream = self._socket.makefile("rb")
        self._numbers = itertools.count(1)
        self._receive()  # what Firefox says of itself

    def execute(self, command: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a command; return its result or error as Selenium expects them."""
        # Firefox knows only the capabilities of geckodriver, which the tests do not need.
        arguments = {} if command == Command.NEW_SESSION else params
        message = json.dumps([0, next(self._numbers), _COMMANDS[command], arguments]).encode()
        self._socket.sendall(b"%d:%s" % (len(message), message))
        _, _, error, result = self._receive()
        if error:
            return {"status": error["error"], "value": error}
        is_wrapped = isinstance(result, dict) and "value" in result
        return {"value": result["value"] if is_wrapped else result}

    def close(self) -> None:
        self._stream.close()
        self._socket.close()

    def _receive(self) -> Any:
        """Read a message, which follows its length and a colon."""
        length = b""
        while (character := self._stream.read(1)) != b":":
            length += character
        return json.loads(self._stream.read(int(length)))


@contextlib.contextmanager
def running_firefox(
    path: str, profile: Path, preferences: Mapping[str, object]
) -> Iterator[Marionette]:
    """Run Firefox without a display, with a new profile."""
    profile.mkdir()
    with (profile / "user.js").open("w") as file:
        for name, value in {"marionette.port": 0, **preferences}.items():  # any free port
            file.write(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n")
    command = [path, "--marionette", "--headless", "--no-remote", "--profile", str(profile)]
    command.append("--remote-allow-system-access")  # to the windows of notifications
    with subprocess.Popen(command) as process:  # pytest shows its output after a failure
        try:
            yield Marionette(_port(profile / "MarionetteActivePort"))
        finally:
            process.terminate()


def _port(file: Path) -> int:
    """Wait until Firefox has written which port it uses."""
    deadline = time.monotonic() + _START_TIME
    while not file.exists() or not file.read_text():
        assert time.monotonic() < deadline, "Firefox did not start"
        time.sleep(0.05)
    return int(file.read_text())
