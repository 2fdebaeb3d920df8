"""What operators see: a line and a counter for each request, and never a secret."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import Client

from tests.api.conftest import GetOrder, PostOrder
from tests.fixtures import Customer
from tests.samples import order

Logged = Callable[[], list[dict[str, Any]]]
Counted = Callable[[], list[str]]


@pytest.fixture
def logged(client: Client, capsys: pytest.CaptureFixture[str]) -> Logged:  # noqa: ARG001
    """Return a function that reads the lines logged since it was last called."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def counted(logged: Logged) -> Counted:
    """Return a function that names the counters raised since it was last called."""

    def read() -> list[str]:
        names = []
        for line in logged():
            assert (line["service"], line["stage"]) == ("coffee-orders", "local")
            if "_aws" in line:
                (directive,) = line["_aws"]["CloudWatchMetrics"]
                assert directive["Namespace"] == "CoffeeOrders"
                assert directive["Dimensions"] == [["service", "stage"]]
                names += [metric["Name"] for metric in directive["Metrics"]]
                assert line[names[-1]] == 1
        return names

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


def test_error_is_logged_with_its_code(get_order: GetOrder, logged: Logged) -> None:
    get_order("accountid=nobody&vendorid=v0")
    (line,) = logged()
    assert (line["status"], line["error"]) == (404, "NotFoundError")


def test_order_metrics(
    post_order: PostOrder,
    get_order: GetOrder,
    second_customer: Customer,
    accountid: str,
    counted: Counted,
) -> None:
    post_order(order(accountid))
    assert counted() == ["OrdersPlaced"]
    post_order(order(accountid))
    assert counted() == ["OrdersUnchanged"]
    post_order(order(accountid, quantity="2"))
    assert counted() == ["OrdersReplaced"]
    post_order(order(accountid), authorization=second_customer.id_token)
    post_order({})
    assert counted() == ["OrdersRefused", "OrdersRefused"]
    get_order(f"accountid={accountid}&vendorid=v0")
    assert counted() == []


def test_log_has_no_token_order_or_customer(
    post_order: PostOrder,
    get_order: GetOrder,
    signed_in_customer: Customer,
    accountid: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    post_order(order(accountid, coffeetype="Piccolo"))
    post_order(order(accountid, coffeetype="Piccolo", quantity="Piccolo"))
    post_order({accountid: "Piccolo"})
    get_order(f"accountid={accountid}&vendorid=v0&Piccolo")
    written = capsys.readouterr().out
    assert written.count("\n") == 4
    for secret in ("Piccolo", accountid, signed_in_customer.id_token, signed_in_customer.sub):
        assert secret not in written


def test_unexpected_failure_is_logged_with_its_cause(
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
    assert failure["exception_name"] == "ZeroDivisionError"
    assert line["status"] == 500


def test_a_line_names_its_trace(
    post_order: PostOrder, accountid: str, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    post_order(order(accountid))
    (line,) = logged()
    assert line["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
