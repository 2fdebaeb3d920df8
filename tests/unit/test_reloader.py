"""Chalice's reloader restarts only when a file of the service changes."""

import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest
from chalice.cli.filewatch.stat import StatFileWatcher

from local import reloader

_SOURCES = ["app.py", "chalicelib/orders.py", ".chalice/config.json", "chalicelib/static/main.js"]
_OTHER_FILES = [
    *(".git/index", ".local/run-x/service.log", ".venv/lib/x.py", "build/x.zip", ".coverage"),
    *("chalicelib/__pycache__/orders.cpython-311.pyc", ".pytest_cache/x"),
]

Restarts = Callable[[Callable[[], object]], bool]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in (*_SOURCES, *_OTHER_FILES):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


@pytest.fixture
def restarts(project: Path, monkeypatch: pytest.MonkeyPatch) -> Restarts:
    """Return a function that makes a change and returns whether the reloader restarts."""
    monkeypatch.setattr(StatFileWatcher, "_single_pass_poll", StatFileWatcher._single_pass_poll)
    reloader.watch_edited_files_only(None)

    def restarts(change: Callable[[], object]) -> bool:
        watcher = StatFileWatcher()
        watcher._seed_mtime_cache(str(project))
        change()
        restart = Mock()
        watcher._single_pass_poll(str(project), restart)
        return restart.called

    return restarts


@pytest.mark.parametrize("name", _SOURCES)
def test_edit_restarts(project: Path, restarts: Restarts, name: str) -> None:
    assert restarts(lambda: os.utime(project / name, (1, 1)))
    assert restarts((project / name).unlink)
    assert restarts((project / name).touch)


@pytest.mark.parametrize("name", _OTHER_FILES)
def test_other_files_do_not_restart(project: Path, restarts: Restarts, name: str) -> None:
    assert not restarts(lambda: os.utime(project / name, (1, 1)))
    assert not restarts((project / name).unlink)


def test_with_watchdog_only_edits_restart(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    monkeypatch.setattr(StatFileWatcher, "_single_pass_poll", StatFileWatcher._single_pass_poll)
    reported: list[str] = []

    class Restarter:
        """Replaces Chalice's class, which needs watchdog."""

        def on_any_event(self, event: Any) -> None:
            reported.append(event.src_path)

    eventbased: Any = SimpleNamespace(WatchdogRestarter=Restarter)
    reloader.watch_edited_files_only(eventbased)
    for event_type in ("opened", "modified"):
        for name in (*_SOURCES, *_OTHER_FILES):
            event = SimpleNamespace(event_type=event_type, src_path=str(project / name))
            Restarter().on_any_event(event)
    assert reported == [str(project / name) for name in _SOURCES]
