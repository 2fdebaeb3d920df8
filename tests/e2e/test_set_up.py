"""The set-up of `.venv` with small wheels: tests/unit/test_set_up.py has its rules."""

import sys
import time
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout
from tests.e2e.processes import INVALID_PYTHON_SETTINGS

pytestmark = pytest.mark.slow

_LOCKED = {"beans", "roaster"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that must be quoted


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


def test_lock_is_installed_once_whatever_the_user_has_set(checkout: Checkout) -> None:
    target = checkout.folder.parent / "elsewhere"
    (checkout.home / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was used')")
    config = checkout.home / "company.conf"
    config.write_text(f"[global]\nno-index = true\nfind-links =\n    {checkout.index}\n")
    settings = {
        **{"PIP_TARGET": str(target), "PIP_PREFIX": str(target), "PIP_USER": "1"},
        **{"PIP_REQUIRE_VIRTUALENV": "1", "PIP_DRY_RUN": "1", "PIP_CONSTRAINT": "/nowhere"},
        **{"PYTHONPATH": str(checkout.home), "VIRTUAL_ENV": "/nowhere", "PIP_ROOT": str(target)},
        **{"PIP_NO_INDEX": None, "PIP_FIND_LINKS": None, "PIP_CONFIG_FILE": str(config)},
        **INVALID_PYTHON_SETTINGS,
    }
    assert "with pip: 2 packages" in assert_set_up(checkout, **settings)
    assert checkout.make() == (0, "")
    assert not target.exists()


def test_failing_uv_is_replaced_by_pip_and_a_wrong_hash_changes_nothing(
    checkout: Checkout,
) -> None:
    checkout.put_on_path("uv", "echo 'this uv is too old' >&2; exit 2")
    assert "this uv is too old" in assert_set_up(checkout)
    checkout.lock.write_text(checkout.lock.read_text() + checkout.make_wheel("cups"))
    checkout.make_wheel("cups", "tampered")
    assert_fails(checkout, "Cannot set up .venv: pip install has failed, see above")
    assert checkout.installed() == _LOCKED


def test_unusable_python_is_named(checkout: Checkout) -> None:
    assert_fails(checkout, "/no/such/python", PYTHON="/no/such/python")
    version = "import sys; sys.version_info = (3, 9); exec(sys.argv.pop(1))"
    script = f'while [ "$1" != -c ]; do shift; done; exec {sys.executable} -c "{version}" "$2"'
    old = checkout.put_on_path("old", script)
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
