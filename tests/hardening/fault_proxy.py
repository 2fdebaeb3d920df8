"""A proxy before the real table that puts faults in the way of requests, by chance.

It delays, rejects, loses or truncates requests and answers; carries a request out without an
answer; or carries it out after its sender has given up. Calm spells and storms take turns. One
random generator, made from a seed, decides: with the same seed, request n gets the same fault.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.broken_table import answers, forward, resets, truncated

_HELD_UP_FOR_AT_MOST = 3.0  # seconds
_PATIENCE = 1.0  # seconds that the service waits for an answer: chalicelib/dynamodb.py


class Write(NamedTuple):
    """A change that the real table made, acknowledged or not; times are in nanoseconds."""

    key: tuple[str, str]
    received: int
    done: int


class _Exchange(NamedTuple):
    """A request, a way to have the real table carry it out, and the severity of its fault."""

    request: Request
    forward: Callable[[], Response]
    severity: float  # 0 to 1


def _rejects(status: int, code: str) -> Callable[[_Exchange], Response]:
    return lambda exchange: answers(status, code)(exchange.request)


def _delays(exchange: _Exchange) -> Response:
    time.sleep(exchange.severity * _PATIENCE / 2)
    return exchange.forward()


def _resets(exchange: _Exchange) -> Response:
    resets(exchange.request)


def _carries_out_and_resets(exchange: _Exchange) -> Response:
    exchange.forward()
    resets(exchange.request)


def _carries_out_and_answers_500(exchange: _Exchange) -> Response:
    exchange.forward()
    return answers(500, "InternalServerError")(exchange.request)


def _truncates(exchange: _Exchange) -> Response:
    answer = exchange.forward()
    return truncated(answer, int(len(answer.data) * exchange.severity))


def _answers_too_late(exchange: _Exchange) -> Response:
    answer = exchange.forward()
    time.sleep(_PATIENCE * (1.1 + exchange.severity / 2))
    return answer


def _holds_up(exchange: _Exchange) -> Response:
    time.sleep(_PATIENCE + exchange.severity * (_HELD_UP_FOR_AT_MOST - _PATIENCE))
    return exchange.forward()


FAULTS: dict[str, Callable[[_Exchange], Response]] = {
    "delayed": _delays,
    "throttled (provisioned)": _rejects(400, "ProvisionedThroughputExceededException"),
    "throttled": _rejects(400, "ThrottlingException"),
    "answered 500": _rejects(500, "InternalServerError"),
    "carried out, answered 500": _carries_out_and_answers_500,
    "reset": _resets,
    "carried out, reset": _carries_out_and_resets,
    "carried out, truncated": _truncates,
    "carried out, answered too late": _answers_too_late,
    "carried out after the client gave up": _holds_up,
}


def schedule(seed: int) -> Iterator[tuple[str | None, float]]:
    """Yield for each request a fault, or None, and its severity (0 to 1)."""
    dice = random.Random(seed)
    while True:
        for likelihood in (0.05, 0.6):  # calm, and storm
            for _ in range(dice.randint(20, 80)):
                fault = dice.choice(list(FAULTS)) if dice.random() < likelihood else None
                yield fault, dice.random()


class FaultyTable:
    """Forwards requests from `server` to the real table; without faults while `calm`.

    `dealt` counts requests by fault. `writes` has all changes that the real table made.
    """

    def __init__(self, server: HTTPServer, real_table: str, seed: int) -> None:
        self.url, self.calm = server.url_for("/"), True
        self.dealt: Counter[str] = Counter()
        self.writes: list[Write] = []
        self._real_table = real_table
        self._schedule = schedule(seed)
        self._in_progress = 0
        self._change = threading.Condition()
        server.expect_request("/", method="POST").respond_with_handler(self._respond)

    def calm_down(self) -> None:
        """Stop the faults, and wait until all delayed requests have arrived."""
        with self._change:
            self.calm = True
            assert self._change.wait_for(lambda: self._in_progress == 0, timeout=30)

    def _respond(self, request: Request) -> Response:
        received = time.time_ns()
        with self._change:
            self._in_progress += 1
            fault, severity = (None, 0.0) if self.calm else next(self._schedule)
            self.dealt[fault or "carried out"] += 1
        try:
            exchange = _Exchange(request, lambda: self._forward(request, received), severity)
            return FAULTS[fault](exchange) if fault else exchange.forward()
        finally:
            with self._change:
                self._in_progress -= 1
                self._change.notify_all()

    def _forward(self, request: Request, received: int) -> Response:
        answer = forward(request, self._real_table)
        sent = request.get_json(force=True)
        key = sent.get("Item") or sent.get("Key")
        if key and "accountid" in key and answer.status_code == 200:  # not of the shops table
            ids = key["accountid"]["S"], key["vendorid"]["S"]
            self.writes.append(Write(ids, received, time.time_ns()))
        return answer
