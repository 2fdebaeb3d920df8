"""The HTTP server of `chalice local`, with a few differences from Chalice's."""

import sys
from collections.abc import Callable
from typing import Any

import chalice.local
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.local import ChaliceRequestHandler, LocalDevServer, ThreadedHTTPServer

from tools.project import CHALICE_CONFIG, PROJECT


def install() -> None:
    """Let `chalice local` in this process use this server, and restart only for sources.

    Chalice would also restart for logs, caches, `.git` and `.venv`, and has no setting for it.
    """
    chalice.local.LocalDevServer = _Server  # type: ignore[assignment,misc]
    first_times = _modification_times()

    def restart_after_edit(_watcher: Any, _root: str, restart: Callable[[], None]) -> None:
        if _modification_times() != first_times:
            restart()

    watcher: Any = StatFileWatcher
    watcher._single_pass_poll = restart_after_edit


def _modification_times() -> dict[str, float]:
    """Return the times of the files that ship to Lambda, and of Chalice's settings."""
    files = [PROJECT / "app.py", CHALICE_CONFIG, *(PROJECT / "chalicelib").rglob("*.*")]
    # An editor may replace a file at this moment, so a missing one is no error.
    return {
        str(file): file.stat().st_mtime
        for file in files
        if file.suffix != ".pyc" and file.is_file()
    }


class _RequestHandler(ChaliceRequestHandler):
    # Otherwise the body, which is written after the head, waits 40 ms for its ACK.
    disable_nagle_algorithm = True

    def do_HEAD(self) -> None:  # noqa: N802 - the base class names it
        """Answer 405 without a body. API Gateway answers 403 without a body."""
        self._send_http_response_no_body(405, {"Allow": "GET"})

    def _parse_payload(self) -> tuple[Any, bytes | None]:
        """Return the headers and the body, also of a chunked request (RFC 9112, section 7.1)."""
        headers, body = super()._parse_payload()
        if self.headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass  # a trailer
        return headers, body


class _HttpServer(ThreadedHTTPServer):
    request_queue_size = 128  # the default listen backlog is 5

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of an error, unless the client has closed the connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Server(LocalDevServer):
    def __init__(self, app_object: Any, config: Any, host: str, port: int) -> None:
        super().__init__(app_object, config, host, port, _RequestHandler, _HttpServer)
