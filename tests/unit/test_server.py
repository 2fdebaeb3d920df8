"""Servers as child processes: start, end, and errors."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import pytest

from local.server import ServerError, free_port, is_free, running_server

Run = Callable[..., AbstractContextManager["Popen[bytes]"]]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def run(log: Path) -> Run:
    """Return a function that runs Python as a server until a block ends."""

    def run(*arguments: str, port: int = 1) -> AbstractContextManager["Popen[bytes]"]:
        command, url = [sys.executable, *arguments], f"http://127.0.0.1:{port}"
        return running_server("Sample", command, env=os.environ, log=log, ready_url=url)

    return run


def test_server_that_ignores_sigterm_is_killed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.server._STOP_TIMEOUT", 0.2)
    port = free_port()
    script = (
        "import http.server as h, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    with run("-c", script, port=port) as process:
        pass
    assert process.returncode == -signal.SIGKILL
    assert is_free(port)


def test_server_that_ends_early_is_an_error_with_its_log(run: Run) -> None:
    with pytest.raises(ServerError) as error, run("-c", "import sys; sys.exit('the reason')"):
        pass
    assert str(error.value) == ("Sample ended before it answered. Its log ends with:\nthe reason")
