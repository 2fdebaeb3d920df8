"""A local cloud in the background of `chalice local`.

Chalice's reloader replaces the process that serves the API after each edit. Orders and users are in
a process of their own, which ends when `chalice local` ends.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NoReturn

from local.server import ServerError
from local.service import local_stack
from local.state import LOCAL, LocalStack, registration
from tools import CommandError
from tools.environment import without_aws_settings
from tools.project import PROJECT


def start(api_url: str, pid: int) -> LocalStack:
    """Start a local cloud that runs until the process `pid` ends; return when it is ready.

    The service will be at `api_url`. Raises ServerError.
    """
    environment = without_aws_settings(os.environ) | {"PYTHONPATH": str(PROJECT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "local.background", api_url, str(pid)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # In a session of its own, it does not receive Ctrl-C before `chalice local` ends.
        start_new_session=True,
        text=True,
    )
    assert process.stdout is not None, "it is a pipe"  # noqa: S101 # nosec
    line = process.stdout.readline()
    try:
        message = json.loads(line)
    except ValueError:
        raise ServerError("The local cloud ended before it was ready") from None
    if "error" in message:
        raise ServerError(message["error"])
    return LocalStack(**message["stack"])


def wait_for_exit(pid: int) -> None:
    """Return when the process `pid`, which need not be a child of this one, has ended."""
    # Signal 0 also succeeds for a zombie process.
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(ProcessLookupError):
            select.select([os.pidfd_open(pid)], [], [])
        return
    with contextlib.suppress(ProcessLookupError):
        while True:  # macOS has no pidfd_open
            os.kill(pid, 0)
            time.sleep(0.2)


def _serve(api_url: str, pid: int) -> None:
    """Run a local cloud until `pid` ends; print one line of JSON when it is ready."""
    signal.signal(signal.SIGTERM, _exit)
    threading.Thread(target=_terminate_after, args=[pid], daemon=True).start()
    LOCAL.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="chalice-", dir=LOCAL) as directory,
        local_stack(Path(directory), api_url) as (_, stack),
        registration(stack),
    ):
        print(json.dumps({"stack": stack._asdict()}), flush=True)
        signal.pause()


def _terminate_after(pid: int) -> None:
    wait_for_exit(pid)
    os.kill(os.getpid(), signal.SIGTERM)


def _exit(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


if __name__ == "__main__":
    try:
        _serve(sys.argv[1], int(sys.argv[2]))
    except (CommandError, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
