"""Runs the commands of this project: error messages and exit codes."""

import importlib
import os
import signal
import sys
from typing import NoReturn

import click

from tools import CommandError
from tools.project import bypass_proxies_for_loopback


def run_cli(module: str, prog_name: str) -> NoReturn:
    """Run the click group `cli` of a module, and exit.

    Expected errors are printed as their message, those of a command line with an example, which is
    the command's `epilog`. The exit code is then 1, or 2 for a wrong command line, or 130 after
    Ctrl-C.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    for number in (signal.SIGTERM, signal.SIGHUP):
        # Exit by an exception, so that `finally` blocks stop every server.
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    bypass_proxies_for_loopback()
    try:
        # Here, Ctrl-C is handled already. These imports take a second on a slow machine.
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        from coffee_client import CoffeeError  # noqa: PLC0415

        importlib.import_module(module).cli(prog_name=prog_name, standalone_mode=False)
        if sys.stdout:  # it may be closed
            sys.stdout.flush()
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
        code = 1
    except (BotoCoreError, ClientError, CoffeeError, CommandError) as error:
        message, code = f"{error}", 1
    click.secho(message, fg="red", err=True)
    sys.exit(code)
