"""The history checker accepts sound histories and rejects each kind of fault.

The requests of a history follow each other, unless they have a start and an end.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.hardening.fault_proxy import Write
from tests.hardening.history import violations
from tests.hardening.request import SECOND, Request

_DATES = {"old": "2026-03-01T08:30:00Z", "new": "2026-03-01T08:31:00Z"}


def order(name: str, **changes: Any) -> dict[str, Any]:
    """Return an order for a coffee of this name, with its date in _DATES."""
    details = {"coffeetype": name, "coffeesize": "Small", "unitprice": "4.5", "quantity": "1"}
    key = {"accountid": "a0", "vendorid": "v0"}
    return {**key, "orderdate": _DATES[name], "details": details} | changes


def request(
    method: str, status: int, /, name: str = "", result: str = "", **changes: Any
) -> Request:
    """Return a request; its response has the order `name` with the status `result`."""
    defaults: dict[str, Any] = {
        **{"method": method, "status": status, "user": "ann", "key": ("a0", "v0")},
        **{"start": -1, "end": -1, "retry_after": "1" if status in {429, 503} else None},
        "orders": [order(name, status=result)] if result else [],
    }
    return Request(**defaults | changes)


def post(name: str, status: int = 201, **changes: Any) -> Request:
    result = "placed" if status in {200, 201} else ""
    return request("POST", status, name, result, sent_order=order(name), **changes)


def get(name: str, status: str = "placed", **changes: Any) -> Request:
    return request("GET", 200, name, status, **changes)


def patch(status: str, name: str = "old", **changes: Any) -> Request:
    return request("PATCH", 200, name, status, new_status=status, user="bob", **changes)


def at(start: float, end: float) -> dict[str, Any]:
    """Return the times of a request, from seconds."""
    return {"start": int(start * SECOND), "end": int(end * SECOND)}


NOTHING = request("GET", 404)
CANCELLED = [post("old"), request("DELETE", 200, "old", "cancelled")]
OLDER = "order.orderdate: must be later than that of the existing order, which is placed"

SOUND: dict[str, list[Request]] = {
    "a new order after a collected one": [
        *[NOTHING, post("old"), patch("preparing"), patch("ready"), patch("collected")],
        *[get("old", "collected"), post("new", 200), get("new")],
    ],
    "a late retry": [post("old"), post("new", 200), post("old", 409, message=OLDER), get("new")],
    "failed, and executed later": [
        *[post("old", 503, **at(0, 1)), request("GET", 404, **at(1, 2)), get("old", **at(3, 4))],
    ],
    "a step back with the version of the order": [
        *[post("old"), patch("preparing"), patch("placed", if_match="v1"), get("old")],
    ],
    "concurrent requests, in either order": [
        post("old", **at(0, 1)),
        patch("preparing", **at(2, 5)),
        request("DELETE", 409, message="The order is preparing", **at(2, 4)),
        get("old", **at(2, 3)),
    ],
}
V1 = order("old", status="preparing", version="v1")
UNSOUND: dict[str, list[Request]] = {
    "an acknowledged order is lost": [post("old"), NOTHING],
    "a late retry replaces a newer order": [post("old"), post("new", 200), post("old", 200)],
    "a cancelled order is restored": [*CANCELLED, get("old")],
    "two successful steps": [
        *[post("old", **at(0, 1)), patch("preparing", **at(2, 5)), patch("preparing", **at(2, 5))],
    ],
    "a step back without a version": [post("old"), patch("preparing"), patch("placed")],
    "an old version": [post("old"), patch("preparing", orders=[V1]), patch("ready", if_match="v0")],
    "a stale read": [post("old"), post("new", 200), get("new"), get("old")],
    "another customer replaces an order": [post("old"), post("new", 200, user="eve")],
    "another's order in a list": [
        *[post("old"), get("old", method="LIST", key=("", ""), user="eve")],
    ],
    "a 500": [request("GET", 500)],
}


def in_sequence(requests: list[Request]) -> list[Request]:
    """Let each request without a start begin ten seconds after the one before."""
    return [
        replace(request, **at(10 * number, 10 * number + 1)) if request.start < 0 else request
        for number, request in enumerate(requests)
    ]


@pytest.mark.parametrize("kind", SOUND)
def test_sound_history_is_accepted(kind: str) -> None:
    history = in_sequence(SOUND[kind])
    writes = [Write(each.key, each.start, each.end + 3 * SECOND) for each in history]
    assert violations(history, writes) == []


@pytest.mark.parametrize("kind", UNSOUND)
def test_unsound_history_is_rejected(kind: str) -> None:
    assert violations(in_sequence(UNSOUND[kind]))
