"""How a command of this project runs: clean endings on signals, failures as one message."""

import os
import signal
import sys
from typing import NoReturn

import click
from botocore.exceptions import BotoCoreError, ClientError
from requests import RequestException
from rich.console import Console
from rich.markup import escape

from deploy.errors import CommandError

console = Console(soft_wrap=True, highlight=False)


def report(line: str) -> None:
    """Print a line of progress."""
    console.print(f"[dim]· {escape(line)}[/]")


def run_cli(cli: click.Group, prog_name: str) -> None:
    """Run a command line; print an expected failure as its message and exit with 1."""
    # A shell starts background jobs with SIGINT ignored; Ctrl-C must end us all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    # No proxy stands between this machine and itself, nor between it and its child processes.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))
    try:
        cli(prog_name=prog_name)
    except (BotoCoreError, ClientError, RequestException, CommandError) as error:
        fail(f"{error}")


def fail(reason: str) -> NoReturn:
    """Print a reason to stderr, unwrapped and without markup, and exit with 1."""
    stderr = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    stderr.print(reason, style="red")
    sys.exit(1)


def _end(signum: int, _frame: object) -> None:
    """End as an exception does, so that every server is stopped on the way out."""
    sys.exit(128 + signum)
