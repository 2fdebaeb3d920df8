"""CloudFormation: change and delete stacks, and report the progress.

Every call has the stack's name, because a deployer's rights are for names.
"""

import contextlib
import re
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from tools import CommandError
from tools.command import report

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ResourceChangeTypeDef

Approve = Callable[[list["Change"]], None]

_POLL_SECONDS = 2
_PLANNING = {"CREATE_PENDING", "CREATE_IN_PROGRESS"}  # the change set
_IN_REVIEW = "REVIEW_IN_PROGRESS"  # has a change set that nobody executed
# A stack whose first creation or whose deletion failed can only be deleted.
_UNUSABLE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}
# If one of these is removed or replaced, orders, users or logins are out of service.
_PRECIOUS = {"AWS::DynamoDB::Table", "AWS::Cognito::UserPool", "AWS::Cognito::UserPoolClient"}


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

    name: str
    status: str
    outputs: Mapping[str, str]
    parameters: Mapping[str, str]

    def output(self, key: str) -> str:
        """Return an output. Raises CommandError if the stack is not deployed completely."""
        if key not in self.outputs:
            raise CommandError(
                f"{self.name} is {self.status or 'missing'}: run `make account`, then `make deploy`"
            )
        return self.outputs[key]


class Change(NamedTuple):
    """A planned change. A dangerous one takes orders, users or logins out of service."""

    description: str
    is_dangerous: bool


def describe(client: "CloudFormationClient", stack_name: str) -> StackState:
    """Return the present state of a stack."""
    try:
        stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return StackState(stack_name, "", {}, {})
        raise
    return StackState(
        stack_name,
        stack["StackStatus"],
        {item["OutputKey"]: item["OutputValue"] for item in stack.get("Outputs", [])},
        {item["ParameterKey"]: item["ParameterValue"] for item in stack.get("Parameters", [])},
    )


def apply(client: "CloudFormationClient", stack: Stack, approve: Approve = lambda _: None) -> None:
    """Create a stack, or update it if it differs.

    `approve` gets the planned changes, and raises CommandError to prevent them. Raises CommandError
    or ClientError.
    """
    exists = _prepare(client, stack.name)
    names: Any = {"StackName": stack.name, "ChangeSetName": f"{stack.name}-{time.time_ns()}"}
    client.create_change_set(
        **names,
        ChangeSetType="UPDATE" if exists else "CREATE",
        TemplateBody=stack.template,
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in stack.parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
        **({"RoleARN": stack.role_arn} if stack.role_arn else {}),  # type: ignore[arg-type]
    )
    while (plan := client.describe_change_set(**names))["Status"] in _PLANNING:
        time.sleep(_POLL_SECONDS)
    if plan["Status"] == "FAILED":
        client.delete_change_set(**names)
        # CloudFormation has no error code for an empty change set.
        if not re.search("didn't contain changes|No updates are", plan["StatusReason"]):
            raise CommandError(f"{stack.name}: {plan['StatusReason']}")
        report(f"{stack.name} is up to date")
        return
    changes = [_change(item["ResourceChange"]) for item in plan["Changes"]]
    # Without a change of a resource, it is one of the stack's tags, parameters or outputs.
    approve(changes or [Change(f"will change {stack.name}", is_dangerous=False)])
    errors = client.exceptions
    try:
        _run(client, client.execute_change_set, **names)
    except (errors.ChangeSetNotFoundException, errors.InvalidChangeSetStatusException):
        stage = stack.tags.get("stage", stack.name)
        raise CommandError(f"another deploy of {stage} is running") from None


def delete(client: "CloudFormationClient", stack_name: str) -> None:
    """Delete a stack, if it exists. Raises CommandError."""
    if describe(client, stack_name).status:
        _run(client, client.delete_stack, StackName=stack_name)
    else:
        report(f"{stack_name} does not exist")


def _prepare(client: "CloudFormationClient", stack_name: str) -> bool:
    """Bring a stack into a state that can be changed; return whether it exists."""
    status = describe(client, stack_name).status
    if status.endswith("_IN_PROGRESS") and status != _IN_REVIEW:
        report(f"{stack_name} is still {status}: waiting")
        status = _wait(client, stack_name)
    if status == "UPDATE_ROLLBACK_FAILED":
        report(f"{stack_name} is {status}: continuing the rollback")
        client.continue_update_rollback(StackName=stack_name)
        _wait(client, stack_name)
    if status in _UNUSABLE:
        report(f"{stack_name} is {status}: deleting it first")
        delete(client, stack_name)
    return status not in {"", _IN_REVIEW, *_UNUSABLE}


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


def _run(client: "CloudFormationClient", operation: Callable[..., object], **request: str) -> None:
    """Start an operation of a stack, and wait for its end. Raises CommandError if it failed."""
    name = request["StackName"]
    token = f"{name}-{time.time_ns()}"
    try:
        operation(ClientRequestToken=token, **request)
        status = _wait(client, name)
    except KeyboardInterrupt:
        report(f"CloudFormation continues, and the next `make deploy` waits for {name}")
        raise
    report(f"{name} {status or 'DELETE_COMPLETE'}")
    if status in {"", "CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return
    pages = client.get_paginator("describe_stack_events").paginate(StackName=name)
    failures = pages.search(
        f"StackEvents[?ClientRequestToken == '{token}' && ends_with(ResourceStatus, '_FAILED')]"
        ".[LogicalResourceId, ResourceStatus, ResourceStatusReason]"
    )
    reasons = [f"{resource} {result}: {reason}" for resource, result, reason in failures]
    summary = f"{name} could not be changed and is now {status}:"
    raise CommandError("\n  ".join([summary, *reversed(reasons)]))  # the latest one is the first


def _wait(client: "CloudFormationClient", stack_name: str) -> str:
    """Wait until nothing changes a stack, and report its latest event; return its status."""
    reported = ""
    while (status := describe(client, stack_name).status).endswith("_IN_PROGRESS"):
        with contextlib.suppress(ClientError, IndexError):  # by now, a stack may be deleted
            event = client.describe_stack_events(StackName=stack_name)["StackEvents"][0]
            latest = f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            if latest != reported:
                report(latest)
            reported = latest
        time.sleep(_POLL_SECONDS)
    return status
