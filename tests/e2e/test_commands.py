"""`make demo`, `notebook`, `mail` and their kin, as their users meet them."""

import contextlib
import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from local.server import free_port, is_free
from local.state import LocalStack
from tests.e2e.project import Project

_JWT = re.compile(r"eyJ[\w-]{10,}")


def test_the_demo_tells_the_story_and_leaves_nothing_behind(project: Project) -> None:
    before = project.files()
    code, printed = project.run("local", "demo")
    assert code == 0, printed
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
    for port in re.findall(r"127\.0\.0\.1:(\d+)", printed):
        assert is_free(int(port))


_COMMANDS_FOR_A_RUN = (
    ["local", "staff", "--vendor", "v0", "--user", "Maria"],
    ["local", "mail", "--to", "ann@example.com"],
)


@pytest.mark.parametrize("note", ["none", "stale", "half"])
def test_staff_and_mail_need_a_running_cloud(project: Project, note: str) -> None:
    stack_json = project.folder / ".local/stack.json"
    stale = json.dumps(
        {
            name: "http://127.0.0.1:1" if name.endswith("url") else "eu-west-1"
            for name in LocalStack._fields
        }
    )
    for command in _COMMANDS_FOR_A_RUN:
        if note != "none":
            stack_json.parent.mkdir(exist_ok=True)
            stack_json.write_text(stale if note == "stale" else stale[: len(stale) // 2])
        code, printed = project.run(*command)
        nothing = "No local cloud is running: start one with `make run`"
        assert (code, printed.strip()) == (1, nothing)
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
def test_make_names_the_variable_and_the_stages(
    project: Project, words: list[str], message: str
) -> None:
    done = project.make(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(message)
    assert "Traceback" not in done.stderr


# What a developer's machine may have set; no local command may depend on it.
_HOSTILE = {
    "a profile": {"AWS_PROFILE": "dev"},
    "no number": {"AWS_MAX_ATTEMPTS": "x"},
    "an endpoint": {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_DYNAMODB": "-"},
    "a mode": {"AWS_RETRY_MODE": "x", "AWS_DEFAULTS_MODE": "x"},
    "credentials": {"AWS_ACCESS_KEY_ID": "mine", "AWS_SESSION_TOKEN": "mine"},
    "a CA bundle": {"AWS_CA_BUNDLE": "/no/such/file"},
    "a broken file": {},
}


@pytest.mark.parametrize("settings", _HOSTILE.values(), ids=_HOSTILE)
def test_aws_settings_do_not_reach_the_demo(
    project: Project, settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default\nregion")
    files: dict[str, Any] = {name: None for name in os.environ if name.startswith("AWS_")}
    code, printed = project.run("local", "demo", **(files | settings), HOME=str(tmp_path))
    assert code == 0, printed


@pytest.mark.parametrize("settings", _HOSTILE.values(), ids=_HOSTILE)
def test_bad_aws_settings_are_one_line_where_they_matter(
    project: Project, settings: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/config").write_text("[default\nregion")
    files: dict[str, Any] = {name: None for name in os.environ if name.startswith("AWS_")}
    code, printed = project.run(
        *["deploy", "status", "--stage", "dev"], **(files | settings), HOME=str(tmp_path)
    )
    assert code == 1
    assert len(printed.splitlines()) == 1, printed


def test_a_proxy_does_not_stand_between_this_machine_and_itself(project: Project) -> None:
    nowhere = "http://127.0.0.1:1"
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    proxies = dict.fromkeys(names, nowhere)
    none: dict[str, Any] = dict.fromkeys(("NO_PROXY", "no_proxy"))
    code, printed = project.run("local", "demo", **proxies, **none)
    assert code == 0, printed


def test_a_terminal_without_unicode_is_no_traceback(project: Project) -> None:
    code, printed = project.run("local", "demo", PYTHONIOENCODING="ascii")
    assert code == 0, printed


def test_python_settings_do_not_reach_the_commands(project: Project, tmp_path: Path) -> None:
    (tmp_path / "local.py").write_text("raise SystemExit('PYTHONPATH was used')")
    done = project.make(
        "demo",
        PYTHONSAFEPATH="1",
        PYTHONPATH=str(tmp_path),
        PYTHONHOME="/no/such/folder",
        PYTHONWARNINGS="error",
        PYTHONOPTIMIZE="2",
        PYTHONUTF8="0",
        LC_ALL="C",
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *(["local", "demo"], ["local", "run"], ["local", "notebook"]),
        *(["tools", "openapi"], ["tools", "sdk"]),
    ],
    ids=" ".join,
)
def test_a_read_only_checkout_is_one_line(project: Project, words: list[str]) -> None:
    paths = [path for path in project.folder.rglob("*") if not path.is_symlink()]
    for path in (*paths, project.folder):
        path.chmod(path.stat().st_mode & ~0o222)
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_obey_permissions,
    )
    for path in (project.folder, *paths):
        path.chmod(path.stat().st_mode | 0o200)
    assert done.returncode == 1
    assert "Permission denied" in done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr


def _obey_permissions() -> None:
    """Let root be refused like any other user: drop CAP_DAC_OVERRIDE, capabilities(7)."""
    if os.geteuid() == 0:
        ctypes.CDLL(None).prctl(24, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="env can block signals only there")
@pytest.mark.parametrize(
    "delay", [0.01, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.1, 1.5]
)
def test_ctrl_c_in_the_first_moments_is_no_traceback(project: Project, delay: float) -> None:
    process = subprocess.Popen(
        ["make", "--no-print-directory", "run", f"PORT={free_port()}"],  # noqa: S607
        cwd=project.folder,
        # Coverage, interrupted while it starts, prints tracebacks of its own.
        env={k: v for k, v in project.environment.items() if not k.startswith("COVERAGE")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # and so a process group, as a terminal gives one
    )
    time.sleep(delay)
    os.killpg(process.pid, signal.SIGINT)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode
    assert "Traceback" not in printed, printed
    assert "Fatal" not in printed, printed
    for port in re.findall(r"127\.0\.0\.1:(\d+)", printed):
        assert is_free(int(port))


@pytest.mark.slow
def test_the_notebook_opens_beside_a_running_service(project: Project) -> None:
    port = free_port()
    options = ["--no-browser", f"--ServerApp.port={port}"]
    process = project.start("local", "notebook", *options, "--IdentityProvider.token=known")
    stack_json = project.folder / ".local/stack.json"
    url = f"http://127.0.0.1:{port}/api/contents/coffee_orders.ipynb"
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(requests.ConnectionError):
                answer = requests.get(url, params={"token": "known"}, timeout=10)
                if answer.ok:
                    break
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert answer.json()["type"] == "notebook"
        api_url = json.loads(stack_json.read_text())["api_url"]
        assert requests.get(f"{api_url}/order", timeout=10).status_code == 400
    finally:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    assert is_free(port)
    assert not stack_json.exists()


def test_the_openapi_document_is_written_anew_without_a_difference(project: Project) -> None:
    before = project.files()
    code, printed = project.run("tools", "openapi")
    assert (code, printed.strip()) == (0, "chalicelib/openapi.json")
    assert project.files() == before


@pytest.mark.slow
def test_clean_removes_what_the_commands_made(project: Project) -> None:
    def tree() -> set[Path]:
        return {path for path in project.folder.rglob("*") if ".venv" not in path.parts}

    before = tree()
    settings = {
        "USER_POOL_ARN": "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x",
        **dict.fromkeys(("ORDERS_TABLE", "SHOPS_TABLE", "CLIENT_ID"), "x"),
    }
    for words in (
        ["make", "demo"],
        ["make", "openapi"],
        ["make", "package", "STAGE=dev"],
        [sys.executable, "-m", "pytest", "--cov=tools", "tests/unit/test_project.py"],
        [sys.executable, "-m", "ruff", "check", "tools"],
        [sys.executable, "-m", "mypy", "tools/set_up.py"],
    ):
        subprocess.run(
            words,
            cwd=project.folder,
            env=project.environment | settings,
            check=True,
            capture_output=True,
        )
    assert tree() > before
    assert project.make("clean").returncode == 0
    assert tree() == before
    assert not (project.folder / ".venv").exists()
