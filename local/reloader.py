"""Limits Chalice's reloader to source files.

Chalice watches every file below the project, also logs, `.git`, `.venv` and bytecode, and has no
setting for it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from chalice.cli.filewatch.stat import StatFileWatcher


def watch_edited_files_only(watchdog_module: ModuleType | None) -> None:
    """Patch the reloader of this process.

    `watchdog_module` is Chalice's module for watchdog; None if watchdog is not installed.
    """
    watcher: Any = StatFileWatcher
    watcher._single_pass_poll = _restart_if_edited
    if watchdog_module is not None:
        _filter_watchdog_events(watchdog_module.WatchdogRestarter)


def is_watched(path: Path, project: Path) -> bool:
    """Return whether the service restarts when this file changes."""
    return not any(
        (part.startswith(".") and part != ".chalice") or part in {"__pycache__", "build"}
        for part in path.relative_to(project).parts
    )


def _restart_if_edited(watcher: Any, root: str, restart: Callable[[], None]) -> None:
    """Restart if a file was edited, added or removed since the reloader started."""
    project = Path(root)
    first_times = {
        path: time for path, time in watcher._mtime_cache.items() if is_watched(Path(path), project)
    }
    if dict(_modification_times(project)) != first_times:
        restart()


def _modification_times(project: Path) -> Iterator[tuple[str, float]]:
    for folder, folders, files in os.walk(project):
        folders[:] = [name for name in folders if is_watched(Path(folder, name), project)]
        for name in files:
            path = Path(folder, name)
            try:
                if is_watched(path, project):
                    yield str(path), path.stat().st_mtime
            except FileNotFoundError:  # a temporary file, or a broken link
                continue


def _filter_watchdog_events(restarter: Any) -> None:
    on_any_event = restarter.on_any_event

    def on_edit(self: Any, event: Any) -> None:
        # Newer versions of watchdog also report that a file was read.
        edited = event.event_type in {"created", "modified", "moved", "deleted"}
        if edited and is_watched(Path(event.src_path), Path.cwd()):
            on_any_event(self, event)

    restarter.on_any_event = on_edit
