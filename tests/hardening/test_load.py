"""Under load no request fails, every response is right, and memory does not grow."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from local.emulator import local_cloud
from local.server import free_port
from local.service import local_service
from tests.conftest import AddToReport
from tests.e2e.packaged import Packaged
from tests.hardening import load_report
from tests.hardening.history import violations
from tests.hardening.load_report import Load, local_cloud_at, sampled
from tests.hardening.target import Target
from tests.hardening.traffic import (
    BARISTA,
    MENU_SHOP,
    MENU_WEIGHTS,
    WEIGHTS,
    Traffic,
    sign_in_users,
)
from tests.samples import shop_content

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(60) for vendorid in _VENDORS]
_WORKERS = 8
_PER_SECOND = 150  # of these, the 38 % POSTs stay below the gateway's limit
_GROWTH = 1.05  # room for the allocator; a leak of 100 bytes per request is more


class MeasuredService(NamedTuple):
    """A running service, and a function that returns its processes."""

    target: Target
    processes: Callable[[], list[psutil.Process]]


@pytest.fixture
def chalice_local(tmp_path: Path) -> Iterator[MeasuredService]:
    with local_service(tmp_path, free_port()) as service:
        stack, process = service.stack, psutil.Process(service.process.pid)
        target = Target("chalice local", stack, stack.api_url, service.cloud)
        yield MeasuredService(target, lambda: [process, *process.children(recursive=True)])


@pytest.fixture
def packaged_app(tmp_path: Path) -> Iterator[MeasuredService]:
    if sys.platform != "linux":
        pytest.skip("the package is built for Lambda, which is Linux; it cannot run here")
    with local_cloud(tmp_path, all_services=True) as cloud:
        packaged = Packaged(cloud, tmp_path / "project")
        name, emulator = "packaged app, local cloud", local_cloud_at(cloud.endpoint_url)
        target = Target(name, packaged.outputs, packaged.api_url, cloud)
        yield MeasuredService(target, lambda: emulator.children(recursive=True))


@pytest.fixture(scope="module")
def loads(request: pytest.FixtureRequest) -> Iterator[dict[str, Load]]:
    """Collect the measurements for the chart that `--chart` writes."""
    loads: dict[str, Load] = {}
    yield loads
    if chart := request.config.getoption("--chart"):
        load_report.draw(loads, chart)


@pytest.mark.parametrize("fixture", ["packaged_app", "chalice_local"])
def test_no_request_fails_under_load(
    request: pytest.FixtureRequest,
    loads: dict[str, Load],
    full: bool,
    add_to_report: AddToReport,
    fixture: str,
) -> None:
    service: MeasuredService = request.getfixturevalue(fixture)
    target = service.target
    users = sign_in_users(target, *_VENDORS, MENU_SHOP)
    target.request("PUT", "/shop", users[BARISTA], {"shop": shop_content()}, vendorid=MENU_SHOP)
    traffic = Traffic(target.api_url, users, _KEYS, WEIGHTS | MENU_WEIGHTS)
    traffic.run(1, _WORKERS, count=100)  # starts what starts with the first requests
    with (
        sampled(service.processes()) as memory,
        sampled([local_cloud_at(target.cloud.endpoint_url)]) as cloud_memory,
    ):
        start, warm_up = time.monotonic(), len(traffic.history)
        count = _PER_SECOND * (600 if full else 2)
        traffic.run(2, _WORKERS, count=count, per_second=_PER_SECOND)
        seconds = time.monotonic() - start
    traffic.look_up_all()

    load = loads[target.name] = Load(traffic.history[warm_up:], seconds, memory, cloud_memory)
    summary = f"{target.name}: {load_report.summary(load)}"
    add_to_report("No request fails under load", summary, len(load.history))
    problems = violations(traffic.history)
    problems += [f"failed: {request}" for request in traffic.history if request.may_fail]
    assert not problems, "\n".join(problems)
    assert memory.at_end <= memory.settled * _GROWTH
