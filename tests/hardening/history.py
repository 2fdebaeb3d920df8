"""Whether one order's life explains all that was heard of it.

The orders at different keys have nothing to do with each other, so each key has its own history.
It is sound if there is a sequence of the requests, each somewhere between its start and its end,
in which every answer is what an order that is placed, replaced and moved on by the rules would
have given. What failed may have been carried out or not, and late, if the table did change then;
what was acknowledged was, so it is never lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.hardening.fault_proxy import Write
from tests.hardening.linearizability import unexplained
from tests.hardening.one_order import OPEN, StoredOrder, outcomes
from tests.hardening.request import FAILED, SECOND, Key, Request, name

_FAILS_WITHIN = 10  # seconds


def violations(history: Iterable[Request], writes: Collection[Write] | None = None) -> list[str]:
    """Return what no order's life explains.

    Where answers may have been lost, `writes` has all changes that were made at the table.
    """
    history = sorted(history, key=lambda request: request.start)
    found = [*_bad_answers(history), *_not_as_sent(history)]
    by_key: dict[Key, list[Request]] = defaultdict(list)
    for request in history:
        if request.method not in {"LIST", "QUEUE"}:
            by_key[request.key] += _tries(request, writes or ())
    model = partial(outcomes, faults=writes is not None)
    nothing: StoredOrder | None = None
    for key, requests in sorted(by_key.items()):
        if stuck := unexplained(requests, nothing, model):
            lines = "\n".join(f"    {request}" for request in stuck)
            found.append(f"{key}: no life of an order explains\n{lines}")
    return found


def _tries(request: Request, writes: Iterable[Write]) -> Iterator[Request]:
    """Yield a request as it was answered, and as an earlier try of it may have been done."""
    if request.status not in FAILED:
        yield request
    if request.status in {409} | FAILED and request.method != "GET":
        while_it_ran = [
            write.done
            for write in writes
            if write.key == request.key and request.start <= write.received <= request.end
        ]
        if while_it_ran:
            yield replace(request, status=503, message="", done_by=max(while_it_ran))


def _bad_answers(history: Sequence[Request]) -> Iterator[str]:
    for request in history:
        if request.status not in {200, 201, 403, 404, 409} | FAILED:
            yield f"not an answer of the contract: {request}"
        if request.status in FAILED and not (request.retry_after or "").isdigit():
            yield f"a failure without Retry-After: {request}"
        if request.status in FAILED and request.end - request.start > _FAILS_WITHIN * SECOND:
            yield f"a failure after {_FAILS_WITHIN} s: {request}"


def _not_as_sent(history: Sequence[Request]) -> Iterator[str]:
    """Find orders that nobody had sent, or not so, or in a list that is not theirs."""
    sent: dict[tuple[Key, str], list[Request]] = defaultdict(list)
    for request in history:
        if request.sent is not None:
            sent[request.key, name(request.sent)].append(request)
    for request in history:
        for order in request.orders:
            key = (order["accountid"], order["vendorid"])
            by = [each for each in sent[key, name(order)] if each.start < request.end]
            if not any(_equal(each.sent or {}, order) for each in by):
                yield f"nobody sent {order}: {request}"
            elif request.method == "LIST" and request.who not in {each.who for each in by}:
                yield f"another's order in one's own list, {order}: {request}"
            elif request.method == "QUEUE" and (
                request.key[1] != key[1] or order["status"] not in OPEN
            ):
                yield f"an order that is not in this queue, {order}: {request}"
            elif request.key[0] and request.key != key:
                yield f"an order of another key, {order}: {request}"


def _equal(sent: dict[str, Any], order: dict[str, Any]) -> bool:
    return {"orderdate": order["orderdate"], **sent, "status": order["status"]} == order
