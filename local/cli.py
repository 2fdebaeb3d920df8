"""The commands behind `make demo`, `make run` and the other local ones."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import click
from rich.markup import escape

from deploy.console import console, report
from deploy.environment import ignore_aws_settings
from deploy.staff import add_to_vendor_group
from local import run
from local.demo import open_harbour, tell
from local.emulator import cognito_client, mails_to
from local.server import free_port
from local.service import local_service
from local.state import LOCAL, read_local


@click.group()
def cli() -> None:
    """Coffee orders on this machine."""
    ignore_aws_settings()


@cli.command("demo")
def demo_command() -> None:
    """Run the notebook's story on a local cloud, then stop everything."""
    started = time.monotonic()
    with _scratch() as directory, local_service(directory, free_port(), report) as service:
        tell(service, console)
    console.print(f"\n[dim]Everything is stopped. {time.monotonic() - started:.1f} s in all.[/]")


@cli.command("run", epilog="make run PORT=8001")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    envvar="PORT",
    help="The port of the service. Default: 8000, or a free one if that is taken.",
)
def run_command(port: int | None) -> None:
    """Run the story, then keep the service running until Ctrl-C."""
    port = run.port(port)
    with _scratch() as directory, local_service(directory, port, report) as service:
        customer = tell(service, console)
        open_harbour(service)
        run.stay_up(service, customer, console)
    console.print("\n[dim]Everything is stopped.[/]")


@cli.command("notebook", context_settings={"ignore_unknown_options": True})
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def notebook_command(jupyter_options: tuple[str, ...]) -> None:
    """Run the service together with JupyterLab and the notebook, until Ctrl-C."""
    with _scratch() as directory, local_service(directory, free_port(), report) as service:
        open_harbour(service)
        run.open_notebook(service, jupyter_options)
    console.print("\n[dim]Everything is stopped.[/]")


@cli.command("mail", epilog="make mail TO=ann@example.com")
@click.option("--to", "address", required=True, envvar="TO", help="The email address.")
def mail_command(address: str) -> None:
    """Show the latest mail that the local cloud of `make run` has sent to an address."""
    mails = mails_to(read_local().aws_endpoint_url, address)
    console.print(escape(mails[-1]) if mails else f"No mail to {escape(address)} yet")


@cli.command("staff", epilog="make staff STAGE=local VENDOR=v0 STAFF=Ann")
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(vendor: str, user: str) -> None:
    """Add a user to a vendor's staff; it takes effect with their next login or refresh."""
    stack = read_local()
    cognito = cognito_client(stack.aws_endpoint_url)
    group = add_to_vendor_group(cognito, stack.user_pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}")


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """Create a folder for the logs of this run; it is kept if the run fails."""
    LOCAL.mkdir(exist_ok=True)
    directory = Path(tempfile.mkdtemp(prefix="run-", dir=LOCAL))
    failed = False
    try:
        yield directory
    except Exception:
        failed = True
        raise
    finally:
        if not failed:
            shutil.rmtree(directory)
