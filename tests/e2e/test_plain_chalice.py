"""Chalice's commands in a copy of the project, without make."""

import json
import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from coffee_client import Accounts
from deploy import stack
from local.emulator import REGION, LocalCloud
from local.server import free_port, is_free
from local.service import Service
from tests.e2e import people
from tests.e2e.processes import Background, assert_nothing_runs_in
from tests.e2e.project import Project, Run
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow

_KEY = {"accountid": "a", "vendorid": "v0"}
_USER_SETTINGS = {
    "HTTP_PROXY": "http://127.0.0.1:1",
    "http_proxy": "http://127.0.0.1:1",
    "SERVICES": "s3",
    "PYTHONSAFEPATH": "1",
    "AWS_PROFILE": "nobody",
    "AWS_CONFIG_FILE": "/nowhere",
    "AWS_MAX_ATTEMPTS": "x",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:1",
    "AWS_ACCESS_KEY_ID": "AKIAREALKEY",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "session",
}


class ChaliceLocal:
    """A `chalice local` on a free port."""

    def __init__(self, project: Project, *arguments: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        arguments = ("local", "--port", str(self.port), *arguments)
        self.command: Background = project.start_chalice(*arguments, **environment)

    def wait_until_serving(self) -> str:
        """Wait until it serves, also after a reload; return the new output."""
        return self.command.wait_for("Serving on")

    def get(self, **key: str) -> int:
        return requests.get(f"{self.url}/order", params=_KEY | key, timeout=10).status_code

    def post(self, token: str | None, **key: str) -> int:
        headers = {"Authorization": token} if token else {}
        body = {"order": order(**_KEY | key)}
        return requests.post(
            f"{self.url}/order", json=body, headers=headers, timeout=10
        ).status_code


def sign_in(output: str) -> str:
    """Sign up and in with the settings in the output of `chalice local`; return the IdToken."""
    client_id, endpoint = re.findall(r"App client  (\S+)   \(Cognito at (\S+)\)", output)[0]
    accounts = Accounts(client_id, region=REGION, endpoint_url=endpoint)
    people.sign_up(accounts, LocalCloud(endpoint, Path(), owner_key=""), "ann")
    return accounts.log_in("ann", PASSWORD).id_token()


@pytest.fixture(autouse=True)
def no_process_remains(project: Project) -> Iterator[None]:
    yield
    project.stop()
    assert_nothing_runs_in(project.folder)


def test_orders_and_users_survive_a_reload(project: Project) -> None:
    local = ChaliceLocal(project, **_USER_SETTINGS)
    token = sign_in(local.wait_until_serving())
    for invalid_token in (None, "junk", f"{token}x"):
        assert local.post(invalid_token) == 401
    assert local.post(token) == 201

    append_comment(project.folder / "chalicelib/messages.py")
    local.wait_until_serving()
    assert local.get() == 200
    assert local.post(token) == 200
    assert local.post("junk") == 401

    assert local.command.interrupt() == 0
    assert "Traceback" not in local.command.output
    assert_nothing_runs_in(project.folder)
    assert list((project.folder / ".local").iterdir()) == []


def append_comment(source: Path) -> None:
    source.write_text(f"{source.read_text()}\n# an edit\n")


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize("arguments", [(), ("--no-autoreload",)])
def test_signal_ends_all_processes(
    project: Project, signal_: signal.Signals, arguments: tuple[str, ...]
) -> None:
    local = ChaliceLocal(project, *arguments)
    local.wait_until_serving()
    local.command.end(signal_)
    assert_nothing_runs_in(project.folder)
    assert is_free(local.port)


def test_ctrl_c_during_the_start_ends_all_processes(project: Project) -> None:
    local = ChaliceLocal(project)
    local.command.wait_for("Starting a local cloud")
    local.command.interrupt()
    assert_nothing_runs_in(project.folder)


def test_only_edits_of_sources_cause_a_reload(project: Project) -> None:
    local = ChaliceLocal(project)
    local.wait_until_serving()
    for name in (".git/index", ".local/run-x/service.log", "tests/__pycache__/x.pyc", "build/x"):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    time.sleep(2.5)  # the reloader polls once a second
    assert local.get() == 404
    append_comment(project.folder / "app.py")
    assert local.wait_until_serving().count("Serving on") == 1


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_local_cloud_of_make_run_is_used(project: Project, run: Run, stage: str) -> None:
    local = ChaliceLocal(project, "--stage", stage, **_USER_SETTINGS)
    output = local.wait_until_serving()
    assert run.stack["client_id"] in output
    assert "Starting a local cloud" not in output
    assert local.get(accountid="maria-0") == 200
    assert local.post("junk") == 401
    token = run.header_file.read_text().removeprefix("Authorization: ").strip()
    assert local.post(token) == 201
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200
    preflight = requests.options(
        run.stack["aws_endpoint_url"], headers={"Origin": local.url}, timeout=10
    )
    assert preflight.ok, "the page at this port may call Cognito, too"
    assert local.command.interrupt() == 0
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200


def test_file_of_a_killed_local_cloud_is_ignored(project: Project, service: Service) -> None:
    stack_json = project.folder / ".local/stack.json"
    stack_json.parent.mkdir()
    stack_json.write_text(
        json.dumps(service.stack._asdict() | {"user_pool_id": "ap-southeast-2_gone"})
    )
    local = ChaliceLocal(project)
    local.command.wait_for("Starting a local cloud")
    local.wait_until_serving()


@pytest.mark.parametrize("arguments", [(), ("--no-autoreload",), ("--stage", "local")])
def test_taken_port_is_an_error_of_one_line(project: Project, arguments: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        # Coverage prints warnings if a signal ends it while it starts. On a slow machine, Chalice
        # restarts when the first bytecode is written, and prints that.
        environment = {"COVERAGE_PROCESS_CONFIG": "", "PYTHONDONTWRITEBYTECODE": "1"}
        command = project.start_chalice("local", "--port", str(port), *arguments, **environment)
        assert command.wait() != 0
    (line,) = command.output.splitlines()
    assert f"127.0.0.1:{port} (Address already in use)" in line


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("package", "--stage", "dev", "out"),
            "The stage dev has no ORDERS_TABLE and SHOPS_TABLE and USER_POOL_ARN and CLIENT_ID yet:"
            " run `make stack STAGE=dev` first, or `make deploy STAGE=dev`, which does it all",
        ),
        (("deploy", "--stage", "prod"), "run `make stack STAGE=prod` first"),
        (("deploy",), "run `make stack STAGE=dev` first"),
        (("dev", "plan"), "run `make stack STAGE=dev` first"),
        (("dev", "appgraph"), "run `make stack STAGE=dev` first"),
        (("deploy", "--stage", "local"), "is not deployed"),
        (("package", "--stage=nonsense", "out"), "There is no stage 'nonsense'"),
        (("local", "--stage", "nonsense", "--no-autoreload"), "There is no stage 'nonsense'"),
    ],
)
@pytest.mark.parametrize("environment", [{}, {"AWS_DEFAULT_REGION": "ap-southeast-2"}])
def test_stage_without_stack_is_an_error_of_one_line(
    project: Project, arguments: tuple[str, ...], message: str, environment: dict[str, str]
) -> None:
    command = project.start_chalice(*arguments, **environment)
    assert command.wait() == 1
    (line,) = command.output.splitlines()
    assert line.startswith("Error: ")
    assert message in line


def test_deployed_stage_is_served_from_aws(project: Project, cloud: LocalCloud) -> None:
    project.record_stack("dev", stack.apply(cloud.client("cloudformation"), "dev"))
    local = ChaliceLocal(project, **cloud.environment())
    output = local.wait_until_serving()
    assert "The stage dev is deployed: this serves its table and its users on AWS" in output
    assert local.get() == 404
    assert local.post("junk") == 401
    assert local.command.interrupt() == 0


def test_missing_credentials_are_an_error_of_one_line(project: Project) -> None:
    project.record_stack("dev")
    environment = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    local = ChaliceLocal(project, "--no-autoreload", **environment)
    assert local.command.wait() == 1
    assert len(local.command.output.splitlines()) == 1, local.command.output
