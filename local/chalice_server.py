"""Chalice's development server, with what a service needs that people try in earnest.

Chalice has no setting for any of this, so the methods of its classes are replaced.
"""

import os
import sys
from pathlib import Path
from typing import Any

from chalice.cli.filewatch.stat import StatFileWatcher

from local import request_handler


def improve() -> None:
    """Change the classes of Chalice's server and of its reloader, for this process."""
    request_handler.install()
    watcher: Any = StatFileWatcher
    watcher._single_pass_poll = _look_for_changes
    if "chalice.cli.filewatch.eventbased" in sys.modules:  # where watchdog is installed
        _ignore_other_files(sys.modules["chalice.cli.filewatch.eventbased"])


def _look_for_changes(watcher: Any, root: str, restart: Any) -> None:
    """Ask for a restart if a file of the project has changed.

    Chalice would watch every file below the project: the log of a local cloud, `.git`, `.venv`
    and bytecode, too.
    """
    now = {str(path): path.stat().st_mtime for path in _project_files(Path(root)) if path.is_file()}
    before = {
        path: time for path, time in watcher._mtime_cache.items() if _is_watched(Path(path), root)
    }
    if now != before:
        restart()


def _project_files(root: Path) -> list[Path]:
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if _is_watched(Path(folder, name), root)]
        found += [Path(folder, name) for name in files]
    return [path for path in found if _is_watched(path, root)]


def _is_watched(path: Path, root: Path | str) -> bool:
    return not any(
        (part.startswith(".") and part != ".chalice") or part in {"__pycache__", "build"}
        for part in path.relative_to(root).parts
    )


def _ignore_other_files(eventbased: Any) -> None:
    restarter = eventbased.WatchdogRestarter
    on_any_event = restarter.on_any_event

    def on_project_event(self: Any, event: Any) -> None:
        changed = event.event_type in {"created", "modified", "moved", "deleted"}
        if changed and _is_watched(Path(event.src_path), Path.cwd()):
            on_any_event(self, event)

    restarter.on_any_event = on_project_event
