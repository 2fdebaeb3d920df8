"""The requests that the client repeats, and the delays between them."""

from typing import Any

import pytest

from coffee_client import CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.client.fake_service import FakeService

_ORDER = Order("a0", "v0", Details("Short Black", "Small", "4.5", "1"))


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Skip the delays between the client's requests, and return them."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("status", [429, 503])
def test_get_and_place_wait_for_retry_after(
    fake_service: FakeService, client: CoffeeClient, status: int, delays: list[float]
) -> None:
    fake_service.retry_after, fake_service.statuses = "2", [status, 200, status, 201]
    assert client.get("a0", "v0").status == "placed"
    assert client.place(_ORDER).outcome == "placed"
    assert delays == [2, 2]


@pytest.mark.parametrize("retry_after", ["3600", "9" * 23, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_attempts_and_delays_are_limited(
    fake_service: FakeService, client: CoffeeClient, delays: list[float], retry_after: str
) -> None:
    fake_service.retry_after, fake_service.statuses = retry_after, [429, 503, 503, 503]
    with pytest.raises(OrderError, match="503"):
        client.get("a0", "v0")
    assert delays == [3] * 3


def test_get_without_a_response_is_repeated(
    fake_service: FakeService, client: CoffeeClient
) -> None:
    fake_service.statuses = [0, 0, 200]
    assert client.get("a0", "v0").status == "placed"
    assert len(fake_service.requests) == 3


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
    fake_service: FakeService,
    client: CoffeeClient,
    method: str,
    arguments: tuple[Any],
    status: int,
) -> None:
    fake_service.statuses = [status]
    with pytest.raises(OrderError if status else UnreachableError):
        getattr(client, method)(*arguments)
    assert len(fake_service.requests) == 1
