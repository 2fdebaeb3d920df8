"""Measures the programs in turns, so that a busy machine affects all of them equally."""

import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks import events
from benchmarks.packages import Packages
from benchmarks.process import Process
from benchmarks.programs import Program

Samples = dict[str, dict[str, list[float]]]  # by metric and program

_BATCH = 100


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

    def warm_requests(
        self, programs: Sequence[Program], requests: Mapping[str, Any], rounds: int
    ) -> Samples:
        """Return µs of CPU for one request, from batches."""
        samples: Samples = defaultdict(lambda: defaultdict(list))
        for name, event in requests.items():
            with contextlib.ExitStack() as stack:
                processes = {p: self.start(p, post=event["httpMethod"] == "POST") for p in programs}
                for process in processes.values():
                    stack.callback(process.close)
                    process.send(event, _BATCH)
                for _ in range(rounds):
                    for program, process in processes.items():
                        cpu = process.send(event, _BATCH).cpu
                        samples[name][program.name].append(cpu / _BATCH * 1e6)
        return samples

    def memory(self, count: int) -> Samples:
        """Return MB of memory after the first response, and after `count` more."""
        samples: Samples = {"memory after one": {}, "memory after many": {}}
        for program in self.packages.programs:
            with contextlib.closing(self.start(program)) as process:
                for memory, requested in zip(samples.values(), (1, count), strict=True):
                    resident = process.send(events.GET, requested).resident
                    memory[program.name] = [resident / 1024]
        return samples
