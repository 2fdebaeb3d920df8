"""A customer's account with Amazon Cognito: sign up, confirm, log in, stay logged in.

Each request is an unsigned POST, which needs no AWS account and no AWS SDK.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from coffee_client.arguments import check_region, encode_json
from coffee_client.connection import Connection, response_errors
from coffee_client.errors import AccountError, SettingsError, UnreachableError

_COGNITO = "Cognito"
_OK, _SERVER_ERROR = 200, 500
# A token that expires within these seconds could be expired when a request arrives.
_STALE_BEFORE_EXPIRY = 60.0


@dataclass(frozen=True)
class SignUp:
    """A new account. `code_sent_to` is the address, partly masked, that the code was mailed to."""

    sub: str  # Cognito's permanent id of the user
    confirmed: bool
    code_sent_to: str | None


@dataclass(frozen=True)
class Tokens:
    """The tokens of a login. They give access to the account, so no repr shows them.

    Raises ValueError or TypeError if they are not tokens.
    """

    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    stale_at: float  # seconds since 1970

    def __post_init__(self) -> None:
        for token in (self.id_token, self.refresh_token):
            if not isinstance(token, str) or not (token.isascii() and token.isprintable()):
                raise ValueError("not a token")
        if not isfinite(self.stale_at):
            raise ValueError("not a time")


class Accounts:
    """Accounts of one app client of a Cognito user pool.

    `endpoint_url` is for a Cognito that is not on AWS. The constructor raises SettingsError if the
    region or the address is not valid. Every method raises AccountError if Cognito rejects the
    request, and UnreachableError if it does not answer.
    """

    def __init__(self, client_id: str, *, region: str, endpoint_url: str | None = None) -> None:
        try:
            default_url = f"https://cognito-idp.{check_region(region)}.amazonaws.com"
        except ValueError as error:
            raise SettingsError(f"The region {error}") from None
        self._client_id = client_id
        self._connection = Connection(endpoint_url or default_url, _COGNITO)

    @response_errors(_COGNITO)
    def sign_up(self, username: str, password: str, *, email: str) -> SignUp:
        """Create an account. Cognito mails a code that confirms the address."""
        user = {"Username": username, "Password": password}
        attributes = [{"Name": "email", "Value": email}]
        response = self._call("SignUp", **user, UserAttributes=attributes)
        return SignUp(response["UserSub"], response["UserConfirmed"], _destination(response))

    def confirm(self, username: str, code: str) -> None:
        """Confirm an account with the code from the mail."""
        self._call("ConfirmSignUp", Username=username, ConfirmationCode=code)

    @response_errors(_COGNITO)
    def log_in(self, username: str, password: str) -> "Session":
        """Log a confirmed customer in."""
        result = self._authenticate("USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=password)
        return Session(self, _tokens(result, result["RefreshToken"]))

    @response_errors(_COGNITO)
    def resend(self, username: str) -> str | None:
        """Mail a new confirmation code. Return the address, partly masked."""
        return _destination(self._call("ResendConfirmationCode", Username=username))

    def log_out(self, session: "Session") -> None:
        """End a login by revoking its refresh token."""
        self._call("RevokeToken", Token=session.tokens.refresh_token)

    @response_errors(_COGNITO)
    def refresh(self, tokens: Tokens) -> Tokens:
        """Return the tokens with a new IdToken."""
        result = self._authenticate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens.refresh_token)
        return _tokens(result, tokens.refresh_token)

    def _authenticate(self, flow: str, **parameters: str) -> Mapping[str, Any]:
        response = self._call("InitiateAuth", AuthFlow=flow, AuthParameters=parameters)
        if challenge := response.get("ChallengeName"):
            raise AccountError(str(challenge), f"Cognito asks for {challenge} first")
        return dict(response["AuthenticationResult"])

    @response_errors(_COGNITO)
    def _call(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        headers = {
            "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
        }
        body = encode_json({"ClientId": self._client_id, **parameters})
        response = self._connection.send("POST", "", headers=headers, data=body)
        content = dict(response.json() if response.body else {})
        if response.status == _OK:  # another server may redirect
            return content
        code = content["__type"].rpartition("#")[2]  # a # ends a namespace
        message = str(content.get("message") or code)
        if response.status >= _SERVER_ERROR:
            raise UnreachableError(f"{_COGNITO} is not available: {message}")
        raise AccountError(code, message)


class Session:
    """A customer who is logged in. Threads may share one.

    To keep a login, store its `tokens` where only the user can read them, and create a Session
    from them later. `on_refresh` is called with the new tokens after each refresh.
    """

    def __init__(
        self,
        accounts: Accounts,
        tokens: Tokens,
        on_refresh: Callable[[Tokens], None] = lambda _: None,
    ) -> None:
        self.tokens = tokens
        self._accounts = accounts
        self._on_refresh = on_refresh
        self._lock = threading.Lock()

    def id_token(self, *, rejected: str | None = None) -> str:
        """Return an IdToken that is valid for at least a minute; fetch a new one if necessary.

        `rejected` is a token that the service did not accept: the result is another one. Raises
        AccountError if the login has expired, which it does after 30 days.
        """
        with self._lock:  # one thread fetches the token for all
            if self.tokens.stale_at <= time.time() or self.tokens.id_token == rejected:
                self.tokens = self._accounts.refresh(self.tokens)
                self._on_refresh(self.tokens)
            return self.tokens.id_token


def _destination(response: Mapping[str, Any]) -> str | None:
    # Cognito masks the address, as in a***@e***. One without any letter says nothing.
    address = str(response.get("CodeDeliveryDetails", {}).get("Destination") or "")
    return address if any(map(str.isalnum, address)) else None


def _tokens(result: Mapping[str, Any], refresh_token: str) -> Tokens:
    lifetime = result["ExpiresIn"] - _STALE_BEFORE_EXPIRY
    return Tokens(result["IdToken"], refresh_token, time.time() + lifetime)
