"""A POST that comes twice, or late: an order gives way only to a newer one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Send
from tests.fixtures import Cloud, Customer
from tests.samples import answered, ordered

_OFFSET, _LATER = "2026-03-01T08:30:00+01:00", "2026-03-01T07:30:00.000000001Z"
_NAIVE, _NAIVE_LATER = "2026-03-01 08:30:00.123456", "2026-03-01 08:30:00.123457"


@pytest.fixture
def key(accountid: str) -> dict[str, str]:
    return {"accountid": accountid, "vendorid": "patient"}


@pytest.fixture(scope="module")
def barista(barista_of: Callable[[str], Customer]) -> Customer:
    return barista_of("patient")


@pytest.fixture
def place(
    send: Send, signed_in_customer: Customer, key: dict[str, str]
) -> Callable[..., HTTPResponse]:
    """Return a function that POSTs an order of this date, or of none."""

    def place(date: str, **details: str) -> HTTPResponse:
        body = {"order": ordered(date, **key, **details)}
        return send("POST", "/order", signed_in_customer, body=body)

    return place


@pytest.fixture
def bring_to(
    send: Send, signed_in_customer: Customer, barista: Customer, key: dict[str, str]
) -> Callable[[str], None]:
    """Return a function that brings the order to a status."""

    def bring_to(status: str) -> None:
        if status == "cancelled":
            assert send("DELETE", "/order", signed_in_customer, **key).status_code == 200
        for step in ("preparing", "ready", "collected"):
            if status in {"placed", "cancelled"}:
                return
            answer = send("PATCH", "/order", barista, body={"status": step}, **key)
            assert answer.status_code == 200
            if step == status:
                return

    return bring_to


@pytest.fixture
def there(send: Send, key: dict[str, str]) -> Callable[[], Any]:
    """Return a function that looks the order up."""
    return lambda: send("GET", "/order", **key).json_body["order"]


Place = Callable[..., HTTPResponse]
BringTo = Callable[[str], None]
There = Callable[[], Any]


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second"), [(_OFFSET, _LATER), (_NAIVE, _NAIVE_LATER), (_OFFSET, ""), (_NAIVE, "")]
)
def test_newer_order_replaces_an_older_one(
    place: Place, bring_to: BringTo, there: There, first: str, second: str, status: str
) -> None:
    place(first)
    bring_to(status)
    answer = place(second, coffeetype="Long Black")
    assert answer.status_code == 200
    assert there() == answer.json_body["order"]
    assert there()["details"]["coffeetype"] == "Long Black"


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second"), [(_OFFSET, _LATER), (_NAIVE, _NAIVE_LATER), (_OFFSET, "")]
)
def test_late_retry_does_not_replace_a_newer_order(
    place: Place, bring_to: BringTo, there: There, first: str, second: str, status: str
) -> None:
    place(first)
    place(second, coffeetype="Long Black")
    bring_to(status)
    newer = there()
    retry = place(first)
    assert retry.status_code == 409
    assert retry.json_body["Message"] == (
        f"order.orderdate: is not later than that of the order there, which is {status}"
    )
    assert there() == newer


@pytest.mark.parametrize("date", [_OFFSET, _NAIVE])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready"])
def test_retry_of_an_open_order_returns_it(
    place: Place, bring_to: BringTo, there: There, date: str, status: str
) -> None:
    sent = place(date).json_body["order"]
    bring_to(status)
    retry = place(date)
    assert (retry.status_code, retry.json_body["order"]) == (200, answered(sent, status))
    assert retry.headers["Order-Outcome"] == "unchanged"
    assert there() == retry.json_body["order"]


@pytest.mark.parametrize("date", [_OFFSET, _NAIVE])
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_late_retry_does_not_reopen_a_closed_order(
    place: Place, bring_to: BringTo, there: There, date: str, status: str
) -> None:
    place(date)
    bring_to(status)
    for details in ({}, {"coffeetype": "Long Black"}):
        retry = place(date, **details)
        assert retry.status_code == 409
        assert retry.json_body["Message"].endswith(f"of the order there, which is {status}")
    assert there()["status"] == status


def test_placed_order_can_be_corrected(place: Place, bring_to: BringTo, there: There) -> None:
    place(_OFFSET)
    assert place(_OFFSET, coffeetype="Long Black").status_code == 200
    assert there()["details"]["coffeetype"] == "Long Black"
    bring_to("preparing")
    refused = place(_OFFSET, coffeetype="Short Black")
    assert (refused.status_code, refused.json_body["Message"]) == (409, "The order is preparing")


def test_order_without_a_date_is_always_newer(place: Place, bring_to: BringTo) -> None:
    assert place("").status_code == 201
    for status in ("placed", "cancelled"):
        bring_to(status)
        assert place("").status_code == 200


def test_order_without_a_date_replaces_a_future_one(place: Place) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    assert place(ahead.isoformat()).status_code == 201
    assert place("").status_code == 200


def test_undated_orders_at_once_are_told_nothing_of_a_date(
    cloud: Cloud, place: Place, key: dict[str, str]
) -> None:
    """The order there may have arrived later than this one, which is written later."""
    place("")
    cloud.dynamodb.update_item(
        TableName="orders",
        Key={name: {"S": value} for name, value in key.items()},
        UpdateExpression="SET placed_at = :soon",
        ExpressionAttributeValues={":soon": {"S": "9999-12-31T00:00:00.000000+00:00"}},
    )
    expected = "Another order arrived at this key at the same time or later, and is placed"
    for date in ("", _NAIVE):  # the order there is by the other clock
        refused = place(date)
        assert (refused.status_code, refused.json_body["Message"]) == (409, expected)


def test_retry_of_a_customer_whose_closed_order_gave_way_changes_nothing(
    send: Send,
    second_customer: Customer,
    place: Place,
    bring_to: BringTo,
    there: There,
    barista: Customer,
    key: dict[str, str],
) -> None:
    place(_OFFSET)
    bring_to("cancelled")
    body = {"order": ordered(_LATER, **key)}
    assert send("POST", "/order", second_customer, body=body).status_code == 201
    assert place(_OFFSET).status_code == 403
    for step in ("preparing", "ready", "collected"):
        send("PATCH", "/order", barista, body={"status": step}, **key)
    assert place(_OFFSET).status_code == 409
    assert there()["orderdate"] == _LATER


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(("first", "second"), [(_OFFSET, _NAIVE), (_NAIVE, _OFFSET)])
def test_arrival_decides_between_two_clocks(
    place: Place, bring_to: BringTo, there: There, first: str, second: str, status: str
) -> None:
    place(first)
    bring_to(status)
    assert place(second).status_code == 200
    assert there()["orderdate"] == second


def test_order_without_order_time_is_replaced(
    cloud: Cloud, place: Place, bring_to: BringTo, key: dict[str, str]
) -> None:
    place(_LATER)
    bring_to("cancelled")
    cloud.dynamodb.update_item(
        TableName="orders",
        Key={name: {"S": value} for name, value in key.items()},
        UpdateExpression="REMOVE ordered_utc",
    )
    assert place(_OFFSET).status_code == 200


def test_strangers_get_403_whatever_the_date(
    send: Send, place: Place, second_customer: Customer, key: dict[str, str]
) -> None:
    place(_LATER)
    for date in (_OFFSET, _LATER, ""):
        body = {"order": ordered(date, **key)}
        answer = send("POST", "/order", second_customer, body=body)
        assert answer.status_code == 403
        assert answer.json_body["Message"] == "Another customer has an order at this key"


def test_post_sends_one_dynamodb_request(
    place: Place, bring_to: BringTo, dynamodb_requests: list[str]
) -> None:
    def asked(date: str, status: int) -> list[str]:
        dynamodb_requests.clear()
        assert place(date).status_code == status
        return list(dynamodb_requests)

    assert asked(_OFFSET, 201) == asked(_OFFSET, 200) == asked(_LATER, 200) == ["PutItem"]
    assert asked(_OFFSET, 409) == ["PutItem"]
    bring_to("collected")
    assert asked(_LATER, 409) == asked(_NAIVE, 200) == asked("", 200) == ["PutItem"]
