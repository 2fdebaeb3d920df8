"""The deployment package: made without the laptop's libraries, and whole without the laptop."""

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
from tests.e2e.project import Project
from tests.e2e.unzipped import STAGE, in_package


def test_the_package_has_the_service_and_not_the_laptop(package: Path) -> None:
    there = {path.name for path in (package / "unzipped").iterdir()}
    assert {"app.py", "chalicelib", "chalice", "msgspec"} <= there
    assert (
        not {"local", "deploy", "tools", "coffee_client", "tests", "boto3", "botocore", "jwt"}
        & there
    )


def test_the_packaged_app_imports_alone(package: Path) -> None:
    loaded = in_package(package, "import app, sys; print(json.dumps(list(sys.modules)))")
    assert "chalicelib.orders_table" in loaded
    assert "chalicelib.page" not in loaded, "an order would pay for the page"
    assert not {"local", "deploy", "chalice.local", "jwt", "requests"} & set(loaded)


def test_the_packaged_app_answers(package: Path) -> None:
    event = {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/order"},
        "headers": {},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": "{}",
    }
    answer = in_package(package, f"import app; print(json.dumps(app.app({event!r}, None)))")
    assert answer["statusCode"] == 401
    assert json.loads(answer["body"])["Code"] == "UnauthorizedError"


@pytest.fixture(scope="module")
def swagger(package: Path) -> dict[str, Any]:
    """Return what API Gateway imports."""
    resources = json.loads((package / "sam.json").read_text())["Resources"]
    body: dict[str, Any] = resources["RestAPI"]["Properties"]["DefinitionBody"]
    return body


def test_the_authorizer_asks_the_stages_own_pool(swagger: dict[str, Any]) -> None:
    (authorizer,) = swagger["securityDefinitions"].values()
    assert authorizer["name"] == "Authorization"
    assert authorizer["x-amazon-apigateway-authorizer"] == {
        "type": "cognito_user_pools",
        "providerARNs": [STAGE["USER_POOL_ARN"]],
    }


def test_every_route_that_writes_carries_the_authorizer(swagger: dict[str, Any]) -> None:
    for path, methods in swagger["paths"].items():
        for method, route in methods.items():
            if method not in {"get", "head", "options"}:
                assert route.get("security") == [{"Customers": []}], f"{method.upper()} {path}"


def test_only_these_routes_are_for_anybody(swagger: dict[str, Any]) -> None:
    public = {
        (method, path)
        for path, methods in swagger["paths"].items()
        for method, route in methods.items()
        if "security" not in route and method != "options"
    }
    assert public == {
        ("get", "/"),
        ("get", "/static/{version}/{name}"),
        ("get", "/order"),
        ("get", "/shop"),
        ("get", "/shop/qr.svg"),
        ("get", "/openapi.json"),
    }


def test_no_preflight_carries_the_authorizer(swagger: dict[str, Any]) -> None:
    for methods in swagger["paths"].values():
        assert "security" not in methods["options"]


def test_boto3_is_lambdas_own_and_all_else_that_ships_is_in_the_zip(package: Path) -> None:
    paths = in_package(
        package,
        "import app, sys; print(json.dumps({n: sys.modules[n].__file__ for n in"
        " ['chalice', 'chalicelib', 'msgspec', 'botocore', 'jmespath', 'urllib3']}))",
    )
    inside = {name for name, path in paths.items() if Path(path).is_relative_to(package)}
    assert inside == {"chalice", "chalicelib", "msgspec"}


@pytest.mark.slow
@pytest.mark.parametrize("command", ["make package", "chalice package", "chalice deploy"])
def test_bytecode_ships(tmp_path: Path, command: str) -> None:
    """Each module but segno's has bytecode that this Python accepts; no other bytecode ships."""
    project = Project(tmp_path / "project", {**os.environ, **STAGE, "STAGE": "dev"})
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


def _zip_of(project: Project, command: str) -> Path:
    if command == "make package":
        code, printed = project.run("deploy", "package", "--stage", "dev")
        assert code == 0, printed
        return project.folder / "build/dev/deployment.zip"
    words = ["package", "--stage", "dev", "out"] if "package" in command else ["deploy"]
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), *words],
        cwd=project.folder,
        # Nobody answers there, so a deploy ends once it has made the zip.
        env={**project.environment, "AWS_ENDPOINT_URL": "http://127.0.0.1:9"},
        check=words[0] == "package",
        capture_output=True,
    )
    (made,) = (project.folder / ".chalice/deployments").glob("*.zip")
    return made


@pytest.mark.slow
def test_a_package_lacks_nothing_and_no_wheel_has_another_hash(tmp_path: Path) -> None:
    """For Lambda's processor, too, whose wheels Chalice asks for by name, and can do without."""
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:"]
    for_lambda = ["--platform", "manylinux2014_aarch64", "--dest", str(tmp_path)]
    msgspec = f"msgspec=={importlib.metadata.version('msgspec')}"
    subprocess.run([*download, *for_lambda, "--no-deps", msgspec], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    project = Project(tmp_path / "project", {**os.environ, **STAGE, "STAGE": "dev"})
    assert project.run("deploy", "package", "--stage", "dev")[0] == 0
    lock = project.folder / "requirements.lock"
    good = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock.write_text(lock.read_text().replace(good, "0" * len(good)))
    shutil.rmtree(project.folder / ".chalice/deployments")  # what Chalice has downloaded before
    code, printed = project.run("deploy", "package", "--stage", "dev")
    assert code == 1
    assert printed.startswith("chalice package: ")
    assert "msgspec" in printed
