"""The smoke test: a few requests to the live API of a stage.

Without a login it checks the gateway's 401, a GET, the page and the OpenAPI document. With a login
it also places an order, reads it, and cancels it.
"""

import os
import time
import uuid
from typing import Any

import requests

from coffee_client import CoffeeClient, Details, Order, Settings
from tools import CommandError
from tools.command import report

_RETRY_SECONDS = 60.0  # a new API is not available everywhere at once


def smoke_test(service: Settings) -> None:
    """Check a stage's responses, and report each one.

    SMOKE_USERNAME and SMOKE_PASSWORD name a confirmed user of the stage's pool. They are not
    options, because command lines are visible to other users. Raises CommandError if a response is
    still wrong after a minute, and CoffeeError if the login or the order is rejected.
    """
    # Nobody else has an order in this account. The order cannot be deleted, only cancelled.
    key = {"accountid": f"smoke-test-{uuid.uuid4().hex}", "vendorid": "smoke-test"}
    order = Order(**key, details=Details("Short Black", "Small", "4.50"))
    _check(service, "GET /openapi.json", 200, '"3.1')
    _check(service, "GET /", 200, "<html")
    _check(service, "GET /order", 404, '"Code"', params=key)
    _check(service, "POST /order", 401, '"message"', json={"order": order.to_request()})
    username = os.environ.get("SMOKE_USERNAME")
    password = os.environ.get("SMOKE_PASSWORD")
    if not (username and password):
        report("no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one")
        return
    client = CoffeeClient(service.api_url, service.accounts().log_in(username, password))
    client.place(order)
    client.get(**key)
    client.cancel(**key)
    report("an order was placed, found and cancelled")


def _check(service: Settings, name: str, status: int, text: str, **request: Any) -> None:
    """Send a request until its response has a status and a text. Raises CommandError."""
    method, path = name.split()
    deadline = time.monotonic() + _RETRY_SECONDS
    while True:
        try:
            response = requests.request(method, f"{service.api_url}{path}", timeout=30, **request)
            result = f"{response.status_code} {response.text[:200]}"
            if response.status_code == status and text in response.text:
                report(f"{name}: {status}")
                return
        except requests.RequestException as error:
            result = f"{type(error).__name__}: {error}"
        if time.monotonic() > deadline:
            raise CommandError(
                f"The smoke test failed: {name} should get {status}, and got {result}. If somebody "
                "deleted the function or the API, docs/deploying.md says what to do"
            )
        time.sleep(1)
