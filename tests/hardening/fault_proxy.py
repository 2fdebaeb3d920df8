"""A proxy in front of the real table that injects random faults.

Periods with few and with many faults alternate. A random generator with a seed chooses the faults:
with the same seed, request n gets the same fault.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import Handler, error_response, forward, reset_connection, truncate

_READ_TIMEOUT = 1.0  # seconds, of the service: chalicelib/dynamodb.py


class Write(NamedTuple):
    """A write of the real table, acknowledged or not, executed between two times in nanoseconds."""

    key: tuple[str, str]
    start: int
    end: int


class Fault(NamedTuple):
    """What happens to a request. A wait has its shortest and longest duration in seconds."""

    error: Handler | None = None  # instead of the table's response
    is_executed: bool = True
    wait_before: tuple[float, float] = (0, 0)
    wait_after: tuple[float, float] = (0, 0)
    is_truncated: bool = False


FAULTS = {
    "delayed": Fault(wait_before=(0, _READ_TIMEOUT / 2)),
    "throttled": Fault(error_response(400, "ThrottlingException"), is_executed=False),
    "answered 500": Fault(error_response(500, "InternalServerError"), is_executed=False),
    "executed, answered 500": Fault(error_response(500, "InternalServerError")),
    "reset": Fault(reset_connection, is_executed=False),
    "executed, reset": Fault(reset_connection),
    "executed, truncated": Fault(is_truncated=True),
    "executed, answered too late": Fault(wait_after=(_READ_TIMEOUT * 1.1, _READ_TIMEOUT * 1.6)),
    "executed after the client gave up": Fault(wait_before=(_READ_TIMEOUT, 3.0)),
}


def _schedule(seed: int) -> Iterator[tuple[str | None, float]]:
    """Yield for each request a fault, or None, and its severity (0 to 1)."""
    generator = random.Random(seed)
    while True:
        for probability in (0.05, 0.6):
            for _ in range(generator.randint(20, 80)):
                is_faulty = generator.random() < probability
                fault = generator.choice(list(FAULTS)) if is_faulty else None
                yield fault, generator.random()


class FaultyTable:
    """Forwards requests from `server` to the table at `real_url`, with faults while `enabled`.

    `fault_counts` has the number of requests by fault. `writes` has all writes of the real table.
    """

    def __init__(self, server: HTTPServer, seed: int) -> None:
        self.url, self.enabled = server.url_for("/"), False
        self.real_url = ""
        self.fault_counts: Counter[str] = Counter()
        self.writes: list[Write] = []
        self._schedule = _schedule(seed)
        self._in_progress = 0
        self._change = threading.Condition()
        server.expect_request("/", method="POST").respond_with_handler(self._respond)

    def stop_faults(self) -> None:
        """Stop the faults, and wait until all delayed requests have arrived."""
        with self._change:
            self.enabled = False
            assert self._change.wait_for(lambda: self._in_progress == 0, timeout=30)

    def _respond(self, request: Request) -> Response:
        start = time.time_ns()
        with self._change:
            self._in_progress += 1
            fault, severity = next(self._schedule) if self.enabled else (None, 0.0)
            if fault:
                self.fault_counts[fault] += 1
        try:
            if not fault:
                return self._forward(request, start)
            return self._fail(FAULTS[fault], severity, request, start)
        finally:
            with self._change:
                self._in_progress -= 1
                self._change.notify_all()

    def _fail(self, fault: Fault, severity: float, request: Request, start: int) -> Response:
        def wait(shortest: float, longest: float) -> None:
            time.sleep(shortest + severity * (longest - shortest))

        wait(*fault.wait_before)
        response = self._forward(request, start) if fault.is_executed else Response()
        wait(*fault.wait_after)
        if fault.is_truncated:
            return truncate(response, int(len(response.data) * severity))
        return fault.error(request) if fault.error else response

    def _forward(self, request: Request, start: int) -> Response:
        response = forward(request, self.real_url)
        body = request.get_json(force=True)
        key = body.get("Item") or body.get("Key")
        if key and "accountid" in key and response.status_code == 200:  # not of the shops table
            ids = key["accountid"]["S"], key["vendorid"]["S"]
            self.writes.append(Write(ids, start, time.time_ns()))
        return response
