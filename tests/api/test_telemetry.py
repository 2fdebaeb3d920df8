"""What operators see: a line and a counter for each request, and never a secret."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chalice.test import Client

from tests.api.conftest import Customer, GetOrder, PostOrder
from tests.samples import order


@pytest.fixture
def log(client: Client) -> Iterator[io.StringIO]:  # noqa: ARG001 - it sets the environment
    from chalicelib import telemetry  # noqa: PLC0415 - it reads the environment as it loads

    handler = telemetry.logger.registered_handler
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    usual = handler.setStream(written)
    yield written
    if usual is not None:
        handler.setStream(usual)


Logged = Callable[[], list[dict[str, Any]]]
Counted = Callable[[], list[str]]


@pytest.fixture
def logged(log: io.StringIO) -> Logged:
    """Return a function that reads the lines logged so far."""
    return lambda: [json.loads(line) for line in log.getvalue().splitlines()]


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Counted:
    """Return a function that names the counters raised since it was last called."""

    def read() -> list[str]:
        metrics = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        for metric in metrics:
            assert (metric["service"], metric["stage"]) == ("coffee-orders", "test")
        directives = [metric["_aws"]["CloudWatchMetrics"][0] for metric in metrics]
        assert all(directive["Namespace"] == "CoffeeOrders" for directive in directives)
        return [directive["Metrics"][0]["Name"] for directive in directives]

    return read


def test_a_request_is_one_line_of_json(
    post_order: PostOrder, accountid: str, logged: Logged
) -> None:
    post_order(order(accountid))
    (line,) = logged()
    assert line["level"] == "INFO"
    assert line["service"] == "coffee-orders"
    assert line["route"] == "POST /order"
    assert line["status"] == 201
    assert line["duration_ms"] >= 0
    assert line["function_request_id"]


def test_a_refusal_is_logged_by_its_code(get_order: GetOrder, logged: Logged) -> None:
    get_order("accountid=nobody&vendorid=v0")
    (line,) = logged()
    assert (line["status"], line["error"]) == (404, "NotFoundError")


def test_orders_placed_replaced_and_refused_are_counted(
    post_order: PostOrder,
    get_order: GetOrder,
    second_customer: Customer,
    accountid: str,
    counted: Counted,
) -> None:
    post_order(order(accountid))
    assert counted() == ["OrdersPlaced"]
    post_order(order(accountid))
    assert counted() == ["OrdersReplaced"]
    post_order(order(accountid), authorization=second_customer.id_token)
    post_order({})
    assert counted() == ["OrdersRefused", "OrdersRefused"]
    get_order(f"accountid={accountid}&vendorid=v0")
    assert counted() == []


def test_no_log_line_has_a_token_an_order_or_a_customer_in_it(
    post_order: PostOrder,
    get_order: GetOrder,
    signed_in_customer: Customer,
    accountid: str,
    log: io.StringIO,
    counted: Counted,
) -> None:
    post_order(order(accountid, coffeetype="Piccolo"))
    post_order(order(accountid, coffeetype="Piccolo", quantity="Piccolo"))
    post_order({accountid: "Piccolo"})
    get_order(f"accountid={accountid}&vendorid=v0&Piccolo")
    counted()
    written = log.getvalue()
    assert written.count("\n") == 4
    for secret in ("Piccolo", accountid, signed_in_customer.id_token, signed_in_customer.sub):
        assert secret not in written


def test_an_unforeseen_failure_is_logged_with_its_cause_and_answered_without(
    post_order: PostOrder,
    accountid: str,
    logged: Logged,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("the cause")

    monkeypatch.setattr("chalicelib.orders_table.place", fail)
    answer = post_order(order(accountid))
    assert answer.status_code == 500
    assert b"cause" not in answer.body
    failure, line = logged()
    assert "the cause" in failure["exception"]
    assert line["status"] == 500
