"""The `coffee` command group and its error handling."""

import os
import sys

import click

from coffee_client.cli import output, streams
from coffee_client.cli.account import ACCOUNT_COMMANDS
from coffee_client.cli.errors import FAILED, INTERRUPTED, USAGE, CommandError, describe_error
from coffee_client.cli.orders import ORDER_COMMANDS
from coffee_client.cli.shop import SHOP_COMMANDS


class _UnsortedGroup(click.Group):
    """Lists its commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        del ctx
        return list(self.commands)


@click.group(
    cls=_UnsortedGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""
    \b
    Exit codes: 0 success, 1 rejected or failed, 2 wrong command line, 3 configure or log in
    first, 4 not found, 5 conflict with the order's present state, 6 unreachable or busy.

    \b
    Tab completion for bash (zsh and fish are similar):
      eval "$(_COFFEE_COMPLETE=bash_source coffee)"
    """,
)
@click.version_option(package_name="coffee-orders", prog_name="coffee")
def coffee() -> None:
    """Order a coffee from the train and pick it up on the way past the shop."""


for command in (*ACCOUNT_COMMANDS, *ORDER_COMMANDS, *SHOP_COMMANDS):
    coffee.add_command(command)


def run() -> int:
    """Run the command line, print an error as one line on stderr, and return the exit code."""
    streams.replace_standard_streams()
    try:
        # Python decodes a byte that is not valid in this locale as a surrogate.
        if any("\ud800" <= char <= "\udfff" for char in "".join(sys.argv)):
            raise CommandError("The command line is not valid text", USAGE)
        exit_code = int(coffee(prog_name="coffee", standalone_mode=False) or 0)
        sys.stdout.flush()
    except SystemExit as exit_:
        exit_code = exit_.code if isinstance(exit_.code, int) else FAILED
    except (click.Abort, KeyboardInterrupt):
        output.error("Stopped.")
        exit_code = INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        exit_code = error.exit_code
    except Exception as error:
        if os.environ.get("COFFEE_DEBUG"):
            raise
        line, exit_code = describe_error(error)
        output.error(line)
    return exit_code
