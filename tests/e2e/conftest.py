"""Fixtures with the whole service over HTTP: local cloud, stack, and `chalice local`."""

import itertools
import os
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from coffee_client import Accounts
from local.emulator import LocalCloud, free_port, local_cloud
from local.service import Service, local_service
from tests.e2e.packaged import Packaged
from tests.e2e.project import Project, copy_of_the_project
from tests.hardening.target import LocalTarget

_numbers = itertools.count()


@pytest.fixture(scope="module")
def cloud() -> Iterator[LocalCloud]:
    """Run an empty local cloud for a test file."""
    with local_cloud(services="") as cloud:
        yield cloud


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = copy_of_the_project(tmp_path)
    yield project
    project.stop()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with `sam.json`, `deployment.zip`, and its content in `unzipped`."""
    project = Project(tmp_path_factory.mktemp("package") / "project", os.environ).use_local_cloud()
    code, output = project.run("deploy", "package", "--stage", "dev")
    if code:  # without a package index, all tests of the package fail, each with this line
        pytest.fail(f"make package: {output.strip()}", pytrace=False)
    folder = project.folder / "build/dev"
    with zipfile.ZipFile(folder / "deployment.zip") as zipped:
        zipped.extractall(folder / "unzipped")
    return folder


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    if sys.platform != "linux":
        pytest.skip("the package is built for Linux")
    with local_cloud(services="") as cloud:
        yield Packaged(cloud, tmp_path_factory.mktemp("packaged"))


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    with local_service(free_port()) as service:
        yield service


@pytest.fixture(scope="session")
def local_target(service: Service) -> LocalTarget:
    return LocalTarget(service)


@pytest.fixture(scope="session")
def accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


@pytest.fixture
def accountid() -> str:
    """Return an account that no other test uses."""
    return f"account{next(_numbers)}"


@pytest.fixture
def username(accountid: str) -> str:
    return f"user-of-{accountid}"
