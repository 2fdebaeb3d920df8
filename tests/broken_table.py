"""A fake DynamoDB that fails as a real one can, on pytest-httpserver.

`BrokenTable.handler` decides how the table treats a request. Some faults happen below HTTP: a
connection is closed or reset. For those, the behaviour uses the connection's socket, which the
server of pytest-httpserver, werkzeug, passes in the request's environment.
"""

import json
import socket
import struct
import threading
from collections.abc import Callable
from typing import NoReturn

import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Handler = Callable[[Request], Response]


def error_response(status: int, code: str) -> Handler:
    """Return a behaviour: an error with this code, in DynamoDB's format."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"})
    return lambda _: Response(body, status)


def close_connection(request: Request) -> Response:
    """Close the connection without an answer."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response()


def reset_connection(request: Request) -> NoReturn:
    """Reset the connection (RST), as a failing machine does."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)  # so that the server does not wait for another request
    connection.close()
    raise ConnectionResetError  # so that the server sends no answer


def truncate(answer: Response, length: int) -> Response:
    """Return an answer that ends after `length` bytes of its body."""
    announced = {"Content-Length": str(len(answer.data))}
    # In a list: from a string, Response would count the length itself.
    return Response([answer.data[:length]], answer.status, headers=announced)


def send_partial_response(request: Request) -> Response:
    """Send the first bytes of an answer, then close the connection."""
    del request
    return truncate(Response(b'{"Item": {}}'), 9)


def respond_late(request: Request) -> Response:
    """Answer after the client has given up: the tests set its read timeout to 0.2 seconds."""
    del request
    threading.Event().wait(0.5)  # tests of botocore's retries replace time.sleep
    return Response()


def forward(request: Request, real_table: str) -> Response:
    """Send a request to the real table at this URL; return its answer.

    The headers are sent unchanged, but for `Host`: a local cloud answers only to its own name.
    """
    headers = {name: value for name, value in request.headers if name != "Host"}
    answer = requests.post(real_table, data=request.get_data(), headers=headers, timeout=30)
    return Response(answer.content, answer.status_code)


def lose_first_response(real_table: str) -> Handler:
    """Return a behaviour: the real table handles every request, but the first answer is lost."""
    answers: list[Response] = []

    def behave(request: Request) -> Response:
        answers.append(forward(request, real_table))
        return answers[-1] if len(answers) > 1 else close_connection(request)

    return behave


class DelaysRequest:
    """A behaviour: the real table handles every request, but one of them only later."""

    def __init__(self, real_table: str) -> None:
        self._real_table = real_table
        self._delays_next = False
        self._delayed: Request | None = None

    def __call__(self, request: Request) -> Response:
        if not self._delays_next:
            return forward(request, self._real_table)
        self._delays_next, self._delayed = False, request
        return close_connection(request)

    def delay_next(self) -> None:
        """Close the connection of the next request, and keep the request."""
        self._delays_next = True

    def deliver(self) -> int:
        """Send the kept request to the real table; return the status of the answer."""
        assert self._delayed is not None
        return forward(self._delayed, self._real_table).status_code


class BrokenTable:
    """Stands in for DynamoDB at `url`. `requests` counts the requests so far."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/")
        self.handler: Handler = close_connection
        self.requests = 0
        server.expect_request("/", method="POST").respond_with_handler(self._respond)

    def _respond(self, request: Request) -> Response:
        self.requests += 1
        return self.handler(request)
