"""A table that can't be relied on: what stands between the service and the real one.

Everything that may happen to a request on its way happens here, by chance, in calm spells and in
storms: delayed, refused, lost, cut short, carried out without an answer, or carried out after its
sender has long given up. The chances come from a seed; the same seed deals the same lot to the
n-th request.
"""

import http
import http.client
import json
import random
import socket
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from tests.serving import url_of

_HELD_UP_FOR_AT_MOST = 3.0  # seconds
_PATIENCE = 1.0  # seconds that the service waits for an answer: chalicelib/dynamodb.py


class Write(NamedTuple):
    """A change that the real table made, whoever heard of it; times are in nanoseconds."""

    key: tuple[str, str]
    received: int
    done: int


_Answer = tuple[int, bytes]
_Forward = Callable[[], _Answer]


def _refuses(status: int, code: str) -> Callable[["_Request", _Forward, float], None]:
    body = json.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}"}).encode()

    def refuse(request: "_Request", forward: _Forward, chance: float) -> None:
        del forward, chance
        request.answer(status, body)

    return refuse


def _delays(request: "_Request", forward: _Forward, chance: float) -> None:
    time.sleep(chance * _PATIENCE / 2)
    request.answer(*forward())


def _resets(request: "_Request", forward: _Forward, chance: float) -> None:
    del forward, chance
    request.reset()


def _carries_out_and_resets(request: "_Request", forward: _Forward, chance: float) -> None:
    del chance
    forward()
    request.reset()


def _carries_out_and_answers_500(request: "_Request", forward: _Forward, chance: float) -> None:
    forward()
    _refuses(500, "InternalServerError")(request, forward, chance)


def _truncates(request: "_Request", forward: _Forward, chance: float) -> None:
    status, body = forward()
    request.answer(status, body, int(len(body) * chance))


def _answers_too_late(request: "_Request", forward: _Forward, chance: float) -> None:
    answer = forward()
    time.sleep(_PATIENCE * (1.1 + chance / 2))
    request.answer(*answer)


def _holds_up(request: "_Request", forward: _Forward, chance: float) -> None:
    time.sleep(_PATIENCE + chance * (_HELD_UP_FOR_AT_MOST - _PATIENCE))
    request.answer(*forward())


FAULTS: dict[str, Callable[["_Request", _Forward, float], None]] = {
    "delayed": _delays,
    "throttled (provisioned)": _refuses(400, "ProvisionedThroughputExceededException"),
    "throttled": _refuses(400, "ThrottlingException"),
    "answered 500": _refuses(500, "InternalServerError"),
    "carried out, answered 500": _carries_out_and_answers_500,
    "reset": _resets,
    "carried out, reset": _carries_out_and_resets,
    "carried out, truncated": _truncates,
    "carried out, answered too late": _answers_too_late,
    "carried out after the client gave up": _holds_up,
}


def schedule(seed: int) -> Iterator[tuple[str | None, float]]:
    """Yield the lot of each request: a fault, or none, and how bad it is (0 to 1)."""
    dice = random.Random(seed)
    while True:
        for likelihood in (0.05, 0.6):  # calm, and storm
            for _ in range(dice.randint(20, 80)):
                fault = dice.choice(list(FAULTS)) if dice.random() < likelihood else None
                yield fault, dice.random()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "FaultyTable"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.close_connection = True
        received, (fault, chance) = time.time_ns(), self.server.deal()

        def forward() -> _Answer:
            answer = self.server.carry_out(self.path, body, dict(self.headers))
            self.server.note(json.loads(body), received, answer)
            return answer

        try:
            if fault is None:
                self.answer(*forward())
            else:
                FAULTS[fault](self, forward, chance)
        except OSError:  # the service has hung up, and does not hear this answer
            pass
        finally:
            self.server.done()

    def answer(self, status: int, body: bytes, cut_at: int | None = None) -> None:
        """Answer, or only as much of the body as that."""
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body[:cut_at])

    def reset(self) -> None:
        """Hang up as a machine that fails: with RST."""
        at_once = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        self.connection.close()

    def log_message(self, *_: Any) -> None:
        pass


class FaultyTable(ThreadingHTTPServer):
    """Forwards to the real table, as the schedule of the seed has it; while `calm`, all of it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, real_table: str, seed: int) -> None:
        self.seed, self.calm = seed, True
        self.dealt: Counter[str] = Counter()
        self.writes: list[Write] = []
        self._real_table = urlsplit(real_table)
        self._schedule = schedule(seed)
        self._under_way = 0
        self._change = threading.Condition()
        super().__init__(("127.0.0.1", 0), _Request)

    @property
    def url(self) -> str:
        """Return where it stands."""
        return url_of(self)

    def deal(self) -> tuple[str | None, float]:
        """Return the lot of the next request."""
        with self._change:
            self._under_way += 1
            fault, chance = (None, 0.0) if self.calm else next(self._schedule)
            self.dealt[fault or "carried out"] += 1
            return fault, chance

    def done(self) -> None:
        """Note that a request has met its lot."""
        with self._change:
            self._under_way -= 1
            self._change.notify_all()

    def note(self, asked: dict[str, Any], received: int, answer: _Answer) -> None:
        """Note a change that was made."""
        key = asked.get("Item") or asked.get("Key")
        if key and answer[0] == http.HTTPStatus.OK:
            ids = key["accountid"]["S"], key["vendorid"]["S"]
            self.writes.append(Write(ids, received, time.time_ns()))

    def calm_down(self) -> None:
        """Be reliable from now on, once all that was held up has arrived."""
        with self._change:
            self.calm = True
            assert self._change.wait_for(lambda: self._under_way == 0, timeout=30)

    def carry_out(self, path: str, body: bytes, headers: dict[str, str]) -> _Answer:
        """Ask the real table; the signature covers the headers, so they go as they came."""
        real = http.client.HTTPConnection(self._real_table.netloc, timeout=30)
        try:
            real.request("POST", path, body, headers)
            answer = real.getresponse()
            return answer.status, answer.read()
        finally:
            real.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when the service hangs up; anything else is a mistake in here."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)
