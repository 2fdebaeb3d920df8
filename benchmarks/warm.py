"""A warm process: the CPU of one request, and its memory before and after ten thousand."""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import events
from benchmarks.field import Program
from benchmarks.packages import Packages
from benchmarks.process import Process, running

Samples = dict[str, dict[str, list[float]]]

REQUESTS: dict[str, dict[str, Any]] = {
    "get": events.GET,
    "post": events.POST,
    "invalid": events.INVALID,
    "stranger": events.STRANGER,
}


def measure(  # noqa: PLR0913, PLR0917
    field: Sequence[Program],
    packages: Packages,
    table_url: str,
    rounds: int,
    batch: int,
    requests: Mapping[str, Mapping[str, Any]] = REQUESTS,
    settings: Mapping[str, str] | None = None,
) -> Samples:
    """Return the CPU of one request of each kind, in µs, from batches; the programs take turns."""
    samples: Samples = {}
    for kind, event in requests.items():
        able = [program for program in field if kind in program.answers]
        started = [
            Process(
                program,
                packages,
                table_url,
                handler=program.get_handler if kind == "get" else program.post_handler,
                settings=settings,
            )
            for program in able
        ]
        samples[kind] = {program.name: [] for program in able}
        with running(*started):
            for process in started:
                process.answer(event, batch)
            for _ in range(rounds):
                for program, process in zip(able, started, strict=True):
                    done = process.answer(event, batch)
                    status = done.answer["statusCode"]
                    # A real table knows that an order is replaced; a recorded one does not.
                    assert status in {program.answers[kind], 200}, done.answer  # noqa: S101
                    samples[kind][program.name].append(done.cpu / batch * 1e6)
    return samples


def memory(
    field: Sequence[Program], packages: Packages, table_url: str, count: int
) -> dict[str, dict[str, int]]:
    """Return what is resident after the first answer and after `count` more, in KiB."""
    found = {}
    with contextlib.ExitStack() as stack:
        for program in field:
            process = Process(program, packages, table_url)
            stack.enter_context(running(process))
            process.answer(events.GET)
            at_rest = process.memory()["resident"]
            process.answer(events.GET, count)
            found[program.name] = {"at rest": at_rest, "after": process.memory()["resident"]}
    return found
