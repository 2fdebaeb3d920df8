"""The history checker accepts sound histories and rejects each kind of fault.

The requests of a history follow each other, unless they have a start and an end.
"""

from dataclasses import replace
from typing import Any

import pytest

from tests.hardening.fault_proxy import Write
from tests.hardening.history import violations
from tests.hardening.request import SECOND, Request
from tests.samples import order

_DATES = {"old": "2026-03-01T08:30:00Z", "new": "2026-03-01T08:31:00Z"}


def request(
    method: str, status: int, /, name: str = "", result: str = "", **changes: Any
) -> Request:
    """Return a request; its response has the order `name` with the status `result`."""
    stored = order(orderdate=_DATES.get(name, ""), coffeetype=name)
    defaults: dict[str, Any] = {
        **{"method": method, "status": status, "user": "ann", "key": ("a0", "v0")},
        **{"start": -1, "end": -1, "retry_after": "1" if status in {429, 503} else None},
        "orders": [{**stored, "status": result}] if result else [],
        "sent_order": stored if method == "POST" else None,
    }
    return Request(**defaults | changes)


def post(name: str, status: int = 201, **changes: Any) -> Request:
    return request("POST", status, name, "placed" if status < 300 else "", **changes)


def get(name: str, status: str = "placed", **changes: Any) -> Request:
    return request("GET", 200, name, status, **changes)


def patch(status: str, name: str = "old", **changes: Any) -> Request:
    return request("PATCH", 200, name, status, new_status=status, user="bob", **changes)


def at(start: float, end: float) -> dict[str, Any]:
    """Return the times of a request, from seconds."""
    return {"start": int(start * SECOND), "end": int(end * SECOND)}


NOTHING = request("GET", 404)
CANCELLED = [post("old"), request("DELETE", 200, "old", "cancelled")]
UNDATED = order(orderdate="", coffeetype="old")
OLDER = "order.orderdate: must be later than that of the existing order, which is placed"

SOUND: dict[str, list[Request]] = {
    "a late retry": [post("old"), post("new", 200), post("old", 409, message=OLDER), get("new")],
    "failed, and executed later": [
        *[post("old", 503, **at(0, 1)), request("GET", 404, **at(1, 2)), get("old", **at(3, 4))],
    ],
    "an order without a date, on which the shop worked before the retry of its request": [
        request("POST", 200, "old", "preparing", sent_order=UNDATED, **at(0, 2)),
        patch("preparing", **at(0.5, 1)),
    ],
    "concurrent requests, in either order": [
        post("old", **at(0, 1)),
        patch("preparing", **at(2, 5)),
        request("DELETE", 409, message="The order is preparing", **at(2, 4)),
        get("old", **at(2, 3)),
    ],
}
UNSOUND: dict[str, list[Request]] = {
    "an acknowledged order is lost": [post("old"), NOTHING],
    "a late retry replaces a newer order": [post("old"), post("new", 200), post("old", 200)],
    "a cancelled order is restored": [*CANCELLED, get("old")],
    "two successful steps": [
        *[post("old", **at(0, 1)), patch("preparing", **at(2, 5)), patch("preparing", **at(2, 5))],
    ],
    "a step back without a version": [post("old"), patch("preparing"), patch("placed")],
    "a stale read": [post("old"), post("new", 200), get("new"), get("old")],
    "another customer replaces an order": [post("old"), post("new", 200, user="eve")],
    "another's order in a list": [
        *[post("old"), get("old", method="LIST", key=("", ""), user="eve")],
    ],
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
