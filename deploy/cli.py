"""The commands of `python -m deploy`, which `make deploy` and others call.

CONFIRM, GITHUB and RUNTIME are variables of make, and so of the environment.
"""

import logging
import os
import sys
from functools import partial
from pathlib import Path

import click
from rich.markup import escape

from deploy import cloudformation, deployment, stack
from deploy.cloudformation import Change, Stack
from deploy.package import package, runtime
from deploy.smoke import smoke_test
from deploy.target import Target, find_target, read_stages
from tools import CommandError
from tools.console import console, report
from tools.project import PROJECT, SERVICE_VARIABLES, record_variables
from tools.staff import add_to_vendor_group

_ACCOUNT_TEMPLATE = Path(__file__).with_name("account.yaml")
_GITHUB = "/token.actions.githubusercontent.com"
# How the AWS CLI names what `make destroy` keeps, and turns its deletion protection off.
_TABLE = ("dynamodb", "table", "--table-name", "--no-deletion-protection-enabled")
_POOL = ("cognito-idp", "user-pool", "--user-pool-id", "--deletion-protection INACTIVE")
_stage = click.option(
    "--stage",
    required=True,
    envvar="STAGE",
    type=click.Choice(list(read_stages())),
    help="The stage of deploy/stages.toml.",
)


@click.group()
def cli() -> None:
    """Coffee orders on AWS."""
    logging.basicConfig(format="· %(message)s", stream=sys.stdout)
    logging.getLogger("deploy").setLevel(logging.INFO)


@cli.command("account", epilog="make account STAGE=dev")
@_stage
def account_command(stage: str) -> None:
    """Create or update what the account and region of a stage need once, as an administrator.

    GITHUB is the owner/name of the repository whose workflow deploys.
    """
    target, name = _find_target(stage), deployment.ACCOUNT_STACK
    session, client = target.session, target.session.client("cloudformation")
    parameters = dict(cloudformation.describe(client, name).parameters)
    if not parameters:  # later, the role may be this stack's own
        account = session.client("apigateway").get_account()
        parameters["GatewayLogRole"] = account.get("cloudwatchRoleArn", "")
    github = os.environ.get("GITHUB", parameters.get("GitHubRepository", ""))
    if github and not parameters.get("GitHubRepository"):  # as for the role
        providers = session.client("iam").list_open_id_connect_providers()
        arns = [provider["Arn"] for provider in providers["OpenIDConnectProviderList"]]
        parameters["GitHubProvider"] = next((arn for arn in arns if arn.endswith(_GITHUB)), "")
    parameters["GitHubRepository"] = github
    template, tags = _ACCOUNT_TEMPLATE.read_text(), {"app": "coffee-orders"}
    cloudformation.apply(client, Stack(name, template, parameters, tags))
    _print_stack(target, name)


@cli.command("deploy", epilog="make deploy STAGE=dev")
@_stage
def deploy_command(stage: str) -> None:
    """Create or update a stage on AWS; then run the smoke test."""
    target = _find_target(stage)
    api = deployment.deploy(target, partial(_approve, target), os.environ.get("RUNTIME"))
    smoke_test(api.url, api.accounts)
    console.print(
        f"\n[bold]Page[/]  {api.url}/\n[bold]Next[/]  coffee configure --api-url {api.url} "
        f"--client-id {api.client_id} --region {target.settings.region}"
    )


@cli.command("stack", epilog="make stack STAGE=dev")
@_stage
def stack_command(stage: str) -> None:
    """Create or update only the tables and users, and record them for `chalice deploy`."""
    target = _find_target(stage)
    outputs = deployment.apply_data(target, partial(_approve, target))
    public_key = deployment.push_public_key(target, outputs)
    record_variables(stage, {**outputs.environment(), "PUSH_PUBLIC_KEY": public_key})
    console.print(
        f"Recorded in .chalice/config.json. Next: .venv/bin/chalice deploy --stage {stage}"
    )


@cli.command("package", epilog="make package STAGE=dev")
@_stage
def package_command(stage: str) -> None:
    """Write the stage's SAM template and zip to build/, without AWS."""
    package(stage, read_stages()[stage], PROJECT / "build" / stage)
    console.print(f"build/{stage} has sam.json and deployment.zip")


@cli.command("smoke", epilog="make smoke STAGE=dev")
@_stage
def smoke_command(stage: str) -> None:
    """Check the responses of a stage's live API."""
    api = deployment.find_api(_find_target(stage))
    smoke_test(api.url, api.accounts)


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
    target = _find_target(stage)
    _print_stack(target, stack.name(stage))
    _print_stack(target, stack.api_name(stage))
    for kept in deployment.kept_resources(target):
        console.print(f"{kept} of an earlier stack is kept")


@cli.command("destroy", epilog="make destroy STAGE=dev")
@_stage
def destroy_command(stage: str) -> None:
    """Delete a stage's API, function and app client; its orders and users stay."""
    target = _find_target(stage)
    text = "will delete the API, the function and its logs, the app client and the alarms"
    _approve(target, [Change(f"{text}. Orders and users stay", is_dangerous=True)])
    for name in (stack.api_name(stage), stack.name(stage)):
        cloudformation.delete(target.session.client("cloudformation"), name)
    record_variables(stage, dict.fromkeys((*SERVICE_VARIABLES, "PUSH_PUBLIC_KEY")))
    for kept in deployment.kept_resources(target):
        is_table = kept.startswith(stack.name(stage))
        service, kind, option, unprotected = _TABLE if is_table else _POOL
        name = f"{option} {kept} --region {target.settings.region}"
        console.print(f"\n[bold]Kept[/] {kind} {kept}; to delete it permanently:")
        console.print(f"  aws {service} update-{kind} {name} {unprotected}")
        console.print(f"  aws {service} delete-{kind} {name}")


def _find_target(stage: str) -> Target:
    """Return a stage, and print where it is."""
    target = find_target(stage)
    settings = target.settings
    report(f"stage {stage}, account {settings.account}, region {settings.region}, {runtime()}")
    return target


def _print_stack(target: Target, name: str) -> None:
    state = cloudformation.describe(target.session.client("cloudformation"), name)
    console.print(f"[bold]{name}[/]  {state.status or 'does not exist'}")
    for output, value in state.outputs.items():
        console.print(f"  {output:<16}  {escape(value)}")


def _approve(target: Target, changes: list[Change]) -> None:
    """Print changes, and ask about those that need it. Raises CommandError if the user refuses."""
    for change in changes:
        report(f"{change.description}{' (DANGEROUS)' if change.is_dangerous else ''}")
    is_dangerous = any(change.is_dangerous for change in changes)
    has_terminal = sys.stdin.isatty()
    if not (is_dangerous or (target.settings.confirm and has_terminal)):
        return
    if os.environ.get("CONFIRM") == "yes" or (has_terminal and click.confirm("Continue?")):
        return
    raise CommandError(
        "This was not changed. It takes orders, users or logins out of service; without a "
        "terminal, set CONFIRM=yes if that is intended"
    )
