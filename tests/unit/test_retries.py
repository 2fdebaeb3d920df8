"""What the client sends again by itself, and what it does not."""

import json
from contextlib import AbstractContextManager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from coffee_client import CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.samples import placed
from tests.serving import serving, url_of

_ORDER = Order("a0", "v0", Details("Short Black", "Small", "4.5", "1"))


class Service(ThreadingHTTPServer):
    """Answers with these statuses, one after the other; 0 hangs up. `seen` has what was asked."""

    def __init__(self, *statuses: int) -> None:
        self.seen: list[str] = []
        rest = list(statuses)
        service = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                service.seen.append(self.command)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status = rest.pop(0)
                if status == 0:
                    self.close_connection = True
                    return
                error = {"Code": "Busy", "Message": "busy"}
                body = json.dumps({"order": placed()} if status < 400 else error).encode()
                self.send_response(status)
                if status in {429, 503}:
                    self.send_header("Retry-After", "7")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return url_of(self)


def answering(*statuses: int) -> AbstractContextManager[Service]:
    return serving(Service(*statuses))


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses that were taken, without taking them."""
    pauses: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", pauses.append)
    return pauses


@pytest.mark.parametrize("status", [429, 503])
def test_a_look_up_and_an_order_are_sent_again_when_the_service_says_when(
    status: int, waited: list[float]
) -> None:
    with answering(status, 200) as service:
        assert CoffeeClient(service.url).get("a0", "v0").status == "placed"
    with answering(status, 201) as service:
        assert CoffeeClient(service.url).place(_ORDER).is_new
    assert waited == [7, 7]


def test_a_look_up_that_got_no_answer_is_sent_again() -> None:
    with answering(0, 0, 200) as service:
        assert CoffeeClient(service.url).get("a0", "v0").status == "placed"
        assert service.seen == ["GET"] * 3


def test_an_order_that_got_no_answer_is_not_sent_again() -> None:
    with answering(0, 201) as service:
        with pytest.raises(UnreachableError):
            CoffeeClient(service.url).place(_ORDER)
        assert service.seen == ["POST"]


@pytest.mark.parametrize("status", [0, 429, 503])
def test_a_step_of_an_orders_life_is_never_sent_again(status: int) -> None:
    expected = UnreachableError if status == 0 else OrderError
    with answering(status, 200) as service:
        with pytest.raises(expected):
            CoffeeClient(service.url).advance("a0", "v0", "ready")
        assert service.seen == ["PATCH"]
    with answering(status, 200) as service:
        with pytest.raises(expected):
            CoffeeClient(service.url).cancel("a0", "v0")
        assert service.seen == ["DELETE"]


def test_after_some_tries_the_refusal_is_told_with_when_to_try_again() -> None:
    with answering(429, 429, 429, 429) as service:
        with pytest.raises(OrderError) as refusal:
            CoffeeClient(service.url).get("a0", "v0")
        assert (refusal.value.status, refusal.value.retry_after) == (429, 7)
        assert len(service.seen) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 502])
def test_what_will_not_get_better_is_not_sent_again(status: int) -> None:
    with answering(status) as service:
        with pytest.raises(OrderError):
            CoffeeClient(service.url).get("a0", "v0")
        assert len(service.seen) == 1
