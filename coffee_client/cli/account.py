"""The commands of `coffee` for the service's address and the user's account."""

import re
import sys
from typing import Any

import click

from coffee_client.accounts import claims_of
from coffee_client.cli import config, output
from coffee_client.cli.command import as_json, command, next_command
from coffee_client.cli.errors import USAGE, CommandError, account_errors
from coffee_client.errors import SettingsError
from coffee_client.settings import Settings, find_stack

_username = click.argument("username")
_code = click.argument("code", required=False)
_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)


@command(
    "coffee configure",
    click.option("--api-url", help="The API's address, without /order."),
    click.option("--client-id", help="The id of the app client."),
    click.option("--region", help="The AWS region of the user pool."),
    click.option("--aws-endpoint-url", help="The address of Cognito, if it is not on AWS."),
)
def configure(**address: str | None) -> None:
    """Choose the service: that of `make run`, or the address of another one."""
    if any(value is not None for value in address.values()):
        try:
            settings = Settings.from_fields(address)
        except SettingsError as error:
            name, _, rule = str(error).partition(": ")
            raise click.UsageError(f"--{name.replace('_', '-')} {rule}") from None
    else:
        stack = find_stack()
        settings = Settings.from_stack(stack)
        output.message(f"Found the service of {stack}.")
    config.save_settings(settings)
    output.message(f"The service is {settings.api_url}. Next: coffee signup NAME --email ADDRESS")


@command(
    "coffee signup Paul --email paul@example.com",
    _username,
    click.option("--email", required=True, help="The address that the code is mailed to."),
    _password_stdin,
)
def signup(username: str, email: str, password_stdin: bool) -> None:
    """Create an account. Cognito mails a code."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise click.UsageError("--email must be an address such as ann@example.com")
    accounts = config.load_settings().accounts()
    password = _read_password(from_stdin=password_stdin, confirm=True)
    with account_errors(username), output.progress("Signing up ..."):
        account = accounts.sign_up(username, password, email=email)
    if account.confirmed:
        output.message(next_command("login", username))
    else:
        sent_to = account.code_sent_to or email
        output.message(f"A code was mailed to {sent_to}. {next_command('confirm', username)}")


@command("coffee confirm Paul 123456", _username, _code)
def confirm(username: str, code: str | None) -> None:
    """Confirm an account with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = _read_code(code)
    with account_errors(username), output.progress("Confirming ..."):
        accounts.confirm(username, code)
    output.message(f"Confirmed. {next_command('login', username)}")


@command("coffee resend Paul", _username)
def resend(username: str) -> None:
    """Mail a new code."""
    accounts = config.load_settings().accounts()
    with account_errors(username), output.progress("Asking for a new code ..."):
        address = accounts.resend(username)
    output.message(f"A new code was mailed{_to(address)}. {next_command('confirm', username)}")


@command("coffee login Paul", click.argument("username", required=False), _password_stdin)
def login(username: str | None, password_stdin: bool) -> None:
    """Log in, for 30 days or until logout."""
    accounts = config.load_settings().accounts()
    username = username or _prompt("User name", "Use the argument USERNAME")
    password = _read_password(from_stdin=password_stdin, confirm=False)
    with account_errors(username), output.progress("Logging in ..."):
        session = accounts.log_in(username, password)
    config.save_login(username, session.tokens)
    output.message(f"Hello, {username}. Next: coffee order --help")


@command("coffee forgot Paul", _username)
def forgot(username: str) -> None:
    """Mail a code that allows a new password."""
    accounts = config.load_settings().accounts()
    with account_errors(username), output.progress("Asking for a code ..."):
        address = accounts.forgot_password(username)
    mailed = f"If there is a user {username}, a code was mailed{_to(address)}."
    output.message(f"{mailed} {next_command('reset', username)}")


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


@command("coffee whoami", as_json)
def whoami(as_json: bool) -> None:
    """Show the logged-in user and the service."""
    settings = config.load_settings()
    username, session = config.load_session(settings.accounts())
    groups = claims_of(session.id_token()).get("cognito:groups", [])
    user = {"username": username, "groups": groups, "api_url": settings.api_url}
    if as_json:
        output.json(user)
    else:
        staff = f", a member of {', '.join(groups)}" if groups else ""
        output.message(f"{username}{staff}, at {settings.api_url}")


def _to(address: str | None) -> str:
    return f" to {address}" if address else ""


def _read_code(code: str | None) -> str:
    """Return the argument CODE, or ask for it. Blanks are removed."""
    return "".join((code or _prompt("Code", "Use the argument CODE")).split())


def _read_password(*, from_stdin: bool, confirm: bool) -> str:
    """Ask for a password. An argument would be visible to other users."""
    if not from_stdin:
        advice = "Use --password-stdin"
        return _prompt("Password", advice, hide_input=True, confirmation_prompt=confirm)
    line = sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""
    if not line:
        raise CommandError("There is no password on standard input", USAGE)
    return line


def _prompt(text: str, advice: str, **options: Any) -> str:
    """Ask for a line at the terminal. `advice` says what scripts use instead."""
    if not output.is_terminal(sys.stdin):
        raise CommandError(f"Standard input is not a terminal. {advice}", USAGE)
    return str(click.prompt(text, err=True, **options))


ACCOUNT_COMMANDS = (signup, confirm, resend, login, whoami, logout, forgot, reset)
SET_UP_COMMANDS = (configure,)
