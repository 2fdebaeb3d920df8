"""`chalice local` answers malformed requests, and logs no query."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from chalice import Chalice
from chalice.config import Config

from local.request_handler import RequestHandler, install

Send = Callable[[str], str]


@pytest.fixture(scope="module")
def send() -> Iterator[Send]:
    """Return a function that sends text to the server and returns the response."""
    import chalice.local  # noqa: PLC0415 - install() replaces its server

    app = Chalice("sample")

    @app.route("/order", methods=["GET", "POST"])
    def order() -> dict[str, str]:
        request = app.current_request
        assert request is not None
        return {"body": str(request.raw_body)}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chalice.local, "LocalDevServer", chalice.local.LocalDevServer)
        install()
        server = chalice.local.create_local_server(app, Config(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def send(text: str) -> str:
        with socket.create_connection(server.server.server_address[:2], timeout=10) as connection:
            connection.sendall(text.replace("\n", "\r\n").encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            with connection.makefile("r", encoding="utf-8", newline="") as response:
                return response.read()

    yield send
    server.shutdown()
    thread.join()
    server.server.server_close()


def status(response: str) -> int:
    return int(response.split(" ", 2)[1])


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        *[(f"Content-Length: {length}", 400) for length in ("abc", "-1", "+2", "1_0", "0x2", "")],
        *[(f"Content-Length: {length}", 400) for length in ("1.0", "2, 2", "\u00b2")],
        ("Content-Length: 2\nContent-Length: 3", 400),
        ("Content-Length: 10485761", 413),
        (f"Content-Length: {'9' * 5000}", 413),
        ("Transfer-Encoding: chunked", 411),
        ("Transfer-Encoding: chunked\nContent-Length: 2", 411),
    ],
)
def test_ambiguous_length_is_rejected(send: Send, headers: str, expected: int) -> None:
    response = send(f"POST /order HTTP/1.1\nHost: x\n{headers}\n\n{{}}")
    assert status(response) == expected
    assert '{"message": "' in response
    assert "Access-Control-Allow-Origin: *" in response


@pytest.mark.parametrize("headers", ["Content-Length: 2", "Content-Length: 2\nContent-Length: 2"])
def test_body_with_a_valid_length_is_read(send: Send, headers: str) -> None:
    response = send(f"POST /order HTTP/1.1\nHost: x\nConnection: close\n{headers}\n\n{{}}")
    assert response.endswith("""{"body":"b'{}'"}""")


@pytest.mark.parametrize("line", ["GET", "GET /order?secret HTTP/x", "GET /order?secret a b c"])
def test_answer_to_invalid_http_does_not_repeat_it(
    send: Send, line: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert '{"message": "' in (response := send(f"{line}\n\n"))
    assert "secret" not in response + capfd.readouterr().err


def test_unknown_path_with_a_non_ascii_header(send: Send) -> None:
    response = send("GET /nope HTTP/1.1\nHost: x\nConnection: close\nAuthorization: \u00e9\n\n")
    assert status(response) == 403


def test_log_has_no_query(send: Send, capfd: pytest.CaptureFixture[str]) -> None:
    assert status(send("GET /order?accountid=ann HTTP/1.1\nHost: x\nConnection: close\n\n")) == 200
    log = capfd.readouterr().err
    assert '"GET /order" 200' in log
    assert "ann" not in log


def test_every_method_is_handled() -> None:
    assert RequestHandler.do_GET is RequestHandler.do_PATCH
    handler = RequestHandler.__new__(RequestHandler)
    assert handler.do_BREW.__func__ is RequestHandler.do_GET
