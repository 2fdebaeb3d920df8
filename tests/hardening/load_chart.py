"""The chart of a load test: latency by percentile and memory over time, as SVG."""

from collections.abc import Mapping
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from tests.hardening.memory import Memory
from tests.hardening.request import Request

_PERCENTILES = (*range(1, 99), *(99 + tenth / 10 for tenth in range(10)), 99.95)


class Load(NamedTuple):
    """The requests of a load test, its duration, and the memory of the processes in MB."""

    history: list[Request]
    seconds: float
    ours: Memory
    local_cloud: Memory


def latency(history: list[Request], percentile: float, method: str | None = None) -> float:
    """Return a percentile of the response times, in milliseconds."""
    took = [(each.end - each.start) / 1e6 for each in history if method in {None, each.method}]
    return quantiles(took, n=10_000, method="inclusive")[round(percentile * 100) - 1]


def summary(load: Load) -> str:
    """Return the result in one line."""
    took = [f"{latency(load.history, each):.0f}" for each in (50, 90, 99, 99.9)]
    pace = len(load.history) / load.seconds
    return (
        f"{load.seconds:.0f} s, {pace:.0f} requests/s, p50/p90/p99/p99.9 {'/'.join(took)} ms, "
        f"memory {load.ours.settled:.1f} to {load.ours.at_last:.1f} MB "
        f"(local cloud {load.local_cloud.settled:.0f} to {load.local_cloud.at_last:.0f} MB)"
    )


def draw(loads: Mapping[str, Load], path: Path) -> None:
    """Write the chart to this path."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and few runs need it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "load", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for colour, (name, load) in zip(("tab:brown", "tab:blue"), loads.items(), strict=True):
        for method, line in (("POST", "-"), ("GET", "--")):
            took = [latency(load.history, each, method) for each in _PERCENTILES]
            rank = [100 / (100 - each) for each in _PERCENTILES]
            left.plot(rank, took, line, color=colour, label=f"{method}, {name}")
        step = load.seconds / 60 / len(load.ours)
        minutes = [number * step for number in range(len(load.ours))]
        right.plot(minutes, load.ours, color=colour, label=name)
    shown = (50, 90, 99, 99.9)
    left.set_xscale("log")
    left.set_xticks([100 / (100 - each) for each in shown], [f"{each}" for each in shown])
    left.minorticks_off()
    left.set(xlabel="percentile", ylabel="milliseconds", title="Latency", ylim=0)
    right.set(xlabel="minutes", ylabel="MB", title="Memory of the service", ylim=0)
    for panel in (left, right):
        panel.grid(alpha=0.3)
        panel.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
