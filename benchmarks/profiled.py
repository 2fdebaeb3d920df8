"""Where a warm GET goes, by cProfile: whose code it is, and which steps of the SDK.

A profile makes small functions look longer than they are, so it tells shares and no times.
Two runs are taken, of one request and of many, and what the start cost falls out between them.
"""

import pstats
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from benchmarks import events
from benchmarks.field import OURS
from benchmarks.packages import Packages
from benchmarks.process import Process

_SENDING = "send it by urllib3 and http.client, read the answer's head"
# What botocore does for a request, step by step.
_STEPS = {
    ("botocore/client.py", "_convert_to_request_dict"): "write the request as JSON",
    ("botocore/signers.py", "sign"): "sign it",
    ("botocore/endpoint.py", "prepare_request"): "make an HTTP request of it",
    ("botocore/httpsession.py", "send"): _SENDING,
    ("botocore/parsers.py", "parse"): "read the answer",
}
_OWNERS = ("botocore", "urllib3", "chalicelib", "chalice", "http", "email", "json", "hmac")


# The socket's own calls: on a busy machine they measure who else runs.
_WAITING = ("recv_into", "sendall", "poll")

_Caller = tuple[str, int, str]
_Stats = dict[_Caller, tuple[int, int, float, float, dict[_Caller, tuple[int, int, float, float]]]]


class Profile(NamedTuple):
    """Shares of the whole, as parts of one."""

    owners: dict[str, float]
    steps: dict[str, float]


def measure(packages: Packages, table_url: str, folder: Path, count: int) -> Profile:
    """Profile a GET."""
    owners: defaultdict[str, float] = defaultdict(float)
    steps: defaultdict[str, float] = defaultdict(float)
    for sign, requests in ((1, count), (-1, 1)):
        stats = _run(packages, table_url, folder / f"{requests}.profile", requests)
        for (file, _, name), (_, _, alone, whole, callers) in stats.items():
            if any(waiting in name for waiting in _WAITING):
                steps[_SENDING] -= sign * alone
            elif file == "~":  # a built-in function works for whoever calls it
                for (caller, _, _), (_, _, for_it, _) in callers.items():
                    owners[_owner(caller)] += sign * for_it
            else:
                owners[_owner(file)] += sign * alone
            for (end, function), step in _STEPS.items():
                if file.endswith(end) and name == function:
                    steps[step] += sign * whole
    everything = sum(owners.values())
    most_first = sorted(owners.items(), key=lambda each: -each[1])
    return Profile(
        {owner: alone / everything for owner, alone in most_first},
        {step: steps[step] / everything for step in _STEPS.values()},
    )


def _run(packages: Packages, table_url: str, file: Path, count: int) -> _Stats:
    profiler = ("-m", "cProfile", "-o", str(file))
    process = Process(OURS, packages, table_url, options=profiler)
    process.answer(events.GET, count)
    process.finish()
    stats: _Stats = pstats.Stats(str(file)).stats  # type: ignore[attr-defined]
    return stats


def _owner(file: str) -> str:
    """Return whose code a file is."""
    parts = Path(file).with_suffix("").parts
    return next((owner for owner in _OWNERS if owner in parts), "the rest of Python")
