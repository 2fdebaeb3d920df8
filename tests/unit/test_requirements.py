"""The locks have the versions of the requirements, with hashes."""

import re

import pytest

from tools.project import PROJECT

# requirements.txt has no hashes, which pip would then require of all that a user installs with it.
_LOCKS = {
    "requirements.txt": "requirements.lock",
    "requirements-run.in": "requirements-run.txt",
    "requirements-dev.in": "requirements-dev.txt",
    "requirements-notebook.in": "requirements-notebook.txt",
    "requirements-harden.in": "requirements-harden.txt",
}
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", re.MULTILINE)


def required_versions(file: str) -> dict[str, str]:
    """Return the pins of a requirements file and of the files that it includes."""
    text = (PROJECT / file).read_text()
    pins = dict(_PIN.findall(text))
    for other in re.findall(r"^-r (.+)$", text, re.MULTILINE):
        pins |= required_versions(other)
    return {name.lower(): version for name, version in pins.items()}


def locked_versions(file: str) -> dict[str, str]:
    return dict(_PIN.findall((PROJECT / _LOCKS[file]).read_text()))


@pytest.mark.parametrize("file", _LOCKS)
def test_lock_has_all_pins_with_hashes_and_names_no_registry(file: str) -> None:
    assert locked_versions(file).items() >= required_versions(file).items(), "run `make lock`"
    lines = (PROJECT / _LOCKS[file]).read_text().splitlines()
    pins = [number for number, line in enumerate(lines) if _PIN.match(line)]
    assert pins
    for number in pins:
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", lines[number + 1])
    assert not [line for line in lines if re.search(r"^-|://|file:|@ ", line)]


@pytest.mark.parametrize(
    ("file", "contained"),
    [
        ("requirements-run.in", "requirements.txt"),
        ("requirements-dev.in", "requirements-run.in"),
        ("requirements-notebook.in", "requirements-run.in"),
    ],
)
def test_locks_agree_on_versions(file: str, contained: str) -> None:
    assert locked_versions(file).items() >= locked_versions(contained).items()


def test_actions_are_pinned_by_digest() -> None:
    workflows = "".join(path.read_text() for path in PROJECT.glob(".github/workflows/*.yml"))
    actions = re.findall(r"uses: (\S+)", workflows)
    assert actions
    for action in actions:
        assert re.fullmatch(r"\./\S+|[\w/.-]+@[0-9a-f]{40}", action), action
