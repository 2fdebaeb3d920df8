"""The set-up of `.venv`, with any user settings and after an interrupted set-up."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout, make_wheel
from tests.e2e.processes import INVALID_PYTHON_SETTINGS

pytestmark = pytest.mark.slow

_LOCKED = {"beans": "1.0", "roaster": "1.0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that must be quoted


@pytest.fixture
def installed_checkout(checkout: Checkout) -> Checkout:
    code, output = checkout.make()
    assert code == 0, output
    return checkout


def assert_set_up(checkout: Checkout, **environment: str | None) -> str:
    """Set up, and expect the packages of the lock; return the output."""
    code, output = checkout.make(**environment)
    assert (code, checkout.installed()) == (0, _LOCKED), output
    return output


def assert_fails(checkout: Checkout, *messages: str, **environment: str) -> None:
    """Set up, and expect an error with these messages."""
    code, output = checkout.make(**environment)
    assert code == 2
    for message in messages:
        assert message in output
    assert "Traceback" not in output


def test_set_up_installs_the_lock_once(checkout: Checkout) -> None:
    assert "requirements-dev.txt" in assert_set_up(checkout)
    assert checkout.make() == (0, "")


def test_packages_of_the_notebook_are_added(installed_checkout: Checkout) -> None:
    created = (installed_checkout.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns
    code, output = installed_checkout.make("set-up-notebook")
    assert (code, installed_checkout.installed()) == (0, {**_LOCKED, "cups": "1.0"}), output
    assert (installed_checkout.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns == created
    assert installed_checkout.make() == (0, "")


def test_user_settings_change_nothing(checkout: Checkout) -> None:
    target = checkout.folder.parent / "elsewhere"
    config = checkout.home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        "[global]\nuser = true\nquiet = 3\nrequire-virtualenv = true\n"
        f"[install]\ntarget = {target}\nno-deps = false\nconstraint = /no/such/file\n"
    )
    python_path = checkout.home / "startup"
    python_path.mkdir()
    (python_path / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was used')")
    assert_set_up(
        checkout,
        PIP_TARGET=str(target),
        PIP_DRY_RUN="1",
        PIP_CONSTRAINT="/no/such/file",
        PIP_PYTHON="/no/such/python",
        PIP_REQUIRE_VIRTUALENV="1",
        PYTHONPATH=str(python_path),
        VIRTUAL_ENV="/no/such/folder",
        **INVALID_PYTHON_SETTINGS,
    )
    assert not target.exists()


def test_index_of_pip_conf_is_used(checkout: Checkout) -> None:
    config = checkout.home / "company.conf"
    config.write_text(f"[global]\nno-index = true\n[install]\nfind-links =\n    {checkout.index}\n")
    assert_set_up(checkout, PIP_NO_INDEX=None, PIP_FIND_LINKS=None, PIP_CONFIG_FILE=str(config))


def test_broken_pip_conf_is_named(checkout: Checkout) -> None:
    config = checkout.home / "broken.conf"
    config.write_text("no section")
    message = "Cannot set up .venv: pip's settings in "
    assert_fails(checkout, message, str(config), PIP_CONFIG_FILE=str(config))


def test_pip_replaces_a_failing_uv(checkout: Checkout) -> None:
    checkout.put_on_path("uv", "echo 'this uv is too old' >&2; exit 2")
    assert "this uv is too old" in assert_set_up(checkout)


def test_wrong_hash_is_an_error(checkout: Checkout) -> None:
    make_wheel(checkout.index, "beans", "1.0", "Provides-Extra: dark", "Summary: tampered")
    message = "Cannot set up .venv: pip install failed"
    assert_fails(checkout, "THESE PACKAGES DO NOT MATCH THE HASHES", message)


def test_incomplete_lock_is_an_error_every_time(checkout: Checkout) -> None:
    checkout.lock.write_text(checkout.lock.read_text().splitlines()[1] + "\n")
    for _ in range(2):
        assert_fails(checkout, "roaster 1.0 requires beans, which is not installed")


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda installed_checkout: installed_checkout.move(), "the folder was moved"),
        (
            lambda installed_checkout: installed_checkout.fingerprint_file.unlink(),
            "not installed yet",
        ),
        (
            lambda installed_checkout: installed_checkout.fingerprint_file.write_text("{"),
            "not installed yet",
        ),
        (
            lambda installed_checkout: (installed_checkout.folder / ".venv/bin/python").unlink(),
            "its Python is missing",
        ),
        (
            lambda installed_checkout: installed_checkout.lock.write_text(
                f"# newer\n{installed_checkout.lock.read_text()}"
            ),
            "the requirements changed",
        ),
    ],
    ids=["moved", "interrupted", "damaged file", "no Python", "new requirements"],
)
def test_outdated_environment_is_built_again(
    installed_checkout: Checkout, damage: Callable[[Checkout], object], reason: str
) -> None:
    damage(installed_checkout)
    assert reason in assert_set_up(installed_checkout)
    assert installed_checkout.make() == (0, "")


def test_environment_of_another_python_is_built_again(installed_checkout: Checkout) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    fingerprint = json.loads(installed_checkout.fingerprint_file.read_text())
    installed_checkout.fingerprint_file.write_text(json.dumps({**fingerprint, "python": "3.99"}))
    assert installed_checkout.make(PYTHON=None) == (
        0,
        "",
    )  # without PYTHON, make uses the Python of .venv
    assert f"it has Python 3.99, not {version}" in assert_set_up(installed_checkout)


def test_missing_python_is_named(checkout: Checkout) -> None:
    assert_fails(checkout, "/no/such/python", PYTHON="/no/such/python")


def test_old_python_is_an_error(checkout: Checkout) -> None:
    version = "import sys; sys.version_info = (3, 9); exec(sys.argv.pop(1))"
    old = checkout.put_on_path(
        "old",
        f'while [ "$1" != -c ]; do shift; done; exec {sys.executable} -c "{version}" "$2"',
    )
    assert_fails(checkout, "Python 3.11 or newer", PYTHON=str(old))


def test_read_only_folder_is_an_error(checkout: Checkout) -> None:
    (checkout.folder / ".venv").write_text("in the way")
    assert_fails(checkout, "Cannot set up .venv: Not a directory")


def test_next_make_repairs_after_ctrl_c(checkout: Checkout) -> None:
    started = checkout.home / "started"
    checkout.put_on_path("uv", f"touch '{started}'; exec sleep 60")
    make = checkout.start_make()
    deadline = time.monotonic() + 60
    while not started.exists():
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert make.interrupt() != 0
    assert "Stopped. The next `make` starts the set-up again." in make.output
    assert "Traceback" not in make.output
    assert_set_up(checkout, PATH="/usr/bin:/bin")


def test_one_of_two_set_ups_installs(checkout: Checkout) -> None:
    processes = [checkout.start_make() for _ in range(2)]
    results = [(make.wait(120), make.output) for make in processes]
    assert [code for code, _ in results] == [0, 0], results
    assert sorted(output.count("Setting up") for _, output in results) == [0, 1]
    assert checkout.installed() == _LOCKED
