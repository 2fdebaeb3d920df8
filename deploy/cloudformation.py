"""CloudFormation: change and delete stacks. The progress is logged.

Every call has the stack's name, because a deployer's rights are for names. The templates and stages
of this project are in stack.py.
"""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from tools import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ResourceChangeTypeDef

_POLL_SECONDS = 2
_PLANNING = {"CREATE_PENDING", "CREATE_IN_PROGRESS"}  # the change set
_APPLIED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_MISSING = ""  # the status of a stack that does not exist
_IN_REVIEW = "REVIEW_IN_PROGRESS"  # has a change set that nobody executed
# A stack whose first creation or whose deletion failed can only be deleted.
_UNUSABLE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
# If one of these is removed or replaced, orders, users or logins are out of service.
_PRECIOUS = {"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"}
_log = logging.getLogger(__name__)


class Stack(NamedTuple):
    """The desired state of a stack, with all its parameters. Its resources get its tags.

    CloudFormation acts with the rights of `role_arn`, or of the caller.
    """

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    role_arn: str | None = None


class StackState(NamedTuple):
    """The present state of a stack. One that does not exist has the status "" and no values."""

    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]


class Change(NamedTuple):
    """A planned change. A dangerous one takes orders, users or logins out of service."""

    description: str
    is_dangerous: bool


Approve = Callable[[list[Change]], None]


def describe(client: "CloudFormationClient", stack_name: str) -> StackState:
    """Return the present state of a stack."""
    try:
        stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return StackState(_MISSING, {}, {})
        raise
    return StackState(
        stack["StackStatus"],
        {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])},
    )


def apply(client: "CloudFormationClient", stack: Stack, approve: Approve = lambda _: None) -> None:
    """Create a stack, or update it if it differs.

    `approve` gets the planned changes, and raises CommandError to prevent them. Other errors are
    CommandError, too, or ClientError.
    """
    _prepare(client, stack.name)
    name = f"{stack.name}-{time.time_ns()}"
    if not (changes := _create_change_set(client, stack, name)):
        _log.info("%s is up to date", stack.name)
        return
    approve(changes)
    errors = client.exceptions
    try:
        _run(client, stack.name, client.execute_change_set, _APPLIED, ChangeSetName=name)
    except (errors.ChangeSetNotFoundException, errors.InvalidChangeSetStatusException):
        stage = stack.tags.get("stage", stack.name)
        raise CommandError(f"another deploy of {stage} is running") from None


def delete(client: "CloudFormationClient", stack_name: str) -> None:
    """Delete a stack, if it exists. Raises CommandError."""
    if describe(client, stack_name).status == _MISSING:
        _log.info("%s does not exist", stack_name)
    else:
        _run(client, stack_name, client.delete_stack, {_MISSING})


def _prepare(client: "CloudFormationClient", stack_name: str) -> None:
    """Bring a stack into a state that can be changed. Raises CommandError if that fails."""
    status = describe(client, stack_name).status
    if status.endswith("_IN_PROGRESS") and status != _IN_REVIEW:
        _log.info("%s is still %s: waiting", stack_name, status)
        status = _wait(client, stack_name)
    if status == "UPDATE_ROLLBACK_FAILED":
        _log.info("%s is %s: continuing the rollback", stack_name, status)
        _run(client, stack_name, client.continue_update_rollback, {"UPDATE_ROLLBACK_COMPLETE"})
    elif status in _UNUSABLE:
        _log.info("%s is %s: deleting it first", stack_name, status)
        delete(client, stack_name)


def _create_change_set(client: "CloudFormationClient", stack: Stack, name: str) -> list[Change]:
    """Create a change set; return its changes. If there are none, there is no change set.

    A change of tags, parameters or outputs alone is a change of the stack. Raises CommandError.
    """
    is_new = describe(client, stack.name).status in {_MISSING, _IN_REVIEW}
    parameters, tags = stack.parameters.items(), stack.tags.items()
    client.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateBody=stack.template,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": key, "Value": value} for key, value in tags],
        **({"RoleARN": stack.role_arn} if stack.role_arn else {}),  # type: ignore[arg-type]
    )
    while True:
        plan = client.describe_change_set(StackName=stack.name, ChangeSetName=name)
        if plan["Status"] not in _PLANNING:
            break
        time.sleep(_POLL_SECONDS)
    if plan["Status"] == "CREATE_COMPLETE":
        changes = [_change(item["ResourceChange"]) for item in plan["Changes"]]
        return changes or [Change(f"will change {stack.name}", is_dangerous=False)]
    client.delete_change_set(StackName=stack.name, ChangeSetName=name)
    reason = plan.get("StatusReason", "no reason given")
    # CloudFormation has no error code for an empty change set.
    if "didn't contain changes" in reason or "No updates are to be performed" in reason:
        return []
    raise CommandError(f"{stack.name}: {reason}")


def _change(change: "ResourceChangeTypeDef") -> Change:
    action = change["Action"].lower()
    targets = {detail["Target"].get("Name") for detail in change.get("Details", [])}
    if (replacement := change.get("Replacement", "False")) != "False":
        action = "replace" if replacement == "True" else "perhaps replace"
    elif "GlobalSecondaryIndexes" in targets:
        action = "change the indexes of"
    return Change(
        f"will {action} {change['LogicalResourceId']} ({change['ResourceType']})",
        is_dangerous=action not in {"add", "modify"} and change["ResourceType"] in _PRECIOUS,
    )


def _run(
    client: "CloudFormationClient",
    stack_name: str,
    operation: Callable[..., object],
    expected: set[str],
    **request: str,
) -> None:
    """Start an operation of a stack, and wait for its end.

    Raises CommandError, with the reasons, if the stack does not get an expected status.
    """
    token = f"{stack_name}-{time.time_ns()}"
    try:
        operation(StackName=stack_name, ClientRequestToken=token, **request)
        status = _wait(client, stack_name)
    except KeyboardInterrupt:
        _log.info("CloudFormation goes on: %s %s", stack_name, describe(client, stack_name).status)
        _log.info("The next `make deploy` waits for that")
        raise
    _log.info("%s %s", stack_name, status or "DELETE_COMPLETE")
    if status in expected:
        return
    pages = client.get_paginator("describe_stack_events").paginate(StackName=stack_name)
    failures = [
        f"{event['LogicalResourceId']} {event['ResourceStatus']}: {event['ResourceStatusReason']}"
        for page in pages
        for event in page["StackEvents"]  # the latest one is the first
        if event.get("ClientRequestToken") == token and event["ResourceStatus"].endswith("_FAILED")
    ]
    reasons = "\n  ".join(reversed(failures)) or status
    raise CommandError(f"{stack_name} could not be changed and is now {status}:\n  {reasons}")


def _wait(client: "CloudFormationClient", stack_name: str) -> str:
    """Wait until nothing changes a stack; return its status."""
    while (status := describe(client, stack_name).status).endswith("_IN_PROGRESS"):
        time.sleep(_POLL_SECONDS)
    return status
