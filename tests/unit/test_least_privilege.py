"""The rights of the function, and the protection of the data."""

import json
from typing import Any

import pytest

from tests.fixtures import template_resources
from tools.project import PROJECT

_STAGES = json.loads((PROJECT / ".chalice/config.json").read_text())["stages"]


def policy(stage: str) -> list[dict[str, Any]]:
    path = PROJECT / ".chalice" / _STAGES[stage]["iam_policy_file"]
    statements: list[dict[str, Any]] = json.loads(path.read_text())["Statement"]
    return statements


@pytest.mark.parametrize("stage", _STAGES)
def test_function_has_only_its_rights(stage: str) -> None:
    table = f"arn:aws:dynamodb:*:*:table/coffee-orders-{stage}-Orders-*"
    logs: tuple[list[str], Any] = (
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        "arn:aws:logs:*:*:log-group:/aws/lambda/coffee-orders-local:*",
    )
    if stage != "local":  # the function of `make deploy`, and that of plain `chalice deploy`
        functions = (f"coffee-orders-api-{stage}", f"coffee-orders-{stage}")
        logs = (
            ["logs:CreateLogGroup", *logs[0]],
            [f"arn:aws:logs:*:*:log-group:/aws/lambda/{function}:*" for function in functions],
        )
    rights: list[tuple[list[str], Any]] = [
        (["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], table),
        (["dynamodb:Query"], f"{table}/index/*"),
        (
            ["dynamodb:GetItem", "dynamodb:UpdateItem"],
            f"arn:aws:dynamodb:*:*:table/coffee-orders-{stage}-Shops-*",
        ),
        logs,
    ]
    if _STAGES[stage].get("xray"):  # X-Ray has no resources
        rights.append((["xray:PutTraceSegments", "xray:PutTelemetryRecords"], "*"))
    assert [(resource["Action"], resource["Resource"]) for resource in policy(stage)] == rights
    assert all(resource["Effect"] == "Allow" for resource in policy(stage))


@pytest.fixture(scope="module")
def resources() -> dict[str, Any]:
    return template_resources()


@pytest.mark.parametrize("name", ["Orders", "Shops"])
def test_table_is_protected(resources: dict[str, Any], name: str) -> None:
    table = resources[name]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert "TableName" not in properties  # CloudFormation could not replace the table


def test_user_pool_is_protected(resources: dict[str, Any]) -> None:
    pool = resources["Customers"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = pool["Properties"]
    assert properties["DeletionProtection"] == "ACTIVE"
    assert properties["UserPoolTier"] == "LITE"
    assert properties["AutoVerifiedAttributes"] == ["email"]
    characters = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")
    policy = properties["Policies"]["PasswordPolicy"]
    assert policy == {"MinimumLength": 8, **dict.fromkeys(characters, True)}


def test_app_client_is_public(resources: dict[str, Any]) -> None:
    client = resources["App"]["Properties"]
    assert client["GenerateSecret"] is False
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    flows = {f"ALLOW_{name}_AUTH" for name in ("USER_PASSWORD", "USER_SRP", "REFRESH_TOKEN")}
    assert set(client["ExplicitAuthFlows"]) == flows
