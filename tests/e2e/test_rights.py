"""What deployers and CloudFormation may do.

The local cloud checks the deployers' own calls. It ignores the role that CloudFormation uses, so
that role is compared with the actions in the registry's schemas.
"""

import fnmatch
import json
import os
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from chalice.package import YAMLTemplateSerializer

from deploy import cloudformation
from local.emulator import REGION, LocalCloud
from tests.e2e.project import Project
from tools.project import PROJECT

pytestmark = pytest.mark.slow

# What handlers may call for properties that the templates do not have.
_UNUSED = {
    *("dynamodb:*Item", "dynamodb:*Replica", "dynamodb:*Kinesis*", "dynamodb:*ImportTable"),
    *("dynamodb:DescribeImport", "dynamodb:UpdateContributorInsights", "dynamodb:*Policy"),
    *("ec2:*", "elasticfilesystem:*", "firehose:*", "kinesis:*", "s3:*", "s3files:*"),
    *("kms:*Grant", "kms:*crypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:ListAliases"),
    *("kms:*KeyRotation", "kms:DisableKey", "kms:EnableKey"),
    *("iam:AttachRolePolicy", "iam:DetachRolePolicy", "iam:CreateServiceLinkedRole"),
    *("lambda:*CodeSigning*", "lambda:*CapacityProvider", "lambda:*Concurrency", "lambda:*Layer*"),
    *("lambda:AssociateRuntimeAlias", "lambda:PublishVersion", "lambda:PutFunctionScalingConfig"),
    *("logs:*DataProtectionPolicy", "logs:*IndexPolicy", "logs:*KmsKey", "logs:*ResourcePolicy"),
    *("logs:CreateLogDelivery", "logs:CreateLogStream", "logs:PutBearerTokenAuthentication"),
    *("logs:DescribeLogStreams", "logs:PutLogEvents", "logs:PutLogGroupDeletionProtection"),
    *("sns:PutDataProtectionPolicy", "apigateway:UpdateRestApiPolicy"),
}
# Withheld on purpose: nothing deletes tables or pools, reads items, or removes a boundary.
_WITHHELD = {
    *("dynamodb:DeleteTable", "cognito-idp:DeleteUserPool", "dynamodb:Query", "dynamodb:Scan"),
    "iam:DeleteRolePermissionsBoundary",
}


@pytest.fixture(scope="module")
def account() -> dict[str, Any]:
    text = (PROJECT / "deploy/account.yaml").read_text()
    resources: dict[str, Any] = YAMLTemplateSerializer().load_template(text)["Resources"]
    return resources


@pytest.fixture(scope="module")
def execution(account: dict[str, Any]) -> list[dict[str, Any]]:
    (policy,) = account["Execution"]["Properties"]["Policies"]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def actions(statements: list[dict[str, Any]]) -> set[str]:
    listed = [statement["Action"] for statement in statements]
    return {name for item in listed for name in ([item] if isinstance(item, str) else item)}


def is_in(action: str, patterns: set[str]) -> bool:
    return any(fnmatch.fnmatchcase(action, pattern) for pattern in patterns)


def test_execution_role_has_what_cloudformation_calls(
    execution: list[dict[str, Any]], package: Any
) -> None:
    text = (PROJECT / "deploy/resources.yaml").read_text()
    resources = YAMLTemplateSerializer().load_template(text)["Resources"]
    resources |= json.loads((package / "sam.json").read_text())["Resources"]
    types = {resource["Type"] for resource in resources.values()}
    types = {type_ for type_ in types if "Serverless" not in type_} | {
        *("AWS::ApiGateway::Deployment", "AWS::ApiGateway::RestApi", "AWS::ApiGateway::Stage"),
        *("AWS::Lambda::Function", "AWS::Lambda::Permission"),
    }
    allowed = actions(execution)
    for type_ in types:
        handlers = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_).schema["handlers"]
        for name in {"create", "read", "update", "delete"} & handlers.keys():
            needed = set(handlers[name]["permissions"])
            missing = {action for action in needed - allowed if not is_in(action, _UNUSED)}
            assert missing - _WITHHELD == set(), f"{type_} {name}"
    assert not allowed & _WITHHELD


def test_roles_need_the_boundary_and_a_prefix_that_no_role_of_the_account_has(
    account: dict[str, Any], execution: list[dict[str, Any]]
) -> None:
    for statement in execution:
        if not any(action.startswith("iam:") for action in actions([statement])):
            continue
        names = [resource["Fn::Sub"].partition(":role/")[2] for resource in statement["Resource"]]
        assert names == ["coffee-orders-api-*", "coffee-orders-*-NotifierRole-*"]
        grants = actions([statement]) & {"iam:CreateRole", "iam:PutRolePolicy"}
        if grants or "iam:PutRolePermissionsBoundary" in actions([statement]):
            boundary = {"ArnEquals": {"iam:PermissionsBoundary": {"Ref": "FunctionBoundary"}}}
            assert statement["Condition"] == boundary
    # Generated names begin with the stack's name, coffee-account.
    for resource in account.values():
        assert not {"RoleName", "ManagedPolicyName"} & resource["Properties"].keys()


def test_function_cannot_scan_or_delete(account: dict[str, Any]) -> None:
    boundary = account["FunctionBoundary"]["Properties"]["PolicyDocument"]["Statement"]
    for stage in ("dev", "prod"):
        policy = json.loads((PROJECT / f".chalice/policy-{stage}.json").read_text())["Statement"]
        # Plain `chalice deploy` has no boundary, and its function creates its log group.
        assert actions(policy) - actions(boundary) == {"logs:CreateLogGroup"}
    assert not {"dynamodb:Scan", "dynamodb:DeleteItem"} & actions(boundary)


@pytest.mark.parametrize("policy", ["Deployers", "FunctionBoundary"])
def test_policy_is_within_the_size_limit(account: dict[str, Any], policy: str) -> None:
    """A managed policy may have 6,144 characters without white space."""
    document = account[policy]["Properties"]["PolicyDocument"]
    assert len(json.dumps(document, separators=(",", ":"))) <= 6144


@pytest.fixture
def deployer(cloud: LocalCloud, tmp_path: Any) -> tuple[Project, boto3.Session]:
    """Return a project and a session of a user with the deployers' policy."""
    project = Project(tmp_path / "project", {**os.environ, **cloud.environment()}).use_local_cloud()
    project.succeed("deploy", "account", "--stage", "dev")
    outputs = cloudformation.describe(cloud.client("cloudformation"), "coffee-account").outputs
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=outputs["DeployersPolicy"])
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    credentials = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
    }
    project.environment |= credentials
    names = {name.lower(): value for name, value in credentials.items()}
    return project, boto3.Session(region_name=REGION, **names)


def test_deployers_policy_suffices_and_cannot_escalate(
    cloud: LocalCloud, deployer: tuple[Project, boto3.Session]
) -> None:
    project, session = deployer
    for command in ("deploy", "deploy", "status", "smoke", "stack"):
        project.succeed("deploy", command, "--stage", "dev")
    outputs = cloudformation.describe(cloud.client("cloudformation"), "coffee-account").outputs
    table = cloudformation.describe(cloud.client("cloudformation"), "coffee-orders-dev").outputs[
        "OrdersTable"
    ]

    def client(service: str) -> Any:
        return session.client(service, endpoint_url=cloud.endpoint_url)  # type: ignore[call-overload]

    everything = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    role = outputs["ExecutionRole"].rpartition("/")[2]
    policy = {"PolicyName": "more", "PolicyDocument": everything}
    for attempt in (
        lambda: client("iam").put_role_policy(RoleName=role, **policy),
        lambda: client("iam").put_user_policy(UserName="ann", **policy),
        lambda: client("iam").create_role(
            RoleName="coffee-orders-x", AssumeRolePolicyDocument="{}"
        ),
        lambda: client("dynamodb").scan(TableName=table),
        lambda: client("dynamodb").delete_table(TableName=table),
        lambda: client("cloudformation").delete_stack(StackName="coffee-account"),
        lambda: client("lambda").list_functions(),
        lambda: project.succeed("deploy", "account", "--stage", "dev", GITHUB="ann/fork"),
    ):
        with pytest.raises((ClientError, AssertionError), match=r"(?i)not authorized|AccessDenied"):
            attempt()
    project.succeed("deploy", "destroy", "--stage", "dev", CONFIRM="yes")
