"""A proxy in front of the real table that injects random faults.

Periods with few and with many faults alternate. A random generator with a seed chooses the faults:
with the same seed, request n gets the same fault.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import Handler, error_response, forward, reset_connection, truncate
from tests.hardening.target import Target

_LONGEST_DELAY = 3.0  # seconds
_READ_TIMEOUT = 1.0  # seconds, of the service: chalicelib/dynamodb.py


class Write(NamedTuple):
    """A write of the real table, acknowledged or not, executed between two times in nanoseconds."""

    key: tuple[str, str]
    start: int
    end: int


Execute = Callable[[], Response]  # sends a request to the real table
Fault = Callable[[Request, Execute, float], Response]  # with the severity of the fault, 0 to 1


def _fail(error: Handler) -> Fault:
    return lambda request, execute, severity: error(request)  # noqa: ARG005


def _execute_and_fail(error: Handler) -> Fault:
    def fault(request: Request, execute: Execute, _: float) -> Response:
        execute()
        return error(request)

    return fault


def _delay(shortest: float, longest: float) -> Fault:
    def fault(_: Request, execute: Execute, severity: float) -> Response:
        time.sleep(shortest + severity * (longest - shortest))
        return execute()

    return fault


def _truncate(_: Request, execute: Execute, severity: float) -> Response:
    response = execute()
    return truncate(response, int(len(response.data) * severity))


def _respond_too_late(_: Request, execute: Execute, severity: float) -> Response:
    response = execute()
    time.sleep(_READ_TIMEOUT * (1.1 + severity / 2))
    return response


FAULTS: dict[str, Fault] = {
    "delayed": _delay(0, _READ_TIMEOUT / 2),
    "throttled (provisioned)": _fail(error_response(400, "ProvisionedThroughputExceededException")),
    "throttled": _fail(error_response(400, "ThrottlingException")),
    "answered 500": _fail(error_response(500, "InternalServerError")),
    "executed, answered 500": _execute_and_fail(error_response(500, "InternalServerError")),
    "reset": _fail(reset_connection),
    "executed, reset": _execute_and_fail(reset_connection),
    "executed, truncated": _truncate,
    "executed, answered too late": _respond_too_late,
    "executed after the client gave up": _delay(_READ_TIMEOUT, _LONGEST_DELAY),
}


def schedule(seed: int) -> Iterator[tuple[str | None, float]]:
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
        self._schedule = schedule(seed)
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
            execute = partial(self._forward, request, start)
            return FAULTS[fault](request, execute, severity) if fault else execute()
        finally:
            with self._change:
                self._in_progress -= 1
                self._change.notify_all()

    def _forward(self, request: Request, start: int) -> Response:
        response = forward(request, self.real_url)
        body = request.get_json(force=True)
        key = body.get("Item") or body.get("Key")
        if key and "accountid" in key and response.status_code == 200:  # not of the shops table
            ids = key["accountid"]["S"], key["vendorid"]["S"]
            self.writes.append(Write(ids, start, time.time_ns()))
        return response


class FaultyService(NamedTuple):
    """A service that reaches the table through a proxy that injects faults."""

    target: Target
    table: FaultyTable
