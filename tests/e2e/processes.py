"""Commands in child processes of the tests."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

# Settings with which Python fails.
INVALID_PYTHON_SETTINGS = {
    "PYTHONSAFEPATH": "1",
    "PYTHONHOME": "/no/such/folder",
    "PYTHONWARNINGS": "error",
    "PYTHONOPTIMIZE": "2",
    "LC_ALL": "C",
}


def execute(arguments: list[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """Run a command without a terminal; return its exit code and output."""
    process = subprocess.run(
        arguments,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=900,
    )
    return process.returncode, process.stdout


class Background:
    """A command in the background, without a terminal, and its output."""

    def __init__(self, arguments: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        self._log = Path(tempfile.mkdtemp(dir=folder.parent)) / "output.log"
        self._returned = 0  # the number of characters that `wait_for` has returned
        with self._log.open("wb") as output:
            self.process = subprocess.Popen(
                arguments,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # a process group, as a terminal gives one
                preexec_fn=accept_signals,  # noqa: PLW1509 - no other thread holds a lock here
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait_for(self, pattern: str) -> str:
        """Wait for output that matches; return the output since the last call."""
        deadline = time.monotonic() + 120
        while True:
            has_ended = self.process.poll() is not None
            new_output = self.output[self._returned :]
            if re.search(pattern, new_output):
                self._returned += len(new_output)
                return new_output
            assert not has_ended, f"The command has ended:\n{self.output}"
            assert time.monotonic() < deadline, f"no {pattern!r} after 120 s:\n{self.output}"
            time.sleep(0.05)

    def wait(self) -> int:
        return self.process.wait(60)

    def end(self, signal_: signal.Signals) -> int:
        """Send a signal to the command alone; return its exit code."""
        self.process.send_signal(signal_)
        return self.wait()

    def interrupt(self) -> int:
        """Interrupt the whole process group, as a terminal does; return the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()


def accept_signals() -> None:
    """Restore the handlers of signals that background jobs or `nohup` ignore."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def assert_nothing_runs_in(folder: Path) -> None:
    """Fail if a process of this folder is still running after ten seconds."""
    processes = [
        process
        for process in psutil.process_iter(["cmdline", "cwd"])
        if str(folder) in " ".join([process.info["cwd"] or "", *(process.info["cmdline"] or [])])
    ]
    _, remaining = psutil.wait_procs(processes, timeout=10)
    assert not remaining
