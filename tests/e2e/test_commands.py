"""`make demo` and other commands for this machine."""

import re
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from local.cli import run_demo
from local.emulator import LocalCloud, is_free
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


def test_verbose_demo_prints_the_bodies(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    run_demo(service, verbose=True)
    assert capsys.readouterr().out.count('"coffeetype": "Short Black"') == 5


def test_closed_stream_leaves_no_traceback(project: Project) -> None:
    line = f"'{sys.executable}' -m local demo | head -1"
    code, output = project.execute("bash", "-c", line)
    assert (code, len(output.splitlines())) == (0, 1), output


def test_only_its_own_command_adds_functions_to_the_local_cloud(service: Service) -> None:
    without_key = LocalCloud(service.cloud.endpoint_url)
    with pytest.raises(ClientError, match="403"):
        without_key.client("lambda").list_functions()
