"""CloudFormation's states that are hard to reach with `make deploy`, on the local cloud."""

import json
from typing import Any
from unittest.mock import Mock

import pytest

from deploy import cloudformation
from deploy.cloudformation import Stack
from local.emulator import LocalCloud
from tools import CommandError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(cloud: LocalCloud) -> Any:
    return cloud.client("cloudformation")


def stack(name: str, **properties: Any) -> Stack:
    """Return a stack with one role."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    properties = {"AssumeRolePolicyDocument": trust, **properties}
    template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}
    return Stack(name, json.dumps(template), {}, {"stage": "dev"})


def test_second_of_two_deploys_is_refused(client: Any) -> None:
    """The other one comes between this one's change set and its execution."""
    cloudformation.apply(client, stack("busy"))
    first, second = [stack("busy", Description=name) for name in ("first", "second")]
    with pytest.raises(CommandError, match=r"^another deploy of dev is running$"):
        cloudformation.apply(client, first, approve=lambda _: cloudformation.apply(client, second))


@pytest.mark.parametrize(
    ("status", "next_status", "line"),
    [
        ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "still {}: waiting"),
        ("UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE", "{}: continuing the rollback"),
    ],
)
def test_unfinished_change_is_completed(
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    status: str,
    next_status: str,
    line: str,
) -> None:
    cloudformation.apply(client, stack("slow"))
    describe, remaining = client.describe_stacks, [status, next_status]

    def describe_with_status(**parameters: Any) -> Any:
        response = describe(**parameters)
        if remaining:  # the local cloud has no such state
            response["Stacks"][0]["StackStatus"] = remaining.pop(0)
        return response

    continue_rollback = Mock()
    monkeypatch.setattr(client, "describe_stacks", describe_with_status)
    monkeypatch.setattr(client, "continue_update_rollback", continue_rollback)
    monkeypatch.setattr(cloudformation, "_POLL_SECONDS", 0)
    cloudformation.apply(client, stack("slow"))
    event = "· slow CREATE_COMPLETE\n" if next_status.endswith("_IN_PROGRESS") else ""
    output = f"· slow is {line.format(status)}\n{event}· slow is up to date\n"
    assert capsys.readouterr().out.endswith(output)
    assert continue_rollback.called == status.endswith("FAILED")


def test_interrupted_change_is_explained(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cloudformation, "_wait", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        cloudformation.apply(client, stack("interrupted"))
    assert "the next `make deploy` waits for interrupted" in capsys.readouterr().out


def test_change_set_that_was_never_executed_is_no_stack(client: Any) -> None:
    refuse = Mock(side_effect=CommandError("no"))
    with pytest.raises(CommandError, match=r"^no$"):
        cloudformation.apply(client, stack("planned"), approve=refuse)
    assert cloudformation.describe(client, "planned").status == "REVIEW_IN_PROGRESS"
    cloudformation.apply(client, stack("planned"))
    assert cloudformation.describe(client, "planned").status == "CREATE_COMPLETE"
