"""A program in a child process that is controlled through pipes."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.packages import SETTINGS


class Measurement(NamedTuple):
    """The CPU time of requests in seconds, and the memory after them in KiB."""

    cpu: float
    resident: int


class Process:
    """A running program, to be closed. `init` is the CPU time of its import in seconds."""

    def __init__(self, package: Path, sdk: Path, handler: str, table_url: str) -> None:
        replies, descriptor = os.pipe()
        runtime = Path(__file__).with_name("lambda_runtime.py")
        self._child = subprocess.Popen(
            # Isolated from this environment's packages and variables.
            [sys.executable, "-I", "-S", "-B", runtime, package, sdk, handler, str(descriptor)],
            env={**SETTINGS, "AWS_ENDPOINT_URL": table_url},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=[descriptor],
        )
        os.close(descriptor)
        self._replies = os.fdopen(replies)
        self.init: float = self._reply()["init"]

    def send(self, event: Mapping[str, Any], count: int = 1) -> Measurement:
        """Send an event `count` times. Raises RuntimeError if the last response is an error."""
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.write(json.dumps({"event": event, "count": count}).encode() + b"\n")
        self._child.stdin.flush()
        reply = self._reply()
        if reply["answer"]["statusCode"] not in {200, 201}:
            raise RuntimeError(f"The program failed: {reply['answer']}")
        pages = int(Path(f"/proc/{self._child.pid}/statm").read_text().split()[1])
        return Measurement(reply["cpu"], pages * os.sysconf("SC_PAGE_SIZE") // 1024)

    def close(self) -> float:
        """End the process; return its total CPU time in seconds."""
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.close()
        _, status, usage = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self._replies.close()
        return usage.ru_utime + usage.ru_stime

    def _reply(self) -> Any:
        line = self._replies.readline()
        if not line:
            raise RuntimeError("The program ended without a reply")
        return json.loads(line)
