"""A server as a child process that runs exactly as long as a `with` block."""

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

from deploy import CommandError

LOOPBACK = "127.0.0.1"
_READY_WITHIN = 60.0  # seconds; a start takes about one, a busy machine may need many
_STOP_WITHIN = 5.0
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)


class ServerError(CommandError):
    """A server could not be started; the message says where its log is."""


def is_free(port: int) -> bool:
    """Return whether a server could listen on this port of the loopback address."""
    try:
        socket.create_server((LOOPBACK, port)).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str], *, env: Mapping[str, str], log: Path, answers_at: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` until the block ends; enter the block once `answers_at` answers HTTP.

    `name` is what messages call it; `log` receives all that it prints. Raises ServerError
    when it ends early or never answers.
    """
    with log.open("wb") as output:
        # A session of its own: Ctrl-C in the terminal reaches only us, and we stop it in order.
        process = subprocess.Popen(
            command,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - it takes no lock
        )
    try:
        _wait_until_it_answers(name, process, log, answers_at)
        yield process
    finally:
        _stop(process)


def _end_with_parent() -> None:
    """Let Linux end this child when its parent is killed and cannot stop it any more.

    Other systems have no such call; there the child keeps running after `kill -9`.
    """
    if sys.platform == "linux":
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until_it_answers(
    name: str, process: subprocess.Popen[bytes], log: Path, url: str
) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            last_lines = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
            raise ServerError(
                f"{name} ended with exit code {process.returncode} before it answered.\n"
                f"Its log, {log}, ends with:\n{last_lines}"
            )
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=1).status_code < requests.codes.server_error:
                return
        time.sleep(0.05)
    raise ServerError(f"{name} did not answer within {_READY_WITHIN:.0f} s. Its log: {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started, politely first."""
    try:
        if process.poll() is None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_WITHIN)
    finally:  # an impatient second Ctrl-C does not leave it behind either
        with contextlib.suppress(ProcessLookupError):  # nothing is left of its group
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
