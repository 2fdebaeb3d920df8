"""When the set-up makes an environment, when it installs into it, and what it leaves alone."""

import json
import subprocess
from pathlib import Path

import pytest

from tools import set_up


class Environment:
    """An environment whose creation and installations are recorded in `steps`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.venv = folder / ".venv"
        self.stamp = self.venv / ".coffee-orders.json"
        self.python = self.venv / "bin/python"
        self.steps: list[str] = []
        self.is_interrupted = self.fails = False
        monkeypatch.setattr(subprocess, "run", self._create)
        monkeypatch.setattr(set_up, "_install", self._install)

    def set_up(self, **locks: str) -> list[str]:
        """Set the environment up with locks of these names and texts; return the steps."""
        self.steps.clear()
        paths = [self.venv.parent / name for name in locks]
        for path in paths:
            path.write_text(locks[path.name])
        set_up.set_up(self.venv, paths)
        return self.steps

    def _create(self, *_: object, **__: object) -> None:
        self.steps.append("make")
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()

    def _install(self, _: Path, locks: list[Path]) -> bool:
        self.steps += [f"install {lock.name}" for lock in locks]
        if self.is_interrupted:
            raise KeyboardInterrupt
        return not self.fails


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    """Return an environment with the packages of one lock."""
    environment = Environment(tmp_path, monkeypatch)
    assert environment.set_up(run="a==1") == ["make", "install run"]
    return environment


def test_only_missing_locks_are_installed(environment: Environment) -> None:
    assert environment.set_up(run="a==1") == []
    assert environment.set_up(run="a==1", dev="b==1") == ["install dev"]
    assert environment.set_up(run="a==2", dev="b==1") == ["install run"]


def test_moved_or_damaged_environment_is_made_again(environment: Environment) -> None:
    for field in ("folder", "python"):
        stamp = json.loads(environment.stamp.read_text()) | {field: "another"}
        environment.stamp.write_text(json.dumps(stamp))
        assert environment.set_up(run="a==1") == ["make", "install run"]
    environment.python.unlink()
    assert environment.set_up(run="a==1") == ["make", "install run"]


def test_interrupted_installation_is_made_again(environment: Environment) -> None:
    environment.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        environment.set_up(dev="b==1")
    environment.is_interrupted = False
    assert environment.set_up(dev="b==1") == ["make", "install dev"]


def test_failed_installation_is_repeated(environment: Environment) -> None:
    """pip has installed nothing then, so the other packages stay."""
    environment.fails = True
    with pytest.raises(SystemExit, match="pip install has failed, see above"):
        environment.set_up(dev="b==1")
    environment.fails = False
    assert environment.set_up(run="a==1", dev="b==1") == ["install dev"]


def test_environment_of_the_user_is_left_alone(environment: Environment) -> None:
    environment.stamp.unlink()
    with pytest.raises(SystemExit, match="is not from this project, so it stays as it is"):
        environment.set_up(run="a==1")
    assert environment.python.exists()
