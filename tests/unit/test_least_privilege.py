"""The rights of the function, and the protection of the data."""

import json
import re

import pytest

from tests.fixtures import template_resources
from tools.project import PROJECT

_STAGES = json.loads((PROJECT / ".chalice/config.json").read_text())["stages"]
_RESOURCES = template_resources()


@pytest.mark.parametrize("stage", _STAGES)
def test_function_has_only_its_rights(stage: str) -> None:
    policy = json.loads((PROJECT / ".chalice" / _STAGES[stage]["iam_policy_file"]).read_text())
    table = f"arn:aws:dynamodb:*:*:table/coffee-orders-{stage}"
    rights = {
        ("dynamodb:GetItem", f"{table}-Orders-*"),
        ("dynamodb:PutItem", f"{table}-Orders-*"),
        ("dynamodb:UpdateItem", f"{table}-Orders-*"),
        ("dynamodb:Query", f"{table}-Orders-*/index/*"),
        ("dynamodb:GetItem", f"{table}-Shops-*"),
        ("dynamodb:UpdateItem", f"{table}-Shops-*"),
    }
    others = set()
    for statement in policy["Statement"]:
        assert statement["Effect"] == "Allow"
        resources = statement["Resource"]
        for resource in [resources] if isinstance(resources, str) else resources:
            others |= {(action, resource) for action in statement["Action"]}
    assert others >= rights
    # It may also write its own log and, as X-Ray has no resources, traces.
    for action, resource in others - rights:
        service, _, name = action.partition(":")
        assert name.startswith(("Put", "Create"))
        log = "arn:aws:logs:*:*:log-group:/aws/lambda/coffee-orders-"
        assert service == "xray" if resource == "*" else resource.startswith(log)


@pytest.mark.parametrize("name", ["Orders", "Shops"])
def test_table_is_protected(name: str) -> None:
    table = _RESOURCES[name]
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    properties = table["Properties"]
    assert "TableName" not in properties  # CloudFormation could not replace the table
    expected = {
        "SSESpecification": {"SSEEnabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "DeletionProtectionEnabled": True,
    }
    assert properties.items() >= expected.items()


def test_user_pool_is_protected() -> None:
    pool, client = _RESOURCES["Customers"], _RESOURCES["App"]["Properties"]
    assert (pool["DeletionPolicy"], pool["UpdateReplacePolicy"]) == ("Retain", "Retain")
    characters = ("RequireUppercase", "RequireLowercase", "RequireNumbers", "RequireSymbols")
    expected = {
        "DeletionProtection": "ACTIVE",
        "AutoVerifiedAttributes": ["email"],
        "Policies": {"PasswordPolicy": {"MinimumLength": 8, **dict.fromkeys(characters, True)}},
    }
    assert pool["Properties"].items() >= expected.items()
    # The app client is public.
    flows = {f"ALLOW_{name}_AUTH" for name in ("USER_PASSWORD", "USER_SRP", "REFRESH_TOKEN")}
    assert (client["GenerateSecret"], set(client["ExplicitAuthFlows"])) == (False, flows)
    assert client["PreventUserExistenceErrors"] == "ENABLED"


def test_ci_runs_only_actions_of_known_content() -> None:
    workflows = "".join(path.read_text() for path in PROJECT.glob(".github/workflows/*.yml"))
    for action in re.findall(r"uses: (\S+)", workflows):
        assert re.fullmatch(r"\./\S+|[\w/.-]+@[0-9a-f]{40}", action), action
