"""Limits for the size of the package and for its start. benchmarks/RESULTS.md has the times."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.unzipped import STAGE, lambda_libraries

_MODULES = 165  # without Python's own, whose number depends on its version
_OWN_MODULES = 36  # those that come out of the zip
_ZIP = 600_000  # bytes
_PAGE = ("chalicelib/page.py", "chalicelib/static/")  # an order loads none of it

# Each was once loaded at a start, or nearly.
_UNWANTED = [
    *["aws_lambda_powertools", "boto3", "s3transfer", "pydantic", "typing_extensions"],
    *["requests", "jwt", "asyncio", "multiprocessing", "sqlite3", "unittest"],
    *["chalice.cli", "chalice.deploy", "chalice.local", "chalice.test", "chalicelib.page"],
    *["local", "deploy", "tools", "coffee_client", "benchmarks", "tests"],
]


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lambda_libraries(tmp_path_factory.mktemp("runtime"))


_START = """
import gc, importlib.machinery, json, sys

compiled = []
to_code = importlib.machinery.SourceFileLoader.source_to_code

def record(self, data, path, *rest, **options):
    compiled.append(path)
    return to_code(self, data, path, *rest, **options)

importlib.machinery.SourceFileLoader.source_to_code = record
sys.path[:0] = sys.argv[1:]
import app

modules = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
frozen = gc.get_freeze_count() if gc.isenabled() else 0
print(json.dumps({"modules": modules, "compiled": compiled, "frozen": frozen}))
"""


@pytest.fixture(scope="module")
def start(package: Path, runtime: Path) -> dict[str, Any]:
    """Return what a start of the function on Lambda loads, compiles and freezes."""
    folders = [str(package / "unzipped"), str(runtime)]
    # Isolated, and without site: no module but what the function itself asks for.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", _START, *folders],
        env={**STAGE, "AWS_LAMBDA_FUNCTION_NAME": "coffee-orders-local"},
        check=True,
        capture_output=True,
        text=True,
    )
    (line,) = done.stdout.splitlines()  # a warning would be a line, too
    content: dict[str, Any] = json.loads(line)
    return content


@pytest.fixture(scope="module")
def loaded(start: dict[str, Any]) -> dict[str, str | None]:
    """Return the modules of a started function, each with the file it came from."""
    modules: dict[str, str | None] = start["modules"]
    return modules


def test_start_loads_few_modules(loaded: dict[str, str | None]) -> None:
    installed = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names}
    assert "botocore.client" in installed
    assert len(installed) <= _MODULES


def test_start_loads_few_modules_of_the_zip(loaded: dict[str, str | None], package: Path) -> None:
    own = [name for name, file in loaded.items() if file and file.startswith(str(package))]
    assert {"chalicelib.orders", "chalicelib.orders_table"} <= set(own)
    assert len(own) <= _OWN_MODULES


def test_only_the_sdk_is_lambdas_own(loaded: dict[str, str | None], package: Path) -> None:
    names = ("chalice", "chalicelib", "msgspec", "botocore", "jmespath", "urllib3")
    shipped = {name for name in names if Path(loaded[name] or "").is_relative_to(package)}
    assert shipped == {"chalice", "chalicelib", "msgspec"}


def test_start_compiles_nothing_of_the_zip(start: dict[str, Any], package: Path) -> None:
    """Python accepts the bytecode of every module that a start loads."""
    assert [path for path in start["compiled"] if path.startswith(str(package))] == []


def test_loaded_objects_are_excluded_from_garbage_collection(start: dict[str, Any]) -> None:
    assert start["frozen"] > 10_000


@pytest.mark.parametrize("name", _UNWANTED)
def test_start_does_not_load(loaded: dict[str, str | None], name: str) -> None:
    assert not [module for module in loaded if module == name or module.startswith(f"{name}.")]


def test_zip_is_small(package: Path) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as zipped:
        files = zipped.infolist()
    assert sum(file.compress_size for file in files if not file.filename.startswith(_PAGE)) <= _ZIP
