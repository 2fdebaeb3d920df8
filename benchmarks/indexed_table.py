"""A table with DynamoDB's keys and indexes in SQLite.

MiniStack and moto read all items for a Query on an index, so they cannot be used to measure growth.
This table does not evaluate conditions: every stored order is new.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.events import ITEM, SUB

KEY = ("accountid", "vendorid")
# The same as in deploy/resources.yaml; a test compares them.
INDEXES = {"by_customer": ("placed_by", "placed_at"), "by_shop": ("shop_queue", "placed_at")}
BUSY_OPEN, BUSY_COLLECTED = 10, 10_000
_COLUMNS = (*KEY, "placed_by", "shop_queue", "placed_at")
_INSERT = "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?, ?)"


class IndexedTable:
    """A table in an SQLite file. It counts the items that it reads or writes."""

    def __init__(self, file: Path, stored: int) -> None:
        """Store orders: a tenth of one customer, and a tenth for the shop `v0`.

        The shop `busy` has a few open orders and many collected ones.
        """
        self._lock = threading.Lock()
        self._items = 0
        self._sql = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._sql.execute(f"CREATE TABLE orders ({', '.join(_COLUMNS)}, item, PRIMARY KEY {KEY})")
        for name, columns in INDEXES.items():
            self._sql.execute(f"CREATE INDEX {name} ON orders ({', '.join((*columns, *KEY))})")
        self._sql.execute("BEGIN")
        self._sql.executemany(_INSERT, map(_row, _orders(stored)))
        self._sql.execute("COMMIT")

    def handle(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Handle a request. `Items` returns the number of items since the last `Items`."""
        with self._lock:
            if operation == "GetItem":
                query = "SELECT item FROM orders WHERE accountid = ? AND vendorid = ?"
                (item,) = self._select(query, [request["Key"][name]["S"] for name in KEY])
                return {"Item": item}
            if operation == "PutItem":
                self._sql.execute(_INSERT, _row(request["Item"]))
                self._items += 1
                return {}
            if operation == "Query":
                return self._query(request)
            items, self._items = self._items, 0
            return {"Items": items}

    def _query(self, request: dict[str, Any]) -> dict[str, Any]:
        partition, sort = INDEXES[request["IndexName"]]
        (value,) = request["ExpressionAttributeValues"].values()
        order = "ASC" if request.get("ScanIndexForward", True) else "DESC"
        ordered = ", ".join(f"{name} {order}" for name in (sort, *KEY))
        query = f"SELECT item FROM orders WHERE {partition} = ? ORDER BY {ordered} LIMIT ?"  # noqa: S608
        items = self._select(query, [value["S"], request["Limit"]])
        response: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        if len(items) == request["Limit"]:
            response["LastEvaluatedKey"] = {
                name: items[-1][name] for name in (partition, sort, *KEY)
            }
        return response

    def _select(self, query: str, values: list[Any]) -> list[dict[str, Any]]:
        items = [json.loads(item) for (item,) in self._sql.execute(query, values)]
        self._items += len(items)
        return items


def _row(item: dict[str, Any]) -> list[str]:
    return [*(item[name]["S"] for name in _COLUMNS), json.dumps(item, separators=(",", ":"))]


def _orders(stored: int) -> Iterator[dict[str, Any]]:
    yield ITEM
    for number in range(-BUSY_OPEN - BUSY_COLLECTED, 0):
        queue = "open:busy" if number >= -BUSY_OPEN else "collected:busy"
        yield _order(number, "busy", queue, f"customer{number}")
    for number in range(stored):
        vendorid = "v0" if number % 10 == 0 else f"shop{number // 1000}"
        placed_by = SUB if number % 10 == 1 else f"customer{number // 100}"
        yield _order(number, vendorid, f"open:{vendorid}", placed_by)


def _order(number: int, vendorid: str, shop_queue: str, placed_by: str) -> dict[str, Any]:
    placed_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    attributes = {
        "accountid": f"account{number}",
        "vendorid": vendorid,
        "placed_by": placed_by,
        "placed_at": placed_at.isoformat(timespec="microseconds"),
        "shop_queue": shop_queue,
    }
    return ITEM | {name: {"S": value} for name, value in attributes.items()}
