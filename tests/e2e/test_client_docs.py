"""Every example of the library in docs/client.md runs as written."""

import re
from typing import Any

import pytest

from coffee_client import AccountError, Accounts, OrderError
from coffee_client.settings import Settings
from deploy.project import PROJECT
from local.service import Service
from tests.e2e.people import add_staff, code_mailed_to, sign_up
from tests.samples import PASSWORD


def test_every_example_runs(
    service: Service,
    accounts: Accounts,
    accountid: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = service.stack
    email = f"{accountid}@example.com"
    here = Settings(stack.api_url, stack.client_id, stack.region, stack.aws_endpoint_url)
    monkeypatch.setattr(Settings, "of_stack", lambda _: here)
    vendorid = f"shop of {accountid}"

    sign_up(accounts, service.cloud, f"b-{accountid}")
    add_staff(service.cloud, stack.user_pool_id, vendorid, f"b-{accountid}")
    given: dict[str, Any] = {
        "username": f"reader-{accountid}",
        "password": PASSWORD,
        "email": email,
        "accountid": accountid,
        "code_from_the_mail": lambda: code_mailed_to(service.cloud, email),
        "barista": accounts.log_in(f"b-{accountid}", PASSWORD),
    }
    text = (PROJECT / "docs/client.md").read_text()
    examples = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(examples) == 15
    for example in examples:
        exec(example.replace('"v0"', repr(vendorid)), given)  # noqa: S102

    assert given["placed"].is_new
    assert given["client"].get(accountid, vendorid).status == "preparing"
    with pytest.raises(OrderError, match="The order is preparing"):
        given["client"].cancel(accountid, vendorid)
    with pytest.raises(AccountError):
        accounts.refreshed(given["session"].tokens)
