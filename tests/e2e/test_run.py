"""`make run`: its output, commands beside it, and its end."""

import json
import re
import signal
import stat
import sys
import time
from pathlib import Path

import psutil
import pytest
import requests

from coffee_client import Accounts, CoffeeClient
from local.server import is_free
from local.state import LocalStack
from tests.e2e.processes import execute
from tests.e2e.project import Run
from tests.e2e.test_original_notebook import run_notebook

_JWT = re.compile(r"eyJ[\w-]{10,}")


def bash(run: Run, script: str, **environment: str) -> str:
    """Run a script in bash, outside of the project's folder; return its output."""
    variables = run.project.environment | environment
    code, output = execute(["bash", "-c", script], run.project.folder.parent, variables)
    assert code == 0, output
    return output


def test_printed_link_and_curl_lines_work(run: Run) -> None:
    (url,) = re.findall(r"^Page +(http\S+)$", run.output, re.MULTILINE)
    page = requests.get(url, timeout=10)
    assert page.headers["Content-Type"].startswith("text/html")
    assert "<title>Coffee orders</title>" in page.text
    lines = [line for line in run.output.splitlines() if line.startswith("curl ")]
    responses = [
        bash(run, f"{line} 2> /dev/null", http_proxy="http://127.0.0.1:1") for line in lines
    ]
    assert [response.split()[1] for response in responses] == ["200", "401", "201"]
    assert json.loads(responses[0].splitlines()[-1])["order"]["accountid"] == "maria-0"
    assert not _JWT.search(run.output)


@pytest.mark.parametrize(
    ("signal_", "exit_code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_signal_ends_all_processes_and_removes_the_files(
    run: Run, signal_: signal.Signals, exit_code: int
) -> None:
    assert tuple(run.stack) == LocalStack._fields
    assert run.stack["api_url"] == run.url
    assert run.stack["client_id"] in run.output
    assert stat.S_IMODE(run.header_file.stat().st_mode) == 0o600
    ports = run.ports()
    assert len(ports) == 2
    assert not any(is_free(port) for port in ports)
    assert run.command.end(signal_) == exit_code, run.output
    assert all(is_free(port) for port in ports)
    assert not run.stack_json.exists()
    assert not run.header_file.exists()
    assert "Traceback" not in run.output


@pytest.mark.slow
def test_two_runs_have_separate_orders(run: Run) -> None:
    other = Run(run.project)
    bash(run, next(line for line in run.output.splitlines() if "-H @" in line))
    key = {"accountid": "maria-2", "vendorid": "v0"}
    statuses = [
        requests.get(f"{server.url}/order", params=key, timeout=10).status_code
        for server in (run, other)
    ]
    assert statuses == [200, 404]
    run.command.end(signal.SIGINT)
    assert run.stack["api_url"] == other.url


def test_taken_port_is_an_error(run: Run) -> None:
    output = run.project.fail("local", "run", "--port", str(run.port))
    assert output.strip() == (
        f"Port {run.port} of 127.0.0.1 is taken: name another, as in PORT=8001"
    )


def test_end_of_the_service_is_an_error_with_its_log(run: Run) -> None:
    children = psutil.Process(run.command.process.pid).children()
    (service,) = [child for child in children if "--no-autoreload" in child.cmdline()]
    service.kill()
    assert run.command.wait() == 1
    (log,) = re.findall(r"The service ended by itself. Its log: (\S+)", run.output)
    assert Path(log).exists()
    assert all(is_free(port) for port in run.ports())


def test_staff_are_added_on_the_running_cloud(run: Run) -> None:
    for vendor, user, code, message in (
        ("v0", "Maria", 0, "Maria is in the group vendor-v0"),
        ("v0", "Maria", 0, "Maria is in the group vendor-v0"),
        ("a,b", "Maria", 0, "Maria is in the group vendor-a%2Cb"),
        ("v0", "Nobody", 1, "STAFF: there is no user 'Nobody' in this pool"),
        ("", "Maria", 1, ""),
        ("v" * 128, "Maria", 1, ""),
    ):
        exit_code, output = run.project.run("local", "staff", "--vendor", vendor, "--user", user)
        assert exit_code == code
        assert not message or output.strip() == message
    _, output = run.project.make("staff", "STAGE=local", "VENDOR=Joe's", "STAFF=Maria")
    assert output.strip() == "Maria is in the group vendor-Joe's"


def test_next_command_works_after_kill(run: Run) -> None:
    run.command.end(signal.SIGKILL)
    if sys.platform == "linux":  # elsewhere the servers keep running
        deadline = time.monotonic() + 30
        while not all(is_free(port) for port in run.ports()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    _, output = run.project.make("mail", "TO=ann@example.com")
    assert output.startswith("No local cloud is running: start one with `make run`\n")
    files = [path.name for path in run.stack_json.parent.iterdir()]
    assert [name for name in files if not name.startswith("run-")] == []


def test_notebook_runs_beside_run(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", run.stack["aws_endpoint_url"])
    monkeypatch.setenv("AWS_DEFAULT_REGION", run.stack["region"])

    def code_mailed_to(address: str) -> str:
        _, output = run.project.make("mail", f"TO={address}")
        return str(re.findall(r"\d{6}", output)[-1])

    run_notebook(code_mailed_to, run.url, run.stack["client_id"], monkeypatch, capsys)


def test_printed_coffee_lines_work(run: Run, tmp_path: Path) -> None:
    lines = run.output.splitlines()
    start = lines.index("The same on the command line, as a new customer:")
    commands = [line for line in lines[start + 1 : -1] if line]
    assert len(commands) == 6
    script = "\n".join(["set -e", *commands]).replace(
        "coffee confirm Ann",
        "coffee confirm Ann $(make mail TO=ann@example.com | grep -o '[0-9]*')",
    )
    # Without a terminal, `coffee` cannot ask for a password.
    for command in ("signup Ann", "login Ann"):
        script = script.replace(f"coffee {command}", f"echo 'Pa$$word1' | coffee {command}")
    script = script.replace("--email ann@example.com", "--email ann@example.com --password-stdin")
    script = script.replace("login Ann", "login Ann --password-stdin")
    assert "1 x Regular Flat White" in bash(run, script, COFFEE_CONFIG_DIR=str(tmp_path))


def test_run_has_a_shop_with_staff(run: Run) -> None:
    shop = CoffeeClient(run.url).shop("harbour")
    assert shop.open
    assert "Flat White" in [coffee.coffeetype for coffee in shop.menu]
    (login,) = re.findall(r"^Its staff +(\S+), with the password (\S+)$", run.output, re.M)
    stack = run.stack
    accounts = Accounts(
        stack["client_id"], region=stack["region"], endpoint_url=stack["aws_endpoint_url"]
    )
    staff = CoffeeClient(run.url, accounts.log_in(*login))
    assert list(staff.queue("harbour")) == []
    assert staff.update_shop("harbour", note="Back at 2").note == "Back at 2"
