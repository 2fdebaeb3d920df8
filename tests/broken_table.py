"""A DynamoDB that behaves badly, over real HTTP."""

import json
import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from tests.serving import url_of

Behaviour = Callable[[BaseHTTPRequestHandler], None]


def answers(status: int, code: str) -> Behaviour:
    """Answer with an error of DynamoDB's."""

    def behave(request: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}).encode()
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.send_header("Connection", "close")
        request.end_headers()
        request.wfile.write(body)

    return behave


def hangs_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.shutdown(socket.SHUT_RDWR)


def stops_half_way(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b'{"Item": {')


def never_answers(request: BaseHTTPRequestHandler) -> None:
    del request
    time.sleep(0.5)  # longer than the client's patience below


def forgets_its_first_answer(real_table: str) -> Behaviour:
    """Carry every request out at the real table, but lose the answer to the first."""
    seen: list[str] = []

    def behave(request: BaseHTTPRequestHandler) -> None:
        seen.append(request.path)
        answer = _carry_out(request, real_table)
        if len(seen) == 1:
            hangs_up(request)
        else:
            _pass_on(answer, request)

    return behave


class HoldsUp:
    """Carries every request out at the real table, but one: that arrives when told to."""

    def __init__(self, real_table: str) -> None:
        self._real_table = real_table
        self._waiting = False
        self._held_up: BaseHTTPRequestHandler | None = None

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        if self._waiting:
            self._waiting, self._held_up = False, request
            hangs_up(request)
        else:
            _pass_on(_carry_out(request, self._real_table), request)

    def hold_up_the_next(self) -> None:
        """Hang up on the next request, and keep it."""
        self._waiting = True

    def deliver(self) -> int:
        """Carry out what was held up; return the real table's status."""
        assert self._held_up is not None
        return _carry_out(self._held_up, self._real_table).status_code


def _carry_out(request: BaseHTTPRequestHandler, real_table: str) -> requests.Response:
    body = request.body  # type: ignore[attr-defined]
    headers = {name: request.headers[name] for name in ("Authorization", "X-Amz-Target")}
    return requests.post(real_table, data=body, headers=headers, timeout=10)


def _pass_on(answer: requests.Response, request: BaseHTTPRequestHandler) -> None:
    request.send_response(answer.status_code)
    request.send_header("Content-Length", str(len(answer.content)))
    request.send_header("Connection", "close")
    request.end_headers()
    request.wfile.write(answer.content)


class BrokenTable(ThreadingHTTPServer):
    """Stands where DynamoDB should, and behaves badly. `requests` counts how often it was asked."""

    def __init__(self) -> None:
        self.behave: Behaviour = hangs_up
        self.requests = 0
        broken_table = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                broken_table.requests += 1
                self.body = self.rfile.read(int(self.headers["Content-Length"]))
                broken_table.behave(self)
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Return where it stands."""
        return url_of(self)
