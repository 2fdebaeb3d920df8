"""The settings, the command line and the required packages of `chalice local`."""

import os
import sys
from unittest.mock import Mock

import click
import pytest

from local import chalice_local
from tests.samples import LOCAL_STACK


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Replace the environment of this process by an empty one."""
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    return environment


def test_missing_settings_are_an_error(environment: dict[str, str]) -> None:
    environment |= {"ORDERS_TABLE": "orders", "SHOPS_TABLE": "shops", "STAGE": "local"}
    with pytest.raises(RuntimeError, match=r"^USER_POOL_ARN and CLIENT_ID .* docs/testing.md"):
        chalice_local.prepare()


@pytest.mark.parametrize(
    ("arguments", "command", "stage", "port"),
    [
        (["local"], "local", "dev", 8000),
        (["local", "--port", "1", "--stage", "prod"], "local", "prod", 1),
        (["local", "--stage=prod", "--port=1", "--no-autoreload"], "local", "prod", 1),
        (["--project-dir", "local", "package", "out"], "package", "dev", 8000),
        (["--debug", "deploy", "--profile", "local", "--stage", "x"], "deploy", "x", 8000),
        (["dev", "plan", "--stage", "x"], "dev", "x", 8000),
    ],
)
def test_command_line_is_parsed_like_chalices(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], command: str, stage: str, port: int
) -> None:
    monkeypatch.setattr(sys, "argv", ["chalice", *arguments])
    options = chalice_local._parse_command_line()
    assert (options.command, options.stage, options.port) == (command, stage, port)


def test_missing_packages_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    installed = {"boto3", "cryptography", "msgspec", "requests"}
    monkeypatch.setattr(
        chalice_local, "find_spec", lambda name: name if name in installed else None
    )
    with pytest.raises(click.ClickException) as error:
        chalice_local._require_packages()
    assert error.value.message.startswith("chalice local needs jwt and ministack: `pip install -r ")


def test_restart_keeps_the_ca_bundle(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment |= {"AWS_PROFILE": "mine", "AWS_CA_BUNDLE": "/ca", "CHALICE_WORKER": "true"}
    execve = Mock()
    monkeypatch.setattr(os, "execve", execve)
    chalice_local._restart_with(LOCAL_STACK)
    new_environment = execve.call_args.args[2]
    unchanged = {"AWS_CA_BUNDLE": "/ca", "CHALICE_WORKER": "true"}
    assert new_environment.items() >= (unchanged | LOCAL_STACK.environment()).items()
    assert "AWS_PROFILE" not in new_environment
