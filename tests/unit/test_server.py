"""Servers as child processes: end, and errors."""

import os
import signal
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import pytest

from local.emulator import ServerError, free_port, is_free, running_server


def run(*arguments: str, port: int = 1) -> AbstractContextManager[tuple["Popen[bytes]", Path]]:
    """Run Python as a server until a block ends."""
    command, url = [sys.executable, *arguments], f"http://127.0.0.1:{port}"
    return running_server("Sample", command, env=os.environ, ready_url=url)


def test_server_that_ignores_sigterm_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.emulator._STOP_TIMEOUT", 0.2)
    port = free_port()
    script = (
        "import http.server as h, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    with run("-c", script, port=port) as (process, _):
        pass
    assert process.returncode == -signal.SIGKILL
    assert is_free(port)


def test_server_that_ends_early_is_an_error_with_its_log() -> None:
    with pytest.raises(ServerError) as error, run("-c", "import sys; sys.exit('the reason')"):
        pass
    assert str(error.value) == "Sample ended before it answered. Its log ends with:\nthe reason"
