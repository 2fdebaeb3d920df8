"""The stack, through CloudFormation: created, left alone, changed, and refused."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from deploy import stack
from deploy.cloudformation import StackError
from local.emulator import LocalCloud
from tests.samples import PASSWORD


@pytest.fixture(scope="module")
def cloudformation(cloud: LocalCloud) -> Any:
    return cloud.client("cloudformation")


def test_a_stack_is_created_and_then_left_alone(cloudformation: Any) -> None:
    created: list[str] = []
    outputs = stack.apply(cloudformation, "one", report=created.append)
    assert "will add Orders (AWS::DynamoDB::Table)" in created
    assert {"Orders CREATE_COMPLETE", "Customers CREATE_COMPLETE"} <= set(created)
    assert created[-1] == "coffee-orders-one CREATE_COMPLETE"

    repeated: list[str] = []
    assert stack.apply(cloudformation, "one", report=repeated.append) == outputs
    assert repeated == ["coffee-orders-one is up to date"]


def test_stages_have_stacks_of_their_own(cloudformation: Any) -> None:
    first = stack.apply(cloudformation, "first")
    second = stack.apply(cloudformation, "second")
    assert not set(first) & set(second)


def test_the_table_and_the_pool_are_as_the_template_says(
    cloud: LocalCloud, cloudformation: Any
) -> None:
    outputs = stack.apply(cloudformation, "described")
    dynamodb = cloud.client("dynamodb")
    table = dynamodb.describe_table(TableName=outputs.orders_table)["Table"]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["DeletionProtectionEnabled"] is True
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["accountid", "vendorid"]

    cognito = cloud.client("cognito-idp")
    pool = cognito.describe_user_pool(UserPoolId=outputs.user_pool_id)["UserPool"]
    assert pool["Arn"] == outputs.user_pool_arn
    assert pool["DeletionProtection"] == "ACTIVE"
    assert pool["AutoVerifiedAttributes"] == ["email"]
    policy = pool["Policies"]["PasswordPolicy"]
    assert policy == {
        "MinimumLength": 8,
        "RequireUppercase": True,
        "RequireLowercase": True,
        "RequireNumbers": True,
        "RequireSymbols": True,
    }
    client = cognito.describe_user_pool_client(
        UserPoolId=outputs.user_pool_id, ClientId=outputs.client_id
    )["UserPoolClient"]
    assert "ClientSecret" not in client
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_PASSWORD_AUTH",
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


def test_a_change_keeps_orders_and_customers(
    cloud: LocalCloud, cloudformation: Any, tmp_path: Path
) -> None:
    outputs = stack.apply(cloudformation, "kept")
    dynamodb = cloud.client("dynamodb")
    item = {"accountid": {"S": "a0"}, "vendorid": {"S": "v0"}}
    dynamodb.put_item(TableName=outputs.orders_table, Item=item)
    cognito = cloud.client("cognito-idp")
    cognito.sign_up(
        ClientId=outputs.client_id,
        Username="Paul",
        Password=PASSWORD,
        UserAttributes=[{"Name": "email", "Value": "paul@example.com"}],
    )

    changed = tmp_path / "changed.yaml"
    changed.write_text(
        stack.TEMPLATE.read_text().replace("IdTokenValidity: 60", "IdTokenValidity: 30")
    )
    seen: list[str] = []
    assert stack.apply(cloudformation, "kept", report=seen.append, template=changed) == outputs
    assert "App UPDATE_COMPLETE" in seen
    assert dynamodb.get_item(TableName=outputs.orders_table, Key=item)["Item"] == item
    assert cognito.admin_get_user(UserPoolId=outputs.user_pool_id, Username="Paul")


def test_a_change_that_fails_says_cloudformations_own_reason_and_is_rolled_back(
    cloudformation: Any, tmp_path: Path
) -> None:
    outputs = stack.apply(cloudformation, "broken")
    broken = tmp_path / "broken.yaml"
    broken.write_text(
        stack.TEMPLATE.read_text().replace("CaseSensitive: false", "CaseSensitive: true")
    )
    with pytest.raises(StackError) as error:
        stack.apply(cloudformation, "broken", template=broken)
    assert "is now UPDATE_ROLLBACK_COMPLETE" in str(error.value)
    assert "Customers UPDATE_FAILED: " in str(error.value)
    assert "UsernameConfiguration" in str(error.value)
    assert stack.outputs(cloudformation, "broken") == outputs


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"])
def test_a_stack_whose_creation_failed_is_deleted_and_created_anew(
    cloudformation: Any, status: str
) -> None:
    """The local cloud would change such a stack; AWS does not, so its status is played."""
    name = f"retry{status.partition('_')[2].lower()[:8]}".replace("_", "")
    first = stack.apply(cloudformation, name)
    described = cloudformation.describe_stacks
    answers = iter([status])

    def describe_stacks(**which: str) -> Any:
        answer = described(**which)
        answer["Stacks"][0]["StackStatus"] = next(answers, answer["Stacks"][0]["StackStatus"])
        return answer

    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloudformation, "describe_stacks", describe_stacks)
        second = stack.apply(cloudformation, name, report=seen.append)
    assert f"coffee-orders-{name} could not be created earlier and is {status}" in seen
    assert f"coffee-orders-{name} CREATE_COMPLETE" in seen
    assert second.client_id != first.client_id


def test_a_stack_that_was_not_deleted_completely_is_refused() -> None:
    cloudformation = boto3.client("cloudformation", region_name="eu-west-1")
    described = {
        "StackName": "s",
        "CreationTime": datetime.now(UTC),
        "StackStatus": "DELETE_FAILED",
    }
    with Stubber(cloudformation) as answers:
        answers.add_response("describe_stacks", {"Stacks": [described]})
        with pytest.raises(StackError, match="run `make destroy` again"):
            stack.apply(cloudformation, "dev")


def test_a_parameter_that_the_template_no_longer_has_is_dropped(
    cloudformation: Any, tmp_path: Path
) -> None:
    outputs = stack.apply(cloudformation, "fewer", alarm_email="ops@example.com")
    lines = stack.TEMPLATE.read_text().splitlines()
    at = lines.index("  AlarmEmail:")
    fewer = tmp_path / "fewer.yaml"
    without = "\n".join(lines[:at] + lines[at + 4 :]).replace("!Ref AlarmEmail", '"a@example.com"')
    fewer.write_text(without)
    assert stack.apply(cloudformation, "fewer", template=fewer) == outputs


def test_a_template_that_is_none_is_refused(cloudformation: Any, tmp_path: Path) -> None:
    nonsense = tmp_path / "nonsense.yaml"
    nonsense.write_text("Resources: {Thing: {Type: 'AWS::No::Such'}}")
    with pytest.raises(StackError, match="AWS::No::Such"):
        stack.apply(cloudformation, "nonsense", template=nonsense)


def test_a_stack_that_is_not_there_is_said_as_such(cloudformation: Any) -> None:
    with pytest.raises(StackError, match="coffee-orders-none"):
        stack.outputs(cloudformation, "none")
