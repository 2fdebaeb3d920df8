"""Writes the results: RESULTS.md, and results.json with every sample."""

import io
import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.box import MARKDOWN
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Samples
from benchmarks.programs import COFFEE_ORDERS, FOLDER, Program

_COLD = ("cold start", "init", "first request")
_TABLES = {
    "cold": (*_COLD, "cold start without bytecode", "first request without bytecode"),
    "warm": ("GET", "POST"),
    "size": ("memory after one", "memory after many", "zip", "zip without bytecode"),
}


def write(
    machine: Mapping[str, str],
    samples: Samples,
    own_requests: Mapping[str, Sequence[float]],
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
    tables["own"] = _table(
        ["request", "µs of CPU"], ([name, _spread(cpu)] for name, cpu in own_requests.items())
    )
    template = (FOLDER / "results_template.md").read_text()
    (FOLDER / "RESULTS.md").write_text(template.format(**machine, **tables))
    content = {"machine": machine, **samples, "own requests": own_requests}
    lines = (
        f"{json.dumps(name)}: {json.dumps(_rounded(value))}" for name, value in content.items()
    )
    (FOLDER / "results.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


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


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, Mapping):
        return {name: _rounded(item) for name, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, list) else value
