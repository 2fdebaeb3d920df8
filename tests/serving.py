"""A server of the tests' own, on a thread, for as long as a block lasts."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from typing import TypeVar

_S = TypeVar("_S", bound=ThreadingHTTPServer)


@contextmanager
def serving(server: _S) -> Iterator[_S]:
    """Serve until the block ends."""
    with server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def url_of(server: ThreadingHTTPServer) -> str:
    """Return where it serves."""
    return f"http://127.0.0.1:{server.server_port}"
