"""The stored items and the ratios of the benchmarks."""

import pytest

from benchmarks.report import ratio


def test_ratio_is_taken_for_each_round() -> None:
    assert ratio([1, 10, 2], [2, 20, 4]) == pytest.approx(0.5)
