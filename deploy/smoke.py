"""The smoke test of a deployed stage: a few requests to the live API.

Without a login it checks the gateway's 401, a GET, the page and the OpenAPI document. With one it
also places an order, reads it back, and cancels it.
"""

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import requests

from deploy import CommandError
from deploy.cloudformation import Report
from deploy.target import Target

_PATIENCE = 60.0  # seconds; it takes a while until a new API answers everywhere
_TIMEOUT = 30.0
_KEY = {"accountid": "smoke-test", "vendorid": "smoke-test"}
_ORDER = {
    **_KEY,
    "details": {
        "coffeetype": "Short Black",
        "coffeesize": "Small",
        "unitprice": "4.50",
        "quantity": "1",
    },
}


class SmokeError(CommandError):
    """The stage is deployed, and does not answer as it should."""


class Login(NamedTuple):
    """A confirmed user of the stage's pool."""

    username: str
    password: str


def login_from_environment() -> Login | None:
    """Return the user that SMOKE_USERNAME and SMOKE_PASSWORD name; None without them.

    They are no options, for other users of the machine can read a command line. Raises SmokeError
    when only one of them is set.
    """
    username, password = os.environ.get("SMOKE_USERNAME"), os.environ.get("SMOKE_PASSWORD")
    if not username and not password:
        return None
    if not username or not password:
        raise SmokeError("Set both SMOKE_USERNAME and SMOKE_PASSWORD, or neither")
    return Login(username, password)


def smoke_test(
    target: Target, api_url: str, client_id: str, report: Report, login: Login | None = None
) -> None:
    """Check that a stage answers as it should, and report each answer.

    Raises SmokeError when a wrong answer does not become right within a minute.
    """
    check = _Checks(api_url, report)
    check("GET /openapi.json", lambda answer: answer.json()["openapi"].startswith("3.1"))
    check("GET /", lambda answer: "text/html" in answer.headers["Content-Type"])
    # 404 unless an earlier run with a login has left its order.
    check("GET /order", lambda answer: "Code" in answer.json() or _is_ours(answer), {200, 404})
    check("POST /order", lambda answer: "message" in answer.json(), {401})
    if login is None:
        report("no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one")
        return
    check.authorization = _id_token(target, client_id, login)
    check("POST /order", _is_ours, {200, 201})
    check("GET /order", _is_ours)
    check("DELETE /order", _is_ours)


class _Checks:
    """Sends requests until each is answered as expected."""

    def __init__(self, api_url: str, report: Report) -> None:
        self._api_url = api_url
        self._report = report
        self._deadline = time.monotonic() + _PATIENCE
        self.authorization: str | None = None

    def __call__(
        self,
        request: str,
        is_expected: Callable[[requests.Response], bool],
        statuses: set[int] | None = None,
    ) -> None:
        """Send a request such as `GET /order`. Raises SmokeError."""
        expected = statuses or {200}
        while True:
            try:
                answer = self._send(*request.split())
                got = f"{answer.status_code} {answer.text[:200]}"
                if answer.status_code in expected and is_expected(answer):
                    self._report(f"{request}: {answer.status_code}")
                    return
            except (requests.RequestException, ValueError, KeyError) as error:
                got = f"{type(error).__name__}: {error}"
            if time.monotonic() > self._deadline:
                either = " or ".join(map(str, sorted(expected)))
                raise SmokeError(
                    f"The smoke test failed: {request} should get {either}, and got {got}"
                )
            time.sleep(1)

    def _send(self, method: str, path: str) -> requests.Response:
        headers = {"Authorization": self.authorization} if self.authorization else {}
        return requests.request(
            method,
            f"{self._api_url}{path}",
            params=_KEY if path == "/order" and method != "POST" else None,
            json={"order": _ORDER} if method == "POST" else None,
            headers=headers,
            timeout=_TIMEOUT,
        )


def _is_ours(answer: requests.Response) -> bool:
    placed: dict[str, Any] = answer.json()["order"]
    return _KEY.items() <= placed.items()


def _id_token(target: Target, client_id: str, login: Login) -> str:
    """Log in. Raises SmokeError where the pool does not accept the login."""
    cognito = target.session.client("cognito-idp")
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
