"""The message and the exit code for each error of a command."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import click

from coffee_client import errors
from coffee_client.cli import INTERRUPTED
from coffee_client.text import shell_command

# Exit codes, for scripts. click itself uses 2.
FAILED, USAGE, SET_UP_FIRST, NOT_FOUND, CONFLICT, UNREACHABLE = 1, 2, 3, 4, 5, 6

_EXIT_CODES = {401: SET_UP_FIRST, 404: NOT_FOUND, 409: CONFLICT, 412: CONFLICT}
_SERVER_ERROR = 500
_BUSY = (429, 503)

# What to do about an error of Cognito: its code, a part of its message, and a template. The first
# that matches is used; other errors have Cognito's own message. Its messages for invalid fields are
# regular expressions, so these have the rules of its API reference.
_COGNITO_ERRORS = (
    ("UsernameExists", "", "The name {user} is taken. Choose another one, or run: {login}"),
    ("CodeMismatch", "", "That code is wrong. Check the mail, or get a new one: {resend}"),
    ("ExpiredCode", "", "That code has expired. Get a new one: {resend}"),
    ("UserNotConfirmed", "", "{user} is not confirmed yet. Run: {confirm}"),
    ("InvalidPassword", "", "That password is too weak. {message}"),
    ("NotAuthorized", "token", "The login has expired. Run: {login}"),
    ("NotAuthorized", "attempts", "Too many attempts. Wait a while, then try again"),
    ("NotAuthorized", "incorrect username", "Wrong user name or password"),
    ("", "confirmed", "{user} is confirmed already. Run: {login}"),
    ("", "'password' failed", "The password must have 1 to 256 characters, without blanks"),
    ("", "'username' failed", "The user name must have 1 to 128 characters, without blanks"),
    ("", "'confirmationcode' failed", "The code must be the digits from the mail"),
)
# Where a field of a request is on the command line.
_ARGUMENTS = {
    "accountid": "ACCOUNTID",
    "vendorid": "VENDORID",
    "coffeetype": "COFFEE",
    "coffeesize": "--size",
    "unitprice": "--price",
    "quantity": "--quantity",
    "note": "--note",
    "soldout": "COFFEE",
    "Username": "USERNAME",
    "UserAttributes[0].Value": "--email",
    "ConfirmationCode": "CODE",
}
# As in: order.details.quantity: must be a whole number from 1 to 1000
_FIELD = re.compile(r"^(?:order\.(?:details\.)?|shop\.|AuthParameters\.)?([\w.\[\]]+): ")


class CommandError(click.ClickException):
    """Ends a command with a message of one line and an exit code."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]


@contextmanager
def account_errors(username: str) -> Iterator[None]:
    """Convert an AccountError to a CommandError that suggests a command with the user name."""
    try:
        yield
    except errors.AccountError as error:
        raise CommandError(*_describe_account_error(error, username)) from error


def describe_error(error: BaseException) -> tuple[str, int]:
    """Return the message and the exit code for an error."""
    message, exit_code = str(error), FAILED
    if isinstance(error, errors.ArgumentError):
        message, exit_code = name_argument(message), USAGE
    elif isinstance(error, errors.AccountError):
        message, exit_code = _describe_account_error(error, None)
    elif isinstance(error, errors.OrderError):
        message, exit_code = _describe_order_error(error)
    elif isinstance(error, errors.SettingsError):
        exit_code = SET_UP_FIRST
    elif isinstance(error, errors.UnreachableError):
        message, exit_code = f"{message}. Check the network and `coffee configure`", UNREACHABLE
    elif isinstance(error, click.ClickException):
        message, exit_code = _describe_click_error(error), error.exit_code
    elif isinstance(error, KeyboardInterrupt | click.Abort):  # or the end of input at a prompt
        message, exit_code = "Stopped", INTERRUPTED
    elif isinstance(error, UnicodeDecodeError):
        message, exit_code = "The input is not valid text", USAGE
    elif isinstance(error, OSError):
        message = f"{error.filename or 'The output'}: {error.strerror or error}"
    else:
        message = f"Unexpected error: {error!r}. To see where, set COFFEE_DEBUG=1"
    return message, exit_code


def _describe_order_error(error: errors.OrderError) -> tuple[str, int]:
    if error.status in _BUSY:
        when = f"in {error.retry_after:.0f} s" if error.retry_after else "later"
        return f"The service is busy: {error.message}. Try again {when}", UNREACHABLE
    if error.status >= _SERVER_ERROR:
        return f"The service has failed: {error}. Try again later", UNREACHABLE
    exit_code = _EXIT_CODES.get(error.status, FAILED)
    if exit_code == SET_UP_FIRST:
        return "The service does not accept this login. Run: coffee login", exit_code
    return name_argument(error.message), exit_code


def name_argument(message: str) -> str:
    """Replace the field at the beginning of a message by its name on the command line."""
    message = _FIELD.sub(lambda field: f"{_ARGUMENTS.get(field[1], field[1])}: ", message)
    return re.sub(r"^(\S+): (?=is |must )", r"\1 ", message)  # the name is its subject


def _describe_click_error(error: click.ClickException) -> str:
    message = error.format_message().replace("'[STATUS]'", "'STATUS'")  # it may be left out
    if isinstance(error, click.UsageError) and error.ctx:
        end = "" if message.endswith((".", "?")) else "."
        message += f"{end} See: {error.ctx.command_path} --help"
    return message


def _describe_account_error(error: errors.AccountError, username: str | None) -> tuple[str, int]:
    message = str(error).replace("Password did not conform with policy: ", "")
    arguments = [] if username is None else [username]
    commands = ("login", "confirm", "resend")
    texts = {name: shell_command(f"coffee {name}", *arguments) for name in commands}
    for code, part, template in _COGNITO_ERRORS:
        if error.code.startswith(code) and part in message.lower():
            message = template.format(user=username or "The user", message=message, **texts)
            break
    return message, SET_UP_FIRST if error.code == "NotAuthorizedException" else FAILED
