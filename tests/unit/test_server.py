"""Child processes that serve: start, stop, and errors."""

import os
import signal
import sys
from pathlib import Path

import pytest
import requests

from local.server import ServerError, free_port, is_free, running

_SERVE = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1"]


def test_server_runs_inside_the_block_only(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = tmp_path / "log"
    with running("sample", [*_SERVE, str(port)], env=os.environ, log=log, answers_at=url):
        assert requests.get(url, timeout=5).ok
        assert not is_free(port)
    assert is_free(port)
    assert "GET /" in log.read_text()


def test_server_stops_when_the_block_fails(tmp_path: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        pytest.raises(ZeroDivisionError),
        running("x", [*_SERVE, str(port)], env=os.environ, log=tmp_path / "log", answers_at=url),
    ):
        raise ZeroDivisionError
    assert is_free(port)


def test_server_that_ignores_sigterm_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.server._STOP_WITHIN", 0.2)
    port = free_port()
    stubborn = (
        "import http.server as h, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"h.HTTPServer(('127.0.0.1', {port}), h.SimpleHTTPRequestHandler).serve_forever()"
    )
    with running(
        "stubborn",
        [sys.executable, "-c", stubborn],
        env=os.environ,
        log=tmp_path / "log",
        answers_at=f"http://127.0.0.1:{port}",
    ) as process:
        pass
    assert process.returncode == -signal.SIGKILL
    assert is_free(port)


def test_server_that_ends_early_is_an_error_with_its_log(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import sys; sys.exit('no such luck')"]
    with (
        pytest.raises(ServerError) as error,
        running("Sample", command, env=os.environ, log=log, answers_at="http://127.0.0.1:1"),
    ):
        pass
    assert str(error.value) == (
        f"Sample ended with exit code 1 before it answered.\n"
        f"Its log, {log}, ends with:\nno such luck"
    )


def test_server_that_never_answers_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local.server._READY_WITHIN", 0.3)
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        pytest.raises(ServerError, match="did not answer within"),
        running("Sample", command, env=os.environ, log=log, answers_at="http://127.0.0.1:1"),
    ):
        pass
