"""`make run`, as its users meet it: typed, read, used beside others, and ended."""

import json
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from coffee_client import Accounts, CoffeeClient
from local.server import free_port, is_free, running
from tests.e2e.project import Project
from tests.e2e.test_seed import run_notebook

_JWT = re.compile(r"eyJ[\w-]{10,}")


def stack_json(project: Project) -> Path:
    return project.folder / ".local/stack.json"


class Run:
    """A running `make run`, and what it has printed so far."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.port = free_port()
        self.printed = ""
        self.process = project.start("local", "run", "--port", str(self.port))
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
def run(project: Project) -> Iterator[Run]:
    run = Run(project)
    with run.process:  # closes its stdout, whatever ended it
        yield run
        if run.process.poll() is None:
            run.end(signal.SIGTERM)


def test_run_writes_down_what_clients_need(run: Run) -> None:
    stack = json.loads(stack_json(run.project).read_text())
    assert list(stack) == [
        *["api_url", "region", "aws_endpoint_url", "user_pool_id", "user_pool_arn"],
        *["client_id", "orders_table", "shops_table"],
    ]
    assert stack["api_url"] == f"http://127.0.0.1:{run.port}"
    assert stack["client_id"] in run.printed
    assert run.end(signal.SIGINT) == 0
    assert not stack_json(run.project).exists()


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
            env={**run.project.environment, "http_proxy": "http://127.0.0.1:1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for line in lines
    ]
    statuses = [answer[0].split()[1] for answer in answers]
    assert statuses == ["200", "401", "201"]
    assert json.loads(answers[0][-1])["order"]["accountid"] == "maria-0"
    assert not _JWT.search(run.printed)


def test_the_token_for_curl_is_for_its_owners_eyes_and_goes_with_the_run(run: Run) -> None:
    header = run.project.folder / f".local/authorization-{run.port}"
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


@pytest.mark.slow
def test_two_runs_side_by_side_do_not_see_each_other(run: Run) -> None:
    other = Run(run.project)
    try:
        order = "order?accountid=maria-2&vendorid=v0"
        curl = next(line for line in run.printed.splitlines() if "-H @" in line)
        subprocess.run(["bash", "-c", curl], check=True, capture_output=True)  # noqa: S607
        statuses = [
            requests.get(f"http://127.0.0.1:{each.port}/{order}", timeout=10).status_code
            for each in (run, other)
        ]
        assert statuses == [200, 404]
        run.end(signal.SIGINT)
        stack = json.loads(stack_json(run.project).read_text())
        assert stack["api_url"] == f"http://127.0.0.1:{other.port}"
    finally:
        other.end(signal.SIGINT)


def test_plain_chalice_local_finds_the_cloud_that_run_keeps_up(run: Run, tmp_path: Path) -> None:
    port = free_port()
    chalice = [
        str(Path(sys.executable).with_name("chalice")),
        f"--project-dir={run.project.folder}",
    ]
    url = f"http://127.0.0.1:{port}/order"
    with running(
        "chalice local",
        [*chalice, "local", "--stage", "local", "--port", str(port)],
        env={"PATH": "/usr/bin:/bin"},
        log=tmp_path / "log",
        answers_at=url,
    ):
        key = {"accountid": "maria-0", "vendorid": "v0"}
        assert requests.get(url, params=key, timeout=10).status_code == 200
        answer = requests.post(url, json={}, headers={"Authorization": "junk"}, timeout=10)
        assert answer.status_code == 401
    assert run.process.poll() is None


def test_a_taken_port_is_a_clear_error(run: Run) -> None:
    second = run.project.start("local", "run", "--port", str(run.port))
    printed, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert printed.strip() == (
        f"Port {run.port} of 127.0.0.1 is taken: name another, as in PORT=8001"
    )


@pytest.mark.parametrize("port", ["0", "65536", "coffee", "-1"])
def test_a_port_that_is_none_is_a_clear_error(project: Project, port: str) -> None:
    process = project.start("local", "run", f"--port={port}")
    printed, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert printed.startswith("PORT: ")
    assert printed.strip().endswith("Example: make run PORT=8001")


def test_a_service_that_dies_is_noticed_and_its_log_is_kept(run: Run) -> None:
    children = subprocess.run(
        ["pgrep", "-P", str(run.process.pid), "-f", "no-autoreload"],  # noqa: S607
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
    assert all(is_free(port) for port in run.ports())


def test_staff_of_a_shop_are_made_on_the_cloud_that_run_keeps_up(run: Run) -> None:
    def add_staff(vendor: str, user: str) -> tuple[int, str]:
        code, printed = run.project.run("local", "staff", "--vendor", vendor, "--user", user)
        return code, printed.strip()

    assert add_staff("v0", "Maria") == (0, "Maria is in the group vendor-v0")
    assert add_staff("v0", "Maria") == (0, "Maria is in the group vendor-v0")
    assert add_staff("a,b", "Maria") == (0, "Maria is in the group vendor-a%2Cb")
    assert add_staff("v0", "Nobody") == (1, "STAFF: there is no user 'Nobody' in this pool")
    assert add_staff("", "Maria")[0] == 1
    assert add_staff("v" * 128, "Maria")[0] == 1


def test_make_hands_awkward_names_on_as_they_are(run: Run) -> None:
    done = run.project.make("staff", "STAGE=local", "VENDOR=Joe's", "STAFF=Maria")
    assert done.stdout.strip() == "Maria is in the group vendor-Joe's"


def test_kill_9_leaves_nothing_that_the_next_command_trips_over(run: Run) -> None:
    local = run.project.folder / ".local"
    run.process.kill()
    run.process.wait()
    if sys.platform == "linux":  # elsewhere the servers of a killed run stay
        deadline = time.monotonic() + 30
        while not all(is_free(port) for port in run.ports()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    done = run.project.make("mail", "TO=ann@example.com")
    assert done.stderr.startswith("No local cloud is running: start one with `make run`\n")
    assert [path.name for path in local.iterdir() if not path.name.startswith("run-")] == []


def test_the_seeds_cells_run_beside_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = json.loads(stack_json(run.project).read_text())
    monkeypatch.setenv("AWS_ENDPOINT_URL", made["aws_endpoint_url"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", made["region"])

    def code_mailed_to(address: str) -> str:
        printed = run.project.make("mail", f"TO={address}").stdout
        return str(re.findall(r"\d{6}", printed)[-1])

    run_notebook(code_mailed_to, made["api_url"], made["client_id"], monkeypatch, capsys)


def test_the_coffee_lines_of_run_work_as_they_are(run: Run, tmp_path: Path) -> None:
    lines = run.printed.splitlines()
    begin = lines.index("The same on the command line, as a new customer:")
    typed = [line for line in lines[begin + 1 : -1] if line]
    assert len(typed) == 6
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
        env={**run.project.environment, "COFFEE_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "1 x Regular Flat White" in done.stdout


def test_run_comes_with_a_shop_and_its_staff(run: Run) -> None:
    api_url = f"http://127.0.0.1:{run.port}"
    shop = CoffeeClient(api_url).shop("harbour")
    assert shop.open
    assert "Flat White" in [coffee.coffeetype for coffee in shop.menu]
    (found,) = re.findall(r"^Its staff +(\S+), with the password (\S+)$", run.printed, re.M)
    stack = json.loads(stack_json(run.project).read_text())
    accounts = Accounts(
        stack["client_id"], region=stack["region"], endpoint_url=stack["aws_endpoint_url"]
    )
    staff = CoffeeClient(api_url, accounts.log_in(*found))
    assert list(staff.queue("harbour")) == []
    assert staff.update_shop("harbour", note="Back at 2").note == "Back at 2"
    for vendorid in ("v0", "v1", "v2", "v3"):  # the notebook orders there without a menu
        url = f"{api_url}/shop?vendorid={vendorid}"
        assert requests.get(url, timeout=30).status_code == 404
