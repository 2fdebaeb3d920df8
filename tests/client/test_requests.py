"""The requests that the client sends: their arguments, and which it repeats after which delay."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from coffee_client import ArgumentError, CoffeeClient, Details, Order, OrderError, UnreachableError
from tests.client.fake_service import FakeService

_HALF = "\ud83d"  # of a surrogate pair


def order(price: Any = "4.50", quantity: Any = "1") -> Order:
    return Order("a0", "v0", Details("Flat White", "Small", price, quantity))


def test_number_may_be_a_text_an_int_or_a_decimal(
    client: CoffeeClient, fake_service: FakeService
) -> None:
    for price, quantity, sent in (
        ("4.50", 2, ("4.50", 2)),
        (Decimal("4.50"), Decimal(2), ("4.50", "2")),
        (Decimal("1E+3"), "2", ("1000", "2")),
    ):
        client.place(order(price, quantity))
        details = fake_service.last_body["order"]["details"]
        assert (details["unitprice"], details["quantity"]) == sent


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda c: c.place(order(4.35)), "order.details.unitprice: .* a float is not exact"),
        (lambda c: c.publish("v0", {"menu": [{"price": 4.5}]}), r"shop.menu\[0\].price: must be"),
        (lambda c: c.get("a0", _HALF), "vendorid: is not valid text"),
        (lambda c: c.get(b"a0", "v0"), "accountid: must be a str"),
        (lambda c: c.update_shop("v0", soldout={_HALF: True}), "soldout: is not valid text"),
        (lambda c: c.cancel("a0", "v0", if_match=1), "if_match: must be an ETag"),
        (lambda c: c.cancel("a0", "v0", if_match="\u201c1\u201d"), "if_match: must be an ETag"),
        (lambda c: c.publish("v0", {}, if_none_match='"1"\n'), "if_none_match: must be an ETag"),
    ],
)
def test_argument_that_cannot_be_sent_is_named(
    client: CoffeeClient, fake_service: FakeService, call: Any, message: str
) -> None:
    with pytest.raises(ArgumentError, match=f"^{message}"):
        call(client)
    assert fake_service.requests == []


def test_empty_argument_is_sent(client: CoffeeClient, fake_service: FakeService) -> None:
    list(client.queue(""))  # without it, these would be the caller's own orders
    assert fake_service.requests[-1].args["vendorid"] == ""


@pytest.fixture(autouse=True)
def delays(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Skip the delays between the client's requests, and return them."""
    seconds: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", seconds.append)
    return seconds


def test_get_and_place_are_repeated_after_retry_after(
    fake_service: FakeService, client: CoffeeClient, delays: list[float]
) -> None:
    fake_service.retry_after, fake_service.statuses = "2", [0, 429, 503, 200, 503, 429, 201]
    assert client.get("a0", "v0").status == "placed"
    assert client.place(order()).outcome == "placed"
    assert delays == [2] * 4


@pytest.mark.parametrize("retry_after", ["3600", "9" * 23, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_attempts_and_delays_are_limited(
    fake_service: FakeService, client: CoffeeClient, delays: list[float], retry_after: str
) -> None:
    fake_service.retry_after, fake_service.statuses = retry_after, [429, 503, 503, 503]
    with pytest.raises(OrderError, match="503") as error:
        client.get("a0", "v0")
    assert (delays, error.value.retry_after) == ([3] * 3, 3600 if retry_after == "3600" else None)


@pytest.mark.parametrize(
    ("send", "status"),
    [
        *[(lambda client: client.get("a0", "v0"), status) for status in (400, 404, 500)],
        (lambda client: client.place(order()), 0),
        *[(lambda client: client.advance("a0", "v0", "ready"), status) for status in (0, 429, 503)],
        *[(lambda client: client.cancel("a0", "v0"), status) for status in (0, 429, 503)],
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
