"""The CloudFormation stack that holds what outlives the Lambda function.

Applies `resources.yaml`, to AWS or to the local cloud alike: both are a CloudFormation
client to it. It writes no file; `project.py` records what it returns.
"""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deploy import cloudformation
from deploy.cloudformation import Report, StackError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

TEMPLATE = Path(__file__).with_name("resources.yaml")


class StackOutputs(NamedTuple):
    """What the stack made, as the service and its clients need it."""

    orders_table: str
    user_pool_id: str
    user_pool_arn: str
    client_id: str


def name(stage: str) -> str:
    """Return the stack's name for a Chalice stage."""
    return f"coffee-orders-{stage}"


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
    does. Without an `alarm_email` whoever is told of alarms stays as it is. Raises StackError
    when the change fails; CloudFormation has then rolled it back.
    """
    parameters = {"Stage": stage}
    if alarm_email is not None:
        parameters["AlarmEmail"] = alarm_email
    cloudformation.change(client, name(stage), template.read_text(), parameters, report=report)
    return outputs(client, stage)


def outputs(client: "CloudFormationClient", stage: str) -> StackOutputs:
    """Return the outputs of the stage's stack. Raises StackError where there is none."""
    with cloudformation.reasons(name(stage)):
        described = client.describe_stacks(StackName=name(stage))["Stacks"][0]
    found = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    try:
        return StackOutputs(
            orders_table=found["OrdersTable"],
            user_pool_id=found["UserPoolId"],
            user_pool_arn=found["UserPoolArn"],
            client_id=found["ClientId"],
        )
    except KeyError as error:
        raise StackError(f"{name(stage)} has no output {error}") from error
