"""Limits of the package's size and of its cold start. benchmarks/RESULTS.md has the times."""

import sys
from pathlib import Path

import pytest

from tests.e2e.lambda_package import run_packaged

pytestmark = pytest.mark.slow

_MAX_MODULES = 165  # without the standard library, whose number depends on the version
_MAX_PACKAGED_MODULES = 36  # from the package
_MAX_ZIP_SIZE = 620_000  # bytes

# Modules that a start has loaded at some time, or could load.
_FORBIDDEN_MODULES = {
    *("aws_lambda_powertools", "boto3", "s3transfer", "pydantic", "typing_extensions"),
    *("requests", "jwt", "asyncio", "multiprocessing", "sqlite3", "unittest"),
    *("chalice.cli", "chalice.deploy", "chalice.local", "chalice.test", "chalicelib.page"),
    *("local", "deploy", "tools", "coffee_client", "benchmarks", "tests"),
}
_START = """
import gc, importlib.machinery, json, sys

compiled = []
to_code = importlib.machinery.SourceFileLoader.source_to_code

def record(self, data, path, *rest, **options):
    compiled.append(path)
    return to_code(self, data, path, *rest, **options)

importlib.machinery.SourceFileLoader.source_to_code = record
import app

modules = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
frozen = gc.get_freeze_count() if gc.isenabled() else 0
print(json.dumps({"modules": modules, "compiled": compiled, "frozen": frozen}))
"""


def test_start_compiles_nothing_and_loads_few_modules(package: Path) -> None:
    (startup,) = run_packaged(package, _START)  # and no warning
    modules = startup["modules"]
    installed = {name for name in modules if name.partition(".")[0] not in sys.stdlib_module_names}
    assert len(installed) <= _MAX_MODULES
    packaged = {name for name, file in modules.items() if (file or "").startswith(str(package))}
    assert len(packaged) <= _MAX_PACKAGED_MODULES
    assert {"chalice", "msgspec", "chalicelib.orders_table"} <= packaged
    assert {"botocore", "jmespath", "urllib3"} <= installed - packaged  # Lambda's own
    assert not {name for name in modules if name in _FORBIDDEN_MODULES}
    assert [path for path in startup["compiled"] if path.startswith(str(package))] == []
    assert startup["frozen"] > 10_000  # objects that the garbage collector leaves out


def test_zip_is_small(package: Path) -> None:
    assert (package / "deployment.zip").stat().st_size <= _MAX_ZIP_SIZE
