"""The requests that the client repeats, its pauses, and the requests that it never repeats."""

import json
import re
from collections.abc import Callable

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from coffee_client import CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.broken_table import close_connection
from tests.samples import placed_order

_ORDER = Order("a0", "v0", Details("Short Black", "Small", "4.5", "1"))


class Service:
    """A fake service at `url`. `seen` has the methods of its requests since `answers`."""

    retry_after = "2"

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.seen: list[str] = []
        self._statuses: list[int] = []
        server.expect_request(re.compile("")).respond_with_handler(self._respond)

    def answers(self, *statuses: int) -> None:
        """Answer the next requests with these statuses, in turn; 0 drops the connection."""
        self.seen.clear()
        self._statuses[:] = statuses

    def _respond(self, request: Request) -> Response:
        self.seen.append(request.method)
        status = self._statuses.pop(0)
        if status == 0:
            return close_connection(request)
        body = {"order": placed_order()} if status < 400 else {"Code": "Busy", "Message": "busy"}
        headers = {"Retry-After": self.retry_after} if status in {429, 503} else {}
        return Response(json.dumps(body), status, headers)


@pytest.fixture
def service(httpserver: HTTPServer) -> Service:
    return Service(httpserver)


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the pauses of the client, which do not take time."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("status", [429, 503])
def test_get_and_place_wait_for_retry_after(
    service: Service, status: int, pauses: list[float]
) -> None:
    service.answers(status, 200)
    assert CoffeeClient(service.url).get("a0", "v0").status == "placed"
    service.answers(status, 201)
    assert CoffeeClient(service.url).place(_ORDER).is_new
    assert pauses == [2, 2]


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [
        ("3600", 3),
        ("99999999999999999999999", 3),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
        ("soon", None),
        ("-1", None),
        ("\u00b2", None),
    ],
)
def test_pauses_are_limited(
    service: Service, pauses: list[float], retry_after: str, wait: float | None
) -> None:
    service.retry_after = retry_after
    service.answers(503, 503, 503, 503)
    with pytest.raises(OrderError) as rejection:
        CoffeeClient(service.url).get("a0", "v0")
    assert rejection.value.status == 503
    # Without a usable header the client backs off by itself.
    assert pauses == [wait] * 3 if wait else sum(pauses) < 3


def test_get_without_an_answer_is_repeated(service: Service) -> None:
    service.answers(0, 0, 200)
    assert CoffeeClient(service.url).get("a0", "v0").status == "placed"
    assert service.seen == ["GET"] * 3


def test_place_without_an_answer_is_not_repeated(service: Service) -> None:
    service.answers(0, 201)
    with pytest.raises(UnreachableError):
        CoffeeClient(service.url).place(_ORDER)
    assert service.seen == ["POST"]


@pytest.mark.parametrize("status", [0, 429, 503])
def test_status_change_is_never_repeated(service: Service, status: int) -> None:
    client = CoffeeClient(service.url)
    changes: dict[str, Callable[[], object]] = {
        "PATCH": lambda: client.advance("a0", "v0", "ready"),
        "DELETE": lambda: client.cancel("a0", "v0"),
    }
    for method, change in changes.items():
        service.answers(status, 200)
        with pytest.raises(UnreachableError if status == 0 else OrderError):
            change()
        assert service.seen == [method]


def test_last_rejection_has_retry_after(service: Service) -> None:
    service.answers(429, 429, 429, 429)
    with pytest.raises(OrderError) as rejection:
        CoffeeClient(service.url).get("a0", "v0")
    assert (rejection.value.status, rejection.value.retry_after) == (429, 2)
    assert len(service.seen) == 4


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 502])
def test_other_rejections_are_not_repeated(service: Service, status: int) -> None:
    service.answers(status)
    with pytest.raises(OrderError):
        CoffeeClient(service.url).get("a0", "v0")
    assert len(service.seen) == 1
