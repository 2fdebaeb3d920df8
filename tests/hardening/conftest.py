"""The services under attack: that of `make run`, and the package behind the local API Gateway.

These tests have their own instances, so that their attacks do not affect other tests.
"""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from deploy.stack import StackOutputs
from local.emulator import LocalCloud, free_port
from local.service import local_service
from tests.e2e.conftest import local_target, package, packaged, service
from tests.fixtures import template_table
from tests.hardening.fault_proxy import FaultyTable
from tests.hardening.target import LocalTarget, Target, User

__all__ = ["local_target", "package", "packaged", "service"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark these tests as slow: `make test-slow` runs them briefly, `make harden` at full length.

    test_leaks.py runs last, as it reports the number of log lines of all attacks.
    """
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.path.name == "test_leaks.py")


@pytest.fixture(scope="session", params=["local_target", "packaged"])
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
def faulty_table(httpserver: HTTPServer, seed: int) -> FaultyTable:
    """Return a proxy that injects faults; `faulty_target` sets the real table."""
    return FaultyTable(httpserver, seed)


@pytest.fixture
def faulty_target(
    monkeypatch: pytest.MonkeyPatch, faulty_table: FaultyTable, request: pytest.FixtureRequest
) -> Iterator[Target]:
    """Return a service that reaches its tables through `faulty_table`."""
    environment = StackOutputs.environment
    endpoint = {"AWS_ENDPOINT_URL_DYNAMODB": faulty_table.url}
    monkeypatch.setattr(StackOutputs, "environment", lambda stack: environment(stack) | endpoint)
    with local_service(free_port()) as service:
        faulty_table.real_url = service.cloud.endpoint_url
        if url := request.config.getoption("--dynamodb"):  # that of `make test-dynamodb`
            faulty_table.real_url = url
            _create_tables(LocalCloud(url).client("dynamodb"), service.stack.variables)
        yield LocalTarget(service)


def _create_tables(dynamodb: Any, variables: dict[str, str]) -> None:
    """Create the tables of a service at another DynamoDB, in place of an earlier test's."""
    present = dynamodb.list_tables()["TableNames"]
    for variable, resource in (("ORDERS_TABLE", "Orders"), ("SHOPS_TABLE", "Shops")):
        table = {"TableName": variables[variable]}
        if table["TableName"] in present:
            dynamodb.delete_table(**table)
        dynamodb.create_table(**table, **template_table(resource))
