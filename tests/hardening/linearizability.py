"""Is there a sequence that explains what many saw at once? After Wing and Gong (1993).

Each operation took effect at one moment between its start and its end. A history of operations
on one object is sound if they can be put in a sequence, each at such a moment, in which the
object, from one to the next, behaves by its rules.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar


class Operation(Protocol):
    """What somebody did to the object, or tried."""

    @property
    def start(self) -> int:
        """Before this it had no effect."""

    @property
    def until(self) -> int:
        """After this it has none."""

    @property
    def may_fail(self) -> bool:
        """Whether it may have had none at all."""

    @property
    def only_reads(self) -> bool:
        """Whether it leaves the object as it was."""


_O = TypeVar("_O", bound=Operation)
_S = TypeVar("_S", bound=Hashable)


class _Step(NamedTuple, Generic[_S]):
    """How far a sequence is: so many from the start, these after them, and the object then."""

    first: int
    after: int  # a bit for each operation from `first` on
    object: _S


def unexplained(
    operations: Sequence[_O], object_: _S, outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Sequence[_O]:
    """Return [], or the operations among which every attempt at a sequence ends.

    They are sorted by their start. `outcomes` says what may become of the object by an operation
    that went as it did; nothing, if it can't have gone so.
    """
    start = _Step(0, 0, object_)
    ahead, seen, farthest = [start], {start}, 0
    while ahead:
        step = ahead.pop()
        if step.first == len(operations):
            return []
        farthest = max(farthest, step.first)
        for number, then in reversed([*_next(step, operations, outcomes)]):
            first, after = step.first, step.after | 1 << (number - step.first)
            while after & 1:
                first, after = first + 1, after >> 1
            further = _Step(first, after, then)
            if further not in seen:
                seen.add(further)
                ahead.append(further)
    return operations[max(0, farthest - 8) : farthest + 8]


def _next(
    step: _Step[_S], operations: Sequence[_O], outcomes: Callable[[_O, _S], Iterable[_S]]
) -> Iterator[tuple[int, _S]]:
    """Yield which operations may come next in a sequence, and the object after each."""
    soonest, number, possible = math.inf, step.first, []
    while number < len(operations) and operations[number].start <= soonest:
        if not step.after >> (number - step.first) & 1:
            soonest = min(soonest, operations[number].until)
            possible.append(number)
        number += 1
    for number in possible:  # what only reads is as well done now as later
        if operations[number].only_reads:
            for then in outcomes(operations[number], step.object):
                yield number, then
                return
    # The likeliest first: that what failed was not carried out, and the rest as it began.
    possible.sort(key=lambda number: operations[number].may_fail)
    for number in possible:
        if operations[number].may_fail and operations[number].until == soonest:  # now or never
            yield number, step.object
    for number in possible:
        for then in outcomes(operations[number], step.object):
            yield number, then
