"""A local cloud that starts and ends with `chalice local`.

After an edit, Chalice's reloader replaces the process that serves the API. Orders and users are
in this process, which ends only when `chalice local` itself ends.
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

from deploy import CommandError
from deploy.environment import without_aws_settings
from deploy.project import PROJECT
from local.server import ServerError
from local.service import local_stack
from local.state import LOCAL, LocalStack, noted


def start(api_url: str, pid: int) -> LocalStack:
    """Start a local cloud that runs until the process `pid` ends, and wait until it is ready.

    `api_url` is where its service will be. Raises ServerError.
    """
    # Only what this project sets reaches boto3, and Python finds this project.
    environment = without_aws_settings(os.environ) | {"PYTHONPATH": str(PROJECT)}
    keeper = subprocess.Popen(
        [sys.executable, "-m", "local.keeper", api_url, str(pid)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        # A session of its own: Ctrl-C in the terminal ends `chalice local`, and that ends this.
        start_new_session=True,
        text=True,
    )
    assert keeper.stdout is not None, "it is a pipe"  # noqa: S101 # nosec
    line = keeper.stdout.readline()
    try:
        answer = json.loads(line)
    except ValueError:
        raise ServerError("The local cloud ended before it was ready") from None
    if "error" in answer:
        raise ServerError(answer["error"])
    return LocalStack(**answer["stack"])


def wait_for_end(pid: int) -> None:
    """Return when the process `pid`, which need not be a child of this one, has ended."""
    # Signal 0 would also find a process that has ended and whose parent has not asked for it yet.
    if hasattr(os, "pidfd_open"):
        with contextlib.suppress(ProcessLookupError):
            select.select([os.pidfd_open(pid)], [], [])
        return
    with contextlib.suppress(ProcessLookupError):
        while True:  # as on macOS
            os.kill(pid, 0)
            time.sleep(0.2)


def _keep(api_url: str, pid: int) -> None:
    """Run a local cloud until `pid` ends; print one line of JSON as soon as it is ready."""
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_stop_after, args=[pid], daemon=True).start()
    LOCAL.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="chalice-", dir=LOCAL) as directory,
        local_stack(Path(directory), api_url) as (_, stack),
        noted(stack),
    ):
        print(json.dumps({"stack": stack._asdict()}), flush=True)
        signal.pause()


def _stop_after(pid: int) -> None:
    wait_for_end(pid)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(*_: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


if __name__ == "__main__":
    try:
        _keep(sys.argv[1], int(sys.argv[2]))
    except (CommandError, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
