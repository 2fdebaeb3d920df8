"""Generators of files that are committed: `openapi.json` and the SDK's data."""
