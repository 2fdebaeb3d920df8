"""Clients that others generate from openapi.json compile, are fully typed, and work.

It needs Node.js with npm, Java, and the package indexes of npm and PyPI.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from local.service import Service
from tests.e2e.processes import execute
from tests.hardening.target import Target
from tools.project import PROJECT

pytestmark = pytest.mark.slow

_FOLDER = Path(__file__).parent
_OPENAPI = str(PROJECT / "chalicelib/openapi.json")


def _execute(*command: str, folder: Path, **environment: str) -> None:
    """Run a command. Fail with its output if the command does."""
    code, output = execute([*command], folder, {**os.environ, **environment})
    assert code == 0, f"{' '.join(command)}\n{output[-4000:]}"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with story.ts and the installed packages of package.json."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("package.json", "package-lock.json", "story.ts"):
        shutil.copy(_FOLDER / name, folder)
    _execute("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    return folder


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the programs of a virtual environment with requirements.txt."""
    folder = tmp_path_factory.mktemp("python")
    _execute(sys.executable, "-m", "venv", ".venv", folder=folder)
    programs = folder / ".venv/bin"
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
    requirements = str(_FOLDER / "requirements.txt")
    _execute(
        str(programs / "pip"), "install", *options, "--requirement", requirements, folder=folder
    )
    return programs


@pytest.fixture
def tokens(vendorid: str, local_target: Target) -> dict[str, str]:
    return {
        "STAFF_TOKEN": local_target.sign_in(vendorid).id_token,
        "CUSTOMER_TOKEN": local_target.sign_in().id_token,
    }


def test_document_passes_the_linters(node: Path) -> None:
    (node / ".spectral.yaml").write_text("extends: [spectral:oas]\n")
    _execute("npx", "redocly", "lint", _OPENAPI, folder=node)
    _execute("npx", "spectral", "lint", _OPENAPI, "--fail-severity=error", folder=node)


def test_typescript_clients(
    node: Path, python: Path, service: Service, tokens: dict[str, str], vendorid: str
) -> None:
    _execute("npx", "openapi-typescript", _OPENAPI, "--output", "openapi.ts", folder=node)
    generator = str(python / "openapi-generator-cli")
    options = ["--generator-name", "typescript-fetch", "--output", "typescript-fetch"]
    options += ["--additional-properties", "importFileExtension=.js"]
    _execute(generator, "generate", "--input-spec", _OPENAPI, *options, folder=node)
    target = ["--target", "ES2022", "--module", "NodeNext", "--lib", "ES2022,DOM"]
    _execute("npx", "tsc", "--strict", *target, "--outDir", "built", "story.ts", folder=node)
    _execute("node", "built/story.js", service.stack.api_url, vendorid, folder=node, **tokens)


def test_python_client(
    python: Path, tmp_path: Path, service: Service, tokens: dict[str, str], vendorid: str
) -> None:
    # The generator handles binary files, if their type is one that it knows.
    types = "content_type_overrides: {image/svg+xml: application/octet-stream}\n"
    (tmp_path / "config.yaml").write_text(types)
    shutil.copy(_FOLDER / "story.py", tmp_path)
    generator = str(python / "openapi-python-client")
    options = ["--config", "config.yaml", "--meta", "none", "--output-path", "coffee_orders"]
    _execute(generator, "generate", "--path", _OPENAPI, *options, folder=tmp_path)
    interpreter = str(python / "python")
    checker = [sys.executable, "-m", "mypy", "--strict", "--python-executable", interpreter]
    _execute(*checker, "story.py", folder=tmp_path)
    _execute(interpreter, "story.py", service.stack.api_url, vendorid, folder=tmp_path, **tokens)
