"""The commands of `python -m deploy`, which `make deploy` and others call."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError
from rich.markup import escape

from deploy import cloudformation, deployment, smoke, stack
from deploy.cloudformation import Approve, Change
from deploy.package import package, runtime
from deploy.target import Target, explain, find_target, read_stages
from tools import CommandError
from tools.console import console, report
from tools.project import PROJECT, SERVICE_VARIABLES, record_variables
from tools.staff import add_to_vendor_group

_stage = click.option(
    "--stage",
    required=True,
    envvar="STAGE",
    type=click.Choice(list(read_stages())),
    help="The stage of deploy/stages.toml.",
)
_confirm = click.option(
    "--confirm",
    envvar="CONFIRM",
    type=click.Choice(["", "yes"]),
    help="`yes` answers the question about dangerous changes, which needs a terminal otherwise.",
)


class _AwsGroup(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Run a command. Raises CommandError for a failed call to AWS."""
        try:
            return super().invoke(ctx)
        except (BotoCoreError, ClientError) as error:
            raise CommandError(explain(error)) from error


@click.group(cls=_AwsGroup)
def cli() -> None:
    """Coffee orders on AWS."""


@cli.command("account", epilog="make account STAGE=dev")
@_stage
@click.option("--github", envvar="GITHUB", help="owner/name of the repository that deploys.")
def account_command(stage: str, github: str | None) -> None:
    """Create or update what the account and region of a stage need once, as an administrator."""
    target = _find_target(stage)
    for name, value in stack.apply_account(target.session, github, report).items():
        console.print(f"[bold]{name:<16}[/]  {escape(value)}")


@cli.command("deploy", epilog="make deploy STAGE=dev")
@_stage
@_confirm
@click.option("--runtime", "new_runtime", envvar="RUNTIME", help="Change the runtime to this one.")
def deploy_command(stage: str, confirm: str | None, new_runtime: str | None) -> None:
    """Create or update a stage on AWS; then run the smoke test."""
    login = smoke.login_from_environment()
    target = _find_target(stage)
    with _explained_interrupt(target):
        result = deployment.deploy(target, report, _approve(target, confirm), new_runtime)
        smoke.smoke_test(result.api_url, result.accounts, report, login)
    console.print(
        f"\n[bold]Page[/]  {result.api_url}/\n[bold]Next[/]  coffee configure --api-url "
        f"{result.api_url} --client-id {result.client_id} --region {target.settings.region}"
    )


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage
@_confirm
def stack_command(stage: str, confirm: str | None) -> None:
    """Create or update only the tables and users, and record them for `chalice deploy`."""
    target = _find_target(stage)
    with _explained_interrupt(target):
        outputs = deployment.apply_data(target, report, _approve(target, confirm))
        public_key = deployment.push_public_key(target, outputs)
    record_variables(stage, {**outputs.environment(), "PUSH_PUBLIC_KEY": public_key})
    console.print(
        f"Recorded in .chalice/config.json. Next: .venv/bin/chalice deploy --stage {stage}"
    )


@cli.command("package", epilog="make package STAGE=dev")
@_stage
def package_command(stage: str) -> None:
    """Write the stage's SAM template and zip to build/, without AWS."""
    out = PROJECT / "build" / stage
    package(stage, read_stages()[stage], out)
    for name in ("sam.json", "deployment.zip"):
        size = (out / name).stat().st_size / 1000
        console.print(f"{(out / name).relative_to(PROJECT)}  [dim]{size:.0f} KB[/]")


@cli.command("smoke", epilog="make smoke STAGE=dev")
@_stage
def smoke_command(stage: str) -> None:
    """Check the responses of a stage's live API."""
    login = smoke.login_from_environment()
    result = deployment.find_deployment(find_target(stage))
    smoke.smoke_test(result.api_url, result.accounts, report, login)


@cli.command("staff", epilog="make staff STAGE=dev VENDOR=v0 STAFF=Ann")
@_stage
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(stage: str, vendor: str, user: str) -> None:
    """Add a user to a vendor's staff; they must log in again."""
    session = find_target(stage).session
    pool_id = stack.outputs(session.client("cloudformation"), stage).user_pool_id
    group = add_to_vendor_group(session.client("cognito-idp"), pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}. They must log in again")


@cli.command("status", epilog="make status STAGE=dev")
@_stage
def status_command(stage: str) -> None:
    """Show what is deployed, and where."""
    for name, value in deployment.status(find_target(stage)):
        console.print(f"[bold]{name:<16}[/]  {escape(value)}")


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage
@_confirm
def destroy_command(stage: str, confirm: str | None) -> None:
    """Delete a stage's API, function and app client; its orders and users stay."""
    target = _find_target(stage)
    text = "will delete the API, the function and its logs, the app client and the alarms"
    _approve(target, confirm)([Change(f"{text}. Orders and users stay", is_dangerous=True)])
    with _explained_interrupt(target):
        if not deployment.destroy(target, report):
            console.print(f"Nothing of stage {stage} is left to destroy")
    record_variables(stage, dict.fromkeys((*SERVICE_VARIABLES, "PUSH_PUBLIC_KEY")))
    for resource in stack.retained_resources(target.session, stage):
        console.print(f"\n[bold]Kept[/] {resource.kind} {resource.id}; to delete it permanently:")
        for command in resource.removal_commands():
            console.print(f"  {command} --region {target.settings.region}")


def _find_target(stage: str) -> Target:
    """Return a stage that a command will change, and print where it is."""
    target = find_target(stage)
    settings = target.settings
    report(f"stage {stage}, account {settings.account}, region {settings.region}, {runtime()}")
    return target


def _approve(target: Target, confirm: str | None) -> Approve:
    """Return a function that prints changes, and asks about those that need it.

    It raises CommandError if the user does not agree.
    """

    def approve(changes: list[Change]) -> None:
        for change in changes:
            report(f"{change.description}{' (DANGEROUS)' if change.is_dangerous else ''}")
        is_dangerous = any(change.is_dangerous for change in changes)
        has_terminal = sys.stdin.isatty()
        if confirm == "yes" or not (is_dangerous or (target.settings.confirm and has_terminal)):
            return
        if not has_terminal:
            raise CommandError(
                "This takes orders, users or logins out of service, and there is no terminal to "
                "ask you: set CONFIRM=yes if that is intended"
            )
        if not click.confirm("Continue?"):
            raise CommandError("This was not changed.")

    return approve


@contextmanager
def _explained_interrupt(target: Target) -> Iterator[None]:
    """After Ctrl-C, say what goes on in AWS."""
    try:
        yield
    except KeyboardInterrupt:
        client = target.session.client("cloudformation")
        for name in (stack.name(target.stage), stack.api_name(target.stage)):
            console.print(f"{name}: {cloudformation.status(client, name) or 'none'}")
        console.print(
            "CloudFormation finishes what is IN_PROGRESS. The next `make deploy` waits for that."
        )
        raise
