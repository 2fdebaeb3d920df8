"""A program of the field in a process of its own, driven over pipes."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.field import Program
from benchmarks.packages import SETTINGS, Packages

_RUNTIME = Path(__file__).with_name("lambda_runtime.py")


class Answered(NamedTuple):
    """What a process took to answer some requests, and its last answer."""

    cpu: float  # seconds, user and system
    answer: Mapping[str, Any]
    client: float  # of the process's whole CPU, what making the SDK's client took


class Process:
    """A running program. `loaded` says what its start took."""

    def __init__(  # noqa: PLR0913
        self,
        program: Program,
        packages: Packages,
        table_url: str,
        *,
        handler: str | None = None,
        parts: bool = False,
        options: tuple[str, ...] = (),
        settings: Mapping[str, str] | None = None,
        log: Path = Path(os.devnull),
    ) -> None:
        replies, descriptor = os.pipe()
        words = [packages.of(program), packages.runtime, handler or program.get_handler, descriptor]
        if parts and program.client:
            words.append(program.client)
        with log.open("wb") as output:
            self._child = subprocess.Popen(
                # Isolated: nothing of this environment's packages or variables gets in.
                [sys.executable, "-I", "-S", "-B", *options, _RUNTIME, *map(str, words)],
                env={**SETTINGS, "AWS_ENDPOINT_URL": table_url, **(settings or {})},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                pass_fds=[descriptor],
            )
        os.close(descriptor)
        self._replies = os.fdopen(replies)
        self.loaded: dict[str, Any] = self._reply()

    def answer(self, event: Mapping[str, Any], count: int = 1) -> Answered:
        """Send the event so often."""
        return Answered(**self._ask({"event": event, "count": count}))

    def memory(self) -> dict[str, int]:
        """Return what of the process is in memory, in KiB."""
        memory: dict[str, int] = self._ask({"memory": True})
        return memory

    def end(self) -> float:
        """End it; return the CPU time of the whole process, in seconds."""
        self._say({"end": True})
        _, status, usage = os.wait4(self._child.pid, 0)
        self._child.returncode = os.waitstatus_to_exitcode(status)
        self.close()
        return usage.ru_utime + usage.ru_stime

    def finish(self) -> None:
        """Let it end by itself, as it does when nothing more can come."""
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.close()
        self._child.wait()
        self.close()

    def close(self) -> None:
        """See to it that it has ended."""
        if self._child.returncode is None:
            self._child.kill()
            self._child.wait()
        if self._child.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._child.stdin.close()
        self._replies.close()

    def _ask(self, command: Mapping[str, Any]) -> Any:
        self._say(command)
        return self._reply()

    def _say(self, command: Mapping[str, Any]) -> None:
        assert self._child.stdin  # noqa: S101 - it is a pipe
        self._child.stdin.write(json.dumps(command).encode() + b"\n")
        self._child.stdin.flush()

    def _reply(self) -> Any:
        line = self._replies.readline()
        if not line:
            self.close()
            raise RuntimeError(f"A program ended with {self._child.returncode} before it answered")
        return json.loads(line)


@contextlib.contextmanager
def running(*processes: Process) -> Iterator[None]:
    """See to it that processes have ended when the block has."""
    try:
        yield
    finally:
        for process in processes:
            process.close()
