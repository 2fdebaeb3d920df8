"""The requests that the client repeats, and the delays between them."""

from collections.abc import Callable
from typing import Any

import pytest

from coffee_client import CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.client.fake_service import FakeService

_ORDER = Order("a0", "v0", Details("Short Black", "Small", "4.5", "1"))
_CHANGES: list[Callable[[CoffeeClient], Any]] = [
    lambda client: client.advance("a0", "v0", "ready"),
    lambda client: client.cancel("a0", "v0"),
]


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
    ("send", "status"),
    [
        *[(lambda client: client.get("a0", "v0"), status) for status in (400, 404, 500)],
        (lambda client: client.place(_ORDER), 0),
        *[(change, status) for change in _CHANGES for status in (0, 429, 503)],
    ],
)
def test_other_requests_are_not_repeated(
    fake_service: FakeService,
    client: CoffeeClient,
    send: Callable[[CoffeeClient], Any],
    status: int,
) -> None:
    fake_service.statuses = [status]
    with pytest.raises(OrderError if status else UnreachableError):
        send(client)
    assert len(fake_service.requests) == 1
