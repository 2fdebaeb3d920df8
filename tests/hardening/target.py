"""A running service under attack: its users, requests to it, and what it must never reveal."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
import requests

from deploy.stack import StackOutputs
from local.emulator import LocalCloud
from local.service import LocalStack, Service
from tests.fixtures import log_in, sign_up
from tests.samples import PASSWORD
from tools import staff

_numbers = itertools.count()

# No response may contain any of these, whatever the request.
_INTERNALS = ("Traceback", '", line ', "site-packages", "botocore", "msgspec", "arn:aws")


@dataclass(frozen=True)
class User:
    """A signed-in user."""

    username: str
    sub: str
    id_token: str = field(repr=False)


class Target:
    """A service, reached over HTTP. `secrets` has names, tokens and subs of all its users."""

    def __init__(
        self, name: str, stack: LocalStack | StackOutputs, api_url: str, cloud: LocalCloud
    ) -> None:
        self.name, self.stack, self.api_url, self.cloud = name, stack, api_url, cloud
        variables = stack.variables if isinstance(stack, LocalStack) else stack.environment()
        self.secrets = {variables["ORDERS_TABLE"], PASSWORD}
        self.requests_sent = 0
        self._http = requests.Session()

    def read_log(self) -> str:
        """Return the log of the service."""
        raise NotImplementedError

    def processes(self) -> list[psutil.Process]:
        """Return the processes that run the service."""
        raise NotImplementedError

    @property
    def is_packaged(self) -> bool:
        """Return whether API Gateway is in front of the service."""
        return isinstance(self.stack, StackOutputs)

    def cognito(self) -> Any:
        """Return a Cognito client with the rights of the pool's owner."""
        return self.cloud.client("cognito-idp")

    def requests_handled(self) -> int:
        """Return how many requests have reached the service, by its log."""
        return self.read_log().count('"answered"')

    def sign_in(self, *vendorids: str) -> User:
        """Sign up a new user, who is staff of these vendors, and log them in."""
        username, cognito = f"person-{next(_numbers)}-", self.cognito()
        sub = sign_up(cognito, self.stack.user_pool_id, self.stack.client_id, username)
        for vendorid in vendorids:
            staff.add_to_vendor_group(cognito, self.stack.user_pool_id, vendorid, username)
        tokens = log_in(cognito, self.stack.client_id, username)
        self.secrets |= {username, sub, tokens["IdToken"]}
        return User(username, sub, tokens["IdToken"])

    def request(
        self,
        method: str,
        path: str,
        user: User | str | None = None,
        body: Any = None,
        headers: Any = None,
        **query: str | None,
    ) -> requests.Response:
        """Send a request without normalizing its path. Fail if the response reveals a secret.

        `user` may be a token. A body that is not bytes is sent as JSON. None values are left out.
        """
        all_headers: dict[str, Any] = {} if body is None else {"Content-Type": "application/json"}
        if user is not None:
            token = user if isinstance(user, str) else user.id_token
            all_headers["Authorization"] = token.encode()
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        all_headers |= headers or {}
        request = requests.Request(method, self.api_url, headers=all_headers, data=body)
        prepared = self._http.prepare_request(request)
        prepared.url = f"{self.api_url}{path}"  # not normalized
        if values := {name: value for name, value in query.items() if value is not None}:
            prepared.url += f"?{urlencode(values)}"
        response = self._http.send(prepared, timeout=60, allow_redirects=False)
        self.requests_sent += 1
        self.expect_no_secret(f"{response.headers}{response.text}")
        return response

    def succeed(self, method: str, path: str, user: User, body: Any, **query: str) -> Any:
        """Send a request that must succeed; return the body of its response."""
        response = self.request(method, path, user, body, **query)
        expect_status(response, 200, 201)
        return response.json()

    def expect_no_secret(self, text: str) -> None:
        """Fail if a text contains a token, a password, a user, or a sign of the service's code."""
        text = text.replace("\\", "")  # quotes inside JSON
        leaks = [sign for sign in _INTERNALS if sign in text]
        leaks += ["a secret" for secret in self.secrets if secret in text]
        assert not leaks, f"{self.name} leaks {leaks}"

    def expect_safe_log(self) -> int:
        """Fail if the log has a secret or an error. Return the number of its lines."""
        log = self.read_log()
        self.expect_no_secret(log)
        assert '"level":"ERROR"' not in log
        return len(log.splitlines())


class LocalTarget(Target):
    """The service of `make run`."""

    def __init__(self, service: Service) -> None:
        super().__init__("make run", service.stack, service.stack.api_url, service.cloud)
        self._service = service

    def read_log(self) -> str:
        return self._service.log.read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        process = psutil.Process(self._service.process.pid)
        return [process, *process.children(recursive=True)]


def expect_status(response: requests.Response, *statuses: int) -> None:
    """Fail with the request and the body of the response if its status is another one."""
    request = response.request
    assert response.status_code in statuses, (
        f"{request.method} {urlsplit(request.url or '').path} got {response.status_code},"
        f" not {statuses}: {response.text[:1000]}"
    )
