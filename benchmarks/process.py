"""A program in a process of its own, driven through pipes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.packages import SETTINGS


class Sent(NamedTuple):
    """What some equal requests cost: CPU in seconds, and memory in use afterwards in KiB."""

    cpu: float
    resident: int


class Process:
    """A running program. Close it at the end. `init` is the CPU of loading it, in seconds."""

    def __init__(self, package: Path, sdk: Path, handler: str, table_url: str) -> None:
        replies, descriptor = os.pipe()
        runtime = Path(__file__).with_name("lambda_runtime.py")
        authorities = str(sdk / "botocore/cacert.pem")  # for a program without botocore
        self._child = subprocess.Popen(
            # Isolated from the packages and variables of this environment.
            [sys.executable, "-I", "-S", "-B", runtime, package, sdk, handler, str(descriptor)],
            env={**SETTINGS, "AWS_ENDPOINT_URL": table_url, "SSL_CERT_FILE": authorities},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[descriptor],
        )
        os.close(descriptor)
        self._replies = os.fdopen(replies)
        self.init: float = self._reply()["init"]

    def send(self, event: Mapping[str, Any], count: int = 1) -> Sent:
        """Send an event `count` times. Raises RuntimeError if it is not answered with success."""
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.write(json.dumps({"event": event, "count": count}).encode() + b"\n")
        self._child.stdin.flush()
        reply = self._reply()
        if reply["answer"]["statusCode"] not in {200, 201}:
            raise RuntimeError(f"The program failed: {reply['answer']}")
        return Sent(reply["cpu"], reply["resident"])

    def close(self) -> float:
        """End the process; return all the CPU that it used, in seconds."""
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.close()
        _, status, usage = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self._replies.close()
        return usage.ru_utime + usage.ru_stime

    def _reply(self) -> Any:
        line = self._replies.readline()
        if not line:
            raise RuntimeError("The program ended before it answered")
        return json.loads(line)
