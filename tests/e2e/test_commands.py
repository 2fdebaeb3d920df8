"""`make demo` and `make run`, as their users meet them: typed, read, used, and ended."""

import contextlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from cloud import outputs
from cloud.outputs import LOCAL, PROJECT, STACK_JSON
from cloud.server import free_port, is_free, running
from tests.e2e.project import Project

_CLOUD = [sys.executable, "-m", "cloud"]
_JWT = re.compile(r"eyJ[\w-]{10,}")


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*_CLOUD, *words],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def git_status() -> str:
    return subprocess.run(
        ["git", "status", "--porcelain"],  # noqa: S607 - found on the PATH, as everywhere
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


class Run:
    """A running `make run`, and what it has printed so far."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.printed = ""
        self.process = start("run", "--port", str(port))
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if "Ctrl-C" in line:
                return
        raise AssertionError(f"It ended early:\n{self.printed}")

    def ports(self) -> list[int]:
        """Return every port that it opened."""
        return sorted({int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", self.printed)})

    def end(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        try:
            self.printed += self.process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode


@pytest.fixture
def run() -> Iterator[Run]:
    run = Run(free_port())
    yield run
    if run.process.poll() is None:
        run.end(signal.SIGTERM)


def test_the_demo_tells_the_story_and_leaves_nothing_behind() -> None:
    before, left = git_status(), set(LOCAL.iterdir()) if LOCAL.exists() else set()
    demo = start("demo")
    printed, _ = demo.communicate(timeout=120)
    assert demo.returncode == 0, printed
    for expected in (
        "Your confirmation code is",
        '"cognito:username": "Paul"',
        "201 placed    a0:v0",
        "201 placed    a1:v1",
        "200 replaced  a0:v0",
        "200 replaced  a1:v1",
        '"coffeetype": "Short Black"',
    ):
        assert expected in printed
    assert printed.count('401 {"message":"Unauthorized"}') == 2
    assert not _JWT.search(printed)
    assert git_status() == before
    assert set(LOCAL.iterdir()) == left
    for port in re.findall(r"127\.0\.0\.1:(\d+)", printed):
        assert is_free(int(port))


def test_run_writes_down_what_clients_need(run: Run) -> None:
    made = json.loads(STACK_JSON.read_text())
    assert list(made) == [
        *["api_url", "region", "aws_endpoint_url", "user_pool_id", "user_pool_arn"],
        *["client_id", "orders_table"],
    ]
    assert made["api_url"] == f"http://127.0.0.1:{run.port}"
    assert made["client_id"] in run.printed
    assert run.end(signal.SIGINT) == 0
    assert not STACK_JSON.exists()


def test_run_prints_a_link_that_leads_to_the_page(run: Run) -> None:
    (url,) = re.findall(r"^Page +(http\S+)$", run.printed, re.MULTILINE)
    answer = requests.get(url, timeout=10)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<title>Coffee orders</title>" in answer.text


def test_the_curl_lines_of_run_work_as_they_are(run: Run) -> None:
    lines = [line for line in run.printed.splitlines() if line.startswith("curl ")]
    answers = [
        subprocess.run(
            ["bash", "-c", line],  # noqa: S607 - a shell is what its reader has
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for line in lines
    ]
    statuses = [answer[0].split()[1] for answer in answers]
    assert statuses == ["200", "401", "201"]
    assert json.loads(answers[0][-1])["order"]["accountid"] == "a0"
    assert not _JWT.search(run.printed)


def test_the_token_for_curl_is_for_its_owners_eyes_and_goes_with_the_run(run: Run) -> None:
    header = LOCAL / f"authorization-{run.port}"
    assert stat.S_IMODE(header.stat().st_mode) == 0o600
    run.end(signal.SIGINT)
    assert not header.exists()


@pytest.mark.parametrize(
    ("with_signal", "exit_code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_however_run_is_ended_nothing_keeps_running(
    run: Run, with_signal: signal.Signals, exit_code: int
) -> None:
    ports = run.ports()
    assert len(ports) == 2
    assert not any(is_free(port) for port in ports)
    assert run.end(with_signal) == exit_code, run.printed
    assert all(is_free(port) for port in ports)
    assert "Traceback" not in run.printed


def test_two_runs_side_by_side_do_not_see_each_other(run: Run) -> None:
    other = Run(free_port())
    try:
        order = "order?accountid=a2&vendorid=v0"
        curl = next(line for line in run.printed.splitlines() if "-H @" in line)
        subprocess.run(["bash", "-c", curl], check=True, capture_output=True)  # noqa: S607
        statuses = [
            requests.get(f"http://127.0.0.1:{each.port}/{order}", timeout=10).status_code
            for each in (run, other)
        ]
        assert statuses == [200, 404]
        run.end(signal.SIGINT)
        made = json.loads(STACK_JSON.read_text())
        assert made["api_url"] == f"http://127.0.0.1:{other.port}"
    finally:
        other.end(signal.SIGINT)


def test_plain_chalice_local_finds_the_cloud_that_run_keeps_up(run: Run, tmp_path: Path) -> None:
    port = free_port()
    chalice = str(Path(sys.executable).with_name("chalice"))
    url = f"http://127.0.0.1:{port}/order"
    with running(
        "chalice local",
        [chalice, "--project-dir", str(PROJECT), "local", "--stage", "local", "--port", str(port)],
        env={"PATH": "/usr/bin:/bin"},
        log=tmp_path / "log",
        answers_at=url,
    ):
        key = {"accountid": "a0", "vendorid": "v0"}
        assert requests.get(url, params=key, timeout=10).status_code == 200
        answer = requests.post(url, json={}, headers={"Authorization": "junk"}, timeout=10)
        assert answer.status_code == 401
    assert run.process.poll() is None


def test_a_taken_port_is_a_clear_error(run: Run) -> None:
    second = start("run", "--port", str(run.port))
    printed, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert printed.strip() == (
        f"Port {run.port} of 127.0.0.1 is taken: name another, as in PORT=8001"
    )


@pytest.mark.parametrize("port", ["0", "65536", "coffee", "-1"])
def test_a_port_that_is_none_is_a_clear_error(port: str) -> None:
    process = start("run", f"--port={port}")
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert "Invalid value for '--port'" in printed
    assert "Traceback" not in printed


def test_a_service_that_dies_is_noticed_and_its_log_is_kept(run: Run) -> None:
    children = subprocess.run(
        ["pgrep", "-P", str(run.process.pid), "-f", "chalice"],  # noqa: S607
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    (service,) = children
    subprocess.run(["kill", "-9", service], check=True)  # noqa: S607
    printed, _ = run.process.communicate(timeout=30)
    assert run.process.returncode == 1
    (log,) = re.findall(r"The service ended by itself. Its log: (\S+)", printed)
    assert Path(log).exists()
    shutil.rmtree(Path(log).parent)
    assert all(is_free(port) for port in run.ports())


def test_staff_of_a_shop_are_made_on_the_cloud_that_run_keeps_up(run: Run) -> None:
    def hire(vendor: str, user: str) -> tuple[int, str]:
        process = start("staff", "--stage", "local", "--vendor", vendor, "--user", user)
        printed, _ = process.communicate(timeout=30)
        return process.returncode, printed.strip()

    assert run.printed
    assert hire("v0", "Paul") == (0, "Paul is in the group vendor-v0")
    assert hire("v0", "Paul") == (0, "Paul is in the group vendor-v0")
    assert hire("a,b", "Paul") == (0, "Paul is in the group vendor-a%2Cb")
    assert hire("v0", "Nobody") == (1, "STAFF: there is no user 'Nobody' in this pool")
    assert hire("", "Paul")[0] == 1
    assert hire("v" * 128, "Paul")[0] == 1


def test_the_coffee_lines_of_run_work_as_they_are(run: Run, tmp_path: Path) -> None:
    lines = run.printed.splitlines()
    begin = lines.index("The same on the command line, as somebody new:")
    typed = [line for line in lines[begin + 1 : -1] if line]
    assert len(typed) == 5
    script = "\n".join(["set -e", *typed]).replace(
        "coffee confirm Ann",
        "coffee confirm Ann $(make mail TO=ann@example.com | grep -o '[0-9]*')",
    )
    # A script has nobody to ask for a password.
    for command in ("signup Ann", "login Ann"):
        script = script.replace(f"coffee {command}", f"echo 'Pa$$word1' | coffee {command}")
    script = script.replace("--email ann@example.com", "--email ann@example.com --password-stdin")
    script = script.replace("login Ann", "login Ann --password-stdin")
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607
        # Not as a part of `make test`: make would say which folder it enters.
        env={
            **{name: os.environ[name] for name in os.environ if not name.startswith("MAKE")},
            "COFFEE_CONFIG_DIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 x Regular Flat White" in done.stdout


def test_staff_and_mail_without_a_local_cloud_are_clear_errors(tmp_path: Path) -> None:
    project = Project(tmp_path / "project", os.environ)
    words = ["staff", "--stage", "local", "--vendor", "v0", "--user", "Paul"]
    nothing = "No local cloud is running: start one with `make run`"
    for command in (words, ["mail", "--to", "ann@example.com"]):
        code, printed = project.run(*command)
        assert (code, printed.strip()) == (1, nothing)
    stale = {
        name: "http://127.0.0.1:1" if name.endswith("url") else "eu-west-1"
        for name in outputs.LocalStack._fields
    }
    (project.folder / ".local").mkdir()
    (project.folder / ".local/stack.json").write_text(json.dumps(stale))
    for command in (words, ["mail", "--to", "ann@example.com"]):
        code, printed = project.run(*command)
        assert code == 1
        assert "127.0.0.1" in printed
        assert "Traceback" not in printed


def test_a_proxy_does_not_stand_between_this_machine_and_itself(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1"
    proxies = {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "http_proxy": nowhere}
    project = Project(tmp_path / "project", os.environ)
    code, printed = project.run("demo", **proxies)
    assert code == 0, printed


def test_make_hands_awkward_names_on_as_they_are(run: Run) -> None:
    done = subprocess.run(
        ["make", "staff", "STAGE=local", "VENDOR=Joe's", "STAFF=Paul"],  # noqa: S607
        cwd=PROJECT,
        env={name: os.environ[name] for name in os.environ if not name.startswith("MAKE")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.printed
    assert done.stdout.strip() == "Paul is in the group vendor-Joe's"


def test_the_notebook_opens_beside_a_running_service() -> None:
    port = free_port()
    options = ["--no-browser", "--allow-root", f"--ServerApp.port={port}"]
    process = start("notebook", *options, "--IdentityProvider.token=known")
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
        api_url = json.loads(STACK_JSON.read_text())["api_url"]
        assert requests.get(f"{api_url}/order", timeout=10).status_code == 400
    finally:
        process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert process.returncode == 0, printed
    assert is_free(port)
    assert not STACK_JSON.exists()


def test_the_openapi_document_is_written_anew_without_a_difference() -> None:
    before = git_status()
    process = start("openapi")
    printed, _ = process.communicate(timeout=30)
    assert (process.returncode, printed.strip()) == (0, "chalicelib/openapi.json")
    assert git_status() == before
