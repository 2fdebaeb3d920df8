"""What the commands of `coffee` share: a decorator, options, and the client."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from coffee_client.cli import config, output
from coffee_client.cli.errors import CommandError, describe_error
from coffee_client.client import CoffeeClient
from coffee_client.errors import OrderError, UnreachableError
from coffee_client.text import shell_command

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")

_SERVER_ERROR = 500


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


def next_command(name: str, *arguments: str) -> str:
    """Return the sentence that suggests a command to run next."""
    return f"Next: {shell_command(f'coffee {name}', *arguments)}"


def signed_in() -> CoffeeClient:
    """Return a client for the customer who is logged in. Raises SettingsError."""
    settings = config.load_settings()
    return CoffeeClient(settings.api_url, config.load_session(settings.accounts())[1])


def anonymous() -> CoffeeClient:
    """Return a client without a login. Raises SettingsError."""
    return CoffeeClient(config.load_settings().api_url)


@contextmanager
def sending(advice: str = "Running the same command again is safe") -> Iterator[None]:
    """Show progress while the block changes something.

    After no answer, a 503 or Ctrl-C, the error says that the outcome is unknown, and the advice.
    """
    try:
        with output.progress("Sending ..."):
            yield
    except (OrderError, UnreachableError, KeyboardInterrupt) as error:
        if isinstance(error, OrderError) and error.status < _SERVER_ERROR:
            raise
        message, exit_code = describe_error(error)
        message = f"{message}. It is not known whether this took effect. {advice}"
        raise CommandError(message, exit_code) from error
