"""A POST that arrives twice, or late: only a newer order replaces an order."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Cloud
from tests.samples import order, order_response

_UTC, _UTC_LATER = "2026-03-01T08:30:00+01:00", "2026-03-01T07:30:00.000001Z"
_LOCAL, _LOCAL_LATER = "2026-03-01 08:30:00.123456", "2026-03-01 08:30:00.123457"
_UNDATED = ""


def not_later_than(status: str) -> tuple[int, str]:
    """Return the error for an order that is not later than one with this status."""
    reason = f"must be later than that of the existing order, which is {status}"
    return 409, f"order.orderdate: {reason}"


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second"),
    [
        *[(_UTC, _UTC_LATER), (_LOCAL, _LOCAL_LATER), (_UTC, _UNDATED), (_LOCAL, _UNDATED)],
        # The time of arrival decides between a UTC date and a local one.
        *[(_UTC, _LOCAL), (_LOCAL, _UTC)],
    ],
)
def test_newer_order_replaces_an_older_one(api: Api, first: str, second: str, status: str) -> None:
    api.place(first)
    api.advance_to(status)
    response = api.place(second, coffeetype="Long Black")
    assert response.status_code == 200
    assert "Location" not in response.headers
    returned_order = api.get()
    assert response.json_body == {"order": returned_order}
    date = second or returned_order["orderdate"]
    newer_order = order(orderdate=date, **api.key, coffeetype="Long Black")
    assert returned_order == order_response(newer_order)


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second"), [(_UTC, _UTC_LATER), (_LOCAL, _LOCAL_LATER), (_UTC, _UNDATED)]
)
def test_late_retry_does_not_replace_a_newer_order(
    api: Api, first: str, second: str, status: str
) -> None:
    api.place(first)
    api.place(second, coffeetype="Long Black")
    api.advance_to(status)
    newer = api.get()
    assert error(api.place(first)) == not_later_than(status)
    assert api.get() == newer


@pytest.mark.parametrize("date", [_UTC, _LOCAL])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready", "collected", "cancelled"])
def test_retry_of_an_open_order_returns_it(api: Api, date: str, status: str) -> None:
    api.place(date)
    api.advance_to(status)
    order = api.get()
    retry = api.place(date)
    if status in {"placed", "preparing", "ready"}:
        assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
        assert retry.json_body["order"] == order
    else:
        for late_order in (retry, api.place(date, coffeetype="Long Black")):
            assert error(late_order) == not_later_than(status)
    assert api.get() == order


def test_placed_order_can_be_corrected(api: Api) -> None:
    api.place(_UTC)
    correction = api.place(_UTC, coffeetype="Long Black")
    assert (correction.status_code, correction.headers["Order-Outcome"]) == (200, "replaced")
    assert api.get()["details"]["coffeetype"] == "Long Black"
    api.advance_to("preparing")
    assert error(api.place(_UTC)) == (409, "The order is preparing")


def test_order_without_a_date_is_always_newer(api: Api) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    assert api.place(ahead.isoformat()).status_code == 201
    for status in ("placed", "placed", "cancelled"):
        api.advance_to(status)
        assert api.place(_UNDATED).status_code == 200


def update_item(cloud: Cloud, api: Api, **request: Any) -> None:
    """Change the stored item."""
    key = {name: {"S": value} for name, value in api.key.items()}
    cloud.dynamodb.update_item(TableName="orders", Key=key, **request)


@pytest.mark.parametrize("date", [_UNDATED, _LOCAL])
def test_conflict_of_orders_that_arrive_together_names_no_date(
    cloud: Cloud, api: Api, date: str
) -> None:
    """Another server, whose clock is ahead, may have stored the order."""
    api.place(_UNDATED)
    later = {":later": {"S": "9999-12-31T00:00:00.000000+00:00"}}
    update = "SET since = :later"
    update_item(cloud, api, UpdateExpression=update, ExpressionAttributeValues=later)
    assert error(api.place(date)) == (
        409,
        "Another order arrived at this key at the same time or later, and is placed",
    )
