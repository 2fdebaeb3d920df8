"""Requests to the packaged service: real HTTP through API Gateway to the Lambda function.

The function runs in a process of its own and reaches the table with the rights of its role.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import requests

from coffee_client import Accounts, Session
from local.emulator import REGION
from tests.e2e.conftest import NewCustomer, NewStaff
from tests.e2e.packaged import Packaged
from tests.e2e.people import sign_in_new_customer, sign_in_new_staff

FUNCTION = "coffee-orders-local"

Send = Callable[..., requests.Response]
WithVariables = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def accounts(packaged: Packaged) -> Accounts:
    client_id, endpoint_url = packaged.outputs.client_id, packaged.cloud.endpoint_url
    return Accounts(client_id, region=REGION, endpoint_url=endpoint_url)


@pytest.fixture(scope="session")
def new_customer(packaged: Packaged, accounts: Accounts) -> NewCustomer:
    return lambda: sign_in_new_customer(accounts, packaged.cloud)


@pytest.fixture(scope="session")
def signed_in_customer(new_customer: NewCustomer) -> Session:
    return new_customer()


@pytest.fixture(scope="session")
def new_staff(packaged: Packaged, accounts: Accounts) -> NewStaff:
    pool_id = packaged.outputs.user_pool_id
    return lambda vendorid: sign_in_new_staff(accounts, packaged.cloud, pool_id, vendorid)


@pytest.fixture(scope="session")
def barista(new_staff: NewStaff) -> Session:
    return new_staff("v0")


@pytest.fixture(scope="session")
def send(packaged: Packaged) -> Send:
    """Return a function that sends a request as somebody, or as nobody."""

    def send(
        method: str,
        path: str,
        who: Session | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> requests.Response:
        content = {"data" if isinstance(body, bytes) else "json": body}
        sent = {"Content-Type": "application/json", **(headers or {})}
        if who is not None:
            sent["Authorization"] = who.id_token()
        return requests.request(
            method,
            f"{packaged.api_url}{path}",
            params=query,
            headers=sent,
            timeout=30,
            **content,
        )

    return send


@pytest.fixture(scope="session")
def with_variables(packaged: Packaged) -> WithVariables:
    """Return a context manager that changes environment variables of the function."""

    @contextmanager
    def changed(**variables: str) -> Iterator[None]:
        functions = packaged.cloud.client("lambda")
        before = functions.get_function_configuration(FunctionName=FUNCTION)["Environment"]
        after = {"Variables": before["Variables"] | variables}
        functions.update_function_configuration(FunctionName=FUNCTION, Environment=after)
        try:
            yield
        finally:
            functions.update_function_configuration(FunctionName=FUNCTION, Environment=before)

    return changed
