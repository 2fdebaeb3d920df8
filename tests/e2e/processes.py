"""Child processes of the tests: commands that end by themselves, and commands that stay."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
import pytest

Environment = Mapping[str, str | None]  # None removes a variable

# Settings of the user for Python that would break a command which heeds them.
BAD_PYTHON_SETTINGS = {
    "PYTHONSAFEPATH": "1",
    "PYTHONHOME": "/no/such/folder",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "LC_ALL": "C",
}


def execute(
    words: list[str],
    folder: Path,
    environment: Environment,
    *,
    stdin: str = "",
    timeout: float = 120,
    prepare: Callable[[], None] | None = None,
) -> tuple[int, str]:
    """Run a command; return its exit code and all that it printed.

    `prepare` runs in the new process before the command does.
    """
    done = subprocess.run(
        words,
        cwd=folder,
        env=_without_none(environment),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
        preexec_fn=prepare,
    )
    return done.returncode, done.stdout


class Background:
    """A command that runs in the background, and what it has printed."""

    def __init__(self, words: list[str], folder: Path, environment: Environment) -> None:
        descriptor, log = tempfile.mkstemp(suffix=".log", dir=folder.parent)
        self._log = Path(log)
        self._returned = 0  # characters of the log
        with os.fdopen(descriptor, "wb") as output:
            self.process = subprocess.Popen(
                words,
                cwd=folder,
                env=_without_none(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a process group, as a terminal gives one
                preexec_fn=accept_signals,  # noqa: PLW1509 - no other thread holds a lock here
            )

    @property
    def printed(self) -> str:
        """Return all that it has printed so far."""
        return self._log.read_text()

    def until(self, pattern: str, seconds: float = 60) -> str:
        """Wait until a line matches; return the text that was printed since the last call."""
        deadline = time.monotonic() + seconds
        while True:
            has_ended = self.process.poll() is not None
            new = self.printed[self._returned :]
            if re.search(pattern, new):
                self._returned += len(new)
                return new
            assert not has_ended, f"The command has ended:\n{self.printed}"
            assert time.monotonic() < deadline, f"no {pattern!r} after {seconds} s:\n{self.printed}"
            time.sleep(0.05)

    def wait(self, seconds: float = 30) -> int:
        """Wait until it ends; return its exit code. Kill it if that takes too long."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def end(self, with_signal: signal.Signals) -> int:
        """Send a signal to the command alone; return its exit code."""
        self.process.send_signal(with_signal)
        return self.wait()

    def press_ctrl_c(self) -> int:
        """Interrupt the whole process group, as a terminal does; return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()


def accept_signals() -> None:
    """Undo what a process inherits: a background job ignores SIGINT, `nohup` ignores SIGHUP."""
    for each in (signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_DFL)


def assert_nothing_runs_in(folder: Path) -> None:
    """Fail if a process of this folder is left after ten seconds."""
    psutil.wait_procs(_processes_in(folder), timeout=10)
    left = _processes_in(folder)
    for process in left:
        process.kill()
    if left:
        pytest.fail(f"left behind: {[process.info['cmdline'] for process in left]}")


def _processes_in(folder: Path) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if str(folder) in " ".join([process.info["cwd"] or "", *(process.info["cmdline"] or [])])
    ]


def _without_none(environment: Environment) -> dict[str, str]:
    return {name: value for name, value in environment.items() if value is not None}
