"""Measures of a load test: memory of processes, latency by percentile, and both as a chart."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

import psutil

from tests.hardening.request import Request

_INTERVAL = 0.2  # seconds
_MB = 1024 * 1024
_PERCENTILES = (*range(1, 99), *(99 + tenth / 10 for tenth in range(10)), 99.95)


class Memory(list[float]):
    """Resident memory in MB, sample after sample."""

    @property
    def settled(self) -> float:
        """Return the median of the second fifth, when everything is warm."""
        return median(self[len(self) // 5 : len(self) * 2 // 5])

    @property
    def at_end(self) -> float:
        """Return the median of the last fifth."""
        return median(self[len(self) * 4 // 5 :])


@contextmanager
def sampled(processes: Iterable[psutil.Process]) -> Iterator[Memory]:
    """Sample the total memory of these processes until the block ends."""
    samples, finished, sampled_processes = Memory(), threading.Event(), list(processes)

    def sample() -> None:
        while not finished.wait(_INTERVAL):
            samples.append(sum(process.memory_info().rss for process in sampled_processes) / _MB)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        finished.set()
        thread.join()


def local_cloud_at(endpoint_url: str) -> psutil.Process:
    """Return the process of a local cloud that this process has started."""
    port = endpoint_url.rpartition(":")[2]
    children = psutil.Process().children()
    (cloud,) = (child for child in children if child.environ().get("GATEWAY_PORT") == port)
    return cloud


class Load(NamedTuple):
    """The requests of a load test, its duration, and the memory of its processes in MB."""

    history: list[Request]
    seconds: float
    service: Memory
    local_cloud: Memory


def latency(history: list[Request], percentile: float, method: str | None = None) -> float:
    """Return a percentile of the response times, in milliseconds."""
    times = [(each.end - each.start) / 1e6 for each in history if method in {None, each.method}]
    return quantiles(times, n=10_000, method="inclusive")[round(percentile * 100) - 1]


def summary(load: Load) -> str:
    """Return the result in one line."""
    times = [f"{latency(load.history, each):.0f}" for each in (50, 90, 99, 99.9)]
    rate = len(load.history) / load.seconds
    return (
        f"{load.seconds:.0f} s, {rate:.0f} requests/s, p50/p90/p99/p99.9 {'/'.join(times)} ms, "
        f"memory {load.service.settled:.1f} to {load.service.at_end:.1f} MB "
        f"(local cloud {load.local_cloud.settled:.0f} to {load.local_cloud.at_end:.0f} MB)"
    )


def draw(loads: Mapping[str, Load], path: Path) -> None:
    """Write the chart to this path."""
    import matplotlib as mpl  # noqa: PLC0415 - takes a second, and few runs need it

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "load", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, (latency_axes, memory_axes) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for colour, (name, load) in zip(("tab:brown", "tab:blue"), loads.items(), strict=True):
        for method, line in (("POST", "-"), ("GET", "--")):
            times = [latency(load.history, each, method) for each in _PERCENTILES]
            rank = [100 / (100 - each) for each in _PERCENTILES]
            latency_axes.plot(rank, times, line, color=colour, label=f"{method}, {name}")
        step = load.seconds / 60 / len(load.service)
        minutes = [number * step for number in range(len(load.service))]
        memory_axes.plot(minutes, load.service, color=colour, label=name)
    ticks = (50, 90, 99, 99.9)
    latency_axes.set_xscale("log")
    latency_axes.set_xticks([100 / (100 - each) for each in ticks], [f"{each}" for each in ticks])
    latency_axes.minorticks_off()
    latency_axes.set(xlabel="percentile", ylabel="milliseconds", title="Latency", ylim=0)
    memory_axes.set(xlabel="minutes", ylabel="MB", title="Memory of the service", ylim=0)
    for axes in (latency_axes, memory_axes):
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
