"""Servers as child processes that run until a `with` block ends."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import requests

from tools import CommandError

LOOPBACK = "127.0.0.1"
_START_TIMEOUT = 60.0  # seconds; a start takes about one, or many on a busy machine
_STOP_TIMEOUT = 5.0
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)


class ServerError(CommandError):
    """A server could not be started, or has ended. The message has the end of its log."""


def is_free(port: int) -> bool:
    """Return whether a port of the loopback address is free."""
    with contextlib.suppress(OSError):
        socket.create_server((LOOPBACK, port)).close()
        return True
    return False


def free_port() -> int:
    """Return a free port of the loopback address."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


def terminate_with_parent() -> None:
    """Let Linux terminate this process when its parent is killed.

    On other systems it keeps running after a `kill -9` of the parent.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@contextlib.contextmanager
def running_server(
    name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path, ready_url: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; enter the block when `ready_url` answers.

    Messages contain `name`. The output goes to the file `log`. Raises ServerError, with the end of
    it, if the command ends early or does not answer.
    """
    with log.open("wb") as output:
        # In a session of its own, it does not receive Ctrl-C; this process stops it in order.
        process = subprocess.Popen(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=terminate_with_parent,  # noqa: PLW1509 - it takes no lock
        )
    try:
        _wait_until_ready(name, process, log, ready_url)
        yield process
    finally:
        _stop(process)


def _wait_until_ready(name: str, process: subprocess.Popen[bytes], log: Path, url: str) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=1).status_code < requests.codes.server_error:
                return
        time.sleep(0.05)
    end = "did not answer in time" if process.poll() is None else "ended before it answered"
    raise ServerError(f"{name} {end}. {end_of(log)}")


def end_of(log: Path) -> str:
    """Return the last lines of a server's log for a message."""
    return "Its log ends with:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Terminate the process; after a timeout, kill it and all processes of its group."""
    process.terminate()
    try:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_TIMEOUT)
    finally:  # also after a second Ctrl-C
        with contextlib.suppress(ProcessLookupError):  # the group has ended
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
