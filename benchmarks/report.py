"""Writes what was measured: RESULTS.md with its plots, and results.json with every figure."""

import json
import statistics
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import chart, lambda_sizes, spread
from benchmarks.field import BARE, FASTAPI, FIELD, FLOOR, OURS, POWERTOOLS, Program
from benchmarks.growth import Grown

_SDK = [program for program in FIELD if program is not FLOOR]
_AIMS: dict[str, dict[str, float]] = {
    "cold": {BARE.name: 1.0, POWERTOOLS.name: 0.7, FASTAPI.name: 0.55},
    "get": {BARE.name: 1.0, POWERTOOLS.name: 0.85, FASTAPI.name: 0.5},
    "post": {BARE.name: 1.0, POWERTOOLS.name: 0.85, FASTAPI.name: 0.5},
    "memory": {BARE.name: 1.05},
}
_ZIP_AIM = 1.5e6

_HEAD = """# What it costs, beside every other way to do it

Written by `make bench` in one run, with every single figure in [results.json](results.json).
CPU is that of the whole process, user and system, not time on a clock: a busy machine makes it
a little larger, but what takes turns suffers alike. Ratios are taken round by round. Each
figure is a median, with the range of the middle half.

{machine}

Every program answers the same two events with the same stored order, from its deployment
package as Lambda unzips it, without bytecode; boto3 lies outside with bytecode, as in Lambda's
runtime. Each is written as its own users would write it: [variants/](variants). Ours has
validation, logs, metrics and ownership on; (a) and (b) have none of these, (c) and (d) validate,
(c) logs. The table is another process, which answers at once.
"""


def write(found: dict[str, Any], folder: Path) -> None:
    """Write everything into a folder."""
    text = "\n".join(
        part(found)
        for part in (_head, _ratios, _cold, _warm, _memory, _zip, _asked, _growth, _gave, _sizes)
    )
    (folder / "RESULTS.md").write_text(text)
    (folder / "results.json").write_text(json.dumps(found, indent=1) + "\n")
    (folder / "field.svg").write_text(_field_chart(found))
    (folder / "growth.svg").write_text(_growth_chart(found))


def _head(found: Mapping[str, Any]) -> str:
    machine = found["machine"]
    told = (
        f"{machine['when']}: {machine['cpu']}, Python {machine['python']}, boto3 "
        f"{machine['boto3']}. Cores and clocks differ, so compare ratios."
    )
    if machine["rounds"] == "QUICK":
        told += " **A quick run: too few rounds to go by.**"
    return _HEAD.format(machine=told)


def _ratios(found: Mapping[str, Any]) -> str:
    figures: dict[str, tuple[str, Mapping[str, list[float]]]] = {
        "cold": ("cold start", found["cold"]),
        "get": ("a warm GET", found["warm"]["get"]),
        "post": ("a warm POST", found["warm"]["post"]),
        "memory": (
            "memory, after 10,000 requests",
            {name: [float(each["after"])] * 2 for name, each in found["memory"].items()},
        ),
    }
    rows = []
    for name, (what, samples) in figures.items():
        cells = []
        for other in FIELD[1:]:
            ratio = spread.ratio(samples[OURS.name], samples[other.name])
            aim = _AIMS[name].get(other.name)
            cell = f"**{ratio.median:.2f}**"
            if aim is not None:
                cell += f" {'≤' if ratio.median <= aim else 'not ≤'} {aim:.2f}"
            cells.append(cell)
        rows.append([what, *cells])
    size = found["zip"][OURS.name]
    aims = (
        f"The zip has {size / 1e6:.2f} MB (aim: {_ZIP_AIM / 1e6:.1f}), and each API request makes"
        " at most one DynamoDB request. Where there is an aim it stands beside the ratio."
    )
    labels = [program.label for program in FIELD[1:]]
    return "\n".join(
        [
            "## Ratios: ours by theirs\n",
            _table(["", *labels], rows),
            aims,
            "\n![Cold start, warm requests and memory](field.svg)\n",
        ]
    )


def _cold(found: Mapping[str, Any]) -> str:
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
            _table([*heads, "on the local cloud"], rows),
            "By HTTPS, as on AWS, the first request also reads the authorities that it trusts and"
            " makes a handshake: every program with the SDK pays the same for it.\n",
            "What takes ours longest to import, alone, by `-X importtime` (ms, which this option"
            " makes longer):\n",
            _table(["module", "ms"], imports),
        ]
    )


def _warm(found: Mapping[str, Any]) -> str:
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
    return "\n".join(["## A warm request\n", _table(heads, rows), note])


def _memory(found: Mapping[str, Any]) -> str:
    rows = [
        [
            program.label,
            *(f"{found['memory'][program.name][when] / 1024:.1f}" for when in ("at rest", "after")),
        ]
        for program in FIELD
    ]
    return "\n".join(
        ["## Memory\n", _table(["MB resident", "at rest", "after 10,000 requests"], rows)]
    )


def _zip(found: Mapping[str, Any]) -> str:
    rows = []
    for program in FIELD:
        size, row = found["zip"][program.name], [program.label]
        row.append(f"{size / 1e6:.3f}")
        if program in _SDK:
            times = spread.ratio(
                found["cold_bundled"][program.name],
                found["cold"][program.name][: len(found["cold_bundled"][program.name])],
            )
            row += [f"{(size + found['zip_boto3']) / 1e6:.1f}", f"{times.median:.2f}"]
        rows.append([*row, "-", "-"][:4])
    heads = ["MB zipped", "as it ships", "with boto3 in it", "cold start with boto3 in it, times"]
    note = (
        "A zip has no bytecode, so what is in it is compiled at every cold start. That is why boto3"
        " stays Lambda's own.\n"
    )
    return "\n".join(["## The zip\n", _table(heads, rows), note])


def _asked(found: Mapping[str, Any]) -> str:
    rows = [
        [
            each["request"],
            str(each["status"]),
            ", ".join(each["operations"]) or "none",
            f"{each['units']:g}",
            "-"
            if each["units_there"] is None or not each["operations"]
            else f"{each['units_there']:g}",
        ]
        for each in found["asked"]
    ]
    heads = ["request", "answer", "DynamoDB requests", "units", "units, as MiniStack counts"]
    note = (
        "Units by the rules of DynamoDB's developer guide, indexes included: of writing for a"
        " write, of reading for a read. What a refused write costs, MiniStack does not tell.\n"
    )
    return "\n".join(["## What a request asks of DynamoDB\n", _table(heads, rows), note])


def _growth(found: Mapping[str, Any]) -> str:
    grown = [Grown(**each) for each in found["growth"]]
    rows = [
        [
            each.request,
            f"{each.stored:,}",
            str(spread.of(each.cpu)),
            f"{each.operations:g}",
            f"{each.read:g}",
            f"{each.units:g}",
            f"{each.table_cpu:,.0f}",
        ]
        for each in grown
    ]
    there = [
        [
            each.request,
            f"{each.stored:,}",
            str(spread.of(each.cpu)),
            f"{each.table_cpu / 1000:,.1f}",
        ]
        for each in (Grown(**each) for each in found["growth_there"])
    ]
    bodies = [
        [each["body"], f"{each['bytes']:,}", str(each["status"]), str(spread.of(each["cpu"]))]
        for each in found["bodies"]
    ]
    return "\n".join(
        [
            "## Growth\n",
            "A tenth of all orders are in the customer's list, a tenth in the shop's queue. The"
            " table has DynamoDB's keys and indexes on SQLite's B-trees"
            " ([indexed_table.py](indexed_table.py)); its own CPU stands beside the service's.\n",
            _table(
                ["request", "stored", "µs of CPU", "requests", "items read", "units", "table's µs"],
                rows,
            ),
            "![CPU of a request by orders stored](growth.svg)\n",
            "MiniStack looks through all items for a list, so on the local cloud an answer takes"
            " longer with every order stored; the service's own CPU does not grow there either:\n",
            _table(["on the local cloud", "stored", "µs of CPU", "ms until the answer"], there),
            "A body is refused or taken in a time that its length bounds; above 16 KiB nobody reads"
            " it (the event around it is read by Lambda's runtime, which is most of what the"
            " longest cost):\n",
            _table(["body", "bytes", "answer", "µs of CPU"], bodies),
        ]
    )


def _gave(found: Mapping[str, Any]) -> str:
    cold, warm, memory = (found[f"changes_{name}"] for name in ("cold", "warm", "memory"))

    def saved(samples: Mapping[str, list[float]], name: str) -> str:
        here, there = samples[OURS.name], samples[name]
        gain = spread.of([theirs - mine for mine, theirs in zip(here, there, strict=True)])
        return f"{gain.median:,.0f} ({(1 - spread.ratio(here, there).median):.0%})"

    rows = []
    for name, what in found["changes"]:
        program = f"ours without {name}"
        megabytes = (memory[program]["at rest"] - memory[OURS.name]["at rest"]) / 1024
        kinds = [saved(warm[kind], program) for kind in ("get", "post", "list")]
        rows.append([what, saved(cold, program), *kinds, f"{megabytes:.1f}"])
    heads = ["change", "cold, ms", "GET, µs", "POST, µs", "a page of 20, µs", "memory, MB"]
    return "\n".join(
        [
            "## What each change gave\n",
            "Each is taken back alone in a copy of the package ([changes.py](changes.py)), so that"
            " what it saves is measured in the same rounds; the last row has them all.\n",
            _table(heads, rows),
        ]
    )


def _sizes(found: Mapping[str, Any]) -> str:
    parts = found["parts_https"][OURS.name]
    first = parts["first request"]
    load = sum(parts.values()) - first
    usual = statistics.median(found["warm"]["get"][OURS.name]) / 1000
    rows = [
        [
            f"{size.memory}",
            f"{size.load:.0f}",
            f"{size.first:.0f}",
            f"{size.load + size.first:.0f}",
            f"{size.warm:.1f}",
            f"{size.million:.3f}",
            f"{size.million_cold:.2f}",
        ]
        for size in lambda_sizes.reckon(load, first, usual)
    ]
    heads = ["MB", "load, ms", "first request, ms", "cold, ms", "warm, ms", "$ a million warm"]
    return "\n".join(
        [
            "## What a Lambda function of each size makes of it\n",
            f"Reckoned, not measured: {load:.0f} ms of CPU to load, {first:.1f} for the first"
            f" request (HTTPS), {usual:.2f} for a warm one, on a share of one core that grows with"
            " memory up to 1769 MB; loading has a whole core at every size. DynamoDB takes"
            f" {lambda_sizes.DYNAMODB:g} ms. Prices: arm64, us-east-1. Lambda's own start of the"
            " sandbox is not in it.\n",
            _table([*heads, "$ a million cold"], rows),
        ]
    )


def _field_chart(found: Mapping[str, Any]) -> str:
    def panel(title: str, samples: Callable[[Program], Iterable[float]]) -> chart.Panel:
        return chart.Panel(title, {each.label: spread.of([*samples(each)]) for each in FIELD})

    return chart.bars(
        [
            panel("Cold start to first answer, ms of CPU", lambda each: found["cold"][each.name]),
            panel("A warm GET, µs of CPU", lambda each: found["warm"]["get"][each.name]),
            panel("A warm POST, µs of CPU", lambda each: found["warm"]["post"][each.name]),
            panel(
                "Memory after 10,000 requests, MB",
                lambda each: [found["memory"][each.name]["after"] / 1024] * 2,
            ),
        ]
    )


def _growth_chart(found: Mapping[str, Any]) -> str:
    series: dict[str, list[tuple[int, float]]] = {}
    for each in (Grown(**each) for each in found["growth"]):
        series.setdefault(each.request, []).append((each.stored, statistics.median(each.cpu)))
    return chart.lines("µs of CPU of one request, by orders stored", series)


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *map(list, rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
