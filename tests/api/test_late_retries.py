"""A POST that arrives twice, or late: only a newer order replaces an order."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Cloud
from tests.samples import order, order_response

_UTC, _UTC_LATER = "2026-03-01T08:30:00+01:00", "2026-03-01T07:30:00.000001Z"
_LOCAL, _LOCAL_LATER = "2026-03-01 08:30:00.123456", "2026-03-01 08:30:00.123457"
_UNDATED = ""


_NOT_LATER = "order.orderdate: must be later than that of the existing order, which is"


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second", "is_comparable"),
    [
        *[(_UTC, _UTC_LATER, True), (_LOCAL, _LOCAL_LATER, True), (_UTC, _UNDATED, True)],
        # The time of arrival decides between a UTC date and a local one.
        *[(_UTC, _LOCAL, False), (_LOCAL, _UTC, False), (_LOCAL, _UNDATED, False)],
    ],
)
def test_newer_order_replaces_an_older_one_and_not_the_reverse(
    api: Api, first: str, second: str, is_comparable: bool, status: str
) -> None:
    api.place(first)
    api.advance_to(status)
    response = api.place(second, coffeetype="Long Black")
    assert response.status_code == 200
    assert "Location" not in response.headers
    newer = api.get()
    assert response.json_body == {"order": newer}
    sent_order = order(orderdate=second or newer["orderdate"], **api.key, coffeetype="Long Black")
    assert newer == order_response(sent_order)
    if is_comparable:  # then a late retry of the first order changes nothing
        assert error(api.place(first)) == (409, f"{_NOT_LATER} placed")
        assert api.get() == newer


@pytest.mark.parametrize("date", [_UTC, _LOCAL])
@pytest.mark.parametrize("status", ["placed", "ready", "collected"])
def test_retry_of_an_open_order_returns_it(api: Api, date: str, status: str) -> None:
    api.place(date)
    api.advance_to(status)
    order = api.get()
    retry = api.place(date)
    if status != "collected":
        assert (retry.status_code, retry.headers["Order-Outcome"]) == (200, "unchanged")
        assert retry.json_body["order"] == order
    else:
        for late_order in (retry, api.place(date, coffeetype="Long Black")):
            assert error(late_order) == (409, f"{_NOT_LATER} {status}")
    assert api.get() == order


def test_order_without_a_date_is_always_newer(api: Api) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    assert api.place(ahead.isoformat()).status_code == 201
    for status in ("placed", "placed", "cancelled"):
        api.advance_to(status)
        assert api.place(_UNDATED).status_code == 200


@pytest.mark.parametrize("date", [_UNDATED, _LOCAL])
def test_conflict_of_orders_that_arrive_together_names_no_date(
    cloud: Cloud, api: Api, date: str
) -> None:
    """Another server, whose clock is ahead, may have stored the order."""
    api.place(_UNDATED)
    cloud.dynamodb.update_item(
        TableName="orders",
        Key={name: {"S": value} for name, value in api.key.items()},
        UpdateExpression="SET since = :later",
        ExpressionAttributeValues={":later": {"S": "9999-12-31T00:00:00.000000+00:00"}},
    )
    assert error(api.place(date)) == (
        409,
        "Another order arrived at this key at the same time or later, and is placed",
    )
