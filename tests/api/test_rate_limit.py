"""How many orders a customer may place in a minute."""

from types import SimpleNamespace

import pytest
from chalice.test import Client

from tests.api.conftest import Api, error
from tests.fixtures import Customer


@pytest.fixture(autouse=True)
def clock(client: Client, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:  # noqa: ARG001
    """Set the limit to 3 orders, forget earlier ones, and return a clock that stands still."""
    times = SimpleNamespace(now=1000.0)
    times.monotonic = lambda: times.now
    monkeypatch.setattr("chalicelib.rate_limit._LIMIT", 3)
    monkeypatch.setattr("chalicelib.rate_limit._orders", {})
    monkeypatch.setattr("chalicelib.rate_limit.time", times)
    return times


def test_order_above_the_limit_is_429_before_the_table_is_asked(
    api: Api, clock: SimpleNamespace, dynamodb_requests: list[str]
) -> None:
    for _ in range(3):
        assert api.place("").status_code in {200, 201}
        clock.now += 10
    before = api.get()
    dynamodb_requests.clear()
    response = api.place("")
    assert error(response) == (429, "You order too fast; try again in 30 s")
    assert response.headers["Retry-After"] == "30"
    assert dynamodb_requests == []
    assert api.get() == before


def test_rejected_and_invalid_orders_do_not_count(
    api: Api, clock: SimpleNamespace, second_customer: Customer
) -> None:
    for _ in range(4):
        assert api.place(quantity="none").status_code == 400
    for _ in range(3):
        api.place("")
    for clock.now, status in ((1059.9, 429), *[(1060.0, 200)] * 3, (1060.0, 429)):
        assert api.place("").status_code == status
    # The limit is for each customer, and for orders only.
    assert api.place("", second_customer).status_code == 403
    assert api.set_status("preparing").status_code == 200


def test_customers_are_bounded() -> None:
    """The customer who has not ordered for longest is forgotten."""
    from chalicelib import rate_limit  # noqa: PLC0415 - after the environment is set

    for number in (0, *range(10_000), 0):
        assert rate_limit.count_order(f"customer {number}") == 0
    assert rate_limit.count_order("customer 10000") == 0
    assert len(rate_limit._orders) == 10_000
    assert "customer 0" in rate_limit._orders
    assert "customer 1" not in rate_limit._orders
