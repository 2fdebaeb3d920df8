"""Tests of the promises in docs/security.md: short in `make test-slow`, full in `make harden`."""
