"""A folder in which the set-up takes seconds, because its locks have a few small wheels."""

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path

from tests.e2e.processes import Background, execute
from tools.project import PROJECT

_FILES = ("Makefile", "tools/__init__.py", "tools/set_up.py")


class Checkout:
    """A folder with the Makefile, the set-up, and a lock of two small wheels."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home, self.index = folder, folder.parent / "home", folder.parent / "index"
        self.home.mkdir()
        self.index.mkdir()
        for name in _FILES:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, folder / name)
        self.lock = folder / "requirements-run.txt"
        self.lock.write_text(self.make_wheel("beans") + self.make_wheel("roaster"))
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "PYTHON": sys.executable,
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.index),
        }

    def make(self, **environment: str | None) -> tuple[int, str]:
        return execute(["make", "set-up"], self.folder, self.environment | environment)

    def start_make(self) -> Background:
        return Background(["make", "set-up"], self.folder, self.environment)

    def put_on_path(self, name: str, script: str) -> Path:
        """Write a shell script to the first folder of the PATH."""
        program = self.home / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        self.environment["PATH"] = f"{self.home}:/usr/bin:/bin"
        return program

    def installed(self) -> set[str]:
        """Return the names of the locks' packages that are installed."""
        folders = self.folder.glob(".venv/lib/*/site-packages/*.dist-info")
        names = {folder.name.partition("-")[0] for folder in folders}
        return names & {"beans", "roaster", "cups"}

    def make_wheel(self, name: str, summary: str = "") -> str:
        """Write a wheel with one empty module to the index; return its line in a lock."""
        wheel = self.index / f"{name}-1.0-py3-none-any.whl"
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nSummary: {summary}\n"
        content = {
            f"{name}.py": "",
            f"{info}/METADATA": metadata,
            f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            f"{info}/RECORD": "",
        }
        with zipfile.ZipFile(wheel, "w") as zipped:
            for path, text in content.items():
                zipped.writestr(path, text)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}==1.0 --hash=sha256:{digest}\n"
