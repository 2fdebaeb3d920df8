"""A table with DynamoDB's keys and indexes, on SQLite's B-trees, that counts what it is asked.

MiniStack and moto look through all items for a Query on an index, so with them nobody could
tell the service's growth from theirs. Conditions and updates are evaluated by moto's parsers.

`python -m benchmarks.indexed_table PORT FILE`. Beside DynamoDB's operations it knows `Fill`,
which adds orders of the stock, and `Spent`, which tells what was asked since the last time.
"""

import json
import sqlite3
import sys
import threading
import time
from types import SimpleNamespace
from typing import Any

from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.parsing.executors import UpdateExpressionExecutor
from moto.dynamodb.parsing.expressions import (  # type: ignore[attr-defined]
    UpdateExpressionParser,
)
from moto.dynamodb.parsing.validators import UpdateExpressionValidator

from benchmarks import capacity, stock
from benchmarks.capacity import Attributes
from benchmarks.table_server import http, serve

KEY = ("accountid", "vendorid")
# As in deploy/resources.yaml; a test compares them.
INDEXES = {"by_customer": ("placed_by", "placed_at"), "by_shop": ("shop_queue", "placed_at")}
_COLUMNS = tuple(dict.fromkeys([*KEY, *(name for index in INDEXES.values() for name in index)]))
# All that moto's parser of updates asks of a table.
_KEYS = SimpleNamespace(table_key_attrs=list(KEY), attribute_keys=list(KEY), attr=[])
_REFUSED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException"


class IndexedTable:
    """The items, and a note of each request: operation, items read, units."""

    def __init__(self, file: str) -> None:
        self._lock = threading.Lock()
        self._asked: list[dict[str, Any]] = []
        self._cpu = time.process_time()
        self._sql = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._sql.execute("PRAGMA journal_mode = OFF")
        self._sql.execute("PRAGMA synchronous = OFF")
        columns = ", ".join(f"{name} TEXT" for name in _COLUMNS)
        self._sql.execute(f"CREATE TABLE orders ({columns}, item TEXT, PRIMARY KEY ({_(KEY)}))")
        for name, index in INDEXES.items():
            self._sql.execute(f"CREATE INDEX {name} ON orders ({_((*index, *KEY))})")

    def answer(self, operation: str, body: bytes) -> bytes:
        """Answer an operation of DynamoDB's, or one of this table's own."""
        request = json.loads(body or b"{}")
        if operation in {"", "Fill", "Spent"}:
            own = {"": dict, "Fill": lambda: self._fill(**request), "Spent": self._spent}
            return http(own[operation]())
        operations = {
            "GetItem": self._get_item,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "Query": self._query,
        }
        with self._lock:
            content, read, units = operations[operation](request)
        self._asked.append(
            {"operation": operation, "read": read, "units": units, "request": request}
        )
        return http(content, 400 if "__type" in content else 200)

    def _fill(self, first: int, last: int) -> dict[str, Any]:
        with self._lock:
            self._sql.execute("BEGIN")
            self._sql.executemany(_insert(), map(_row, stock.orders(first, last)))
            self._sql.execute("COMMIT")
        return {}

    def _spent(self) -> dict[str, Any]:
        before, self._cpu = self._cpu, time.process_time()
        asked, self._asked = self._asked, []
        return {"asked": asked, "cpu": self._cpu - before}

    def _find(self, key: Attributes) -> Attributes | None:
        found = self._sql.execute(
            "SELECT item FROM orders WHERE accountid = ? AND vendorid = ?",
            [key[name]["S"] for name in KEY],
        ).fetchone()
        return json.loads(found[0]) if found else None

    def _get_item(self, request: dict[str, Any]) -> tuple[dict[str, Any], int, float]:
        item = self._find(request["Key"])
        consistent = request.get("ConsistentRead", False)
        units = capacity.read([capacity.size(item)] if item else [], consistent=consistent)
        return ({"Item": item} if item else {}), 1, units

    def _put_item(self, request: dict[str, Any]) -> tuple[dict[str, Any], int, float]:
        before, after = self._find(request["Item"]), request["Item"]
        if not _holds(request, before, after):
            return _refusal(before), 1, capacity.write(before, before, ())
        self._sql.execute(_insert(), _row(after))
        answer = {"Attributes": before} if before and "ReturnValues" in request else {}
        return answer, 1, capacity.write(before, after, INDEXES.values())

    def _update_item(self, request: dict[str, Any]) -> tuple[dict[str, Any], int, float]:
        before = self._find(request["Key"])
        if not _holds(request, before, request["Key"]):
            return _refusal(before), 1, capacity.write(before, before, ())
        after = _updated(request, before or request["Key"])
        self._sql.execute(_insert(), _row(after))
        return {"Attributes": after}, 1, capacity.write(before, after, INDEXES.values())

    def _query(self, request: dict[str, Any]) -> tuple[dict[str, Any], int, float]:
        partition, sort = INDEXES[request["IndexName"]]
        values = request["ExpressionAttributeValues"]
        name, _, value = request["KeyConditionExpression"].partition(" = ")
        assert name == partition  # noqa: S101 - the only form that the service uses
        order, beyond = ("ASC", ">") if request.get("ScanIndexForward", True) else ("DESC", "<")
        places, parameters = "", [values[value]["S"]]
        if start := request.get("ExclusiveStartKey"):
            places = f" AND ({sort}, {_(KEY)}) {beyond} (?, ?, ?)"
            parameters += [start[each]["S"] for each in (sort, *KEY)]
        ordered = ", ".join(f"{each} {order}" for each in (sort, *KEY))
        rows = self._sql.execute(
            f"SELECT item FROM orders WHERE {partition} = ?{places} ORDER BY {ordered} LIMIT ?",  # noqa: S608
            [*parameters, request["Limit"]],
        ).fetchall()
        read = [json.loads(row[0]) for row in rows]
        shown = [item for item in read if _holds(request, item, item, "FilterExpression")]
        answer: dict[str, Any] = {"Items": shown, "Count": len(shown), "ScannedCount": len(read)}
        if len(read) == request["Limit"]:
            answer["LastEvaluatedKey"] = {n: read[-1][n] for n in (partition, sort, *KEY)}
        return answer, len(read), capacity.read(map(capacity.size, read), consistent=False)


def _(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _insert() -> str:
    return f"INSERT OR REPLACE INTO orders VALUES ({_(('?',) * (len(_COLUMNS) + 1))})"  # noqa: S608


def _row(item: Attributes) -> list[str | None]:
    columns = [item[name]["S"] if name in item else None for name in _COLUMNS]
    return [*columns, json.dumps(item, separators=(",", ":"))]


def _as_moto(item: Attributes, key: Attributes) -> Item:
    hash_key, range_key = (DynamoType(key[name]) for name in KEY)
    return Item(hash_key, range_key, item)


def _holds(
    request: dict[str, Any],
    item: Attributes | None,
    key: Attributes,
    expression: str = "ConditionExpression",
) -> bool:
    names, values = (request.get(f"ExpressionAttribute{kind}", {}) for kind in ("Names", "Values"))
    condition = get_filter_expression(request.get(expression), names, values)
    return bool(condition.expr(_as_moto(item or {}, key)))


def _updated(request: dict[str, Any], item: Attributes) -> Attributes:
    names, values = (request.get(f"ExpressionAttribute{kind}", {}) for kind in ("Names", "Values"))
    changed = _as_moto(item, request["Key"])
    update = UpdateExpressionValidator(
        UpdateExpressionParser.make(request["UpdateExpression"]),
        expression_attribute_names=names,
        expression_attribute_values=values,
        item=changed,
        table=_KEYS,  # type: ignore[arg-type]
    ).validate()
    UpdateExpressionExecutor(update, changed, names).execute()
    after: Attributes = changed.to_json()["Attributes"]
    return after


def _refusal(item: Attributes | None) -> dict[str, Any]:
    refusal: dict[str, Any] = {"__type": _REFUSED, "message": "The conditional request failed"}
    return refusal | ({"Item": item} if item else {})


if __name__ == "__main__":
    table = IndexedTable(sys.argv[2])
    serve(int(sys.argv[1]), table.answer)
