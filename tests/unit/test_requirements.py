"""The locks have the versions of the requirements, and CI runs only actions of known content."""

import re

import pytest

from tools.project import PROJECT

_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    """Return the versions that a file has of packages."""
    found = _PIN.findall((PROJECT / file).read_text())
    return {name.lower(): version for name, version in found}


@pytest.mark.parametrize(
    ("file", "lock"),
    [
        ("requirements.txt", "requirements.lock"),
        ("requirements.lock", "requirements-run.txt"),
        ("requirements-run.in", "requirements-run.txt"),
        ("requirements-run.txt", "requirements-dev.txt"),
        ("requirements-dev.in", "requirements-dev.txt"),
        ("requirements-local.txt", "requirements-dev.txt"),
        ("requirements-run.txt", "requirements-notebook.txt"),
        ("requirements-notebook.in", "requirements-notebook.txt"),
        ("requirements-harden.in", "requirements-harden.txt"),
    ],
)
def test_lock_has_all_pins(file: str, lock: str) -> None:
    assert pins(file)
    assert pins(lock).items() >= pins(file).items(), "run `make lock`"


def test_actions_are_pinned_by_digest() -> None:
    workflows = "".join(path.read_text() for path in PROJECT.glob(".github/workflows/*.yml"))
    for action in re.findall(r"uses: (\S+)", workflows):
        assert re.fullmatch(r"\./\S+|[\w/.-]+@[0-9a-f]{40}", action), action
