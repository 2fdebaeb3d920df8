"""With an unreliable table, no acknowledged write is lost and none is half done."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_httpserver import HTTPServer

from deploy.project import chalice_command
from local.emulator import LocalCloud
from local.server import LOOPBACK, free_port, running
from local.service import local_stack
from local.state import LocalStack
from tests.conftest import Tried
from tests.hardening.fault_proxy import FAULTS, FaultyTable
from tests.hardening.history import violations
from tests.hardening.people import signed_in
from tests.hardening.request import FAILED
from tests.hardening.traffic import Traffic

_VENDORS = ["v0", "v1"]
_KEYS = [(f"a{number}", vendorid) for number in range(3) for vendorid in _VENDORS]
_WORKERS = 8


class Starved(NamedTuple):
    """A service whose requests to the table pass a proxy that adds faults."""

    cloud: LocalCloud
    stack: LocalStack
    table: FaultyTable


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of the command line, or a random one."""
    named: int | None = request.config.getoption("--seed")
    return random.SystemRandom().randrange(10**6) if named is None else named


@pytest.fixture
def starved(tmp_path: Path, httpserver: HTTPServer, seed: int) -> Iterator[Starved]:
    port = free_port()
    api_url = f"http://{LOOPBACK}:{port}"
    with local_stack(tmp_path, api_url) as (cloud, stack):
        environment = cloud.environment() | stack.environment()
        dynamodb = environment.get("AWS_ENDPOINT_URL_DYNAMODB", cloud.endpoint_url)
        table = FaultyTable(httpserver, dynamodb, seed)
        environment["AWS_ENDPOINT_URL_DYNAMODB"] = table.url
        with running(
            "The service (chalice local)",
            chalice_command("local", "--stage", "local", "--port", str(port), "--no-autoreload"),
            env=environment,
            log=tmp_path / "service.log",
            answers_at=f"{api_url}/order",
        ):
            yield Starved(cloud, stack, table)


def test_histories_are_sound_whatever_the_table_does(
    starved: Starved, seed: int, full: bool, tried: Tried
) -> None:
    stack, table = starved.stack, starved.table
    people = signed_in(starved.cloud, stack.user_pool_id, stack.client_id, _VENDORS)
    traffic = Traffic(stack.api_url, people, _KEYS)
    table.calm = False
    traffic.run(seed, _WORKERS, requests=10_000 if full else 200)
    table.calm_down()
    traffic.look_everywhere()

    history = traffic.history
    failures = sum(request.status in FAILED for request in history)
    faults = sum(table.dealt[fault] for fault in FAULTS)
    kinds = f"{len(FAULTS)} kinds of faults, {faults:,} in all"
    how = f"{kinds}; {failures:,} answers were 429 or 503"
    tried("No acknowledged write is lost, none half done", how, len(history))
    found = violations(history, table.writes)
    assert not found, "\n".join([f"Repeat: --seed {seed}", f"faults: {dict(table.dealt)}", *found])
    if full:
        assert failures
        assert all(table.dealt[fault] for fault in FAULTS)
