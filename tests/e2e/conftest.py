"""The whole service, as `make run` runs it: local cloud, stack, and `chalice local`, over HTTP."""

import itertools
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cloud.outputs import PROJECT
from cloud.server import free_port
from cloud.service import Service, local_service
from coffee_client import Accounts, Session, Shop
from tests.samples import PASSWORD

_numbers = itertools.count()

NewCustomer = Callable[[], Session]


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with local_service(tmp_path_factory.mktemp("service"), free_port()) as service:
        yield service


@pytest.fixture(scope="session")
def accounts(service: Service) -> Accounts:
    made = service.stack
    return Accounts(made.client_id, region=made.region, endpoint_url=made.aws_endpoint_url)


@pytest.fixture(scope="session")
def new_customer(service: Service, accounts: Accounts) -> NewCustomer:
    """Return a function that signs somebody up, confirms them by mail, and logs them in."""

    def make() -> Session:
        username = f"customer{next(_numbers)}"
        email = f"{username}@example.com"
        accounts.sign_up(username, PASSWORD, email=email)
        accounts.confirm(username, code_in(service.cloud.mails_to(email)[-1]))
        return accounts.log_in(username, PASSWORD)

    return make


@pytest.fixture(scope="session")
def signed_in_customer(new_customer: NewCustomer) -> Session:
    return new_customer()


@pytest.fixture
def shop(service: Service, signed_in_customer: Session) -> Shop:
    return Shop(service.stack.api_url, signed_in_customer)


@pytest.fixture
def accountid() -> str:
    """Return an account that no other test orders for."""
    return f"account{next(_numbers)}"


def code_in(mail: str) -> str:
    """Return the code in a mail of Cognito's."""
    (code,) = re.findall(r"\b\d{6}\b", mail)
    return str(code)


def copy_project(to: Path) -> Path:
    """Copy the project, without what it has made, so that a test may deploy from the copy."""
    made = [".venv", ".git", ".local", "build", "deployed", "deployments", "__pycache__", ".*_cache"]
    shutil.copytree(PROJECT, to, ignore=shutil.ignore_patterns(*made, ".coverage*", ".hypothesis"))
    return to


class Project:
    """A copy of the project, and the environment that its commands run in."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = copy_project(folder)
        self.environment = dict(environment)

    def run(self, *words: str, answer: str = "", **environment: str | None) -> tuple[int, str]:
        """Run `python -m cloud`; return its exit code and all that it printed."""
        changed = self.environment | environment
        done = subprocess.run(
            [sys.executable, "-m", "cloud", *words],
            cwd=self.folder,
            env={name: value for name, value in changed.items() if value is not None},
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def config(self) -> dict[str, Any]:
        """Return Chalice's settings, as the commands left them."""
        config: dict[str, Any] = json.loads((self.folder / ".chalice/config.json").read_text())
        return config
