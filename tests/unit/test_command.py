"""The messages and exit codes of the commands, and what remains after a failure."""

import sys
import threading
from pathlib import Path
from typing import NoReturn

import click
import pytest

from local import cli, state
from local.server import ServerError
from tools import command

_EXAMPLE = "Example: make staff STAGE=local VENDOR=v0 STAFF=Ann"


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """Replace the environment of this process by an empty one, and the folder of local clouds."""
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    monkeypatch.setattr(state, "STACK_JSON", tmp_path / "stack.json")
    monkeypatch.setattr(cli, "LOCAL", tmp_path)
    return environment


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Run a command of `python -m local`; return its exit code."""
    monkeypatch.setattr(sys, "argv", ["local", *arguments])
    with pytest.raises(SystemExit) as error:
        command._run("local.cli", "python -m local")
    return error.value.code


@pytest.mark.parametrize(
    ("name", "variables", "code", "message"),
    [
        ("mail", {}, 2, "TO is missing. Example: make mail TO=ann@example.com"),
        ("mail", {"TO": ""}, 2, "TO is missing. Example: make mail TO=ann@example.com"),
        ("mail", {"TO": "a"}, 1, "No local cloud is running: start one with `make run`"),
        ("staff", {}, 2, f"VENDOR is missing. {_EXAMPLE}"),
        ("staff", {"VENDOR": "v0"}, 2, f"STAFF is missing. {_EXAMPLE}"),
        ("run", {"PORT": "a"}, 2, "PORT: 'a' is not a valid integer range."),
        ("run", {"PORT": "0"}, 2, "PORT: 0 is not in the range 1<=x<=65535."),
        ("nope", {}, 2, "No such command 'nope'."),
    ],
)
def test_error_is_one_line_with_an_example(
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
    (line,) = output.err.splitlines()
    assert line.startswith(message)


def failing(error: BaseException) -> click.Command:
    def fail() -> NoReturn:
        with cli._log_directory():
            raise error

    return click.Command("fail", callback=fail)


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ServerError("It ended"), "It ended"),
        (PermissionError(13, "Permission denied", "stack.json"), "Permission denied: stack.json"),
        (OSError(28, "No space left on device"), "[Errno 28] No space left on device"),
    ],
)
@pytest.mark.usefixtures("environment")
def test_failure_is_its_message_and_only_that_of_a_server_leaves_its_log(
    error: Exception,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(cli, "cli", failing(error))
    assert run(monkeypatch) == 1
    assert capsys.readouterr().err == f"{message}\n"
    assert len(list(tmp_path.iterdir())) == isinstance(error, ServerError)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), BrokenPipeError()])
@pytest.mark.usefixtures("environment")
def test_interrupt_and_closed_pipe_leave_no_log(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cli, "cli", failing(error))
    monkeypatch.setattr(sys, "argv", ["local"])
    with pytest.raises(type(error)):
        command._run("local.cli", "python -m local")
    assert list(tmp_path.iterdir()) == []


class _Interrupted:
    """An object in whose finalizer Ctrl-C arrives."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


def test_interrupt_in_a_finalizer_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", command._raise_again)

    def be_interrupted() -> None:
        _Interrupted()
        threading.Event().wait(10)

    with pytest.raises(KeyboardInterrupt):
        be_interrupted()
