"""CloudFormation: change and delete stacks, and report the progress.

Every call has the stack's name, because a deployer's rights are for names. The templates and stages
of this project are in stack.py.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from tools import CommandError

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient
    from types_boto3_cloudformation.type_defs import ResourceChangeTypeDef

# A stack whose first creation failed can only be deleted.
_NEVER_CREATED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_IN_REVIEW = "REVIEW_IN_PROGRESS"  # has a change set that nobody executed
_MISSING = ""  # the status of a stack that does not exist
# If one of these is removed or replaced, orders, users or logins are out of service.
_PRECIOUS_TYPES = {
    "AWS::DynamoDB::Table",
    "AWS::Cognito::UserPool",
    "AWS::Cognito::UserPoolClient",
}

Report = Callable[[str], None]


class StackError(CommandError):
    """A stack operation failed. The message contains CloudFormation's reason."""


class NoOutputsError(StackError):
    """The stack does not exist, or its creation is not complete."""


class Stack(NamedTuple):
    """The desired state of a stack, with all its parameters. Its resources get its tags.

    CloudFormation acts with the rights of `role_arn`, or of the caller.
    """

    name: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    role_arn: str | None = None


class Change(NamedTuple):
    """A planned change. A dangerous one takes orders, users or logins out of service."""

    description: str
    is_dangerous: bool


Approve = Callable[[list[Change]], None]


def apply(
    client: "CloudFormationClient",
    stack: Stack,
    *,
    report: Report = lambda _: None,
    approve: Approve = lambda _: None,
) -> None:
    """Create a stack, or update it if it differs.

    `approve` gets the planned changes, and raises an exception to prevent them. Raises StackError.
    """
    _settle(client, stack.name, report)
    name = f"{stack.name}-{time.time_ns()}"
    try:
        changes = _create_change_set(client, stack, name)
        if not changes:
            report(f"{stack.name} is up to date")
            return
        approve(changes)
        client.execute_change_set(ChangeSetName=name, StackName=stack.name, ClientRequestToken=name)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        is_busy = error.response["Error"]["Code"] in {"ChangeSetNotFound", "InvalidChangeSetStatus"}
        if is_busy or "_IN_PROGRESS" in message:
            stage = stack.tags.get("stage", stack.name)
            raise StackError(f"another deploy of {stage} is running") from error
        raise StackError(f"{stack.name}: {message}") from error
    except CommandError:  # not approved
        client.delete_change_set(ChangeSetName=name, StackName=stack.name)
        raise
    _wait(client, stack.name, name, report)


def delete(
    client: "CloudFormationClient", stack_name: str, *, report: Report = lambda _: None
) -> bool:
    """Delete a stack; return whether it existed. Raises StackError."""
    _wait_while_in_progress(client, stack_name, report)
    stack = describe(client, stack_name)
    if stack is None:
        return False
    token = f"{stack_name}-{time.time_ns()}"
    client.delete_stack(StackName=stack_name, ClientRequestToken=token)
    # A deleted stack cannot be described by its name.
    _wait(client, stack["StackId"], token, report)
    return True


def describe(client: "CloudFormationClient", stack_name: str) -> dict[str, Any] | None:
    """Return CloudFormation's description of a stack; None if the stack does not exist."""
    try:
        return dict(client.describe_stacks(StackName=stack_name)["Stacks"][0])
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return None
        raise


def status(client: "CloudFormationClient", stack_name: str) -> str:
    """Return a stack's status; "" if the stack does not exist."""
    stack = describe(client, stack_name)
    return str(stack["StackStatus"]) if stack else _MISSING


def outputs(client: "CloudFormationClient", stack_name: str) -> dict[str, str]:
    """Return the outputs of a stack. Raises NoOutputsError if it has none."""
    stack = describe(client, stack_name)
    if stack is None:
        raise NoOutputsError(f"{stack_name} does not exist")
    if not stack.get("Outputs"):
        raise NoOutputsError(f"{stack_name} is {stack['StackStatus']} and has no outputs")
    return {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}


def _settle(client: "CloudFormationClient", stack_name: str, report: Report) -> None:
    """Bring a stack into a state that can be changed. Raises StackError if that fails."""
    current = _wait_while_in_progress(client, stack_name, report)
    if current == "UPDATE_ROLLBACK_FAILED":
        report(f"{stack_name} is {current}: continuing the rollback")
        token = f"{stack_name}-{time.time_ns()}"
        client.continue_update_rollback(StackName=stack_name, ClientRequestToken=token)
        _wait(client, stack_name, token, report, expected="UPDATE_ROLLBACK_COMPLETE")
    elif current == "DELETE_FAILED":
        raise StackError(f"{stack_name} was not deleted completely: run `make destroy` again")
    elif current in _NEVER_CREATED:
        report(f"{stack_name} could not be created earlier and is {current}")
        delete(client, stack_name, report=report)


def _wait_while_in_progress(client: "CloudFormationClient", stack_name: str, report: Report) -> str:
    """Wait for a change that somebody else started; return the stack's status."""
    current = status(client, stack_name)
    if current.endswith("_IN_PROGRESS") and current != _IN_REVIEW:
        report(f"{stack_name} is still {current}: waiting")
        polls = _polls(stack_name)
        while (current := status(client, stack_name)).endswith("_IN_PROGRESS"):
            next(polls)
    return current


def _create_change_set(client: "CloudFormationClient", stack: Stack, name: str) -> list[Change]:
    """Create a change set; return its changes. If there are none, there is no change set.

    A change of tags, parameters or outputs alone is a change of the stack. Raises StackError.
    """
    client.create_change_set(
        StackName=stack.name,
        ChangeSetName=name,
        ChangeSetType="CREATE"
        if status(client, stack.name) in {_MISSING, _IN_REVIEW}
        else "UPDATE",
        TemplateBody=stack.template,
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in stack.parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Tags=[{"Key": key, "Value": value} for key, value in stack.tags.items()],
        **({"RoleARN": stack.role_arn} if stack.role_arn else {}),  # type: ignore[arg-type]
    )
    polls = _polls(stack.name)
    while True:
        response = client.describe_change_set(ChangeSetName=name, StackName=stack.name)
        if response["Status"] == "CREATE_COMPLETE":
            pages = client.get_paginator("describe_change_set").paginate(
                ChangeSetName=name, StackName=stack.name
            )
            changes = [
                _change(item["ResourceChange"]) for page in pages for item in page["Changes"]
            ]
            return changes or [Change(f"will change {stack.name}", is_dangerous=False)]
        if response["Status"] == "FAILED":
            client.delete_change_set(ChangeSetName=name, StackName=stack.name)
            reason = response.get("StatusReason", "no reason given")
            # CloudFormation has no error code for an empty change set.
            if "didn't contain changes" in reason or "No updates are to be performed" in reason:
                return []
            raise StackError(f"{stack.name}: {reason}")
        next(polls)


def _change(change: "ResourceChangeTypeDef") -> Change:
    action = change["Action"].lower()
    targets = {detail["Target"].get("Name") for detail in change.get("Details", [])}
    if (replacement := change.get("Replacement", "False")) != "False":
        action = "replace" if replacement == "True" else "perhaps replace"
    elif "GlobalSecondaryIndexes" in targets:
        action = "change the indexes of"
    return Change(
        f"will {action} {change['LogicalResourceId']} ({change['ResourceType']})",
        is_dangerous=action not in {"add", "modify"} and change["ResourceType"] in _PRECIOUS_TYPES,
    )


def _wait(
    client: "CloudFormationClient", stack_name: str, token: str, report: Report, expected: str = ""
) -> None:
    """Report the events of an operation until the stack stops changing.

    `token` is that of the request, and `expected` is another status of success. Raises StackError
    if the operation failed.
    """
    reported: set[str] = set()
    failures: list[str] = []
    polls = _polls(stack_name)
    while True:
        current = status(client, stack_name)
        for event in reversed(client.describe_stack_events(StackName=stack_name)["StackEvents"]):
            if event.get("ClientRequestToken") != token or event["EventId"] in reported:
                continue
            reported.add(event["EventId"])
            line = f"{event['LogicalResourceId']} {event['ResourceStatus']}"
            if not line.endswith("_IN_PROGRESS"):
                report(line)
            if line.endswith("_FAILED"):
                failures.append(f"{line}: {event.get('ResourceStatusReason', 'no reason given')}")
        if current in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE", expected}:
            return
        if not current.endswith("_IN_PROGRESS"):
            reason = "\n  ".join(failures) or current
            raise StackError(f"{stack_name} could not be changed and is now {current}:\n  {reason}")
        next(polls)


def _polls(stack_name: str) -> Iterator[None]:
    """Sleep at each step, for 0.1 s at first (the local cloud is fast) and 5 s later (AWS is not).

    Raises StackError after half an hour.
    """
    deadline, delay = time.monotonic() + 1800, 0.1
    while time.monotonic() < deadline:
        time.sleep(delay)
        yield
        delay = min(delay * 1.3, 5.0)
    raise StackError(f"{stack_name}: CloudFormation is still working after half an hour")
