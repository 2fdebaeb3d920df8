"""Logs and metrics: a line and a metric for each request, without secrets."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api
from tests.fixtures import Customer

ReadLines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def read_lines(capsys: pytest.CaptureFixture[str]) -> ReadLines:
    """Return a function that reads the lines logged since it was last called."""
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def metrics(lines: list[dict[str, Any]]) -> list[str]:
    """Return the names of the metrics in these lines; each counts one event."""
    names = []
    for line in lines:
        assert (line["service"], line["stage"]) == ("coffee-orders", "local")
        if "_aws" in line:
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            assert directive["Namespace"] == "CoffeeOrders"
            assert directive["Dimensions"] == [["service", "stage"]]
            names += [metric["Name"] for metric in directive["Metrics"]]
            assert line[names[-1]] == 1
    return names


def test_request_is_one_line_of_json(
    api: Api, read_lines: ReadLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    api.place()
    (line,) = read_lines()
    expected = {
        "level": "INFO",
        "service": "coffee-orders",
        "route": "POST /order",
        "status": 201,
        "xray_trace_id": "1-5759e988-bd862e3fe1be46a994272793",
    }
    assert line.items() >= expected.items()
    assert line["duration_ms"] >= 0
    assert line["function_request_id"]
    api.set_status("ready")
    (line,) = read_lines()
    assert (line["status"], line["error"]) == (409, "ConflictError")


def test_each_change_of_an_order_is_counted(
    api: Api, second_customer: Customer, read_lines: ReadLines
) -> None:
    changes: dict[str, Callable[[], HTTPResponse]] = {
        "OrdersPlaced": api.place,
        "OrdersUnchanged": api.place,
        "OrdersReplaced": lambda: api.place(quantity="2"),
        "OrdersAdvanced": lambda: api.set_status("preparing"),
        "OrdersRefused": api.cancel,
    }
    for metric, change in changes.items():
        change()
        assert metrics(read_lines()) == [metric]
    api.step_back("placed")
    api.place(user=second_customer)
    api.cancel()
    api.look_up()
    assert metrics(read_lines()) == ["OrdersAdvanced", "OrdersRefused", "OrdersCancelled"]


def test_log_has_no_token_order_or_customer(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    api.place(coffeetype="Piccolo")
    api.place(coffeetype="Piccolo", quantity="Piccolo")
    api.send("POST", "/order", api.customer, body={api.accountid: "Piccolo"})
    api.send("GET", "/order", **api.key, Piccolo="Piccolo")
    log = capsys.readouterr().out
    assert log.count("\n") == 4
    for secret in ("Piccolo", api.accountid, api.customer.id_token, api.customer.sub):
        assert secret not in log


def test_unexpected_failure_is_logged_once_with_its_cause(
    api: Api, read_lines: ReadLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("the cause")

    monkeypatch.setattr("chalicelib.orders_table.place", fail)
    response = api.place()
    assert response.status_code == 500
    assert b"cause" not in response.body
    failure, line = read_lines()
    # On Lambda, the root logger has a handler, too.
    assert not logging.getLogger("coffee-orders").propagate
    assert "the cause" in failure["exception"]
    assert failure["exception_name"] == "ZeroDivisionError"
    assert line["status"] == 500
    assert "_aws" not in line  # no metric
