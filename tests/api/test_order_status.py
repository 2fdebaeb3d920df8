"""The status of an order: who may change it, and what each change needs."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, Headers, error
from tests.fixtures import Customer
from tests.samples import ORDER_DATE, placed_order

_STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"]
_TRANSITIONS = {
    ("placed", "preparing"),
    ("placed", "cancelled"),
    ("preparing", "ready"),
    ("ready", "collected"),
}
_WRONG_STATUS = "status: must be one of placed, preparing, ready, collected, cancelled"
_EARLIER_DATES = ["2026-03-01 08:29:59", ORDER_DATE]
_LATER_DATES = ["2026-03-01 08:31:00", "2026-03-01T08:31:00Z", ""]


@pytest.mark.parametrize("to", _STATUSES)
@pytest.mark.parametrize("status", _STATUSES)
def test_only_listed_transitions_succeed(api: Api, status: str, to: str) -> None:
    api.place_with_status(status)
    response = api.set_status(to)
    if (status, to) in _TRANSITIONS:
        assert response.status_code == 200
        assert response.json_body == {"order": {**placed_order(**api.key), "status": to}}
    else:
        assert response.status_code == 409
        assert response.json_body["Code"] == "ConflictError"
        assert response.json_body["Message"].startswith(f"The order is {status}")
        assert api.get()["status"] == status


@pytest.mark.parametrize("status", _STATUSES)
def test_customer_cancels_only_a_placed_order(
    api: Api, second_customer: Customer, status: str
) -> None:
    api.place_with_status(status)
    for other_user in (second_customer, api.barista):
        assert error(api.cancel(other_user)) == (403, "This is another customer's order")
    assert api.get()["status"] == status
    response = api.cancel()
    if status == "placed":
        assert response.status_code == 200
        assert response.json_body == {"order": {**placed_order(**api.key), "status": "cancelled"}}
    else:
        assert error(response) == (409, f"The order is {status}")


@pytest.mark.parametrize("date", [ORDER_DATE, *_LATER_DATES])
@pytest.mark.parametrize("status", ["preparing", "ready"])
def test_order_in_progress_is_not_replaced(api: Api, status: str, date: str) -> None:
    api.place_with_status(status)
    response = api.place(date, coffeetype="Long Black")
    assert error(response) == (409, f"The order is {status}")
    assert api.get() == {**placed_order(**api.key), "status": status}


@pytest.mark.parametrize("date", [*_EARLIER_DATES, *_LATER_DATES])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready"])
def test_open_order_is_not_replaced_by_others(
    api: Api, second_customer: Customer, status: str, date: str
) -> None:
    api.place_with_status(status)
    response = api.place(date, second_customer, coffeetype="Decaf")
    assert error(response) == (403, "Another customer has an order at this key")
    assert response.json_body["Code"] == "ForbiddenError"
    assert api.get() == {**placed_order(**api.key), "status": status}


@pytest.mark.parametrize("date", _LATER_DATES)
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_closed_order_is_replaced_by_a_newer_one_of_another_customer(
    api: Api, second_customer: Customer, status: str, date: str
) -> None:
    api.place_with_status(status)
    for earlier_date in _EARLIER_DATES:
        assert error(api.place(earlier_date, second_customer)) == (
            409,
            f"order.orderdate: must be later than that of the existing order, which is {status}",
        )
    response = api.place(date, second_customer)
    assert (response.status_code, response.headers["Order-Outcome"]) == (201, "placed")
    assert "Location" in response.headers
    assert api.customer.sub not in response.body.decode()
    # Now the key belongs to the second customer.
    assert api.cancel().status_code == 403
    assert api.place("").status_code == 403
    assert api.cancel(second_customer).status_code == 200


def test_since_is_the_time_of_the_last_status_change(api: Api) -> None:
    api.place()
    times = [api.get()["since"]]
    for status in ("preparing", "ready", "collected"):
        updated_order = api.set_status(status).json_body["order"]
        assert updated_order == api.get()
        times.append(updated_order["since"])
    assert times == sorted(set(times))
    now = datetime.now(UTC)
    assert all(now - datetime.fromisoformat(time) < timedelta(minutes=1) for time in times)


def test_missing_order_is_404(api: Api) -> None:
    assert api.cancel().status_code == 404
    for status in _STATUSES:
        assert api.set_status(status).status_code == 404
    # The requests have created no order.
    response = api.send("GET", "/order", **api.key)
    assert (response.status_code, response.json_body["Code"]) == (404, "NotFoundError")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "status: is missing"),
        *[({"status": status}, _WRONG_STATUS) for status in ("", "brewed", "PLACED", "placed ")],
        ({"status": None}, "status: must be text, not null"),
        ({"status": "ready", "order": {}}, "order: is not a known field"),
        ([], "The body must be an object, not a list"),
    ],
)
def test_invalid_status_is_400(api: Api, body: Any, message: str) -> None:
    response = api.send("PATCH", "/order", api.barista, body=body, **api.key)
    assert error(response) == (400, message)


@pytest.fixture
def atomic_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let moto check a condition and write in one step, as DynamoDB does."""
    from moto.dynamodb.models import DynamoDBBackend  # noqa: PLC0415 - slow import

    lock, update_item = threading.Lock(), DynamoDBBackend.update_item

    def locked(*args: Any, **options: Any) -> Any:
        with lock:
            return update_item(*args, **options)

    monkeypatch.setattr(DynamoDBBackend, "update_item", locked)


@pytest.mark.usefixtures("atomic_writes")
@pytest.mark.parametrize("first", range(3))
def test_one_of_three_concurrent_changes_wins(api: Api, first: int) -> None:
    api.place()
    changes: list[Callable[[], HTTPResponse]] = [
        lambda: api.set_status("preparing", api.barista),
        lambda: api.set_status("preparing", api.barista),
        api.cancel,
    ]
    assert api.barista  # logged in before the threads start
    with ThreadPoolExecutor(len(changes)) as pool:
        responses = list(pool.map(lambda change: change(), changes[first:] + changes[:first]))
    assert sorted(response.status_code for response in responses) == [200, 409, 409]
    messages = {response.json_body.get("Message") for response in responses}
    assert messages == {None, f"The order is {api.get()['status']}"}


_STEPS_BACK = [("preparing", "placed"), ("ready", "preparing"), ("collected", "ready")]


@pytest.mark.parametrize(("status", "to"), _STEPS_BACK)
def test_staff_step_back_with_the_version_of_the_order(api: Api, status: str, to: str) -> None:
    api.place_with_status(status)
    response = api.step_back(to)
    assert response.json_body == {"order": {**placed_order(**api.key), "status": to}}
    assert api.get() == response.json_body["order"]
    again = api.set_status(status)
    assert (again.status_code, again.json_body["order"]["status"]) == (200, status)


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}])
@pytest.mark.parametrize(("status", "to"), _STEPS_BACK)
def test_step_back_needs_a_version(api: Api, status: str, to: str, headers: Headers) -> None:
    api.place_with_status(status)
    assert error(api.set_status(to, headers=headers)) == (
        409,
        f"The order is {status}. A step back needs its ETag in If-Match",
    )
    assert api.get()["status"] == status


@pytest.mark.parametrize("to", _STATUSES)
@pytest.mark.parametrize("status", _STATUSES)
def test_version_allows_only_the_listed_steps(api: Api, status: str, to: str) -> None:
    """Two steps at once are not possible, and a cancelled order stays cancelled."""
    api.place_with_status(status)
    is_listed = (status, to) in _TRANSITIONS or (status, to) in _STEPS_BACK
    assert api.step_back(to).status_code == (200 if is_listed else 409)


def test_order_that_is_placed_again_may_be_replaced_or_cancelled(api: Api) -> None:
    api.place_with_status("preparing")
    api.step_back("placed")
    assert api.place(coffeetype="Long Black").headers["Order-Outcome"] == "replaced"
    api.set_status("preparing")
    api.step_back("placed")
    assert api.cancel().status_code == 200


def test_order_that_is_put_back_has_its_place_in_the_queue(
    api: Api, second_customer: Customer
) -> None:
    accountid, other_accountid = api.accountid, f"{api.accountid}-later"
    api.place()
    api.accountid = other_accountid
    api.place()
    api.accountid = accountid
    api.advance_to("collected")
    assert api.step_back("ready").status_code == 200
    queue = api.send("GET", "/orders", api.barista, vendorid=api.vendorid).json_body["orders"]
    assert [order["accountid"] for order in queue] == [accountid, other_accountid]
    assert api.place("", second_customer).status_code == 403


def test_newer_order_at_the_key_is_not_put_back(api: Api, second_customer: Customer) -> None:
    api.place_with_status("collected")
    etag = api.etag
    api.place("", second_customer, coffeetype="Espresso")
    newer = api.get()
    response = api.set_status("ready", headers={"If-Match": etag})
    assert error(response) == (412, "The order is now 1 x Small Espresso, placed")
    assert api.get() == newer
