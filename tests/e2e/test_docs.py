"""The examples of README.md, docs/client.md and docs/testing.md work as written."""

import re
from pathlib import Path
from typing import Any

import pytest

from coffee_client import AccountError, Accounts, OrderError
from coffee_client.settings import Settings
from local.service import Service
from tests.e2e.conftest import NewStaff
from tests.e2e.people import code_mailed_to
from tests.e2e.processes import execute
from tests.e2e.project import Project, Run
from tests.samples import PASSWORD
from tools.project import PROJECT, service_environment

_README = (PROJECT / "README.md").read_text()


def code_block(beginning: str) -> str:
    """Return the block of README.md with this beginning."""
    code_blocks = re.findall(r"```sh\n(.*?)```", _README, re.DOTALL)
    (text,) = [text for text in code_blocks if text.startswith(beginning)]
    return str(text)


def run_in_bash(run: Run, script: str, config: Path) -> str:
    arguments = ["bash", "-ec", script.replace("8000", str(run.port))]
    environment = {**run.project.environment, "COFFEE_CONFIG_DIR": str(config)}
    code, output = execute(arguments, run.project.folder, environment)
    assert code == 0, output
    return output


def test_curl_block_gets_the_documented_statuses(run: Run, tmp_path: Path) -> None:
    output = run_in_bash(run, code_block("curl -i 'http://127.0.0.1:8000/order"), tmp_path)
    assert re.findall(r"HTTP/1\.\d (\d+)", output) == ["200", "401", "400"]
    assert "order: is missing" in output


def test_coffee_block_works(run: Run, tmp_path: Path) -> None:
    coffee = code_block("source .venv/bin/activate\ncoffee configure")
    assert "ann-1" in run_in_bash(run, coffee, tmp_path)


def test_every_block_is_tested() -> None:
    """The tests are here, in test_commands.py, test_run.py, and tests/set_up/plain_chalice.py."""
    code_blocks = re.findall(r"```(?:sh|python)\n(.*?)\n", _README)
    assert [line.split("   ")[0] for line in code_blocks] == [
        "make demo",
        "make run",
        "curl -i 'http://127.0.0.1:8000/order?accountid=maria-0&vendorid=v0'",
        "source .venv/bin/activate",
        "pip install -r requirements-local.txt",
    ]


def test_every_example_of_the_client_works(
    service: Service,
    accounts: Accounts,
    new_staff: NewStaff,
    accountid: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = service.stack
    email = f"{accountid}@example.com"
    settings = Settings(stack.api_url, stack.client_id, stack.region, stack.aws_endpoint_url)
    monkeypatch.setattr(Settings, "from_stack", lambda _: settings)
    vendorid = f"shop of {accountid}"
    variables: dict[str, Any] = {
        "username": f"reader-{accountid}",
        "password": PASSWORD,
        "email": email,
        "accountid": accountid,
        "code_from_the_mail": lambda: code_mailed_to(service.cloud, email),
        "barista": new_staff(vendorid),
    }
    text = (PROJECT / "docs/client.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 10
    for example in examples:
        exec(example.replace('"v0"', repr(vendorid)), variables)  # noqa: S102

    assert variables["placed"].outcome == "placed"
    assert variables["client"].get(accountid, vendorid).status == "preparing"
    with pytest.raises(OrderError, match="The order is preparing"):
        variables["client"].cancel(accountid, vendorid)
    with pytest.raises(AccountError):
        accounts.refresh(variables["session"].tokens)


@pytest.mark.slow
def test_ten_lines_of_the_testing_page_pass(project: Project) -> None:
    documentation = (project.folder / "docs/testing.md").read_text()
    example = re.findall(r"```python\n(.*?)```", documentation, re.DOTALL)[0]
    assert len([line for line in example.splitlines() if line]) <= 10
    (project.folder / "tests/test_example.py").write_text(example)
    (project.folder / "test_elsewhere.py").write_text(
        f'pytest_plugins = ["tests.fixtures"]\n{example}'
    )
    for file in ("tests/test_example.py", "test_elsewhere.py"):
        assert "1 passed" in project.succeed("pytest", "-p", "no:cacheprovider", file)


@pytest.mark.slow
def test_request_without_token_needs_no_pyjwt(project: Project) -> None:
    (project.folder / "test_example.py").write_text("""
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
    arn = "arn:aws:cognito-idp:ap-southeast-2:123456789012:userpool/p"
    settings = service_environment("orders", "shops", arn, "client")
    arguments = ["pytest", "-p", "no:cacheprovider", "test_example.py"]
    project.succeed(*arguments, AWS_DEFAULT_REGION="x", **settings)
