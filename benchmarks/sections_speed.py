"""Sections of RESULTS.md: the field's speed and size, program by program."""

from collections.abc import Mapping
from typing import Any

from benchmarks import spread
from benchmarks.field import FIELD, FLOOR, OURS, Program
from benchmarks.markdown import table


def cold(found: Mapping[str, Any]) -> str:
    """Tell what a cold start costs, and what it is made of."""
    parts = found["parts"]
    rows = [
        [
            program.label,
            str(spread.of(found["cold"][program.name])),
            *(f"{value:.0f}" for value in parts[program.name].values()),
            str(found["modules"][program.name]),
            str(spread.of(found["cold_https"][program.name])),
            str(spread.of(found["cold_there"][program.name])),
        ]
        for program in FIELD
    ]
    heads = ["ms of CPU", "start to first answer", *parts[OURS.name], "modules", "by HTTPS"]
    imports = [[f"`{name}`", f"{took:.1f}"] for name, took in found["imports"]]
    return "\n".join(
        [
            "## Cold start\n",
            table([*heads, "on the local cloud"], rows),
            "By HTTPS, as on AWS, the first request also reads the authorities that it trusts and"
            " makes a handshake: every program with the SDK pays the same for it.\n",
            "What takes ours longest to import, alone, by `-X importtime` (ms, which this option"
            " makes longer):\n",
            table(["module", "ms"], imports),
        ]
    )


def warm(found: Mapping[str, Any]) -> str:
    """Tell what a warm request costs."""
    kinds = {"get": "GET", "post": "POST", "invalid": "400", "stranger": "401"}

    def cell(samples: Mapping[str, Any], kind: str, program: Program) -> str:
        return str(spread.of(samples[kind][program.name])) if program.name in samples[kind] else "-"

    rows = [
        [
            program.label,
            *(cell(found["warm"], kind, program) for kind in kinds),
            *(cell(found["warm_there"], kind, program) for kind in ("get", "post")),
        ]
        for program in FIELD
    ]
    heads = ["µs of CPU", *kinds.values(), "GET, local cloud", "POST, local cloud"]
    note = (
        "A program without rules has no 400 of its own; in (c) and (d) it is 422. A 401 is the"
        " gateway's, before any function runs; ours has one of its own should that gate be missing."
        " Reading the event from JSON and writing the answer, as Lambda's runtime does, is in all"
        " of it.\n"
    )
    return "\n".join(["## A warm request\n", table(heads, rows), note])


def memory(found: Mapping[str, Any]) -> str:
    """Tell what a process keeps in memory."""
    rows = [
        [
            program.label,
            *(f"{found['memory'][program.name][when] / 1024:.1f}" for when in ("at rest", "after")),
        ]
        for program in FIELD
    ]
    return "\n".join(
        ["## Memory\n", table(["MB resident", "at rest", "after 10,000 requests"], rows)]
    )


def size_of_the_zip(found: Mapping[str, Any]) -> str:
    """Tell how large the zip is, and what boto3 would do to it."""
    rows = []
    for program in FIELD:
        size, row = found["zip"][program.name], [program.label]
        row.append(f"{size / 1e6:.3f}")
        if program is not FLOOR:
            row.append(f"{(size + found['zip_boto3']) / 1e6:.1f}")
        if program.name in found["cold_bundled"]:
            inside, outside = (
                found[f"cold_{way}"][program.name] for way in ("bundled", "unbundled")
            )
            row.append(str(spread.ratio(inside, outside)))
        rows.append([*row, "-", "-"][:4])
    heads = ["MB zipped", "as it ships", "with boto3 in it", "cold start with boto3 in it, times"]
    note = (
        "A zip has no bytecode, so what is in it is compiled at every cold start. That is why boto3"
        " stays Lambda's own.\n"
    )
    return "\n".join(["## The zip\n", table(heads, rows), note])
