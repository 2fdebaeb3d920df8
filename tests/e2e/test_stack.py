"""CloudFormation's states that are hard to reach with `make deploy`, on the local cloud."""

import json
from typing import Any

import pytest

from deploy import cloudformation
from deploy.cloudformation import NoOutputsError, Stack, StackError
from local.emulator import LocalCloud

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> Any:
    return cloud.client("cloudformation")


def stack(name: str, type_: str = "AWS::IAM::Role", **properties: Any) -> Stack:
    """Return a stack with one role, or another resource."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    properties = {"AssumeRolePolicyDocument": trust, **properties}
    template = {"Resources": {"Role": {"Type": type_, "Properties": properties}}}
    return Stack(name, json.dumps(template), {}, {"stage": "dev"})


def test_second_of_two_deploys_is_refused(client: Any) -> None:
    """The other one comes between this one's change set and its execution."""
    cloudformation.apply(client, stack("busy"))
    first, second = [stack("busy", Description=name) for name in ("first", "second")]
    with pytest.raises(StackError, match=r"^another deploy of dev is running$"):
        cloudformation.apply(client, first, approve=lambda _: cloudformation.apply(client, second))


def test_change_in_progress_is_waited_for(client: Any) -> None:
    def interrupt(line: str) -> None:
        if "COMPLETE" in line or "will" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cloudformation.apply(client, stack("slow"), report=interrupt)
    lines: list[str] = []
    cloudformation.apply(client, stack("slow"), report=lines.append)
    assert lines[-1] == "slow is up to date"


def test_failed_rollback_is_continued(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The local cloud cannot fail like this, so its stack gets the status here."""
    statuses, describe = ["UPDATE_ROLLBACK_FAILED"], client.describe_stacks
    cloudformation.apply(client, stack("stuck"))

    def describe_with_status(**parameters: Any) -> Any:
        response = describe(**parameters)
        response["Stacks"][0]["StackStatus"] = statuses[-1]
        return response

    def continue_rollback(**_: object) -> None:
        statuses.append("UPDATE_ROLLBACK_COMPLETE")

    monkeypatch.setattr(client, "describe_stacks", describe_with_status)
    monkeypatch.setattr(client, "continue_update_rollback", continue_rollback)
    lines: list[str] = []
    cloudformation.apply(client, stack("stuck"), report=lines.append)
    expected = ["stuck is UPDATE_ROLLBACK_FAILED: continuing the rollback", "stuck is up to date"]
    assert lines == expected


def test_invalid_template_is_an_error(client: Any) -> None:
    with pytest.raises(StackError, match="AWS::No::Such"):
        cloudformation.apply(client, stack("nonsense", "AWS::No::Such"))


def test_change_set_that_was_never_executed_is_no_stack(client: Any) -> None:
    def refuse(_: list[cloudformation.Change]) -> None:
        raise StackError("no")

    with pytest.raises(StackError, match=r"^no$"):
        cloudformation.apply(client, stack("planned"), approve=refuse)
    with pytest.raises(NoOutputsError, match="REVIEW_IN_PROGRESS"):
        cloudformation.outputs(client, "planned")
    cloudformation.apply(client, stack("planned"))
    assert cloudformation.status(client, "planned") == "CREATE_COMPLETE"
