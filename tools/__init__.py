"""The set-up, and generators of committed files: `openapi.json` and the SDK's data."""
