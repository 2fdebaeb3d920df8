"""Under load no request fails, every response is right, and memory does not grow."""

import time
from statistics import quantiles

from tests.conftest import AddToReport
from tests.hardening.history import violations
from tests.hardening.target import Target
from tests.hardening.traffic import Traffic

_KEYS = [(f"a{number}", vendorid) for number in range(60) for vendorid in ("load0", "load1")]
_PER_SECOND = 150  # of these, the 41 % POSTs stay below the gateway's limit
_GROWTH = 1.05  # room for the allocator; a leak of 100 bytes per request is more


def memory(target: Target) -> float:
    """Return the memory of the service's processes, in MB."""
    return sum(process.memory_info().rss for process in target.processes()) / 1024**2


def test_no_request_fails_under_load(
    target: Target, full: bool, add_to_report: AddToReport
) -> None:
    traffic = Traffic(target, _KEYS)
    traffic.run(1, count=100)  # starts what starts with the first requests
    start, warm_up = time.monotonic(), len(traffic.history)
    count = _PER_SECOND * (600 if full else 2)
    traffic.run(2, count=count // 4, per_second=_PER_SECOND)
    warm = memory(target)
    traffic.run(3, count=count - count // 4, per_second=_PER_SECOND)
    at_end, seconds = memory(target), time.monotonic() - start
    traffic.look_up_all()

    history = traffic.history[warm_up:]
    times = [(request.end - request.start) / 1e6 for request in history]
    cuts = quantiles(times, n=1_000, method="inclusive")
    percentiles = "/".join(f"{cuts[each - 1]:.0f}" for each in (500, 900, 990, 999))
    summary = (
        f"{target.name}: {seconds:.0f} s, {len(history) / seconds:.0f} requests/s, "
        f"p50/p90/p99/p99.9 {percentiles} ms, memory {warm:.1f} to {at_end:.1f} MB"
    )
    add_to_report("No request fails under load", summary, len(history))
    problems = violations(traffic.history)
    problems += [f"failed: {request}" for request in traffic.history if request.may_fail]
    assert not problems, "\n".join(problems)
    assert at_end <= warm * _GROWTH
