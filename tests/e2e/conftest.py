"""The whole service, as `make run` runs it: local cloud, stack, and `chalice local`, over HTTP."""

import itertools
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import Accounts, Session
from deploy.environment import without
from deploy.project import service_environment
from local.emulator import LocalCloud, local_cloud
from local.server import free_port
from local.service import Service, local_service
from tests.e2e import unzipped
from tests.e2e.aws_proxy import AwsProxy, aws_proxy
from tests.e2e.packaged import Packaged
from tests.e2e.people import sign_in_new_staff, sign_in_somebody_new
from tests.e2e.project import Project, Run
from tests.e2e.terminal import Coffee, FakeCoffee

_numbers = itertools.count()

NewCustomer = Callable[[], Session]
NewStaff = Callable[[str], Session]
NewCoffee = Callable[[], Coffee]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """Run a local cloud of a file's own, with nothing on it."""
    with local_cloud(tmp_path_factory.mktemp("cloud"), all_services=True) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def aws(cloud: LocalCloud) -> Iterator[AwsProxy]:
    """Put a proxy in front of the file's local cloud, as the AWS that deployments go to."""
    with aws_proxy(cloud) as proxy:
        yield proxy


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Return a copy of the project that is set up: it has a `.venv`."""
    # Without what `make test` and the fixtures of tests/api have set in this process.
    unwanted = ("MAKE", "AWS_", "STAGE", *service_environment("", "", "", ""))
    project = Project(tmp_path / "project", without(os.environ, *unwanted))
    (project.folder / ".venv").symlink_to(sys.prefix)
    yield project
    project.stop()


@pytest.fixture
def run(project: Project) -> Run:
    """Return a `make run` that serves until the test ends."""
    return Run(project)


@pytest.fixture
def aws_project(aws: AwsProxy, tmp_path: Path) -> Project:
    """Return a copy of the project that deploys to the file's local cloud."""
    return Project(tmp_path / "project", aws.cloud.environment()).run_functions_here()


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of `sam.json` and `deployment.zip`, which lies `unzipped` beside it."""
    return unzipped.build(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Packaged]:
    """Deploy the package to a local cloud of its own."""
    if sys.platform != "linux":
        pytest.skip("the package is built for Lambda, which is Linux; it cannot run here")
    with local_cloud(tmp_path_factory.mktemp("cloud"), all_services=True) as cloud:
        yield Packaged(cloud, tmp_path_factory.mktemp("packaged") / "project")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with local_service(tmp_path_factory.mktemp("service"), free_port()) as service:
        yield service


@pytest.fixture(scope="session")
def accounts(service: Service) -> Accounts:
    stack = service.stack
    return Accounts(stack.client_id, region=stack.region, endpoint_url=stack.aws_endpoint_url)


@pytest.fixture(scope="session")
def new_customer(service: Service, accounts: Accounts) -> NewCustomer:
    """Return a function that signs a new customer in."""
    return lambda: sign_in_somebody_new(accounts, service.cloud)


@pytest.fixture(scope="session")
def new_staff(service: Service, accounts: Accounts) -> NewStaff:
    """Return a function that signs somebody new in who is staff of a shop."""
    pool_id = service.stack.user_pool_id
    return lambda vendorid: sign_in_new_staff(accounts, service.cloud, pool_id, vendorid)


@pytest.fixture
def accountid() -> str:
    """Return an account that no other test orders for."""
    return f"account{next(_numbers)}"


@pytest.fixture
def new_coffee(service: Service, tmp_path_factory: pytest.TempPathFactory) -> NewCoffee:
    """Return a function that makes a `coffee` for one more user beside a running service."""

    def make() -> Coffee:
        home = tmp_path_factory.mktemp("home")
        project = home / "project"
        (project / ".local").mkdir(parents=True)
        (project / ".local/stack.json").write_text(json.dumps(service.stack._asdict()))
        coffee = Coffee(home, project)
        coffee.succeed("configure")
        return coffee

    return make


@pytest.fixture
def coffee(new_coffee: NewCoffee) -> Coffee:
    return new_coffee()


@pytest.fixture
def fake_coffee(tmp_path: Path, httpserver: HTTPServer) -> FakeCoffee:
    return FakeCoffee(tmp_path, httpserver)


@pytest.fixture
def username(accountid: str) -> str:
    return f"user-of-{accountid}"
