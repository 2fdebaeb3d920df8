"""The deployment package: its files, its bytecode, and the Swagger for API Gateway."""

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from deploy import bytecode
from tests.e2e.lambda_package import STAGE
from tests.e2e.project import Project


def test_package_has_only_the_service(package: Path) -> None:
    names = {path.name for path in (package / "unzipped").iterdir()}
    assert {"app.py", "chalicelib", "chalice", "msgspec"} <= names
    forbidden = {"local", "deploy", "tools", "coffee_client", "tests", "boto3", "botocore", "jwt"}
    assert not forbidden & names


@pytest.fixture(scope="module")
def swagger(package: Path) -> dict[str, Any]:
    resources = json.loads((package / "sam.json").read_text())["Resources"]
    body: dict[str, Any] = resources["RestAPI"]["Properties"]["DefinitionBody"]
    return body


def test_only_public_routes_and_preflights_have_no_authorizer(swagger: dict[str, Any]) -> None:
    public = {
        ("get", "/"),
        ("get", "/static/{version}/{name}"),
        ("get", "/order"),
        ("get", "/shop"),
        ("get", "/shop/qr.svg"),
        ("get", "/openapi.json"),
    }
    for path, methods in swagger["paths"].items():
        for method, route in methods.items():
            is_open = (method, path) in public or method == "options"
            expected: Any = None if is_open else [{"Customers": []}]
            assert route.get("security") == expected, f"{method.upper()} {path}"
            public.discard((method, path))
    assert not public, "routes that are not in the Swagger"


@pytest.mark.slow
@pytest.mark.parametrize("command", ["make package", "chalice package"])
def test_package_has_bytecode(tmp_path: Path, command: str) -> None:
    """Each module except segno's has valid bytecode, and there is no other bytecode."""
    project = packaging_project(tmp_path)
    other_python = project.folder / "chalicelib/__pycache__/orders.cpython-39.pyc"
    other_source = project.folder / f"vendor/__pycache__/app.{sys.implementation.cache_tag}.pyc"
    for stale in (other_python, other_source):
        stale.parent.mkdir(parents=True)
        stale.write_bytes(b"stale")
    unzipped = tmp_path / "unzipped"
    with zipfile.ZipFile(_zip_of(project, command)) as zipped:
        zipped.extractall(unzipped)
    sources = set(unzipped.rglob("*.py")) - set((unzipped / "segno").rglob("*.py"))
    compiled = {
        file.parent.parent / f"{file.name.partition('.')[0]}.py" for file in unzipped.rglob("*.pyc")
    }
    assert compiled == sources
    for source in sources:
        pyc = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        assert bytecode.is_accepted(pyc, source), source
        assert str(project.folder).encode() not in pyc.read_bytes(), source


def packaging_project(tmp_path: Path) -> Project:
    """Return a copy of the project whose stage dev has a stack, without access to AWS."""
    unreachable = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    return Project(tmp_path / "project", {**os.environ, **STAGE, "STAGE": "dev", **unreachable})


def _zip_of(project: Project, command: str) -> Path:
    if command == "make package":
        project.succeed("deploy", "package", "--stage", "dev")
        return project.folder / "build/dev/deployment.zip"
    assert project.chalice("package", "--stage", "dev", "out")[0] == 0
    (package,) = (project.folder / ".chalice/deployments").glob("*.zip")
    return package


@pytest.mark.slow
def test_wrong_hash_in_the_lock_is_an_error(tmp_path: Path) -> None:
    """The hash of the wheel for Lambda's processor, which Chalice requests by name."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    options = ["--platform", "manylinux2014_aarch64", "--dest", str(tmp_path)]
    msgspec = f"msgspec=={importlib.metadata.version('msgspec')}"
    subprocess.run([*download, *options, "--no-deps", msgspec], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    project = packaging_project(tmp_path)
    project.succeed("deploy", "package", "--stage", "dev")
    lock = project.folder / "requirements.lock"
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(lock.read_text().replace(digest, "0" * len(digest)))
    shutil.rmtree(project.folder / ".chalice/deployments")  # Chalice's cache
    output = project.fail("deploy", "package", "--stage", "dev")
    assert output.startswith("chalice package: ")
    assert "msgspec" in output
