"""What deployers, CloudFormation, the function and the notifier may do.

The local cloud checks the deployers' own calls. It ignores the role that CloudFormation uses, so
that role is compared with the actions in the registry's schemas.
"""

import fnmatch
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from chalice.package import YAMLTemplateSerializer

from deploy import cloudformation
from local.emulator import REGION, LocalCloud
from tests.e2e.packaged import Packaged
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


def resources_of(name: str) -> dict[str, Any]:
    template = YAMLTemplateSerializer().load_template((PROJECT / "deploy" / name).read_text())
    resources: dict[str, Any] = template["Resources"]
    return resources


@pytest.fixture(scope="module")
def account() -> dict[str, Any]:
    resources = resources_of("account.yaml")
    for name in ("Deployers", "FunctionBoundary"):
        document = json.dumps(resources[name]["Properties"]["PolicyDocument"])
        assert len(document.replace(" ", "")) <= 6144, name  # AWS's limit of a managed policy
    return resources


@pytest.fixture(scope="module")
def execution(account: dict[str, Any]) -> list[dict[str, Any]]:
    (policy,) = account["Execution"]["Properties"]["Policies"]
    statements: list[dict[str, Any]] = policy["PolicyDocument"]["Statement"]
    return statements


def actions(statements: list[dict[str, Any]]) -> set[str]:
    listed = [statement["Action"] for statement in statements]
    return {name for item in listed for name in ([item] if isinstance(item, str) else item)}


def test_execution_role_has_what_cloudformation_calls(
    execution: list[dict[str, Any]], package: Any
) -> None:
    resources = resources_of("resources.yaml")
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
            missing = set(handlers[name]["permissions"]) - allowed - _WITHHELD
            unused = {action for rule in _UNUSED for action in fnmatch.filter(missing, rule)}
            assert missing == unused, f"{type_} {name}"
    assert not allowed & _WITHHELD


def test_roles_need_the_boundary_and_a_prefix_that_no_role_of_the_account_has(
    account: dict[str, Any], execution: list[dict[str, Any]]
) -> None:
    for statement in execution:
        if not any(action.startswith("iam:") for action in actions([statement])):
            continue
        names = [resource["Fn::Sub"].partition(":role/")[2] for resource in statement["Resource"]]
        assert names == ["coffee-orders-api-*", "coffee-orders-*-NotifierRole-*"]
        grants = {"iam:CreateRole", "iam:PutRolePolicy", "iam:PutRolePermissionsBoundary"}
        if grants & actions([statement]):
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


def test_deployers_policy_suffices_and_cannot_escalate(cloud: LocalCloud, tmp_path: Path) -> None:
    project, iam = Project.on(cloud, tmp_path), cloud.client("iam")
    project.succeed("deploy", "account", "--stage", "dev")
    outputs = cloudformation.describe(cloud.client("cloudformation"), "coffee-account").outputs
    iam.create_user(UserName="ann")
    iam.attach_user_policy(UserName="ann", PolicyArn=outputs["DeployersPolicy"])
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    names = {"AWS_ACCESS_KEY_ID": "AccessKeyId", "AWS_SECRET_ACCESS_KEY": "SecretAccessKey"}
    credentials = {variable: key[name] for variable, name in names.items()}
    project.environment |= credentials
    for command in ("deploy", "deploy", "status", "smoke", "stack"):
        project.succeed("deploy", command, "--stage", "dev")

    session = boto3.Session(**{name.lower(): value for name, value in credentials.items()})
    everything = json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policy = {"PolicyName": "more", "PolicyDocument": everything}
    role = {"RoleName": outputs["ExecutionRole"].rpartition("/")[2]}
    new_role = {"RoleName": "coffee-orders-x", "AssumeRolePolicyDocument": "{}"}
    data = cloudformation.describe(cloud.client("cloudformation"), "coffee-orders-dev").outputs
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("iam", "put_role_policy", role | policy),
        ("iam", "put_user_policy", {"UserName": "ann", **policy}),
        ("iam", "create_role", new_role),
        ("dynamodb", "scan", {"TableName": data["OrdersTable"]}),
        ("dynamodb", "delete_table", {"TableName": data["OrdersTable"]}),
        ("cloudformation", "delete_stack", {"StackName": "coffee-account"}),
        ("lambda", "list_functions", {}),
    ]
    for service, operation, parameters in attempts:
        client: Any = session.client(service, REGION, endpoint_url=cloud.endpoint_url)  # type: ignore[call-overload]
        with pytest.raises(ClientError, match=r"(?i)not authorized|AccessDenied"):
            getattr(client, operation)(**parameters)
    output = project.fail("deploy", "account", "--stage", "dev", GITHUB="ann/fork")
    assert "not authorized" in output
    project.succeed("deploy", "destroy", "--stage", "dev", CONFIRM="yes")


@pytest.mark.parametrize(
    ("role_prefix", "permitted"),
    [("coffee-orders-dev-NotifierRole-", "sign"), ("coffee-orders-api-dev-", "get an order")],
)
def test_role_has_no_other_rights(packaged: Packaged, role_prefix: str, permitted: str) -> None:
    outputs, kms = packaged.outputs, packaged.cloud.client("kms")
    roles = packaged.cloud.client("iam").list_roles()["Roles"]
    (arn,) = (role["Arn"] for role in roles if role["RoleName"].startswith(role_prefix))
    sts = packaged.cloud.client("sts")
    keys = sts.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]
    session = boto3.Session(
        keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION
    )
    another_key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    message = {"Message": b"token", "SigningAlgorithm": "ECDSA_SHA_256"}
    key = {"Key": {"accountid": {"S": "a"}, "vendorid": {"S": "rights"}}}
    table = {"TableName": outputs.orders_table}
    calls: dict[str, tuple[str, str, dict[str, object]]] = {
        "sign": ("kms", "sign", {"KeyId": outputs.push_key, **message}),
        "sign otherwise": ("kms", "sign", {"KeyId": another_key["KeyId"], **message}),
        "delete the key": ("kms", "schedule_key_deletion", {"KeyId": outputs.push_key}),
        "get an order": ("dynamodb", "get_item", {**table, **key}),
        "get another item": ("dynamodb", "get_item", {"TableName": "another", **key}),
        "delete an order": ("dynamodb", "delete_item", {**table, **key}),
        "scan": ("dynamodb", "scan", {**table}),
        "list users": ("cognito-idp", "list_users", {"UserPoolId": outputs.user_pool_id}),
        "list functions": ("lambda", "list_functions", {}),
    }
    for name, (service, operation, parameters) in calls.items():
        client = session.client(service, endpoint_url=packaged.cloud.endpoint_url)  # type: ignore[call-overload]
        if name == permitted:
            getattr(client, operation)(**parameters)
        else:
            with pytest.raises(ClientError, match="not authorized to perform"):
                getattr(client, operation)(**parameters)
