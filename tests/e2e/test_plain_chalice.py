"""Chalice's own commands, typed in a copy of the project without make."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest
import requests

from deploy import stack
from deploy.project import service_environment
from local.emulator import LocalCloud, mails_to
from local.server import free_port, is_free
from local.service import Service
from tests.e2e.project import Project
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow

_CHALICE = str(Path(sys.executable).with_name("chalice"))
_USERS_SETTINGS = {
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


class Typed:
    """A command of Chalice's that runs in the background, and what it has printed."""

    def __init__(
        self, project: Project, *words: str, program: str = _CHALICE, **environment: str
    ) -> None:
        self.project = project
        self.printed = ""
        self.process = subprocess.Popen(
            [program, *words],
            cwd=project.folder,
            # Unbuffered, as in a terminal: Chalice does not flush what it prints.
            env=project.environment | {"PYTHONUNBUFFERED": "1"} | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a terminal's process group, for Ctrl-C
            # Whoever runs the tests with nohup has SIGHUP ignored; a terminal has not.
            preexec_fn=_heed_hangups,  # noqa: PLW1509 - no other thread holds a lock here
        )

    def until(self, pattern: str, seconds: float = 60) -> str:
        """Read on until a line matches; return the text that was printed since the last call."""
        assert self.process.stdout is not None
        since, deadline = "", time.monotonic() + seconds
        while not re.search(pattern, since):
            ready, _, _ = select.select([self.process.stdout], [], [], deadline - time.monotonic())
            assert ready, f"no {pattern!r} within {seconds} s in:\n{self.printed}"
            read = os.read(self.process.stdout.fileno(), 65536).decode()
            assert read, f"it ended:\n{self.printed}"
            since += read
            self.printed += read
        return since

    def press_ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(10)


Type = Callable[..., Typed]


def _heed_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def type_(project: Project) -> Iterator[Type]:
    """Return a function that types a command of Chalice's; none may leave a process behind."""
    typed: list[Typed] = []

    def type_(*words: str, **environment: str) -> Typed:
        typed.append(Typed(project, *words, **environment))
        return typed[-1]

    yield type_
    for each in typed:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate(timeout=10)
    assert_nothing_runs_in(project)


def assert_nothing_runs_in(project: Project) -> None:
    """Fail if a process of this copy of the project is left after ten seconds."""
    for _ in range(100):
        left = processes_in(project)
        if not left:
            return
        time.sleep(0.1)
    for process in left:
        process.kill()
    pytest.fail(f"left behind: {[process.cmdline() for process in left]}")


def processes_in(project: Project) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            words, folder = process.cmdline(), process.cwd()
        except psutil.Error:
            continue
        if folder.startswith(str(project.folder)) or str(project.folder) in " ".join(words):
            found.append(process)
    return found


def sign_up(printed: str) -> str:
    """Sign up with what `chalice local` has printed, and log in; return the IdToken."""
    client_id, endpoint = re.findall(r"App client  (\S+)   \(Cognito at (\S+)\)", printed)[0]
    cognito = boto3.client(
        "cognito-idp",
        region_name="ap-southeast-2",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    cognito.sign_up(
        ClientId=client_id,
        Username="ann",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "ann@example.com"}],
    )
    code = re.findall(r"\d{6}", mails_to(endpoint, "ann@example.com")[-1])[-1]
    cognito.confirm_sign_up(ClientId=client_id, Username="ann", ConfirmationCode=code)
    tokens = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
    )["AuthenticationResult"]
    return tokens["IdToken"]


def post(url: str, token: str | None, accountid: str = "a") -> requests.Response:
    headers = {"Authorization": token} if token else {}
    return requests.post(
        f"{url}/order", json={"order": order(accountid)}, headers=headers, timeout=10
    )


def test_chalice_local_works_on_its_own_and_keeps_orders_and_users_over_a_reload(
    project: Project, type_: Type
) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    local = type_("local", "--port", str(port), **_USERS_SETTINGS)
    token = sign_up(local.until("Serving on"))
    for bad in (None, "junk", f"{token}x"):
        assert post(url, bad).status_code == 401
    assert post(url, token).status_code == 201

    source = project.folder / "chalicelib" / "messages.py"
    source.write_text(f"{source.read_text()}\n# an edit\n")
    local.until("Serving on")
    stored = requests.get(f"{url}/order?accountid=a&vendorid=v0", timeout=10)
    assert stored.status_code == 200
    assert post(url, token).status_code == 200
    assert post(url, "junk").status_code == 401

    assert local.press_ctrl_c() == 0
    assert "Traceback" not in local.printed
    assert_nothing_runs_in(project)
    assert list((project.folder / ".local").iterdir()) == []


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize("words", [(), ("--no-autoreload",)])
def test_nothing_is_left_however_chalice_local_ends(
    project: Project, type_: Type, ending: signal.Signals, words: tuple[str, ...]
) -> None:
    local = type_("local", "--port", str(port := free_port()), *words)
    local.until("Serving on")
    local.process.send_signal(ending)
    local.process.wait(10)
    assert_nothing_runs_in(project)
    assert is_free(port)


def test_ctrl_c_while_the_local_cloud_starts_leaves_nothing(project: Project, type_: Type) -> None:
    local = type_("local", "--port", str(free_port()))
    local.until("Starting a local cloud")
    local.press_ctrl_c()
    assert_nothing_runs_in(project)


def test_what_others_write_below_the_project_is_no_edit(project: Project, type_: Type) -> None:
    url = f"http://127.0.0.1:{(port := free_port())}"
    local = type_("local", "--port", str(port))
    local.until("Serving on")
    for name in (".git/index", ".local/run-x/service.log", "tests/__pycache__/x.pyc", "build/x"):
        path = project.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("changed")
    time.sleep(2.5)  # the reloader looks once a second
    assert requests.get(f"{url}/order?accountid=a&vendorid=v0", timeout=10).status_code == 404
    path = project.folder / "app.py"
    path.write_text(f"{path.read_text()}\n# an edit\n")
    assert local.until("Serving on").count("Serving on") == 1


@pytest.mark.parametrize("stage", ["dev", "local"])
def test_beside_make_run_chalice_local_uses_its_local_cloud(
    project: Project, type_: Type, service: Service, stage: str, signed_in_customer: Any
) -> None:
    (project.folder / ".local").mkdir()
    noted = json.dumps(service.stack._asdict())
    (project.folder / ".local/stack.json").write_text(noted)
    url = f"http://127.0.0.1:{(port := free_port())}"
    local = type_("local", "--stage", stage, "--port", str(port), **_USERS_SETTINGS)
    printed = local.until("Serving on")
    assert service.stack.client_id in printed
    assert "Starting a local cloud" not in printed
    token = signed_in_customer.id_token()
    assert post(url, token, f"beside-{stage}").status_code == 201
    there = f"{service.stack.api_url}/order?accountid=beside-{stage}&vendorid=v0"
    assert requests.get(there, timeout=10).status_code == 200
    preflight = requests.options(
        service.stack.aws_endpoint_url, headers={"Origin": url}, timeout=10
    )
    assert preflight.ok, "the page at this port may call Cognito, too"
    assert local.press_ctrl_c() == 0
    assert requests.get(there, timeout=10).status_code == 200


def test_a_note_of_a_local_cloud_that_was_killed_is_not_believed(
    project: Project, type_: Type, service: Service
) -> None:
    (project.folder / ".local").mkdir()
    gone = service.stack._replace(user_pool_id="ap-southeast-2_gone")
    (project.folder / ".local/stack.json").write_text(json.dumps(gone._asdict()))
    local = type_("local", "--port", str(free_port()))
    local.until("Starting a local cloud")
    local.until("Serving on")


@pytest.mark.parametrize("words", [(), ("--no-autoreload",), ("--stage", "local")])
def test_a_taken_port_is_one_line(type_: Type, words: tuple[str, ...]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        # Coverage, ended by a signal while it starts, prints warnings of its own. On a slow machine
        # Chalice may take the first bytecode for an edit, and say that it restarts.
        quiet = {"COVERAGE_PROCESS_CONFIG": "", "PYTHONDONTWRITEBYTECODE": "1"}
        local = type_("local", "--port", str(port), *words, **quiet)
        output, _ = local.process.communicate(timeout=30)
    assert local.process.returncode != 0
    (line, *more) = output.decode().splitlines()
    assert not more, output.decode()
    assert f"127.0.0.1:{port} (Address already in use)" in line


@pytest.mark.parametrize(
    ("words", "line"),
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
def test_what_is_missing_is_one_line_and_exit_1(
    type_: Type, words: tuple[str, ...], line: str, environment: dict[str, str]
) -> None:
    typed = type_(*words, **environment)
    output, _ = typed.process.communicate(timeout=30)
    assert typed.process.returncode == 1, output.decode()
    (printed,) = output.decode().splitlines()
    assert printed.startswith("Error: ")
    assert line in printed


def test_a_stage_that_is_deployed_is_served_from_aws_and_chalice_local_says_so(
    project: Project, type_: Type, cloud: LocalCloud
) -> None:
    """The local cloud takes the place of AWS."""
    outputs = stack.apply(cloud.client("cloudformation"), "dev")
    config = project.config()
    config["stages"]["dev"]["environment_variables"] |= service_environment(
        outputs.orders_table, outputs.shops_table, outputs.user_pool_arn, outputs.client_id
    )
    (project.folder / ".chalice/config.json").write_text(json.dumps(config))
    url = f"http://127.0.0.1:{(port := free_port())}"
    local = type_("local", "--port", str(port), **cloud.environment())
    printed = local.until("Serving on")
    assert "The stage dev is deployed: this serves its table and its users on AWS" in printed
    assert requests.get(f"{url}/order?accountid=a&vendorid=v0", timeout=10).status_code == 404
    assert post(url, "junk").status_code == 401
    assert local.press_ctrl_c() == 0


def test_a_deployed_stage_without_credentials_is_one_line(project: Project, type_: Type) -> None:
    config = project.config()
    arn = "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/p"
    config["stages"]["dev"]["environment_variables"] |= service_environment(
        "orders", "shops", arn, "c"
    )
    (project.folder / ".chalice/config.json").write_text(json.dumps(config))
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    local = type_("local", "--port", str(free_port()), "--no-autoreload", **nothing)
    output, _ = local.process.communicate(timeout=30)
    assert (local.process.returncode, len(output.decode().splitlines())) == (1, 1), output.decode()


def test_without_settings_an_import_says_where_tests_get_them(project: Project) -> None:
    code, printed = project.run("app")
    assert code == 1
    assert "docs/testing.md" in printed.splitlines()[-1]


def test_the_ten_lines_of_the_documentation_are_a_passing_test(project: Project) -> None:
    documentation = (project.folder / "docs/testing.md").read_text()
    lines = re.findall(r"```python\n(.*?)```", documentation, re.DOTALL)[0]
    assert len([line for line in lines.splitlines() if line]) <= 10
    (project.folder / "tests/test_mine.py").write_text(lines)
    (project.folder / "test_elsewhere.py").write_text(
        f'pytest_plugins = ["tests.fixtures"]\n{lines}'
    )
    for file in ("tests/test_mine.py", "test_elsewhere.py"):
        code, printed = project.run("pytest", "-p", "no:cacheprovider", file)
        assert code == 0, printed
        assert "1 passed" in printed


def test_without_a_token_pyjwt_is_not_needed(project: Project) -> None:
    arn = "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/p"
    (project.folder / "test_mine.py").write_text("""
import sys
sys.modules["jwt"] = None
from chalice.test import Client
from app import app

def test_401():
    with Client(app) as client:
        assert client.http.post("/order").status_code == 401
        assert client.http.post("/order", headers={"Authorization": ""}).status_code == 401
        assert client.http.post("/order", headers={"Authorization": "Bearer "}).status_code == 401
""")
    settings = service_environment("orders", "shops", arn, "client")
    code, printed = project.run(
        "pytest", "-p", "no:cacheprovider", "test_mine.py", AWS_DEFAULT_REGION="x", **settings
    )
    assert code == 0, printed
