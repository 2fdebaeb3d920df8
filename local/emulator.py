"""The local cloud: an emulator of AWS on this machine that needs only Python.

It is MiniStack behind a gate (gate.py), in a child process on the loopback address, with IAM
enforced. The service and its clients use it through boto3, as they use AWS. A server, such as this
one, runs as a child process until a `with` block ends.
"""

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import ministack  # noqa: F401 - only the child process uses it, but a missing one shows here
import requests

from local import gate
from tools import CommandError

LOOPBACK = "127.0.0.1"
_START_TIMEOUT = 60.0  # seconds; a start takes about one, or many on a busy machine
_STOP_TIMEOUT = 5.0
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1  # prctl(2)
REGION = "ap-southeast-2"
# The services that the stack uses; Lambda runs the notifier.
_SERVICES = "cloudformation,cognito-idp,dynamodb,iam,kms,lambda"
# MiniStack's root user, also under this key. Real keys are never sent to the local cloud.
_ACCESS_KEY = _SECRET_KEY = "test"  # noqa: S105
# MiniStack inherits only these variables. Others could be its settings for another project, such as
# SERVICES or USE_SSL. COVERAGE_ is for Lambda functions.
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "COVERAGE_")


@dataclass(frozen=True)
class LocalCloud:
    """A running local cloud. With its owner's access key, every service can be used."""

    endpoint_url: str
    access_key: str = field(default=_ACCESS_KEY, repr=False)

    def environment(self) -> dict[str, str]:
        """Return the environment variables that point boto3 at this local cloud."""
        return {
            "AWS_ACCESS_KEY_ID": _ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint_url,
        }

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        keys = {"aws_access_key_id": self.access_key, "aws_secret_access_key": _SECRET_KEY}
        return boto3.client(service, REGION, endpoint_url=self.endpoint_url, **keys)  # type: ignore[call-overload]

    def mails_to(self, address: str) -> list[str]:
        """Return the bodies of the mails that were sent to `address`, oldest first."""
        response = requests.get(f"{self.endpoint_url}/_ministack/ses/messages", timeout=10)
        response.raise_for_status()
        mails = [mail for mailbox in response.json()["messages"].values() for mail in mailbox]
        mails.sort(key=lambda mail: str(mail["Timestamp"]))
        return [str(mail["BodyText"]) for mail in mails if address in mail["To"]]


@contextlib.contextmanager
def local_cloud(services: str = _SERVICES) -> Iterator[LocalCloud]:
    """Run a local cloud until the block ends, with the services that the stack needs.

    With "" it has all services, for everybody. Raises ServerError if it cannot be started.
    """
    port = free_port()
    cloud = LocalCloud(f"http://{LOOPBACK}:{port}", secrets.token_hex(16))
    inherited = {name: os.environ[name] for name in os.environ if name.startswith(_INHERITED)}
    with tempfile.TemporaryDirectory(prefix="local-cloud-") as folder:
        settings = {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": cloud.access_key,
            "AWS_SECRET_ACCESS_KEY": _SECRET_KEY,
            "BIND_HOST": LOOPBACK,
            # Without Docker, MiniStack cannot remove containers that another one has started.
            "DOCKER_HOST": f"unix://{folder}/no-docker",
            "GATEWAY_PORT": str(port),
            "HOME": folder,
            "IOT_MTLS_ENABLED": "0",
            "MINISTACK_REGION": REGION,
            "S3_DATA_DIR": f"{folder}/s3",
            "SERVICES": services,
            "SFTP_ENABLED": "0",
            "STATE_DIR": f"{folder}/state",
            "TMPDIR": folder,
        }
        with running_server(
            "The local cloud (MiniStack)",
            # -I ignores PYTHON* variables, the user's packages and the files in the same folder.
            [sys.executable, "-I", str(gate.__file__)],
            env=inherited | settings,
            ready_url=f"{cloud.endpoint_url}/_ministack/ready",
        ):
            yield cloud


class ServerError(CommandError):
    """A server could not be started, or has ended. The message has the end of its log."""


def is_free(port: int) -> bool:
    """Return whether a port of the loopback address is free."""
    with contextlib.suppress(OSError, OverflowError):  # above 65535
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
    name: str, command: Sequence[str], *, env: Mapping[str, str], ready_url: str
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Run `command` until the block ends; enter the block when `ready_url` answers.

    Returns the process and its log, a temporary file. Messages contain `name`. Raises ServerError,
    with the end of the log, if the command ends early or does not answer.
    """
    with tempfile.NamedTemporaryFile(prefix="local-", suffix=".log") as output:
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
            _wait_until_ready(name, process, Path(output.name), ready_url)
            yield process, Path(output.name)
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
