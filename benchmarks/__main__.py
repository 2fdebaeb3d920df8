"""`make bench`: builds the programs, measures them, and writes RESULTS.md.

QUICK=1 measures only a few rounds. BASELINE=<commit> compares with that commit. ONLY=waiting keeps
the results of the programs, and measures an order's ten minutes again.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import report, waiting
from benchmarks.events import OWN_REQUESTS, REQUESTS
from benchmarks.measure import Bench
from benchmarks.packages import build
from benchmarks.programs import COFFEE_ORDERS
from benchmarks.table_server import make_certificate, table_server
from tools.project import PROJECT, bypass_proxies_for_loopback, ignore_aws_settings

_FACTOR = 8 if os.environ.get("QUICK") else 1
_STARTED = time.monotonic()


def main() -> None:
    """Measure everything, and write the results."""
    ignore_aws_settings()
    bypass_proxies_for_loopback()
    is_rest_kept = os.environ.get("ONLY") == "waiting"
    content = json.loads(report.RESULTS.read_text()) if is_rest_kept else _compare_programs()
    report.write(content | {"waiting": waiting.measure()})
    _step("written: benchmarks/RESULTS.md and results.json")


def _compare_programs() -> dict[str, Any]:
    _step("building the packages")
    baseline = os.environ.get("BASELINE")
    packages = build(PROJECT / "build/bench", baseline)
    with tempfile.TemporaryDirectory(dir=packages.folder) as scratch:
        certificate = Path(scratch, "table.key")
        packages.trust(make_certificate(certificate))
        with table_server(certificate) as url:
            bench = Bench(packages, url)
            _step("cold starts")
            samples = bench.cold_starts(40 // _FACTOR)
            samples |= bench.cold_starts(16 // _FACTOR, bytecode=False)
            _step("warm requests")
            samples |= bench.warm_requests(packages.programs, REQUESTS, 32 // _FACTOR)
            samples |= bench.warm_requests([COFFEE_ORDERS], OWN_REQUESTS, 32 // _FACTOR)
            _step("memory")
            samples |= bench.memory(10_000 // _FACTOR) | packages.zip_sizes()
    return {"machine": _machine(baseline), **samples}


def _step(name: str) -> None:
    print(f"{time.monotonic() - _STARTED:4.0f} s  {name}", flush=True)


def _machine(baseline: str | None) -> dict[str, str]:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{os.cpu_count()} x {models[0] if models else platform.machine()}",
        "python": platform.python_version(),
        "boto3": version("boto3"),
        "baseline": baseline or "not measured",
        "rounds": "**A quick run: too few rounds to rely on.** " if _FACTOR > 1 else "",
    }


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make bench needs Linux: it builds Lambda's packages and reads /proc")
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"make bench: {error}")
