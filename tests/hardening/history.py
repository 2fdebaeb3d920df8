"""Checks a history of requests and responses against the model of one order.

Orders with different keys are independent, so each key has its own history. A history is sound if
its requests can be put in a sequence, each between its start and its end, in which the model gives
every response. A failed request may have been executed or not, even late, if the table changed
then. An acknowledged request was executed, so its effect is never lost.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tests.hardening.fault_proxy import Write
from tests.hardening.linearizability import unexplained
from tests.hardening.one_order import OPEN, outcomes
from tests.hardening.request import REJECTED, SECOND, Key, Request, coffee

_LONGEST_FAILURE = 10  # seconds; twice that for a POST, which may first wait for the shop's menu


def violations(history: Iterable[Request], writes: Collection[Write] | None = None) -> list[str]:
    """Return a message for each response, and each key's history, that the model cannot explain.

    If responses of the table may have been lost, `writes` has all writes of the table.
    """
    history = sorted(history, key=lambda request: request.start)
    problems = [*_bad_responses(history), *_wrong_orders(history)]
    by_key: dict[Key, list[Request]] = defaultdict(list)
    for request in history:
        if request.method not in {"LIST", "QUEUE"}:
            by_key[request.key] += _attempts(request, writes or ())
    model = partial(outcomes, faults=writes is not None)
    for key, requests in sorted(by_key.items()):
        if unexplained_requests := unexplained(requests, model):
            lines = "\n".join(f"    {request}" for request in unexplained_requests)
            problems.append(f"{key}: no sequence explains\n{lines}")
    return problems


def _attempts(request: Request, writes: Iterable[Write]) -> Iterator[Request]:
    """Yield a request with its response, and a failed attempt of it that the table executed."""
    if not request.may_fail:
        yield request
    # The retry of a POST may find another customer's order, which followed the first attempt, or
    # its own, on which the shop has worked since.
    is_worked_on = bool(request.orders) and request.order["status"] != "placed"
    may_repeat = request.status in {403, 409, 412} or (request.method == "POST" and is_worked_on)
    if (request.may_fail or may_repeat) and request.method != "GET":
        spans = (write for write in writes if write.key == request.key)
        ends = [write.end for write in spans if request.start <= write.start <= request.end]
        if ends:
            yield replace(request, status=503, orders=(), message="", executed_by=max(ends))


def _bad_responses(history: Sequence[Request]) -> Iterator[str]:
    for request in history:
        if not request.may_fail:
            if request.status not in {200, 201, *REJECTED}:
                yield f"not a status of the contract: {request}"
            continue
        if not (request.retry_after or "").isdigit():
            yield f"a failure without Retry-After: {request}"
        limit = _LONGEST_FAILURE * (2 if request.method == "POST" else 1)
        if request.end - request.start > limit * SECOND:
            yield f"a failure after {limit} s: {request}"


def _wrong_orders(history: Sequence[Request]) -> Iterator[str]:
    """Find orders in responses that were not sent, that changed, or that are in a wrong list."""
    posts: dict[tuple[Key, str], list[Request]] = defaultdict(list)
    for request in history:
        if request.sent_order is not None:
            posts[request.key, coffee(request.sent_order)].append(request)
    for request in history:
        for order in request.orders:
            key = (order["accountid"], order["vendorid"])
            earlier = [post for post in posts[key, coffee(order)] if post.start < request.end]
            if not any(_equal(post.sent_order or {}, order) for post in earlier):
                belongs = False
            elif request.method == "LIST":
                belongs = request.user in {post.user for post in earlier}
            elif request.method == "QUEUE":
                belongs = request.key[1] == key[1] and order["status"] in OPEN
            else:
                belongs = request.key == key
            if not belongs:
                yield f"an order that nobody sent, or of somebody else, {order}: {request}"


def _equal(sent_order: dict[str, Any], order: dict[str, Any]) -> bool:
    added = {field: order[field] for field in ("status", "since", "version") if field in order}
    return {"orderdate": order["orderdate"]} | sent_order | added == order
