"""The commands of `coffee` for the user's account and the address of the service."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from coffee_client.accounts import claims_of
from coffee_client.cli import config, output
from coffee_client.cli.failures import USAGE, Failure, account_of
from coffee_client.errors import SettingsError
from coffee_client.settings import CHECKS, Settings, find_stack
from coffee_client.text import plain, shell_command

_username = click.argument("username")
_code = click.argument("code", required=False)
_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input, for scripts."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def command(
    usage: str, *parameters: Callable[[Any], Any]
) -> Callable[[Callable[..., None]], click.Command]:
    """Return a decorator that turns a function into a command with these parameters.

    `usage` begins with `coffee` and the command's name; its help shows it as an example.
    """

    def decorate(function: Callable[..., None]) -> click.Command:
        for parameter in reversed(parameters):
            function = parameter(function)
        name = usage.split()[1]
        return click.command(name, epilog=f"\b\nExample:\n  {usage}")(function)

    return decorate


def next_command(name: str, *words: str) -> str:
    """Return the sentence that suggests a command to run next."""
    return f"Next: {shell_command(f'coffee {name}', *words)}"


def _setting(name: str) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """Return a callback of click's that checks a setting and trims it."""

    def check(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
        try:
            return CHECKS[name](value) if value is not None else None
        except ValueError as error:
            raise click.BadParameter(str(error)) from None

    return check


@command(
    "coffee configure --stage dev",
    click.option("--stage", help="A stage that was deployed from this folder."),
    click.option(
        "--api-url", callback=_setting("api_url"), help="The API's address, without /order."
    ),
    click.option("--client-id", callback=_setting("client_id"), help="The id of the app client."),
    click.option("--region", callback=_setting("region"), help="The AWS region of the user pool."),
    click.option(
        "--aws-endpoint-url",
        callback=_setting("aws_endpoint_url"),
        help="Where Cognito is, if it is not on AWS.",
    ),
    as_json,
)
def configure(stage: str | None, as_json: bool, **address: str | None) -> None:
    """Choose the service: that of `make run`, a stage, or an address."""
    required = ("--api-url", "--client-id", "--region")
    missing = [name for name in required if address[name[2:].replace("-", "_")] is None]
    if stage and any(address.values()):
        raise click.UsageError("--stage names a service already: leave the other options out")
    if stage:
        chosen = Settings.of_stage(stage, Path.cwd())
    elif not any(address.values()):
        stack = find_stack()
        chosen = Settings.of_stack(stack)
        output.say(f"Found the service of {stack}: {chosen.api_url}")
    elif missing:
        raise click.UsageError(f"An address also needs {', '.join(missing)}")
    else:
        chosen = Settings(**address)  # type: ignore[arg-type]
    path = config.save_settings(chosen)
    output.thing(vars(chosen), as_json=as_json)
    output.say(f"Written to {path}. Next: coffee signup NAME --email ADDRESS")


@command(
    "coffee signup Paul --email paul@example.com",
    _username,
    click.option("--email", required=True, help="The address that the code is mailed to."),
    _password_stdin,
    as_json,
)
def signup(username: str, email: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account. Cognito mails a code."""
    accounts = config.load_settings().accounts()
    password = _password(from_stdin=password_stdin, confirm=True)
    with account_of(username), output.waiting("Signing up ..."):
        account = accounts.sign_up(username, password, email=email)
    config.remember_user(username)
    if as_json:
        output.json(vars(account))
    if account.confirmed:
        output.say(next_command("login", username))
    else:
        sent_to = account.code_sent_to or email
        output.say(f"A code was mailed to {sent_to}. {next_command('confirm', username)}")


@command("coffee confirm Paul 123456", _username, _code)
def confirm(username: str, code: str | None) -> None:
    """Confirm an account with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = _without_blanks(code or _ask("Code", option="the argument CODE"))
    with account_of(username), output.waiting("Confirming ..."):
        accounts.confirm(username, code)
    config.remember_user(username)
    output.say(f"Confirmed. {next_command('login', username)}")


@command("coffee resend Paul", _username)
def resend(username: str) -> None:
    """Mail a new code."""
    accounts = config.load_settings().accounts()
    with account_of(username), output.waiting("Asking for a new code ..."):
        sent_to = accounts.resend(username)
    output.say(f"A new code was mailed to {sent_to or 'you'}. {next_command('confirm', username)}")


@command("coffee login Paul", click.argument("username", required=False), _password_stdin)
def login(username: str | None, password_stdin: bool) -> None:
    """Log in, for 30 days or until logout. Without USERNAME, suggest the last one."""
    accounts = config.load_settings().accounts()
    if username is None:
        default = config.last_user()
        username = _ask("User name", option="the argument USERNAME", default=default)
    password = _password(from_stdin=password_stdin, confirm=False)
    with account_of(username), output.waiting("Logging in ..."):
        session = accounts.log_in(username, password)
    config.keep_login(username, session.tokens)
    config.remember_user(username)
    output.say(f"Hello, {username}. Next: coffee order --help")


@command("coffee forgot Paul", _username)
def forgot(username: str) -> None:
    """Mail a code that allows a new password."""
    accounts = config.load_settings().accounts()
    with account_of(username), output.waiting("Asking for a code ..."):
        sent_to = accounts.forgot_password(username)
    output.say(
        f"If there is a user {username}, a code was mailed to {sent_to or 'them'}. "
        f"{next_command('reset', username)}"
    )


@command("coffee reset Paul 123456", _username, _code, _password_stdin)
def reset(username: str, code: str | None, password_stdin: bool) -> None:
    """Set a new password with the code from the mail."""
    accounts = config.load_settings().accounts()
    code = _without_blanks(code or _ask("Code", option="the argument CODE"))
    password = _password(from_stdin=password_stdin, confirm=True)
    with account_of(username, new_code="forgot"), output.waiting("Setting the password ..."):
        accounts.reset_password(username, code, password)
    output.say(f"The password is changed. {next_command('login', username)}")


@command("coffee logout")
def logout() -> None:
    """Log out. The login is revoked."""
    accounts = config.load_settings().accounts()
    _, session = config.kept_login(accounts)
    try:
        config.forget_login()
    finally:  # even if the file stays, its login is worth nothing
        with output.waiting("Logging out ..."):
            accounts.log_out(session)
    output.say("Logged out.")


@command("coffee whoami --json", as_json)
def whoami(as_json: bool) -> None:
    """Show the logged-in user and the service."""
    settings = config.load_settings()
    username, session = config.kept_login(settings.accounts())
    try:
        with account_of(username):
            claims = claims_of(session.id_token())
    except ValueError as error:
        raise SettingsError("The login can't be read. Run: coffee login") from error
    output.thing(
        {
            "username": username,
            "email": claims.get("email"),
            "groups": claims.get("cognito:groups", []),
            "api_url": settings.api_url,
        },
        as_json=as_json,
    )


def _without_blanks(code: str) -> str:
    """Return a code without the blanks that a mail program or a person has added."""
    return "".join(code.split())


def _ask(text: str, *, option: str, default: str | None = None) -> str:
    """Ask for a line at the terminal. `option` says how a script passes it instead."""
    _require_terminal(option)
    answer: str = click.prompt(plain(text), default=default, err=True)
    return answer.strip()


def _password(*, from_stdin: bool, confirm: bool) -> str:
    """Ask for a password. It is never an argument, which other users could see."""
    if not from_stdin:
        _require_terminal("--password-stdin")
        typed: str = click.prompt(
            "Password", hide_input=True, confirmation_prompt=confirm, err=True
        )
        return typed
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode()
    except UnicodeError as error:
        raise Failure("The password on standard input is not valid text", USAGE) from error
    if not line:
        raise Failure("There is no password on standard input", USAGE)
    return line


def _require_terminal(option: str) -> None:
    if not sys.stdin.isatty():
        raise Failure(f"Standard input is not a terminal. Use {option}", USAGE)


ACCOUNT_COMMANDS = (
    *(configure, signup, confirm, resend),
    *(login, forgot, reset, logout, whoami),
)
