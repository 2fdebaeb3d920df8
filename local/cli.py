"""The commands of `python -m local`, which `make demo`, `make run` and others call."""

import contextlib
import os
import shlex
import subprocess
import time
from pathlib import Path
from string import Template

import click
from rich.markup import escape

from coffee_client import Session
from local.demo import create_shop, run_demo
from local.emulator import LocalCloud
from local.server import LOOPBACK, ServerError, end_of, free_port, is_free
from local.service import Service, local_service, local_stack, registration, running_stack
from tools import CommandError
from tools.command import console
from tools.project import PROJECT, ignore_aws_settings
from tools.staff import add_to_vendor_group

_DEFAULT_PORT = 8000
_USAGE = Template(Path(__file__).with_name("usage.txt").read_text())
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
    with local_service(free_port()) as service:
        run_demo(service, verbose=verbose)
    seconds = time.monotonic() - started
    console.print(f"[dim]Everything is stopped, after {seconds:.1f} s.[/] Next: make run")


@cli.command("run", epilog="make run PORT=8001")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    help=f"The port of the service. Default: the first free one from {_DEFAULT_PORT}.",
)
@_verbose
def run_command(port: int | None, verbose: bool) -> None:
    """Run the demo, then keep the service running until Ctrl-C."""
    notice = ""
    if port is None:
        port = next(filter(is_free, range(_DEFAULT_PORT, 65536)))
        if port != _DEFAULT_PORT:
            notice = f"Port        {_DEFAULT_PORT} is taken, so this is {port}\n"
    elif not is_free(port):
        raise CommandError(f"Port {port} of {LOOPBACK} is taken: name another, as in PORT=8001")
    with local_service(port) as service:
        customer = run_demo(service, verbose=verbose)
        create_shop(service)
        with contextlib.suppress(KeyboardInterrupt), registration(service.stack):
            _serve(service, customer, notice)
    console.print("\n[dim]Everything is stopped.[/]")


def _serve(service: Service, customer: Session, notice: str) -> None:
    """Print how to use the service, with a notice, and keep a token in a file for curl.

    Raises ServerError if the service ends.
    """
    header_file = service.stack.file("authorization-{}")
    _write_token(header_file, customer)
    usage = _USAGE.substitute(
        service.stack._asdict(),
        token=shlex.quote(str(header_file)),
        project=shlex.quote(str(PROJECT)),
        notice=notice,
    )
    console.rule("Coffee orders is up")
    console.print(usage, markup=False, end="")
    while service.process.poll() is None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.process.wait(30)
        _write_token(header_file, customer)
    raise ServerError(f"The service ended by itself. {end_of(service.log)}")


def _write_token(header_file: Path, customer: Session) -> None:
    """Write a valid IdToken for curl to a file, which others cannot read as a command line."""
    header_file.touch(mode=0o600)
    header_file.write_text(f"Authorization: Bearer {customer.id_token()}\n")


@cli.command("mail", epilog="make mail TO=ann@example.com")
@click.option("--to", "address", required=True, envvar="TO", help="The email address.")
def mail_command(address: str) -> None:
    """Show the latest mail that the local cloud of `make run` has sent to an address."""
    mails = LocalCloud(running_stack().aws_endpoint_url).mails_to(address)
    console.print(escape(mails[-1]) if mails else f"No mail to {escape(address)} yet")


@cli.command("staff", epilog="make staff STAGE=local VENDOR=v0 STAFF=Ann")
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(vendor: str, user: str) -> None:
    """Add a user to a vendor's staff."""
    stack = running_stack()
    cognito = LocalCloud(stack.aws_endpoint_url).client("cognito-idp")
    group = add_to_vendor_group(cognito, stack.user_pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}, from their next login on")


@cli.command("cloud", hidden=True)
@click.argument("port", type=int)
@click.argument("pid", type=int)
def cloud_command(port: int, pid: int) -> None:
    """Run a local cloud for a `chalice local` on this port, until its process ends."""
    with (
        local_stack(port) as (_, stack),
        registration(stack),
        contextlib.suppress(ProcessLookupError),
    ):
        while True:
            os.kill(pid, 0)  # signal 0 only checks that the process exists
            time.sleep(0.5)
