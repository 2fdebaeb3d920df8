"""What was asked of the service, what it said, and whether one order's life explains all of it.

The orders at different keys have nothing to do with each other, so each key has its own history.
It is sound if there is a sequence of the requests, each somewhere between its start and its end,
in which every answer is what an order that is placed, replaced and moved on by the rules would
have given (linearizability, after Wing and Gong). What failed may have been carried out or not,
and late; what was acknowledged was, so it is never lost, and what was refused was not.

An order is known by its `coffeetype`: the customers of traffic.py name each one differently.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

from chalicelib.orders import IN_HAND, OPEN, OrderDate, before
from tests.hardening.fault_proxy import HELD_UP_FOR_AT_MOST

FAILED = frozenset({429, 503})
_ANSWERS_WITHIN = 10.0  # seconds
_SLACK = 2.0  # seconds that a busy machine may take to deliver what was held up
_SECOND = 10**9

Key = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """One request and its answer, between two readings of the clock in nanoseconds."""

    method: Literal["POST", "GET", "DELETE", "PATCH", "LIST", "QUEUE"]
    who: str
    key: Key  # of a list ("", vendorid), of a customer's ("", "")
    start: int
    end: int
    status: int
    sent: dict[str, Any] | None = None
    to: str | None = None
    orders: Sequence[dict[str, Any]] = ()
    message: str = ""
    retry_after: str | None = None

    @property
    def order(self) -> dict[str, Any]:
        """Return the one order of the answer."""
        (order,) = self.orders
        return dict(order)


class There(NamedTuple):
    """The order at a key. Which moment an undated one got is known but roughly."""

    who: str
    name: str
    clock: str
    earliest: int
    latest: int
    status: str


def violations(history: Iterable[Request], *, faults: bool) -> list[str]:
    """Return what no order's life explains; with `faults`, answers may have been lost."""
    history = sorted(history, key=lambda request: request.start)
    found = [*_bad_answers(history), *_not_as_sent(history)]
    by_key: dict[Key, list[Request]] = defaultdict(list)
    for request in history:
        if request.method not in {"LIST", "QUEUE"}:
            by_key[request.key].append(request)
            if faults and request.status == 409:
                # An earlier try of the same request may have been done, or be done yet.
                by_key[request.key].append(replace(request, status=503))
    for key, requests in sorted(by_key.items()):
        if stuck := _unexplained(requests, faults):
            lines = "\n".join(f"    {_in_words(request)}" for request in stuck)
            found.append(f"{key}: no life of an order explains\n{lines}")
    return found


def _bad_answers(history: Sequence[Request]) -> Iterator[str]:
    for request in history:
        seconds = (request.end - request.start) / _SECOND
        if request.status not in {200, 201, 403, 404, 409} | FAILED:
            yield f"not an answer of the contract: {_in_words(request)}"
        if request.status in FAILED and not (request.retry_after or "").isdigit():
            yield f"a failure without Retry-After: {_in_words(request)}"
        if seconds > _ANSWERS_WITHIN:
            yield f"an answer after {seconds:.1f} s: {_in_words(request)}"


def _not_as_sent(history: Sequence[Request]) -> Iterator[str]:
    """Find orders that nobody had sent, or not so, or in a list that is not theirs."""
    sent: dict[tuple[Key, str], list[Request]] = defaultdict(list)
    for request in history:
        if request.sent is not None:
            sent[request.key, _name(request.sent)].append(request)
    for request in history:
        for order in request.orders:
            key = (order["accountid"], order["vendorid"])
            by = [each for each in sent[key, _name(order)] if each.start < request.end]
            if not any(_equal(each.sent or {}, order) for each in by):
                yield f"nobody sent {order}: {_in_words(request)}"
            elif request.method == "LIST" and request.who not in {each.who for each in by}:
                yield f"another's order in one's own list, {order}: {_in_words(request)}"
            elif request.method == "QUEUE" and (
                request.key[1] != key[1] or order["status"] not in OPEN
            ):
                yield f"an order that is not in this queue, {order}: {_in_words(request)}"
            elif request.key[0] and request.key != key:
                yield f"an order of another key, {order}: {_in_words(request)}"


def _unexplained(requests: Sequence[Request], faults: bool) -> Sequence[Request]:
    """Return [], or the requests among which every attempt at a sequence ends."""
    late = (HELD_UP_FOR_AT_MOST + _SLACK) * _SECOND
    until = [each.end + (late if each.status in FAILED else 0) for each in requests]
    # How many from the start are in the sequence, which ones after these, and what is there then.
    start: tuple[int, int, There | None] = (0, 0, None)
    ahead, seen, farthest = [start], {start}, 0
    while ahead:
        first, after, there = ahead.pop()
        while after & 1:
            first, after = first + 1, after >> 1
        if first == len(requests):
            return []
        farthest = max(farthest, first)
        soonest, number = math.inf, first
        while number < len(requests) and requests[number].start <= soonest:
            taken = 1 << (number - first)
            if not after & taken:
                soonest = min(soonest, until[number])
                for then in _outcomes(requests[number], there, faults):
                    step = (first, after | taken, then)
                    if step not in seen:
                        seen.add(step)
                        ahead.append(step)
            number += 1
    return requests[max(0, farthest - 8) : farthest + 8]


def _outcomes(request: Request, there: There | None, faults: bool) -> Iterator[There | None]:
    """Yield what may be at the key after this request, if it got its answer with `there` before."""
    if request.method == "GET":
        seen = (_name(request.order), request.order["status"]) if request.status == 200 else None
        if request.status in FAILED or seen == (there and (there.name, there.status)):
            yield there
        return
    changed = _placed(request, there) if request.method == "POST" else _moved(request, there)
    if request.status in FAILED:
        yield there
    elif request.status not in {200, 201}:
        if _is_refused(request, there):
            yield there
        return
    elif request.method == "POST":
        if there and request.status == 200 and _is_same(request, there):
            yield there
        if not faults and (there is None) != (request.status == 201):
            return
        if request.status == 200 and (there is None or request.order["status"] != "placed"):
            return
    elif changed and (changed.name, changed.status) != (
        _name(request.order),
        request.order["status"],
    ):
        return
    if changed:
        yield changed


def _placed(request: Request, there: There | None) -> There | None:
    """Return the order of a POST, if it may be placed over the one there."""
    mine = _arriving(request)
    if there is None:
        return mine
    if there.who != mine.who or there.status in IN_HAND:
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
    return there._replace(status=to) if there.status in before(to) else None


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
        refused = there.status in IN_HAND or mine.earliest <= there.latest
        refused = refused and not (again and there.status in OPEN)
    else:
        # An order that came while this request was on its way is not its to change.
        newer = request.message.endswith("newer than this request")
        stays = _moved(request, there) is None
        refused = stays or (newer and there.latest >= request.start)
    return refused and f"is {there.status}" in request.message


def _is_same(request: Request, there: There) -> bool:
    """Tell whether a POST met its own order, open, and so had nothing to do."""
    same = (there.who, there.name) == (request.who, _name(request.sent or {}))
    return same and there.status in OPEN and there.status == request.order["status"]


def _arriving(request: Request) -> There:
    sent = request.sent or {}
    if "orderdate" in sent:
        clock, moment = OrderDate(sent["orderdate"]).moment
        return There(request.who, _name(sent), clock, moment, moment, "placed")
    return There(request.who, _name(sent), "utc", request.start, request.end, "placed")


def _name(order: dict[str, Any]) -> str:
    return str(order["details"]["coffeetype"])


def _equal(sent: dict[str, Any], order: dict[str, Any]) -> bool:
    return {"orderdate": order["orderdate"], **sent, "status": order["status"]} == order


def _in_words(request: Request) -> str:
    what = _name(request.sent) if request.sent else request.to or ""
    answer = [f"{_name(order)} {order['status']}" for order in request.orders[:1]]
    clock = f"{request.start / _SECOND % 1000:.3f}-{request.end / _SECOND % 1000:.3f}"
    words = [clock, request.who, request.method, "/".join(request.key), what, "->"]
    return " ".join(filter(None, [*words, str(request.status), *answer, request.message]))
