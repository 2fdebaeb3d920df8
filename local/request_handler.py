"""How `chalice local` reads HTTP requests, and what it writes to its log.

Chalice's own handler drops the connection when a request is malformed, and logs the query of each
request. This one answers as API Gateway does, and logs neither a query nor a header.
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

from deploy.gateway import REFUSAL_HEADERS

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_BODY = 10 * 1024 * 1024  # bytes


def install() -> None:
    """Make every server that `chalice local` starts from now on use this handler."""
    chalice.local.LocalDevServer = _Server  # type: ignore[assignment,misc]


class _Refusal(LocalGatewayException):
    def __init__(self, status: int, message: str) -> None:
        super().__init__({**REFUSAL_HEADERS}, json.dumps({"message": message}).encode())
        self.CODE = status


class RequestHandler(ChaliceRequestHandler):
    """Handles one connection."""

    # Head and body are written separately. The body would wait 40 ms for the head's ACK.
    disable_nagle_algorithm = True

    def __getattr__(self, name: str) -> Any:
        """Handle every HTTP method. For an unknown one, the base class would answer 501."""
        if name.startswith("do_"):
            return self.do_GET
        raise AttributeError(name)

    def _handle(self) -> None:
        try:
            self._check_framing()
        except _Refusal as refusal:
            self.close_connection = True  # where the next request begins is unknown
            self._send_error_response(refusal)
            return
        try:
            self._generic_handle()
        except UnicodeEncodeError:  # Chalice repeats the Authorization header for an unknown path
            missing = b'{"message": "Missing Authentication Token"}'
            self._send_error_response(ForbiddenError({**REFUSAL_HEADERS}, missing))

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = do_PATCH = do_OPTIONS = _handle  # noqa: N815

    def _check_framing(self) -> None:
        """Raise _Refusal unless the headers say how long the body is (RFC 9112, section 6)."""
        if "transfer-encoding" in self.headers:  # this server does not decode it
            raise _Refusal(411, "Length Required")
        lengths = set(self.headers.get_all("content-length", ["0"]))
        length = lengths.pop()
        if lengths or not (length.isascii() and length.isdigit()):
            raise _Refusal(400, "Bad Request")
        if len(length) > len(str(_MAX_BODY)) or int(length) > _MAX_BODY:
            raise _Refusal(413, "Request Too Long")

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
        self._send_error_response(_Refusal(code, HTTPStatus(code).phrase))


class _HttpServer(ThreadedHTTPServer):
    request_queue_size = 128  # the default listen backlog is 5


class _Server(LocalDevServer):
    def __init__(self, app_object: Any, config: Any, host: str, port: int) -> None:
        super().__init__(app_object, config, host, port, RequestHandler, _HttpServer)
