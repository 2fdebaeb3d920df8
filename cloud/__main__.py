"""`python -m cloud`: the commands behind `make demo` and `make run`."""

import contextlib
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape

from cloud import demo, run
from cloud.outputs import LOCAL
from cloud.server import ServerError, free_port
from cloud.service import local_service
from cloud.stack import StackError
from coffee_client import CoffeeError

_console = Console(soft_wrap=True, highlight=False)


@click.group()
def cli() -> None:
    """Coffee orders on this machine."""


@cli.command("demo")
def demo_command() -> None:
    """Tell the notebook's story on a local cloud, then stop everything."""
    started = time.monotonic()
    with _scratch() as directory, local_service(directory, free_port(), _report) as service:
        demo.tell(service, _console)
    _console.print(f"\n[dim]Everything is stopped. {time.monotonic() - started:.1f} s in all.[/]")


@cli.command("run")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve; 8000 or any, if not.")
def run_command(port: int | None) -> None:
    """Tell the story, then keep the service up until Ctrl-C."""
    port = run.port(port)
    with _scratch() as directory, local_service(directory, port, _report) as service:
        customer = demo.tell(service, _console)
        run.stay_up(service, customer, _console)
    _console.print("\n[dim]Everything is stopped.[/]")


def _report(line: str) -> None:
    _console.print(f"[dim]· {escape(line)}[/]")


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Make a folder for this run's logs; it stays behind when the run fails."""
    LOCAL.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=LOCAL))
    failed = False
    try:
        yield directory
    except Exception:  # not so when somebody ends the run
        failed = True
        raise
    finally:
        if not failed:
            shutil.rmtree(directory)


def _end(signum: int, _frame: object) -> None:
    """End as an exception does, so that every server is stopped on the way out."""
    sys.exit(128 + signum)


def main() -> None:
    """Run a command; a failure that has a message is told in that message."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        cli(prog_name="python -m cloud")
    except (ServerError, StackError, CoffeeError) as error:
        # Paths and reasons are told as they are: not wrapped, and no brackets read as markup.
        told = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        told.print(str(error), style="red")
        sys.exit(1)


main()
