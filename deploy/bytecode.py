"""Bytecode for the deployment package, so that Lambda does not compile the sources at each start.

Python's usual bytecode contains the modification time of its source, which a zip does not keep.
Hash-checked bytecode (PEP 552) contains a hash of the source instead.

Chalice packages `chalicelib/` with its `__pycache__`, and copies `vendor/` to the root of the zip.
The bytecode of the other modules is therefore written to `vendor/`. segno, which draws QR codes for
one route, has none, because it would make the zip a fifth larger.
https://aws.github.io/chalice/topics/packaging.html
"""

import importlib.metadata
import importlib.util
import py_compile
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import chalice

from tools.project import PROJECT

_CHECKED_HASH = 0b11  # the flags of hash-checked bytecode


class _Module(NamedTuple):
    source: Path
    folder: Path  # the project, or its `vendor` folder
    name: str  # the source's path in the zip

    @property
    def bytecode(self) -> Path:
        path = self.folder / self.name
        return path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"


def write(project: Path = PROJECT) -> None:
    """Write the bytecode for this Python, and remove all other bytecode from the package.

    Chalice chooses the Lambda runtime of the Python that runs it.
    """
    modules = [*_modules(project)]
    expected = {module.bytecode for module in modules}
    for folder in ("chalicelib", "vendor"):
        for file in (project / folder).rglob("*.pyc"):
            if file not in expected:
                file.unlink(missing_ok=True)
    for module in modules:
        if not is_accepted(module.bytecode, module.source):
            _compile(module)


def is_accepted(bytecode: Path, source: Path) -> bool:
    """Return whether this Python accepts a bytecode file for a source."""
    if not bytecode.exists():
        return False
    header = importlib.util.MAGIC_NUMBER + _CHECKED_HASH.to_bytes(4, "little")
    return bytecode.read_bytes()[:16] == header + importlib.util.source_hash(source.read_bytes())


def _compile(module: _Module) -> None:
    py_compile.compile(
        str(module.source),
        str(module.bytecode),
        dfile=module.name,  # for tracebacks, instead of a path of this machine
        doraise=True,
        optimize=0,
        invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        quiet=1,
    )


def _modules(project: Path) -> Iterator[_Module]:
    vendor = project / "vendor"
    for source in (project / "chalicelib").rglob("*.py"):
        yield _Module(source, project, str(source.relative_to(project)))
    yield _Module(project / "app.py", vendor, "app.py")
    for name in ("__init__.py", "app.py"):  # Chalice packages only these two modules of itself
        yield _Module(Path(chalice.__file__).with_name(name), vendor, f"chalice/{name}")
    for file in importlib.metadata.files("msgspec") or ():
        if file.suffix == ".py":
            yield _Module(Path(file.locate()), vendor, str(file))
