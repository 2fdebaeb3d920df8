"""The `coffee` command group and its error handling."""

import os
import sys
from typing import Any

import click

from coffee_client.cli import output
from coffee_client.cli.account import ACCOUNT_COMMANDS, SET_UP_COMMANDS
from coffee_client.cli.errors import describe_error
from coffee_client.cli.orders import ORDER_COMMANDS
from coffee_client.cli.shop import SHOP_COMMANDS

_SECTIONS = {
    "Orders": ORDER_COMMANDS,
    "Shop": SHOP_COMMANDS,
    "Account": ACCOUNT_COMMANDS,
    "Set-up": SET_UP_COMMANDS,
}


class _Coffee(click.Group):
    """Groups its commands in the help, and prints each error in one way."""

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands in sections."""
        for title, commands in _SECTIONS.items():
            with formatter.section(title):
                rows = [(str(item.name), item.get_short_help_str(80)) for item in commands]
                formatter.write_dl(rows)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command line and exit. An error is one line on standard error."""
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.exceptions.NoArgsIsHelpError as error:
            error.show()
            sys.exit(error.exit_code)
        except Exception as error:
            if os.environ.get("COFFEE_DEBUG"):
                raise
            message, exit_code = describe_error(error)
            output.message(message, "red")
            sys.exit(exit_code)


@click.group(
    cls=_Coffee,
    commands=[command for commands in _SECTIONS.values() for command in commands],
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""
    \b
    Exit codes: 0 success, 1 rejected or failed, 2 wrong command line, 3 configure or log in
    first, 4 not found, 5 the order or the menu has another state, 6 unreachable or busy.

    \b
    Tab completion for bash (zsh and fish are similar):
      eval "$(_COFFEE_COMPLETE=bash_source coffee)"
    """,
)
@click.version_option(package_name="coffee-orders", prog_name="coffee")
def coffee() -> None:
    """Order a coffee from the train and pick it up on the way past the shop."""
