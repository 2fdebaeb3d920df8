"""Checks a history of requests and answers against the model of one order.

Orders with different keys are independent, so each key has its own history. A history is sound if
its requests can be put in a sequence, each between its start and its end, in which the model gives
every answer. A failed request may have been carried out or not, even late, if the table changed
then. An acknowledged request was carried out, so its effect is never lost.
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

_FAILS_WITHIN = 10  # seconds; an order may have to wait for its shop's menu first, as long again


def violations(history: Iterable[Request], writes: Collection[Write] | None = None) -> list[str]:
    """Return a line for each answer, and each key's history, that the model cannot explain.

    If answers of the table may have been lost, `writes` has all changes that the table made.
    """
    history = sorted(history, key=lambda request: request.start)
    found = [*_bad_answers(history), *_not_as_sent(history)]
    by_key: dict[Key, list[Request]] = defaultdict(list)
    for request in history:
        if request.method not in {"LIST", "QUEUE"}:
            by_key[request.key] += _tries(request, writes or ())
    model = partial(outcomes, faults=writes is not None)
    no_order: StoredOrder | None = None
    for key, requests in sorted(by_key.items()):
        if stuck := unexplained(requests, no_order, model):
            lines = "\n".join(f"    {request}" for request in stuck)
            found.append(f"{key}: no sequence explains\n{lines}")
    return found


def _tries(request: Request, writes: Iterable[Write]) -> Iterator[Request]:
    """Yield a request as it was answered, and as an earlier try of it may have been carried out."""
    if request.status not in FAILED:
        yield request
    # The second try of a POST may meet a stranger's order, which has followed that of the first.
    if request.status in {403, 409} | FAILED and request.method != "GET":
        done = [
            write.done
            for write in writes
            if write.key == request.key and request.start <= write.received <= request.end
        ]
        if done:
            yield replace(request, status=503, message="", done_by=max(done))


def _bad_answers(history: Sequence[Request]) -> Iterator[str]:
    for request in history:
        if request.status not in {200, 201, 403, 404, 409} | FAILED:
            yield f"not an answer of the contract: {request}"
        if request.status in FAILED and not (request.retry_after or "").isdigit():
            yield f"a failure without Retry-After: {request}"
        within = _FAILS_WITHIN * (2 if request.method == "POST" else 1)
        if request.status in FAILED and request.end - request.start > within * SECOND:
            yield f"a failure after {within} s: {request}"


def _not_as_sent(history: Sequence[Request]) -> Iterator[str]:
    """Find orders in answers that nobody sent, that changed, or that are in a wrong list."""
    sent: dict[tuple[Key, str], list[Request]] = defaultdict(list)
    for request in history:
        if request.sent is not None:
            sent[request.key, name(request.sent)].append(request)
    for request in history:
        for order in request.orders:
            key = (order["accountid"], order["vendorid"])
            posts = [post for post in sent[key, name(order)] if post.start < request.end]
            if not any(_equal(post.sent or {}, order) for post in posts):
                yield f"nobody sent {order}: {request}"
            elif request.method == "LIST" and request.who not in {post.who for post in posts}:
                yield f"a stranger's order in a customer's list, {order}: {request}"
            elif request.method == "QUEUE" and (
                request.key[1] != key[1] or order["status"] not in OPEN
            ):
                yield f"an order that does not belong in this queue, {order}: {request}"
            elif request.key[0] and request.key != key:
                yield f"an order of another key, {order}: {request}"


def _equal(sent: dict[str, Any], order: dict[str, Any]) -> bool:
    by_service = {field: order[field] for field in ("status", "since") if field in order}
    expected: dict[str, Any] = {"orderdate": order["orderdate"]} | sent | by_service
    return expected == order
