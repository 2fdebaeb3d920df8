"""The messages and exit codes of the commands."""

import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
import pytest

from local import cli, service
from local.emulator import ServerError
from tools import command

Run = Callable[..., tuple[object, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `python -m local`; it returns the exit code and the error."""
    monkeypatch.setattr(service, "STACK_JSON", tmp_path / "stack.json")
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def run(*arguments: str, **variables: str) -> tuple[object, str]:
        monkeypatch.setattr("os.environ", variables)
        monkeypatch.setattr(sys, "argv", ["local", *arguments])
        with pytest.raises(SystemExit) as error:
            command.run_cli("local.cli", "python -m local")
        output = capsys.readouterr()
        assert output.out == ""
        return error.value.code, output.err.strip()

    return run


def test_error_names_the_variable_of_make_with_an_example(run: Run) -> None:
    missing = "Missing option TO.\nExample: make mail TO=ann@example.com"
    assert run("mail", TO="") == (2, missing)
    no_cloud = "No local cloud is running: start one with `make run`"
    assert run("mail", TO="a") == (1, no_cloud)
    wrong = "Invalid value for PORT: 'abc' is not a valid integer.\nExample: make run PORT=8001"
    assert run("run", PORT="abc") == (2, wrong)


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
def test_failure_is_its_message(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, message: str
) -> None:
    def fail() -> NoReturn:
        raise error

    monkeypatch.setattr(cli, "cli", click.Command("fail", callback=fail))
    assert run() == (code, message)


class _Interrupted:
    """An object in whose finalizer Ctrl-C arrives."""

    def __del__(self) -> None:
        raise KeyboardInterrupt


def test_interrupt_in_a_finalizer_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "unraisablehook", command._interrupt_again)
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        _Interrupted()
        threading.Event().wait(10)
