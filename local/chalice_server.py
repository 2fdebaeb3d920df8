"""What `chalice local` serves with: an HTTP server like Chalice's, and tables and users."""

import argparse
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import chalice.local
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.local import ChaliceRequestHandler, LocalDevServer, ThreadedHTTPServer

from local import service
from local.chalice_local import fail
from local.emulator import terminate_with_parent
from tools.project import PROJECT, bypass_proxies_for_loopback, ignore_aws_settings


def prepare(options: argparse.Namespace) -> None:
    """Prepare this process to serve the app, with the stage's own tables if it is deployed."""
    chalice.local.LocalDevServer = _Server  # type: ignore[assignment,misc]
    _restart_only_after_edits()
    logging.getLogger("botocore").setLevel(logging.WARNING)
    bypass_proxies_for_loopback()
    if "CHALICE_WORKER" in os.environ:
        terminate_with_parent()
    try:
        socket.create_server((options.host, options.port)).close()
    except (OSError, OverflowError) as error:
        reason = str(error).partition(" (")[0].rstrip(".")
        fail(f"Cannot listen at {options.host}:{options.port}: {reason}. Try --port 8001")
    if not os.environ.get("ORDERS_TABLE"):
        _use_local_cloud(options)
    elif options.stage != "local":
        print(f"This serves the tables and users of the stage {options.stage} on AWS", flush=True)


def _use_local_cloud(options: argparse.Namespace) -> None:
    """Point this process at a running local cloud, or start one that ends with `chalice local`."""
    ignore_aws_settings()
    stack = service.find_stack(options.port)
    if stack is None:
        print("Starting a local cloud, which stops with `chalice local` ...", flush=True)
        stack = _start_local_cloud(options.port)
    os.environ.update(stack.variables)
    api_url = f"http://{options.host}:{options.port}"
    print(
        f"Page        {api_url}/   (sign up there)\n"
        f"API         {api_url}/order\n"
        f"App client  {stack.client_id}   (Cognito at {stack.aws_endpoint_url})\n"
        "The mail    python -m local mail --to ann@example.com   (shows the code of a sign-up)",
        flush=True,
    )


def _start_local_cloud(port: int) -> service.LocalStack:
    """Start a local cloud in a process that survives a reload; return when it is ready."""
    command_pid = os.getppid() if "CHALICE_WORKER" in os.environ else os.getpid()
    process = subprocess.Popen(
        [sys.executable, "-m", "local", "cloud", str(port), str(command_pid)],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # it does not receive Ctrl-C before `chalice local` ends
    )
    while (stack := service.find_stack(port)) is None:
        if process.poll() is not None:
            fail("The local cloud cannot be started, see above")
        time.sleep(0.1)
    return stack


def _restart_only_after_edits() -> None:
    """Let Chalice restart only for an edit of the service.

    It would also restart for logs, caches, `.git` and `.venv`, and has no setting for it.
    """
    first_times = _modification_times()

    def poll(_watcher: Any, _root: str, restart: Callable[[], None]) -> None:
        if _modification_times() != first_times:
            restart()

    StatFileWatcher._single_pass_poll = poll  # type: ignore[assignment,method-assign]


def _modification_times() -> dict[Path, float]:
    """Return the times of the files that ship to Lambda, and of Chalice's settings."""
    patterns = ("app.py", ".chalice/config.json", "chalicelib/**/*.py", "chalicelib/static/*")
    files = [file for pattern in patterns for file in PROJECT.glob(pattern)]
    # An editor may replace a file at this moment, so a missing one is no error.
    return {file: file.stat().st_mtime for file in files if file.is_file()}


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


_Server = partial(LocalDevServer, handler_cls=_RequestHandler, server_cls=_HttpServer)
