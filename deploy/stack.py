"""A stage's CloudFormation stack: tables, user pool, app client, logs and alarms.

It applies `resources.yaml` through a CloudFormation client, to AWS or to the local cloud. It
writes no file; `project.py` records what it returns.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy import cloudformation, gateway
from deploy.cloudformation import Report, Stack, StackError
from deploy.target import Target

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_cloudformation import CloudFormationClient

TEMPLATE = Path(__file__).with_name("resources.yaml")
_ACCOUNT_TEMPLATE = Path(__file__).with_name("account.yaml")


class StackOutputs(NamedTuple):
    """The stack's outputs, as the service and its clients need them."""

    orders_table: str
    shops_table: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str


def name(stage: str) -> str:
    """Return the stack's name for a Chalice stage."""
    return f"coffee-orders-{stage}"


def api_name(stage: str) -> str:
    """Return the name of the stack of function and API, which only a pipeline makes."""
    return f"coffee-orders-api-{stage}"


def apply(
    client: "CloudFormationClient",
    stage: str,
    *,
    report: Report = lambda _: None,
    alarm_email: str | None = None,
    template: Path = TEMPLATE,
) -> StackOutputs:
    """Create the stage's stack, or bring it up to date; without a difference, do nothing.

    `report` is called with a line for each step: what will change, then what CloudFormation
    does. `alarm_email` is the address for alarms: None keeps it, and "" removes it.
    Raises StackError when the change fails; CloudFormation has then rolled it back.
    """
    parameters = {"Stage": stage}
    if alarm_email is not None:
        parameters["AlarmEmail"] = alarm_email
    wanted = Stack(name(stage), template.read_text(), parameters, gateway.tags(stage))
    cloudformation.change(client, wanted, report=report)
    return outputs(client, stage)


def prepare_account(
    client: "CloudFormationClient", api_gateway: "APIGatewayClient", *, report: Report
) -> None:
    """Let API Gateway write access logs in this account and region, unless it may already.

    Raises StackError.
    """
    if not api_gateway.get_account().get("cloudwatchRoleArn"):
        template = _ACCOUNT_TEMPLATE.read_text()
        wanted = Stack("coffee-orders-account", template, {}, {"app": "coffee-orders"})
        cloudformation.change(client, wanted, report=report)


def outputs(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Return the outputs of the stage's stack. Raises StackError if there is none."""
    with cloudformation.reasons(name(stage)):
        described = client.describe_stacks(StackName=name(stage))["Stacks"][0]
    found = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    try:
        return StackOutputs(
            orders_table=found["OrdersTable"],
            shops_table=found["ShopsTable"],
            user_pool_id=found["UserPoolId"],
            user_pool_arn=found["UserPoolArn"],
            client_id=found["ClientId"],
        )
    except KeyError as error:
        raise StackError(f"{name(stage)} has no output {error}") from error


class Kept(NamedTuple):
    """A table or user pool of a stage. CloudFormation retains it when the stack is deleted.

    It holds orders or users, so no command of this project deletes it.
    """

    kind: str
    id: str


def find_kept(target: Target) -> list[Kept]:
    """Return all tables and user pools of a stage, those of its present stack too."""
    stack_name = name(target.stage)
    tables = target.session.client("dynamodb").get_paginator("list_tables").paginate()
    pools = target.session.client("cognito-idp").get_paginator("list_user_pools")
    return [
        Kept("table", table)
        for page in tables
        for table in page["TableNames"]
        if table.startswith(f"{stack_name}-")
    ] + [
        Kept("user pool", pool["Id"])
        for page in pools.paginate(PaginationConfig={"PageSize": 60})
        for pool in page["UserPools"]
        if pool["Name"] == stack_name
    ]


def how_to_remove(kept: Kept) -> Iterator[str]:
    """Return the commands that delete a table or user pool, and all that it holds, for good."""
    if kept.kind == "table":
        table = f"--table-name {kept.id}"
        yield f"aws dynamodb update-table {table} --no-deletion-protection-enabled"
        yield f"aws dynamodb delete-table {table}"
    else:
        pool = f"--user-pool-id {kept.id}"
        yield f"aws cognito-idp update-user-pool {pool} --deletion-protection INACTIVE"
        yield f"aws cognito-idp delete-user-pool {pool}"
