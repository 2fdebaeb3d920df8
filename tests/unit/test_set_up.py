"""When the set-up makes an environment, when it installs into it, and with which settings."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import set_up


class Environment:
    """An environment whose creation and installations are recorded in `steps`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.venv = folder / ".venv"
        self.stamp = self.venv / ".coffee-orders.json"
        self.python = self.venv / "bin/python"
        self.run_lock, self.dev_lock = folder / "run.txt", folder / "dev.txt"
        self.run_lock.write_text("a==1")
        self.dev_lock.write_text("b==1")
        self.steps: list[str] = []
        self.is_interrupted = self.fails = False
        monkeypatch.setattr(subprocess, "run", self._create)
        monkeypatch.setattr(set_up, "_install", self._install)

    def set_up(self, *locks: Path) -> list[str]:
        """Set the environment up, and return the steps of it."""
        self.steps.clear()
        set_up.set_up(self.venv, list(locks))
        return self.steps

    def _create(self, *_: object, **__: object) -> None:
        self.steps.append("make")
        self.python.parent.mkdir(parents=True, exist_ok=True)
        self.python.touch()

    def _install(self, _: Path, locks: list[Path]) -> bool:
        self.steps += [f"install {lock.stem}" for lock in locks]
        if self.is_interrupted:
            raise KeyboardInterrupt
        return not self.fails


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Environment:
    return Environment(tmp_path, monkeypatch)


@pytest.fixture
def complete(environment: Environment) -> Environment:
    """Return an environment with the packages of one lock."""
    assert environment.set_up(environment.run_lock) == ["make", "install run"]
    return environment


def test_only_missing_locks_are_installed(complete: Environment) -> None:
    assert complete.set_up(complete.run_lock) == []
    assert complete.set_up(complete.run_lock, complete.dev_lock) == ["install dev"]
    complete.run_lock.write_text("a==2")
    assert complete.set_up(complete.run_lock, complete.dev_lock) == ["install run"]


def change_stamp(environment: Environment, **fields: str) -> None:
    environment.stamp.write_text(json.dumps(json.loads(environment.stamp.read_text()) | fields))


@pytest.mark.parametrize(
    "damage",
    [
        lambda environment: environment.stamp.write_text("{}"),
        lambda environment: change_stamp(environment, folder="/another"),
        lambda environment: change_stamp(environment, python="3.99"),
        lambda environment: environment.python.unlink(),
    ],
    ids=["interrupted", "moved", "another Python", "no Python"],
)
def test_unusable_environment_is_made_again(
    complete: Environment, damage: Callable[[Environment], object]
) -> None:
    damage(complete)
    assert complete.set_up(complete.run_lock) == ["make", "install run"]


def test_interrupted_installation_is_made_again(complete: Environment) -> None:
    complete.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        complete.set_up(complete.dev_lock)
    complete.is_interrupted = False
    assert complete.set_up(complete.dev_lock) == ["make", "install dev"]


def test_failed_installation_is_repeated(complete: Environment) -> None:
    """pip has installed nothing then, so the other packages stay."""
    complete.fails = True
    with pytest.raises(SystemExit, match="pip install has failed, see above"):
        complete.set_up(complete.dev_lock)
    complete.fails = False
    assert complete.set_up(complete.run_lock, complete.dev_lock) == ["install dev"]


def test_environment_of_the_user_is_left_alone(environment: Environment) -> None:
    own = environment.venv / "pyvenv.cfg"
    own.parent.mkdir()
    own.write_text("mine")
    with pytest.raises(SystemExit, match="is not from this project, so it stays as it is"):
        environment.set_up(environment.run_lock)
    assert own.read_text() == "mine"
