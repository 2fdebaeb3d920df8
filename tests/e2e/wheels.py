"""Small packages of the tests' own, so that a set-up takes seconds and needs no network."""

import hashlib
import zipfile
from pathlib import Path


def make_wheel(folder: Path, name: str, version: str, *metadata: str) -> str:
    """Write a wheel with one empty module; return its line in a lock."""
    wheel = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    content = {
        f"{name}.py": "",
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *metadata, ""]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(wheel, "w") as zipped:
        for path, text in content.items():
            zipped.writestr(path, text)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    return f"{name}=={version} --hash=sha256:{digest}\n"


def make_index(folder: Path) -> tuple[str, str]:
    """Write wheels to find, and return the lines of two locks; the second adds to the first.

    `roaster` needs `beans` with an extra, and there is a newer `beans` than the locked one: pip
    before 23.3 takes the newer one for such a requirement if it resolves (pypa/pip#9644).
    """
    folder.mkdir()
    lock = make_wheel(folder, "beans", "1.0", "Provides-Extra: dark")
    make_wheel(folder, "beans", "1.1", "Provides-Extra: dark")
    lock += make_wheel(folder, "roaster", "1.0", "Requires-Dist: beans[dark]>=1.0")
    return lock, lock + make_wheel(folder, "cups", "1.0")
