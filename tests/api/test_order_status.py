"""The status of an order: who may change it, and what each change needs."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.conftest import Api, error
from tests.fixtures import Customer
from tests.samples import ORDER_DATE, placed_order

_STATUSES = ["placed", "preparing", "ready", "collected", "cancelled"]
_TRANSITIONS = {
    ("placed", "preparing"),
    ("placed", "cancelled"),
    ("preparing", "ready"),
    ("ready", "collected"),
}
_STEPS_BACK = {("preparing", "placed"), ("ready", "preparing"), ("collected", "ready")}
_LATER_DATES = ["2026-03-01 08:31:00", "2026-03-01T08:31:00Z", ""]


def order_with(api: Api, status: str) -> dict[str, Any]:
    """Return the order that `place_with_status` stores."""
    return {**placed_order(**api.key), "status": status}


@pytest.mark.parametrize("to", _STATUSES)
@pytest.mark.parametrize("status", _STATUSES)
def test_staff_change_only_to_the_next_status_or_one_back(api: Api, status: str, to: str) -> None:
    """A step back needs the version of the order. A cancelled order stays cancelled."""
    api.place_with_status(status)
    response = api.set_status(to)
    if (status, to) in _TRANSITIONS:
        assert response.json_body == {"order": order_with(api, to)}
        return
    is_step_back = (status, to) in _STEPS_BACK
    advice = ". A step back needs its ETag in If-Match" if is_step_back else ""
    for rejection in (response, api.set_status(to, {"If-Match": "*"})):
        assert error(rejection) == (409, f"The order is {status}{advice}")
    response = api.step_back(to)
    if is_step_back:
        assert response.json_body == {"order": order_with(api, to)}
        assert api.set_status(status).status_code == 200
    else:
        assert response.status_code == 409
    assert api.get() == order_with(api, status)


@pytest.mark.parametrize("status", _STATUSES)
def test_customer_cancels_a_placed_order_and_nobody_replaces_one_in_progress(
    api: Api, second_customer: Customer, status: str
) -> None:
    api.place_with_status(status)
    for other_user in (second_customer, api.barista):
        assert error(api.cancel(other_user)) == (403, "This is another customer's order")
    for date in ("2026-03-01 08:29:59", *_LATER_DATES):
        if status in {"placed", "preparing", "ready"}:
            rejection = error(api.place(date, second_customer))
            assert rejection == (403, "Another customer has an order at this key")
        if status in {"preparing", "ready"}:
            assert error(api.place(date)) == (409, f"The order is {status}")
    assert api.get() == order_with(api, status)
    response = api.cancel()
    if status == "placed":
        assert response.json_body == {"order": order_with(api, "cancelled")}
    else:
        assert error(response) == (409, f"The order is {status}")


@pytest.mark.parametrize("date", _LATER_DATES)
@pytest.mark.parametrize("status", ["collected", "cancelled"])
def test_closed_order_is_replaced_by_a_newer_one_of_another_customer(
    api: Api, second_customer: Customer, status: str, date: str
) -> None:
    api.place_with_status(status)
    for earlier_date in ("2026-03-01 08:29:59", ORDER_DATE):
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
    for response in (api.cancel(), *map(api.set_status, _STATUSES), api.look_up()):
        assert error(response) == (404, "There is no order at this key")


def test_order_that_is_put_back_has_its_place_in_the_queue(
    api: Api, second_customer: Customer
) -> None:
    accountids = [api.accountid, f"{api.accountid}-later"]
    for api.accountid in accountids:
        api.place()
    api.accountid = accountids[0]
    api.advance_to("collected")
    assert api.step_back("ready").status_code == 200
    queue = api.queue().json_body["orders"]
    assert [order["accountid"] for order in queue] == accountids
    assert api.place("", second_customer).status_code == 403
