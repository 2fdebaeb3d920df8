"""Limits of the package's size and of its cold start. benchmarks/RESULTS.md has the times."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.lambda_package import lambda_libraries, run_isolated

pytestmark = pytest.mark.slow

_MAX_MODULES = 165  # without the standard library, whose number depends on the version
_MAX_PACKAGED_MODULES = 36  # from the package
_MAX_ZIP_SIZE = 620_000  # bytes

# Modules that a start has loaded at some time, or could load.
_FORBIDDEN_MODULES = [
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
def startup(package: Path, runtime: Path) -> dict[str, Any]:
    """Return the modules that a cold start loads and compiles, and the number of frozen objects."""
    (content,) = run_isolated(_START, str(package / "unzipped"), str(runtime))  # no warnings
    loaded: dict[str, Any] = content
    return loaded


@pytest.fixture(scope="module")
def modules(startup: dict[str, Any]) -> dict[str, str | None]:
    modules: dict[str, str | None] = startup["modules"]
    return modules


def test_start_loads_few_modules(modules: dict[str, str | None]) -> None:
    installed = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}
    assert "botocore.client" in installed
    assert len(installed) <= _MAX_MODULES


def test_start_loads_few_modules_of_the_zip(modules: dict[str, str | None], package: Path) -> None:
    packaged = [name for name, file in modules.items() if file and file.startswith(str(package))]
    assert {"chalicelib.orders", "chalicelib.orders_table"} <= set(packaged)
    assert len(packaged) <= _MAX_PACKAGED_MODULES


def test_only_the_sdk_is_lambdas_own(modules: dict[str, str | None], package: Path) -> None:
    names = ("chalice", "chalicelib", "msgspec", "botocore", "jmespath", "urllib3")
    shipped = {name for name in names if Path(modules[name] or "").is_relative_to(package)}
    assert shipped == {"chalice", "chalicelib", "msgspec"}


def test_start_compiles_nothing_of_the_zip(startup: dict[str, Any], package: Path) -> None:
    assert [path for path in startup["compiled"] if path.startswith(str(package))] == []


def test_loaded_objects_are_excluded_from_garbage_collection(startup: dict[str, Any]) -> None:
    assert startup["frozen"] > 10_000


@pytest.mark.parametrize("name", _FORBIDDEN_MODULES)
def test_start_does_not_load(modules: dict[str, str | None], name: str) -> None:
    assert not [module for module in modules if module == name or module.startswith(f"{name}.")]


def test_zip_is_small(package: Path) -> None:
    assert (package / "deployment.zip").stat().st_size <= _MAX_ZIP_SIZE
