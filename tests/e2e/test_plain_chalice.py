"""Chalice's own commands in a copy of the project, without make."""

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

    def __init__(self, project: Project, *words: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        words = ("local", "--port", str(self.port), *words)
        self.command: Background = project.start_chalice(*words, **environment)

    def until_it_serves(self) -> str:
        """Wait until it serves, again after an edit; return what it has printed meanwhile."""
        return self.command.until("Serving on")

    def get(self, **key: str) -> int:
        """Look an order up; return the status."""
        return requests.get(f"{self.url}/order", params=_KEY | key, timeout=10).status_code

    def post(self, token: str | None, **key: str) -> int:
        """Place an order; return the status."""
        headers = {"Authorization": token} if token else {}
        body = {"order": order(**_KEY | key)}
        return requests.post(
            f"{self.url}/order", json=body, headers=headers, timeout=10
        ).status_code


def sign_in(printed: str) -> str:
    """Sign up and in with what `chalice local` has printed; return the IdToken."""
    client_id, endpoint = re.findall(r"App client  (\S+)   \(Cognito at (\S+)\)", printed)[0]
    accounts = Accounts(client_id, region=REGION, endpoint_url=endpoint)
    people.sign_up(accounts, LocalCloud(endpoint, Path(), owner_key=""), "ann")
    return accounts.log_in("ann", PASSWORD).id_token()


@pytest.fixture(autouse=True)
def no_process_is_left(project: Project) -> Iterator[None]:
    yield
    project.stop()
    assert_nothing_runs_in(project.folder)


def test_orders_and_users_survive_a_reload(project: Project) -> None:
    local = ChaliceLocal(project, **_USER_SETTINGS)
    token = sign_in(local.until_it_serves())
    for bad in (None, "junk", f"{token}x"):
        assert local.post(bad) == 401
    assert local.post(token) == 201

    edit(project.folder / "chalicelib/messages.py")
    local.until_it_serves()
    assert local.get() == 200
    assert local.post(token) == 200
    assert local.post("junk") == 401

    assert local.command.press_ctrl_c() == 0
    assert "Traceback" not in local.command.printed
    assert_nothing_runs_in(project.folder)
    assert list((project.folder / ".local").iterdir()) == []


def edit(source: Path) -> None:
    source.write_text(f"{source.read_text()}\n# an edit\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize("words", [(), ("--no-autoreload",)])
def test_signal_ends_all_processes(
    project: Project, ending: signal.Signals, words: tuple[str, ...]
) -> None:
    local = ChaliceLocal(project, *words)
    local.until_it_serves()
    local.command.end(ending)
    assert_nothing_runs_in(project.folder)
    assert is_free(local.port)


def test_ctrl_c_during_the_start_ends_all_processes(project: Project) -> None:
    local = ChaliceLocal(project)
    local.command.until("Starting a local cloud")
    local.command.press_ctrl_c()
    assert_nothing_runs_in(project.folder)


def test_only_edits_of_sources_cause_a_reload(project: Project) -> None:
    local = ChaliceLocal(project)
    local.until_it_serves()
    for name in (".git/index", ".local/run-x/service.log", "tests/__pycache__/x.pyc", "build/x"):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    time.sleep(2.5)  # the reloader looks once a second
    assert local.get() == 404
    edit(project.folder / "app.py")
    assert local.until_it_serves().count("Serving on") == 1


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_local_cloud_of_make_run_is_used(project: Project, run: Run, stage: str) -> None:
    local = ChaliceLocal(project, "--stage", stage, **_USER_SETTINGS)
    printed = local.until_it_serves()
    assert run.stack["client_id"] in printed
    assert "Starting a local cloud" not in printed
    assert local.get(accountid="maria-0") == 200
    assert local.post("junk") == 401
    token = run.header_file.read_text().removeprefix("Authorization: ").strip()
    assert local.post(token) == 201
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200
    preflight = requests.options(
        run.stack["aws_endpoint_url"], headers={"Origin": local.url}, timeout=10
    )
    assert preflight.ok, "the page at this port may call Cognito, too"
    assert local.command.press_ctrl_c() == 0
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200


def test_note_of_a_killed_local_cloud_is_ignored(project: Project, service: Service) -> None:
    note = project.folder / ".local/stack.json"
    note.parent.mkdir()
    note.write_text(json.dumps(service.stack._asdict() | {"user_pool_id": "ap-southeast-2_gone"}))
    local = ChaliceLocal(project)
    local.command.until("Starting a local cloud")
    local.until_it_serves()


@pytest.mark.parametrize("words", [(), ("--no-autoreload",), ("--stage", "local")])
def test_taken_port_is_an_error_of_one_line(project: Project, words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        # Coverage, ended by a signal while it starts, prints warnings of its own. On a slow machine
        # Chalice may take the first bytecode for an edit, and say that it restarts.
        quiet = {"COVERAGE_PROCESS_CONFIG": "", "PYTHONDONTWRITEBYTECODE": "1"}
        command = project.start_chalice("local", "--port", str(port), *words, **quiet)
        assert command.wait() != 0
    (line,) = command.printed.splitlines()
    assert f"127.0.0.1:{port} (Address already in use)" in line


@pytest.mark.parametrize(
    ("words", "message"),
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
    project: Project, words: tuple[str, ...], message: str, environment: dict[str, str]
) -> None:
    command = project.start_chalice(*words, **environment)
    assert command.wait() == 1
    (line,) = command.printed.splitlines()
    assert line.startswith("Error: ")
    assert message in line


def test_deployed_stage_is_served_from_aws(project: Project, cloud: LocalCloud) -> None:
    """The local cloud takes the place of AWS."""
    project.note_stack("dev", stack.apply(cloud.client("cloudformation"), "dev"))
    local = ChaliceLocal(project, **cloud.environment())
    printed = local.until_it_serves()
    assert "The stage dev is deployed: this serves its table and its users on AWS" in printed
    assert local.get() == 404
    assert local.post("junk") == 401
    assert local.command.press_ctrl_c() == 0


def test_missing_credentials_are_an_error_of_one_line(project: Project) -> None:
    project.note_stack("dev")
    no_files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    local = ChaliceLocal(project, "--no-autoreload", **no_files)
    assert local.command.wait() == 1
    assert len(local.command.printed.splitlines()) == 1, local.command.printed
