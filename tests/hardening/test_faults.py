"""With an unreliable table, no acknowledged write is lost, and none is partial."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_httpserver import HTTPServer

from deploy.project import chalice_command
from local.emulator import LocalCloud
from local.server import LOOPBACK, free_port, running_server
from local.service import local_stack
from local.state import LocalStack
from tests.conftest import Tried
from tests.hardening.fault_proxy import FAULTS, FaultyTable
from tests.hardening.history import violations
from tests.hardening.traffic import Traffic, sign_in_users

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(3) for vendorid in _VENDORS]
_WORKERS = 8


class FaultyService(NamedTuple):
    """A service that reaches the table through a proxy that injects faults."""

    cloud: LocalCloud
    stack: LocalStack
    table: FaultyTable


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of the command line, or a random one."""
    seed: int | None = request.config.getoption("--seed")
    return random.SystemRandom().randrange(10**6) if seed is None else seed


@pytest.fixture
def faulty_service(tmp_path: Path, httpserver: HTTPServer, seed: int) -> Iterator[FaultyService]:
    port = free_port()
    api_url = f"http://{LOOPBACK}:{port}"
    with local_stack(tmp_path, api_url) as (cloud, stack):
        environment = cloud.environment() | stack.environment()
        dynamodb = environment.get("AWS_ENDPOINT_URL_DYNAMODB", cloud.endpoint_url)
        table = FaultyTable(httpserver, dynamodb, seed)
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = table.url
        with running_server(
            "The service (chalice local)",
            chalice_command("local", "--stage", "local", "--port", str(port), "--no-autoreload"),
            env=environment,
            log=tmp_path / "service.log",
            ready_url=f"{api_url}/order",
        ):
            yield FaultyService(cloud, stack, table)


def test_history_with_faults_is_sound(
    faulty_service: FaultyService, seed: int, full: bool, tried: Tried
) -> None:
    stack, table = faulty_service.stack, faulty_service.table
    users = sign_in_users(faulty_service.cloud, stack, _VENDORS)
    traffic = Traffic(stack.api_url, users, _KEYS)
    table.enabled = True
    traffic.run(seed, _WORKERS, requests=10_000 if full else 200)
    table.stop_faults()
    traffic.look_up_all()

    history = traffic.history
    failures = sum(request.may_fail for request in history)
    kinds = f"{len(FAULTS)} kinds of faults, {table.fault_counts.total():,} in all"
    how = f"{kinds}; {failures:,} answers were 429 or 503"
    tried("No acknowledged write is lost, none half done", how, len(history))
    problems = violations(history, table.writes)
    report = [f"Repeat: --seed {seed}", f"faults: {dict(table.fault_counts)}", *problems]
    assert not problems, "\n".join(report)
    if full:
        assert failures
        assert set(table.fault_counts) == set(FAULTS)
