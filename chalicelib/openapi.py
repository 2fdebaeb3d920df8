"""The OpenAPI document of the service, read when it is first asked for.

`openapi.json` beside this file is made from the routes and types by `make openapi`.
"""

from functools import cache
from pathlib import Path


@cache
def document() -> str:
    """Return the OpenAPI 3.1 document as JSON."""
    return Path(__file__).with_name("openapi.json").read_text("utf-8")
