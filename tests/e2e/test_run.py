"""`make run`: what it prints, commands beside it, the README's examples, and its end."""

import contextlib
import re
import signal
import socket
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from local.emulator import is_free
from tests.e2e.project import Project, Run, copy_of_the_project
from tools.project import PROJECT

_README = (PROJECT / "README.md").read_text()
_TOKEN = re.compile(r"eyJ[\w-]{10,}")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a `make run` that the tests of this file share."""
    project = copy_of_the_project(tmp_path_factory.mktemp("run"))
    yield Run(project)
    project.stop()


def bash(run: Run, script: str, config: Path | None = None) -> str:
    """Run a script in the project's folder; return its output."""
    code, output = run.project.execute("bash", "-ec", script, COFFEE_CONFIG_DIR=str(config))
    assert code == 0, output
    return output


def statuses(output: str) -> list[str]:
    return re.findall(r"HTTP/1\.\d (\d+)", output)


def test_printed_page_and_curl_lines_work_behind_a_proxy(run: Run) -> None:
    (url,) = re.findall(r"^Page +(http\S+)$", run.output.splitlines()[-1])
    assert "<title>Coffee orders</title>" in requests.get(url, timeout=10).text
    assert not _TOKEN.search(run.output)
    lines = [line for line in run.output.splitlines() if line.startswith("curl ")]
    output = bash(run, "\n".join(["export http_proxy=http://127.0.0.1:1", *lines]))
    assert statuses(output) == ["200", "401", "201"]
    assert '"accountid":"maria-0"' in output
    assert run.header_file.read_text().startswith("Authorization: Bearer eyJ")
    assert stat.S_IMODE(run.header_file.stat().st_mode) == 0o600


def test_printed_coffee_lines_work(run: Run, tmp_path: Path) -> None:
    lines = run.output.splitlines()
    start = lines.index("The same on the command line, as a new customer:") + 2
    script = "\n".join(lines[start : lines.index("", start)])
    code = "$(make mail TO=zoe@example.com | grep -o '[0-9]*')"
    script = script.replace("coffee confirm Zoe", f"coffee confirm Zoe {code}")
    # Without a terminal, `coffee` cannot ask for a password.
    for command in ("signup Zoe --email zoe@example.com", "login Zoe"):
        typed = f"echo 'Pa$$word1' | coffee {command} --password-stdin"
        script = script.replace(f"coffee {command}", typed)
    assert "Flat White" in bash(run, script, tmp_path)


def test_blocks_of_the_readme_and_the_client_page_can_be_pasted_one_after_the_other(
    run: Run, tmp_path: Path
) -> None:
    blocks = re.findall(r"```(?:sh|python)\n(.*?)```", _README, re.DOTALL)
    assert [block.partition("\n")[0].partition("   ")[0] for block in blocks] == [
        "make demo",  # test_commands.py
        "curl -i 'http://127.0.0.1:8000/order?accountid=maria-0&vendorid=v0'",
        "source .venv/bin/activate",
        "pip install -r requirements-local.txt",  # test_fresh_copy.py
    ]
    output = bash(run, blocks[1].replace("8000", str(run.port)))
    assert statuses(output) == ["200", "401", "400"]
    assert "order: is missing" in output

    page = re.findall(r"```sh\n(.*?)```", (PROJECT / "docs/client.md").read_text(), re.DOTALL)
    files = set(run.project.files())
    output = bash(run, "".join([blocks[2], *page]), tmp_path)
    assert "ann-1" in output
    assert "Order of ben-1 at harbour: ready" in output
    assert "Published." in output
    new_files = [path.relative_to(run.project.folder) for path in {*run.project.files()} - files]
    assert {path.parts[0] for path in new_files} == {".local"}  # nothing that git would show


def test_staff_are_added(run: Run) -> None:
    assert re.search(r"^Its staff +Harriet, with the password Pa\$\$word1$", run.output, re.M)
    code, output = run.project.make("staff", "STAGE=local", "VENDOR=a,b", "STAFF=Maria")
    assert code == 0
    assert output == "Maria is in the group vendor-a%2Cb, from their next login on\n"
    _, output = run.project.make("staff", "STAGE=local", "VENDOR=v0", "STAFF=Nobody")
    assert output.startswith("STAFF: there is no user 'Nobody' in this pool\n")


def test_second_run_has_its_own_port_and_orders_and_leaves_no_file(run: Run) -> None:
    output = run.project.fail("local", "run", "--port", str(run.port))
    assert output == f"Port {run.port} is not available: name another, as in PORT=8001\n"
    other = Run(run.project)
    key = {"accountid": "only-here", "vendorid": "v0"}
    post = next(line for line in other.output.splitlines() if "-H @" in line)
    assert statuses(bash(run, post.replace("maria-2", "only-here"))) == ["201"]
    answers = [
        requests.get(f"{url}/order", params=key, timeout=10).status_code
        for url in (other.url, run.url)
    ]
    assert answers == [200, 404]
    assert other.command.end(signal.SIGINT) == 0, other.output
    assert all(is_free(port) for port in other.ports())
    assert not other.header_file.exists()
    assert run.stack["api_url"] == run.url
    assert "Traceback" not in other.output


@pytest.mark.slow
def test_other_port_is_used_and_named_if_8000_is_taken(project: Project) -> None:
    with contextlib.ExitStack() as taken:
        with contextlib.suppress(OSError):  # another program may have it
            taken.enter_context(socket.create_server(("127.0.0.1", 8000)))
        output = project.start_module("local", "run").wait_for("Page  .*\n")
    (port,) = re.findall(r"^Port +8000 is taken, so this is (\d+)$", output, re.M)
    for line in (f"Page        http://127.0.0.1:{port}/", f":{port}/order", f"tion-{port}"):
        assert line in output


@pytest.mark.slow
@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_signal_ends_all_processes(
    project: Project, number: signal.Signals, exit_code: int
) -> None:
    run = Run(project)
    assert run.command.end(number) == exit_code
    deadline = time.monotonic() + 30
    while sys.platform == "linux" and not all(is_free(port) for port in run.ports()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    _, output = run.project.run("local", "mail", "--to", "ann@example.com")
    assert output == "No local cloud is running: start one with `make run`\n"


@pytest.mark.slow
def test_end_of_the_service_is_an_error_with_its_log(project: Project) -> None:
    run = Run(project)
    children = psutil.Process(run.command.process.pid).children()
    (service,) = [child for child in children if "--no-autoreload" in child.cmdline()]
    service.kill()
    assert run.command.wait() == 1
    assert "The service ended by itself. Its log ends with:\nServing on" in run.output
