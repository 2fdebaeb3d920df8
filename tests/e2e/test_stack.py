"""The stack in CloudFormation: creation, updates and errors."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import DEFAULT, Mock

import pytest

from deploy import stack
from deploy.cloudformation import StackError
from local.emulator import LocalCloud

SetFirstStatus = Callable[[str, str], None]


@pytest.fixture(scope="module")
def cloudformation(cloud: LocalCloud) -> Any:
    return cloud.client("cloudformation")


def test_update_keeps_the_tables_and_the_pool(cloudformation: Any, tmp_path: Path) -> None:
    outputs = stack.apply(cloudformation, "kept")
    text = stack.TEMPLATE.read_text().replace("IdTokenValidity: 60", "IdTokenValidity: 30")
    template = tmp_path / "changed.yaml"
    template.write_text(text)
    lines: list[str] = []
    assert stack.apply(cloudformation, "kept", report=lines.append, template=template) == outputs
    assert "App UPDATE_COMPLETE" in lines


@pytest.fixture
def set_first_status(cloudformation: Any, monkeypatch: pytest.MonkeyPatch) -> SetFirstStatus:
    """Return a function that changes the status in the first description of a stage's stack."""
    describe = cloudformation.describe_stacks

    def set_first_status(stage: str, status: str) -> None:
        response = describe(StackName=stack.name(stage))
        response["Stacks"][0]["StackStatus"] = status
        responses = itertools.chain([response], itertools.repeat(DEFAULT))
        mock = Mock(wraps=describe, side_effect=responses)
        monkeypatch.setattr(cloudformation, "describe_stacks", mock)

    return set_first_status


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_failed_stack_is_deleted_and_created_again(
    cloudformation: Any, set_first_status: SetFirstStatus, status: str
) -> None:
    stage = status.replace("_", "").lower()  # a valid Stage of the template
    old_outputs = stack.apply(cloudformation, stage)
    set_first_status(stage, status)
    lines: list[str] = []
    new_outputs = stack.apply(cloudformation, stage, report=lines.append)
    assert f"coffee-orders-{stage} could not be created earlier and is {status}" in lines
    assert f"coffee-orders-{stage} CREATE_COMPLETE" in lines
    assert new_outputs.client_id != old_outputs.client_id


def test_incompletely_deleted_stack_is_an_error(
    cloudformation: Any, set_first_status: SetFirstStatus
) -> None:
    stack.apply(cloudformation, "incomplete")
    set_first_status("incomplete", "DELETE_FAILED")
    with pytest.raises(StackError, match="run `make destroy` again"):
        stack.apply(cloudformation, "incomplete")


def test_removed_parameter_is_dropped(cloudformation: Any, tmp_path: Path) -> None:
    outputs = stack.apply(cloudformation, "fewer", alarm_email="ops@example.com")
    lines = stack.TEMPLATE.read_text().splitlines()
    index = lines.index("  AlarmEmail:")
    template = tmp_path / "fewer.yaml"
    text = "\n".join(lines[:index] + lines[index + 4 :]).replace(
        "!Ref AlarmEmail", '"a@example.com"'
    )
    template.write_text(text)
    assert stack.apply(cloudformation, "fewer", template=template) == outputs


def test_invalid_template_is_an_error(cloudformation: Any, tmp_path: Path) -> None:
    template = tmp_path / "nonsense.yaml"
    template.write_text("Resources: {Thing: {Type: 'AWS::No::Such'}}")
    with pytest.raises(StackError, match="AWS::No::Such"):
        stack.apply(cloudformation, "nonsense", template=template)
