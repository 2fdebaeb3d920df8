"""Benchmarks of the service and of other implementations. `make bench` runs them.

They are not part of the package, and only their tests import them.
"""
