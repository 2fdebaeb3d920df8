"""A cold start: from the start of the interpreter to the first answer, and what it is made of."""

import re
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import events
from benchmarks.field import OURS, Program
from benchmarks.packages import Packages
from benchmarks.process import Process

_IMPORT = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| +(\S+)")

Samples = dict[str, list[float]]
Parts = dict[str, dict[str, float]]


def measure(
    field: Sequence[Program],
    packages: Packages,
    table_url: str,
    rounds: int,
    settings: Mapping[str, str] | None = None,
) -> Samples:
    """Return the whole CPU of each start, in ms; the programs take turns."""
    samples: Samples = {program.name: [] for program in field}
    for _ in range(rounds):
        for program in field:
            process = Process(program, packages, table_url, settings=settings)
            status = process.answer(events.GET).answer["statusCode"]
            samples[program.name].append(process.end() * 1000)
            assert status == program.answers["get"]  # noqa: S101
    return samples


def parts(
    field: Sequence[Program],
    packages: Packages,
    table_url: str,
    rounds: int,
    settings: Mapping[str, str] | None = None,
) -> Parts:
    """Return the medians, in ms, of what a start is made of."""
    seen: dict[str, list[tuple[float, ...]]] = {program.name: [] for program in field}
    for _ in range(rounds):
        for program in field:
            process = Process(program, packages, table_url, parts=True, settings=settings)
            loaded = process.loaded
            first = process.answer(events.GET)
            process.end()
            lazily = first.client - loaded["client"]  # made only when it is needed
            interpreter = loaded["interpreter"]
            imports = loaded["loaded"] - interpreter - loaded["client"]
            times = (interpreter, imports, first.client, first.cpu - lazily)
            seen[program.name].append(tuple(time * 1000 for time in times))
    names = ("interpreter", "imports", "client", "first request")
    return {
        program: dict(zip(names, map(statistics.median, zip(*times, strict=True)), strict=True))
        for program, times in seen.items()
    }


def modules(field: Sequence[Program], packages: Packages, table_url: str) -> dict[str, int]:
    """Return how many modules each program has in memory once it is loaded."""
    counts = {}
    for program in field:
        process = Process(program, packages, table_url)
        counts[program.name] = process.loaded["modules"]
        process.end()
    return counts


def slowest_imports(packages: Packages, table_url: str, count: int) -> list[tuple[str, float]]:
    """Return what takes the service longest to import, by `-X importtime`, in ms each alone."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        Process(OURS, packages, table_url, options=("-X", "importtime"), log=log).end()
        lines = _IMPORT.findall(log.read_text())
    alone = [(name, int(microseconds) / 1000) for microseconds, _, name in lines]
    return sorted(alone, key=lambda each: -each[1])[:count]
