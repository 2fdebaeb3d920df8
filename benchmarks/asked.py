"""What each API request asks of DynamoDB: which operations, how many units.

Counted by the indexed table while the service runs on it; then each operation is repeated on
the local cloud, whose own count of the units stands beside.
"""

from typing import Any, NamedTuple

import requests
from botocore.exceptions import ClientError

from benchmarks import events
from benchmarks.events import KEY, ORDER, event
from benchmarks.field import OURS
from benchmarks.packages import Packages
from benchmarks.process import Process, running


def _later(day: str) -> dict[str, Any]:
    order = {**ORDER, "orderdate": f"2026-03-{day} 08:30:00.123456"}
    return event("POST", "/order", body={"order": order})


_PATCH = {
    status: event("PATCH", "/order", query=KEY, body={"status": status})
    for status in ("preparing", "ready", "collected")
}
_ANOTHERS = event("POST", "/order", body={"order": ORDER}, sub="somebody else")
_STORY: tuple[tuple[str, dict[str, Any], int], ...] = (
    ("POST, a new order", events.POST, 201),
    ("POST, the same again", events.POST, 200),
    ("POST, a newer one in its place", _later("02"), 200),
    ("POST, over another's order", _ANOTHERS, 403),
    ("GET", events.GET, 200),
    ("GET, no such order", event("GET", "/order", query={**KEY, "vendorid": "v9"}), 404),
    ("GET, the customer's list", events.MINE, 200),
    ("GET, the shop's queue", events.QUEUE, 200),
    ("PATCH to preparing", _PATCH["preparing"], 200),
    ("PATCH, no step of its life", _PATCH["collected"], 409),
    ("PATCH to ready", _PATCH["ready"], 200),
    ("PATCH to collected", _PATCH["collected"], 200),
    ("POST, once it is collected", _later("03"), 200),
    ("DELETE", event("DELETE", "/order", query=KEY), 200),
    ("POST, refused by a rule", events.INVALID, 400),
    ("POST, signed by nobody", events.STRANGER, 401),
)


class Asked(NamedTuple):
    """What one API request asked for. `units_there` is the local cloud's count, if it has one."""

    request: str
    status: int
    operations: list[str]
    read: int
    units: float
    units_there: float | None


def spent(table_url: str) -> dict[str, Any]:
    """Return what the indexed table was asked since the last time, and its CPU."""
    answer = requests.post(table_url, headers={"X-Amz-Target": "Own.Spent"}, timeout=60)
    content: dict[str, Any] = answer.json()
    return content


def measure(packages: Packages, table_url: str, there: Any, table_there: str) -> list[Asked]:
    """Tell the story of an order to the service; `there` is a client of the local cloud."""
    process = Process(OURS, packages, table_url)
    found = []
    with running(process):
        spent(table_url)
        for name, request, status in _STORY:
            answered = process.answer(request).answer["statusCode"]
            if answered != status:
                raise RuntimeError(f"{name}: {answered} instead of {status}")
            asked = spent(table_url)["asked"]
            units = [_units_there(there, table_there, each) for each in asked]
            found.append(
                Asked(
                    name,
                    status,
                    [each["operation"] for each in asked],
                    sum(each["read"] for each in asked),
                    sum(each["units"] for each in asked),
                    None if None in units else sum(filter(None, units)),
                )
            )
    return found


def _units_there(client: Any, table: str, asked: dict[str, Any]) -> float | None:
    methods = {
        "GetItem": client.get_item,
        "PutItem": client.put_item,
        "UpdateItem": client.update_item,
        "Query": client.query,
    }
    request = {**asked["request"], "TableName": table, "ReturnConsumedCapacity": "TOTAL"}
    try:
        answer = methods[asked["operation"]](**request)
    except ClientError:  # a refused write; no answer says what it cost
        return None
    units: float = answer["ConsumedCapacity"]["CapacityUnits"]
    return units
