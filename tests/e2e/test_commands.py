"""`make demo`, `clean` and the other commands for this machine."""

import json
import re
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from coffee_client import CoffeeClient
from local.cli import run_demo
from local.emulator import LocalCloud, free_port, is_free
from local.service import Service
from tests.e2e.processes import INVALID_PYTHON_SETTINGS
from tests.e2e.project import Project

_NOWHERE = "http://127.0.0.1:1"
# Settings that the user has for other programs.
USER_SETTINGS = {
    **{"AWS_PROFILE": "dev", "AWS_MAX_ATTEMPTS": "x", "AWS_RETRY_MODE": "x", "NO_PROXY": ""},
    **{"AWS_ENDPOINT_URL": _NOWHERE, "AWS_ENDPOINT_URL_DYNAMODB": "-", "AWS_CA_BUNDLE": "/nowhere"},
    **{"AWS_ACCESS_KEY_ID": "mine", "AWS_SESSION_TOKEN": "mine", "AWS_DEFAULTS_MODE": "x"},
    **dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY"], _NOWHERE),
    **{"SERVICES": "s3", "USE_SSL": "1", "LOG_LEVEL": "nonsense", "EDGE_PORT": "1"},
    **{"MINISTACK_HOST": "elsewhere", "MINISTACK_WORKER_THREADS": "many"},
}


def test_demo_fits_on_a_screen_and_ignores_user_settings(project: Project, tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default\nregion")
    (tmp_path / "local.py").write_text("raise SystemExit('PYTHONPATH was used')")
    files_before = project.files()
    home = {"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}
    code, output = project.make("demo", **home, **INVALID_PYTHON_SETTINGS, **USER_SETTINGS)
    assert code == 0, output
    assert len(output.splitlines()) < 24
    statuses = [int(status) for status in re.findall(r"^  (\d{3}) ", output, re.M)]
    assert statuses == [201, 201, 200, 200, 200, 401, 401]
    assert output.count('401 {"message":"Unauthorized"}, as expected') == 2
    assert "2 x Small Short Black, 9.0 each" in output
    assert output.splitlines()[-1].endswith("Next: make run")
    assert not re.search(r"eyJ[\w-]{10,}", output), "a token"
    assert project.files() == files_before
    assert all(is_free(int(port)) for port in re.findall(r"127\.0\.0\.1:(\d+)", output))


def test_verbose_demo_prints_the_bodies_that_it_sends(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    run_demo(service, verbose=True)
    objects = re.findall(r"^\{$.*?^\}$", capsys.readouterr().out, re.M | re.S)
    bodies = [json.loads(text) for text in objects]
    sent = [body["order"] for body in bodies if "order" in body and "status" not in body["order"]]
    assert len(sent) == 4
    stored = CoffeeClient(service.stack.api_url).get(sent[-1]["accountid"], sent[-1]["vendorid"])
    assert stored.to_request() == sent[-1]


@pytest.mark.parametrize("redirection", ["| head -1", ">&- 2>&-"])
def test_closed_stream_leaves_no_traceback_and_no_folder(
    project: Project, redirection: str, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    line = f"TMPDIR='{folder}' '{sys.executable}' -m local demo {redirection}"
    code, output = project.execute("bash", "-c", line)
    assert "Traceback" not in output
    assert code == 0
    assert list(folder.iterdir()) == []


def test_ctrl_c_during_the_start_ends_everything(project: Project) -> None:
    run = project.start_module("local", "run", "--port", str(free_port()))
    run.wait_for("MiniStack")
    assert run.interrupt() == 130
    assert run.output.endswith("Stopped.\n")
    assert "Traceback" not in run.output
    assert all(is_free(int(port)) for port in re.findall(r"127\.0\.0\.1:(\d+)", run.output))


def test_only_its_own_command_adds_functions_to_the_local_cloud(service: Service) -> None:
    without_key = LocalCloud(service.cloud.endpoint_url)
    with pytest.raises(ClientError, match="403"):
        without_key.client("lambda").list_functions()


@pytest.mark.slow
def test_clean_removes_generated_files(project: Project) -> None:
    def paths() -> set[Path]:
        return {path for path in project.folder.rglob("*") if ".venv" not in path.parts}

    paths_before = paths()
    test = "pytest --cov=tools tests/unit/test_settings.py"
    for command in ("local demo", test, "ruff check tools", "mypy tools/set_up.py"):
        project.run(*command.split())
    assert paths() > paths_before
    assert project.make("clean")[0] == 0
    assert paths() == paths_before
    assert not (project.folder / ".venv").exists()
