"""Decides whether a history of concurrent operations is linearizable (Wing and Gong, 1993).

Each operation takes effect at one time between its start and its end. A history of operations
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
    def until(self) -> int:
        """Return the latest time of its effect."""

    @property
    def may_fail(self) -> bool:
        """Return whether it may have had no effect."""

    @property
    def only_reads(self) -> bool:
        """Return whether it leaves the object unchanged."""


_O = TypeVar("_O", bound=Operation)
_S = TypeVar("_S", bound=Hashable)


class _Step(NamedTuple, Generic[_S]):
    """A sequence under construction: which operations it has, and the object after them."""

    first: int  # it has all operations before this one
    after: int  # one bit for each operation from `first` on
    object: _S


def unexplained(
    operations: Sequence[_O], object_: _S, outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Sequence[_O]:
    """Return [] for a linearizable history, else the operations where every sequence fails.

    `operations` are sorted by start. `outcomes(operation, object)` returns the possible objects
    after an operation with the observed response; none if that response is wrong.
    """
    start = _Step(0, 0, object_)
    pending, seen, furthest = [start], {start}, 0
    while pending:
        step = pending.pop()
        if step.first == len(operations):
            return []
        furthest = max(furthest, step.first)
        for number, result in reversed([*_next(step, operations, outcomes)]):
            first, after = step.first, step.after | 1 << (number - step.first)
            while after & 1:
                first, after = first + 1, after >> 1
            next_step = _Step(first, after, result)
            if next_step not in seen:
                seen.add(next_step)
                pending.append(next_step)
    return operations[max(0, furthest - 8) : furthest + 8]


def _next(
    step: _Step[_S], operations: Sequence[_O], outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Iterator[tuple[int, _S]]:
    """Yield each operation that may come next in a sequence, and the object after it."""
    deadline, number, possible = math.inf, step.first, []
    while number < len(operations) and operations[number].start <= deadline:
        if not step.after >> (number - step.first) & 1:
            deadline = min(deadline, operations[number].until)
            possible.append(number)
        number += 1
    for number in possible:  # a read that fits can always come first, as it changes nothing
        if operations[number].only_reads:
            for result in outcomes(operations[number], step.object):
                yield number, result
                return
    # The most likely first: failed operations had no effect, and the others are in order of start.
    possible.sort(key=lambda number: operations[number].may_fail)
    for number in possible:
        # A failed operation is dropped only at its deadline, as it may take effect until then.
        if operations[number].may_fail and operations[number].until == deadline:
            yield number, step.object
    for number in possible:
        for result in outcomes(operations[number], step.object):
            yield number, result
