"""The commands of `coffee` for the service's address and the user's account."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from coffee_client.accounts import claims_of
from coffee_client.cli import config, output
from coffee_client.cli.command import as_json, command, next_command
from coffee_client.cli.errors import USAGE, CommandError, account_errors
from coffee_client.errors import SettingsError
from coffee_client.settings import VALIDATORS, Settings, find_stack
from coffee_client.text import printable

_username = click.argument("username")
_code = click.argument("code", required=False)
_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


def _setting_option(flag: str, text: str) -> Callable[[Any], Any]:
    """Return an option with a help text that validates a setting."""

    def validate(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
        try:
            return VALIDATORS[str(option.name)](value) if value is not None else None
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return click.option(flag, callback=validate, help=text)


def _check_email(_: click.Context, __: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise click.BadParameter("must be an address such as ann@example.com")
    return value


@command(
    "coffee configure --stage dev",
    click.option("--stage", help="A stage that was deployed from this folder."),
    _setting_option("--api-url", "The API's address, without /order."),
    _setting_option("--client-id", "The id of the app client."),
    _setting_option("--region", "The AWS region of the user pool."),
    _setting_option("--aws-endpoint-url", "The address of Cognito, if it is not on AWS."),
    as_json,
)
def configure(stage: str | None, as_json: bool, **address: str | None) -> None:
    """Choose the service: that of `make run`, a stage, or an address."""
    required = ("--api-url", "--client-id", "--region")
    missing = [name for name in required if address[name[2:].replace("-", "_")] is None]
    if stage and any(address.values()):
        raise click.UsageError("--stage can't be used with the options of an address")
    if stage:
        settings = Settings.from_stage(stage, Path.cwd())
    elif not any(address.values()):
        stack = find_stack()
        settings = Settings.from_stack(stack)
        output.message(f"Found the service of {stack}: {settings.api_url}")
    elif missing:
        raise click.UsageError(f"An address also needs {', '.join(missing)}")
    else:
        settings = Settings(**address)  # type: ignore[arg-type]
    path = config.save_settings(settings)
    output.json_tree(vars(settings), as_json=as_json)
    output.message(f"Saved in {path}. Next: coffee signup NAME --email ADDRESS")


@command(
    "coffee signup Paul --email paul@example.com",
    _username,
    click.option(
        "--email",
        required=True,
        callback=_check_email,
        help="The address that the code is mailed to.",
    ),
    _password_stdin,
    as_json,
)
def signup(username: str, email: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account. Cognito mails a code."""
    accounts = config.load_settings().accounts()
    password = _read_password(from_stdin=password_stdin, confirm=True)
    with account_errors(username), output.progress("Signing up ..."):
        account = accounts.sign_up(username, password, email=email)
    config.save_username(username)
    if as_json:
        output.json(vars(account))
    if account.confirmed:
        output.message(next_command("login", username))
    else:
        sent_to = _to(account.code_sent_to or email)
        output.message(f"A code was mailed{sent_to}. {next_command('confirm', username)}")


@command("coffee confirm Paul 123456", _username, _code)
def confirm(username: str, code: str | None) -> None:
    """Confirm an account with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = _read_code(code)
    with account_errors(username), output.progress("Confirming ..."):
        accounts.confirm(username, code)
    config.save_username(username)
    output.message(f"Confirmed. {next_command('login', username)}")


@command("coffee resend Paul", _username)
def resend(username: str) -> None:
    """Mail a new code."""
    accounts = config.load_settings().accounts()
    with account_errors(username), output.progress("Asking for a new code ..."):
        sent_to = accounts.resend(username)
    output.message(f"A new code was mailed{_to(sent_to)}. {next_command('confirm', username)}")


@command("coffee login Paul", click.argument("username", required=False), _password_stdin)
def login(username: str | None, password_stdin: bool) -> None:
    """Log in, for 30 days or until logout. Without USERNAME, suggest the last one."""
    accounts = config.load_settings().accounts()
    if username is None:
        default = config.load_username()
        username = _prompt("User name", option="the argument USERNAME", default=default)
    password = _read_password(from_stdin=password_stdin, confirm=False)
    with account_errors(username), output.progress("Logging in ..."):
        session = accounts.log_in(username, password)
    config.save_login(username, session.tokens)
    config.save_username(username)
    output.message(f"Hello, {username}. Next: coffee order --help")


@command("coffee forgot Paul", _username)
def forgot(username: str) -> None:
    """Mail a code that allows a new password."""
    accounts = config.load_settings().accounts()
    with account_errors(username), output.progress("Asking for a code ..."):
        sent_to = accounts.forgot_password(username)
    output.message(
        f"If there is a user {username}, a code was mailed{_to(sent_to)}. "
        f"{next_command('reset', username)}"
    )


@command("coffee reset Paul 123456", _username, _code, _password_stdin)
def reset(username: str, code: str | None, password_stdin: bool) -> None:
    """Set a new password with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = _read_code(code)
    password = _read_password(from_stdin=password_stdin, confirm=True)
    with account_errors(username, new_code="forgot"), output.progress("Setting the password ..."):
        accounts.reset_password(username, code, password)
    output.message(f"The password is changed. {next_command('login', username)}")


@command("coffee logout")
def logout() -> None:
    """Log out and revoke the login."""
    accounts = config.load_settings().accounts()
    _, session = config.load_session(accounts)
    try:
        config.delete_login()
    finally:  # revoke the login also if the file cannot be deleted
        with output.progress("Logging out ..."):
            accounts.log_out(session)
    output.message("Logged out.")


@command("coffee whoami --json", as_json)
def whoami(as_json: bool) -> None:
    """Show the logged-in user and the service."""
    settings = config.load_settings()
    username, session = config.load_session(settings.accounts())
    try:
        with account_errors(username):
            claims = claims_of(session.id_token())
    except ValueError as error:
        raise SettingsError("The login can't be read. Run: coffee login") from error
    output.json_tree(
        {
            "username": username,
            "email": claims.get("email"),
            "groups": claims.get("cognito:groups", []),
            "api_url": settings.api_url,
        },
        as_json=as_json,
    )


def _to(address: str | None) -> str:
    return f" to {address}" if address else ""


def _read_code(code: str | None) -> str:
    """Return the argument CODE, or ask for it. Blanks are removed."""
    return "".join((code or _prompt("Code", option="the argument CODE")).split())


def _prompt(text: str, *, option: str, default: str | None = None) -> str:
    """Ask for a line at the terminal. `option` is the alternative for scripts."""
    _require_terminal(option)
    return str(click.prompt(printable(text), default=default, err=True)).strip()


def _read_password(*, from_stdin: bool, confirm: bool) -> str:
    """Ask for a password. An argument would be visible to other users."""
    if not from_stdin:
        _require_terminal("--password-stdin")
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True))
    line = sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
    if not line:
        raise CommandError("There is no password on standard input", USAGE)
    return line


def _require_terminal(option: str) -> None:
    if not output.is_terminal(sys.stdin):
        raise CommandError(f"Standard input is not a terminal. Use {option}", USAGE)


ACCOUNT_COMMANDS = (signup, confirm, resend, login, whoami, logout, forgot, reset)
SET_UP_COMMANDS = (configure,)
