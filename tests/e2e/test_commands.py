"""`make demo`, `notebook`, `mail` and the other commands for this machine."""

import ctypes
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from local.server import free_port, is_free
from tests.e2e.processes import INVALID_PYTHON_SETTINGS, execute
from tests.e2e.project import Project
from tools.environment import without_variables
from tools.project import service_environment

_JWT = re.compile(r"eyJ[\w-]{10,}")


def test_demo_shows_each_step_and_leaves_no_files(project: Project) -> None:
    files_before = project.files()
    output = project.succeed("local", "demo")
    for expected in (
        "Your confirmation code is",
        '"cognito:username": "Maria"',
        "201 placed    maria-0:v0",
        "201 placed    maria-1:v1",
        "200 replaced  maria-0:v0",
        "200 replaced  maria-1:v1",
        '"coffeetype": "Short Black"',
    ):
        assert expected in output
    assert output.count('401 {"message":"Unauthorized"}') == 2
    assert not _JWT.search(output)
    assert project.files() == files_before
    assert list((project.folder / ".local").iterdir()) == []
    assert_ports_are_free(output)


def assert_ports_are_free(output: str) -> None:
    """Fail if a port that a command has printed is still in use."""
    for port in re.findall(r"127\.0\.0\.1:(\d+)", output):
        assert is_free(int(port))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mail"], "TO is missing. Example: make mail TO=ann@example.com"),
        (["mail", "TO="], "TO is missing. Example: make mail TO=ann@example.com"),
        (["mail", "TO=ann@example.com"], "No local cloud is running: start one with `make run`"),
        (["staff"], "STAGE is missing: local, dev or prod. Example: make staff STAGE=dev"),
        (["staff", "STAGE=x"], "STAGE: 'x' is not one of 'local', 'dev', 'prod'. Example: make"),
        (["staff", "STAGE=local"], "VENDOR is missing. Example: make staff STAGE=local VENDOR=v0"),
        (["staff", "STAGE=local", "VENDOR=v0"], "STAFF is missing. Example: make staff"),
        (
            ["staff", "STAGE=local", "VENDOR=v0", "STAFF=Maria"],
            "No local cloud is running: start one with `make run`",
        ),
        (["staff", "STAGE=dev"], "VENDOR is missing. Example: make staff STAGE=dev VENDOR=v0"),
        (["deploy"], "STAGE is missing: dev or prod. Example: make deploy STAGE=dev"),
        (["deploy", "STAGE=local"], "STAGE: 'local' is not one of 'dev', 'prod'. Example: make"),
        (["smoke", "STAGE=staging"], "STAGE: 'staging' is not one of 'dev', 'prod'. Example: make"),
        (["status"], "STAGE is missing: dev or prod. Example: make status STAGE=dev"),
        (["destroy"], "STAGE is missing: dev or prod. Example: make destroy STAGE=dev"),
        (["destroy", "STAGE=dev", "YES=maybe"], "YES: 'maybe' is not a valid boolean"),
        (["stack"], "STAGE is missing: dev or prod. Example: make stack STAGE=dev"),
        (["package"], "STAGE is missing: "),
        (["package", "STAGE=nonsense"], "STAGE: 'nonsense' is not one of "),
        (["package", "STAGE=dev"], "STAGE=dev: .chalice/config.json does not have its table"),
        (["run", "PORT=coffee"], "PORT: 'coffee' is not a valid"),
        (["run", "PORT=0"], "PORT: 0 is not in the range 1<=x<=65535. Example: make run PORT=8001"),
    ],
    ids=" ".join,
)
def test_make_prints_one_message_for_an_error(
    project: Project, arguments: list[str], message: str
) -> None:
    code, output = project.make(*arguments)
    assert code == 2
    assert output.startswith(message)
    assert "Traceback" not in output


_AWS_SETTINGS = {
    "profile": {"AWS_PROFILE": "dev"},
    "invalid number": {"AWS_MAX_ATTEMPTS": "x"},
    "endpoint": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB": "-"},
    "mode": {"AWS_RETRY_MODE": "x", "AWS_DEFAULTS_MODE": "x"},
    "credentials": {"AWS_ACCESS_KEY_ID": "mine", "AWS_SESSION_TOKEN": "mine"},
    "CA bundle": {"AWS_CA_BUNDLE": "/no/such/file"},
    "broken file": {},
}
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_NO_EXCEPTIONS = {"NO_PROXY": None, "no_proxy": None}
_SETTINGS: dict[str, dict[str, Any]] = {
    **_AWS_SETTINGS,
    "proxy": {**dict.fromkeys(_PROXIES, "http://127.0.0.1:1"), **_NO_EXCEPTIONS},
    "no Unicode": {"PYTHONIOENCODING": "ascii"},
    "MiniStack": {
        "SERVICES": "s3",
        "USE_SSL": "1",
        "LOG_LEVEL": "nonsense",
        "EDGE_PORT": "1",
        "MINISTACK_HOST": "elsewhere",
        "MINISTACK_ACCOUNT_ID": "123456789012",
        "MINISTACK_WORKER_THREADS": "many",
        "LOCALSTACK_PERSISTENCE": "1",
    },
}


@pytest.fixture
def project_with_broken_aws_config(project: Project, tmp_path: Path) -> Project:
    """Return a copy of the project whose user has an invalid ~/.aws/config."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default\nregion")
    project.environment["HOME"] = str(tmp_path)
    return project


@pytest.mark.parametrize("settings", _SETTINGS.values(), ids=_SETTINGS)
def test_demo_ignores_user_settings(
    project_with_broken_aws_config: Project, settings: dict[str, Any]
) -> None:
    project_with_broken_aws_config.succeed("local", "demo", **settings)


@pytest.mark.parametrize("settings", _AWS_SETTINGS.values(), ids=_AWS_SETTINGS)
def test_bad_aws_settings_are_an_error_of_one_line(
    project_with_broken_aws_config: Project, settings: dict[str, str]
) -> None:
    output = project_with_broken_aws_config.fail("deploy", "status", "--stage", "dev", **settings)
    assert len(output.splitlines()) == 1, output


def test_commands_ignore_python_settings(project: Project, tmp_path: Path) -> None:
    (tmp_path / "local.py").write_text("raise SystemExit('PYTHONPATH was used')")
    settings = {"PYTHONPATH": str(tmp_path), "PYTHONUTF8": "0", **INVALID_PYTHON_SETTINGS}
    code, output = project.make("demo", **settings)
    assert code == 0, output


@pytest.mark.parametrize(
    "arguments",
    [
        *(["local", "demo"], ["local", "run"], ["local", "notebook"]),
        *(["tools", "openapi"], ["tools", "sdk"]),
    ],
    ids=" ".join,
)
def test_read_only_project_is_an_error_of_one_line(project: Project, arguments: list[str]) -> None:
    paths = [path for path in project.folder.rglob("*") if not path.is_symlink()]
    for path in (*paths, project.folder):
        path.chmod(path.stat().st_mode & ~0o222)
    code, output = execute(
        [sys.executable, "-m", *arguments],
        project.folder,
        project.environment,
        preexec_fn=_drop_permission_override,
    )
    for path in (project.folder, *paths):
        path.chmod(path.stat().st_mode | 0o200)
    assert code == 1
    (line,) = output.splitlines()
    assert "Permission denied" in line


def _drop_permission_override() -> None:
    """Let permissions apply to root: drop CAP_DAC_OVERRIDE, see capabilities(7)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="env can block signals only there")
@pytest.mark.parametrize(
    "delay", [0.01, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.1, 1.5]
)
def test_ctrl_c_during_the_start_prints_no_traceback(project: Project, delay: float) -> None:
    # Coverage prints tracebacks if it is interrupted while it starts.
    project.environment = without_variables(project.environment, "COVERAGE")
    run = project.start_make("run", f"PORT={free_port()}")
    time.sleep(delay)
    assert run.interrupt() != 0
    assert "Traceback" not in run.output, run.output
    assert "Fatal" not in run.output, run.output
    assert_ports_are_free(run.output)


@pytest.mark.slow
def test_notebook_opens_beside_a_running_service(project: Project) -> None:
    port = free_port()
    options = ["--no-browser", f"--ServerApp.port={port}"]
    notebook = project.start("local", "notebook", *options, "--IdentityProvider.token=test")
    notebook.wait_for(f"http://127.0.0.1:{port}/")
    url = f"http://127.0.0.1:{port}/api/contents/coffee_orders.ipynb"
    response = requests.get(url, params={"token": "test"}, timeout=30)
    assert response.json()["type"] == "notebook"
    stack_json = project.folder / ".local/stack.json"
    api_url = json.loads(stack_json.read_text())["api_url"]
    assert requests.get(f"{api_url}/order", timeout=10).status_code == 400
    assert notebook.end(signal.SIGINT) == 0, notebook.output
    assert is_free(port)
    assert not stack_json.exists()


def test_openapi_writes_the_committed_document(project: Project) -> None:
    files_before = project.files()
    assert project.succeed("tools", "openapi").strip() == "chalicelib/openapi.json"
    assert project.files() == files_before


@pytest.mark.slow
def test_clean_removes_generated_files(project: Project) -> None:
    def paths() -> set[Path]:
        return {path for path in project.folder.rglob("*") if ".venv" not in path.parts}

    paths_before = paths()
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x"
    settings = service_environment("x", "x", pool, "x")
    for arguments in (["demo"], ["openapi"], ["package", "STAGE=dev"]):
        code, output = project.make(*arguments, **settings)
        assert code == 0, output
    for arguments in (
        ["pytest", "--cov=tools", "tests/unit/test_least_privilege.py"],
        ["ruff", "check", "tools"],
        ["mypy", "tools/set_up.py"],
    ):
        project.succeed(*arguments, **settings)
    assert paths() > paths_before
    assert project.make("clean")[0] == 0
    assert paths() == paths_before
    assert not (project.folder / ".venv").exists()
