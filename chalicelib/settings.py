"""What the stage tells the service, by environment variables."""

import os


def required(name: str) -> str:
    """Return an environment variable. Raises RuntimeError, naming it, where it is not set."""
    value = os.environ.get(name)
    if not value:
        raise RuntimeError(
            f"{name} is not set. `make deploy` records it for a stage in .chalice/config.json; "
            "for the local cloud, `make run` sets it."
        )
    return value
