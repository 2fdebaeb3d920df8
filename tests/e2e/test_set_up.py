"""The set-up of `.venv`, with any user settings and after any earlier set-up."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.checkout import Checkout, make_wheel
from tests.e2e.processes import BAD_PYTHON_SETTINGS

pytestmark = pytest.mark.slow

_LOCKED = {"beans": "1.0", "roaster": "1.0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that scripts have to quote


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    """Return a checkout that is set up."""
    code, printed = checkout.make()
    assert code == 0, printed
    return checkout


def assert_set_up(checkout: Checkout, **environment: str | None) -> str:
    """Set up, expect exactly the packages of the lock, and return what was printed."""
    code, printed = checkout.make(**environment)
    assert (code, checkout.installed()) == (0, _LOCKED), printed
    return printed


def assert_fails(checkout: Checkout, *messages: str, **environment: str) -> None:
    """Set up, and expect an error with these messages."""
    code, printed = checkout.make(**environment)
    assert code == 2
    for message in messages:
        assert message in printed
    assert "Traceback" not in printed


def test_set_up_installs_the_lock_once(checkout: Checkout) -> None:
    assert "requirements-dev.txt" in assert_set_up(checkout)
    assert checkout.make() == (0, "")


def test_packages_of_the_notebook_are_added(ready: Checkout) -> None:
    created = (ready.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns
    code, printed = ready.make("set-up-notebook")
    assert (code, ready.installed()) == (0, {**_LOCKED, "cups": "1.0"}), printed
    assert (ready.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns == created
    assert ready.make() == (0, "")


def test_user_settings_change_nothing(checkout: Checkout) -> None:
    elsewhere = checkout.folder.parent / "elsewhere"
    config = checkout.home / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True)
    config.write_text(
        "[global]\nuser = true\nquiet = 3\nrequire-virtualenv = true\n"
        f"[install]\ntarget = {elsewhere}\nno-deps = false\nconstraint = /no/such/file\n"
    )
    startup = checkout.home / "startup"
    startup.mkdir()
    (startup / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was used')")
    assert_set_up(
        checkout,
        PIP_USER="1",
        PIP_TARGET=str(elsewhere),
        PIP_PREFIX=str(elsewhere),
        PIP_ROOT=str(elsewhere),
        PIP_DRY_RUN="1",
        PIP_NO_BINARY=":all:",
        PIP_CONSTRAINT="/no/such/file",
        PIP_REQUIREMENT="/no/such/file",
        PIP_PYTHON="/no/such/python",
        PIP_LOG="/no/such/folder/log",
        PIP_REQUIRE_VIRTUALENV="1",
        PYTHONPATH=str(startup),
        VIRTUAL_ENV="/no/such/folder",
        **BAD_PYTHON_SETTINGS,
    )
    assert not elsewhere.exists()


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
    ("change", "reason"),
    [
        (lambda ready: ready.move(), "the folder was moved"),
        (lambda ready: ready.note.unlink(), "not installed yet"),
        (lambda ready: ready.note.write_text("{"), "not installed yet"),
        (lambda ready: (ready.folder / ".venv/bin/python").unlink(), "its Python is missing"),
        (
            lambda ready: ready.lock.write_text(f"# newer\n{ready.lock.read_text()}"),
            "the requirements changed",
        ),
    ],
    ids=["moved", "interrupted", "half a note", "no Python", "new requirements"],
)
def test_outdated_environment_is_built_again(
    ready: Checkout, change: Callable[[Checkout], object], reason: str
) -> None:
    change(ready)
    assert reason in assert_set_up(ready)
    assert ready.make() == (0, "")


def test_environment_of_another_python_is_built_again(ready: Checkout) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    note = json.loads(ready.note.read_text())
    ready.note.write_text(json.dumps({**note, "python": "3.99"}))
    assert ready.make(PYTHON=None) == (0, "")  # without PYTHON, the Python of .venv is right
    assert f"it has Python 3.99, not {version}" in assert_set_up(ready)


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
    checkout.put_on_path("uv", "exec sleep 60")
    make = checkout.start_make()
    deadline = time.monotonic() + 60
    while not list(checkout.folder.glob(".venv/lib/*/site-packages/pip")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    assert make.press_ctrl_c() != 0
    assert "Stopped. The next `make` starts the set-up again." in make.printed
    assert "Traceback" not in make.printed
    assert_set_up(checkout, PATH="/usr/bin:/bin")


def test_two_set_ups_at_once(checkout: Checkout) -> None:
    both = [checkout.start_make() for _ in range(2)]
    printed = [(make.wait(120), make.printed) for make in both]
    assert [code for code, _ in printed] == [0, 0], printed
    assert sorted(text.count("Setting up") for _, text in printed) == [0, 1]
    assert checkout.installed() == _LOCKED
