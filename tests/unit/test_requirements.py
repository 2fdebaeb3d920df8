"""What is installed: exactly what requirements*.in ask for, and nothing without a hash."""

import re

import pytest

from deploy.project import PROJECT

_ROOMS = ["requirements", "requirements-dev", "requirements-notebook", "requirements-harden"]
_PIN = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?==([\w.]+)", re.MULTILINE)


def wanted(room: str) -> dict[str, str]:
    """Return what a room asks for, and so what the rooms ask for that it builds on."""
    text = (PROJECT / f"{room}.in").read_text()
    pins = dict(_PIN.findall(text))
    for other in re.findall(r"^-r ([\w-]+)\.in$", text, re.MULTILINE):
        pins |= wanted(other)
    return {name.lower(): version for name, version in pins.items()}


def locked(room: str) -> str:
    return (PROJECT / f"{room}.txt").read_text()


@pytest.mark.parametrize("room", _ROOMS)
def test_the_lock_has_what_is_asked_for(room: str) -> None:
    asked = re.findall(r"^[\w].*", (PROJECT / f"{room}.in").read_text(), re.MULTILINE)
    assert all(_PIN.match(line) for line in asked), "an exact version each"
    assert dict(_PIN.findall(locked(room))).items() >= wanted(room).items(), "run `make lock`"


@pytest.mark.parametrize("room", _ROOMS)
def test_nothing_is_locked_without_a_hash(room: str) -> None:
    lines = locked(room).splitlines()
    pins = [number for number, line in enumerate(lines) if _PIN.match(line)]
    assert pins
    for number in pins:
        assert re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", lines[number + 1])


@pytest.mark.parametrize("room", _ROOMS)
def test_a_lock_names_no_registry_and_no_path(room: str) -> None:
    assert not re.search(r"^-|://|file:|@ ", locked(room), re.MULTILINE)


def test_what_ships_is_the_same_everywhere() -> None:
    shipped = dict(_PIN.findall(locked("requirements")))
    for room in ("requirements-dev", "requirements-notebook"):
        assert dict(_PIN.findall(locked(room))).items() >= shipped.items()
