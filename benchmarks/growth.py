"""Growth: what a request costs as orders pile up, and as bodies get longer."""

import json
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import requests

from benchmarks import events, stock
from benchmarks.asked import spent
from benchmarks.field import OURS
from benchmarks.packages import Packages
from benchmarks.process import Process, running

_KINDS = {
    "POST": events.NEW,
    "GET": events.GET,
    "a page of the customer's list": events.MINE,
    "a page of the shop's queue": events.QUEUE,
    f"a queue of {stock.OPEN} behind {stock.COLLECTED:,} collected": events.BUSY_QUEUE,
}
_BATCH = 5


class Grown(NamedTuple):
    """What one request costs with so many orders stored."""

    stored: int
    request: str
    cpu: list[float]  # the service's own, in µs
    operations: float  # DynamoDB requests
    read: float  # items that DynamoDB reads for it
    units: float
    table_cpu: float  # the table's own, in µs; on the local cloud, the whole answer's time


def on_indexed_tables(packages: Packages, tables: Mapping[int, str], rounds: int) -> list[Grown]:
    """Measure on tables that have real indexes, each filled up to its size; they take turns."""
    started = {size: Process(OURS, packages, url) for size, url in tables.items()}
    found = []
    with running(*started.values()):
        for size, url in tables.items():
            _fill(url, -stock.OPEN - stock.COLLECTED, size)
            started[size].answer(events.POST)  # so that there is something to get
        for kind, event in _KINDS.items():
            cpu: dict[int, list[float]] = {size: [] for size in tables}
            for size, process in started.items():
                process.answer(event, _BATCH)
                spent(tables[size])
            for _ in range(rounds):
                for size, process in started.items():
                    cpu[size].append(process.answer(event, _BATCH).cpu / _BATCH * 1e6)
            found += [_grown(size, kind, cpu[size], spent(url)) for size, url in tables.items()]
    return found


def on_the_local_cloud(  # noqa: PLR0913, PLR0917
    packages: Packages,
    url: str,
    settings: dict[str, str],
    client: Any,
    sizes: Sequence[int],
    rounds: int,
) -> list[Grown]:
    """Measure on MiniStack, which looks through all items for a list."""
    found = []
    process = Process(OURS, packages, url, settings=settings)
    with running(process):
        process.answer(events.POST)
        there = 0
        for size in sizes:
            _write(client, settings["ORDERS_TABLE"], there, size)
            there = size
            for kind, event in [*_KINDS.items()][:-1]:
                process.answer(event, _BATCH)
                cpu, took = [], []
                for _ in range(rounds):
                    started = time.perf_counter()
                    cpu.append(process.answer(event).cpu * 1e6)
                    took.append((time.perf_counter() - started) * 1e6)
                found.append(Grown(size, kind, cpu, 1, 0, 0, statistics.median(took)))
    return found


def by_wait(packages: Packages, at_once: str, late: str, rounds: int) -> dict[str, list[float]]:
    """Measure the CPU of one page, in µs, whose answer comes at once, and 30 ms late."""
    found: dict[str, list[float]] = {"at once": [], "late": []}
    started = [Process(OURS, packages, url) for url in (at_once, late)]
    with running(*started):
        for process in started:
            process.answer(events.MINE, _BATCH)
        for _ in range(rounds):
            for samples, process in zip(found.values(), started, strict=True):
                samples.append(process.answer(events.MINE).cpu * 1e6)
    return found


def by_body(packages: Packages, table_url: str, rounds: int) -> list[dict[str, Any]]:
    """Measure how long a body of each size keeps the service busy, taken and refused."""
    found = []
    process = Process(OURS, packages, table_url)
    with running(process):
        for kind, text in _bodies():
            event = {**events.POST, "body": text}
            done = process.answer(event, _BATCH)
            cpu = [process.answer(event, _BATCH).cpu / _BATCH * 1e6 for _ in range(rounds)]
            found.append(
                {
                    "body": kind,
                    "bytes": len(text),
                    "status": done.answer["statusCode"],
                    "cpu": cpu,
                }
            )
    return found


def _bodies() -> Iterator[tuple[str, str]]:
    yield "an order", json.dumps({"order": events.ORDER})
    for size in (1_000, 4_000, 16_000, 64_000, 1_000_000):
        details = {**events.ORDER["details"], "coffeetype": "x" * (size - 250)}
        yield "one long text", json.dumps({"order": {**events.ORDER, "details": details}})
    for size in (1_000, 16_000):
        yield "nested", "[" * (size // 2) + "]" * (size // 2)
        yield "many fields", json.dumps({f"field{number}": 0 for number in range(size // 14)})


def _grown(stored: int, kind: str, cpu: list[float], told: dict[str, Any]) -> Grown:
    asked = told["asked"]
    count = len(cpu) * _BATCH
    return Grown(
        stored,
        kind,
        cpu,
        len(asked) / count,
        sum(each["read"] for each in asked) / count,
        sum(each["units"] for each in asked) / count,
        told["cpu"] / count * 1e6,
    )


def _fill(table_url: str, first: int, last: int) -> None:
    headers = {"X-Amz-Target": "Own.Fill"}
    requests.post(table_url, json={"first": first, "last": last}, headers=headers, timeout=600)


def _write(client: Any, table: str, first: int, last: int) -> None:
    puts = [{"PutRequest": {"Item": item}} for item in stock.orders(first, last)]
    for start in range(0, len(puts), 25):  # as many as DynamoDB takes at once
        client.batch_write_item(RequestItems={table: puts[start : start + 25]})
