"""The message and the exit code of `coffee` for each error."""

import pytest

from coffee_client import AccountError, OrderError
from coffee_client.cli.errors import CommandError, account_errors, describe_error

_TOO_MANY = "Too many attempts. Wait a while, then try again"
_USERNAME_RULE = (
    "The user name must have 1 to 128 characters: "
    "letters, digits, symbols and punctuation, but no blanks"
)
_EMAIL_AS_NAME = (
    "Username cannot be of email format, since user pool is configured for email alias."
)


def describe_account_error(code: str, message: str, username: str = "Ann") -> tuple[str, int]:
    """Return the message and the exit code for an error of Cognito."""
    with pytest.raises(CommandError) as error, account_errors(username):
        raise AccountError(f"{code}Exception", message)
    return describe_error(error.value)


@pytest.mark.parametrize(
    ("code", "message", "description"),
    [
        ("ExpiredCode", "x", "That code has expired. Get a new one: coffee resend Ann"),
        (
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            "That password is too weak. Password not long enough",
        ),
        ("LimitExceeded", "x", _TOO_MANY),
        ("CodeDeliveryFailure", "x", "The mail could not be sent. Is the address right?"),
        (
            "ResourceNotFound",
            "x",
            "Cognito does not know this app client. Run: coffee configure",
        ),
        ("SomethingNew", "A message of Cognito", "A message of Cognito"),
    ],
)
def test_cognito_error_has_advice(code: str, message: str, description: str) -> None:
    assert describe_account_error(code, message) == (description, 1)


@pytest.mark.parametrize(
    ("message", "description"),
    [
        ("Password attempts exceeded", _TOO_MANY),
        ("Refresh Token has been revoked", "The login has expired. Run: coffee login Ann"),
        ("User is disabled.", "User is disabled."),
    ],
)
def test_rejected_login_is_explained(message: str, description: str) -> None:
    assert describe_account_error("NotAuthorized", message) == (description, 3)


@pytest.mark.parametrize(
    ("message", "description"),
    [
        (
            "1 validation error detected: Value at 'username' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+",
            _USERNAME_RULE,
        ),
        (
            r"2 validation errors detected: Value at 'password' failed to satisfy constraint: x; "
            "Value at 'username' failed to satisfy constraint: x",
            "The password must have 1 to 256 characters, without blanks",
        ),
        (
            r"Value 'a b' at 'confirmationCode' failed to satisfy constraint: pattern: [\S]+",
            "The code must be the digits from the mail, without blanks",
        ),
        (
            r"Value '-' at 'clientId' failed to satisfy constraint: pattern: [\w+]+",
            "The app client's id is not valid. Run: coffee configure",
        ),
        (
            r"Value at 'session' failed to satisfy constraint: pattern: [\S]+",
            "Cognito does not accept the field session",
        ),
        ("Invalid email address format.", "That is not an email address"),
        ("User is already confirmed.", "Ann is confirmed already. Run: coffee login Ann"),
        (_EMAIL_AS_NAME, _EMAIL_AS_NAME),
    ],
)
def test_invalid_parameter_is_explained(message: str, description: str) -> None:
    assert describe_account_error("InvalidParameter", message) == (description, 1)


@pytest.mark.parametrize(
    ("username", "arguments"), [("a b", "'a b'"), ("-x", "-- -x"), ("$(id)", "'$(id)'")]
)
def test_suggested_command_is_quoted(username: str, arguments: str) -> None:
    message, _ = describe_account_error("UserNotConfirmed", "x", username)
    assert message.endswith(f"Run: coffee confirm {arguments}")


@pytest.mark.parametrize(
    ("error", "message", "exit_code"),
    [
        (OrderError(429, "busy"), "The service is busy: busy. Try again later", 6),
        (
            OrderError(502, "Bad gateway"),
            "The service has failed: 502: Bad gateway. Try again later",
            6,
        ),
        (
            AccountError("NotAuthorizedException", "Refresh Token has expired"),
            "The login has expired. Run: coffee login",
            3,
        ),
        (PermissionError(13, "Permission denied", "/etc/x"), "/etc/x: Permission denied", 1),
        (KeyError("x"), "Unexpected error: KeyError: 'x'. To see where, set COFFEE_DEBUG=1", 1),
    ],
)
def test_other_error_has_an_exit_code(error: Exception, message: str, exit_code: int) -> None:
    assert describe_error(error) == (message, exit_code)
