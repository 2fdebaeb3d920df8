"""A table that answers at once, with answers of DynamoDB's that were recorded.

`python -m benchmarks.recorded_table [--late] PORT [CERTIFICATE]`; late, it waits 30 ms before each.
"""

import sys
import time
from typing import Any

from benchmarks.events import ITEM
from benchmarks.table_server import http, serve

_ANSWERS: dict[str, Any] = {
    "": {},  # somebody asks whether it is up
    "GetItem": {"Item": ITEM},
    "PutItem": {},
    "UpdateItem": {"Attributes": ITEM},
    "Query": {"Items": [ITEM] * 20, "Count": 20, "ScannedCount": 20},
}
_RECORDED = {operation: http(content) for operation, content in _ANSWERS.items()}

LATE = 0.03  # seconds


def _at_once(operation: str, _: bytes) -> bytes:
    return _RECORDED[operation]


def _late(operation: str, _: bytes) -> bytes:
    time.sleep(LATE)
    return _RECORDED[operation]


if __name__ == "__main__":
    late = sys.argv[1] == "--late"
    port, *certificate = sys.argv[1 + late :]
    serve(int(port), _late if late else _at_once, *certificate)
