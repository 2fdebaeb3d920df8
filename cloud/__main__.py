"""`python -m cloud`: the commands behind the Makefile's demo, run, deploy and their kin."""

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import click
from botocore.exceptions import BotoCoreError, ClientError
from requests import RequestException
from rich.console import Console
from rich.markup import escape

from cloud import api, deploy, openapi, run, sdk_data, staff
from cloud.aws import TargetError, target
from cloud.cloudformation import StackError
from cloud.demo import tell
from cloud.local import mails_to
from cloud.outputs import LOCAL, PROJECT, NoLocalCloudError, read_local
from cloud.server import LOOPBACK, ServerError, free_port
from cloud.service import local_service
from coffee_client import CoffeeError

_TOLD_IN_A_MESSAGE = (
    api.ChaliceError,
    CoffeeError,
    deploy.ElsewhereError,
    NoLocalCloudError,
    ServerError,
    StackError,
    staff.StaffError,
    TargetError,
)
_console = Console(soft_wrap=True, highlight=False)
_stage = click.option("--stage", required=True, help="The stage of .chalice/config.json.")
_alarm_email = click.option(
    "--alarm-email", envvar="ALARM_EMAIL", help="Who is told of alarms; stays until another is."
)


@click.group()
def cli() -> None:
    """Coffee orders, on this machine and on AWS."""


@cli.command("demo")
def demo_command() -> None:
    """Tell the notebook's story on a local cloud, then stop everything."""
    started = time.monotonic()
    with _scratch() as directory, local_service(directory, free_port(), _report) as service:
        tell(service, _console)
    _console.print(f"\n[dim]Everything is stopped. {time.monotonic() - started:.1f} s in all.[/]")


@cli.command("run")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve; 8000 or any, if not.")
def run_command(port: int | None) -> None:
    """Tell the story, then keep the service up until Ctrl-C."""
    port = run.port(port)
    with _scratch() as directory, local_service(directory, port, _report) as service:
        customer = tell(service, _console)
        run.stay_up(service, customer, _console)
    _console.print("\n[dim]Everything is stopped.[/]")


@cli.command("notebook", context_settings={"ignore_unknown_options": True})
@click.argument("jupyter_options", nargs=-1, type=click.UNPROCESSED)
def notebook_command(jupyter_options: tuple[str, ...]) -> None:
    """Keep the service up beside JupyterLab, with the notebook open, until Ctrl-C."""
    with _scratch() as directory, local_service(directory, free_port(), _report) as service:
        run.open_notebook(service, jupyter_options)
    _console.print("\n[dim]Everything is stopped.[/]")


@cli.command("deploy")
@_stage
@_alarm_email
def deploy_command(stage: str, alarm_email: str | None) -> None:
    """Create a stage on AWS, or bring it up to date."""
    where = target(stage)
    _console.print("[bold]Deploy[/]")
    for line in deploy.plan(where):
        _report(line)
    _console.print()
    deployed = deploy.deploy(where, _report, alarm_email=alarm_email)
    _console.print(f"\n[bold]Page[/]        {deployed.api_url}/")
    _console.print(f"[bold]API[/]         {deployed.api_url}")
    _console.print(f"[bold]App client[/]  {deployed.client_id}")
    _console.print(f"[bold]Region[/]      {deployed.region}")


@cli.command("stack")
@_stage
@_alarm_email
def stack_command(stage: str, alarm_email: str | None) -> None:
    """Create or update only the stage's stack: for pipelines, before `package`."""
    where = target(stage)
    _report(f"account {where.account}, region {where.region}")
    deploy.prepare(where, _report, alarm_email=alarm_email)


@cli.command("package")
@_stage
def package_command(stage: str) -> None:
    """Write the stage's SAM template and zip to build/: for pipelines."""
    out = PROJECT / "build" / stage
    api.package(stage, out)
    for name in ("sam.json", "deployment.zip"):
        size = (out / name).stat().st_size / 1000
        _console.print(f"{(out / name).relative_to(PROJECT)}  [dim]{size:.0f} KB[/]")


@cli.command("mail")
@click.option("--to", "address", required=True, envvar="TO", help="Whose mail.")
def mail_command(address: str) -> None:
    """Show the latest mail that the local cloud of `make run` has sent to an address."""
    mails = mails_to(read_local().aws_endpoint_url, address)
    _console.print(escape(mails[-1]) if mails else f"No mail to {escape(address)} yet")


@cli.command("openapi")
def openapi_command() -> None:
    """Write chalicelib/openapi.json anew, from the routes and their types."""
    # The document is the same for every stage, so any settings will do.
    os.environ.update(STAGE="docs", ORDERS_TABLE="docs", AWS_DEFAULT_REGION="us-east-1")
    os.environ["USER_POOL_ARN"] = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/docs"
    _console.print(openapi.write().relative_to(PROJECT))


@cli.command("sdk")
def sdk_command() -> None:
    """Write chalicelib/sdk anew, from the SDK that is installed."""
    _console.print(sdk_data.write().relative_to(PROJECT))


@cli.command("staff")
@click.option("--stage", required=True, help="local, for the cloud of `make run`; or dev, prod.")
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of who works there.")
def staff_command(stage: str, vendor: str, user: str) -> None:
    """Make somebody staff of a vendor; it counts from their next login or refresh."""
    group = staff.hire(*staff.pool(stage), vendor, user)
    _console.print(f"{escape(user)} is in the group {escape(group)}")


@cli.command("status")
@_stage
def status_command(stage: str) -> None:
    """Say what is deployed where."""
    for name, value in deploy.status(target(stage)):
        _console.print(f"[bold]{name:<10}[/]  {escape(value)}")


@cli.command("destroy")
@_stage
@click.option("--yes", is_flag=True, help="Do not ask.")
def destroy_command(stage: str, yes: bool) -> None:
    """Delete a stage's API, function and stack; its orders and users stay."""
    where = target(stage)
    _console.print(
        f"[bold]Destroy[/] stage {stage}, account {where.account}, region {where.region}: the API, "
        "the function and its logs, the app client, the alarms. Orders and users stay."
    )
    if not yes:
        click.confirm("Go on?", abort=True)
    for retained in deploy.destroy(where, _report):
        _console.print(f"\n[bold]Kept[/] {retained.type} {retained.id}; to delete it for good:")
        for command in deploy.how_to_remove(retained):
            _console.print(f"  {command}")


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
    # A shell starts background jobs with Ctrl-C's signal ignored; we are ended by it all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    # No proxy stands between this machine and itself, for us nor for the servers we start.
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), LOOPBACK]))
    try:
        cli(prog_name="python -m cloud")
    except (BotoCoreError, ClientError, RequestException) as error:
        _fail(f"{error}")
    except _TOLD_IN_A_MESSAGE as error:
        _fail(f"{error}")


def _fail(reason: str) -> NoReturn:
    """Tell a reason as it is: not wrapped, and no brackets read as markup."""
    told = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
    told.print(reason, style="red")
    sys.exit(1)


main()
