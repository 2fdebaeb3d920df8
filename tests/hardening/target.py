"""A running service under attack: requests, users, and what its answers must never contain."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests

from deploy import staff
from deploy.stack import StackOutputs
from local.emulator import LocalCloud
from local.state import LocalStack
from tests.samples import PASSWORD

_numbers = itertools.count()

# No answer may contain any of these, whatever the request.
_INTERNALS = ("Traceback", '", line ', "site-packages", "botocore", "msgspec", "arn:aws")


@dataclass(frozen=True)
class Person:
    """A signed-in user, with all tokens that Cognito issued."""

    username: str
    sub: str
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass
class Target:
    """A service, reached over HTTP. `secrets` has the tokens and subs of all its users."""

    name: str
    stack: LocalStack | StackOutputs
    api_url: str
    cloud: LocalCloud
    read_log: Callable[[], str]
    secrets: set[str] = field(default_factory=set, repr=False)
    is_packaged: bool = False
    asked: int = 0
    _http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.secrets |= {self.stack.orders_table, PASSWORD}

    def cognito(self) -> Any:
        """Return a Cognito client with the rights of the pool's owner."""
        return self.cloud.client("cognito-idp")

    def routes(self, *, signed_in: bool) -> list[tuple[str, str]]:
        """Return the documented routes that require a token, or those that do not."""
        described = self.ask("GET", "/openapi.json").json()["paths"]
        return [
            (method.upper(), path)
            for path, methods in described.items()
            for method, route in methods.items()
            if ("security" in route) == signed_in
        ]

    def answered(self) -> int:
        """Return how many requests have reached the service, by its log."""
        return self.read_log().count('"answered"')

    def sign_in(self, vendorid: str | None = None) -> Person:
        """Sign up a new user and log them in; with a vendorid, as staff of that shop."""
        username, cognito = f"person{next(_numbers)}", self.cognito()
        cognito.sign_up(
            ClientId=self.stack.client_id,
            Username=username,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
        )
        cognito.admin_confirm_sign_up(UserPoolId=self.stack.user_pool_id, Username=username)
        if vendorid is not None:
            staff.add_to_vendor_group(cognito, self.stack.user_pool_id, vendorid, username)
        tokens = cognito.initiate_auth(
            ClientId=self.stack.client_id,
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": username, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        names = ("IdToken", "AccessToken", "RefreshToken")
        sub = jwt.decode(tokens["IdToken"], options={"verify_signature": False})["sub"]
        person = Person(username, sub, *(tokens[name] for name in names))
        self.secrets |= {sub, *(tokens[name] for name in names)}
        return person

    def ask(
        self,
        method: str,
        path: str,
        who: Person | str | None = None,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str | bytes] = {},
    ) -> requests.Response:
        """Send a request without normalizing its path. Fail if the answer tells a secret."""
        sent = dict(headers)
        if who is not None:
            token = who if isinstance(who, str) else who.id_token
            sent["Authorization"] = token.encode()
        request = requests.Request(method, self.api_url, headers=sent, data=body)
        prepared = self._http.prepare_request(request)
        prepared.url = self.api_url + path  # not normalized
        answer = self._http.send(prepared, timeout=30, allow_redirects=False)
        self.asked += 1
        self.expect_no_secret(f"{answer.headers}{answer.text}")
        return answer

    def expect_no_secret(self, text: str) -> None:
        """Fail if a text contains a token, a password, a sub, or a sign of the service's code."""
        text = text.replace("\\", "")  # quotes inside JSON
        found = [sign for sign in _INTERNALS if sign in text]
        found += ["a secret" for secret in self.secrets if secret in text]
        assert not found, f"{self.name} tells {found}"

    def expect_safe_log(self) -> int:
        """Fail if the log tells a secret or has an error; return the number of its lines."""
        log = self.read_log()
        self.expect_no_secret(log)
        assert '"level":"ERROR"' not in log
        return len(log.splitlines())
