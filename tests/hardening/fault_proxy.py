"""A proxy in front of the real table that injects random faults.

It delays, rejects, loses or truncates requests and responses; executes a request without a
response; or executes it after the client has given up. Periods with few and with many faults
alternate. One random generator with a seed decides: with the same seed, request n gets the same
fault.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import error_response, forward, reset_connection, truncate

_LONGEST_DELAY = 3.0  # seconds
_READ_TIMEOUT = 1.0  # seconds, of the service: chalicelib/dynamodb.py


class Write(NamedTuple):
    """A write of the real table, acknowledged or not. Times are in nanoseconds."""

    key: tuple[str, str]
    received: int
    done: int


class _Exchange(NamedTuple):
    """A request, a function that forwards it to the real table, and the severity of its fault."""

    request: Request
    forward: Callable[[], Response]
    severity: float  # 0 to 1


def _reject(status: int, code: str) -> Callable[[_Exchange], Response]:
    return lambda exchange: error_response(status, code)(exchange.request)


def _delay(exchange: _Exchange) -> Response:
    time.sleep(exchange.severity * _READ_TIMEOUT / 2)
    return exchange.forward()


def _reset(exchange: _Exchange) -> Response:
    reset_connection(exchange.request)


def _execute_and_reset(exchange: _Exchange) -> Response:
    exchange.forward()
    reset_connection(exchange.request)


def _execute_and_fail(exchange: _Exchange) -> Response:
    exchange.forward()
    return error_response(500, "InternalServerError")(exchange.request)


def _truncate(exchange: _Exchange) -> Response:
    response = exchange.forward()
    return truncate(response, int(len(response.data) * exchange.severity))


def _respond_too_late(exchange: _Exchange) -> Response:
    response = exchange.forward()
    time.sleep(_READ_TIMEOUT * (1.1 + exchange.severity / 2))
    return response


def _execute_too_late(exchange: _Exchange) -> Response:
    time.sleep(_READ_TIMEOUT + exchange.severity * (_LONGEST_DELAY - _READ_TIMEOUT))
    return exchange.forward()


FAULTS: dict[str, Callable[[_Exchange], Response]] = {
    "delayed": _delay,
    "throttled (provisioned)": _reject(400, "ProvisionedThroughputExceededException"),
    "throttled": _reject(400, "ThrottlingException"),
    "answered 500": _reject(500, "InternalServerError"),
    "executed, answered 500": _execute_and_fail,
    "reset": _reset,
    "executed, reset": _execute_and_reset,
    "executed, truncated": _truncate,
    "executed, answered too late": _respond_too_late,
    "executed after the client gave up": _execute_too_late,
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
    """Forwards requests from `server` to the real table, with faults while `enabled`.

    `fault_counts` has the number of requests by fault. `writes` has all writes of the real table.
    """

    def __init__(self, server: HTTPServer, real_table: str, seed: int) -> None:
        self.url, self.enabled = server.url_for("/"), False
        self.fault_counts: Counter[str] = Counter()
        self.writes: list[Write] = []
        self._real_table = real_table
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
        received = time.time_ns()
        with self._change:
            self._in_progress += 1
            fault, severity = next(self._schedule) if self.enabled else (None, 0.0)
            if fault:
                self.fault_counts[fault] += 1
        try:
            exchange = _Exchange(request, lambda: self._forward(request, received), severity)
            return FAULTS[fault](exchange) if fault else exchange.forward()
        finally:
            with self._change:
                self._in_progress -= 1
                self._change.notify_all()

    def _forward(self, request: Request, received: int) -> Response:
        response = forward(request, self._real_table)
        sent = request.get_json(force=True)
        key = sent.get("Item") or sent.get("Key")
        if key and "accountid" in key and response.status_code == 200:  # not of the shops table
            ids = key["accountid"]["S"], key["vendorid"]["S"]
            self.writes.append(Write(ids, received, time.time_ns()))
        return response
