"""Fixtures with `coffee`, beside the running service and beside a fake one."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from coffee_client import CoffeeClient
from local.service import Service
from tests.client.fake_service import FakeService
from tests.client.terminal import Coffee, FakeCoffee
from tests.e2e.conftest import accountid, service, username

__all__ = ["accountid", "service", "username"]

NewCoffee = Callable[[], Coffee]


@pytest.fixture
def new_coffee(service: Service, tmp_path_factory: pytest.TempPathFactory) -> NewCoffee:
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
def fake_service(httpserver: HTTPServer) -> FakeService:
    return FakeService(httpserver)


@pytest.fixture
def client(fake_service: FakeService) -> CoffeeClient:
    return CoffeeClient(fake_service.url)


@pytest.fixture
def fake_coffee(tmp_path: Path, fake_service: FakeService) -> FakeCoffee:
    return FakeCoffee(tmp_path, fake_service)
