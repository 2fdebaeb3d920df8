"""The services under attack: that of `make run`, and the package behind the local API Gateway.

These tests have their own instances, so that their attacks do not affect other tests.
"""

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
from pytest_httpserver import HTTPServer

from deploy import stack
from local.emulator import REGION, LocalCloud
from local.server import free_port
from local.service import Service, local_service
from tests.e2e.conftest import packaged, service
from tests.e2e.packaged import Packaged
from tests.fixtures import template_table
from tests.hardening.fault_proxy import FaultyService, FaultyTable
from tests.hardening.target import Target, User

__all__ = ["packaged", "service"]


@pytest.fixture(scope="session", autouse=True)
def other_dynamodb(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--dynamodb`, create the tables of each stack there, and let the services use them."""
    url = request.config.getoption("--dynamodb")
    if url is None:
        yield
        return
    environment, read_outputs = LocalCloud.environment, stack.outputs

    def outputs_and_tables(*args: Any, **options: Any) -> stack.StackOutputs:
        outputs = read_outputs(*args, **options)
        dynamodb = boto3.client(
            "dynamodb",
            REGION,
            endpoint_url=url,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )
        for table, resource in ((outputs.orders_table, "Orders"), (outputs.shops_table, "Shops")):
            with contextlib.suppress(dynamodb.exceptions.ResourceNotFoundException):
                dynamodb.delete_table(TableName=table)  # of an earlier local cloud
            dynamodb.create_table(TableName=table, **template_table(resource))
        return outputs

    with pytest.MonkeyPatch.context() as patch:
        endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": url}
        patch.setattr(LocalCloud, "environment", lambda cloud: environment(cloud) | endpoint)
        patch.setattr(stack, "outputs", outputs_and_tables)
        yield


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Ignore test_static.py without `--full`: only `make harden` installs its tools."""
    ignores = collection_path.name == "test_static.py" and not config.getoption("--full")
    return True if ignores else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests as slow: `make test-slow` runs them briefly, `make harden` at full length.

    test_leaks.py runs last, as it reports the number of log lines of all attacks.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.name == "test_leaks.py")


@pytest.fixture(scope="session")
def local_target(service: Service) -> Target:
    stack, process = service.stack, psutil.Process(service.process.pid)
    return Target(
        "make run",
        stack,
        stack.api_url,
        service.cloud,
        read_log=lambda: service.log.read_text(errors="replace"),
        processes=lambda: [process, *process.children(recursive=True)],
    )


@pytest.fixture(scope="session")
def packaged_target(packaged: Packaged) -> Target:
    return Target(
        "the package",
        packaged.outputs,
        packaged.api_url,
        packaged.cloud,
        read_log=lambda: "\n".join(packaged.log_lines()),
        processes=lambda: local_cloud_process(packaged.cloud).children(recursive=True),
        is_packaged=True,
    )


def local_cloud_process(cloud: LocalCloud) -> psutil.Process:
    """Return the process of a local cloud that this process has started."""
    port = cloud.endpoint_url.rpartition(":")[2]
    children = psutil.Process().children()
    (process,) = (child for child in children if child.environ().get("GATEWAY_PORT") == port)
    return process


@pytest.fixture(scope="session", params=["local_target", "packaged_target"])
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Return each service in turn. After its last test, search its log."""
    target: Target = request.getfixturevalue(request.param)
    yield target
    target.expect_safe_log()


@pytest.fixture(scope="session")
def customer(target: Target) -> User:
    return target.sign_in()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of the command line, or a random one."""
    seed: int | None = request.config.getoption("--seed")
    return random.SystemRandom().randrange(10**6) if seed is None else seed


@pytest.fixture
def faulty_service(
    monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer, seed: int
) -> Iterator[FaultyService]:
    table, environment = FaultyTable(httpserver, seed), stack.StackOutputs.environment
    endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": table.url}
    monkeypatch.setattr(
        stack.StackOutputs, "environment", lambda outputs: environment(outputs) | endpoint
    )
    with local_service(free_port()) as service:
        url, cloud = service.stack.api_url, service.cloud
        table.real_url = cloud.environment().get("AWS_ENDPOINT_URL_DYNAMODB", cloud.endpoint_url)
        yield FaultyService(Target("chalice local", service.stack, url, cloud), table)
