"""The commands behind `make deploy`, `make package` and the other AWS ones."""

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.markup import escape

from deploy import CommandError, deployment, function, smoke, stack
from deploy.console import console, fail, report
from deploy.package import package
from deploy.project import PROJECT
from deploy.staff import add_to_vendor_group
from deploy.target import Target, stages_on_aws, target

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
    "--alarm-email",
    # Not by `envvar`, which takes an empty variable for none: ALARM_EMAIL= removes the address.
    default=lambda: os.environ.get("ALARM_EMAIL"),
    callback=lambda _context, _parameter, value: _checked_address(value),
    help="The address for alarms. It is kept until you change it; an empty one removes it.",
)
_runtime = click.option(
    "--runtime", envvar="RUNTIME", help="Change the runtime to this one, such as python3.13."
)


@click.group()
def cli() -> None:
    """Coffee orders on AWS."""


@cli.command("deploy", epilog="make deploy STAGE=dev")
@_stage()
@_alarm_email
@_runtime
def deploy_command(stage: str, alarm_email: str | None, runtime: str | None) -> None:
    """Create a stage on AWS, or bring it up to date; then run the smoke test."""
    login = smoke.login_from_environment()
    where = target(stage)
    console.print("[bold]Deploy[/]")
    for line in deployment.plan(where):
        report(line)
    console.print()
    deployed = deployment.deploy(where, report, alarm_email=alarm_email, runtime=runtime)
    _smoke_test(where, deployed, login)
    if deployed.domain_url:
        console.print(f"\n[bold]Domain[/]      {deployed.domain_url}", end="")
    console.print(f"\n[bold]Page[/]        {deployed.api_url}/")
    console.print(f"[bold]API[/]         {deployed.api_url}")
    console.print(f"[bold]App client[/]  {deployed.client_id}")
    console.print(f"[bold]Region[/]      {deployed.region}")


@cli.command("smoke", epilog="make smoke STAGE=dev")
@_stage()
def smoke_command(stage: str) -> None:
    """Check that the live API of a stage answers as it should."""
    login = smoke.login_from_environment()
    where = target(stage)
    _smoke_test(where, deployment.deployed(where), login)


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage()
@_alarm_email
@_runtime
def stack_command(stage: str, alarm_email: str | None, runtime: str | None) -> None:
    """Create or update only the stage's stack: for pipelines, before `package`."""
    where = target(stage)
    report(f"account {where.account}, region {where.region}, {function.runtime()}")
    deployment.prepare(where, report, alarm_email=alarm_email, runtime=runtime)


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
    """Show what is deployed, and where."""
    for name, value in deployment.status(target(stage)):
        console.print(f"[bold]{name:<10}[/]  {escape(value)}")


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage()
@click.option("--yes", is_flag=True, envvar="YES", help="Do not ask for confirmation.")
def destroy_command(stage: str, yes: bool) -> None:
    """Delete a stage's API, function and stack; its orders and users stay."""
    where = target(stage)
    console.print(
        f"[bold]Destroy[/] stage {stage}, account {where.account}, region {where.region}: the API, "
        "the function and its logs, the app client, the alarms. Orders and users stay."
    )
    if not yes and not click.confirm("Continue?"):
        fail("Nothing was changed.")
    if not deployment.destroy(where, report):
        console.print(f"Nothing of stage {stage} is left to destroy")
    for each in stack.find_kept(where):
        console.print(f"\n[bold]Kept[/] {each.kind} {each.id}; to delete it permanently:")
        for command in stack.how_to_remove(each):
            console.print(f"  {command}")


def _smoke_test(where: Target, deployed: deployment.Deployed, login: smoke.Login | None) -> None:
    console.print(f"\n[bold]Smoke test[/] of {deployed.api_url}")
    smoke.smoke_test(where, deployed.api_url, deployed.client_id, report, login)


def _checked_address(address: str | None) -> str | None:
    if address and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise CommandError(f"ALARM_EMAIL: {address!r} is not an email address")
    return address
