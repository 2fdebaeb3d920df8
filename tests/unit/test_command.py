"""The messages and exit codes of the commands."""

import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

import click
import pytest

from local import cli, service
from local.emulator import ServerError
from tools import command

_EXAMPLE = "\nExample: make staff STAGE=local VENDOR=v0 STAFF=Ann"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Replace the environment of this process by an empty one, and the folder of local clouds."""
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    monkeypatch.setattr(service, "STACK_JSON", tmp_path / "stack.json")
    return environment


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run a command of `python -m local`; return its exit code."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["local", *arguments])
    with pytest.raises(SystemExit) as error:
        command.run_cli("local.cli", "python -m local")
    return error.value.code


@pytest.mark.parametrize(
    ("name", "variables", "code", "message"),
    [
        ("mail", {"TO": ""}, 2, "Missing option TO.\nExample: make mail TO=ann@example.com"),
        ("mail", {"TO": "a"}, 1, "No local cloud is running: start one with `make run`"),
        ("staff", {}, 2, f"Missing option VENDOR.{_EXAMPLE}"),
        ("staff", {"VENDOR": "v0"}, 2, f"Missing option STAFF.{_EXAMPLE}"),
        ("run", {"PORT": "a"}, 2, "Invalid value for PORT: 'a' is not a valid integer range."),
        ("run", {"PORT": "0"}, 2, "Invalid value for PORT: 0 is not in the range 1<=x<=65535."),
        ("nope", {}, 2, "No such command 'nope'."),
    ],
)
def test_error_names_the_variable_of_make_with_an_example(
    name: str,
    variables: dict[str, str],
    code: int,
    message: str,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment |= variables
    assert run(monkeypatch, name) == code
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(message)


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (ServerError("It ended"), 1, "It ended"),
        (PermissionError(13, "No access", "stack.json"), 1, "No access: stack.json"),
        (OSError(28, "No space left on device"), 1, "[Errno 28] No space left on device"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (click.Abort(), 130, "Stopped."),
    ],
)
@pytest.mark.usefixtures("environment")
def test_failure_is_its_message(
    error: BaseException,
    code: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> NoReturn:
        raise error

    monkeypatch.setattr(cli, "cli", click.Command("fail", callback=fail))
    assert run(monkeypatch) == code
    assert capsys.readouterr().err.strip() == message


class _Interrupted:
    """An object in whose finalizer Ctrl-C arrives."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


def test_interrupt_in_a_finalizer_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", command._interrupt_again)
    signal.signal(signal.SIGALRM, signal.default_int_handler)

    def be_interrupted() -> None:
        _Interrupted()
        threading.Event().wait(10)

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
