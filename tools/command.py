"""Runs the commands of this project: their output, error messages and exit codes."""

import importlib
import os
import signal
import sys
from typing import NoReturn

import click
from rich.console import Console
from rich.markup import escape

from tools import CommandError
from tools.project import bypass_proxies_for_loopback

# Without `emoji=False`, `:tea:` in a name or a path becomes an emoji.
console = Console(soft_wrap=True, highlight=False, emoji=False)


def report(line: str) -> None:
    """Print a line of progress."""
    console.print(f"[dim]· {escape(line)}[/]")


def run_cli(module: str, prog_name: str) -> NoReturn:
    """Run the click group `cli` of a module, and exit.

    Expected errors are printed as their message, those of a command line with its `epilog` as an
    example. The exit code is then 1, or 2 for a wrong command line, or 130 after Ctrl-C.
    """
    for number in (signal.SIGINT, signal.SIGALRM):  # a shell's background jobs ignore SIGINT
        signal.signal(number, signal.default_int_handler)
    sys.unraisablehook = _interrupt_again
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Exit by an exception, so that `finally` blocks stop every server.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    bypass_proxies_for_loopback()
    code = 1
    try:
        # Here, Ctrl-C is handled already. These imports take a second on a slow machine.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        from coffee_client import CoffeeError  # noqa: PLC0415

        importlib.import_module(module).cli(prog_name=prog_name, standalone_mode=False)
        print(end="", flush=True)  # nothing if stdout is closed
        sys.exit(0)
    except (KeyboardInterrupt, click.Abort):
        message, code = "Stopped.", 130
    except BrokenPipeError:  # as in `make demo | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes stdout once more
        sys.exit(1)
    except click.UsageError as error:
        if isinstance(error, click.BadParameter) and error.param:
            error.param_hint = error.param.envvar  # the variable of make
        example = error.ctx.command.epilog if error.ctx else None
        message = error.format_message() + (f"\nExample: {example}" if example else "")
        code = error.exit_code
    except OSError as error:
        message = f"{error.strerror}: {error.filename}" if error.filename else f"{error}"
    except (BotoCoreError, ClientError, CoffeeError, CommandError) as error:
        message = f"{error}"
    click.secho(message, fg="red", err=True)
    sys.exit(code)


def _interrupt_again(ignored: "sys.UnraisableHookArgs") -> None:
    """Interrupt once more after a moment, because Python ignores Ctrl-C in a finalizer."""
    if isinstance(ignored.exc_value, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
