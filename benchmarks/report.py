"""Writes what was measured: RESULTS.md with its plots, and results.json with every figure."""

import json
import statistics
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import chart, sections_service, sections_speed, spread
from benchmarks.field import BARE, FASTAPI, FIELD, OURS, POWERTOOLS, Program
from benchmarks.growth import Grown
from benchmarks.markdown import table

_SECTIONS = (
    sections_speed.cold,
    sections_speed.warm,
    sections_service.where,
    sections_speed.memory,
    sections_speed.size_of_the_zip,
    sections_service.asked,
    sections_service.growth,
    sections_service.gave,
    sections_service.sizes,
)
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
    text = "\n".join(part(found) for part in (_head, _ratios, *_SECTIONS))
    (folder / "RESULTS.md").write_text(text)
    lines = (f"{json.dumps(name)}: {json.dumps(_rounded(each))}" for name, each in found.items())
    (folder / "results.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
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
            table(["", *labels], rows),
            aims,
            "\n![Cold start, warm requests and memory](field.svg)\n",
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


def _rounded(part: Any) -> Any:
    if isinstance(part, float):
        return round(part, 3)
    if isinstance(part, dict):
        return {name: _rounded(value) for name, value in part.items()}
    return [_rounded(each) for each in part] if isinstance(part, list) else part
