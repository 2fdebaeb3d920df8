"""A model of the order at one key: what a request may do to it, and the response that is right.

It restates the rules of docs/architecture.md and imports none of the service's code, so that a
mistake there is not repeated here. The server gives an order without a date its own time, which the
model knows only within the bounds of the request.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.hardening.request import REJECTED, SECOND, Request, coffee

NEXT = {
    "placed": {"preparing", "cancelled"},
    "preparing": {"ready"},
    "ready": {"collected"},
    "collected": set[str](),
    "cancelled": set[str](),
}
BACK = {"preparing": "placed", "ready": "preparing", "collected": "ready"}
OPEN = {"placed", "preparing", "ready"}
IN_PROGRESS = {"preparing", "ready"}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_READ_TIMEOUT = SECOND  # how long the service waits for the table before it retries


class StoredOrder(NamedTuple):
    """The order at a key. `earliest` and `latest` are the bounds of its date, in nanoseconds.

    `version` is None after a write without a response, until a response has it.
    """

    user: str
    coffee: str
    clock: str
    earliest: int
    latest: int
    changed_by: int
    status: str
    version: str | None


Order = StoredOrder | None  # what is at a key


def outcomes(request: Request, stored: Order, *, faults: bool) -> Iterator[Order]:
    """Yield what may be at the key after a request; nothing if its response is wrong.

    `stored` was at the key before. `faults` says that responses of the table may have been lost.
    """
    if request.method == "GET":
        if request.may_fail or (stored is None and not request.orders):
            yield stored
        elif stored and _is_in_response(stored, request):
            yield stored._replace(version=_version(request))
    elif request.status in REJECTED:
        if _explains_rejection(request, stored):
            yield stored
    elif request.method == "POST":
        yield from _after_post(request, stored, faults)
    else:
        result = _after_change(request, stored)
        if result and (request.may_fail or _is_in_response(result, request)):
            yield result


def _is_in_response(order: StoredOrder, request: Request) -> bool:
    if not request.orders:
        return False
    content = (coffee(request.order), request.order["status"])
    versions = {order.version, _version(request)} - {None}
    return content == (order.coffee, order.status) and len(versions) < 2


def _version(request: Request) -> str | None:
    """Return the version in a response, if there is one."""
    return request.order.get("version") if request.orders else None


def _precondition(request: Request, stored: Order) -> set[bool]:
    """Return whether the request's precondition holds: perhaps, if the version is unknown."""
    if request.if_none_match:  # only of POST, for which a closed order counts as none
        return {stored is None or stored.status not in OPEN}
    if request.if_match is None:
        return {True}
    if stored and stored.version is None:
        return {True, False}
    return {stored is not None and stored.version == request.if_match}


def _after_post(request: Request, stored: Order, faults: bool) -> Iterator[StoredOrder]:
    if stored and request.status == 200 and _is_same_order(request, stored):
        yield stored._replace(version=_version(request))
        return
    order = _sent_order(request)
    if True not in _precondition(request, stored):
        return
    if stored and not _is_replaceable(stored, order):
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


def _is_replaceable(stored: StoredOrder, order: StoredOrder) -> bool:
    """Return whether a POST may replace the stored order."""
    if stored.status in IN_PROGRESS or (stored.user != order.user and stored.status in OPEN):
        return False
    if order.earliest < order.latest or stored.clock != order.clock:  # it has no date
        return True
    is_correction = order.earliest == stored.latest and stored.status == "placed"
    return order.latest > stored.earliest or is_correction


def _after_change(request: Request, stored: Order) -> Order:
    """Return the order after a PATCH or DELETE, or None if the request may not change it."""
    if stored is None or (request.method == "DELETE" and stored.user != request.user):
        return None
    status = request.new_status or "cancelled"
    is_step_back = request.if_match is not None and BACK.get(stored.status) == status
    is_step = status in NEXT[stored.status] or is_step_back
    if True not in _precondition(request, stored) or not is_step:
        return None
    return stored._replace(status=status, version=_version(request), changed_by=request.end)


def _is_forbidden(request: Request, stored: StoredOrder) -> bool:
    if request.method == "POST" and stored.status not in OPEN:  # anybody may replace it
        return False
    return request.method != "PATCH" and stored.user != request.user


def _explains_rejection(request: Request, stored: Order) -> bool:
    """Return whether the stored order, or a missing one, explains a 403, 404, 409 or 412."""
    if stored is None and request.method == "POST":
        return request.status == 412 and request.if_match is not None
    if stored is None:
        return request.status == 404
    if _is_forbidden(request, stored):
        return request.status == 403
    if request.method == "POST" and _is_same_order(request, stored):
        return False
    if request.status == 412:
        is_named = f"{stored.coffee}, {stored.status}" in request.message
        return is_named and False in _precondition(request, stored)
    return request.status == 409 and _explains_conflict(request, stored)


def _explains_conflict(request: Request, stored: StoredOrder) -> bool:
    is_named = f"is {stored.status}" in request.message
    if not is_named or True not in _precondition(request, stored):
        return False
    # A request does not undo a change that a server's clock has later.
    is_older = stored.changed_by >= request.start
    if request.method == "POST":
        is_in_progress = stored.status in IN_PROGRESS
        return is_in_progress or is_older or _sent_order(request).earliest <= stored.latest
    is_newer = "newer than this request" in request.message
    return _after_change(request, stored) is None or (is_newer and is_older)


def _is_same_order(request: Request, stored: StoredOrder) -> bool:
    """Return whether a POST repeats the stored order, which is open, and so changes nothing."""
    order: dict[str, Any] = request.sent_order or {}
    # Without a date, an order can only be repeated by the SDK, within the same request.
    is_own_retry = (stored.earliest, stored.latest) == (request.start, request.end)
    is_repeated = "orderdate" in order or is_own_retry
    is_same = (stored.user, stored.coffee) == (request.user, coffee(order))
    fits = not request.orders or _is_in_response(stored, request)
    return is_repeated and is_same and fits and stored.status in OPEN


def _sent_order(request: Request) -> StoredOrder:
    order: dict[str, Any] = request.sent_order or {}
    clock, earliest, latest = "utc", request.start, request.end
    if "orderdate" in order:
        date = datetime.fromisoformat(order["orderdate"])
        clock = "utc" if date.tzinfo else "customer"
        since_epoch = date.replace(tzinfo=date.tzinfo or UTC) - _EPOCH
        earliest = latest = since_epoch // timedelta(microseconds=1) * 1000
    return StoredOrder(
        *(request.user, coffee(order), clock, earliest, latest, request.end, "placed"),
        version=_version(request),
    )
