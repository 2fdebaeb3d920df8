"""The set-up of `.venv`, with small wheels; tests/unit/test_set_up.py has its rules."""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.processes import INVALID_PYTHON_SETTINGS, execute
from tools.project import PROJECT

pytestmark = pytest.mark.slow


class Checkout:
    """A folder with the Makefile, the set-up, and a lock of two small wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.index = folder, folder.parent / "home", folder.parent / "index"
        self.home.mkdir()
        self.index.mkdir()
        for name in ("Makefile", "tools/__init__.py", "tools/set_up.py"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
        self.lock = folder / "requirements-run.txt"
        self.lock.write_text(self.make_wheel("beans") + self.make_wheel("roaster"))
        self.environment = {
            "PATH": f"{self.home}:/usr/bin:/bin",
            "HOME": str(self.home),
            "PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
        }

    def set_up(self, **environment: str) -> tuple[int, str]:
        return execute(["make", "set-up"], self.folder, self.environment | environment)

    def put_on_path(self, name: str, script: str) -> Path:
        """Write a shell script to the first folder of the PATH."""
        program = self.home / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return program

    def installed(self) -> set[str]:
        """Return the names of the index's packages that are installed."""
        folders = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        names = {folder.name.partition("-")[0] for folder in folders}
        return names & {wheel.name.partition("-")[0] for wheel in self.index.iterdir()}

    def make_wheel(self, name: str, summary: str = "") -> str:
        """Write a wheel without modules to the index; return its line in a lock."""
        wheel = self.index / f"{name}-1.0-py3-none-any.whl"
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nSummary: {summary}\n"
        with zipfile.ZipFile(wheel, "w") as zipped:
            zipped.writestr(f"{info}/METADATA", metadata)
            zipped.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            zipped.writestr(f"{info}/RECORD", "")
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}==1.0 --hash=sha256:{digest}\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "it's a checkout")  # a path that must be quoted


def test_lock_is_installed_once_whatever_the_user_has_set(checkout: Checkout) -> None:
    target = checkout.folder.parent / "elsewhere"
    (checkout.home / "sitecustomize.py").write_text("raise SystemExit('PYTHONPATH was used')")
    config = checkout.home / "company.conf"
    config.write_text(f"[global]\nno-index = true\nfind-links =\n    {checkout.index}\n")
    settings = {
        **{"PIP_TARGET": str(target), "PIP_PREFIX": str(target), "PIP_USER": "1"},
        **{"PIP_REQUIRE_VIRTUALENV": "1", "PIP_DRY_RUN": "1", "PIP_CONSTRAINT": "/nowhere"},
        **{"PYTHONPATH": str(checkout.home), "VIRTUAL_ENV": "/nowhere", "PIP_ROOT": str(target)},
        **{"PIP_NO_INDEX": "", "PIP_FIND_LINKS": "", "PIP_CONFIG_FILE": str(config)},
        **INVALID_PYTHON_SETTINGS,
    }
    code, output = checkout.set_up(**settings)
    assert (code, checkout.installed()) == (0, {"beans", "roaster"}), output
    assert "with pip: 2 packages" in output
    assert checkout.set_up() == (0, "")
    assert not target.exists()

    checkout.lock.write_text(checkout.lock.read_text() + checkout.make_wheel("cups"))
    checkout.make_wheel("cups", "tampered")
    checkout.put_on_path("uv", "echo 'this uv is too old' >&2; exit 2")  # so pip tries it
    code, output = checkout.set_up()
    assert (code, checkout.installed()) == (2, {"beans", "roaster"})
    assert "this uv is too old" in output
    assert "Cannot set up .venv: pip install has failed, see above" in output
    assert "Traceback" not in output


def test_old_python_is_named(checkout: Checkout) -> None:
    version = "import sys; sys.version_info = (3, 9); exec(sys.argv.pop(1))"
    script = f'while [ "$1" != -c ]; do shift; done; exec {sys.executable} -c "{version}" "$2"'
    code, output = checkout.set_up(PYTHON=str(checkout.put_on_path("old", script)))
    assert code == 2
    reason = f"Python 3.11 or newer is needed; {sys.executable} is 3.9. Name another: make PYTHON="
    assert reason in output
