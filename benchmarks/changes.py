"""What each step from the first version towards the floor gave, by undoing one at a time."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.field import HERE, OURS, Program
from benchmarks.packages import Packages, install

_UNDONE = HERE / "undone"


class Change(NamedTuple):
    """One step. `undo` takes it back in a copy of the package."""

    name: str
    what: str
    undo: Callable[[Path], None]


def build(packages: Packages) -> list[tuple[Change, Program]]:
    """Make a package without each step, and one without them all."""
    install(packages.pip, _UNDONE / "requirements.txt", packages.folder / "undone")
    made = []
    for change in (*_CHANGES, EVERY):
        program = OURS._replace(name=f"undone-{change.name}")
        shutil.copytree(packages.of(OURS), packages.of(program))
        change.undo(packages.of(program))
        made.append((change, program))
    return made


def _with_powertools(package: Path) -> None:
    shutil.copy(_UNDONE / "telemetry.py", package / "chalicelib")
    shutil.copytree(package.parent / "undone", package, dirs_exist_ok=True)


def _with_the_whole_data(package: Path) -> None:
    shutil.rmtree(package / "chalicelib/sdk")


def _client(old: str, new: str) -> Callable[[Path], None]:
    def undo(package: Path) -> None:
        file = package / "chalicelib/dynamodb.py"
        code = file.read_text()
        if code.count(old) != 1:
            raise ValueError(f"{file.name} is not what this takes it for: {old!r}")
        file.write_text(code.replace(old, new))

    return undo


_CHANGES = (
    Change("powertools", "40 lines of Python instead of Powertools", _with_powertools),
    Change(
        "boto3",
        "the client made by botocore, boto3 not loaded",
        _client(
            'session.create_client("dynamodb"',
            '__import__("boto3").Session(botocore_session=session).client("dynamodb"',
        ),
    ),
    Change("data", "22 KB of the SDK's data instead of 1.6 MB", _with_the_whole_data),
    Change(
        "rules",
        "no rules at each request, no look into 400 folders at the start",
        _client("def list_available_services", "def not_asked"),
    ),
    Change(
        "checks",
        "parameter_validation off",
        _client("parameter_validation=False", "parameter_validation=True"),
    ),
    Change(
        "agent",
        "a user_agent of one word",
        _client('user_agent="', 'user_agent_extra="'),
    ),
)


def _undo_all(package: Path) -> None:
    for change in _CHANGES:
        change.undo(package)


EVERY = Change("everything", "all of the above", _undo_all)
