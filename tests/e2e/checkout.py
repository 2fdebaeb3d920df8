"""A folder in which `make set-up` takes seconds, because its locks have a few small wheels."""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

from tests.e2e.processes import Background, execute
from tools.project import PROJECT

_FILES = (
    "Makefile",
    "tools/__init__.py",
    "tools/set_up.py",
    "deploy/__init__.py",
    "tools/environment.py",
    "tools/pip_settings.py",
)


class Checkout:
    """A folder with the Makefile, the set-up, and locks of a few small wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in _FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
        self.index = folder.parent / "index"
        dev, notebook = make_index(self.index)
        self.lock.write_text(dev)
        (folder / "requirements-notebook.txt").write_text(notebook)
        makefile = (folder / "Makefile").read_text()
        assert "--project" in makefile
        (folder / "Makefile").write_text(makefile.replace("--project", ""))
        self.home = folder.parent / "home"
        self.home.mkdir()
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
        }

    @property
    def lock(self) -> Path:
        return self.folder / "requirements-dev.txt"

    @property
    def fingerprint_file(self) -> Path:
        """Return the file that `.venv` has when the lock is installed."""
        return self.folder / ".venv/.requirements-dev.ready"

    def make(self, target: str = "set-up", /, **environment: str | None) -> tuple[int, str]:
        return execute(["make", target], self.folder, self.environment | environment)

    def start_make(self) -> Background:
        return Background(["make", "set-up"], self.folder, self.environment)

    def move(self) -> None:
        self.folder = self.folder.rename(self.folder.with_name("moved"))

    def put_on_path(self, name: str, script: str) -> Path:
        """Write a shell script to the first folder of the PATH."""
        program = self.home / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        self.environment["PATH"] = f"{self.home}:/usr/bin:/bin"
        return program

    def installed(self) -> dict[str, str]:
        """Return the versions of the locks' packages that are installed."""
        folders = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        versions = dict(folder.name.removesuffix(".dist-info").split("-") for folder in folders)
        return {name: versions[name] for name in ("beans", "roaster", "cups") if name in versions}


def make_index(folder: Path) -> tuple[str, str]:
    """Write wheels; return the content of two locks, of which the second includes the first.

    `roaster` requires `beans` with an extra, and the index has a newer `beans`. When pip before
    23.3 resolves such a requirement, it takes the newer version (pypa/pip#9644).
    """
    folder.mkdir()
    lock = make_wheel(folder, "beans", "1.0", "Provides-Extra: dark")
    make_wheel(folder, "beans", "1.1", "Provides-Extra: dark")
    lock += make_wheel(folder, "roaster", "1.0", "Requires-Dist: beans[dark]>=1.0")
    return lock, lock + make_wheel(folder, "cups", "1.0")


def make_wheel(folder: Path, name: str, version: str, *metadata: str) -> str:
    """Write a wheel with one empty module; return its line in a lock."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    headers = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]
    content = {
        f"{name}.py": "",
        f"{info}/METADATA": "\n".join(headers),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as zipped:
        for path, text in content.items():
            zipped.writestr(path, text)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}\n"
