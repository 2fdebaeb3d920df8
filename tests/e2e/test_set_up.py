"""The set-up of `.venv`: whatever the user's settings, and whatever an earlier set-up left."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.project import PROJECT
from tests.e2e.wheels import make_index, make_wheel

pytestmark = pytest.mark.slow

Outcome = tuple[int, str]


class Checkout:
    """A folder with the Makefile and what its set-up needs, and locks of a few small wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("tools/__init__.py", "tools/set_up.py", "Makefile"):
            self._copy(name)
        for name in ("__init__", "environment", "pip_settings"):
            self._copy(f"deploy/{name}.py")
        self.index = folder.parent / "index"
        dev, notebook = make_index(self.index)
        (folder / "requirements-dev.txt").write_text(dev)
        (folder / "requirements-notebook.txt").write_text(notebook)
        makefile = (folder / "Makefile").read_text()
        assert "--project" in makefile
        (folder / "Makefile").write_text(makefile.replace("--project", ""))  # it is not here
        self.home = folder.parent / "home"
        self.home.mkdir()
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
        }

    def _copy(self, name: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, self.folder / name)

    def make(self, target: str = "set-up", **environment: str | None) -> Outcome:
        """Run make; return its exit code and all that it printed."""
        changed = {**self.environment, **environment}
        done = subprocess.run(
            ["make", target],  # noqa: S607
            cwd=self.folder,
            env={name: value for name, value in changed.items() if value is not None},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        return done.returncode, done.stdout

    def installed(self) -> dict[str, str]:
        """Return the versions of the installed packages of the locks."""
        folders = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        versions = dict(folder.name.removesuffix(".dist-info").split("-") for folder in folders)
        return {name: versions[name] for name in ("beans", "roaster", "cups") if name in versions}


LOCKED = {"beans": "1.0", "roaster": "1.0"}


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that scripts have to quote


@pytest.fixture
def ready(checkout: Checkout) -> Checkout:
    """Return a checkout that is set up."""
    code, printed = checkout.make()
    assert code == 0, printed
    return checkout


def test_set_up_installs_the_lock_once(checkout: Checkout) -> None:
    code, printed = checkout.make()
    assert (code, checkout.installed()) == (0, LOCKED), printed
    assert "requirements-dev.txt" in printed
    assert checkout.make() == (0, "")


def test_the_notebooks_packages_are_added(ready: Checkout) -> None:
    created = (ready.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns
    code, printed = ready.make("set-up-notebook")
    assert (code, ready.installed()) == (0, {**LOCKED, "cups": "1.0"}), printed
    assert (ready.folder / ".venv/pyvenv.cfg").stat().st_mtime_ns == created
    assert ready.make() == (0, "")


def test_user_settings_do_not_change_what_is_installed(checkout: Checkout) -> None:
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
    code, printed = checkout.make(
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
        PYTHONHOME="/no/such/folder",
        PYTHONPATH=str(startup),
        PYTHONSAFEPATH="1",
        PYTHONWARNINGS="error",
        PYTHONOPTIMIZE="2",
        VIRTUAL_ENV="/no/such/folder",
        LC_ALL="C",
    )
    assert (code, checkout.installed()) == (0, LOCKED), printed
    assert not elsewhere.exists()


def test_an_index_in_pip_conf_is_used(checkout: Checkout) -> None:
    config = checkout.home / "company.conf"
    config.write_text(f"[global]\nno-index = true\n[install]\nfind-links =\n    {checkout.index}\n")
    code, printed = checkout.make(
        PIP_NO_INDEX=None, PIP_FIND_LINKS=None, PIP_CONFIG_FILE=str(config)
    )
    assert (code, checkout.installed()) == (0, LOCKED), printed


def test_a_broken_pip_conf_is_named(checkout: Checkout) -> None:
    config = checkout.home / "broken.conf"
    config.write_text("no section")
    code, printed = checkout.make(PIP_CONFIG_FILE=str(config))
    assert code == 2
    assert "Cannot set up .venv: pip's settings in " in printed
    assert str(config) in printed
    assert "Traceback" not in printed


def test_a_failing_uv_is_replaced_by_pip(checkout: Checkout) -> None:
    uv = checkout.home / "uv"
    uv.write_text("#!/bin/sh\necho 'this uv is too old' >&2\nexit 2\n")
    uv.chmod(0o755)
    code, printed = checkout.make(PATH=f"{checkout.home}:/usr/bin:/bin")
    assert (code, checkout.installed()) == (0, LOCKED), printed
    assert "this uv is too old" in printed


def test_another_hash_is_refused(checkout: Checkout) -> None:
    make_wheel(checkout.index, "beans", "1.0", "Provides-Extra: dark", "Summary: tampered")
    code, printed = checkout.make()
    assert code == 2
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in printed
    assert "Cannot set up .venv: pip install failed" in printed


def test_an_incomplete_lock_is_refused(checkout: Checkout) -> None:
    lock = checkout.folder / "requirements-dev.txt"
    lock.write_text(lock.read_text().splitlines()[1] + "\n")
    code, printed = checkout.make()
    assert code == 2
    assert "roaster 1.0 requires beans, which is not installed" in printed
    assert checkout.make()[0] == 2  # it does not count as set up


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda folder: folder.rename(folder.with_name("moved")), "the folder was moved"),
        (
            lambda folder: (folder / ".venv/.requirements-dev.ready").unlink(),
            "not installed yet",
        ),
        (
            lambda folder: (folder / ".venv/.requirements-dev.ready").write_text("{"),
            "not installed yet",
        ),
        (lambda folder: (folder / ".venv/bin/python").unlink(), "its Python is missing"),
        (
            lambda folder: (folder / "requirements-dev.txt").write_text(
                f"# newer\n{(folder / 'requirements-dev.txt').read_text()}"
            ),
            "the requirements changed",
        ),
    ],
    ids=["moved", "interrupted", "half a note", "no Python", "new requirements"],
)
def test_an_outdated_environment_is_built_again(
    ready: Checkout, change: Callable[[Path], object], reason: str
) -> None:
    change(ready.folder)
    moved = ready.folder.with_name("moved")
    ready.folder = moved if moved.exists() else ready.folder
    code, printed = ready.make()
    assert (code, ready.installed()) == (0, LOCKED), printed
    assert reason in printed
    assert ready.make() == (0, "")


def test_another_python_is_not_silently_ignored(ready: Checkout) -> None:
    note = ready.folder / ".venv/.requirements-dev.ready"
    wanted = f"{sys.version_info.major}.{sys.version_info.minor}"
    note.write_text(json.dumps({**json.loads(note.read_text()), "python": "3.99"}))
    assert ready.make(PYTHON=None) == (0, "")  # nobody names a Python: the one that is there
    code, printed = ready.make()
    assert code == 0
    assert f"it has Python 3.99, not {wanted}" in printed


@pytest.mark.parametrize(
    ("python", "message"), [("/no/such/python", "/no/such/python"), ("old", "Python 3.11 or newer")]
)
def test_an_unusable_python_is_named(checkout: Checkout, python: str, message: str) -> None:
    if python == "old":
        old = checkout.home / "old"
        version = "import sys; sys.version_info = (3, 9); exec(sys.argv.pop(1))"
        old.write_text(
            "#!/bin/sh\n"
            f'while [ "$1" != -c ]; do shift; done; exec {sys.executable} -c "{version}" "$2"\n'
        )
        old.chmod(0o755)
        python = str(old)
    code, printed = checkout.make(PYTHON=python)
    assert code == 2
    assert message in printed
    assert "Traceback" not in printed


def test_a_folder_that_cannot_be_written_is_one_line(checkout: Checkout) -> None:
    (checkout.folder / ".venv").write_text("in the way")
    code, printed = checkout.make()
    assert code == 2
    assert "Cannot set up .venv: Not a directory" in printed
    assert "Traceback" not in printed


def test_ctrl_c_is_one_line_and_the_next_make_repairs(checkout: Checkout) -> None:
    slow = checkout.home / "uv"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    process = subprocess.Popen(
        ["make", "set-up"],  # noqa: S607
        cwd=checkout.folder,
        env={**checkout.environment, "PATH": f"{checkout.home}:/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while not list(checkout.folder.glob(".venv/lib/*/site-packages/pip")):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(process.pid, signal.SIGINT)
    printed = process.communicate(timeout=60)[0]
    assert process.returncode
    assert "Stopped. The next `make` starts the set-up again." in printed
    assert "Traceback" not in printed
    assert checkout.make()[0] == 0
    assert checkout.installed() == LOCKED


def test_two_set_ups_at_once_do_not_disturb_each_other(checkout: Checkout) -> None:
    both = [
        subprocess.Popen(
            ["make", "set-up"],  # noqa: S607
            cwd=checkout.folder,
            env=checkout.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    printed = [process.communicate(timeout=120)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], printed
    assert sorted(text.count("Setting up") for text in printed) == [0, 1]
    assert checkout.installed() == LOCKED
