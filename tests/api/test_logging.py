"""Logs and metrics: a line and a counter for each request, without secrets."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import Client

from tests.api.conftest import Api, PostOrder
from tests.fixtures import Customer

Logged = Callable[[], list[dict[str, Any]]]
Counted = Callable[[], list[str]]


@pytest.fixture
def logged(client: Client, capsys: pytest.CaptureFixture[str]) -> Logged:  # noqa: ARG001
    """Return a function that reads the lines logged since it was last called."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.fixture
def counted(logged: Logged) -> Counted:
    """Return a function that reads the names of the counters since it was last called."""

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


def test_request_is_one_line_of_json(
    api: Api, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    api.place()
    (line,) = logged()
    assert line["level"] == "INFO"
    assert line["service"] == "coffee-orders"
    assert line["route"] == "POST /order"
    assert line["status"] == 201
    assert line["duration_ms"] >= 0
    assert line["function_request_id"]
    assert line["xray_trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"


def test_error_is_logged_with_its_code(api: Api, logged: Logged) -> None:
    api.send("GET", "/order", **api.key)
    (line,) = logged()
    assert (line["status"], line["error"]) == (404, "NotFoundError")


def test_order_metrics(api: Api, second_customer: Customer, counted: Counted) -> None:
    api.place()
    assert counted() == ["OrdersPlaced"]
    api.place()
    assert counted() == ["OrdersUnchanged"]
    api.place(quantity="2")
    assert counted() == ["OrdersReplaced"]
    api.place(user=second_customer)
    api.place(quantity="none")
    assert counted() == ["OrdersRefused", "OrdersRefused"]
    api.get()
    assert counted() == []


def test_log_has_no_token_order_or_customer(
    api: Api, post_order: PostOrder, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    api.place(coffeetype="Piccolo")
    api.place(coffeetype="Piccolo", quantity="Piccolo")
    post_order({api.accountid: "Piccolo"})
    api.send("GET", "/order", **api.key, Piccolo="Piccolo")
    written = capsys.readouterr().out
    assert written.count("\n") == 4
    for secret in ("Piccolo", api.accountid, api.customer.id_token, api.customer.sub):
        assert secret not in written


def test_unexpected_failure_is_logged_with_its_cause(
    api: Api, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("the cause")

    monkeypatch.setattr("chalicelib.orders_table.place", fail)
    response = api.place()
    assert response.status_code == 500
    assert b"cause" not in response.body
    failure, line = logged()
    assert "the cause" in failure["exception"]
    assert failure["exception_name"] == "ZeroDivisionError"
    assert line["status"] == 500
