"""A stage's CloudFormation stack: tables, user pool, app client, logs and alarms.

It applies `resources.yaml` to AWS or to the local cloud. `project.py` records the outputs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy import cloudformation, gateway
from deploy.cloudformation import NoOutputsError, Report, Stack
from deploy.target import Target
from tools.project import service_environment

if TYPE_CHECKING:
    from types_boto3_apigateway import APIGatewayClient
    from types_boto3_cloudformation import CloudFormationClient

TEMPLATE = Path(__file__).with_name("resources.yaml")
_ACCOUNT_TEMPLATE = Path(__file__).with_name("account.yaml")


class StackOutputs(NamedTuple):
    """The stack's outputs, for the service and its clients."""

    orders_table: str
    shops_table: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str

    def environment(self) -> dict[str, str]:
        """Return the environment variables of the service."""
        return service_environment(
            self.orders_table, self.shops_table, self.user_pool_arn, self.client_id
        )


def name(stage: str) -> str:
    """Return the name of a stage's stack."""
    return f"coffee-orders-{stage}"


def api_name(stage: str) -> str:
    """Return the name of the stack with function and API that a pipeline creates."""
    return f"coffee-orders-api-{stage}"


def apply(
    client: "CloudFormationClient",
    stage: str,
    *,
    report: Report = lambda _: None,
    alarm_email: str | None = None,
    template: Path = TEMPLATE,
) -> StackOutputs:
    """Create the stage's stack, or update it if it differs.

    `report` gets a line for each planned change and each event. `alarm_email` is the address for
    alarms: None keeps it, and "" removes it. Raises StackError if the change fails and is rolled
    back.
    """
    parameters = {"Stage": stage}
    if alarm_email is not None:
        parameters["AlarmEmail"] = alarm_email
    stack = Stack(name(stage), template.read_text(), parameters, gateway.tags(stage))
    cloudformation.create_or_update(client, stack, report=report)
    return outputs(client, stage)


def prepare_account(
    client: "CloudFormationClient", api_gateway: "APIGatewayClient", *, report: Report
) -> None:
    """Let API Gateway write access logs in this account and region. Raises StackError."""
    if not api_gateway.get_account().get("cloudwatchRoleArn"):
        template = _ACCOUNT_TEMPLATE.read_text()
        stack = Stack("coffee-orders-account", template, {}, {"app": "coffee-orders"})
        cloudformation.create_or_update(client, stack, report=report)


def outputs(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Return the outputs of the stage's stack. Raises StackError if it has none."""
    with cloudformation.stack_errors(name(stage)):
        description = client.describe_stacks(StackName=name(stage))["Stacks"][0]
    values = {item["OutputKey"]: item["OutputValue"] for item in description.get("Outputs", [])}
    try:
        return StackOutputs(
            orders_table=values["OrdersTable"],
            shops_table=values["ShopsTable"],
            user_pool_id=values["UserPoolId"],
            user_pool_arn=values["UserPoolArn"],
            client_id=values["ClientId"],
        )
    except KeyError as error:
        status = f"{name(stage)} is {description['StackStatus']}"
        raise NoOutputsError(f"{status} and has no output {error}") from error


class RetainedResource(NamedTuple):
    """A table or user pool of a stage, which no command of this project deletes."""

    kind: str
    id: str


def retained_resources(target: Target) -> list[RetainedResource]:
    """Return all tables and user pools of a stage, including those of its current stack."""
    stack_name = name(target.stage)
    tables = target.session.client("dynamodb").get_paginator("list_tables").paginate()
    pools = target.session.client("cognito-idp").get_paginator("list_user_pools")
    return [
        RetainedResource("table", table)
        for page in tables
        for table in page["TableNames"]
        if table.startswith(f"{stack_name}-")
    ] + [
        RetainedResource("user pool", pool["Id"])
        for page in pools.paginate(PaginationConfig={"PageSize": 60})
        for pool in page["UserPools"]
        if pool["Name"] == stack_name
    ]


def removal_commands(resource: RetainedResource) -> Iterator[str]:
    """Return the commands that delete a table or user pool permanently."""
    if resource.kind == "table":
        table = f"--table-name {resource.id}"
        yield f"aws dynamodb update-table {table} --no-deletion-protection-enabled"
        yield f"aws dynamodb delete-table {table}"
    else:
        pool = f"--user-pool-id {resource.id}"
        yield f"aws cognito-idp update-user-pool {pool} --deletion-protection INACTIVE"
        yield f"aws cognito-idp delete-user-pool {pool}"
