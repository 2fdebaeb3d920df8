"""The history checker accepts sound histories and rejects each kind of fault.

The requests of a history follow each other, unless they have a start and an end.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.hardening.fault_proxy import Write
from tests.hardening.history import violations
from tests.hardening.request import SECOND, Request

_KEY = ("a0", "v0")
_DATES = {
    "old": "2026-03-01T08:30:00Z",
    "new": "2026-03-01T08:31:00Z",
    "corrected": "2026-03-01T08:30:00Z",
}


def at(start: float, end: float) -> dict[str, Any]:
    """Return the times of a request, from seconds."""
    return {"start": int(start * SECOND), "end": int(end * SECOND)}


def order(name: str, **changes: Any) -> dict[str, Any]:
    """Return an order for a coffee of this name, with the date in _DATES, if any."""
    date = {"orderdate": _DATES[name]} if name in _DATES else {}
    ids = {"accountid": "a0", "vendorid": "v0"}
    details = {"coffeetype": name, "coffeesize": "Small", "unitprice": "4.5", "quantity": "1"}
    return {**ids, **date, "details": details} | changes


def response_order(name: str, status: str = "placed", **changes: Any) -> dict[str, Any]:
    return {"orderdate": "2026-03-01T08:30:00+00:00", **order(name, status=status, **changes)}


def request(method: Any, status: int, /, *orders: dict[str, Any], **changes: Any) -> Request:
    return Request(
        **{"method": method, "status": status, "orders": orders, "user": "ann", "key": _KEY}
        | {"start": -1, "end": -1, "retry_after": "1" if status in {429, 503} else None}
        | changes
    )


def post(name: str, status: int = 201, result: str = "placed", **changes: Any) -> Request:
    orders = [response_order(name, result)] if status in {200, 201} else []
    return request("POST", status, *orders, sent_order=order(name), **changes)


def get(name: str, status: str = "placed", **changes: Any) -> Request:
    return request("GET", 200, response_order(name, status), **changes)


def patch(new_status: str, name: str = "", status: int = 200, **changes: Any) -> Request:
    orders = [response_order(name, new_status)] if status == 200 else []
    return request("PATCH", status, *orders, new_status=new_status, user="bob", **changes)


def delete(name: str = "", status: int = 200, **changes: Any) -> Request:
    orders = [response_order(name, "cancelled")] if status == 200 else []
    return request("DELETE", status, *orders, **changes)


NOTHING = request("GET", 404)
LIST: dict[str, Any] = {"method": "LIST", "key": ("", "")}
QUEUE: dict[str, Any] = {"method": "QUEUE", "key": ("", "v0"), "user": "bob"}
PREPARED = [post("old"), patch("preparing", "old")]
CANCELLED = [post("old"), delete("old")]
COLLECTED = [*PREPARED, patch("ready", "old"), patch("collected", "old")]
IS_PREPARING = "The order is preparing"
NEWER = "The order is placed, and newer than this request"
OLDER = "order.orderdate: must be later than that of the existing order, which is placed"
OLDER_THAN_CANCELLED = OLDER.replace("placed", "cancelled")


def in_sequence(requests: list[Request]) -> list[Request]:
    """Let each request without a start begin ten seconds after the one before."""
    return [
        replace(request, **at(10 * number, 10 * number + 1)) if request.start < 0 else request
        for number, request in enumerate(requests)
    ]


def writes_of(history: list[Request]) -> list[Write]:
    """Return writes that these requests may have caused."""
    return [Write(each.key, each.start, each.end + 3 * SECOND) for each in history]


SOUND: dict[str, list[Request]] = {
    "nothing": [],
    "two orders": [NOTHING, *COLLECTED, get("old", "collected"), post("new", 200), get("new")],
    "a cancelled order, and another": [post("x"), delete("x"), post("y", 200), get("y")],
    "a retry that changes nothing": [
        *[post("old"), post("old", 200), patch("preparing", "old")],
        *[post("old", 200, "preparing"), get("old", "preparing")],
    ],
    "a late retry": [post("old"), post("new", 200), post("old", 409, message=OLDER), get("new")],
    "rejected step": [*PREPARED, delete(status=409, message=IS_PREPARING), get("old", "preparing")],
    "a new owner after a cancelled order": [*CANCELLED, post("new", 201, user="eve"), get("new")],
    "another customer's older order": [
        *[post("new"), delete("new"), post("old", 409, user="eve", message=OLDER_THAN_CANCELLED)],
    ],
    "another customer": [post("old"), post("y", 403, user="eve"), delete(status=403, user="eve")],
    "failed, and executed": [post("old", 503), get("old")],
    "failed, and not executed": [post("old", 429), NOTHING],
    "failed, and executed later": [
        *[post("old", 503, **at(0, 1)), request("GET", 404, **at(1, 2)), get("old", **at(3, 4))],
    ],
    "failed step, executed": [post("old"), patch("preparing", status=503), get("old", "preparing")],
    "concurrent requests, in either order": [
        post("old", **at(0, 1)),
        patch("preparing", "old", **at(2, 5)),
        delete(status=409, message=IS_PREPARING, **at(2, 4)),
        get("old", **at(2, 3)),
    ],
    "a step after which an order with an old date arrives": [
        post("old", **at(0, 1)),
        patch("preparing", status=409, message=NEWER, **at(2, 5)),
        post("corrected", 200, **at(3, 4)),
    ],
    "a list, and a queue": [post("old"), get("old", **LIST), get("old", **QUEUE)],
}

UNSOUND: dict[str, list[Request]] = {
    "an acknowledged order is lost": [post("old"), NOTHING],
    "an order is lost to an older one": [post("old"), post("new", 200), get("old")],
    "an order is lost to a failed one": [post("x", 503), post("y"), get("y"), get("x")],
    "an acknowledged step is lost": [*PREPARED, get("old")],
    "a cancelled order is restored": [*CANCELLED, get("old")],
    "a late retry restores a collected order": [*COLLECTED, post("old", 200)],
    "a late retry replaces a newer order": [post("old"), post("new", 200), post("old", 200)],
    "a newer order is rejected": [post("old"), post("new", 409, message=OLDER)],
    "a first order is rejected": [post("old", 409, message=OLDER)],
    "a new order replaces nothing": [post("old", 200)],
    "an order in preparation is replaced": [*PREPARED, post("new", 200)],
    "an order that nobody sent": [get("old")],
    "an order that is sent only later": [get("old"), post("old")],
    "half an order": [
        post("old"),
        request(
            "GET", 200, response_order("old", details=order("old")["details"] | {"quantity": "2"})
        ),
    ],
    "an order at another key": [post("old"), get("old", key=("a1", "v0"))],
    "an order with another date": [
        *[post("old"), request("GET", 200, response_order("old", orderdate=_DATES["new"]))],
    ],
    "a rejected order is placed": [post("x"), post("y", 403, user="eve"), get("y")],
    "a forbidden step": [post("old"), patch("ready", "old")],
    "a step that was not requested": [post("old"), get("old", "preparing")],
    "a step back": [*PREPARED, patch("placed", "old")],
    "two successful steps": [
        post("old", **at(0, 1)),
        patch("preparing", "old", **at(2, 5)),
        patch("preparing", "old", **at(2, 5)),
    ],
    "a step of no order": [patch("preparing", status=409, message=IS_PREPARING)],
    "a baseless 409": [post("old"), patch("preparing", status=409, message="The order is placed")],
    "a step is rejected as too late": [post("old"), patch("preparing", status=409, message=NEWER)],
    "a 409 of another status": [
        *[post("old"), patch("ready", status=409, message=IS_PREPARING), get("old")],
    ],
    "another customer replaces an order": [post("old"), post("new", 200, user="eve")],
    "an older order replaces another's": [post("new"), delete("new"), post("old", 201, user="eve")],
    "a cancelled order is protected": [*CANCELLED, post("y", 403, user="eve")],
    "another customer learns of a cancelled order": [*CANCELLED, post("y", 200, user="eve")],
    "another customer cancels an order": [post("old"), delete("old", user="eve")],
    "one's own order is forbidden": [post("old"), delete(status=403)],
    "an existing order is not found": [post("old"), delete(status=404)],
    "a stale read": [post("old"), post("new", 200), get("new"), get("old")],
    "another's order in a list": [post("old"), get("old", **LIST, user="eve")],
    "a closed order in the queue": [*CANCELLED, get("old", "cancelled", **QUEUE)],
    "another shop's order in the queue": [post("old"), get("old", method="QUEUE", key=("", "v1"))],
    "a 500": [request("GET", 500)],
    "a failure without Retry-After": [request("GET", 503, retry_after=None)],
    "a failure after too long": [request("GET", 503, **at(0, 20.5))],
}

ONLY_WITH_FAULTS: dict[str, list[Request]] = {
    "a replacement is reported as new": [post("old"), post("new", 201), get("new")],
    "rejected though executed, as another step followed": [
        post("old", **at(0, 1)),
        patch("preparing", status=409, message="The order is ready", **at(2, 5)),
        patch("ready", "old", **at(3, 4)),
        get("old", "ready", **at(6, 7)),
    ],
    "rejected though placed, as another customer's order followed": [
        post("old", 403, **at(0, 5)),
        delete("old", **at(1, 2)),
        post("new", 201, user="eve", **at(3, 4)),
        get("new", **at(6, 7)),
    ],
}


@pytest.mark.parametrize("kind", SOUND)
def test_sound_history_is_accepted(kind: str) -> None:
    history = in_sequence(SOUND[kind])
    assert violations(history, writes_of(history)) == []
    if not any(request.may_fail for request in history):
        assert violations(history) == []


@pytest.mark.parametrize("kind", UNSOUND)
def test_unsound_history_is_rejected(kind: str) -> None:
    history = in_sequence(UNSOUND[kind])
    assert violations(history)
    assert violations(history, writes_of(history))


@pytest.mark.parametrize("kind", ONLY_WITH_FAULTS)
def test_history_that_only_a_lost_response_explains(kind: str) -> None:
    history = in_sequence(ONLY_WITH_FAULTS[kind])
    assert violations(history, writes_of(history)) == []
    assert violations(history)


def test_failed_request_without_a_write_was_not_executed() -> None:
    history = in_sequence([post("old", 503), get("old")])
    assert violations(history, [])


def test_slow_replacement_may_be_reported_as_new() -> None:
    history = in_sequence([post("old"), post("new", 201, **at(10, 11.5)), get("new")])
    assert violations(history) == []
