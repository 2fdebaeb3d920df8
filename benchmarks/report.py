"""Writes the results: RESULTS.md, its two charts, and results.json with every sample."""

import io
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Samples
from benchmarks.programs import BASELINE, COFFEE_ORDERS, FOLDER, Program

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLD = ("cold start", "init", "first request")
_TABLES = {
    "cold": (*_COLD, "cold start without bytecode", "first request without bytecode"),
    "warm": ("GET", "POST"),
    "size": ("memory after one", "memory after many", "zip", "zip without bytecode"),
}
_BARS = {
    "cold start": "Cold start, ms of CPU",
    "GET": "Warm GET, µs of CPU",
    "POST": "Warm POST, µs of CPU",
    "memory after many": "Memory, MB",
}


def write(
    machine: Mapping[str, str],
    samples: Samples,
    shop: Mapping[str, Sequence[float]],
    growth: Sequence[Mapping[str, Any]],
    programs: Sequence[Program],
) -> None:
    """Write all files. results_template.md has the text around the tables."""
    tables = {
        name: _table(
            ["", *columns],
            ([p.label, *(_spread(samples[c][p.name]) for c in columns)] for p in programs),
        )
        for name, columns in _TABLES.items()
    }
    peers = programs[1:]
    tables["ratios"] = _table(
        ["", *(peer.label for peer in peers)],
        (
            [name, *(f"**{ratio(metric[COFFEE_ORDERS.name], metric[p.name]):.2f}**" for p in peers)]
            for name, metric in samples.items()
            if not name.startswith(("init", "zip"))
        ),
    )
    tables["shop"] = _table(
        ["request", "µs of CPU"], ([name, _spread(cpu)] for name, cpu in shop.items())
    )
    tables["growth"] = _table(
        ["request", "orders stored", "µs of CPU", "items read or written"],
        ([r["request"], f"{r['stored']:,}", _spread(r["cpu"]), f"{r['items']:g}"] for r in growth),
    )
    template = (FOLDER / "results_template.md").read_text()
    (FOLDER / "RESULTS.md").write_text(template.format(**machine, **tables))
    content = {"machine": machine, **samples, "shop": shop, "growth": growth}
    lines = (
        f"{json.dumps(name)}: {json.dumps(_rounded(value))}" for name, value in content.items()
    )
    (FOLDER / "results.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
    _draw_programs(samples, programs)
    _draw_growth(growth)


def ratio(samples: Sequence[float], other_samples: Sequence[float]) -> float:
    """Return the median of the ratios of each round. Slow rounds affect both programs."""
    pairs = zip(samples, other_samples, strict=True)
    return statistics.median(value / other for value, other in pairs)


def _spread(samples: Sequence[float]) -> str:
    """Return the median and the middle half, as `152 (150 to 155)`."""
    low, median, high = statistics.quantiles([*samples, *samples], n=4)
    digits = 0 if median >= 100 else 1 if median >= 1 else 3  # noqa: PLR2004
    low_text, text, high_text = (f"{value:,.{digits}f}" for value in (low, median, high))
    return text if low == high else f"{text} ({low_text} to {high_text})"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    table = Table(*columns, box=MARKDOWN)
    for row in rows:
        table.add_row(*row)
    text = io.StringIO()
    Console(file=text, width=400, markup=False, highlight=False).print(table)
    return "\n".join(line for line in text.getvalue().splitlines() if line.strip())


def _draw_programs(samples: Samples, programs: Sequence[Program]) -> None:
    figure = _figure(9, 6)
    colours = [
        "#0969da" if program in {COFFEE_ORDERS, BASELINE} else "#8c959f" for program in programs
    ]
    for axes, (name, title) in zip(figure.subplots(2, 2).flat, _BARS.items(), strict=True):
        medians = [statistics.median(samples[name][program.name]) for program in programs]
        bars = axes.barh([program.label for program in programs], medians, color=colours)
        axes.bar_label(bars, fmt="{:,.0f}", padding=2)
        axes.set(title=title)
        axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(FOLDER / "programs.svg", metadata={"Date": None})


def _draw_growth(growth: Sequence[Mapping[str, Any]]) -> None:
    figure = _figure(9, 3.5)
    axes = figure.subplots()
    for request in dict.fromkeys(row["request"] for row in growth):
        rows = [row for row in growth if row["request"] == request]
        medians = [statistics.median(row["cpu"]) for row in rows]
        axes.plot([row["stored"] for row in rows], medians, marker="o", label=request)
    axes.set(xscale="log", ylim=(0, None), xlabel="orders stored", ylabel="µs of CPU")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    figure.savefig(FOLDER / "growth.svg", metadata={"Date": None})


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value


def _figure(width: float, height: float) -> "Figure":
    import matplotlib as mpl  # noqa: PLC0415 - not installed for the unit tests
    from matplotlib.figure import Figure  # noqa: PLC0415

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "benchmarks", "font.size": 9})
    return Figure(figsize=(width, height), layout="constrained")
