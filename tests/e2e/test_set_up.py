"""The set-up of `.venv`, with any user settings and after an interrupted set-up."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.processes import INVALID_PYTHON_SETTINGS

pytestmark = pytest.mark.slow

_LOCKED = {"beans", "roaster"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that must be quoted


@pytest.fixture
def complete(checkout: Checkout) -> Checkout:
    """Return a checkout with a complete environment."""
    assert_set_up(checkout)
    return checkout


def assert_set_up(checkout: Checkout, **environment: str | None) -> str:
    """Set up, and expect the packages of the lock; return the output."""
    code, output = checkout.make(**environment)
    assert (code, checkout.installed()) == (0, _LOCKED), output
    return output


def assert_fails(checkout: Checkout, message: str, **environment: str) -> None:
    """Set up, and expect an error with this message."""
    code, output = checkout.make(**environment)
    assert code == 2
    assert message in output
    assert "Traceback" not in output


def test_lock_is_installed_once(checkout: Checkout) -> None:
    assert "with pip: 2 packages" in assert_set_up(checkout)
    assert checkout.make() == (0, "")


def test_packages_of_another_lock_are_added(complete: Checkout) -> None:
    created = (complete.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns
    code, output = complete.make("set-up-notebook")
    assert (code, complete.installed()) == (0, {*_LOCKED, "cups"}), output
    assert (complete.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns == created


def test_user_settings_change_nothing(checkout: Checkout) -> None:
    target = checkout.folder.parent / "elsewhere"
    (checkout.home / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was used')")
    folders = {f"PIP_{name}": str(target) for name in ("TARGET", "PREFIX", "ROOT", "PYTHON")}
    flags = {f"PIP_{name}": "1" for name in ("USER", "REQUIRE_VIRTUALENV", "DRY_RUN")}
    assert_set_up(
        checkout,
        **folders,
        **flags,
        PIP_CONSTRAINT="/no/such/file",
        PYTHONPATH=str(checkout.home),
        VIRTUAL_ENV="/no/such/folder",
        **INVALID_PYTHON_SETTINGS,
    )
    assert not target.exists()


def test_package_sources_of_the_user_are_used(checkout: Checkout) -> None:
    config = checkout.home / "company.conf"
    config.write_text(f"[global]\nno-index = true\nfind-links =\n    {checkout.index}\n")
    assert_set_up(checkout, PIP_NO_INDEX=None, PIP_FIND_LINKS=None, PIP_CONFIG_FILE=str(config))


def test_environment_of_the_user_is_left_alone(checkout: Checkout) -> None:
    own = checkout.folder / ".venv/pyvenv.cfg"
    own.parent.mkdir()
    own.write_text("mine")
    assert_fails(checkout, ".venv is not from this project, so it stays as it is")
    assert own.read_text() == "mine"


def change_stamp(checkout: Checkout, **fields: str) -> None:
    checkout.stamp.write_text(json.dumps(json.loads(checkout.stamp.read_text()) | fields))


@pytest.mark.parametrize(
    "damage",
    [
        lambda checkout: checkout.stamp.write_text("{}"),
        lambda checkout: change_stamp(checkout, folder="/another"),
        lambda checkout: change_stamp(checkout, python="3.99"),
        lambda checkout: (checkout.folder / ".venv/bin/python").unlink(),
    ],
    ids=["interrupted", "moved", "another Python", "no Python"],
)
def test_unusable_environment_is_made_again(
    complete: Checkout, damage: Callable[[Checkout], object]
) -> None:
    left_over = complete.folder / ".venv/left over"
    left_over.touch()
    damage(complete)
    assert_set_up(complete)
    assert not left_over.exists()
    assert complete.make() == (0, "")


def test_new_lock_is_installed(complete: Checkout) -> None:
    complete.lock.write_text(complete.lock.read_text() + complete.make_wheel("cups"))
    assert complete.make()[0] == 0
    assert complete.installed() == {*_LOCKED, "cups"}


def test_wrong_hash_is_an_error_and_changes_nothing(complete: Checkout) -> None:
    complete.lock.write_text(complete.lock.read_text() + complete.make_wheel("cups"))
    complete.make_wheel("cups", "tampered")
    assert_fails(complete, "Cannot set up .venv: pip install has failed, see above")
    assert complete.installed() == _LOCKED


def test_pip_replaces_a_failing_uv(checkout: Checkout) -> None:
    checkout.put_on_path("uv", "echo 'this uv is too old' >&2; exit 2")
    assert "this uv is too old" in assert_set_up(checkout)


def test_missing_python_is_named(checkout: Checkout) -> None:
    assert_fails(checkout, "/no/such/python", PYTHON="/no/such/python")


def test_old_python_is_named(checkout: Checkout) -> None:
    version = "import sys; sys.version_info = (3, 9); exec(sys.argv.pop(1))"
    old = checkout.put_on_path(
        "old",
        f'while [ "$1" != -c ]; do shift; done; exec {sys.executable} -c "{version}" "$2"',
    )
    message = f"Python 3.11 or newer is needed; {sys.executable} is 3.9. Name another: make PYTHON="
    assert_fails(checkout, message, PYTHON=str(old))


def test_next_make_repairs_after_ctrl_c(checkout: Checkout) -> None:
    started = checkout.home / "started"
    checkout.put_on_path("uv", f"touch '{started}'; exec sleep 60")
    make = checkout.start_make()
    deadline = time.monotonic() + 60
    while not started.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert make.interrupt() != 0
    assert "Stopped. The next `make` sets up again." in make.output
    assert "Traceback" not in make.output
    assert_set_up(checkout, PATH="/usr/bin:/bin")
