"""The command line of `chalice`, and what a command says is missing."""

import sys

import click
import pytest

import local
from local import chalice_local
from tools.project import SERVICE_VARIABLES


def prepare(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Load the app as `chalice` does, with no settings; return the error."""
    monkeypatch.setattr(sys, "argv", ["chalice", *arguments])
    monkeypatch.setenv("AWS_CHALICE_CLI_MODE", "true")
    monkeypatch.setenv("STAGE", "prod")
    for name in SERVICE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(click.ClickException) as error:
        chalice_local.prepare()
    return error.value.message


@pytest.mark.parametrize("command", ["package out", "deploy", "delete", "generate-models"])
def test_missing_stack_is_named(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    message = prepare(monkeypatch, *command.split(), "--stage=prod")
    assert message.startswith("Chalice cannot load app.py: ORDERS_TABLE is not set. `make stack ")


@pytest.mark.parametrize("command", ["package out", "local"])
def test_unknown_stage_is_an_error(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    message = prepare(monkeypatch, *command.split(), "--stage", "nope")
    assert message.endswith(".chalice/config.json has no stage 'nope'")


@pytest.mark.parametrize("package", ["jwt", "ministack"])
def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    for name in ("authorizer", "chalice_server", "service", "emulator"):  # imported by others
        monkeypatch.delitem(sys.modules, f"local.{name}", raising=False)
        monkeypatch.delattr(local, name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    message = prepare(monkeypatch, "local", "--port", "8001")
    assert message == f"{package} is not installed: `pip install -r requirements-local.txt`"
