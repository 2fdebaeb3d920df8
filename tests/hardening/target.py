"""A running service to attack: how to ask it, who signs in to it, and what it must never tell."""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
import requests

from deploy import staff
from local.emulator import LocalCloud
from tests.samples import PASSWORD

_numbers = itertools.count()

# Signs of the inside. No answer has any of them, whatever was asked.
_INSIDES = ("Traceback", '", line ', "site-packages", "botocore", "msgspec", "arn:aws")


@dataclass(frozen=True)
class Person:
    """Somebody who is signed in, with all that Cognito gave them."""

    username: str
    sub: str
    id_token: str = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)


@dataclass
class Target:
    """A service, over real HTTP. `secrets` grows with everybody who signs in."""

    name: str
    api_url: str
    cloud: LocalCloud
    pool_id: str
    client_id: str
    table: str
    read_log: Callable[[], str]
    secrets: set[str] = field(default_factory=set, repr=False)
    is_packaged: bool = False
    asked: int = 0
    _http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.secrets |= {self.table, PASSWORD}

    def cognito(self) -> Any:
        """Return a client to Cognito, as the pool's owner."""
        return self.cloud.client("cognito-idp")

    def routes(self, *, signed_in: bool) -> list[tuple[str, str]]:
        """Return the routes that ask for a token, or those that do not, as the service says."""
        described = self.ask("GET", "/openapi.json").json()["paths"]
        return [
            (method.upper(), path)
            for path, methods in described.items()
            for method, route in methods.items()
            if ("security" in route) == signed_in
        ]

    def answered(self) -> int:
        """Return how many requests the service itself has logged."""
        return self.read_log().count('"answered"')

    def sign_in(self, vendorid: str | None = None) -> Person:
        """Sign somebody new up and in; with a vendorid, as staff of that shop."""
        username, cognito = f"person{next(_numbers)}", self.cognito()
        cognito.sign_up(
            ClientId=self.client_id,
            Username=username,
            Password=PASSWORD,
            UserAttributes=[{"Name": "email", "Value": f"{username}@example.com"}],
        )
        cognito.admin_confirm_sign_up(UserPoolId=self.pool_id, Username=username)
        if vendorid is not None:
            staff.add_to_vendor_group(cognito, self.pool_id, vendorid, username)
        tokens = cognito.initiate_auth(
            ClientId=self.client_id,
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
        """Send a request just as it is written; expect no secret in the answer."""
        sent = dict(headers)
        if who is not None:
            token = who if isinstance(who, str) else who.id_token
            sent["Authorization"] = token.encode()
        request = requests.Request(method, self.api_url, headers=sent, data=body)
        prepared = self._http.prepare_request(request)
        prepared.url = self.api_url + path  # as it is: nothing of it is put in order
        answer = self._http.send(prepared, timeout=30, allow_redirects=False)
        self.asked += 1
        self.expect_no_secret(f"{answer.headers}{answer.text}")
        return answer

    def expect_no_secret(self, told: str, insides: tuple[str, ...] = _INSIDES) -> None:
        """Fail if a text has a token, a password, somebody's sub, or a sign of the inside."""
        told = told.replace("\\", "")  # quotes inside JSON
        found = [sign for sign in insides if sign in told]
        found += ["a secret" for secret in self.secrets if secret in told]
        assert not found, f"{self.name} tells {found}"
