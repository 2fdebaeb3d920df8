"""The smoke test: a few requests to the live API of a stage.

Without a login it checks the gateway's 401, a GET, the page and the OpenAPI document. With a login
it also places an order, reads it, and cancels it.
"""

import os
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import boto3
import requests

from deploy.cloudformation import Report
from tools import CommandError

_RETRY_SECONDS = 60.0  # a new API is not available everywhere at once
_TIMEOUT = 30.0


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
    username, password = os.environ.get("SMOKE_USERNAME"), os.environ.get("SMOKE_PASSWORD")
    if not username and not password:
        return None
    if not username or not password:
        raise SmokeError("Set both SMOKE_USERNAME and SMOKE_PASSWORD, or neither")
    return Login(username, password)


def smoke_test(
    session: boto3.Session, api_url: str, client_id: str, report: Report, login: Login | None = None
) -> None:
    """Check a stage's responses, and report each one.

    Raises SmokeError if a response is still wrong after a minute. Each run has an account of its
    own, so that nobody else has an order there. Its order cannot be deleted, only cancelled.
    """
    key = {"accountid": f"smoke-test-{uuid.uuid4().hex}", "vendorid": "smoke-test"}
    check = _Checks(api_url, key, report)

    def has_order(response: requests.Response) -> bool:
        order: dict[str, Any] = response.json()["order"]
        return key.items() <= order.items()

    check("GET /openapi.json", lambda response: response.json()["openapi"].startswith("3.1"))
    check("GET /", lambda response: "text/html" in response.headers["Content-Type"])
    check("GET /order", lambda response: "Code" in response.json(), 404)
    check("POST /order", lambda response: "message" in response.json(), 401)
    if login is None:
        report("no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one")
        return
    check.authorization = _id_token(session, client_id, login)
    # 200 if an earlier attempt, whose response was lost, has placed it.
    check("POST /order", has_order, 201, 200)
    check("GET /order", has_order)
    check("DELETE /order", has_order)


class _Checks:
    """Sends each request until the response is as expected."""

    def __init__(self, api_url: str, key: dict[str, str], report: Report) -> None:
        self._api_url = api_url
        self._key = key
        self._report = report
        self.authorization: str | None = None
        # With its date, a repeated request is recognized as the same order.
        self._order = {
            **key,
            "orderdate": datetime.now(UTC).isoformat(),
            "details": {
                "coffeetype": "Short Black",
                "coffeesize": "Small",
                "unitprice": "4.50",
                "quantity": "1",
            },
        }

    def __call__(
        self, request: str, is_expected: Callable[[requests.Response], bool], *statuses: int
    ) -> None:
        """Send a request such as `GET /order`, and expect a status, or 200. Raises SmokeError."""
        expected = statuses or (200,)
        deadline = time.monotonic() + _RETRY_SECONDS
        while True:
            try:
                response = self._send(*request.split())
                result = f"{response.status_code} {response.text[:200]}"
                if response.status_code in expected and is_expected(response):
                    self._report(f"{request}: {response.status_code}")
                    return
            except (requests.RequestException, ValueError, KeyError) as error:
                result = f"{type(error).__name__}: {error}"
            if time.monotonic() > deadline:
                raise SmokeError(
                    f"The smoke test failed: {request} should get {expected[0]}, and got {result}"
                )
            time.sleep(1)

    def _send(self, method: str, path: str) -> requests.Response:
        return requests.request(
            method,
            f"{self._api_url}{path}",
            params=self._key if path == "/order" and method != "POST" else None,
            json={"order": self._order} if method == "POST" else None,
            headers={"Authorization": self.authorization} if self.authorization else {},
            timeout=_TIMEOUT,
        )


def _id_token(session: boto3.Session, client_id: str, login: Login) -> str:
    """Log in. Raises SmokeError if the login is rejected."""
    cognito = session.client("cognito-idp")
    try:
        tokens = cognito.initiate_auth(
            ClientId=client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": login.username, "PASSWORD": login.password},
        )
        return tokens["AuthenticationResult"]["IdToken"]
    except (
        KeyError,  # a challenge instead of tokens
        cognito.exceptions.NotAuthorizedException,
        cognito.exceptions.UserNotConfirmedException,
        cognito.exceptions.UserNotFoundException,
        cognito.exceptions.PasswordResetRequiredException,
    ):
        raise SmokeError(
            "SMOKE_USERNAME and SMOKE_PASSWORD are not a login of this stage"
        ) from None
