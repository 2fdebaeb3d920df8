"""Tests of the history checker: it accepts sound histories and rejects each kind of fault.

The requests of a history follow each other, unless they say when they start and end.
"""

from typing import Any

import pytest

from tests.hardening.fault_proxy import Write
from tests.hardening.history import violations
from tests.hardening.request import Request

_SECOND = 10**9
_KEY = ("a0", "v0")
_DATES = {
    "old": "2026-03-01T08:30:00Z",
    "new": "2026-03-01T08:31:00Z",
    "corrected": "2026-03-01T08:30:00Z",
}


def order(name: str, **changed: Any) -> dict[str, Any]:
    """Return an order with this name, and a date if it is a name in _DATES."""
    dated = {"orderdate": _DATES[name]} if name in _DATES else {}
    ids = {"accountid": "a0", "vendorid": "v0"}
    details = {"coffeetype": name, "coffeesize": "Small", "unitprice": "4.5", "quantity": "1"}
    return {**ids, **dated, "details": details} | changed


def answered(name: str, status: str = "placed", **changed: Any) -> dict[str, Any]:
    return {"orderdate": "2026-03-01T08:30:00+00:00", **order(name, status=status, **changed)}


def asked(method: Any, status: int, *orders: dict[str, Any], **more: Any) -> Request:
    return Request(
        **{"method": method, "status": status, "orders": orders, "who": "ann", "key": _KEY}
        | {"start": -1, "end": -1, "retry_after": "1" if status in {429, 503} else None}
        | more
    )


def post(name: str, status: int = 201, to: str = "placed", **more: Any) -> Request:
    orders = [answered(name, to)] if status in {200, 201} else []
    return asked("POST", status, *orders, sent=order(name), **more)


def get(name: str, status: str = "placed", **more: Any) -> Request:
    return asked("GET", 200, answered(name, status), **more)


def patch(to: str, name: str = "", status: int = 200, **more: Any) -> Request:
    orders = [answered(name, to)] if status == 200 else []
    return asked("PATCH", status, *orders, to=to, who="bob", **more)


def delete(name: str = "", status: int = 200, **more: Any) -> Request:
    return asked("DELETE", status, *[answered(name, "cancelled")] * (status == 200), **more)


NOTHING = asked("GET", 404)
PREPARING = "The order is preparing"
NEWER = "The order is placed, and newer than this request"
OLDER = "order.orderdate: is not later than that of the order there, which is placed"
CANCELLED = OLDER.replace("placed", "cancelled")


def in_sequence(*requests: Request) -> list[Request]:
    """Start each request without times of its own ten seconds after the one before."""
    return [
        Request(
            **vars(request) | {"start": 10 * number * _SECOND, "end": (10 * number + 1) * _SECOND}
        )
        if request.start < 0
        else request
        for number, request in enumerate(requests)
    ]


def writes_of(history: list[Request]) -> list[Write]:
    """Return writes that any of these requests may have caused."""
    return [Write(each.key, each.start, each.end + 3 * _SECOND) for each in history]


def at(start: float, end: float) -> dict[str, Any]:
    return {"start": int(start * _SECOND), "end": int(end * _SECOND)}


SOUND: dict[str, list[Request]] = {
    "nothing": [],
    "a life": [
        *[NOTHING, post("old"), patch("preparing", "old"), patch("ready", "old")],
        *[patch("collected", "old"), get("old", "collected"), post("new", 200), get("new")],
    ],
    "a cancelled order, and another": [post("x"), delete("x"), post("y", 200), get("y")],
    "a retry that changes nothing": [
        *[post("old"), post("old", 200), patch("preparing", "old")],
        *[post("old", 200, "preparing"), get("old", "preparing")],
    ],
    "a late retry": [post("old"), post("new", 200), post("old", 409, message=OLDER), get("new")],
    "a refused step": [
        *[post("old"), patch("preparing", "old")],
        *[delete(status=409, message=PREPARING), get("old", "preparing")],
    ],
    "a stranger's order after a cancelled one": [
        *[post("old"), delete("old"), post("new", 201, who="eve"), get("new")],
    ],
    "a stranger's older order after a cancelled one": [
        *[post("new"), delete("new"), post("old", 409, who="eve", message=CANCELLED)],
    ],
    "a stranger": [post("old"), post("y", 403, who="eve"), delete(status=403, who="eve")],
    "failed, and done": [post("old", 503), get("old")],
    "failed, and not done": [post("old", 429), NOTHING],
    "failed, and done later": [
        post("old", 503, **at(0, 1)),
        asked("GET", 404, **at(1, 2)),
        get("old", **at(3, 4)),
    ],
    "a step that failed, and was done": [
        *[post("old"), patch("preparing", status=503), get("old", "preparing")],
    ],
    "at once, in either order": [
        post("old", **at(0, 1)),
        patch("preparing", "old", **at(2, 5)),
        delete(status=409, message=PREPARING, **at(2, 4)),
        get("old", **at(2, 3)),
    ],
    "a step that an order overtakes which came under an old date": [
        post("old", **at(0, 1)),
        patch("preparing", status=409, message=NEWER, **at(2, 5)),
        post("corrected", 200, **at(3, 4)),
    ],
    "a list, and a queue": [
        post("old"),
        asked("LIST", 200, answered("old"), key=("", "")),
        asked("QUEUE", 200, answered("old"), key=("", "v0"), who="bob"),
    ],
}

UNSOUND: dict[str, list[Request]] = {
    "an acknowledged order is lost": [post("old"), NOTHING],
    "an acknowledged order is lost to an older one": [post("old"), post("new", 200), get("old")],
    "an acknowledged order is lost to a failed one of long ago": [
        *[post("x", 503), post("y"), get("y"), get("x")],
    ],
    "an acknowledged step is lost": [post("old"), patch("preparing", "old"), get("old")],
    "a cancelled order comes back": [post("old"), delete("old"), get("old")],
    "a late retry brings a collected order back": [
        *[post("old"), patch("preparing", "old"), patch("ready", "old")],
        *[patch("collected", "old"), post("old", 200)],
    ],
    "a late retry turns a newer order back": [post("old"), post("new", 200), post("old", 200)],
    "a newer order is refused": [post("old"), post("new", 409, message=OLDER)],
    "a first order is refused": [post("old", 409, message=OLDER)],
    "a new order replaces nothing": [post("old", 200)],
    "an order in hand is replaced": [post("old"), patch("preparing", "old"), post("new", 200)],
    "an order that nobody sent": [get("old")],
    "an order that is sent only later": [get("old"), post("old")],
    "half an order": [
        post("old"),
        asked("GET", 200, answered("old", details=order("old")["details"] | {"quantity": "2"})),
    ],
    "an order under another's key": [
        post("old"),
        asked("GET", 200, answered("old"), key=("a1", "v0")),
    ],
    "an order that comes back changed": [
        post("old"),
        asked("GET", 200, answered("old", orderdate=_DATES["new"])),
    ],
    "a refused order is placed": [post("x"), post("y", 403, who="eve"), get("y")],
    "a step that life forbids": [post("old"), patch("ready", "old")],
    "a step that nobody took": [post("old"), get("old", "preparing")],
    "a step back": [post("old"), patch("preparing", "old"), patch("placed", "old")],
    "two winners": [
        post("old", **at(0, 1)),
        patch("preparing", "old", **at(2, 5)),
        patch("preparing", "old", **at(2, 5)),
    ],
    "a step of nothing": [patch("preparing", "old", status=409, message=PREPARING)],
    "a step refused for no reason": [
        *[post("old"), patch("preparing", status=409, message="The order is placed")],
    ],
    "a step refused for an order that was there before": [
        *[post("old"), patch("preparing", status=409, message=NEWER)],
    ],
    "a refusal that tells another status": [
        *[post("old"), patch("ready", status=409, message=PREPARING), get("old")],
    ],
    "a stranger replaces an order": [post("old"), post("new", 200, who="eve")],
    "a stranger's older order replaces a cancelled one": [
        *[post("new"), delete("new"), post("old", 201, who="eve")],
    ],
    "a cancelled order is protected": [post("x"), delete("x"), post("y", 403, who="eve")],
    "a stranger learns that there was an order": [
        post("x"),
        delete("x"),
        post("y", 200, who="eve"),
    ],
    "a stranger cancels an order": [post("old"), delete("old", who="eve")],
    "one's own order is called a stranger's": [post("old"), delete(status=403)],
    "what is there is not found": [post("old"), delete(status=404)],
    "a read from the past": [post("old"), post("new", 200), get("new"), get("old")],
    "a stranger's order in one's list": [
        post("old"),
        asked("LIST", 200, answered("old"), key=("", ""), who="eve"),
    ],
    "a closed order in the queue": [
        *[post("old"), delete("old")],
        asked("QUEUE", 200, answered("old", "cancelled"), key=("", "v0")),
    ],
    "another shop's order in the queue": [
        post("old"),
        asked("QUEUE", 200, answered("old"), key=("", "v1")),
    ],
    "a 500": [asked("GET", 500)],
    "a failure that does not say when to try again": [asked("GET", 503, retry_after=None)],
    "a failure after too long": [asked("GET", 503, **at(0, 20.5))],
}


ONLY_WITH_FAULTS: dict[str, list[Request]] = {
    "new, though an order was there: the answer to the first try was lost": [
        *[post("old"), post("new", 201), get("new")],
    ],
    "refused, though done: somebody has gone on since": [
        post("old", **at(0, 1)),
        patch("preparing", status=409, message="The order is ready", **at(2, 5)),
        patch("ready", "old", **at(3, 4)),
        get("old", "ready", **at(6, 7)),
    ],
    "refused, though placed: a stranger's order has followed since": [
        post("old", 403, **at(0, 5)),
        delete("old", **at(1, 2)),
        post("new", 201, who="eve", **at(3, 4)),
        get("new", **at(6, 7)),
    ],
}


@pytest.mark.parametrize("kind", ONLY_WITH_FAULTS)
def test_histories_that_only_a_lost_answer_explains(kind: str) -> None:
    history = in_sequence(*ONLY_WITH_FAULTS[kind])
    assert violations(history, writes_of(history)) == []
    assert violations(history)


def test_failed_request_without_a_write_was_not_carried_out() -> None:
    history = in_sequence(post("old", 503), get("old"))
    assert violations(history, [])


@pytest.mark.parametrize("kind", SOUND)
def test_sound_histories(kind: str) -> None:
    history = in_sequence(*SOUND[kind])
    assert violations(history, writes_of(history)) == []
    if not any(request.may_fail for request in history):
        assert violations(history) == []


@pytest.mark.parametrize("faults", [True, False])
@pytest.mark.parametrize("kind", UNSOUND)
def test_unsound_histories(kind: str, faults: bool) -> None:
    history = in_sequence(*UNSOUND[kind])
    assert violations(history, writes_of(history) if faults else None)


def test_slow_replacement_may_be_reported_as_new() -> None:
    history = in_sequence(post("old"), post("new", 201, **at(10, 11.5)), get("new"))
    assert violations(history) == []
