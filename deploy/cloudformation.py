"""CloudFormation: create, update and delete stacks, and report the progress.

The templates, stages and outputs of this project are in stack.py.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from botocore.exceptions import ClientError

from tools import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

# A stack whose first creation failed can only be deleted.
_NEVER_CREATED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_IN_REVIEW = "REVIEW_IN_PROGRESS"  # has a change set that nobody executed
_MISSING = ""  # the status of a stack that does not exist

Report = Callable[[str], None]


class StackError(CommandError):
    """A stack operation failed. The message contains CloudFormation's reason."""


class NoOutputsError(StackError):
    """The stack does not exist, or its creation is not complete."""


class Stack(NamedTuple):
    """The desired state of a stack. CloudFormation adds its tags to its resources.

    Parameters that are not given keep their values.
    """

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


def create_or_update(
    client: "CloudFormationClient", stack: Stack, *, report: Report = lambda _: None
) -> None:
    """Create a stack, or update it if it differs.

    A stack whose first creation failed is deleted and created again. Raises StackError.
    """
    with stack_errors(stack.name):
        remove_failed_creation(client, stack.name, report=report)
        change_set = _create_change_set(client, stack)
        if change_set is None:
            report(f"{stack.name} is up to date")
            return
        for line in _summary(client, stack.name, change_set):
            report(line)
        old_events = _event_ids(client, stack.name)
        client.execute_change_set(ChangeSetName=change_set, StackName=stack.name)
        _wait_for_completion(client, stack.name, old_events, report)


def is_in_use(client: "CloudFormationClient", stack_name: str) -> bool:
    """Return whether a stack was created, and so may have resources."""
    return _status(client, stack_name) not in {*_NEVER_CREATED, _IN_REVIEW, _MISSING}


def delete(
    client: "CloudFormationClient", stack_name: str, *, report: Report = lambda _: None
) -> bool:
    """Delete a stack; return whether it existed. Raises StackError."""
    with stack_errors(stack_name):
        description = _describe(client, stack_name)
        if description is None:
            return False
        stack_id = description["StackId"]  # a deleted stack cannot be described by its name
        old_events = _event_ids(client, stack_id)
        client.delete_stack(StackName=stack_id)
        _wait_for_completion(client, stack_id, old_events, report)
    return True


def remove_failed_creation(
    client: "CloudFormationClient", stack_name: str, *, report: Report = lambda _: None
) -> None:
    """Wait until a stack is not changing, and delete it if its first creation failed.

    Raises StackError.
    """
    status = _status(client, stack_name)
    if status.endswith("_IN_PROGRESS") and status != _IN_REVIEW:
        report(f"{stack_name} is still {status}: waiting")
        polls = _polls(stack_name)
        while (status := _status(client, stack_name)).endswith("_IN_PROGRESS"):
            next(polls)
    if status == "DELETE_FAILED":
        raise StackError(
            f"{stack_name} was not deleted completely: run `make destroy` again, first"
        )
    if status in _NEVER_CREATED:
        report(f"{stack_name} could not be created earlier and is {status}")
        delete(client, stack_name, report=report)


@contextmanager
def stack_errors(stack_name: str) -> Iterator[None]:
    """Convert CloudFormation's errors to StackError."""
    try:
        yield
    except ClientError as error:
        message = error.response["Error"]["Message"]
        error_class = NoOutputsError if "does not exist" in message else StackError
        raise error_class(f"{stack_name}: {message}") from error


def _create_change_set(client: "CloudFormationClient", stack: Stack) -> str | None:
    """Create a change set and return its id; None if there is nothing to change."""
    description = _describe(client, stack.name)
    is_new = description is None or description["StackStatus"] == _IN_REVIEW
    change_set = client.create_change_set(
        StackName=stack.name,
        ChangeSetName=f"{stack.name}-{time.time_ns()}",
        ChangeSetType="CREATE" if is_new else "UPDATE",
        TemplateBody=stack.template,
        Parameters=list(_parameters(client, stack, description)),
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
    )["Id"]
    polls = _polls(stack.name)
    while True:
        response = client.describe_change_set(ChangeSetName=change_set, StackName=stack.name)
        if response["Status"] == "CREATE_COMPLETE":
            return change_set
        if response["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=change_set, StackName=stack.name)
            reason = response.get("StatusReason", "no reason given")
            # CloudFormation has no error code for an empty change set.
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return None
            raise StackError(f"{stack.name}: {reason}")
        next(polls)


def _parameters(
    client: "CloudFormationClient", stack: Stack, description: "StackTypeDef | None"
) -> "Iterator[ParameterTypeDef]":
    """Return the given parameters, and those that keep the value of the existing stack.

    CloudFormation rejects a parameter that is not in the new template.
    """
    for key, value in stack.parameters.items():
        yield {"ParameterKey": key, "ParameterValue": value}
    existing = description.get("Parameters", []) if description else []
    if existing:
        summary = client.get_template_summary(TemplateBody=stack.template)
        declared = {parameter["ParameterKey"] for parameter in summary["Parameters"]}
        for parameter in existing:
            if (key := parameter["ParameterKey"]) in declared and key not in stack.parameters:
                yield {"ParameterKey": key, "UsePreviousValue": True}


def _summary(client: "CloudFormationClient", stack_name: str, change_set: str) -> Iterator[str]:
    """Return a line for each resource that a change set changes."""
    pages = client.get_paginator("describe_change_set").paginate(
        ChangeSetName=change_set, StackName=stack_name
    )
    for page in pages:
        for item in page["Changes"]:
            change = item["ResourceChange"]
            is_replaced = change.get("Replacement") == "True"
            action = "replace" if is_replaced else change["Action"].lower()
            yield f"will {action} {change['LogicalResourceId']} ({change['ResourceType']})"


def _describe(client: "CloudFormationClient", stack_name: str) -> "StackTypeDef | None":
    """Return CloudFormation's description of a stack; None if the stack does not exist."""
    try:
        return client.describe_stacks(StackName=stack_name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def _status(client: "CloudFormationClient", stack_name: str) -> str:
    description = _describe(client, stack_name)
    return description["StackStatus"] if description else _MISSING


def _wait_for_completion(
    client: "CloudFormationClient", stack_name: str, reported: set[str], report: Report
) -> None:
    """Report new events until the stack stops changing. Raises StackError if the change failed.

    `reported` has the ids of the events to leave out.
    """
    failures: list[str] = []
    polls = _polls(stack_name)
    while True:
        status = client.describe_stacks(StackName=stack_name)["Stacks"][0]["StackStatus"]
        for event in reversed(client.describe_stack_events(StackName=stack_name)["StackEvents"]):
            if event["EventId"] in reported:
                continue
            reported.add(event["EventId"])
            line = f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            if not event["ResourceStatus"].endswith("_IN_PROGRESS"):
                report(line)
            if event["ResourceStatus"].endswith("_FAILED"):
                failures.append(f"{line}: {event.get('ResourceStatusReason', 'no reason given')}")
        if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}:
            return
        if not status.endswith("_IN_PROGRESS"):
            reason = "\n  ".join(failures) or status
            raise StackError(f"{stack_name} could not be changed and is now {status}:\n  {reason}")
        next(polls)


def _event_ids(client: "CloudFormationClient", stack_name: str) -> set[str]:
    events = client.describe_stack_events(StackName=stack_name)["StackEvents"]
    return {event["EventId"] for event in events}


def _polls(stack_name: str) -> Iterator[None]:
    """Sleep at each step, for 0.1 s at first (the local cloud is fast) and 5 s later (AWS is not).

    Raises StackError after half an hour.
    """
    deadline, delay = time.monotonic() + 1800, 0.1
    while time.monotonic() < deadline:
        time.sleep(delay)
        yield
        delay = min(delay * 1.3, 5.0)
    raise StackError(
        f"{stack_name}: CloudFormation is still working after half an hour: see its events"
    )
