"""The commands of `coffee` that have to do with who somebody is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from coffee_client import settings, show
from coffee_client.errors import CoffeeError
from coffee_client.settings import Settings
from coffee_client.tokens import claims_of

_username = click.argument("username")
_password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; for scripts."
)
as_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for scripts.")


def example(text: str) -> str:
    """Return an epilog that shows how a command is used."""
    return f"\b\nExample:\n  {text}"


@contextmanager
def about(username: str, mailer: str = "resend") -> Iterator[None]:
    """Let a refusal know whom it is about, so that what is advised can name them.

    `mailer` is the command that would mail them another code.
    """
    try:
        yield
    except CoffeeError as error:
        error.user, error.mailer = username, mailer
        raise


@click.command(epilog=example("coffee configure --stage dev"))
@click.option("--stage", help="A stage that was deployed from this folder.")
@click.option("--api-url", help="The API's address, the part before /order.")
@click.option("--client-id", help="The id of the app client.")
@click.option("--region", help="The AWS region of the user pool.")
@click.option("--aws-endpoint-url", help="Where Cognito is, when it is not AWS's.")
@as_json
def configure(
    stage: str | None,
    api_url: str | None,
    client_id: str | None,
    region: str | None,
    aws_endpoint_url: str | None,
    as_json: bool,
) -> None:
    """Say where the service is: the one of `make run`, a stage, or an address."""
    named = {"--api-url": api_url, "--client-id": client_id, "--region": region}
    if stage and any([*named.values(), aws_endpoint_url]):
        raise click.UsageError("--stage names a service already; leave the other options out")
    if stage:
        chosen = Settings.of_stage(stage, Path.cwd())
    elif api_url and client_id and region:
        chosen = Settings(api_url.rstrip("/"), client_id, region, aws_endpoint_url)
    elif any([*named.values(), aws_endpoint_url]):
        missing = ", ".join(name for name, value in named.items() if not value)
        raise click.UsageError(f"{missing}: needed to name a service by its address")
    else:
        chosen = Settings.of_stack(settings.find_stack())
    where = chosen.save()
    settings.forget_login()  # it was another service's
    show.thing(vars(chosen), as_json=as_json)
    show.say(f"Written to {where}. Next: coffee signup NAME --email ADDRESS")


@click.command(epilog=example("coffee signup Paul --email paul@example.com"))
@_username
@click.option("--email", required=True, help="Where the confirmation code is mailed.")
@_password_stdin
@as_json
def signup(username: str, email: str, password_stdin: bool, as_json: bool) -> None:
    """Create an account; Cognito mails a code."""
    accounts = Settings.load().accounts()
    password = _password(password_stdin, confirm=True)
    with about(username), show.waiting("Signing up ..."):
        made = accounts.sign_up(username, password, email=email)
    if as_json:
        show.thing(vars(made), as_json=True)
    show.say(f"A code went to {made.code_sent_to or email}. Next: coffee confirm {username}")


@click.command(epilog=example("coffee confirm Paul 123456"))
@_username
@click.argument("code", required=False)
def confirm(username: str, code: str | None) -> None:
    """Confirm an account with the code from the mail."""
    accounts = Settings.load().accounts()
    code = code or click.prompt("Code", err=True)
    with about(username), show.waiting("Confirming ..."):
        accounts.confirm(username, code.strip())
    show.say(f"Confirmed. Next: coffee login {username}")


@click.command(epilog=example("coffee resend Paul"))
@_username
def resend(username: str) -> None:
    """Have a new code mailed."""
    accounts = Settings.load().accounts()
    with about(username), show.waiting("Asking for a new code ..."):
        sent_to = accounts.resend(username)
    show.say(f"A new code went to {sent_to or 'you'}. Next: coffee confirm {username}")


@click.command(epilog=example("coffee login Paul"))
@_username
@_password_stdin
def login(username: str, password_stdin: bool) -> None:
    """Log in; the login lasts 30 days, or until logout."""
    accounts = Settings.load().accounts()
    password = _password(password_stdin, confirm=False)
    with about(username), show.waiting("Logging in ..."):
        session = accounts.log_in(username, password)
    settings.keep_login(username, session.tokens)
    show.say(f"Hello, {username}. Next: coffee order --help")


@click.command(epilog=example("coffee forgot Paul"))
@_username
def forgot(username: str) -> None:
    """Have a code mailed that allows a new password."""
    accounts = Settings.load().accounts()
    with about(username), show.waiting("Asking for a code ..."):
        sent_to = accounts.forgot_password(username)
    show.say(
        f"If there is a user {username}, a code went to {sent_to or 'them'}. "
        f"Next: coffee reset {username}"
    )


@click.command(epilog=example("coffee reset Paul 123456"))
@_username
@click.argument("code", required=False)
@_password_stdin
def reset(username: str, code: str | None, password_stdin: bool) -> None:
    """Set a new password, with the code from the mail."""
    accounts = Settings.load().accounts()
    code = code or click.prompt("Code", err=True)
    password = _password(password_stdin, confirm=True)
    with about(username, mailer="forgot"), show.waiting("Setting the password ..."):
        accounts.reset_password(username, code.strip(), password)
    show.say(f"The password is changed. Next: coffee login {username}")


@click.command(epilog=example("coffee logout"))
def logout() -> None:
    """Log out; the login is worth nothing from now on."""
    accounts = Settings.load().accounts()
    _, session = settings.kept_login(accounts)
    settings.forget_login()  # first: whatever Cognito says, here it is gone
    with show.waiting("Logging out ..."):
        accounts.log_out(session)
    show.say("Logged out.")


@click.command(epilog=example("coffee whoami --json"))
@as_json
def whoami(as_json: bool) -> None:
    """Say who is logged in, and where."""
    kept = Settings.load()
    username, session = settings.kept_login(kept.accounts())
    with about(username):
        claims = claims_of(session.id_token())
    show.thing(
        {
            "username": username,
            "email": claims.get("email"),
            "groups": claims.get("cognito:groups", []),
            "api_url": kept.api_url,
        },
        as_json=as_json,
    )


def _password(from_stdin: bool, *, confirm: bool) -> str:
    """Ask for a password; it never stands on a command line, where anybody could see it."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked


ACCOUNT_COMMANDS = (
    *(configure, signup, confirm, resend),
    *(login, forgot, reset, logout, whoami),
)
