"""CloudFormation: create, change and delete stacks, and report the progress.

This module knows no particular stack. Templates, stages and outputs are in stack.py.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from deploy import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import (
        DescribeChangeSetOutputTypeDef,
        ParameterTypeDef,
        StackEventTypeDef,
        StackTypeDef,
    )

# A stack whose first creation failed. CloudFormation changes nothing about it any more.
_NEVER_CREATED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_IN_REVIEW = "REVIEW_IN_PROGRESS"  # named by a change set that nobody executed
_MISSING = ""  # the status of a stack that does not exist

Report = Callable[[str], None]


class StackError(CommandError):
    """The stack is not as the template says; the message has CloudFormation's own reason."""


class NoStackError(StackError):
    """There is no such stack."""


class Stack(NamedTuple):
    """What a stack should be. CloudFormation gives its tags to its resources, too.

    Parameters that are not given keep the values that they have.
    """

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def change(
    client: "CloudFormationClient", wanted: Stack, *, report: Report = lambda _: None
) -> None:
    """Create a stack, or change it where it differs.

    A stack whose first creation failed is deleted and created anew. Raises StackError.
    """
    stack = wanted.name
    with reasons(stack):
        remove_failed_creation(client, stack, report=report)
        change_set = _change_set(client, wanted)
        if change_set is None:
            report(f"{stack} is up to date")
            return
        for line in _summary(client, stack, change_set):
            report(line)
        seen = {event["EventId"] for event in _events(client, stack)}
        client.execute_change_set(ChangeSetName=change_set, StackName=stack)
        _follow(client, stack, seen, report)


def is_in_use(client: "CloudFormationClient", stack: str) -> bool:
    """Return whether a stack was created, and so may have resources."""
    return _status(client, stack) not in {*_NEVER_CREATED, _IN_REVIEW, _MISSING}


def delete(client: "CloudFormationClient", stack: str, *, report: Report = lambda _: None) -> bool:
    """Delete a stack; return whether there was one. Raises StackError."""
    with reasons(stack):
        described = _described(client, stack)
        if described is None:
            return False
        id_ = described["StackId"]  # a deleted stack is found by its id only
        seen = {event["EventId"] for event in _events(client, id_)}
        client.delete_stack(StackName=id_)
        _follow(client, id_, seen, report)
    return True


def remove_failed_creation(
    client: "CloudFormationClient", stack: str, *, report: Report = lambda _: None
) -> None:
    """Delete a stack whose first creation failed; wait for one that is still changing.

    Raises StackError.
    """
    status = _status(client, stack)
    if status.endswith("_IN_PROGRESS") and status != _IN_REVIEW:
        report(f"{stack} is still {status}: waiting")
        pauses = _pauses(stack)
        while (status := _status(client, stack)).endswith("_IN_PROGRESS"):
            next(pauses)
    if status == "DELETE_FAILED":
        raise StackError(f"{stack} was not deleted completely: run `make destroy` again, first")
    if status in _NEVER_CREATED:
        report(f"{stack} could not be created earlier and is {status}")
        delete(client, stack, report=report)


@contextmanager
def reasons(stack: str) -> Iterator[None]:
    """Turn CloudFormation's errors into a StackError with the same message."""
    try:
        yield
    except ClientError as error:
        message = error.response["Error"]["Message"]
        kind = NoStackError if "does not exist" in message else StackError
        raise kind(f"{stack}: {message}") from error


def _change_set(client: "CloudFormationClient", wanted: Stack) -> str | None:
    """Create a change set and return its id; None if there is nothing to change."""
    stack = wanted.name
    described = _described(client, stack)
    is_new = described is None or described["StackStatus"] == _IN_REVIEW
    change_set = client.create_change_set(
        StackName=stack,
        ChangeSetName=f"{stack}-{time.time_ns()}",
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateBody=wanted.template,
        Parameters=list(_parameters(client, wanted, described)),
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": key, "Value": value} for key, value in wanted.tags.items()],
    )["Id"]
    pauses = _pauses(stack)
    while True:
        answer = client.describe_change_set(ChangeSetName=change_set, StackName=stack)
        if answer["Status"] == "CREATE_COMPLETE":
            return change_set
        if answer["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=change_set, StackName=stack)
            if _is_empty(answer):
                return None
            raise StackError(f"{stack}: {answer.get('StatusReason', 'no reason given')}")
        next(pauses)


def _parameters(
    client: "CloudFormationClient", wanted: Stack, described: "StackTypeDef | None"
) -> "Iterator[ParameterTypeDef]":
    """Return the given parameters, and those that keep the value of the existing stack.

    CloudFormation refuses to keep a parameter that the new template no longer has.
    """
    for key, value in wanted.parameters.items():
        yield {"ParameterKey": key, "ParameterValue": value}
    existing = described.get("Parameters", []) if described else []
    if existing:
        declared = {
            each["ParameterKey"]
            for each in client.get_template_summary(TemplateBody=wanted.template)["Parameters"]
        }
        for parameter in existing:
            if (key := parameter["ParameterKey"]) in declared and key not in wanted.parameters:
                yield {"ParameterKey": key, "UsePreviousValue": True}


def _is_empty(change_set: "DescribeChangeSetOutputTypeDef") -> bool:
    """Return whether a change set is empty. Only its reason tells it from a broken one."""
    reason = change_set.get("StatusReason", "")
    return "didn't contain changes" in reason or "No updates are to be performed" in reason


def _summary(client: "CloudFormationClient", stack: str, change_set: str) -> Iterator[str]:
    """Return what a change set will do, a line for each resource."""
    pages = client.get_paginator("describe_change_set").paginate(
        ChangeSetName=change_set, StackName=stack
    )
    for page in pages:
        for each in page["Changes"]:
            what = each["ResourceChange"]
            how = "replace" if what.get("Replacement") == "True" else what["Action"].lower()
            yield f"will {how} {what['LogicalResourceId']} ({what['ResourceType']})"


def _described(client: "CloudFormationClient", stack: str) -> "StackTypeDef | None":
    """Return CloudFormation's description of a stack; None if there is no such stack."""
    try:
        return client.describe_stacks(StackName=stack)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def _status(client: "CloudFormationClient", stack: str) -> str:
    described = _described(client, stack)
    return described["StackStatus"] if described else _MISSING


def _follow(client: "CloudFormationClient", stack: str, seen: set[str], report: Report) -> None:
    """Report each event until the stack stops changing. Raises StackError if that failed."""
    failures: list[str] = []
    pauses = _pauses(stack)
    while True:
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
            reason = "\n  ".join(failures) or status
            raise StackError(f"{stack} could not be changed and is now {status}:\n  {reason}")
        next(pauses)


def _events(client: "CloudFormationClient", stack: str) -> "list[StackEventTypeDef]":
    """Return the stack's latest events, newest first."""
    return client.describe_stack_events(StackName=stack)["StackEvents"]


def _pauses(stack: str) -> Iterator[None]:
    """Sleep at each step, longer each time: the local cloud is quick, AWS takes minutes.

    Raises StackError after half an hour.
    """
    deadline, pause = time.monotonic() + 1800, 0.1
    while time.monotonic() < deadline:
        time.sleep(pause)
        yield
        pause = min(pause * 1.3, 5.0)
    raise StackError(f"{stack}: CloudFormation is still working after half an hour: see its events")
