"""Under load no request fails, every response is right, and memory does not grow."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from deploy.stack import StackOutputs
from local.emulator import LocalCloud, local_cloud
from local.server import free_port
from local.service import local_service
from local.state import LocalStack
from tests.conftest import Tried
from tests.e2e.packaged import Packaged
from tests.hardening import load_report
from tests.hardening.history import violations
from tests.hardening.load_report import Load, local_cloud_at, sampled
from tests.hardening.traffic import Traffic, sign_in_users

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(60) for vendorid in _VENDORS]
_WORKERS = 8
_PER_SECOND = 150  # of these, the 39 % POSTs stay below the gateway's limit
_GROWTH = 1.05  # room for the allocator; a leak of 100 bytes per request is more


class RunningService(NamedTuple):
    """A running service, and a function that returns its processes."""

    api_url: str
    cloud: LocalCloud
    stack: LocalStack | StackOutputs
    processes: Callable[[], list[psutil.Process]]


@pytest.fixture
def chalice_local(tmp_path: Path) -> Iterator[RunningService]:
    with local_service(tmp_path, free_port()) as service:
        stack, process = service.stack, psutil.Process(service.process.pid)
        yield RunningService(
            stack.api_url,
            service.cloud,
            stack,
            lambda: [process, *process.children(recursive=True)],
        )


@pytest.fixture
def packaged_app(tmp_path: Path) -> Iterator[RunningService]:
    if sys.platform != "linux":
        pytest.skip("the package is built for Lambda, which is Linux; it cannot run here")
    with local_cloud(tmp_path, all_services=True) as cloud:
        packaged = Packaged(cloud, tmp_path / "project")
        yield RunningService(
            packaged.api_url,
            cloud,
            packaged.outputs,
            lambda: local_cloud_at(cloud.endpoint_url).children(recursive=True),
        )


@pytest.fixture(scope="module")
def loads(request: pytest.FixtureRequest) -> Iterator[dict[str, Load]]:
    """Collect the measurements for the chart that `--chart` writes."""
    measured: dict[str, Load] = {}
    yield measured
    if chart := request.config.getoption("--chart"):
        load_report.draw(measured, chart)


@pytest.mark.parametrize(
    ("fixture", "name"),
    [("packaged_app", "packaged app, local cloud"), ("chalice_local", "chalice local")],
)
def test_load(
    request: pytest.FixtureRequest,
    loads: dict[str, Load],
    full: bool,
    tried: Tried,
    fixture: str,
    name: str,
) -> None:
    service: RunningService = request.getfixturevalue(fixture)
    stack = service.stack
    users = sign_in_users(service.cloud, stack, _VENDORS)
    traffic = Traffic(service.api_url, users, _KEYS)
    traffic.run(1, _WORKERS, requests=100)  # starts what starts with the first requests
    with (
        sampled(service.processes()) as memory,
        sampled([local_cloud_at(service.cloud.endpoint_url)]) as cloud_memory,
    ):
        start, warm_up = time.monotonic(), len(traffic.history)
        traffic.run(
            2, _WORKERS, requests=200_000, seconds=600 if full else 2, per_second=_PER_SECOND
        )
        seconds = time.monotonic() - start
    traffic.look_up_all()

    load = loads[name] = Load(traffic.history[warm_up:], seconds, memory, cloud_memory)
    summary = f"{name}: {load_report.summary(load)}"
    tried("The service holds under load", summary, len(load.history))
    problems = violations(traffic.history)
    problems += [f"failed: {request}" for request in traffic.history if request.may_fail]
    assert not problems, "\n".join(problems)
    assert memory.at_end <= memory.settled * _GROWTH
