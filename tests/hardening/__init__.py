"""Promises of docs/security.md put to the test: briefly in make test, fully in make harden."""
