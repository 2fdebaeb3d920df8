"""The HTTP server of `chalice local`: HEAD, chunked bodies, and what causes a restart."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chalice import Chalice
from chalice.config import Config

from local import chalice_server

Send = Callable[[str], str]


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """Return a function that sends text to the server and returns the response."""
    app = Chalice("sample")

    @app.route("/order", methods=["GET", "POST"])
    def order() -> str:
        request = app.current_request
        assert request is not None
        return str(request.raw_body)

    server = chalice_server._Server(app, Config(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def send(text: str) -> str:
        with socket.create_connection(server.server.server_address[:2], timeout=10) as connection:
            connection.sendall(text.replace("\n", "\r\n").encode())
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("r", encoding="utf-8", newline="") as response:
                return response.read()

    yield send
    server.shutdown()
    thread.join()
    server.server.server_close()


def test_response_to_head_has_no_body(send: Send) -> None:
    """Otherwise the client would read the body as the beginning of its next response."""
    head, request = "HEAD /order HTTP/1.1\nHost: x\n\n", "GET /order HTTP/1.1\nHost: x\n\n"
    first, second = send(head + request).split("\r\n\r\n", 1)
    assert first.startswith("HTTP/1.1 405 ")
    assert "Content-Length: 0" in first
    assert second.startswith("HTTP/1.1 200 ")


def test_chunked_body_is_read(send: Send) -> None:
    request = "POST /order HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n"
    response = send(f"{request}2;x=y\n{{}}\n3\nabc\n0\nTrailer: x\n\n")
    assert response.endswith("b'{}abc'")


def test_only_an_edit_of_the_service_causes_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chalice_server, "PROJECT", tmp_path)
    service = {"app.py", "chalicelib/orders.py", "chalicelib/static/x.js", ".chalice/config.json"}
    others = {
        "chalicelib/__pycache__/x.pyc",
        ".local/run-1/service.log",
        ".git/index",
        "local/x.py",
    }
    for name in service | others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert chalice_server._modification_times().keys() == {tmp_path / name for name in service}
