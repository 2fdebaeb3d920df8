"""A copy of the project, for tests of its commands: the files that they write stay in the copy."""

import json
import platform
import re
import shutil
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.project import PROJECT, service_environment
from deploy.stack import StackOutputs
from local.server import free_port
from tests.e2e.processes import Background, Environment, execute

_NOT_COPIED = [
    *[".venv", ".git", ".local", "build", "vendor", "deployed", "deployments"],
    *["__pycache__", ".*_cache", ".coverage*", ".hypothesis"],
]
MADE_UP_STACK = StackOutputs(
    orders_table="orders",
    shops_table="shops",
    user_pool_id="pool",
    user_pool_arn="arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/pool",
    client_id="client",
)


class Project:
    """A copy of the project, and the environment and the Python that its commands run in."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], python: Path = Path(sys.executable)
    ) -> None:
        self.folder = Path(
            shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        )
        self.environment = dict(environment)
        self._python = str(python)
        self._chalice = str(python.with_name("chalice"))
        self._started: list[Background] = []

    @property
    def config_file(self) -> Path:
        """Return the file with Chalice's settings."""
        return self.folder / ".chalice/config.json"

    def config(self) -> dict[str, Any]:
        """Return Chalice's settings, as the commands left them."""
        config: dict[str, Any] = json.loads(self.config_file.read_text())
        return config

    def variables(self, stage: str) -> dict[str, str]:
        """Return the environment variables of a stage's function."""
        variables: dict[str, str] = self.config()["stages"][stage]["environment_variables"]
        return variables

    def change_stage(self, stage: str, **settings: Any) -> None:
        """Change settings of a stage."""
        config = self.config()
        config["stages"][stage] |= settings
        self.config_file.write_text(json.dumps(config))

    def note_stack(self, stage: str, outputs: StackOutputs = MADE_UP_STACK) -> None:
        """Note the outputs of a stage's stack, as `make stack` does."""
        variables = service_environment(
            outputs.orders_table, outputs.shops_table, outputs.user_pool_arn, outputs.client_id
        )
        self.change_stage(stage, environment_variables=self.variables(stage) | variables)

    def run_functions_here(self) -> "Project":
        """Build functions for this machine's processor: the local cloud runs them here."""
        is_arm = platform.machine() in {"aarch64", "arm64"}
        for stage in self.config()["stages"]:
            self.change_stage(stage, lambda_architecture="arm64" if is_arm else "x86_64")
        return self

    def run(
        self, *words: str, answer: str | None = None, **environment: str | None
    ) -> tuple[int, str]:
        """Run `python -m` with these words; return its exit code and all that it printed."""
        command = [self._python, "-m", *words]
        return execute(command, self.folder, self.environment | environment, stdin=answer or "")

    def succeed(self, *words: str, **environment: str | None) -> str:
        """Run `python -m` with these words, and expect exit code 0; return all that it printed."""
        code, printed = self.run(*words, **environment)
        assert code == 0, f"{' '.join(words)}: {printed}"
        return printed

    def fail(self, *words: str, **environment: str | None) -> str:
        """Run `python -m` with these words, and expect exit code 1; return all that it printed."""
        code, printed = self.run(*words, **environment)
        assert code == 1, f"{' '.join(words)}: {printed}"
        assert "Traceback" not in printed
        return printed

    def chalice(self, *words: str) -> tuple[int, str]:
        """Run Chalice itself with these words."""
        return execute([self._chalice, *words], self.folder, self.environment)

    def make(self, *words: str, **environment: str) -> tuple[int, str]:
        """Run make with these words."""
        command = ["make", "--no-print-directory", *words]
        return execute(command, self.folder, self.environment | environment)

    def start(self, *words: str, **environment: str | None) -> Background:
        """Start `python -m` with these words in the background."""
        return self._start([self._python, "-m", *words], environment)

    def start_chalice(self, *words: str, **environment: str | None) -> Background:
        """Start Chalice itself in the background, with its output unbuffered as in a terminal."""
        return self._start([self._chalice, *words], {"PYTHONUNBUFFERED": "1", **environment})

    def start_make(self, *words: str, **environment: str | None) -> Background:
        """Start make in the background."""
        return self._start(["make", "--no-print-directory", *words], environment)

    def _start(self, words: list[str], environment: Environment) -> Background:
        command = Background(words, self.folder, {**self.environment, **environment})
        self._started.append(command)
        return command

    def stop(self) -> None:
        """End all commands that were started in the background."""
        for command in self._started:
            command.end(signal.SIGTERM)

    def files(self) -> dict[Path, bytes]:
        """Return every file of the copy, except Python's caches."""
        paths = [path for path in self.folder.rglob("*") if "__pycache__" not in path.parts]
        return {path: path.read_bytes() for path in paths if path.is_file()}


class Run:
    """A `make run` that serves."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.stack_json = project.folder / ".local/stack.json"
        self.header_file = project.folder / f".local/authorization-{self.port}"
        self.command = project.start("local", "run", "--port", str(self.port))
        self.command.until("Ctrl-C")

    @property
    def printed(self) -> str:
        """Return all that it has printed so far."""
        return self.command.printed

    @property
    def stack(self) -> dict[str, str]:
        """Return what it has written down for clients."""
        stack: dict[str, str] = json.loads(self.stack_json.read_text())
        return stack

    def ports(self) -> list[int]:
        """Return every port that it opened."""
        return sorted({int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.printed)})
