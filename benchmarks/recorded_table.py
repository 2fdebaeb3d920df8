"""A table that answers at once, with answers of DynamoDB's that were recorded.

`python -m benchmarks.recorded_table PORT [CERTIFICATE]`
"""

import sys
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

if __name__ == "__main__":
    serve(int(sys.argv[1]), lambda operation, _: _RECORDED[operation], *sys.argv[2:])
