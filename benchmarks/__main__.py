"""`make bench`: builds the field, measures it side by side, writes benchmarks/RESULTS.md.

QUICK=1 takes a few rounds of each, to see whether it works; its figures mean little.
"""

import contextlib
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks import asked, changes, cold, events, growth, packages, profiled, report, tls, warm
from benchmarks.field import BARE, FIELD, OURS
from benchmarks.packages import Packages
from deploy.project import PROJECT
from local.server import LOOPBACK, free_port, running
from local.service import local_stack

_QUICK = bool(os.environ.get("QUICK"))
_STARTED = time.monotonic()
_BUILD = PROJECT / "build/bench"
_SIZES = (1_000, 10_000) if _QUICK else (1_000, 100_000, 1_000_000)
_SIZES_THERE = (100, 1_000) if _QUICK else (1_000, 10_000)


def _times(many: int) -> int:
    return max(4, many // 8) if _QUICK else many


def main() -> None:
    """Measure everything, then write it down."""
    _say("building the packages")
    built = packages.build(_BUILD)
    undone = changes.build(built)
    with tempfile.TemporaryDirectory(dir=_BUILD) as scratch:
        folder = Path(scratch)
        found = {"machine": _machine()} | _on_the_recorded_table(built, folder)
        found |= _each_change(built, undone, folder)
        found |= _on_the_local_cloud(built, folder)
        found |= _growth(built, folder)
    report.write(found, PROJECT / "benchmarks")
    _say("written: benchmarks/RESULTS.md, results.json, field.svg, growth.svg")


def _on_the_recorded_table(built: Packages, folder: Path) -> dict[str, Any]:
    trust = tls.make(folder)
    with (
        patch.dict(os.environ, REQUESTS_CA_BUNDLE=str(trust.bundle)),
        _table("recorded_table", folder) as url,
        _table("recorded_table", folder, str(trust.server), scheme="https") as secure_url,
    ):
        _say("cold starts")
        found: dict[str, Any] = {
            "cold": cold.measure(FIELD, built, url, _times(25)),
            "parts": cold.parts(FIELD, built, url, _times(8)),
            "modules": cold.modules(FIELD, built, url),
            "imports": cold.slowest_imports(built, url, 15),
        }
        _say("cold starts, by HTTPS and with boto3 in the zip")
        settings = trust.settings()
        found["cold_https"] = cold.measure(FIELD, built, secure_url, _times(10), settings)
        found["parts_https"] = cold.parts([OURS], built, secure_url, _times(10), settings)
        found["cold_unbundled"], found["cold_bundled"] = _with_boto3_in_the_zip(built, url)
        _say("warm requests")
        found["warm"] = warm.measure(FIELD, built, url, _times(30), 100)
        _say("memory")
        found["memory"] = warm.memory(FIELD, built, url, 1_000 if _QUICK else 10_000)
        found["profile"] = profiled.measure(built, url, folder, 2_000)._asdict()
        found["bodies"] = growth.by_body(built, url, _times(20))
    found["zip"] = {program.name: built.zipped(program) for program in FIELD}
    found["zip_boto3"] = built.boto3_zipped
    return found


def _with_boto3_in_the_zip(built: Packages, url: str) -> tuple[cold.Samples, cold.Samples]:
    """Measure two programs with boto3 outside their zips and inside, in turns."""
    field = [OURS, BARE]
    outside: cold.Samples = {program.name: [] for program in field}
    inside: cold.Samples = {program.name: [] for program in field}
    for _ in range(_times(8)):
        for samples, packed in ((outside, built), (inside, built.bundled)):
            for name, measured in cold.measure(field, packed, url, 1).items():
                samples[name] += measured
    return outside, inside


def _each_change(
    built: Packages, undone: list[tuple[changes.Change, Any]], folder: Path
) -> dict[str, Any]:
    _say("what each change gave")
    field = [OURS, *(program for _, program in undone)]
    requests = {"get": events.GET, "post": events.POST, "list": events.MINE}
    field = [program._replace(answers={**program.answers, "list": 200}) for program in field]
    with _table("recorded_table", folder) as url:
        return {
            "changes": [[change.name, change.what] for change, _ in undone],
            "changes_cold": cold.measure(field, built, url, _times(12)),
            "changes_warm": warm.measure(field, built, url, _times(15), 50, requests),
            "changes_memory": warm.memory(field, built, url, 1),
        }


def _on_the_local_cloud(built: Packages, folder: Path) -> dict[str, Any]:
    _say("the local cloud")
    with local_stack(folder, "http://127.0.0.1") as (cloud, made):
        client = cloud.client("dynamodb")
        settings = {"ORDERS_TABLE": made.orders_table}
        url = cloud.endpoint_url
        with _table("indexed_table", folder, str(folder / "asked.sqlite")) as table_url:
            story = asked.measure(built, table_url, client, made.orders_table)
        client.put_item(TableName=made.orders_table, Item=events.ITEM)
        posts = {"get": events.GET, "post": events.POST}
        there = cold.measure(FIELD, built, url, _times(8), settings)
        warmed: dict[str, Any] = {}
        for program in FIELD:  # each its own orders: what one stores, another may not replace
            own = {**events.ORDER, "accountid": f"{program.name}{{number}}"}
            posts["post"] = events.event("POST", "/order", body={"order": own})
            done = warm.measure([program], built, url, _times(15), 20, posts, settings)
            for kind, samples in done.items():
                warmed.setdefault(kind, {}).update(samples)
        grown = growth.on_the_local_cloud(built, url, settings, client, _SIZES_THERE, _times(20))
    return {
        "asked": [each._asdict() for each in story],
        "cold_there": there,
        "warm_there": warmed,
        "growth_there": [each._asdict() for each in grown],
    }


def _growth(built: Packages, folder: Path) -> dict[str, Any]:
    _say("growth")
    with contextlib.ExitStack() as stack:
        tables = {
            size: stack.enter_context(
                _table("indexed_table", folder, str(folder / f"{size}.sqlite"))
            )
            for size in _SIZES
        }
        grown = growth.on_indexed_tables(built, tables, _times(30))
    with (
        _table("recorded_table", folder) as at_once,
        _table("recorded_table", folder, late=True) as late,
    ):
        waited = growth.by_wait(built, at_once, late, _times(30))
    return {"growth": [each._asdict() for each in grown], "waited": waited}


@contextlib.contextmanager
def _table(
    module: str, folder: Path, *words: str, scheme: str = "http", late: bool = False
) -> Iterator[str]:
    """Run a table in a process of its own; give its address."""
    port = free_port()
    url = f"{scheme}://{LOOPBACK}:{port}"
    with running(
        module,
        [
            *[sys.executable, "-m", f"benchmarks.{module}"],
            *(["--late"] if late else []),
            *[str(port), *words],
        ],
        env=os.environ,
        log=folder / f"{module}-{port}.log",
        answers_at=url,
    ):
        yield url


def _machine() -> dict[str, str]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": f"{os.cpu_count()} x {model}",
        "python": platform.python_version(),
        "boto3": version("boto3"),
        "rounds": "QUICK" if _QUICK else "full",
    }


def _say(what: str) -> None:
    print(f"{time.monotonic() - _STARTED:4.0f} s  {what}", flush=True)


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("make bench needs Linux: the packages are Lambda's, and /proc has the memory")
    main()
