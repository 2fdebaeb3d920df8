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


def with_statuses(client: Any, monkeypatch: pytest.MonkeyPatch, *statuses: str) -> None:
    """Let the next descriptions of stacks have these statuses, which the local cloud has not."""
    describe, remaining = client.describe_stacks, list(statuses)

    def describe_with_status(**parameters: Any) -> Any:
        response = describe(**parameters)
        if remaining:
            response["Stacks"][0]["StackStatus"] = remaining.pop(0)
        return response

    monkeypatch.setattr(client, "describe_stacks", describe_with_status)


def test_second_of_two_deploys_is_refused(client: Any) -> None:
    """The other one comes between this one's change set and its execution."""
    cloudformation.apply(client, stack("busy"))
    first, second = [stack("busy", Description=name) for name in ("first", "second")]
    with pytest.raises(CommandError, match=r"^another deploy of dev is running$"):
        cloudformation.apply(client, first, approve=lambda _: cloudformation.apply(client, second))


def test_change_in_progress_is_waited_for(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudformation.apply(client, stack("slow"))
    with_statuses(client, monkeypatch, "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    monkeypatch.setattr(cloudformation, "_POLL_SECONDS", 0)
    cloudformation.apply(client, stack("slow"))
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "· slow is still UPDATE_IN_PROGRESS: waiting",
        "· slow is up to date",
    ]


def test_interrupted_change_is_explained(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cloudformation, "_wait", Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        cloudformation.apply(client, stack("interrupted"))
    assert capsys.readouterr().out.splitlines() == [
        "· CloudFormation goes on: interrupted CREATE_COMPLETE",
        "· The next `make deploy` waits for that",
    ]


def test_failed_rollback_is_continued(
    client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cloudformation.apply(client, stack("stuck"))
    with_statuses(client, monkeypatch, "UPDATE_ROLLBACK_FAILED", "UPDATE_ROLLBACK_COMPLETE")
    monkeypatch.setattr(client, "continue_update_rollback", Mock())
    cloudformation.apply(client, stack("stuck"))
    client.continue_update_rollback.assert_called_once()
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "· stuck is UPDATE_ROLLBACK_FAILED: continuing the rollback",
        "· stuck is up to date",
    ]


def test_change_set_that_was_never_executed_is_no_stack(client: Any) -> None:
    refuse = Mock(side_effect=CommandError("no"))
    with pytest.raises(CommandError, match=r"^no$"):
        cloudformation.apply(client, stack("planned"), approve=refuse)
    assert cloudformation.describe(client, "planned").status == "REVIEW_IN_PROGRESS"
    cloudformation.apply(client, stack("planned"))
    assert cloudformation.describe(client, "planned").status == "CREATE_COMPLETE"
