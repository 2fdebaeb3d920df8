"""A fake DynamoDB with the failures of a real one, on pytest-httpserver.

`BrokenTable.handler` handles each request. To close or reset the connection, a handler uses the
socket, which werkzeug, the server of pytest-httpserver, passes in the request's environment.
"""

import json
import socket
import struct
from collections.abc import Callable
from typing import NoReturn

import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

Handler = Callable[[Request], Response]


def error_response(status: int, code: str) -> Handler:
    """Return a handler that responds with this error, in DynamoDB's format."""
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"})
    return lambda _: Response(body, status)


def close_connection(request: Request) -> Response:
    """Close the connection without a response."""
    request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return Response()


def reset_connection(request: Request) -> NoReturn:
    """Reset the connection (RST), as a failing host does."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RD)  # the server waits for no other request
    connection.close()
    raise ConnectionResetError  # the server sends no response


def truncate(response: Response, length: int) -> Response:
    """Return a response that ends after `length` bytes of its body."""
    headers = {"Content-Length": str(len(response.data))}
    # A list, because for a string Response would set the length itself.
    return Response([response.data[:length]], response.status, headers=headers)


def forward(request: Request, real_table: str) -> Response:
    """Send a request to the real table at this URL; return its response.

    `Host` is replaced, because a local cloud accepts only its own name.
    """
    headers = {name: value for name, value in request.headers if name != "Host"}
    response = requests.post(real_table, data=request.get_data(), headers=headers, timeout=30)
    return Response(response.content, response.status_code)


def lose_first_response(real_table: str) -> Handler:
    """Return a handler that forwards every request, but does not return the first response."""
    responses: list[Response] = []

    def handle(request: Request) -> Response:
        responses.append(forward(request, real_table))
        return responses[-1] if len(responses) > 1 else close_connection(request)

    return handle


class DelayedRequest:
    """A handler that forwards every request; after `delay_next`, it keeps one."""

    def __init__(self, real_table: str) -> None:
        self._real_table = real_table
        self._delays_next = False

    def __call__(self, request: Request) -> Response:
        if not self._delays_next:
            return forward(request, self._real_table)
        self._delays_next, self._delayed = False, request
        return close_connection(request)

    def delay_next(self) -> None:
        """Close the connection of the next request, and store the request."""
        self._delays_next = True

    def deliver(self) -> int:
        """Send the stored request to the real table; return the status of the response."""
        return forward(self._delayed, self._real_table).status_code


class BrokenTable:
    """A fake DynamoDB at `url`. `requests` counts the requests."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/")
        self.handler: Handler = close_connection
        self.requests = 0
        server.expect_request("/", method="POST").respond_with_handler(self._handle)

    def _handle(self, request: Request) -> Response:
        self.requests += 1
        return self.handler(request)
