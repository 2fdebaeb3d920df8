"""Decides whether a history of concurrent requests is linearizable (Wing and Gong, 1993).

Each request takes effect at one time between its start and its deadline. A history of requests for
one order is linearizable if a sequence of such times exists in which the order follows its rules.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tests.hardening.one_order import Order
from tests.hardening.request import Request

_Outcomes = Callable[[Request, Order], Iterable[Order]]


class _Prefix(NamedTuple):
    """The beginning of a sequence: which requests it has, and the order after them."""

    complete: int  # it has all requests before this number
    mask: int  # one bit for each request from that number on
    order: Order


def unexplained(requests: Sequence[Request], outcomes: _Outcomes) -> Sequence[Request]:
    """Return [] for a linearizable history, else the requests where every sequence fails.

    `requests` are sorted by start; there is no order before. `outcomes(request, order)` returns the
    possible orders after a request with the recorded response; none if that response is wrong.
    """
    start = _Prefix(0, 0, None)
    pending, visited, furthest = [start], {start}, 0
    while pending:
        prefix = pending.pop()
        if prefix.complete == len(requests):
            return []
        furthest = max(furthest, prefix.complete)
        for number, order in reversed([*_next(prefix, requests, outcomes)]):
            complete, mask = prefix.complete, prefix.mask | 1 << (number - prefix.complete)
            while mask & 1:
                complete, mask = complete + 1, mask >> 1
            longer = _Prefix(complete, mask, order)
            if longer not in visited:
                visited.add(longer)
                pending.append(longer)
    return requests[max(0, furthest - 8) : furthest + 8]


def _next(
    prefix: _Prefix, requests: Sequence[Request], outcomes: _Outcomes
) -> Iterator[tuple[int, Order]]:
    """Yield each request that may come next in a sequence, and the order after it."""
    deadline, candidates = math.inf, []
    for number in range(prefix.complete, len(requests)):
        if requests[number].start > deadline:
            break
        if not prefix.mask >> (number - prefix.complete) & 1:
            deadline = min(deadline, requests[number].deadline)
            candidates.append(number)
    for number in candidates:  # a read that fits can always come first, as it changes nothing
        if requests[number].only_reads:
            for order in outcomes(requests[number], prefix.order):
                yield number, order
                return
    # The most likely first: failed requests had no effect, and the others are in order of start.
    candidates.sort(key=lambda number: requests[number].may_fail)
    for number in candidates:
        # A failed request is dropped only at its deadline, as it may take effect until then.
        if requests[number].may_fail and requests[number].deadline == deadline:
            yield number, prefix.order
    for number in candidates:
        for order in outcomes(requests[number], prefix.order):
            yield number, order
