"""The locks have the versions of the requirements, with hashes."""

import re

import pytest

from tools.project import PROJECT

# requirements.txt has no hashes, which pip would then require of all that a user installs with it.
_LOCKS = {
    "requirements.txt": "requirements.lock",
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


def lock_text(file: str) -> str:
    return (PROJECT / _LOCKS[file]).read_text()


@pytest.mark.parametrize("file", [*_LOCKS, "requirements-local.txt"])
def test_requirements_are_pinned_without_hashes(file: str) -> None:
    text = (PROJECT / file).read_text()
    assert all(_PIN.match(line) for line in re.findall(r"^[\w].*", text, re.MULTILINE))
    assert "--hash" not in text


@pytest.mark.parametrize("file", _LOCKS)
def test_lock_has_all_pins(file: str) -> None:
    assert dict(_PIN.findall(lock_text(file))).items() >= required_versions(file).items(), (
        "run `make lock`"
    )


@pytest.mark.parametrize("file", _LOCKS)
def test_lock_has_a_hash_for_everything(file: str) -> None:
    lines = lock_text(file).splitlines()
    pins = [number for number, line in enumerate(lines) if _PIN.match(line)]
    assert pins
    for number in pins:
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", lines[number + 1])


@pytest.mark.parametrize("file", _LOCKS)
def test_lock_names_no_registry_and_no_path(file: str) -> None:
    assert not re.search(r"^-|://|file:|@ ", lock_text(file), re.MULTILINE)


def test_shipped_versions_are_the_same_everywhere() -> None:
    shipped = dict(_PIN.findall(lock_text("requirements.txt")))
    for file in ("requirements-dev.in", "requirements-notebook.in"):
        assert dict(_PIN.findall(lock_text(file))).items() >= shipped.items()


def test_actions_are_pinned_by_digest() -> None:
    workflows = "".join(path.read_text() for path in PROJECT.glob(".github/workflows/*.yml"))
    actions = re.findall(r"uses: (\S+)", workflows)
    assert actions
    for action in actions:
        assert re.fullmatch(r"\./\S+|[\w/.-]+@[0-9a-f]{40}", action), action
