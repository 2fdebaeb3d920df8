"""CloudFormation's states that are hard to reach with `make deploy`, on the local cloud."""

import json
from typing import Any

import pytest

from deploy import cloudformation
from deploy.cloudformation import NoOutputsError, Stack, StackError
from local.emulator import LocalCloud

pytestmark = pytest.mark.slow

_TAGS = {"stage": "dev"}


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> Any:
    return cloud.client("cloudformation")


def role(**properties: Any) -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    properties = {"AssumeRolePolicyDocument": trust, **properties}
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def stack_of(name: str, **resources: Any) -> Stack:
    return Stack(name, json.dumps({"Resources": resources}), {}, _TAGS)


def test_second_of_two_deploys_is_refused(client: Any) -> None:
    """The other one comes between this one's change set and its execution."""
    cloudformation.apply(client, stack_of("busy", Role=role()))
    first = stack_of("busy", Role=role(Description="first"))
    second = stack_of("busy", Role=role(Description="second"))
    with pytest.raises(StackError, match=r"^another deploy of dev is running$"):
        cloudformation.apply(client, first, approve=lambda _: cloudformation.apply(client, second))


def test_change_in_progress_is_waited_for(client: Any) -> None:
    def interrupt(line: str) -> None:
        if "COMPLETE" in line or "will" in line:
            raise KeyboardInterrupt

    stack = stack_of("slow", Role=role())
    with pytest.raises(KeyboardInterrupt):
        cloudformation.apply(client, stack, report=interrupt)
    lines: list[str] = []
    cloudformation.apply(client, stack, report=lines.append)
    assert lines[-1] == "slow is up to date"


def test_failed_rollback_is_continued(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cloud cannot fail like this, so its stack gets the status here."""
    stack, statuses = stack_of("stuck", Role=role()), ["UPDATE_ROLLBACK_FAILED"]
    cloudformation.apply(client, stack)
    describe = client.describe_stacks

    def describe_with_status(**parameters: Any) -> Any:
        response = describe(**parameters)
        response["Stacks"][0]["StackStatus"] = statuses[-1]
        return response

    monkeypatch.setattr(client, "describe_stacks", describe_with_status)
    monkeypatch.setattr(
        client,
        "continue_update_rollback",
        lambda **_: statuses.append("UPDATE_ROLLBACK_COMPLETE"),
    )
    lines: list[str] = []
    cloudformation.apply(client, stack, report=lines.append)
    expected = ["stuck is UPDATE_ROLLBACK_FAILED: continuing the rollback", "stuck is up to date"]
    assert lines == expected


def test_invalid_template_is_an_error(client: Any) -> None:
    with pytest.raises(StackError, match="AWS::No::Such"):
        cloudformation.apply(client, stack_of("nonsense", Thing={"Type": "AWS::No::Such"}))


def test_change_set_that_was_never_executed_is_no_stack(client: Any) -> None:
    def refuse(_: list[cloudformation.Change]) -> None:
        raise StackError("no")

    stack = stack_of("planned", Role=role())
    with pytest.raises(StackError, match=r"^no$"):
        cloudformation.apply(client, stack, approve=refuse)
    with pytest.raises(NoOutputsError, match="REVIEW_IN_PROGRESS"):
        cloudformation.outputs(client, "planned")
    cloudformation.apply(client, stack)
    assert cloudformation.status(client, "planned") == "CREATE_COMPLETE"
