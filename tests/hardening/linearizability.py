"""Decides whether a history of concurrent operations is linearizable (Wing and Gong, 1993).

Each operation takes effect at one time between its start and its deadline. A history of operations
on one object is linearizable if a sequence of such times exists in which the object follows its
rules.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar


class Operation(Protocol):
    """An operation on the object, which may have failed."""

    @property
    def start(self) -> int:
        """Return the earliest time of its effect."""

    @property
    def deadline(self) -> int:
        """Return the latest time of its effect."""

    @property
    def may_fail(self) -> bool:
        """Return whether it may have had no effect."""

    @property
    def only_reads(self) -> bool:
        """Return whether it leaves the object unchanged."""


_O = TypeVar("_O", bound=Operation)
_S = TypeVar("_S", bound=Hashable)


class _Prefix(NamedTuple, Generic[_S]):
    """The beginning of a sequence: which operations it has, and the object after them."""

    complete: int  # it has all operations before this number
    mask: int  # one bit for each operation from that number on
    object: _S


def unexplained(
    operations: Sequence[_O], object_: _S, outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Sequence[_O]:
    """Return [] for a linearizable history, else the operations where every sequence fails.

    `operations` are sorted by start. `outcomes(operation, object)` returns the possible objects
    after an operation with the observed response; none if that response is wrong.
    """
    start = _Prefix(0, 0, object_)
    pending, visited, furthest = [start], {start}, 0
    while pending:
        prefix = pending.pop()
        if prefix.complete == len(operations):
            return []
        furthest = max(furthest, prefix.complete)
        for number, result in reversed([*_next(prefix, operations, outcomes)]):
            complete, mask = prefix.complete, prefix.mask | 1 << (number - prefix.complete)
            while mask & 1:
                complete, mask = complete + 1, mask >> 1
            longer = _Prefix(complete, mask, result)
            if longer not in visited:
                visited.add(longer)
                pending.append(longer)
    return operations[max(0, furthest - 8) : furthest + 8]


def _next(
    prefix: _Prefix[_S], operations: Sequence[_O], outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Iterator[tuple[int, _S]]:
    """Yield each operation that may come next in a sequence, and the object after it."""
    deadline, candidates = math.inf, []
    for number in range(prefix.complete, len(operations)):
        if operations[number].start > deadline:
            break
        if not prefix.mask >> (number - prefix.complete) & 1:
            deadline = min(deadline, operations[number].deadline)
            candidates.append(number)
    for number in candidates:  # a read that fits can always come first, as it changes nothing
        if operations[number].only_reads:
            for result in outcomes(operations[number], prefix.object):
                yield number, result
                return
    # The most likely first: failed operations had no effect, and the others are in order of start.
    candidates.sort(key=lambda number: operations[number].may_fail)
    for number in candidates:
        # A failed operation is dropped only at its deadline, as it may take effect until then.
        if operations[number].may_fail and operations[number].deadline == deadline:
            yield number, prefix.object
    for number in candidates:
        for result in outcomes(operations[number], prefix.object):
            yield number, result
