"""What CloudFormation is asked: change a stack, delete one, and tell what it does meanwhile.

Knows no stack of ours: which template, which stage and which outputs stands in stack.py.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from deploy.errors import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        StackEventTypeDef,
    )

# CloudFormation changes nothing about a stack whose first creation failed.
_NEVER_CAME_TO_BE = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}

Report = Callable[[str], None]


class StackError(CommandError):
    """The stack is not as the template says; the message has CloudFormation's own reason."""


class NoStackError(StackError):
    """There is no such stack."""


class Retained(NamedTuple):
    """A resource that outlives its stack."""

    type: str
    id: str


def change(
    client: "CloudFormationClient",
    stack: str,
    template: str,
    parameters: Mapping[str, str],
    *,
    report: Report = lambda _: None,
) -> None:
    """Make a stack what a template says. Parameters that are not given keep their values.

    Raises StackError.
    """
    with reasons(stack):
        change_set = _change_set(client, stack, template, parameters)
        if change_set is None:
            report(f"{stack} is up to date")
            return
        for line in _summary(client, stack, change_set):
            report(line)
        seen = {event["EventId"] for event in _events(client, stack)}
        client.execute_change_set(ChangeSetName=change_set, StackName=stack)
        _follow(client, stack, seen, report)


def delete(
    client: "CloudFormationClient", stack: str, *, report: Report = lambda _: None
) -> list[Retained]:
    """Delete a stack; return what CloudFormation has kept of it, by its rules.

    Raises StackError.
    """
    with reasons(stack):
        # By its id: once it is deleted, a stack's name no longer leads to it.
        id_ = client.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        seen = {event["EventId"] for event in _events(client, id_)}
        client.delete_stack(StackName=id_)
        _follow(client, id_, seen.copy(), report)
        return [
            Retained(event["ResourceType"], event["PhysicalResourceId"])
            for event in _events(client, id_)
            if event["EventId"] not in seen and event["ResourceStatus"] == "DELETE_SKIPPED"
        ]


@contextmanager
def reasons(stack: str) -> Iterator[None]:
    """Say in CloudFormation's own words why it refuses."""
    try:
        yield
    except ClientError as error:
        said = error.response["Error"]["Message"]
        kind = NoStackError if "does not exist" in said else StackError
        raise kind(f"{stack}: {said}") from error


def _change_set(
    client: "CloudFormationClient", stack: str, template: str, parameters: Mapping[str, str]
) -> str | None:
    """Ask CloudFormation what it would change; None when that is nothing."""
    known = _parameters(client, stack)
    given: list[ParameterTypeDef] = [
        {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
    ]
    kept: list[ParameterTypeDef] = [
        {"ParameterKey": key, "UsePreviousValue": True}
        for key in known or ()
        if key not in parameters
    ]
    change_set = client.create_change_set(
        StackName=stack,
        ChangeSetName=f"{stack}-{time.time_ns()}",
        ChangeSetType="CREATE" if known is None else "UPDATE",
        TemplateBody=template,
        Parameters=given + kept,
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": "app", "Value": "coffee-orders"}],
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


def _summary(client: "CloudFormationClient", stack: str, change_set: str) -> Iterator[str]:
    """Say what a change set will do, a line for each resource."""
    pages = client.get_paginator("describe_change_set").paginate(
        ChangeSetName=change_set, StackName=stack
    )
    for page in pages:
        for each in page["Changes"]:
            what = each["ResourceChange"]
            how = "replace" if what.get("Replacement") == "True" else what["Action"].lower()
            yield f"will {how} {what['LogicalResourceId']} ({what['ResourceType']})"


def _parameters(client: "CloudFormationClient", stack: str) -> list[str] | None:
    """Return the names of an existing stack's parameters, None where there is no such stack."""
    try:
        described = client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise
    status = described["StackStatus"]
    # A stack in review was named by an earlier change set that nobody carried out.
    if status == "REVIEW_IN_PROGRESS":
        return None
    if status in _NEVER_CAME_TO_BE:
        raise StackError(
            f"{stack} could not be created earlier and is {status}: delete it with `aws "
            f"cloudformation delete-stack --stack-name {stack}`, then try again"
        )
    return [each["ParameterKey"] for each in described.get("Parameters", [])]


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
            if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                report(line)
            if event["ResourceStatus"].endswith("_FAILED"):
                failures.append(f"{line}: {event.get('ResourceStatusReason', 'no reason given')}")
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}:
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
