"""Requests to the packaged service: HTTP through API Gateway to the Lambda function.

The function runs in a separate process and accesses the tables with the permissions of its role.
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
from tests.e2e.people import sign_in_new_staff, sign_in_somebody_new

FUNCTION = "coffee-orders-local"

Send = Callable[..., requests.Response]
WithVariables = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def accounts(packaged: Packaged) -> Accounts:
    client_id, endpoint_url = packaged.outputs.client_id, packaged.cloud.endpoint_url
    return Accounts(client_id, region=REGION, endpoint_url=endpoint_url)


@pytest.fixture(scope="session")
def new_customer(packaged: Packaged, accounts: Accounts) -> NewCustomer:
    return lambda: sign_in_somebody_new(accounts, packaged.cloud)


@pytest.fixture(scope="session")
def customer(new_customer: NewCustomer) -> Session:
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
    """Return a function that sends a request, with the token of a session if one is given."""

    def send(
        method: str,
        path: str,
        session: Session | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        **query: str,
    ) -> requests.Response:
        token = {"Authorization": session.id_token()} if session else {}
        return requests.request(
            method,
            f"{packaged.api_url}{path}",
            params=query,
            headers=token | dict(headers or {}),
            json=body,
            timeout=30,
        )

    return send


@pytest.fixture(scope="session")
def with_variables(packaged: Packaged) -> WithVariables:
    """Return a context manager that overrides environment variables of the function."""

    @contextmanager
    def override(**variables: str) -> Iterator[None]:
        client = packaged.cloud.client("lambda")
        original = client.get_function_configuration(FunctionName=FUNCTION)["Environment"]
        overridden = {"Variables": original["Variables"] | variables}
        client.update_function_configuration(FunctionName=FUNCTION, Environment=overridden)
        try:
            yield
        finally:
            client.update_function_configuration(FunctionName=FUNCTION, Environment=original)

    return override
