"""One line and an exit code for each failure: what went wrong, and what to do."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

from coffee_client.errors import (
    AccountError,
    CoffeeError,
    OrderError,
    SettingsError,
    UnreachableError,
)
from coffee_client.text import shell_command

# Exit codes, for scripts. click itself uses 2.
FAILED, USAGE, SET_UP_FIRST, NOT_FOUND, CONFLICT, UNREACHABLE, INTERRUPTED = 1, 2, 3, 4, 5, 6, 130

_EXIT_CODES = {401: SET_UP_FIRST, 404: NOT_FOUND, 409: CONFLICT, 412: CONFLICT, 429: UNREACHABLE}
_SERVER_ERROR = 500
_BUSY = (429, 503)

_TOO_MANY = "Too many attempts. Wait a while, then try again"
_ACCOUNT = {
    "UsernameExistsException": "The name {user} is taken. Choose another one, or run: {login}",
    "CodeMismatchException": "That code is wrong. Check the mail, or get a new one: {new_code}",
    "ExpiredCodeException": "That code has expired. Get a new one: {new_code}",
    "UserNotConfirmedException": "{user} is not confirmed yet. Run: {confirm}",
    "UserNotFoundException": "There is no user {user}. Run: {signup}",
    "InvalidPasswordException": "That password is too weak. {message}",
    "LimitExceededException": _TOO_MANY,
    "TooManyRequestsException": _TOO_MANY,
    "TooManyFailedAttemptsException": _TOO_MANY,
    "CodeDeliveryFailureException": "The mail could not be sent. Is the address right?",
    "ResourceNotFoundException": "Cognito does not know this app client. Run: coffee configure",
    "PasswordResetRequiredException": "{user} needs a new password. Run: {forgot}",
}
# Cognito uses NotAuthorizedException and InvalidParameterException for many reasons, which only the
# text of its message tells apart. The first match counts.
_BY_WORDS = {
    "NotAuthorizedException": {
        "token": "The login has expired. Run: {login}",  # nosec B105 - a message
        "current status is confirmed": "{user} is confirmed already. Run: {login}",
        "attempts": _TOO_MANY,
        "incorrect username or password": "Wrong user name or password",
    },
    "InvalidParameterException": {
        "already confirmed": "{user} is confirmed already. Run: {login}",
        "no registered/verified email": "{user} has no confirmed address to mail a code to. "
        "If the account is new, run: {confirm}",
        "email address format": "That is not an email address",
    },
}
# The rules of Cognito's API reference, whose error messages show a regular expression.
_FIELD_RULES = {
    "username": "The user name must have 1 to 128 characters: "
    "letters, digits, symbols and punctuation, but no blanks",
    "password": "The password must have 1 to 256 characters, without blanks",  # nosec B105 - a message
    "confirmationCode": "The code must be the digits from the mail, without blanks",
    "clientId": "The app client's id is not valid. Run: coffee configure",
}
# As in: 1 validation error detected: Value at 'username' failed to satisfy constraint: ...
_INVALID_FIELD = re.compile(r"\bat '(\w+)' failed to satisfy constraint")


class Failure(Exception):  # noqa: N818
    """A command cannot go on: one line that says why and what to do, and the exit code."""

    def __init__(self, line: str, exit_code: int) -> None:
        super().__init__(line)
        self.line = line
        self.exit_code = exit_code


@contextmanager
def account_of(username: str, *, new_code: str = "resend") -> Iterator[None]:
    """Name the user in the advice if Cognito rejects a request.

    `new_code` is the command that mails the user another code.
    """
    try:
        yield
    except AccountError as error:
        raise Failure(*_about_account(error, username, new_code)) from error


def explain(error: Exception) -> tuple[str, int]:
    """Return a line that says what went wrong and what to do, and the exit code."""
    if isinstance(error, Failure):
        return error.line, error.exit_code
    if isinstance(error, AccountError):
        return _about_account(error, None, "resend")
    if isinstance(error, OrderError):
        return _about_order(error)
    if isinstance(error, click.ClickException):
        return _about_command_line(error), error.exit_code
    return _about_others(error)


def _about_order(error: OrderError) -> tuple[str, int]:
    if error.status in _BUSY:
        when = f"in {error.retry_after:.0f} s" if error.retry_after else "later"
        return f"The service is busy: {error.message}. Try again {when}", UNREACHABLE
    if error.status >= _SERVER_ERROR:
        return f"The service has failed: {error}. Try again later", UNREACHABLE
    exit_code = _EXIT_CODES.get(error.status, FAILED)
    if exit_code == SET_UP_FIRST:
        return "The service does not accept this login. Run: coffee login", exit_code
    return error.message, exit_code


def _about_command_line(error: click.ClickException) -> str:
    line = error.format_message().rstrip(".")
    if isinstance(error, click.UsageError) and error.ctx:
        line += f". See: {error.ctx.command_path} --help"
    return line


def _about_others(error: Exception) -> tuple[str, int]:
    line, exit_code = str(error), FAILED
    if isinstance(error, UnreachableError):
        line, exit_code = f"{error}. Check the network and `coffee configure`", UNREACHABLE
    elif isinstance(error, SettingsError):
        exit_code = SET_UP_FIRST
    elif isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        line = f"{where}{error.strerror or error}"
    elif not isinstance(error, CoffeeError):
        kind = type(error).__name__
        line = f"Unexpected error: {kind}: {error}. To see where, set COFFEE_DEBUG=1"
    return line, exit_code


def _about_account(error: AccountError, user: str | None, new_code: str) -> tuple[str, int]:
    message = str(error).replace("Password did not conform with policy: ", "")
    by_words = _BY_WORDS.get(error.code, {}).items()
    line = _ACCOUNT.get(error.code) or next(
        (line for words, line in by_words if words in message.lower()), None
    )
    if line is None and (field := _INVALID_FIELD.search(message)):
        line = _FIELD_RULES.get(field[1], f"Cognito does not accept the field {field[1]}")
    words = [] if user is None else [user]
    names = {name: name for name in ("login", "confirm", "signup", "forgot")}
    commands = {
        name: shell_command(f"coffee {command}", *words)
        for name, command in {**names, "new_code": new_code}.items()
    }
    text = line.format(user=user or "The user", message=message, **commands) if line else message
    return text, SET_UP_FIRST if error.code == "NotAuthorizedException" else FAILED
