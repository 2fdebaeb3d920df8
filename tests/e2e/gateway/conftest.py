"""Who asks the packaged service: real HTTP through API Gateway to the Lambda function.

The function runs in a process of its own and reaches the table with the rights of its role.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests

from coffee_client import Accounts, Session
from local.emulator import REGION
from tests.e2e.packaged import Packaged
from tests.e2e.people import add_staff, sign_in_somebody_new, sign_up
from tests.samples import PASSWORD

FUNCTION = "coffee-orders-local"

PostOrder = Callable[..., requests.Response]
Ask = Callable[..., requests.Response]


@pytest.fixture(scope="session")
def accounts(packaged: Packaged) -> Accounts:
    client_id, endpoint_url = packaged.outputs.client_id, packaged.cloud.endpoint_url
    return Accounts(client_id, region=REGION, endpoint_url=endpoint_url)


@pytest.fixture(scope="session")
def signed_in_customer(packaged: Packaged, accounts: Accounts) -> Session:
    return sign_in_somebody_new(accounts, packaged.cloud)


@pytest.fixture(scope="session")
def post_order(packaged: Packaged, signed_in_customer: Session) -> Callable[..., Any]:
    """Return a function that POSTs a body, as the signed-in customer unless told otherwise."""

    def post(body: Any, authorization: str | None = "", **headers: str) -> requests.Response:
        if authorization is not None:
            token = authorization or signed_in_customer.id_token()
            headers["Authorization"] = token.encode()  # type: ignore[assignment]
        return requests.post(
            f"{packaged.api_url}/order",
            data=body if isinstance(body, bytes) else json.dumps({"order": body}),
            headers={"Content-Type": "application/json"} | headers,
            timeout=30,
        )

    return post


def get(packaged: Packaged, accountid: str, vendorid: str = "v0") -> requests.Response:
    key = {"accountid": accountid, "vendorid": vendorid}
    return requests.get(f"{packaged.api_url}/order", params=key, timeout=30)


@pytest.fixture(scope="session")
def barista(packaged: Packaged, accounts: Accounts) -> Session:
    return new_staff(packaged, accounts, "v0")


def new_staff(packaged: Packaged, accounts: Accounts, vendorid: str) -> Session:
    """Sign somebody in who is staff of the vendor."""
    username = f"barista{abs(hash(vendorid))}"
    sign_up(accounts, packaged.cloud, username)
    add_staff(packaged.cloud, packaged.outputs.user_pool_id, vendorid, username)
    return accounts.log_in(username, PASSWORD)


@pytest.fixture(scope="session")
def ask(packaged: Packaged) -> Ask:
    """Return a function that sends a request as somebody, or as nobody."""

    def ask(
        method: str, path: str, who: Session | None = None, body: Any = None, **query: str
    ) -> requests.Response:
        headers = {"Authorization": who.id_token()} if who else {}
        url = f"{packaged.api_url}{path}"
        return requests.request(method, url, params=query, json=body, headers=headers, timeout=30)

    return ask
