"""Hypothesis with the settings of this project: a slow machine fails no test.

Tests import `given` and the others from here. conftest.py does not import Hypothesis, which takes
half a second, because most files do not use it.
"""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

__all__ = ["example", "given", "settings", "st"]

settings.register_profile(
    "any machine",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")
