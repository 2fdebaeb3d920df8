"""The commands of `python -m deploy`, which `make deploy` and others call.

CONFIRM, GITHUB and RUNTIME are variables of make, and so of the environment.
"""

import os
import sys
from functools import partial

import boto3
import click
from rich.markup import escape

from deploy import cloudformation, stack, stages
from deploy.cloudformation import Change, Stack
from deploy.package import package
from deploy.smoke import smoke_test
from tools import CommandError
from tools.command import console, report
from tools.project import PROJECT, SERVICE_VARIABLES, record_variables
from tools.staff import add_to_vendor_group

# How the AWS CLI names what `make destroy` keeps, and turns its deletion protection off.
_TABLE = ("dynamodb", "table", "--table-name", "--no-deletion-protection-enabled")
_POOL = ("cognito-idp", "user-pool", "--user-pool-id", "--deletion-protection INACTIVE")
_KEPT = {"OrdersTable": _TABLE, "ShopsTable": _TABLE, "UserPoolId": _POOL}
_stage = click.option(
    "--stage", required=True, envvar="STAGE", type=click.Choice(list(stages.read_stages()))
)


@click.group()
def cli() -> None:
    """Coffee orders on AWS."""


@cli.command("account", epilog="make account STAGE=dev")
@_stage
def account_command(stage: str) -> None:
    """Create or update what the account and region of a stage need once, as an administrator.

    GITHUB is the owner/name of the repository whose workflow deploys.
    """
    session = stages.find_target(stage).session
    client = session.client("cloudformation")
    parameters = dict(cloudformation.describe(client, stages.ACCOUNT_STACK).parameters)
    if not parameters:  # later, these may be this stack's own
        account = session.client("apigateway").get_account()
        parameters["GatewayLogRole"] = account.get("cloudwatchRoleArn", "")
        providers = session.client("iam").list_open_id_connect_providers()
        arns = [provider["Arn"] for provider in providers["OpenIDConnectProviderList"]]
        github = [arn for arn in arns if arn.endswith("/token.actions.githubusercontent.com")]
        parameters["GitHubProvider"] = "".join(github)  # an account has at most one
    if "GITHUB" in os.environ:
        parameters["GitHubRepository"] = os.environ["GITHUB"]
    template, tags = (PROJECT / "deploy/account.yaml").read_text(), {"app": "coffee-orders"}
    cloudformation.apply(client, Stack(stages.ACCOUNT_STACK, template, parameters, tags))
    _print_stack(session, stages.ACCOUNT_STACK)


@cli.command("deploy", epilog="make deploy STAGE=dev")
@_stage
def deploy_command(stage: str) -> None:
    """Create or update a stage on AWS; then run the smoke test."""
    target = stages.find_target(stage)
    stages.deploy(target, partial(_approve, target), os.environ.get("RUNTIME"))
    service = stages.find_settings(target)
    smoke_test(service)
    console.print(
        f"\n[bold]Page[/]  {service.api_url}/\n[bold]Next[/]  coffee configure --api-url "
        f"{service.api_url} --client-id {service.client_id} --region {service.region}"
    )


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage
def stack_command(stage: str) -> None:
    """Create or update only the tables and users, and record them for `chalice deploy`."""
    target = stages.find_target(stage)
    record_variables(stage, stages.apply_data(target, partial(_approve, target)))
    console.print(f"Recorded. Next: .venv/bin/chalice deploy --stage {stage}")


@cli.command("package", epilog="make package STAGE=dev")
@_stage
def package_command(stage: str) -> None:
    """Write the stage's SAM template and zip to build/, without AWS."""
    package(stage, stages.read_stages()[stage].region, PROJECT / "build" / stage)
    console.print(f"build/{stage} has sam.json and deployment.zip")


@cli.command("smoke", epilog="make smoke STAGE=dev")
@_stage
def smoke_command(stage: str) -> None:
    """Check the responses of a stage's live API."""
    smoke_test(stages.find_settings(stages.find_target(stage)))


@cli.command("staff", epilog="make staff STAGE=dev VENDOR=v0 STAFF=Ann")
@_stage
@click.option("--vendor", required=True, envvar="VENDOR", help="The vendorid of the shop.")
@click.option("--user", required=True, envvar="STAFF", help="The user name of the staff member.")
def staff_command(stage: str, vendor: str, user: str) -> None:
    """Add a user to a vendor's staff; they must log in again."""
    session = stages.find_target(stage).session
    pool_id = stack.outputs(session.client("cloudformation"), stage).user_pool_id
    group = add_to_vendor_group(session.client("cognito-idp"), pool_id, vendor, user)
    console.print(f"{escape(user)} is in the group {escape(group)}. They must log in again")


@cli.command("status", epilog="make status STAGE=dev")
@_stage
def status_command(stage: str) -> None:
    """Show what is deployed, and where."""
    session = stages.find_target(stage).session
    _print_stack(session, stack.name(stage))
    _print_stack(session, stack.api_name(stage))


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage
def destroy_command(stage: str) -> None:
    """Delete a stage's API, function and app client; its orders and users stay."""
    target = stages.find_target(stage)
    text = "will delete the API, the function and its logs, the app client and the alarms"
    _approve(target, [Change(f"{text}. Orders and users stay", is_dangerous=True)])
    client = target.session.client("cloudformation")
    outputs = cloudformation.describe(client, stack.name(stage)).outputs
    for name in (stack.api_name(stage), stack.name(stage)):
        cloudformation.delete(client, name)
    record_variables(stage, dict.fromkeys((*SERVICE_VARIABLES, "PUSH_PUBLIC_KEY")))
    for output in sorted(outputs.keys() & _KEPT.keys()):
        service, kind, option, unprotected = _KEPT[output]
        name = f"{option} {outputs[output]} --region {target.settings.region}"
        console.print(f"\n[bold]Kept[/] {kind} {outputs[output]}; to delete it permanently:")
        console.print(f"  aws {service} update-{kind} {name} {unprotected}")
        console.print(f"  aws {service} delete-{kind} {name}")


def _print_stack(session: boto3.Session, name: str) -> None:
    state = cloudformation.describe(session.client("cloudformation"), name)
    console.print(f"[bold]{name}[/]  {state.status or 'does not exist'}")
    for output, value in state.outputs.items():
        console.print(f"  {output:<16}  {escape(value)}")


def _approve(target: stages.Target, changes: list[Change]) -> None:
    """Print changes, and ask about those that need it. Raises CommandError if the user refuses."""
    for change in changes:
        report(f"{change.description}{' (DANGEROUS)' if change.is_dangerous else ''}")
    is_dangerous = any(change.is_dangerous for change in changes)
    has_terminal = sys.stdin.isatty()
    if not (is_dangerous or (target.settings.confirm and has_terminal)):
        return
    if os.environ.get("CONFIRM") == "yes" or (has_terminal and click.confirm("Continue?")):
        return
    raise CommandError("This was not changed. Without a terminal, set CONFIRM=yes to allow it")
