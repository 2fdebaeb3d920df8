"""Limits Chalice's reloader to the files of the project that people edit.

Chalice would watch every file below the project, so that the log of a local cloud, `.git`, `.venv`
and bytecode would each make it restart. It has no setting for that.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from chalice.cli.filewatch.stat import StatFileWatcher


def watch_edited_files_only(eventbased: ModuleType | None) -> None:
    """Change the reloader in this process.

    `eventbased` is Chalice's module for watchdog; None where watchdog is not installed.
    """
    watcher: Any = StatFileWatcher
    watcher._single_pass_poll = _poll
    if eventbased is not None:
        _filter_events(eventbased.WatchdogRestarter)


def is_watched(path: Path, project: Path) -> bool:
    """Return whether the service restarts after an edit of this file."""
    return not any(
        (part.startswith(".") and part != ".chalice") or part in {"__pycache__", "build"}
        for part in path.relative_to(project).parts
    )


def _poll(watcher: Any, root: str, restart: Callable[[], None]) -> None:
    """Restart if a file was edited, added or removed since the reloader started."""
    project = Path(root)
    before = {
        path: time for path, time in watcher._mtime_cache.items() if is_watched(Path(path), project)
    }
    if dict(_modified(project)) != before:
        restart()


def _modified(project: Path) -> Iterator[tuple[str, float]]:
    for folder, folders, files in os.walk(project):
        folders[:] = [name for name in folders if is_watched(Path(folder, name), project)]
        for name in files:
            path = Path(folder, name)
            try:
                if is_watched(path, project):
                    yield str(path), path.stat().st_mtime
            except FileNotFoundError:  # an editor's temporary file, or a link to nowhere
                continue


def _filter_events(restarter: Any) -> None:
    on_any_event = restarter.on_any_event

    def on_edit(self: Any, event: Any) -> None:
        # Newer versions of watchdog also tell when a file is read.
        edited = event.event_type in {"created", "modified", "moved", "deleted"}
        if edited and is_watched(Path(event.src_path), Path.cwd()):
            on_any_event(self, event)

    restarter.on_any_event = on_edit
