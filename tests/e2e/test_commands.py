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

from deploy.environment import without_variables
from deploy.project import service_environment
from local.server import free_port, is_free
from tests.e2e.processes import BAD_PYTHON_SETTINGS, execute
from tests.e2e.project import Project
from tests.samples import LOCAL_STACK

_JWT = re.compile(r"eyJ[\w-]{10,}")


def test_demo_shows_each_step_and_leaves_no_files(project: Project) -> None:
    before = project.files()
    printed = project.succeed("local", "demo")
    for expected in (
        "Your confirmation code is",
        '"cognito:username": "Maria"',
        "201 placed    maria-0:v0",
        "201 placed    maria-1:v1",
        "200 replaced  maria-0:v0",
        "200 replaced  maria-1:v1",
        '"coffeetype": "Short Black"',
    ):
        assert expected in printed
    assert printed.count('401 {"message":"Unauthorized"}') == 2
    assert not _JWT.search(printed)
    assert project.files() == before
    assert list((project.folder / ".local").iterdir()) == []
    assert_ports_are_free(printed)


def assert_ports_are_free(printed: str) -> None:
    """Fail if a port that a command has printed is still in use."""
    for port in re.findall(r"127\.0\.0\.1:(\d+)", printed):
        assert is_free(int(port))


@pytest.mark.parametrize("note", ["none", "stale", "half"])
def test_staff_and_mail_need_a_running_cloud(project: Project, note: str) -> None:
    stack_json = project.folder / ".local/stack.json"
    stale = json.dumps(LOCAL_STACK._asdict() | {"aws_endpoint_url": "http://127.0.0.1:1"})
    for command in (
        ["local", "staff", "--vendor", "v0", "--user", "Maria"],
        ["local", "mail", "--to", "ann@example.com"],
    ):
        if note != "none":
            stack_json.parent.mkdir(exist_ok=True)
            stack_json.write_text(stale if note == "stale" else stale[: len(stale) // 2])
        printed = project.fail(*command)
        assert printed.strip() == "No local cloud is running: start one with `make run`"
        assert not stack_json.exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mail"], "TO is missing. Example: make mail TO=ann@example.com"),
        (["mail", "TO="], "TO is missing. Example: make mail TO=ann@example.com"),
        (["staff"], "STAGE is missing: local, dev or prod. Example: make staff STAGE=dev"),
        (["staff", "STAGE=x"], "STAGE: 'x' is not one of 'local', 'dev', 'prod'. Example: make"),
        (["staff", "STAGE=local"], "VENDOR is missing. Example: make staff STAGE=local VENDOR=v0"),
        (["staff", "STAGE=local", "VENDOR=v0"], "STAFF is missing. Example: make staff"),
        (["staff", "STAGE=dev"], "VENDOR is missing. Example: make staff STAGE=dev VENDOR=v0"),
        (["deploy"], "STAGE is missing: dev or prod. Example: make deploy STAGE=dev"),
        (["deploy", "STAGE=local"], "STAGE: 'local' is not one of 'dev', 'prod'. Example: make"),
        (["status"], "STAGE is missing: dev or prod. Example: make status STAGE=dev"),
        (["destroy"], "STAGE is missing: dev or prod. Example: make destroy STAGE=dev"),
        (["destroy", "STAGE=dev", "YES=maybe"], "YES: 'maybe' is not a valid boolean"),
        (["stack"], "STAGE is missing: dev or prod. Example: make stack STAGE=dev"),
        (["package"], "STAGE is missing: "),
        (["package", "STAGE=nonsense"], "STAGE: 'nonsense' is not one of "),
        (["package", "STAGE=dev"], "STAGE=dev: .chalice/config.json does not have its table"),
        (["run", "PORT=coffee"], "PORT: 'coffee' is not a valid"),
        (["run", "PORT=0"], "PORT: 0 is not in the range"),
    ],
    ids=" ".join,
)
def test_make_names_a_missing_or_invalid_variable(
    project: Project, words: list[str], message: str
) -> None:
    code, printed = project.make(*words)
    assert code == 2
    assert printed.startswith(message)
    assert "Traceback" not in printed


# What a developer's machine may have set; no local command may depend on it.
_AWS_SETTINGS = {
    "profile": {"AWS_PROFILE": "dev"},
    "no number": {"AWS_MAX_ATTEMPTS": "x"},
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
}


@pytest.fixture
def broken_home(project: Project, tmp_path: Path) -> Project:
    """Return a copy of the project whose user has a broken file of AWS settings."""
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default\nregion")
    project.environment["HOME"] = str(tmp_path)
    return project


@pytest.mark.parametrize("settings", _SETTINGS.values(), ids=_SETTINGS)
def test_demo_ignores_user_settings(broken_home: Project, settings: dict[str, Any]) -> None:
    broken_home.succeed("local", "demo", **settings)


@pytest.mark.parametrize("settings", _AWS_SETTINGS.values(), ids=_AWS_SETTINGS)
def test_bad_aws_settings_are_an_error_of_one_line(
    broken_home: Project, settings: dict[str, str]
) -> None:
    printed = broken_home.fail("deploy", "status", "--stage", "dev", **settings)
    assert len(printed.splitlines()) == 1, printed


def test_commands_ignore_python_settings(project: Project, tmp_path: Path) -> None:
    (tmp_path / "local.py").write_text("raise SystemExit('PYTHONPATH was used')")
    code, printed = project.make(
        "demo",
        PYTHONPATH=str(tmp_path),
        PYTHONUTF8="0",
        **BAD_PYTHON_SETTINGS,
    )
    assert code == 0, printed


@pytest.mark.parametrize(
    "words",
    [
        *(["local", "demo"], ["local", "run"], ["local", "notebook"]),
        *(["tools", "openapi"], ["tools", "sdk"]),
    ],
    ids=" ".join,
)
def test_read_only_project_is_an_error_of_one_line(project: Project, words: list[str]) -> None:
    paths = [path for path in project.folder.rglob("*") if not path.is_symlink()]
    for path in (*paths, project.folder):
        path.chmod(path.stat().st_mode & ~0o222)
    code, printed = execute(
        [sys.executable, "-m", *words],
        project.folder,
        project.environment,
        prepare=_obey_permissions,
    )
    for path in (project.folder, *paths):
        path.chmod(path.stat().st_mode | 0o200)
    assert code == 1
    (line,) = printed.splitlines()
    assert "Permission denied" in line


def _obey_permissions() -> None:
    """Let root be refused like any other user: drop CAP_DAC_OVERRIDE, capabilities(7)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="env can block signals only there")
@pytest.mark.parametrize(
    "delay", [0.01, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.1, 1.5]
)
def test_ctrl_c_during_the_start_prints_no_traceback(project: Project, delay: float) -> None:
    # Coverage, interrupted while it starts, prints tracebacks of its own.
    project.environment = without_variables(project.environment, "COVERAGE")
    run = project.start_make("run", f"PORT={free_port()}")
    time.sleep(delay)
    assert run.press_ctrl_c() != 0
    assert "Traceback" not in run.printed, run.printed
    assert "Fatal" not in run.printed, run.printed
    assert_ports_are_free(run.printed)


@pytest.mark.slow
def test_notebook_opens_beside_a_running_service(project: Project) -> None:
    port = free_port()
    options = ["--no-browser", f"--ServerApp.port={port}"]
    notebook = project.start("local", "notebook", *options, "--IdentityProvider.token=known")
    notebook.until(f"http://127.0.0.1:{port}/")
    url = f"http://127.0.0.1:{port}/api/contents/coffee_orders.ipynb"
    answer = requests.get(url, params={"token": "known"}, timeout=30)
    assert answer.json()["type"] == "notebook"
    stack_json = project.folder / ".local/stack.json"
    api_url = json.loads(stack_json.read_text())["api_url"]
    assert requests.get(f"{api_url}/order", timeout=10).status_code == 400
    assert notebook.end(signal.SIGINT) == 0, notebook.printed
    assert is_free(port)
    assert not stack_json.exists()


def test_openapi_writes_the_committed_document(project: Project) -> None:
    before = project.files()
    assert project.succeed("tools", "openapi").strip() == "chalicelib/openapi.json"
    assert project.files() == before


@pytest.mark.slow
def test_clean_removes_generated_files(project: Project) -> None:
    def tree() -> set[Path]:
        return {path for path in project.folder.rglob("*") if ".venv" not in path.parts}

    before = tree()
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x"
    settings = service_environment("x", "x", pool, "x")
    for words in (["demo"], ["openapi"], ["package", "STAGE=dev"]):
        code, printed = project.make(*words, **settings)
        assert code == 0, printed
    for words in (
        ["pytest", "--cov=tools", "tests/unit/test_project.py"],
        ["ruff", "check", "tools"],
        ["mypy", "tools/set_up.py"],
    ):
        project.succeed(*words, **settings)
    assert tree() > before
    assert project.make("clean")[0] == 0
    assert tree() == before
    assert not (project.folder / ".venv").exists()
