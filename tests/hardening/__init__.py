"""Tests of the promises in docs/security.md: short in `make test`, full in `make harden`."""
