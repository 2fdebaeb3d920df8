"""What must not creep, counted and not timed: benchmarks/RESULTS.md has what it costs."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.e2e.unzipped import STAGE

_MODULES = 165  # beside Python's own, of which each version of it has another number
_OWN_MODULES = 36  # those that a cold start compiles, as they come out of the zip
_ZIP = 1_500_000  # bytes
_PAGE = ("chalicelib/page.py", "chalicelib/static/")  # an order loads none of it

# Each has been found on the way into a start, or has once been in one.
_UNWANTED = {
    "aws_lambda_powertools",
    "boto3",
    "s3transfer",
    "pydantic",
    "typing_extensions",
    "requests",
    "asyncio",
    "multiprocessing",
    "sqlite3",
    "unittest",
    "chalice.cli",
    "chalice.deploy",
    "chalice.local",
    "chalice.test",
    "chalicelib.page",
    "local",
    "deploy",
    "tools",
    "coffee_client",
    "benchmarks",
    "tests",
}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the libraries that Lambda's runtime brings, and no other."""
    libraries = tmp_path_factory.mktemp("runtime")
    for name in ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3"):
        (libraries / name).symlink_to(Path(sysconfig.get_path("purelib"), name))
    return libraries


@pytest.fixture(scope="module")
def loaded(package: Path, runtime: Path) -> dict[str, str]:
    """Return the modules of a started function, each with the file it came from."""
    code = (
        f"import sys; sys.path[:0] = [{str(package / 'unzipped')!r}, {str(runtime)!r}]; import app;"
        "[print(name, getattr(module, '__file__', ''), sep='\\t')"
        " for name, module in sys.modules.copy().items()]"
    )
    # Isolated, and without site: no module but what the function itself asks for.
    command = [sys.executable, "-I", "-S", "-B", "-c", code]
    done = subprocess.run(command, env=STAGE, check=True, capture_output=True, text=True)
    return dict(line.split("\t") for line in done.stdout.splitlines())


def test_a_start_imports_no_more_than_it_did(loaded: dict[str, str]) -> None:
    brought = {name for name in loaded if name.partition(".")[0] not in sys.stdlib_module_names}
    assert "botocore.client" in brought
    assert len(brought) <= _MODULES


def test_little_of_it_has_to_be_compiled(loaded: dict[str, str], package: Path) -> None:
    own = [name for name, file in loaded.items() if file.startswith(str(package))]
    assert "chalicelib.orders" in own
    assert len(own) <= _OWN_MODULES


@pytest.mark.parametrize("name", sorted(_UNWANTED))
def test_a_start_does_without(loaded: dict[str, str], name: str) -> None:
    assert not [module for module in loaded if module == name or module.startswith(f"{name}.")]


def test_the_zip_stays_small(package: Path) -> None:
    with zipfile.ZipFile(package / "deployment.zip") as zipped:
        files = zipped.infolist()
    assert sum(file.compress_size for file in files if not file.filename.startswith(_PAGE)) <= _ZIP
