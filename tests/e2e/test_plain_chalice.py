"""`chalice local` in a copy of the project, without make."""

import re
import signal
import socket
from collections.abc import Iterator

import pytest
import requests

from coffee_client import Accounts
from local.emulator import REGION, LocalCloud, free_port, is_free
from tests.e2e.processes import Background, assert_nothing_runs_in
from tests.e2e.project import Project, Run
from tests.e2e.test_commands import USER_SETTINGS
from tests.fixtures import sign_up_by_mail
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow

_KEY = {"accountid": "a", "vendorid": "v0"}


class ChaliceLocal:
    """A `chalice local` on a free port."""

    def __init__(self, project: Project, *arguments: str, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = (project.chalice, "local", "--port", str(self.port), *arguments)
        self.command: Background = project.start(*command, **environment)

    def wait_until_serving(self) -> str:
        """Wait until it serves, also after a reload; return the new output."""
        return self.command.wait_for("Serving on")

    def get(self, **key: str) -> int:
        return requests.get(f"{self.url}/order", params=_KEY | key, timeout=10).status_code

    def post(self, token: str | None) -> int:
        headers, body = {"Authorization": token} if token else {}, {"order": order(**_KEY)}
        url = f"{self.url}/order"
        return requests.post(url, json=body, headers=headers, timeout=10).status_code


def sign_in(output: str) -> str:
    """Sign up and in with the settings in the output of `chalice local`; return the IdToken."""
    client_id, endpoint = re.findall(r"App client  (\S+)   \(Cognito at (\S+)\)", output)[0]
    accounts = Accounts(client_id, region=REGION, endpoint_url=endpoint)
    sign_up_by_mail(accounts, LocalCloud(endpoint), "ann")
    return accounts.log_in("ann", PASSWORD).id_token()


@pytest.fixture(autouse=True)
def nothing_is_left(project: Project) -> Iterator[None]:
    yield
    project.stop()
    assert_nothing_runs_in(project.folder)


def test_orders_and_users_survive_a_reload(project: Project) -> None:
    local = ChaliceLocal(project, **USER_SETTINGS)
    token = sign_in(local.wait_until_serving())
    for invalid_token in (None, "junk", f"{token}x"):
        assert local.post(invalid_token) == 401
    assert local.post(token) == 201

    source = project.folder / "chalicelib/messages.py"
    source.write_text(f"{source.read_text()}\n# an edit\n")
    assert local.wait_until_serving().count("Serving on") == 1
    assert local.get() == 200
    assert local.post(token) == 200
    assert local.post("junk") == 401

    assert local.command.interrupt() == 0
    assert "Traceback" not in local.command.output
    assert "credentials" not in local.command.output
    assert_nothing_runs_in(project.folder)
    assert list((project.folder / ".local").iterdir()) == []


def test_kill_ends_all_processes(project: Project) -> None:
    local = ChaliceLocal(project)
    local.wait_until_serving()
    local.command.end(signal.SIGKILL)
    assert_nothing_runs_in(project.folder)
    assert is_free(local.port)


def test_local_cloud_of_make_run_is_used(project: Project) -> None:
    run = Run(project)
    local = ChaliceLocal(project, "--stage", "local", **USER_SETTINGS)
    output = local.wait_until_serving()
    assert run.stack["client_id"] in output
    assert "Starting a local cloud" not in output
    assert local.get(accountid="maria-0") == 200
    token = run.header_file.read_text().removeprefix("Authorization: ").strip()
    assert local.post(token) == 201
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200
    preflight = requests.options(
        run.stack["aws_endpoint_url"], headers={"Origin": local.url}, timeout=10
    )
    assert preflight.ok, "the page at this port may call Cognito, too"
    assert local.command.interrupt() == 0
    assert requests.get(f"{run.url}/order", params=_KEY, timeout=10).status_code == 200


def test_taken_port_is_an_error_of_one_line(project: Project) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        command = project.start(project.chalice, "local", "--no-autoreload", "--port", port)
        assert command.wait() == 1
    pattern = rf"Error: Cannot listen at 127.0.0.1:{port}: .* already in use\. Try --port 8001\n"
    assert re.fullmatch(pattern, command.output)
