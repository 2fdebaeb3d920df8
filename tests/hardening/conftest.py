"""What is attacked: the service of `make run`, and the package behind the local cloud's gateway.

Both are this room's own, since what attacks leave behind is nothing for other tests to find.
"""

import pytest

from local.service import Service
from tests.e2e.conftest import packaged, service
from tests.e2e.packaged import Packaged
from tests.hardening.target import Person, Target

__all__ = ["packaged", "service"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests that read what all others left behind run last."""
    items.sort(key=lambda item: item.path.name == "test_leaks.py")


@pytest.fixture(scope="session")
def make_run(service: Service) -> Target:
    made = service.stack
    return Target(
        "make run",
        made.api_url,
        service.cloud,
        made.user_pool_id,
        made.client_id,
        made.orders_table,
        lambda: service.log.read_text(errors="replace"),
    )


@pytest.fixture(scope="session")
def package(packaged: Packaged) -> Target:
    made = packaged.made
    return Target(
        "the package",
        packaged.api_url,
        packaged.cloud,
        made.user_pool_id,
        made.client_id,
        made.orders_table,
        lambda: "\n".join(packaged.log_lines()),
        is_packaged=True,
    )


@pytest.fixture(scope="session", params=["make_run", "package"])
def target(request: pytest.FixtureRequest) -> Target:
    """Return each of them in turn; a target itself lasts, and knows all that was asked of it."""
    running: Target = request.getfixturevalue(request.param)
    return running


@pytest.fixture(scope="session")
def customer(target: Target) -> Person:
    return target.sign_in()


@pytest.fixture(scope="session")
def barista(target: Target) -> Person:
    """Return somebody who works at the shop v0."""
    return target.sign_in("v0")
