"""Writes the results: RESULTS.md, and results.json with every sample."""

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmarks.events import OWN_REQUESTS
from benchmarks.programs import BASELINE, COFFEE_ORDERS, FOLDER, PEERS

_TABLES = {
    "cold": (
        *("cold start", "init", "first request"),
        *("cold start without bytecode", "first request without bytecode"),
    ),
    "warm": ("GET", "POST"),
    "size": ("memory after one", "memory after many", "zip", "zip without bytecode"),
}
RESULTS = FOLDER / "results.json"


def write(content: Mapping[str, Any]) -> None:
    """Write all files. results_template.md has the text around the tables.

    `content` has the samples by metric and program, "machine" and "waiting".
    """
    programs = [p for p in (COFFEE_ORDERS, BASELINE, *PEERS) if p.name in content["GET"]]
    tables = {
        name: _table(
            ["", *columns],
            ([p.label, *(_spread(content[c][p.name]) for c in columns)] for p in programs),
        )
        for name, columns in _TABLES.items()
    }
    metrics = [name for columns in _TABLES.values() for name in columns]
    peers = programs[1:]
    tables["ratios"] = _table(
        ["", *(peer.label for peer in peers)],
        (
            [
                name,
                *(_ratio(content[name][COFFEE_ORDERS.name], content[name][p.name]) for p in peers),
            ]
            for name in metrics
            if not name.startswith(("init", "zip"))
        ),
    )
    tables["own"] = _table(
        ["request", "µs of CPU"],
        ([name, _spread(content[name][COFFEE_ORDERS.name])] for name in OWN_REQUESTS),
    )
    tables["waiting"] = _table(
        ["", "requests", "KB", "$ for 1,000 orders", "from the tap, s"],
        (
            [name, f"{count}", f"{kilobytes:.0f}", f"{dollars:.2f}", f"{delay:.2g}"]
            for name, (count, kilobytes, dollars, delay) in content["waiting"].items()
        ),
    )
    template = (FOLDER / "results_template.md").read_text()
    (FOLDER / "RESULTS.md").write_text(template.format(**content["machine"], **tables))
    lines = (f"{json.dumps(name)}: {_rounded(value)}" for name, value in content.items())
    RESULTS.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def _ratio(samples: Sequence[float], other_samples: Sequence[float]) -> str:
    """Return the median of the ratios of each round. Slow rounds affect both programs."""
    pairs = zip(samples, other_samples, strict=True)
    return f"**{statistics.median(value / other for value, other in pairs):.2f}**"


def _spread(samples: Sequence[float]) -> str:
    """Return the median and the middle half, as `152 (150 to 155)`."""
    low, median, high = statistics.quantiles([*samples, *samples], n=4)
    digits = 0 if median >= 100 else 1 if median >= 1 else 3  # noqa: PLR2004
    low_text, text, high_text = (f"{value:,.{digits}f}" for value in (low, median, high))
    return text if low == high else f"{text} ({low_text} to {high_text})"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rounded(value: Any) -> str:
    """Return JSON with at most 3 decimals."""
    rounded = json.loads(json.dumps(value), parse_float=lambda text: round(float(text), 3))
    return json.dumps(rounded)
