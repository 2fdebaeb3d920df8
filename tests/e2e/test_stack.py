"""The stack in CloudFormation: creation, updates and errors."""

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import DEFAULT, Mock, patch

import boto3
import pytest
from botocore.stub import Stubber

from deploy import stack
from deploy.cloudformation import StackError
from local.emulator import LocalCloud


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


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_failed_stack_is_deleted_and_created_again(cloudformation: Any, status: str) -> None:
    """The local cloud has no such status, so the first response is changed."""
    name = status.replace("_", "").lower()  # a valid Stage of the template
    old_outputs = stack.apply(cloudformation, name)
    describe = cloudformation.describe_stacks
    failed = describe(StackName=stack.name(name))
    failed["Stacks"][0]["StackStatus"] = status
    responses = itertools.chain([failed], itertools.repeat(DEFAULT))

    lines: list[str] = []
    with patch.object(
        cloudformation, "describe_stacks", Mock(wraps=describe, side_effect=responses)
    ):
        new_outputs = stack.apply(cloudformation, name, report=lines.append)
    assert f"coffee-orders-{name} could not be created earlier and is {status}" in lines
    assert f"coffee-orders-{name} CREATE_COMPLETE" in lines
    assert new_outputs.client_id != old_outputs.client_id


def test_incompletely_deleted_stack_is_an_error() -> None:
    cloudformation = boto3.client("cloudformation", region_name="eu-west-1")
    description = {
        "StackName": "s",
        "CreationTime": datetime.now(UTC),
        "StackStatus": "DELETE_FAILED",
    }
    with Stubber(cloudformation) as stubber:
        stubber.add_response("describe_stacks", {"Stacks": [description]})
        with pytest.raises(StackError, match="run `make destroy` again"):
            stack.apply(cloudformation, "dev")


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
