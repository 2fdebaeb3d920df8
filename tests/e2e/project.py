"""Copies of the project for tests of commands that write files."""

import json
import os
import platform
import re
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.emulator import LocalCloud, free_port
from tests.e2e.processes import Background, execute
from tools.project import PROJECT, SERVICE_VARIABLES

_NOT_COPIED = [
    *[".venv", ".git", ".local", "build", "deployed", "deployments"],
    *["__pycache__", ".*_cache", ".coverage*", ".hypothesis"],
]
ACCOUNT = "000000000000"  # the local cloud's


class Project:
    """A copy of the project, with the environment and the Python of its commands."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], python: Path = Path(sys.executable)
    ) -> None:
        self.folder = Path(
            shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
        )
        self.environment = dict(environment)
        self.python, self.chalice = str(python), str(python.with_name("chalice"))
        self._config_file = self.folder / ".chalice/config.json"
        self._started: list[Background] = []

    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads(self._config_file.read_text())
        return config

    def variables(self, stage: str) -> dict[str, str]:
        variables: dict[str, str] = self.config()["stages"][stage]["environment_variables"]
        return variables

    def change_stage(self, stage: str, **settings: Any) -> None:
        config = self.config()
        config["stages"][stage] |= settings
        self._config_file.write_text(json.dumps(config))

    @classmethod
    def on(cls, cloud: LocalCloud, folder: Path) -> "Project":
        """Return a copy in a folder whose commands deploy to a local cloud."""
        return cls(folder / "project", {**os.environ, **cloud.environment()}).use_local_cloud()

    def use_local_cloud(self) -> "Project":
        """Package for the local cloud's account, and for this machine's processor."""
        stages = self.folder / "deploy/stages.toml"
        stages.write_text(stages.read_text().replace('account = ""', f'account = "{ACCOUNT}"'))
        is_arm = platform.machine() in {"aarch64", "arm64"}
        for stage in self.config()["stages"]:
            self.change_stage(stage, lambda_architecture="arm64" if is_arm else "x86_64")
        return self

    @contextmanager
    def edited(self, *edits: tuple[str, str, str]) -> Iterator[None]:
        """Replace a text of files by another until the block ends: the name, old and new text."""
        originals: dict[Path, str] = {}
        for name, old, new in edits:
            text = (self.folder / name).read_text()
            assert old in text
            originals.setdefault(self.folder / name, text)
            (self.folder / name).write_text(text.replace(old, new))
        try:
            yield
        finally:
            for file, text in originals.items():
                file.write_text(text)

    def execute(self, *command: str, **environment: str) -> tuple[int, str]:
        """Run a command; return its exit code and output."""
        return execute([*command], self.folder, self.environment | environment)

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """Run `python -m`; return its exit code and output."""
        return self.execute(self.python, "-m", *arguments, **environment)

    def succeed(self, *arguments: str, **environment: str) -> str:
        """Run `python -m`, and expect exit code 0; return its output."""
        code, output = self.run(*arguments, **environment)
        assert code == 0, f"{' '.join(arguments)}: {output}"
        return output

    def fail(self, *arguments: str, **environment: str) -> str:
        """Run `python -m`, and expect exit code 1; return its output."""
        code, output = self.run(*arguments, **environment)
        assert code == 1, f"{' '.join(arguments)}: {output}"
        assert "Traceback" not in output
        return output

    def make(self, *arguments: str, **environment: str) -> tuple[int, str]:
        return self.execute("make", "--no-print-directory", *arguments, **environment)

    def start(self, *command: str, **environment: str) -> Background:
        """Start a command in the background, with unbuffered output as in a terminal."""
        variables = {**self.environment, "PYTHONUNBUFFERED": "1", **environment}
        background = Background([*command], self.folder, variables)
        self._started.append(background)
        return background

    def start_module(self, *arguments: str, **environment: str) -> Background:
        """Start `python -m` in the background."""
        return self.start(self.python, "-m", *arguments, **environment)

    def stop(self) -> None:
        for command in self._started:
            command.end(signal.SIGTERM)

    def files(self) -> dict[Path, bytes]:
        paths = [path for path in self.folder.rglob("*") if "__pycache__" not in path.parts]
        return {path: path.read_bytes() for path in paths if path.is_file()}


def fresh_copy(folder: Path, python: Path = Path(sys.executable)) -> Project:
    """Return a copy of the project, without what make and the fixtures of tests/api have set."""
    prefixes = ("MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTHON", "AWS_", "STAGE", *SERVICE_VARIABLES)
    environment = {name: os.environ[name] for name in os.environ if not name.startswith(prefixes)}
    return Project(folder / "project", environment, python)


def copy_of_the_project(folder: Path) -> Project:
    """Return a copy of the project with the `.venv` of these tests."""
    project = fresh_copy(folder)
    (project.folder / ".venv").symlink_to(sys.prefix)
    return project


class Run:
    """A running `make run`."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.header_file = project.folder / f".local/authorization-{self.port}"
        self.command = project.start_module("local", "run", "--port", str(self.port))
        self.command.wait_for("Page  .*\n")

    @property
    def output(self) -> str:
        return self.command.output

    @property
    def stack(self) -> dict[str, str]:
        stack: dict[str, str] = json.loads((self.project.folder / ".local/stack.json").read_text())
        return stack

    def ports(self) -> list[int]:
        return sorted({int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.output)})
