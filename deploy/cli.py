"""The commands behind `make deploy`, `make package` and the other AWS ones."""

from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.markup import escape

from deploy import deployment, stack
from deploy.console import console, fail, report
from deploy.package import package
from deploy.project import PROJECT
from deploy.staff import add_to_vendor_group
from deploy.target import stages_on_aws, target

Command = TypeVar("Command", bound=Callable[..., Any])

_STAGES = stages_on_aws()


def _stage(*choices: str) -> Callable[[Command], Command]:
    """Return the option that names the stage."""
    return click.option(
        "--stage",
        required=True,
        envvar="STAGE",
        type=click.Choice(choices or _STAGES),
        help="The stage of .chalice/config.json.",
    )


_alarm_email = click.option(
    "--alarm-email", envvar="ALARM_EMAIL", help="Who gets the alarms; kept until you name another."
)


@click.group()
def cli() -> None:
    """Coffee orders on AWS."""


@cli.command("deploy", epilog="make deploy STAGE=dev")
@_stage()
@_alarm_email
def deploy_command(stage: str, alarm_email: str | None) -> None:
    """Create a stage on AWS, or bring it up to date."""
    where = target(stage)
    console.print("[bold]Deploy[/]")
    for line in deployment.plan(where):
        report(line)
    console.print()
    deployed = deployment.deploy(where, report, alarm_email=alarm_email)
    console.print(f"\n[bold]Page[/]        {deployed.api_url}/")
    console.print(f"[bold]API[/]         {deployed.api_url}")
    console.print(f"[bold]App client[/]  {deployed.client_id}")
    console.print(f"[bold]Region[/]      {deployed.region}")


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage()
@_alarm_email
def stack_command(stage: str, alarm_email: str | None) -> None:
    """Create or update only the stage's stack: for pipelines, before `package`."""
    where = target(stage)
    report(f"account {where.account}, region {where.region}")
    deployment.prepare(where, report, alarm_email=alarm_email)


@cli.command("package", epilog="make package STAGE=dev")
@_stage("local", *_STAGES)  # the end-to-end tests deploy this package to the local cloud
def package_command(stage: str) -> None:
    """Write the stage's SAM template and zip to build/: for pipelines."""
    out = PROJECT / "build" / stage
    package(stage, out)
    for name in ("sam.json", "deployment.zip"):
        size = (out / name).stat().st_size / 1000
        console.print(f"{(out / name).relative_to(PROJECT)}  [dim]{size:.0f} KB[/]")


@cli.command("staff", epilog="make staff STAGE=dev VENDOR=v0 STAFF=Ann")
@_stage("local", *_STAGES)  # the Makefile sends `local` to `python -m local`
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(stage: str, vendor: str, user: str) -> None:
    """Add a user to a vendor's staff; it takes effect with their next login or refresh."""
    session = target(stage).session
    pool_id = stack.outputs(session.client("cloudformation"), stage).user_pool_id
    group = add_to_vendor_group(session.client("cognito-idp"), pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}")


@cli.command("status", epilog="make status STAGE=dev")
@_stage()
def status_command(stage: str) -> None:
    """Say what is deployed where."""
    for name, value in deployment.status(target(stage)):
        console.print(f"[bold]{name:<10}[/]  {escape(value)}")


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage()
@click.option("--yes", is_flag=True, envvar="YES", help="Do not ask.")
def destroy_command(stage: str, yes: bool) -> None:
    """Delete a stage's API, function and stack; its orders and users stay."""
    where = target(stage)
    console.print(
        f"[bold]Destroy[/] stage {stage}, account {where.account}, region {where.region}: the API, "
        "the function and its logs, the app client, the alarms. Orders and users stay."
    )
    if not yes and not click.confirm("Go on?"):
        fail("Nothing was changed.")
    for retained in deployment.destroy(where, report):
        console.print(f"\n[bold]Kept[/] {retained.type} {retained.id}; to delete it for good:")
        for command in deployment.how_to_remove(retained):
            console.print(f"  {command}")
