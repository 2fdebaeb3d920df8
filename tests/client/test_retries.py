"""The requests that the client repeats, and the delays between them."""

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.client.fake_service import FakeService

_ORDER = Order("a0", "v0", Details("Short Black", "Small", "4.5", "1"))


@pytest.fixture
def service(httpserver: HTTPServer) -> FakeService:
    service = FakeService(httpserver)
    service.retry_after = "2"
    return service


@pytest.fixture
def client(service: FakeService) -> CoffeeClient:
    return CoffeeClient(service.url)


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Skip the delays between the client's requests, and return them."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("status", [429, 503])
def test_get_and_place_wait_for_retry_after(
    service: FakeService, client: CoffeeClient, status: int, delays: list[float]
) -> None:
    service.statuses = [status, 200, status, 201]
    assert client.get("a0", "v0").status == "placed"
    assert client.place(_ORDER).outcome == "placed"
    assert delays == [2, 2]


@pytest.mark.parametrize(
    ("retry_after", "delay"),
    [
        ("2", 2),
        ("3600", 3),
        ("99999999999999999999999", 3),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_attempts_and_delays_are_limited(
    service: FakeService,
    client: CoffeeClient,
    delays: list[float],
    retry_after: str,
    delay: float | None,
) -> None:
    service.retry_after = retry_after
    service.statuses = [429, 503, 503, 503]
    with pytest.raises(OrderError) as rejection:
        client.get("a0", "v0")
    assert rejection.value.status == 503
    # Without a usable header, the client has its own delays.
    assert delays == [delay] * 3 if delay else sum(delays) < 3


def test_get_without_a_response_is_repeated(service: FakeService, client: CoffeeClient) -> None:
    service.statuses = [0, 0, 200]
    assert client.get("a0", "v0").status == "placed"
    assert len(service.requests) == 3


@pytest.mark.parametrize(
    ("method", "arguments", "status"),
    [
        *[("get", ("a0", "v0"), status) for status in (400, 403, 404, 409, 500, 502)],
        ("place", (_ORDER,), 0),
        *[("advance", ("a0", "v0", "ready"), status) for status in (0, 429, 503)],
        *[("cancel", ("a0", "v0"), status) for status in (0, 429, 503)],
    ],
)
def test_other_requests_are_not_repeated(
    service: FakeService, client: CoffeeClient, method: str, arguments: tuple[Any], status: int
) -> None:
    service.statuses = [status]
    with pytest.raises(OrderError if status else UnreachableError):
        getattr(client, method)(*arguments)
    assert len(service.requests) == 1
