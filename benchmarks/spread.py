"""Figures that were measured many times: the middle, and how far they lie apart."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """The median, and between which values half of all lie."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        """Write it as `152 (150 to 155)`, with as many digits as mean something."""
        digits = 0 if self.median >= 100 else 1 if self.median >= 10 else 2  # noqa: PLR2004
        low, median, high = (f"{value:,.{digits}f}" for value in self)
        return median if low == high else f"{median} ({low} to {high})"


def of(samples: Sequence[float]) -> Spread:
    """Return the spread of some figures."""
    return Spread(*statistics.quantiles(samples, n=4))


def ratio(ours: Sequence[float], others: Sequence[float]) -> Spread:
    """Return the spread of ours by others, round by round: what both suffered falls out."""
    return of([mine / theirs for mine, theirs in zip(ours, others, strict=True)])
