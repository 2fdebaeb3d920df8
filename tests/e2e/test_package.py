"""The deployment package: its files, its bytecode, and the routes for API Gateway."""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.project import Project


def test_package_has_only_the_service(package: Path) -> None:
    names = {path.name for path in (package / "unzipped").iterdir()}
    assert {"app.py", "chalicelib", "chalice", "msgspec"} <= names
    forbidden = {"local", "deploy", "tools", "coffee_client", "tests", "boto3", "botocore", "jwt"}
    assert not forbidden & names


def test_only_public_routes_have_no_authorizer(package: Path) -> None:
    resources = json.loads((package / "sam.json").read_text())["Resources"]
    swagger = resources["RestAPI"]["Properties"]["DefinitionBody"]
    open_routes = {
        f"{method} {path}"
        for path, methods in swagger["paths"].items()
        for method, route in methods.items()
        if route.get("security") != [{"Customers": []}] and method != "options"
    }
    assert swagger["x-amazon-apigateway-binary-media-types"] == ["*/*"]  # for icons
    public = {"/", "/static/{version}/{name}", "/order", "/shop", "/shop/qr.svg", "/sw.js"}
    assert open_routes == {f"get {path}" for path in (*public, "/openapi.json")}


def test_package_of_the_same_sources_is_identical(package: Path, tmp_path: Path) -> None:
    project = Project(tmp_path / "project", os.environ).use_local_cloud()
    stale = project.folder / "chalicelib/__pycache__/orders.cpython-39.pyc"
    stale.parent.mkdir()
    stale.write_bytes(b"stale")
    project.succeed("deploy", "package", "--stage", "dev")
    for name in ("deployment.zip", "sam.json"):
        again = project.folder / "build/dev" / name
        assert again.read_bytes() == (package / name).read_bytes(), name


@pytest.mark.slow
def test_wrong_hash_in_the_lock_is_an_error(tmp_path: Path) -> None:
    """The hash of the wheel for Lambda, which Chalice requests by name."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    msgspec = f"msgspec=={importlib.metadata.version('msgspec')}"
    options = ["--platform", f"manylinux2014_{platform.machine()}", "--dest", str(tmp_path)]
    subprocess.run([*download, *options, "--no-deps", msgspec], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    project = Project(tmp_path / "project", os.environ).use_local_cloud()
    lock = project.folder / "requirements.lock"
    lock.write_text(lock.read_text().replace(digest, "0" * len(digest)))
    output = project.fail("deploy", "package", "--stage", "dev")
    assert "msgspec" in output
    assert "another hash than in requirements.lock" in output
