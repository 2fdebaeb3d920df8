"""Under load no request fails, every answer is right, and memory does not grow."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from local.emulator import LocalCloud, local_cloud
from local.server import free_port
from local.service import local_service
from tests.conftest import Tried
from tests.e2e.packaged import Packaged
from tests.hardening import load_chart
from tests.hardening.history import violations
from tests.hardening.load_chart import Load
from tests.hardening.memory import local_cloud_at, sampled
from tests.hardening.people import signed_in
from tests.hardening.traffic import Traffic

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(60) for vendorid in _VENDORS]
_WORKERS = 8
_PER_SECOND = 150  # of these, the 39 % POSTs stay below the gateway's limit
_GROWTH = 1.05  # room for the allocator; a leak of 100 bytes per request is more


class Place(NamedTuple):
    """A running service, and a function that returns its processes."""

    api_url: str
    cloud: LocalCloud
    pool_id: str
    client_id: str
    ours: Callable[[], list[psutil.Process]]


@pytest.fixture
def chalice_local(tmp_path: Path) -> Iterator[Place]:
    with local_service(tmp_path, free_port()) as service:
        stack, process = service.stack, psutil.Process(service.process.pid)
        yield Place(
            *(stack.api_url, service.cloud, stack.user_pool_id, stack.client_id),
            lambda: [process, *process.children(recursive=True)],
        )


@pytest.fixture
def packaged_app(tmp_path: Path) -> Iterator[Place]:
    if sys.platform != "linux":
        pytest.skip("the package is built for Lambda, which is Linux; it cannot run here")
    with local_cloud(tmp_path, all_services=True) as cloud:
        packaged = Packaged(cloud, tmp_path / "project")
        stack = packaged.outputs
        yield Place(
            *(packaged.api_url, cloud, stack.user_pool_id, stack.client_id),
            lambda: local_cloud_at(cloud.endpoint_url).children(recursive=True),
        )


@pytest.fixture(scope="module")
def loads(request: pytest.FixtureRequest) -> Iterator[dict[str, Load]]:
    """Collect the measurements for the chart that `--chart` writes."""
    measured: dict[str, Load] = {}
    yield measured
    if chart := request.config.getoption("--chart"):
        load_chart.draw(measured, chart)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("where", "name"),
    [("packaged_app", "packaged app, local cloud"), ("chalice_local", "chalice local")],
)
def test_load(
    request: pytest.FixtureRequest,
    loads: dict[str, Load],
    full: bool,
    tried: Tried,
    where: str,
    name: str,
) -> None:
    place: Place = request.getfixturevalue(where)
    people = signed_in(place.cloud, place.pool_id, place.client_id, _VENDORS)
    traffic = Traffic(place.api_url, people, _KEYS)
    traffic.run(1, _WORKERS, requests=100)  # starts what starts with the first requests
    with (
        sampled(place.ours()) as ours,
        sampled([local_cloud_at(place.cloud.endpoint_url)]) as clouds,
    ):
        began, warm = time.monotonic(), len(traffic.history)
        traffic.run(
            2, _WORKERS, requests=200_000, seconds=600 if full else 2, per_second=_PER_SECOND
        )
        seconds = time.monotonic() - began
    traffic.look_everywhere()

    load = loads[name] = Load(traffic.history[warm:], seconds, ours, clouds)
    tried("The service holds under load", f"{name}: {load_chart.summary(load)}", len(load.history))
    found = violations(traffic.history)
    found += [f"failed: {request}" for request in traffic.history if request.status in {429, 503}]
    assert not found, "\n".join(found)
    assert ours.at_last <= ours.settled * _GROWTH
