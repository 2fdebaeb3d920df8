"""The commands of `python -m local`, which `make demo`, `make run` and others call."""

import contextlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.markup import escape

from local import run
from local.demo import create_shop, run_demo
from local.emulator import LocalCloud
from local.server import LOOPBACK, free_port, is_free
from local.service import local_service, local_stack
from local.state import LOCAL, registration, running_stack
from tools import CommandError
from tools.console import console, report
from tools.environment import ignore_aws_settings
from tools.staff import add_to_vendor_group

_DEFAULT_PORT = 8000
_verbose = click.option("--verbose", is_flag=True, envvar="VERBOSE", help="Print the JSON as well.")


@click.group()
def cli() -> None:
    """Coffee orders on this machine."""
    ignore_aws_settings()


@cli.command("demo", epilog="make demo VERBOSE=1")
@_verbose
def demo_command(verbose: bool) -> None:
    """Sign up, log in and order on a local cloud, then stop everything."""
    started = time.monotonic()
    with _log_directory() as directory, local_service(directory, free_port(), report) as service:
        run_demo(service, verbose=verbose)
    seconds = time.monotonic() - started
    console.print(f"[dim]Everything is stopped, after {seconds:.1f} s.[/] Next: make run")


@cli.command("run", epilog="make run PORT=8001")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    help="The port of the service. Default: the first free one from 8000.",
)
@_verbose
def run_command(port: int | None, verbose: bool) -> None:
    """Run the demo, then keep the service running until Ctrl-C."""
    if port and not is_free(port):
        raise CommandError(f"Port {port} of {LOOPBACK} is taken: name another, as in PORT=8001")
    used_port = port or next(filter(is_free, range(_DEFAULT_PORT, 65536)))
    is_other = used_port not in {port, _DEFAULT_PORT}
    notice = f"Port        {_DEFAULT_PORT} is taken, so this is {used_port}\n" if is_other else ""
    with _log_directory() as directory, local_service(directory, used_port, report) as service:
        customer = run_demo(service, verbose=verbose)
        create_shop(service)
        run.serve_until_interrupted(service, customer, notice)
    console.print("\n[dim]Everything is stopped.[/]")


@cli.command("notebook", context_settings={"ignore_unknown_options": True})
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def notebook_command(jupyter_options: tuple[str, ...]) -> None:
    """Run the service together with JupyterLab and the notebook, until Ctrl-C."""
    with _log_directory() as directory, local_service(directory, free_port(), report) as service:
        create_shop(service)
        run.open_notebook(service, jupyter_options)
    console.print("\n[dim]Everything is stopped.[/]")


@cli.command("mail", epilog="make mail TO=ann@example.com")
@click.option("--to", "address", required=True, envvar="TO", help="The email address.")
def mail_command(address: str) -> None:
    """Show the latest mail that the local cloud of `make run` has sent to an address."""
    mails = LocalCloud(running_stack().aws_endpoint_url, LOCAL).mails_to(address)
    console.print(escape(mails[-1]) if mails else f"No mail to {escape(address)} yet")


@cli.command("staff", epilog="make staff STAGE=local VENDOR=v0 STAFF=Ann")
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(vendor: str, user: str) -> None:
    """Add a user to a vendor's staff."""
    stack = running_stack()
    cognito = LocalCloud(stack.aws_endpoint_url, LOCAL).client("cognito-idp")
    group = add_to_vendor_group(cognito, stack.user_pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}, from their next login on")


@cli.command("cloud", hidden=True)
@click.argument("api_url")
@click.argument("pid", type=int)
def cloud_command(api_url: str, pid: int) -> None:
    """Run a local cloud for `chalice local`, until its process ends."""
    with (
        _log_directory() as directory,
        local_stack(directory, api_url) as (_, stack),
        registration(stack),
        contextlib.suppress(ProcessLookupError),
    ):
        click.echo("ready")
        while True:
            os.kill(pid, 0)  # signal 0 only checks that the process exists
            time.sleep(0.5)


@contextlib.contextmanager
def _log_directory() -> Iterator[Path]:
    """Create a folder for the logs of this run, and remove it unless a server fails."""
    LOCAL.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=LOCAL))
    try:
        yield directory
    finally:
        if not isinstance(sys.exception(), CommandError):  # whose message may name a log
            shutil.rmtree(directory)
