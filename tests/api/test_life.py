"""An order's life: who may move it where, and what everybody else is told."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer
from tests.samples import answered, order, ordered, placed

_STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"]
_STEPS = {
    ("placed", "preparing"),
    ("placed", "cancelled"),
    ("preparing", "ready"),
    ("ready", "collected"),
}


@pytest.fixture(scope="module")
def barista(barista_of: Callable[[str], Customer]) -> Customer:
    return barista_of("shop")


@pytest.fixture
def order_that_is(
    send: Send, signed_in_customer: Customer, barista: Customer, accountid: str
) -> Callable[[str], dict[str, str]]:
    """Return a function that brings an order to a status and returns its key."""

    def bring(status: str) -> dict[str, str]:
        key = {"accountid": accountid, "vendorid": "shop"}
        send("POST", "/order", signed_in_customer, body={"order": order(**key)})
        if status == "cancelled":
            send("DELETE", "/order", signed_in_customer, **key)
        else:
            for step in _STATUSES[1 : _STATUSES.index(status) + 1]:
                answer = send("PATCH", "/order", barista, body={"status": step}, **key)
                assert answer.json_body["order"]["status"] == step
        assert send("GET", "/order", **key).json_body["order"]["status"] == status
        return key

    return bring


OrderThatIs = Callable[[str], dict[str, str]]


@pytest.mark.parametrize("to", _STATUSES)
@pytest.mark.parametrize("status", _STATUSES)
def test_transitions(
    send: Send, barista: Customer, order_that_is: OrderThatIs, status: str, to: str
) -> None:
    key = order_that_is(status)
    answer = send("PATCH", "/order", barista, body={"status": to}, **key)
    if (status, to) in _STEPS:
        assert answer.status_code == 200
        assert answer.json_body == {"order": {**placed(**key), "status": to}}
    else:
        assert answer.status_code == 409
        assert answer.json_body == {"Code": "ConflictError", "Message": f"The order is {status}"}
        assert send("GET", "/order", **key).json_body["order"]["status"] == status


def test_customer_cancels_a_placed_order(
    send: Send, signed_in_customer: Customer, order_that_is: OrderThatIs
) -> None:
    key = order_that_is("placed")
    answer = send("DELETE", "/order", signed_in_customer, **key)
    assert answer.status_code == 200
    assert answer.json_body == {"order": {**placed(**key), "status": "cancelled"}}


@pytest.mark.parametrize("status", ["preparing", "ready", "collected", "cancelled"])
def test_customer_cannot_cancel_later(
    send: Send, signed_in_customer: Customer, order_that_is: OrderThatIs, status: str
) -> None:
    answer = send("DELETE", "/order", signed_in_customer, **order_that_is(status))
    assert answer.status_code == 409
    assert answer.json_body["Message"] == f"The order is {status}"


@pytest.mark.parametrize("status", _STATUSES)
def test_stranger_cannot_cancel_an_order(
    send: Send,
    second_customer: Customer,
    barista: Customer,
    order_that_is: OrderThatIs,
    status: str,
) -> None:
    key = order_that_is(status)
    for stranger in (second_customer, barista):
        answer = send("DELETE", "/order", stranger, **key)
        assert answer.status_code == 403
        assert answer.json_body["Message"] == "This is another customer's order"
    assert send("GET", "/order", **key).json_body["order"]["status"] == status


@pytest.mark.parametrize("status", ["preparing", "ready"])
def test_order_in_progress_is_not_replaced(
    send: Send, signed_in_customer: Customer, order_that_is: OrderThatIs, status: str
) -> None:
    key = order_that_is(status)
    another = order(**key, coffeetype="Long Black")
    answer = send("POST", "/order", signed_in_customer, body={"order": another})
    assert answer.status_code == 409
    assert answer.json_body["Message"] == f"The order is {status}"
    there = send("GET", "/order", **key).json_body["order"]
    assert there == {**placed(**key), "status": status}


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
def test_other_orders_are_replaced(
    send: Send, signed_in_customer: Customer, order_that_is: OrderThatIs, status: str
) -> None:
    key = order_that_is(status)
    again = ordered("2026-03-01 08:31:00", **key, coffeetype="Long Black")
    answer = send("POST", "/order", signed_in_customer, body={"order": again})
    assert answer.status_code == 200
    assert answer.json_body == {"order": answered(again)}


@pytest.mark.parametrize("date", ["2026-03-01 08:31:00", "2026-03-01T08:31:00Z", ""])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready"])
def test_stranger_cannot_replace_an_open_order(
    send: Send, second_customer: Customer, order_that_is: OrderThatIs, status: str, date: str
) -> None:
    body = {"order": ordered(date, **order_that_is(status))}
    answer = send("POST", "/order", second_customer, body=body)
    assert answer.status_code == 403
    assert answer.json_body["Message"] == "Another customer has an order at this key"


@pytest.mark.parametrize("date", ["2026-03-01 08:31:00", "2026-03-01T08:31:00Z", ""])
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_closed_order_gives_way_to_a_strangers_newer_one(
    send: Send,
    signed_in_customer: Customer,
    second_customer: Customer,
    order_that_is: OrderThatIs,
    status: str,
    date: str,
) -> None:
    key = order_that_is(status)
    body = {"order": ordered(date, **key)}
    answer = send("POST", "/order", second_customer, body=body)
    assert (answer.status_code, answer.headers["Order-Outcome"]) == (201, "placed")
    assert "Location" in answer.headers
    assert signed_in_customer.sub not in answer.body.decode()
    # From now on the key is the second customer's.
    assert send("DELETE", "/order", signed_in_customer, **key).status_code == 403
    newer = {"order": ordered("", **key)}
    assert send("POST", "/order", signed_in_customer, body=newer).status_code == 403
    assert send("DELETE", "/order", second_customer, **key).status_code == 200


@pytest.mark.parametrize("date", ["2026-03-01 08:30:00.123456", "2026-03-01 08:29:59"])
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_closed_order_does_not_give_way_to_a_strangers_older_one(
    send: Send, second_customer: Customer, order_that_is: OrderThatIs, status: str, date: str
) -> None:
    body = {"order": ordered(date, **order_that_is(status))}
    answer = send("POST", "/order", second_customer, body=body)
    assert answer.status_code == 409
    assert answer.json_body["Message"] == (
        f"order.orderdate: is not later than that of the order there, which is {status}"
    )


def test_since_is_when_the_status_changed_last(
    send: Send, barista: Customer, order_that_is: OrderThatIs
) -> None:
    key = order_that_is("placed")
    times = [send("GET", "/order", **key).json_body["order"]["since"]]
    for step in ("preparing", "ready", "collected"):
        moved = send("PATCH", "/order", barista, body={"status": step}, **key).json_body["order"]
        assert moved == send("GET", "/order", **key).json_body["order"]
        times.append(moved["since"])
    assert times == sorted(set(times))
    now = datetime.now(UTC)
    assert all(now - datetime.fromisoformat(time) < timedelta(minutes=1) for time in times)


def test_only_staff_of_the_vendor_may_change_an_order(
    send: Send,
    signed_in_customer: Customer,
    barista_of: Callable[[str], Customer],
    order_that_is: OrderThatIs,
) -> None:
    key = order_that_is("placed")
    for stranger in (signed_in_customer, barista_of("another shop")):
        answer = send("PATCH", "/order", stranger, body={"status": "preparing"}, **key)
        assert answer.status_code == 403
        assert answer.json_body["Message"] == "Only staff of this vendor may do this"
    # To name one's own shop in the query leads to one's own shop's order, which is not there.
    elsewhere = {**key, "vendorid": "another shop"}
    answer = send("PATCH", "/order", barista_of("x"), body={"status": "preparing"}, **elsewhere)
    assert answer.status_code == 403


def test_missing_order_is_404(send: Send, signed_in_customer: Customer, barista: Customer) -> None:
    nothing = {"accountid": "nobody", "vendorid": "shop"}
    assert send("DELETE", "/order", signed_in_customer, **nothing).status_code == 404
    for status in _STATUSES:
        answer = send("PATCH", "/order", barista, body={"status": status}, **nothing)
        assert answer.status_code == 404
    assert send("GET", "/order", **nothing).status_code == 404  # and nothing has made it be there


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_token_is_required(send: Send, method: str) -> None:
    answer = send(method, "/order", body={"status": "ready"}, accountid="a0", vendorid="shop")
    assert (answer.status_code, answer.body) == (401, b'{"message":"Unauthorized"}')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "status: is missing"),
        (
            {"status": "brewed"},
            "status: must be one of placed, preparing, ready, collected, cancelled",
        ),
        ({"status": None}, "status: expected str, got null"),
        ({"status": "ready", "order": {}}, "order: is not a known field"),
        ([], "expected object, got array"),
    ],
)
def test_invalid_statuses(send: Send, barista: Customer, body: Any, message: str) -> None:
    answer = send("PATCH", "/order", barista, body=body, accountid="a0", vendorid="shop")
    assert (answer.status_code, answer.json_body["Message"]) == (400, message)


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_invalid_keys(send: Send, barista: Customer, method: str) -> None:
    answer = send(method, "/order", barista, body={"status": "ready"}, accountid="a0")
    assert (answer.status_code, answer.json_body["Message"]) == (400, "vendorid: is missing")


def test_one_dynamodb_request_each(
    send: Send,
    signed_in_customer: Customer,
    barista: Customer,
    order_that_is: OrderThatIs,
    dynamodb_requests: list[str],
) -> None:
    key = order_that_is("placed")
    for status in ("preparing", "preparing", "collected"):
        dynamodb_requests.clear()
        send("PATCH", "/order", barista, body={"status": status}, **key)
        assert dynamodb_requests == ["UpdateItem"]
    for who in (signed_in_customer, barista):
        dynamodb_requests.clear()
        send("DELETE", "/order", who, **key)
        assert dynamodb_requests == ["UpdateItem"]
    dynamodb_requests.clear()
    send("PATCH", "/order", barista, body={"status": "placed"}, **key)
    assert len(dynamodb_requests) == 1


@pytest.mark.parametrize("round_", range(5))
def test_one_of_three_concurrent_changes_wins(
    send: Send,
    signed_in_customer: Customer,
    barista: Customer,
    order_that_is: OrderThatIs,
    round_: int,
) -> None:
    key = order_that_is("placed")
    presses: list[Callable[[], Any]] = [
        lambda: send("PATCH", "/order", barista, body={"status": "preparing"}, **key),
        lambda: send("PATCH", "/order", barista, body={"status": "preparing"}, **key),
        lambda: send("DELETE", "/order", signed_in_customer, **key),
    ]
    with ThreadPoolExecutor(len(presses)) as pool:
        first, rest = presses[round_ % 3 :], presses[: round_ % 3]
        answers = list(pool.map(lambda press: press(), first + rest))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    status = send("GET", "/order", **key).json_body["order"]["status"]
    assert {answer.json_body.get("Message") for answer in answers} == {
        None,
        f"The order is {status}",
    }


def test_order_without_status_counts_as_placed(
    cloud: Cloud,
    send: Send,
    signed_in_customer: Customer,
    barista_of: Callable[[str], Customer],
    accountid: str,
    vendorid: str,
) -> None:
    barista = barista_of(vendorid)
    key = {"accountid": accountid, "vendorid": vendorid}
    details = {name: {"S": value} for name, value in order()["details"].items()}
    item = {
        **{name: {"S": value} for name, value in key.items()},
        "orderdate": {"S": order()["orderdate"]},
        "details": {"M": details},
        "placed_by": {"S": signed_in_customer.sub},
    }

    def put_back() -> None:
        cloud.dynamodb.put_item(TableName="orders", Item=item)
        legacy = {**order(**key), "status": "placed"}  # nobody knows since when
        assert send("GET", "/order", **key).json_body == {"order": legacy}

    put_back()
    assert send("DELETE", "/order", signed_in_customer, **key).status_code == 200
    put_back()
    replacing = {"order": order(**key)}
    assert send("POST", "/order", signed_in_customer, body=replacing).status_code == 200
    put_back()
    step = {"status": "preparing"}
    assert send("PATCH", "/order", barista, body=step, **key).status_code == 200
    assert send("PATCH", "/order", barista, body=step, **key).status_code == 409
    queued = send("GET", "/orders", barista, vendorid=vendorid).json_body["orders"]
    assert queued == [{**placed(**key), "status": "preparing"}]
