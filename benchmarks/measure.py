"""Measures the programs in turns, so that a busy machine affects all of them equally."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import requests

from benchmarks import events
from benchmarks.indexed_table import BUSY_COLLECTED, BUSY_OPEN, IndexedTable
from benchmarks.packages import Packages
from benchmarks.process import Process
from benchmarks.programs import COFFEE_ORDERS, Program
from benchmarks.table_server import table_server

Samples = dict[str, dict[str, list[float]]]  # by metric and program

_GROWTH_REQUESTS = {
    "POST": events.POST_NEW,
    "GET": events.GET,
    "a page of the customer's list": events.MY_ORDERS,
    "a page of the shop's queue": events.SHOP_QUEUE,
    f"a queue of {BUSY_OPEN} after {BUSY_COLLECTED:,} collected orders": events.BUSY_QUEUE,
}
_SHOP_REQUESTS = {
    "POST /order at a shop without a menu": events.POST,
    "POST /order at the price of the menu": events.POST_AT_MENU_PRICE,
    "GET /shop": events.GET_SHOP,
}
_BATCH = 5


class Bench(NamedTuple):
    """Measures packages that use the table at a URL."""

    packages: Packages
    table_url: str

    def start(self, program: Program, *, post: bool = False, bytecode: bool = True) -> Process:
        """Start a program with its handler for POST or GET."""
        handler = program.post_handler if post else program.get_handler
        package = self.packages.package_folder(program, bytecode=bytecode)
        return Process(package, self.packages.sdk, handler, self.table_url)

    def cold_starts(self, rounds: int, *, bytecode: bool = True) -> Samples:
        """Return ms of CPU from the interpreter's start to the first response, and of two parts."""
        samples: Samples = defaultdict(lambda: defaultdict(list))
        suffix = "" if bytecode else " without bytecode"
        for _ in range(rounds):
            for program in self.packages.programs:
                process = self.start(program, bytecode=bytecode)
                first = process.send(events.GET)
                parts = {"cold start": process.close(), "init": process.init}
                for part, cpu in (parts | {"first request": first.cpu}).items():
                    samples[part + suffix][program.name].append(cpu * 1e3)
        return samples

    def warm_requests(self, rounds: int, batch: int) -> Samples:
        """Return µs of CPU for one request, from batches."""
        samples: Samples = defaultdict(lambda: defaultdict(list))
        for name, event in {"GET": events.GET, "POST": events.POST}.items():
            with contextlib.ExitStack() as stack:
                processes = {p: self.start(p, post=name == "POST") for p in self.packages.programs}
                for process in processes.values():
                    stack.callback(process.close)
                    process.send(event, batch)
                for _ in range(rounds):
                    for program, process in processes.items():
                        cpu = process.send(event, batch).cpu
                        samples[name][program.name].append(cpu / batch * 1e6)
        return samples

    def shop_requests(self, rounds: int, batch: int) -> dict[str, list[float]]:
        """Return µs of CPU for one request of this service to a shop, from batches."""
        samples: dict[str, list[float]] = {name: [] for name in _SHOP_REQUESTS}
        with contextlib.closing(self.start(COFFEE_ORDERS)) as process:
            for _ in range(rounds + 1):
                for name, event in _SHOP_REQUESTS.items():
                    samples[name].append(process.send(event, batch).cpu / batch * 1e6)
        return {name: cpu[1:] for name, cpu in samples.items()}  # the first round warms up

    def memory(self, count: int) -> Samples:
        """Return MB of memory after the first response, and after `count` more."""
        samples: Samples = {"memory after one": {}, "memory after many": {}}
        for program in self.packages.programs:
            with contextlib.closing(self.start(program)) as process:
                for memory, requested in zip(samples.values(), (1, count), strict=True):
                    resident = process.send(events.GET, requested).resident
                    memory[program.name] = [resident / 1024]
        return samples


def growth(
    packages: Packages, certificate: Path, sizes: tuple[int, ...], rounds: int
) -> Iterator[dict[str, Any]]:
    """Measure the service on tables of several sizes; yield a row for each request and size."""
    with contextlib.ExitStack() as stack:
        benches: dict[int, Bench] = {}
        processes: dict[int, Process] = {}
        for size in sizes:
            table = IndexedTable(certificate.with_name(f"{size}.sqlite"), size)
            benches[size] = Bench(
                packages, stack.enter_context(table_server(table.handle, certificate))
            )
            processes[size] = benches[size].start(COFFEE_ORDERS)
            stack.callback(processes[size].close)
        for name, event in _GROWTH_REQUESTS.items():
            samples: dict[int, list[float]] = {size: [] for size in sizes}
            for size, process in processes.items():
                process.send(event, 10 * _BATCH)  # warm up
                _items(benches[size])
            for _ in range(rounds):
                for size, process in processes.items():
                    samples[size].append(process.send(event, _BATCH).cpu / _BATCH * 1e6)
            for size, cpu in samples.items():
                items = _items(benches[size]) / rounds / _BATCH
                yield {"request": name, "stored": size, "cpu": cpu, "items": items}


def _items(bench: Bench) -> int:
    """Return the number of items that the table has read or written since the last call."""
    headers: Mapping[str, str] = {"X-Amz-Target": "Own.Items"}
    verify = str(bench.packages.authorities)
    response = requests.post(bench.table_url, json={}, headers=headers, verify=verify, timeout=60)
    items: int = response.json()["Items"]
    return items
