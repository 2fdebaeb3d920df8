"""The examples of docs/client.md and docs/testing.md work as written."""

import re
from typing import Any

import pytest

from coffee_client import AccountError, Accounts, OrderError
from coffee_client.settings import Settings
from local.service import Service
from tests.e2e.conftest import NewStaff
from tests.e2e.people import code_mailed_to
from tests.e2e.project import Project
from tests.samples import PASSWORD
from tools.project import PROJECT


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
