"""A POST that arrives twice, or late: only a newer order replaces an order."""

import math
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Cloud, Customer
from tests.samples import dated_order, order_response

_UTC, _UTC_LATER = "2026-03-01T08:30:00+01:00", "2026-03-01T07:30:00.000000001Z"
_LOCAL, _LOCAL_LATER = "2026-03-01 08:30:00.123456", "2026-03-01 08:30:00.123457"
_UNDATED = ""


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
    api.bring_to(status)
    response = api.place(second, coffeetype="Long Black")
    assert response.status_code == 200
    assert "Location" not in response.headers
    stored = api.get()
    assert response.json_body == {"order": stored}
    date = second or stored["orderdate"]
    assert stored == order_response(dated_order(date, **api.key, coffeetype="Long Black"))


@pytest.mark.parametrize("status", ["placed", "collected", "cancelled"])
@pytest.mark.parametrize(
    ("first", "second"), [(_UTC, _UTC_LATER), (_LOCAL, _LOCAL_LATER), (_UTC, _UNDATED)]
)
def test_late_retry_does_not_replace_a_newer_order(
    api: Api, first: str, second: str, status: str
) -> None:
    api.place(first)
    api.place(second, coffeetype="Long Black")
    api.bring_to(status)
    newer = api.get()
    assert error(api.place(first)) == (
        409,
        f"order.orderdate: is not later than that of the order there, which is {status}",
    )
    assert api.get() == newer


@pytest.mark.parametrize("date", [_UTC, _LOCAL])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready"])
def test_retry_of_an_open_order_returns_it(api: Api, date: str, status: str) -> None:
    sent = api.place(date).json_body["order"]
    api.bring_to(status)
    retry = api.place(date)
    assert (retry.status_code, retry.json_body["order"]) == (200, order_response(sent, status))
    assert retry.headers["Order-Outcome"] == "unchanged"
    assert api.get() == retry.json_body["order"]


@pytest.mark.parametrize("date", [_UTC, _LOCAL])
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_late_retry_does_not_reopen_a_closed_order(api: Api, date: str, status: str) -> None:
    api.place(date)
    api.bring_to(status)
    for coffeetype in ("Short Black", "Long Black"):
        code, message = error(api.place(date, coffeetype=coffeetype))
        assert code == 409
        assert message.endswith(f"of the order there, which is {status}")
    assert api.get()["status"] == status


def test_placed_order_can_be_corrected(api: Api) -> None:
    api.place(_UTC)
    corrected = api.place(_UTC, coffeetype="Long Black")
    assert corrected.status_code == 200
    assert "Location" not in corrected.headers
    assert api.get()["details"]["coffeetype"] == "Long Black"
    api.bring_to("preparing")
    assert error(api.place(_UTC)) == (409, "The order is preparing")


def test_order_without_a_date_is_always_newer(api: Api) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    assert api.place(ahead.isoformat()).status_code == 201
    for status in ("placed", "placed", "cancelled"):
        api.bring_to(status)
        assert api.place(_UNDATED).status_code == 200


def update_order(cloud: Cloud, api: Api, expression: str, **values: str) -> None:
    """Change the stored item."""
    given = {f":{name}": {"S": value} for name, value in values.items()}
    cloud.dynamodb.update_item(
        TableName="orders",
        Key={name: {"S": value} for name, value in api.key.items()},
        UpdateExpression=expression,
        **({"ExpressionAttributeValues": given} if given else {}),
    )


@pytest.mark.parametrize("date", [_UNDATED, _LOCAL])
def test_conflict_of_orders_that_arrive_together_names_no_date(
    cloud: Cloud, api: Api, date: str
) -> None:
    """The stored order may have arrived later than this one, which is written later."""
    api.place(_UNDATED)
    later = "9999-12-31T00:00:00.000000+00:00"
    update_order(cloud, api, "SET placed_at = :later", later=later)
    assert error(api.place(date)) == (
        409,
        "Another order arrived at this key at the same time or later, and is placed",
    )


def test_late_retry_does_not_replace_a_newer_order_of_another_customer(
    api: Api, second_customer: Customer
) -> None:
    api.place(_UTC)
    api.bring_to("cancelled")
    assert api.place(_UTC_LATER, second_customer).status_code == 201
    assert api.place(_UTC).status_code == 403
    api.bring_to("collected")
    assert api.place(_UTC).status_code == 409
    assert api.get()["orderdate"] == _UTC_LATER


def test_order_without_order_time_is_replaced(cloud: Cloud, api: Api) -> None:
    api.place(_UTC_LATER)
    api.bring_to("cancelled")
    update_order(cloud, api, "REMOVE ordered_utc")
    assert api.place(_UTC).status_code == 200


@pytest.mark.parametrize("date", [_UTC, _UTC_LATER, _UNDATED])
def test_other_customers_get_403_for_every_date(
    api: Api, second_customer: Customer, date: str
) -> None:
    api.place(_UTC_LATER)
    response = api.place(date, second_customer)
    assert error(response) == (403, "Another customer has an order at this key")


def test_post_is_one_dynamodb_request_after_the_menu_is_cached(
    api: Api, dynamodb_requests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def assert_one_request(date: str, status: int) -> None:
        dynamodb_requests.clear()
        assert api.place(date).status_code == status
        assert dynamodb_requests == ["PutItem"]

    monkeypatch.setattr("chalicelib.shops_table._CACHE_LIFETIME", math.inf)
    api.place()
    api.accountid += "-second"
    for date, status in ((_UTC, 201), (_UTC, 200), (_UTC_LATER, 200), (_UTC, 409)):
        assert_one_request(date, status)
    api.bring_to("collected")
    for date, status in ((_UTC_LATER, 409), (_LOCAL, 200), (_UNDATED, 200)):
        assert_one_request(date, status)
