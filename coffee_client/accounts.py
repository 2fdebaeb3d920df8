"""A customer's account with Amazon Cognito: sign up, confirm, log in, stay logged in.

Passwords and tokens pass through and are never printed: a Session shows none in its repr.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from coffee_client.errors import AccountError, UnreachableError

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_cognito_idp.type_defs import AuthenticationResultTypeTypeDef

# A token that ends this soon could be expired by the time a request arrives.
_STALE_BEFORE_EXPIRY = 60.0  # seconds


@dataclass(frozen=True)
class SignUp:
    """A new account: Cognito's lasting id for it, and where the code to confirm it went."""

    sub: str
    confirmed: bool
    code_sent_to: str | None


@dataclass(frozen=True)
class Tokens:
    """What a login is made of. Whoever has them is the customer, so they never show in a repr."""

    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    stale_at: float  # seconds since 1970


class Accounts:
    """The sign-up desk: one app client of a Cognito user pool.

    `endpoint_url` is for a Cognito that is not AWS's. Every method raises AccountError where
    Cognito refuses and UnreachableError where it does not answer.
    """

    def __init__(self, client_id: str, *, region: str, endpoint_url: str | None = None) -> None:
        self._client_id = client_id
        self._cognito: CognitoIdentityProviderClient = boto3.client(
            "cognito-idp",
            region_name=region,
            endpoint_url=endpoint_url,
            # A customer has no AWS credentials, and these calls need none.
            config=Config(
                signature_version=UNSIGNED,
                connect_timeout=5,
                read_timeout=15,
                # Somebody waits: two more tries, not the four over many seconds of the SDK's own.
                retries={"mode": "standard"},
            ),
        )

    def sign_up(self, username: str, password: str, *, email: str) -> SignUp:
        """Create an account; Cognito mails a code that confirms the address."""
        with _cognito_errors():
            answer = self._cognito.sign_up(
                ClientId=self._client_id,
                Username=username,
                Password=password,
                UserAttributes=[{"Name": "email", "Value": email}],
            )
        delivery = answer.get("CodeDeliveryDetails", {})
        return SignUp(answer["UserSub"], answer["UserConfirmed"], delivery.get("Destination"))

    def confirm(self, username: str, code: str) -> None:
        """Confirm an account with the code from the mail."""
        with _cognito_errors():
            self._cognito.confirm_sign_up(
                ClientId=self._client_id, Username=username, ConfirmationCode=code
            )

    def log_in(self, username: str, password: str) -> "Session":
        """Log a confirmed customer in."""
        with _cognito_errors():
            answer = self._cognito.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": username, "PASSWORD": password},
            )
        if "AuthenticationResult" not in answer:
            challenge = answer["ChallengeName"]
            raise AccountError(challenge, f"Cognito asks for {challenge} first")
        result = answer["AuthenticationResult"]
        return Session(self, _tokens(result, result["RefreshToken"]))

    def resend(self, username: str) -> str | None:
        """Mail a new code; return where it went."""
        with _cognito_errors():
            answer = self._cognito.resend_confirmation_code(
                ClientId=self._client_id, Username=username
            )
        return answer.get("CodeDeliveryDetails", {}).get("Destination")

    def forgot_password(self, username: str) -> str | None:
        """Mail a code that allows a new password; return where it went.

        Cognito answers the same, and mails nothing, where there is no such user.
        """
        with _cognito_errors():
            answer = self._cognito.forgot_password(ClientId=self._client_id, Username=username)
        return answer.get("CodeDeliveryDetails", {}).get("Destination")

    def reset_password(self, username: str, code: str, password: str) -> None:
        """Set a new password, with the code from the mail."""
        with _cognito_errors():
            self._cognito.confirm_forgot_password(
                ClientId=self._client_id,
                Username=username,
                ConfirmationCode=code,
                Password=password,
            )

    def log_out(self, session: "Session") -> None:
        """End a login: from now on its refresh token is worth nothing."""
        with _cognito_errors():
            self._cognito.revoke_token(ClientId=self._client_id, Token=session.tokens.refresh_token)

    def refreshed(self, tokens: Tokens) -> Tokens:
        """Return the same login with a new IdToken."""
        with _cognito_errors():
            result = self._cognito.initiate_auth(
                ClientId=self._client_id,
                AuthFlow="REFRESH_TOKEN_AUTH",
                AuthParameters={"REFRESH_TOKEN": tokens.refresh_token},
            )["AuthenticationResult"]
        return _tokens(result, tokens.refresh_token)


class Session:
    """A customer who is logged in. Any number of threads may share one.

    To keep a login, keep its `tokens` where only their owner can read them, and make a Session
    of them later; `on_refresh` is told of each new ones.
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

    @property
    def expires_in(self) -> float:
        """For how many seconds the present IdToken is used before a new one is fetched."""
        return self.tokens.stale_at - time.time()

    def id_token(self) -> str:
        """Return an IdToken that is good for a minute or more, a new one if need be.

        Raises AccountError when the login has lapsed (after 30 days): log in again.
        """
        with self._lock:  # of two threads with a stale token, one fetches for both
            if self.expires_in <= 0:
                self.tokens = self._accounts.refreshed(self.tokens)
                self._on_refresh(self.tokens)
            return self.tokens.id_token


def _tokens(result: "AuthenticationResultTypeTypeDef", refresh_token: str) -> Tokens:
    lifetime = result["ExpiresIn"] - _STALE_BEFORE_EXPIRY
    return Tokens(result["IdToken"], refresh_token, time.time() + lifetime)


@contextmanager
def _cognito_errors() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]
        raise AccountError(said["Code"], said["Message"]) from None
    except BotoCoreError as error:
        raise UnreachableError(f"Cognito can't be reached: {error}") from None
