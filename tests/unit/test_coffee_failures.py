"""The message of `coffee` for each error, and its exit code."""

import pytest

from coffee_client import AccountError, OrderError, SettingsError, UnreachableError
from coffee_client.cli.failures import Failure, account_of, explain

_INVALID_NAME = (
    "The user name must have 1 to 128 characters: "
    "letters, digits, symbols and punctuation, but no blanks"
)


def explained(error: Exception, username: str = "Ann", new_code: str = "resend") -> tuple[str, int]:
    """Return the line for an error about this user's account, and the exit code."""
    with pytest.raises(Failure) as failure, account_of(username, new_code=new_code):
        raise error
    return explain(failure.value)


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        (
            "UsernameExists",
            "User already exists",
            "The name Ann is taken. Choose another one, or run: coffee login Ann",
        ),
        (
            "CodeMismatch",
            "Invalid verification code provided, please try again.",
            "That code is wrong. Check the mail, or get a new one: coffee resend Ann",
        ),
        (
            "ExpiredCode",
            "Invalid code provided, please request a code again.",
            "That code has expired. Get a new one: coffee resend Ann",
        ),
        (
            "UserNotConfirmed",
            "User is not confirmed.",
            "Ann is not confirmed yet. Run: coffee confirm Ann",
        ),
        (
            "InvalidPassword",
            "Password did not conform with policy: Password not long enough",
            "That password is too weak. Password not long enough",
        ),
        (
            "LimitExceeded",
            "Attempt limit exceeded, please try after some time.",
            "Too many attempts. Wait a while, then try again",
        ),
        (
            "CodeDeliveryFailure",
            "no mail",
            "The mail could not be sent. Is the address right?",
        ),
        (
            "ResourceNotFound",
            "No such client",
            "Cognito does not know this app client. Run: coffee configure",
        ),
        ("SomethingNew", "A message of Cognito", "A message of Cognito"),
    ],
)
def test_errors_of_cognito(code: str, message: str, line: str) -> None:
    assert explained(AccountError(f"{code}Exception", message)) == (line, 1)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("Password attempts exceeded", "Too many attempts. Wait a while, then try again"),
        ("Incorrect username or password.", "Wrong user name or password"),
        ("Refresh Token has been revoked", "The login has expired. Run: coffee login Ann"),
        (
            "User cannot be confirmed. Current status is CONFIRMED",
            "Ann is confirmed already. Run: coffee login Ann",
        ),
        ("User is disabled.", "User is disabled."),
    ],
)
def test_rejected_logins(message: str, line: str) -> None:
    assert explained(AccountError("NotAuthorizedException", message)) == (line, 3)


_EMAIL_AS_NAME = (
    "Username cannot be of email format, since user pool is configured for email alias."
)


@pytest.mark.parametrize(
    ("message", "line"),
    [
        (
            "1 validation error detected: Value at 'username' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}]+",
            _INVALID_NAME,
        ),
        (
            "1 validation error detected: Value at 'username' failed to satisfy constraint: "
            "Member must have length less than or equal to 128",
            _INVALID_NAME,
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
        (
            "Cannot reset password for the user as there is no registered/verified email or "
            "phone_number",
            "Ann has no confirmed address to mail a code to. "
            "If the account is new, run: coffee confirm Ann",
        ),
        (_EMAIL_AS_NAME, _EMAIL_AS_NAME),
    ],
)
def test_invalid_parameters(message: str, line: str) -> None:
    """The message of Cognito would show a regular expression."""
    assert explained(AccountError("InvalidParameterException", message)) == (line, 1)


def test_wrong_code_for_a_new_password() -> None:
    line, _ = explained(AccountError("CodeMismatchException", "wrong"), new_code="forgot")
    assert line.endswith("coffee forgot Ann")


@pytest.mark.parametrize(
    ("username", "command"),
    [
        ("a b", "coffee confirm 'a b'"),
        ("-x", "coffee confirm -- -x"),
        ("$(id)", "coffee confirm '$(id)'"),
    ],
)
def test_suggested_command_is_quoted(username: str, command: str) -> None:
    line, _ = explained(AccountError("UserNotConfirmedException", "x"), username)
    assert line.endswith(f"Run: {command}")


@pytest.mark.parametrize(
    ("error", "line", "exit_code"),
    [
        (OrderError(404, "There is no order at this key"), "There is no order at this key", 4),
        (OrderError(409, "The order is ready"), "The order is ready", 5),
        (OrderError(412, "The menu has changed"), "The menu has changed", 5),
        (OrderError(403, "Only staff may"), "Only staff may", 1),
        (
            OrderError(401, "Unauthorized"),
            "The service does not accept this login. Run: coffee login",
            3,
        ),
        (
            OrderError(503, "busy", retry_after=3600),
            "The service is busy: busy. Try again in 3600 s",
            6,
        ),
        (OrderError(429, "busy"), "The service is busy: busy. Try again later", 6),
        (
            OrderError(502, "Bad gateway"),
            "The service has failed: 502: Bad gateway. Try again later",
            6,
        ),
        (
            UnreachableError("http://x can't be reached"),
            "http://x can't be reached. Check the network and `coffee configure`",
            6,
        ),
        (
            SettingsError("Nobody is logged in. Run: coffee login"),
            "Nobody is logged in. Run: coffee login",
            3,
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
def test_other_errors(error: Exception, line: str, exit_code: int) -> None:
    assert explain(error) == (line, exit_code)
