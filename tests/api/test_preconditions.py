"""If-Match and If-None-Match on orders: what each header does to each stored order."""

import pytest

from tests.api.conftest import Api, Headers, error
from tests.fixtures import Customer

_MATCH, _NONE = "If-Match", "If-None-Match"
# The tags of a header. The stored order has the version CURRENT, and had STALE before.
_CURRENT, _STALE, _WEAK = '"CURRENT"', '"STALE"', 'W/"CURRENT"'
_BOTH = f"{_STALE}, {_CURRENT}"

# For a method, a header and its value: the status of the response, by the order that is stored
# before. A status below 300 means that the request has changed the order; with any other the stored
# order is the same as before.
_TABLE: dict[tuple[str, str], dict[str, dict[str, int]]] = {
    # POST replaces exactly this order.
    ("POST", _MATCH): {
        _CURRENT: {"placed": 200, "preparing": 409, "cancelled": 200}
        | {"another's placed": 403, "another's collected": 201},
        _STALE: {"nothing": 412, "placed": 412, "preparing": 412, "cancelled": 412}
        | {"another's placed": 403, "another's collected": 412},
        _BOTH: {"placed": 200},
        _WEAK: {"placed": 412},
        "*": {"nothing": 412, "placed": 200, "ready": 409, "collected": 200},
        "junk": {"placed": 400},
    },
    # POST places an order only if there is no open one.
    ("POST", _NONE): {
        "*": {"nothing": 201, "placed": 412, "ready": 412, "collected": 200, "cancelled": 200}
        | {"another's placed": 403, "another's cancelled": 201},
        _CURRENT: {"nothing": 201, "placed": 412, "collected": 412},
        _WEAK: {"placed": 412},
        _STALE: {"placed": 200},
        "junk": {"placed": 400},
    },
    # PATCH sets the status "preparing".
    ("PATCH", _MATCH): {
        _CURRENT: {"placed": 200, "preparing": 409, "cancelled": 409},
        _STALE: {"nothing": 404, "placed": 412, "preparing": 412, "cancelled": 412},
        _BOTH: {"placed": 200},
        _WEAK: {"placed": 412},
        "*": {"nothing": 404, "placed": 200, "ready": 409},
        "CURRENT": {"placed": 400},
    },
    ("PATCH", _NONE): {"*": {"placed": 412}, _WEAK: {"placed": 412}, _STALE: {"placed": 200}},
    # DELETE cancels the caller's own order.
    ("DELETE", _MATCH): {
        _CURRENT: {"placed": 200, "preparing": 409, "another's placed": 403},
        _STALE: {"nothing": 404, "placed": 412, "preparing": 412, "another's placed": 403},
        _WEAK: {"placed": 412},
        "*": {"placed": 200, "ready": 409},
        '"CURRENT': {"placed": 400},
    },
    ("DELETE", _NONE): {"*": {"placed": 412}, _STALE: {"placed": 200}},
    ("GET", _NONE): {
        **{tags: {"placed": 304} for tags in (_CURRENT, _WEAK, "*")},
        _STALE: {"placed": 200},
    },
    ("GET", _MATCH): {
        **{tags: {"placed": 200} for tags in (_CURRENT, "*")},
        _STALE: {"placed": 412},
        "x": {"placed": 400},
    },
}


@pytest.mark.parametrize(
    ("method", "header", "value", "stored", "status"),
    [
        (method, header, value, stored, status)
        for (method, header), values in _TABLE.items()
        for value, statuses in values.items()
        for stored, status in statuses.items()
    ],
)
def test_precondition(
    api: Api,
    second_customer: Customer,
    method: str,
    header: str,
    value: str,
    stored: str,
    status: int,
) -> None:
    customer = api.customer
    if stored.startswith("another's "):
        api.customer = second_customer
    if stored != "nothing":
        stale = api.place("2026-03-01 08:30:00").headers["ETag"]
        api.place("2026-03-01 08:30:01")
        api.advance_to(stored.removeprefix("another's "))
        value = value.replace(_STALE, stale).replace('CURRENT"', f'{api.get()["version"]}"')
    before = api.look_up()
    api.customer = customer
    headers = {header: value}
    if method == "POST":
        response = api.place("2026-03-01 08:31:00", coffeetype="Long Black", headers=headers)
    elif method == "PATCH":
        response = api.set_status("preparing", headers=headers)
    else:
        response = api.cancel(headers=headers) if method == "DELETE" else api.look_up(headers)
    assert response.status_code == status, response.json_body
    is_success = status < 300
    assert api.look_up().json_body == (response.json_body if is_success else before.json_body)
    if method == "GET":
        assert (response.headers.get("ETag") == before.headers["ETag"]) == (status < 400)
        assert bool(response.body) == (status != 304)


def test_message_says_what_is_stored_now(api: Api) -> None:
    assert error(api.place(headers={_MATCH: "*"})) == (412, "There is no order at this key")
    api.place(quantity="2", note="oat milk")
    api.advance_to("ready")
    stale: Headers = {_MATCH: '"0"'}
    for response in (
        api.set_status("collected", headers=stale),
        api.cancel(headers=stale),
        api.place("", headers=stale),
    ):
        assert error(response) == (
            412,
            "The order is now 2 x Small Short Black (oat milk), ready",
        )


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
    both: Headers = {_MATCH: api.etag, _NONE: api.etag}
    assert api.set_status("preparing", headers=both).status_code == 412
    assert api.set_status("preparing", headers={_MATCH: api.etag}).status_code == 200


def test_each_write_renews_the_version(api: Api) -> None:
    placed = api.place()
    assert api.place().headers["ETag"] == placed.headers["ETag"]
    responses = [
        placed,
        api.place(coffeetype="Long Black"),
        *[api.set_status(status) for status in ("preparing", "ready", "collected")],
        api.place(""),
        api.cancel(),
    ]
    versions = [response.json_body["order"]["version"] for response in responses]
    assert len(set(versions)) == len(versions)
