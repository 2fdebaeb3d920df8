"""The commands of `python -m deploy`, which `make deploy`, `make package` and others call."""

import os
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.markup import escape

from deploy import deployment, function, smoke, stack
from deploy.package import package
from deploy.target import Target, find_target, stages_on_aws
from tools import CommandError
from tools.console import console, report
from tools.project import PROJECT
from tools.staff import add_to_vendor_group

Command = TypeVar("Command", bound=Callable[..., Any])

_STAGES = stages_on_aws()


def _stage(*choices: str) -> Callable[[Command], Command]:
    return click.option(
        "--stage",
        required=True,
        envvar="STAGE",
        type=click.Choice(choices or _STAGES),
        help="The stage of .chalice/config.json.",
    )


_alarm_email = click.option(
    "--alarm-email",
    # `envvar` ignores an empty variable, but ALARM_EMAIL= removes the address.
    default=lambda: os.environ.get("ALARM_EMAIL"),
    callback=lambda _context, _parameter, value: _valid_address(value),
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
    """Create or update a stage on AWS; then run the smoke test."""
    login = smoke.login_from_environment()
    target = find_target(stage)
    console.print("[bold]Deploy[/]")
    for line in deployment.plan(target):
        report(line)
    console.print()
    result = deployment.deploy(target, report, alarm_email=alarm_email, runtime=runtime)
    _smoke_test(target, result, login)
    if result.domain_url:
        console.print(f"\n[bold]Domain[/]      {result.domain_url}", end="")
    console.print(f"\n[bold]Page[/]        {result.api_url}/")
    console.print(f"[bold]API[/]         {result.api_url}")
    console.print(f"[bold]App client[/]  {result.client_id}")
    console.print(f"[bold]Region[/]      {result.region}")


@cli.command("smoke", epilog="make smoke STAGE=dev")
@_stage()
def smoke_command(stage: str) -> None:
    """Check the responses of a stage's live API."""
    login = smoke.login_from_environment()
    target = find_target(stage)
    _smoke_test(target, deployment.find_deployment(target), login)


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage()
@_alarm_email
@_runtime
def stack_command(stage: str, alarm_email: str | None, runtime: str | None) -> None:
    """Create or update only the stage's stack: for pipelines, before `package`."""
    target = find_target(stage)
    report(f"account {target.account}, region {target.region}, {function.runtime()}")
    deployment.prepare(target, report, alarm_email=alarm_email, runtime=runtime)


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
    session = find_target(stage).session
    pool_id = stack.outputs(session.client("cloudformation"), stage).user_pool_id
    group = add_to_vendor_group(session.client("cognito-idp"), pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}")


@cli.command("status", epilog="make status STAGE=dev")
@_stage()
def status_command(stage: str) -> None:
    """Show what is deployed, and where."""
    for name, value in deployment.status(find_target(stage)):
        console.print(f"[bold]{name:<10}[/]  {escape(value)}")


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage()
@click.option("--yes", is_flag=True, envvar="YES", help="Do not ask for confirmation.")
def destroy_command(stage: str, yes: bool) -> None:
    """Delete a stage's API, function and stack; its orders and users stay."""
    target = find_target(stage)
    console.print(
        f"[bold]Destroy[/] stage {stage}, account {target.account}, region {target.region}: the "
        "API, the function and its logs, the app client, the alarms. Orders and users stay."
    )
    if not yes and not click.confirm("Continue?"):
        raise CommandError("Nothing was changed.")
    if not deployment.destroy(target, report):
        console.print(f"Nothing of stage {stage} is left to destroy")
    for resource in stack.retained_resources(target):
        console.print(f"\n[bold]Kept[/] {resource.kind} {resource.id}; to delete it permanently:")
        for command in stack.removal_commands(resource):
            console.print(f"  {command}")


def _smoke_test(target: Target, stage: deployment.Deployment, login: smoke.Login | None) -> None:
    console.print(f"\n[bold]Smoke test[/] of {stage.api_url}")
    smoke.smoke_test(target, stage.api_url, stage.client_id, report, login)


def _valid_address(address: str | None) -> str | None:
    if address and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise CommandError(f"ALARM_EMAIL: {address!r} is not an email address")
    return address
