"""The smoke test: a few requests to the live API of a stage.

Without a login it checks the gateway's 401, a GET, the page and the OpenAPI document. With a login
it also places an order, reads it, and cancels it.
"""

import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any, NamedTuple

import requests

from coffee_client import Accounts
from deploy.cloudformation import Report
from tools import CommandError

_RETRY_SECONDS = 60.0  # a new API is not available everywhere at once
_DETAILS = {
    "coffeetype": "Short Black",
    "coffeesize": "Small",
    "unitprice": "4.50",
    "quantity": "1",
}


class SmokeError(CommandError):
    """The stage is deployed, but a response is wrong."""


class Login(NamedTuple):
    """A confirmed user of the stage's pool."""

    username: str
    password: str


def login_from_environment() -> Login | None:
    """Return the user in SMOKE_USERNAME and SMOKE_PASSWORD, or None.

    They are not options, because command lines are visible to other users. Raises SmokeError if
    only one of them is set.
    """
    login = Login(os.environ.get("SMOKE_USERNAME", ""), os.environ.get("SMOKE_PASSWORD", ""))
    if not any(login):
        return None
    if not all(login):
        raise SmokeError("Set both SMOKE_USERNAME and SMOKE_PASSWORD, or neither")
    return login


def smoke_test(api_url: str, accounts: Accounts, report: Report, login: Login | None) -> None:
    """Check a stage's responses, and report each one.

    Each run has an account of its own, so that nobody else has an order there. Its order cannot be
    deleted, only cancelled. Raises SmokeError if a response is still wrong after a minute, and
    AccountError if the login is rejected.
    """
    key = {"accountid": f"smoke-test-{uuid.uuid4().hex}", "vendorid": "smoke-test"}
    # With its date, a repeated order is recognized: it gets 200 if the first response was lost.
    order = {**key, "orderdate": datetime.now(UTC).isoformat(), "details": _DETAILS}
    post = {"json": {"order": order}}
    _check(api_url, report, "GET /openapi.json", '"3.1')
    _check(api_url, report, "GET /", "<html")
    _check(api_url, report, "GET /order", '"Code"', 404, params=key)
    _check(api_url, report, "POST /order", '"message"', 401, **post)  # of the gateway
    if login is None:
        report("no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one")
        return
    headers = {"Authorization": accounts.log_in(*login).id_token()}
    account = key["accountid"]
    _check(api_url, report, "POST /order", account, 201, 200, headers=headers, **post)
    _check(api_url, report, "GET /order", account, params=key)
    _check(api_url, report, "DELETE /order", account, headers=headers, params=key)


def _check(
    api_url: str, report: Report, name: str, text: str, *statuses: int, **request: Any
) -> None:
    """Send a request until its response has a status, or 200, and a text. Raises SmokeError."""
    method, path = name.split()
    expected = statuses or (200,)
    deadline = time.monotonic() + _RETRY_SECONDS
    while True:
        try:
            response = requests.request(method, f"{api_url}{path}", timeout=30, **request)
            result = f"{response.status_code} {response.text[:200]}"
            if response.status_code in expected and text in response.text:
                report(f"{name}: {response.status_code}")
                return
        except requests.RequestException as error:
            result = f"{type(error).__name__}: {error}"
        if time.monotonic() > deadline:
            raise SmokeError(
                f"The smoke test failed: {name} should get {expected[0]}, and got {result}"
            )
        time.sleep(1)
