"""The `coffee` command: its options, its errors, and its exit codes.

The commands themselves stand in cli_account.py and cli_orders.py.
"""

import sys

import click

from coffee_client import show
from coffee_client.advice import advice
from coffee_client.cli_account import ACCOUNT_COMMANDS
from coffee_client.cli_orders import ORDER_COMMANDS
from coffee_client.errors import CoffeeError


class _InOrder(click.Group):
    """Lists its commands in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as they were added."""
        del ctx
        return list(self.commands)


@click.group(
    cls=_InOrder,
    epilog="""
    \b
    Exit codes: 0 well, 1 refused, 2 the command line is wrong, 3 log in first, 4 not found,
    5 no step of an order's life, 6 unreachable or busy.

    \b
    Tab completion for bash (zsh and fish likewise):
      eval "$(_COFFEE_COMPLETE=bash_source coffee)"
    """,
)
def coffee() -> None:
    """Order a coffee from the train, pick it up on the way past the shop."""


for command in (*ACCOUNT_COMMANDS, *ORDER_COMMANDS):
    coffee.add_command(command)


def main() -> None:
    """Run a command; whatever goes wrong is told in a line."""
    try:
        coffee(prog_name="coffee", standalone_mode=False)
    except CoffeeError as error:
        line, code = advice(error)
        show.fail(line)
        sys.exit(code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        show.fail("Stopped.")
        sys.exit(130)
    except BrokenPipeError:  # whoever read our answers has had enough
        sys.stderr.close()
        sys.exit(0)
