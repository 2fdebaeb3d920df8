"""The commands of `coffee` for the service's address and the user's account."""

import re
import sys
from typing import Any

import click

from coffee_client.cli import config, output
from coffee_client.cli.command import command, next_command
from coffee_client.cli.errors import USAGE, CommandError, account_errors
from coffee_client.errors import SettingsError
from coffee_client.settings import Settings, find_stack

_username = click.argument("username")
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
    """Choose the service: that of `make run`, or another address."""
    if any(value is not None for value in address.values()):
        try:
            settings = Settings(**address)  # type: ignore[arg-type] # it checks them
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
    with account_errors(username):
        account = accounts.sign_up(username, password, email=email)
    if account.confirmed:
        output.message(next_command("login", username))
    else:
        sent_to = account.code_sent_to or email
        output.message(f"A code was mailed to {sent_to}. {next_command('confirm', username)}")


@command("coffee confirm Paul 123456", _username, click.argument("code", required=False))
def confirm(username: str, code: str | None) -> None:
    """Confirm an account with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = code or _prompt("Code", "Use the argument CODE")
    with account_errors(username):
        accounts.confirm(username, "".join(code.split()))
    output.message(f"Confirmed. {next_command('login', username)}")


@command("coffee resend Paul", _username)
def resend(username: str) -> None:
    """Mail a new code."""
    accounts = config.load_settings().accounts()
    with account_errors(username):
        address = accounts.resend(username)
    to = f" to {address}" if address else ""
    output.message(f"A new code was mailed{to}. {next_command('confirm', username)}")


@command("coffee login Paul", _username, _password_stdin)
def login(username: str, password_stdin: bool) -> None:
    """Log in, for 30 days or until logout."""
    accounts = config.load_settings().accounts()
    password = _read_password(from_stdin=password_stdin, confirm=False)
    with account_errors(username):
        session = accounts.log_in(username, password)
    config.save_login(username, session.tokens)
    output.message(f"Hello, {username}. Next: coffee order --help")


@command("coffee logout")
def logout() -> None:
    """Log out and revoke the login."""
    accounts = config.load_settings().accounts()
    _, session = config.load_session(accounts)
    config.delete_login()
    accounts.log_out(session)
    output.message("Logged out.")


@command("coffee whoami")
def whoami() -> None:
    """Show the logged-in user and the service."""
    settings = config.load_settings()
    username, _ = config.load_session(settings.accounts())
    output.text(f"{username} at {settings.api_url}")


def _read_password(*, from_stdin: bool, confirm: bool) -> str:
    """Ask for a password. An argument would be visible to other users."""
    if not from_stdin:
        advice = "Use --password-stdin"
        return _prompt("Password", advice, hide_input=True, confirmation_prompt=confirm)
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise CommandError("There is no password on standard input", USAGE)
    return line


def _prompt(text: str, advice: str, **options: Any) -> str:
    """Ask for a line at the terminal. `advice` says what scripts use instead."""
    if not sys.stdin.isatty():
        raise CommandError(f"Standard input is not a terminal. {advice}", USAGE)
    return str(click.prompt(text, err=True, **options))


ACCOUNT_COMMANDS = (signup, confirm, resend, login, whoami, logout)
SET_UP_COMMANDS = (configure,)
