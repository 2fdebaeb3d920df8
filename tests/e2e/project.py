"""A copy of the project, for tests of its commands: what they write down stays in the copy."""

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.project import PROJECT

_MADE = [
    ".venv",
    ".git",
    ".local",
    "build",
    "deployed",
    "deployments",
    "vendor",
    "__pycache__",
    ".*_cache",
]


class Project:
    """A copy of the project, and the environment that its commands run in."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        unwanted = shutil.ignore_patterns(*_MADE, ".coverage*", ".hypothesis")
        self.folder = Path(shutil.copytree(PROJECT, folder, ignore=unwanted))
        self.environment = dict(environment)

    def run_functions_here(self) -> "Project":
        """Let functions be for this machine's processor, which the local cloud runs them on."""
        config = self.config()
        is_arm = platform.machine() in {"aarch64", "arm64"}
        for stage in config["stages"].values():
            stage["lambda_architecture"] = "arm64" if is_arm else "x86_64"
        (self.folder / ".chalice/config.json").write_text(json.dumps(config))
        return self

    def run(self, *words: str, answer: str = "", **environment: str | None) -> tuple[int, str]:
        """Run `python -m` with these words; return its exit code and all that it printed."""
        changed = self.environment | environment
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env={name: value for name, value in changed.items() if value is not None},
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout

    def chalice(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run Chalice itself with these words."""
        return subprocess.run(
            [str(Path(sys.executable).with_name("chalice")), *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start `python -m` with these words; all that it prints comes out of its `stdout`."""
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def make(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run make with these words."""
        return subprocess.run(
            ["make", "--no-print-directory", *words],  # noqa: S607
            cwd=self.folder,
            env=self.environment | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def files(self) -> dict[Path, bytes]:
        """Return every file of the copy, but what Python caches."""
        paths = [path for path in self.folder.rglob("*") if "__pycache__" not in path.parts]
        return {path: path.read_bytes() for path in paths if path.is_file()}

    def config(self) -> dict[str, Any]:
        """Return Chalice's settings, as the commands left them."""
        config: dict[str, Any] = json.loads((self.folder / ".chalice/config.json").read_text())
        return config
