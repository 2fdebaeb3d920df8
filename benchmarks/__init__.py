"""Benchmarks of the service and of other implementations, which `make bench` runs."""
