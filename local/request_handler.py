"""The HTTP request handler of `chalice local`.

Chalice's handler drops the connection of a malformed request, and logs query strings. This one
answers as API Gateway does, and logs no query string and no header.
"""

import json
from http import HTTPStatus
from typing import Any

import chalice.local
from chalice.local import (
    ChaliceRequestHandler,
    ForbiddenError,
    LocalDevServer,
    LocalGatewayException,
    ThreadedHTTPServer,
)

from local.authorizer import ERROR_HEADERS

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_BODY = 10 * 1024 * 1024  # bytes


def install() -> None:
    """Let `chalice local` in this process use this handler."""
    chalice.local.LocalDevServer = _Server  # type: ignore[assignment,misc]


class _ErrorResponse(LocalGatewayException):
    def __init__(self, status: int, message: str) -> None:
        super().__init__({**ERROR_HEADERS}, json.dumps({"message": message}).encode())
        self.CODE = status


class RequestHandler(ChaliceRequestHandler):
    """Handles one connection."""

    # Otherwise the body, which is written after the head, waits 40 ms for its ACK.
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        """Handle every HTTP method. The base class answers 501 to unknown ones."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def _handle(self) -> None:
        try:
            self._check_framing()
        except _ErrorResponse as error:
            self.close_connection = True  # the next request may begin anywhere
            self._send_error_response(error)
            return
        try:
            self._generic_handle()
        except UnicodeEncodeError:
            # From an Authorization header that Chalice repeats for an unknown path.
            missing = b'{"message": "Missing Authentication Token"}'
            self._send_error_response(ForbiddenError({**ERROR_HEADERS}, missing))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _handle  # noqa: N815

    def _check_framing(self) -> None:
        """Raise _ErrorResponse unless the length of the body is clear (RFC 9112, section 6)."""
        if "transfer-encoding" in self.headers:  # not supported
            raise _ErrorResponse(411, "Length Required")
        lengths = set(self.headers.get_all("content-length", ["0"]))
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise _ErrorResponse(400, "Bad Request")
        if len(length) > len(str(_MAX_BODY)) or int(length) > _MAX_BODY:
            raise _ErrorResponse(413, "Request Too Long")

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:  # noqa: ARG002
        """Log the method, the path without its query, and the status."""
        path = getattr(self, "path", "").partition("?")[0]
        self.log_message('"%s %s" %s', self.command, path, str(code))

    def send_error(
        self,
        code: int,
        message: str | None = None,  # noqa: ARG002
        explain: str | None = None,  # noqa: ARG002
    ) -> None:
        """Answer a request that is not HTTP, without repeating its first line."""
        self.close_connection = True
        self._send_error_response(_ErrorResponse(code, HTTPStatus(code).phrase))


class _HttpServer(ThreadedHTTPServer):
    request_queue_size = 128  # the default listen backlog is 5


class _Server(LocalDevServer):
    def __init__(self, app_object: Any, config: Any, host: str, port: int) -> None:
        super().__init__(app_object, config, host, port, RequestHandler, _HttpServer)
