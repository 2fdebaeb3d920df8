"""If-Match and If-None-Match on orders: what each header does to each stored order."""

from typing import Any, NamedTuple

import pytest
from chalice.test import HTTPResponse

from tests.api.conftest import Api, Headers, error
from tests.fixtures import Customer

_MATCH, _NONE = "If-Match", "If-None-Match"
# The tags of a header. The stored order has the version CURRENT, and had STALE before.
_CURRENT, _STALE, _WEAK = '"CURRENT"', '"STALE"', 'W/"CURRENT"'
_OTHERS = "another customer's "


class Row(NamedTuple):
    """A request with a header, what is stored before, and the status of the response.

    A status below 300 means that the request has changed the order; with any other the stored order
    is the same as before.
    """

    method: str
    header: str
    value: str
    stored: str
    status: int


_TABLE = [
    # POST replaces exactly this order.
    Row("POST", _MATCH, _CURRENT, "placed", 200),
    Row("POST", _MATCH, _CURRENT, "preparing", 409),
    Row("POST", _MATCH, _CURRENT, "cancelled", 200),
    Row("POST", _MATCH, _CURRENT, _OTHERS + "placed", 403),
    Row("POST", _MATCH, _CURRENT, _OTHERS + "collected", 201),
    Row("POST", _MATCH, _STALE, "nothing", 412),
    Row("POST", _MATCH, _STALE, "placed", 412),
    Row("POST", _MATCH, _STALE, "preparing", 412),
    Row("POST", _MATCH, _STALE, "cancelled", 412),
    Row("POST", _MATCH, _STALE, _OTHERS + "placed", 403),
    Row("POST", _MATCH, _STALE, _OTHERS + "collected", 412),
    Row("POST", _MATCH, f"{_STALE}, {_CURRENT}", "placed", 200),
    Row("POST", _MATCH, _WEAK, "placed", 412),
    Row("POST", _MATCH, "*", "nothing", 412),
    Row("POST", _MATCH, "*", "placed", 200),
    Row("POST", _MATCH, "*", "ready", 409),
    Row("POST", _MATCH, "*", "collected", 200),
    Row("POST", _MATCH, "junk", "placed", 400),
    # POST places an order only if there is no open one.
    Row("POST", _NONE, "*", "nothing", 201),
    Row("POST", _NONE, "*", "placed", 412),
    Row("POST", _NONE, "*", "ready", 412),
    Row("POST", _NONE, "*", "collected", 200),
    Row("POST", _NONE, "*", "cancelled", 200),
    Row("POST", _NONE, "*", _OTHERS + "placed", 403),
    Row("POST", _NONE, "*", _OTHERS + "cancelled", 201),
    Row("POST", _NONE, _CURRENT, "nothing", 201),
    Row("POST", _NONE, _CURRENT, "placed", 412),
    Row("POST", _NONE, _WEAK, "placed", 412),
    Row("POST", _NONE, _CURRENT, "collected", 412),
    Row("POST", _NONE, _STALE, "placed", 200),
    Row("POST", _NONE, "junk", "placed", 400),
    # PATCH sets the status "preparing".
    Row("PATCH", _MATCH, _CURRENT, "placed", 200),
    Row("PATCH", _MATCH, _CURRENT, "preparing", 409),
    Row("PATCH", _MATCH, _CURRENT, "cancelled", 409),
    Row("PATCH", _MATCH, _STALE, "nothing", 404),
    Row("PATCH", _MATCH, _STALE, "placed", 412),
    Row("PATCH", _MATCH, _STALE, "preparing", 412),
    Row("PATCH", _MATCH, _STALE, "cancelled", 412),
    Row("PATCH", _MATCH, f'"other",{_CURRENT}', "placed", 200),
    Row("PATCH", _MATCH, _WEAK, "placed", 412),
    Row("PATCH", _MATCH, "*", "nothing", 404),
    Row("PATCH", _MATCH, "*", "placed", 200),
    Row("PATCH", _MATCH, "*", "ready", 409),
    Row("PATCH", _MATCH, "CURRENT", "placed", 400),
    Row("PATCH", _NONE, "*", "placed", 412),
    Row("PATCH", _NONE, _WEAK, "placed", 412),
    Row("PATCH", _NONE, _STALE, "placed", 200),
    # DELETE cancels the caller's own order.
    Row("DELETE", _MATCH, _CURRENT, "placed", 200),
    Row("DELETE", _MATCH, _CURRENT, "preparing", 409),
    Row("DELETE", _MATCH, _CURRENT, _OTHERS + "placed", 403),
    Row("DELETE", _MATCH, _STALE, "nothing", 404),
    Row("DELETE", _MATCH, _STALE, "placed", 412),
    Row("DELETE", _MATCH, _STALE, "preparing", 412),
    Row("DELETE", _MATCH, _STALE, _OTHERS + "placed", 403),
    Row("DELETE", _MATCH, _WEAK, "placed", 412),
    Row("DELETE", _MATCH, "*", "placed", 200),
    Row("DELETE", _MATCH, "*", "ready", 409),
    Row("DELETE", _MATCH, '"CURRENT', "placed", 400),
    Row("DELETE", _NONE, "*", "placed", 412),
    Row("DELETE", _NONE, _STALE, "placed", 200),
]


def send(api: Api, row: Row, value: str) -> HTTPResponse:
    headers: Headers = {row.header: value}
    if row.method == "PATCH":
        return api.set_status("preparing", headers=headers)
    if row.method == "DELETE":
        return api.cancel(headers=headers)
    return api.place("2026-03-01 08:31:00", coffeetype="Long Black", headers=headers)


@pytest.mark.parametrize("row", _TABLE, ids=lambda row: f"{row.method} {row.header}")
def test_precondition(api: Api, second_customer: Customer, row: Row) -> None:
    customer = api.customer
    api.customer = second_customer if row.stored.startswith(_OTHERS) else customer
    versions = {"CURRENT": "none", "STALE": "none"}
    if row.stored != "nothing":
        versions["STALE"] = api.place("2026-03-01 08:30:00").json_body["order"]["version"]
        versions["CURRENT"] = api.place("2026-03-01 08:30:01").json_body["order"]["version"]
        api.advance_to(row.stored.removeprefix(_OTHERS))
        versions["CURRENT"] = api.get()["version"]
    before = api.send("GET", "/order", **api.key).json_body
    api.customer = customer
    value = row.value
    for name, version in versions.items():
        value = value.replace(f'{name}"', f'{version}"')
    response = send(api, row, value)
    after = api.send("GET", "/order", **api.key).json_body
    assert response.status_code == row.status, response.json_body
    assert after == (response.json_body if row.status < 300 else before)


@pytest.mark.parametrize(
    ("details", "status", "expected"),
    [
        ({}, "placed", "1 x Small Short Black, placed"),
        ({"quantity": "2", "coffeesize": "Large"}, "ready", "2 x Large Short Black, ready"),
        ({"note": "oat milk"}, "cancelled", "1 x Small Short Black (oat milk), cancelled"),
    ],
)
def test_message_says_what_the_order_is_now(
    api: Api, details: dict[str, Any], status: str, expected: str
) -> None:
    api.place(**details)
    api.advance_to(status)
    stale: Headers = {"If-Match": '"0"'}
    for response in (
        api.set_status("preparing", headers=stale),
        api.cancel(headers=stale),
        api.place("", headers=stale),
    ):
        assert error(response) == (412, f"The order is now {expected}")
        assert response.json_body["Code"] == "PreconditionFailedError"


def test_message_says_that_there_is_no_order(api: Api) -> None:
    response = api.place(headers={"If-Match": "*"})
    assert error(response) == (412, "There is no order at this key")


@pytest.mark.parametrize("headers", [{_NONE: "*"}, {_MATCH: '"0"'}, {_MATCH: _WEAK}])
@pytest.mark.parametrize("status", ["placed", "preparing", "ready"])
def test_identical_order_comes_before_any_precondition(
    api: Api, headers: Headers, status: str
) -> None:
    """So a retry of a POST whose answer was lost succeeds."""
    api.place_with_status(status)
    before = api.get()
    response = api.place(headers=headers)
    assert (response.status_code, response.headers["Order-Outcome"]) == (200, "unchanged")
    assert api.get() == response.json_body["order"] == before


def test_closed_order_is_no_open_one(api: Api) -> None:
    """So the date is the reason, not the precondition."""
    api.place_with_status("cancelled")
    assert api.place(coffeetype="Long Black", headers={_NONE: "*"}).status_code == 409


def test_change_within_one_microsecond_needs_a_version(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = "2026-03-01T08:30:00.000000+00:00"
    monkeypatch.setattr("chalicelib.dynamodb.utc_now", lambda: now)
    api.place()
    message = "The order is placed, and newer than this request"
    assert error(api.set_status("preparing")) == (409, message)
    assert api.set_status("preparing", headers={_MATCH: api.etag}).status_code == 200


def test_both_headers_must_hold(api: Api) -> None:
    api.place()
    headers: Headers = {_MATCH: api.etag, _NONE: api.etag}
    assert api.set_status("preparing", headers=headers).status_code == 412


def test_each_write_renews_the_version(api: Api) -> None:
    versions = [api.place().json_body["order"]["version"]]
    assert api.place().json_body["order"]["version"] == versions[0]
    versions.append(api.place(coffeetype="Long Black").json_body["order"]["version"])
    for status in ("preparing", "ready", "collected"):
        versions.append(api.set_status(status).json_body["order"]["version"])
        assert api.get()["version"] == versions[-1]
    versions.append(api.place("").json_body["order"]["version"])
    versions.append(api.cancel().json_body["order"]["version"])
    assert len(set(versions)) == len(versions)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        *[(_NONE, _CURRENT, 304), (_NONE, _WEAK, 304), (_NONE, "*", 304), (_NONE, _STALE, 200)],
        *[(_MATCH, _CURRENT, 200), (_MATCH, _STALE, 412), (_MATCH, "*", 200), (_MATCH, "x", 400)],
    ],
)
def test_get_follows_preconditions(api: Api, header: str, value: str, status: int) -> None:
    api.place()
    value = value.replace('"CURRENT"', api.etag)
    response = api.send("GET", "/order", headers={header: value}, **api.key)
    assert response.status_code == status
    assert (response.headers.get("ETag") == api.etag) == (status < 400)
    assert bool(response.body) == (status != 304)
