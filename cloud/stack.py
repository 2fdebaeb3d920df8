"""The CloudFormation stack that holds what outlives the Lambda function.

Applies `resources.yaml`, to AWS or to the local cloud alike: both are a CloudFormation
client to it. It writes no file; `outputs.py` records what it returns.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        StackEventTypeDef,
    )

TEMPLATE = Path(__file__).with_name("resources.yaml")

Report = Callable[[str], None]


class StackError(Exception):
    """The stack is not as the template says; the message has CloudFormation's own reason."""


class Outputs(NamedTuple):
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
    template: Path = TEMPLATE,
) -> Outputs:
    """Create the stage's stack, or bring it up to date; without a difference, do nothing.

    `report` is called with a line for each step while CloudFormation works. Raises StackError
    when the change fails; CloudFormation has then rolled it back.
    """
    stack = name(stage)
    with _reasons(stack):
        change_set = _change_set(client, stack, stage, template.read_text())
        if change_set is None:
            report(f"{stack} is up to date")
        else:
            seen = {event["EventId"] for event in _events(client, stack)}
            client.execute_change_set(ChangeSetName=change_set, StackName=stack)
            _follow(client, stack, seen, report)
    return outputs(client, stage)


def outputs(client: "CloudFormationClient", stage: str) -> Outputs:
    """Return the outputs of the stage's stack. Raises StackError where there is none."""
    with _reasons(name(stage)):
        described = client.describe_stacks(StackName=name(stage))["Stacks"][0]
    found = {each["OutputKey"]: each["OutputValue"] for each in described.get("Outputs", [])}
    try:
        return Outputs(
            orders_table=found["OrdersTable"],
            user_pool_id=found["UserPoolId"],
            user_pool_arn=found["UserPoolArn"],
            client_id=found["ClientId"],
        )
    except KeyError as error:
        raise StackError(f"{name(stage)} has no output {error}") from error


@contextmanager
def _reasons(stack: str) -> Iterator[None]:
    """Say in CloudFormation's own words why it refuses."""
    try:
        yield
    except ClientError as error:
        raise StackError(f"{stack}: {error.response['Error']['Message']}") from error


def _change_set(
    client: "CloudFormationClient", stack: str, stage: str, template: str
) -> str | None:
    """Ask CloudFormation what it would change; None when that is nothing."""
    change_set = client.create_change_set(
        StackName=stack,
        ChangeSetName=f"{stack}-{time.time_ns()}",
        ChangeSetType="UPDATE" if _exists(client, stack) else "CREATE",
        TemplateBody=template,
        Parameters=[{"ParameterKey": "Stage", "ParameterValue": stage}],
        Tags=[{"Key": "app", "Value": "coffee-orders"}, {"Key": "stage", "Value": stage}],
    )["Id"]
    for _ in _patience():
        described = client.describe_change_set(ChangeSetName=change_set, StackName=stack)
        if described["Status"] == "CREATE_COMPLETE":
            return change_set
        if described["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=change_set, StackName=stack)
            if _is_empty(described):
                return None
            raise StackError(f"{stack}: {described.get('StatusReason', 'no reason given')}")
    raise StackError(f"{stack}: CloudFormation still works on the change set {change_set}")


def _is_empty(change_set: "DescribeChangeSetOutputTypeDef") -> bool:
    """Tell an empty change set from a broken one: only the words of its reason differ."""
    reason = change_set.get("StatusReason", "")
    return "didn't contain changes" in reason or "No updates are to be performed" in reason


def _exists(client: "CloudFormationClient", stack: str) -> bool:
    try:
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return False
        raise
    # A stack in review was named by an earlier change set that nobody carried out.
    return status != "REVIEW_IN_PROGRESS"


def _follow(client: "CloudFormationClient", stack: str, seen: set[str], report: Report) -> None:
    """Report each event until the stack rests; raise StackError unless it rests well."""
    failures: list[str] = []
    for _ in _patience():
        status = client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        for event in reversed(_events(client, stack)):
            if event["EventId"] in seen:
                continue
            seen.add(event["EventId"])
            line = f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            report(line)
            if event["ResourceStatus"].endswith("_FAILED"):
                failures.append(f"{line}: {event.get('ResourceStatusReason', 'no reason given')}")
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
            return
        if not status.endswith("_IN_PROGRESS"):
            reasons = "\n  ".join(failures) or status
            raise StackError(f"{stack} could not be changed and is now {status}:\n  {reasons}")
    raise StackError(f"{stack}: CloudFormation is still at work; look at its events")


def _events(client: "CloudFormationClient", stack: str) -> "list[StackEventTypeDef]":
    """Return the stack's latest events, newest first."""
    return client.describe_stack_events(StackName=stack)["StackEvents"]


def _patience(seconds: float = 1800) -> Iterator[None]:
    """Pause between looks, longer each time: the local cloud is quick, AWS takes minutes."""
    deadline, pause = time.monotonic() + seconds, 0.1
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
        pause = min(pause * 1.3, 5.0)
