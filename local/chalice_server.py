"""Chalice's development server, with what a service needs that people try in earnest.

Chalice has no setting for any of this, so the methods of its classes are replaced.
"""

import os
import sys
from pathlib import Path
from typing import Any

import chalice.local
from chalice.cli.filewatch.stat import StatFileWatcher
from chalice.local import ChaliceRequestHandler

from deploy.gateway import REFUSAL_HEADERS

# What API Gateway takes.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_LARGEST_BODY = 10 * 1024 * 1024
_generic_handle = ChaliceRequestHandler._generic_handle


def improve() -> None:
    """Change the classes of Chalice's server and of its reloader, for this process."""
    # The default listen backlog is 5: with more connections at once, some would be refused.
    chalice.local.ThreadedHTTPServer.request_queue_size = 128
    handler: Any = ChaliceRequestHandler
    # It writes head and body apart, and a body would wait 40 ms for the head to be acknowledged.
    handler.disable_nagle_algorithm = True
    # To a method that it does not know it would answer 501, as a broken server does.
    handler.__getattr__ = _handle_any_method
    handler._generic_handle = _expect_a_good_length
    handler.log_request = _log_without_query
    handler.log_error = _log_nothing
    watcher: Any = StatFileWatcher
    watcher._single_pass_poll = _look_for_changes
    if "chalice.cli.filewatch.eventbased" in sys.modules:  # where watchdog is installed
        _ignore_other_files(sys.modules["chalice.cli.filewatch.eventbased"])


def _handle_any_method(handler: ChaliceRequestHandler, name: str) -> Any:
    if name.startswith("do_"):
        return handler.do_GET
    raise AttributeError(name)


def _expect_a_good_length(handler: ChaliceRequestHandler) -> None:
    """Answer 400 or 413 to a Content-Length that is no number or too large, as gateways do."""
    lengths = set(handler.headers.get_all("content-length", ["0"]))
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        _refuse(handler, 400, b'{"message":"Bad Request"}')
    elif len(length) > len(str(_LARGEST_BODY)) or int(length) > _LARGEST_BODY:
        _refuse(handler, 413, b'{"message":"Request Too Long"}')
    else:
        _generic_handle(handler)


def _refuse(handler: ChaliceRequestHandler, status: int, body: bytes) -> None:
    handler.close_connection = True  # where the next request begins is not known
    handler._send_http_response(status, dict(REFUSAL_HEADERS), body)


def _log_without_query(
    handler: ChaliceRequestHandler, code: int | str = "-", size: int | str = "-"
) -> None:
    """Log a request without its query, which names accounts."""
    del size
    path = getattr(handler, "path", "-").partition("?")[0]
    handler.log_message('"%s %s" %s', handler.command or "-", path, str(int(code)))


def _log_nothing(handler: ChaliceRequestHandler, *_: object) -> None:
    """Leave a malformed request's text out of the log; its status is logged as every other."""


def _look_for_changes(watcher: Any, root: str, restart: Any) -> None:
    """Ask for a restart if a file of the project has changed.

    Chalice would watch every file below the project: the log of a local cloud, `.git`, `.venv`
    and bytecode, too.
    """
    now = {str(path): path.stat().st_mtime for path in _project_files(Path(root)) if path.is_file()}
    before = {
        path: time for path, time in watcher._mtime_cache.items() if _is_watched(Path(path), root)
    }
    if now != before:
        restart()


def _project_files(root: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if _is_watched(Path(folder, name), root)]
        found += [Path(folder, name) for name in files]
    return [path for path in found if _is_watched(path, root)]


def _is_watched(path: Path, root: Path | str) -> bool:
    return not any(
        (part.startswith(".") and part != ".chalice") or part in {"__pycache__", "build"}
        for part in path.relative_to(root).parts
    )


def _ignore_other_files(eventbased: Any) -> None:
    restarter = eventbased.WatchdogRestarter
    on_any_event = restarter.on_any_event

    def on_project_event(self: Any, event: Any) -> None:
        changed = event.event_type in {"created", "modified", "moved", "deleted"}
        if changed and _is_watched(Path(event.src_path), Path.cwd()):
            on_any_event(self, event)

    restarter.on_any_event = on_project_event
