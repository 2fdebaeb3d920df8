"""The examples of docs/client.md and docs/testing.md work as written."""

import re
from typing import Any

import pytest

from coffee_client import AccountError, Accounts, OrderError
from coffee_client.settings import Settings
from local.service import Service
from tests.e2e.project import Project
from tests.fixtures import code_mailed_to
from tests.hardening.target import Target
from tests.samples import PASSWORD
from tools.project import PROJECT


def examples_of(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / name).read_text(), re.DOTALL)


def test_every_example_of_the_client_works(
    service: Service,
    accounts: Accounts,
    local_target: Target,
    accountid: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack, email = service.stack, f"{accountid}@example.com"
    settings = Settings(stack.api_url, stack.client_id, stack.region, stack.aws_endpoint_url)
    monkeypatch.setattr(Settings, "from_stack", lambda _: settings)
    vendorid = f"shop of {accountid}"
    variables: dict[str, Any] = {
        "username": f"reader-{accountid}",
        "password": PASSWORD,
        "email": email,
        "accountid": accountid,
        "code_from_the_mail": lambda: code_mailed_to(service.cloud, email),
        "barista": accounts.log_in(local_target.sign_in(vendorid).username, PASSWORD),
    }
    examples = examples_of("client.md")
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
def test_example_of_the_testing_page_passes(project: Project) -> None:
    example = examples_of("testing.md")[0]
    (project.folder / "tests/test_example.py").write_text(example)
    assert "1 passed" in project.succeed("pytest", "tests/test_example.py")
