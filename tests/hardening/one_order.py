"""A model of the order at one key: what a request may do to it, and the response that is right.

It restates the rules of docs/architecture.md and imports none of the service's code, so that a
mistake there is not repeated here. The server gives an order without a date its own time, which the
model knows only within the bounds of the request.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.hardening.request import SECOND, Request, coffee

NEXT = {
    "placed": {"preparing", "cancelled"},
    "preparing": {"ready"},
    "ready": {"collected"},
    "collected": set[str](),
    "cancelled": set[str](),
}
OPEN = {"placed", "preparing", "ready"}
IN_PROGRESS = {"preparing", "ready"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_READ_TIMEOUT = SECOND  # how long the service waits for the table before it retries


class StoredOrder(NamedTuple):
    """The order at a key. `earliest` and `latest` are the bounds of its date, in nanoseconds."""

    user: str
    coffee: str
    clock: str
    earliest: int
    latest: int
    arrived_by: int
    status: str


Order = StoredOrder | None  # what is at a key


def outcomes(request: Request, stored: Order, *, faults: bool) -> Iterator[Order]:
    """Yield what may be at the key after a request; nothing if its response is wrong.

    `stored` was at the key before. `faults` says that responses of the table may have been lost.
    """
    if request.method == "GET":
        if request.may_fail or _order_in(request) == (stored and (stored.coffee, stored.status)):
            yield stored
    elif request.status in {403, 404, 409}:
        if _explains_rejection(request, stored):
            yield stored
    elif request.method == "POST":
        yield from _after_post(request, stored, faults)
    else:
        result = _after_change(request, stored)
        is_in_response = result and _order_in(request) == (result.coffee, result.status)
        if result and (request.may_fail or is_in_response):
            yield result


def _order_in(request: Request) -> tuple[str, str] | None:
    """Return the coffee and status of the order in a response."""
    return (coffee(request.order), request.order["status"]) if request.orders else None


def _after_post(request: Request, stored: Order, faults: bool) -> Iterator[StoredOrder]:
    if stored and request.status == 200 and _is_same_order(request, stored):
        yield stored
        return
    order = _sent_order(request)
    if stored and not _is_replaceable(
        stored, order, dated="orderdate" in (request.sent_order or {})
    ):
        return
    if request.status == 200:
        is_own = stored is not None and stored.user == order.user
        fits = is_own and request.order["status"] == "placed"
    elif request.status == 201:
        # If the response to the first attempt was lost, the retry reports its order as new.
        was_lost = faults or request.end - request.start > _READ_TIMEOUT
        fits = stored is None or stored.user != order.user or was_lost
    else:
        fits = request.may_fail
    if fits:
        yield order


def _is_replaceable(stored: StoredOrder, order: StoredOrder, *, dated: bool) -> bool:
    """Return whether a POST may replace the stored order."""
    if stored.status in IN_PROGRESS or (stored.user != order.user and stored.status in OPEN):
        return False
    if not dated or stored.clock != order.clock:
        return True
    is_correction = order.earliest == stored.latest and stored.status == "placed"
    return order.latest > stored.earliest or is_correction


def _after_change(request: Request, stored: Order) -> Order:
    """Return the order after a PATCH or DELETE, or None if the request may not change it."""
    if stored is None or (request.method == "DELETE" and stored.user != request.user):
        return None
    status = request.new_status or "cancelled"
    return stored._replace(status=status) if status in NEXT[stored.status] else None


def _explains_rejection(request: Request, stored: Order) -> bool:
    """Return whether the stored order, or a missing one, explains a 403, 404 or 409."""
    if stored is None:
        return request.status == 404 and request.method != "POST"
    is_forbidden = request.method != "PATCH" and stored.user != request.user
    if request.method == "POST":  # anybody may replace a closed order
        is_forbidden = is_forbidden and stored.status in OPEN
    if request.status != 409 or is_forbidden:
        return request.status == 403 and is_forbidden
    if f"is {stored.status}" not in request.message:
        return False
    if request.method == "POST":
        if _is_same_order(request, stored):
            return False
        return stored.status in IN_PROGRESS or _sent_order(request).earliest <= stored.latest
    # A PATCH or DELETE does not change an order that arrived after the request was sent.
    is_newer = "newer than this request" in request.message
    return _after_change(request, stored) is None or (
        is_newer and stored.arrived_by >= request.start
    )


def _is_same_order(request: Request, stored: StoredOrder) -> bool:
    """Return whether a POST repeats the stored order, which is open, and so changes nothing."""
    order: dict[str, Any] = request.sent_order or {}
    is_same = "orderdate" in order and (stored.user, stored.coffee) == (request.user, coffee(order))
    has_status = not request.orders or request.order["status"] == stored.status
    return is_same and has_status and stored.status in OPEN


def _sent_order(request: Request) -> StoredOrder:
    order: dict[str, Any] = request.sent_order or {}
    clock, earliest, latest = "utc", request.start, request.end
    if "orderdate" in order:
        date = datetime.fromisoformat(order["orderdate"])
        clock = "utc" if date.tzinfo else "customer"
        since_epoch = date.replace(tzinfo=date.tzinfo or UTC) - _EPOCH
        earliest = latest = since_epoch // timedelta(microseconds=1) * 1000
    return StoredOrder(request.user, coffee(order), clock, earliest, latest, request.end, "placed")
