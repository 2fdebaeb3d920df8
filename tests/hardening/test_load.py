"""Under load no request fails, every response is right, and memory does not grow."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from statistics import median, quantiles

import psutil

from tests.conftest import AddToReport
from tests.hardening.history import violations
from tests.hardening.request import Request
from tests.hardening.target import Target
from tests.hardening.traffic import Traffic, sign_in_users

_VENDORS = ["load0", "load1"]
_KEYS = [(f"a{number}", vendorid) for number in range(60) for vendorid in _VENDORS]
_WORKERS = 8
_PER_SECOND = 150  # of these, the 41 % POSTs stay below the gateway's limit
_GROWTH = 1.05  # room for the allocator; a leak of 100 bytes per request is more


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
        while not finished.wait(0.2):
            memory = sum(process.memory_info().rss for process in sampled_processes)
            samples.append(memory / 1024**2)

    thread = threading.Thread(target=sample)
    thread.start()
    try:
        yield samples
    finally:
        finished.set()
        thread.join()


def test_no_request_fails_under_load(
    target: Target, full: bool, add_to_report: AddToReport
) -> None:
    traffic = Traffic(target.api_url, sign_in_users(target, *_VENDORS), _KEYS)
    traffic.run(1, _WORKERS, count=100)  # starts what starts with the first requests
    with sampled(target.processes()) as memory:
        start, warm_up = time.monotonic(), len(traffic.history)
        count = _PER_SECOND * (600 if full else 2)
        traffic.run(2, _WORKERS, count=count, per_second=_PER_SECOND)
        seconds = time.monotonic() - start
    traffic.look_up_all()

    history = traffic.history[warm_up:]
    summary = f"{target.name}: {_summary(history, seconds, memory)}"
    add_to_report("No request fails under load", summary, len(history))
    problems = violations(traffic.history)
    problems += [f"failed: {request}" for request in traffic.history if request.may_fail]
    assert not problems, "\n".join(problems)
    assert memory.at_end <= memory.settled * _GROWTH


def _summary(history: list[Request], seconds: float, memory: Memory) -> str:
    """Return rate, response times and memory in one line."""
    times = [(request.end - request.start) / 1e6 for request in history]
    cuts = quantiles(times, n=1_000, method="inclusive")
    percentiles = "/".join(f"{cuts[each - 1]:.0f}" for each in (500, 900, 990, 999))
    return (
        f"{seconds:.0f} s, {len(history) / seconds:.0f} requests/s, p50/p90/p99/p99.9 {percentiles}"
        f" ms, memory {memory.settled:.1f} to {memory.at_end:.1f} MB"
    )
