"""What a request may make of the order at its key, and which answer it then gets: the model.

A second writing of the rules of docs/architecture.md, for the checker of histories to hold the
service to. Of an order without a date it knows but roughly which moment the server gave it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from chalicelib.orders import IN_PROGRESS, OPEN, OrderDate, predecessors
from tests.hardening.request import SECOND, Request, name

_PATIENCE = SECOND  # how long the service waits for the table before it tries again


class There(NamedTuple):
    """The order at a key. Which moment an undated one got is known but roughly."""

    who: str
    name: str
    clock: str
    earliest: int
    latest: int
    arrived_by: int
    status: str


def outcomes(request: Request, there: There | None, *, faults: bool) -> Iterator[There | None]:
    """Yield what may be at the key after this request was done, if `there` was before."""
    if request.method == "GET":
        seen = (name(request.order), request.order["status"]) if request.orders else None
        if request.may_fail or seen == (there and (there.name, there.status)):
            yield there
        return
    if request.status in {403, 404, 409}:
        if _is_refused(request, there):
            yield there
        return
    changed = _placed(request, there) if request.method == "POST" else _moved(request, there)
    if request.may_fail:
        fits = True
    elif request.method == "POST":
        if there and request.status == 200 and _is_same(request, there):
            yield there
            return
        if request.status == 200:
            fits = there is not None and request.order["status"] == "placed"
        else:  # whose first try replaced an order, and was not heard of, calls it new by mistake
            unheard = faults or request.end - request.start > _PATIENCE
            fits = there is None or unheard
    else:
        told = (name(request.order), request.order["status"])
        fits = changed is not None and told == (changed.name, changed.status)
    if changed and fits:
        yield changed


def _placed(request: Request, there: There | None) -> There | None:
    """Return the order of a POST, if it may be placed over the one there."""
    mine = _arriving(request)
    if there is None:
        return mine
    if there.who != mine.who or there.status in IN_PROGRESS:
        return None
    by_date = there.clock == mine.clock and "orderdate" in (request.sent or {})
    corrects = mine.earliest == there.latest and there.status == "placed"
    if by_date and mine.latest <= there.earliest and not corrects:
        return None
    return mine


def _moved(request: Request, there: There | None) -> There | None:
    """Return the order that a PATCH or DELETE made of the one there, if that is a step of life."""
    if there is None or (request.method == "DELETE" and there.who != request.who):
        return None
    to: Any = request.to or "cancelled"
    return there._replace(status=to) if there.status in predecessors(to) else None


def _is_refused(request: Request, there: There | None) -> bool:
    """Tell whether an order that is there, or not, explains a refusal."""
    if there is None:
        return request.status == 404 and request.method != "POST"
    if request.status == 403:
        return there.who != request.who and request.method != "PATCH"
    if request.status == 404 or (there.who != request.who and request.method != "PATCH"):
        return False
    if request.method == "POST":
        mine = _arriving(request)
        again = "orderdate" in (request.sent or {}) and there.name == mine.name
        refused = there.status in IN_PROGRESS or mine.earliest <= there.latest
        refused = refused and not (again and there.status in OPEN)
    else:
        # An order that came while this request was on its way is not its to change.
        newer = request.message.endswith("newer than this request")
        stays = _moved(request, there) is None
        refused = stays or (newer and there.arrived_by >= request.start)
    return refused and f"is {there.status}" in request.message


def _is_same(request: Request, there: There) -> bool:
    """Tell whether a POST met its own order, open, and so had nothing to do."""
    sent = request.sent or {}
    same = "orderdate" in sent and (there.who, there.name) == (request.who, name(sent))
    return same and there.status in OPEN and there.status == request.order["status"]


def _arriving(request: Request) -> There:
    sent = request.sent or {}
    if "orderdate" in sent:
        clock, moment = OrderDate(sent["orderdate"]).instant
        return There(request.who, name(sent), clock, moment, moment, request.end, "placed")
    return There(request.who, name(sent), "utc", request.start, request.end, request.end, "placed")
