"""The policies of deploy/policies suffice for `make deploy` and for the pipeline.

The local cloud checks a user's own calls, but not those that CloudFormation makes with the user's
rights. docs/deploying.md lists the latter.
"""

import itertools
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.aws_resources import rest_apis
from tests.e2e.packaged import create_bucket, deploy_package
from tests.e2e.project import Project
from tools.project import PROJECT

pytestmark = pytest.mark.slow

_FOLDER = PROJECT / "deploy" / "policies"
_POLICIES = ["make-deploy.json", "pipeline.json"]
_TEMPLATES = ["account.yaml", "resources.yaml"]
_TYPES_OF_THE_PACKAGE = [
    *["ApiGateway::Deployment", "ApiGateway::RestApi", "ApiGateway::Stage"],
    *["Lambda::Function", "Lambda::Permission"],
]

# The local cloud requires this right on all functions. The policy has it for the function's name.
_RIGHT_FOR_THE_LOCAL_CLOUD = {
    "Effect": "Allow",
    "Action": "lambda:CreateFunction",
    "Resource": "*",
}
_numbers = itertools.count()

NewUser = Callable[[str], dict[str, str]]


@pytest.fixture
def new_user(aws: AwsProxy, cloud: LocalCloud) -> Iterator[NewUser]:
    """Return a function that creates a user with a policy, and returns its environment."""
    iam = cloud.client("iam")

    def create(policy: str) -> dict[str, str]:
        name = f"user{next(_numbers)}"
        iam.create_user(UserName=name)
        document = json.loads((_FOLDER / policy).read_text())
        document["Statement"].append(_RIGHT_FOR_THE_LOCAL_CLOUD)
        iam.put_user_policy(UserName=name, PolicyName="deploy", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        aws.secrets[key["AccessKeyId"]] = key["SecretAccessKey"]
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    yield create
    aws.secrets.clear()


def session_of(user: dict[str, str]) -> boto3.Session:
    return boto3.Session(
        region_name=REGION,
        aws_access_key_id=user["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=user["AWS_SECRET_ACCESS_KEY"],
    )


def statements(policy: str) -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = json.loads((_FOLDER / policy).read_text())["Statement"]
    return content


def test_policy_suffices_for_make_deploy(
    cloud: LocalCloud, aws_project: Project, new_user: NewUser
) -> None:
    user = new_user("make-deploy.json")
    for command in (["deploy"], ["deploy"], ["status"], ["smoke"], ["destroy", "--yes"]):
        aws_project.succeed("deploy", *command, "--stage", "dev", **user)
    assert rest_apis(cloud) == []


def test_policy_suffices_for_the_pipeline(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project, new_user: NewUser
) -> None:
    user = new_user("pipeline.json")
    create_bucket(cloud)
    for command in ("stack", "package"):
        aws_project.succeed("deploy", command, "--stage", "dev", **user)
    session = session_of(user)
    deploy_package(
        aws_project.folder / "build/dev",
        session.client("s3", endpoint_url=cloud.endpoint_url),
        session.client("cloudformation", endpoint_url=aws.cloud.endpoint_url),
    )
    aws_project.succeed("deploy", "smoke", "--stage", "dev", **user)
    output = aws_project.fail("deploy", "deploy", "--stage", "dev", **user)
    assert "A pipeline deploys stage dev" in output
    output = aws_project.succeed("deploy", "destroy", "--yes", "--stage", "dev", **user)
    assert "coffee-orders-api-dev DELETE_COMPLETE" in output
    assert rest_apis(cloud) == []


@pytest.mark.parametrize("policy", _POLICIES)
def test_policy_does_not_read_orders_or_users(policy: str) -> None:
    for statement in statements(policy):
        for action in statement["Action"]:
            assert "*" not in action
            assert action.partition(":")[2] not in {"GetItem", "Query", "Scan", "ListUsers"}


def test_policy_of_the_pipeline_includes_the_other() -> None:
    pipeline = statements("pipeline.json")
    assert all(statement in pipeline for statement in statements("make-deploy.json"))
    (transform,) = [statement for statement in pipeline if "transform" in statement["Resource"][0]]
    assert transform["Action"] == ["cloudformation:CreateChangeSet"]


@pytest.mark.parametrize("policy", _POLICIES)
def test_policy_has_what_cloudformation_reads(policy: str) -> None:
    """The registry's schemas list the actions. Those of KMS are for customers' keys."""
    templates = [(PROJECT / "deploy" / name).read_text() for name in _TEMPLATES]
    types = set(re.findall(r"Type: (AWS::\S+)", "".join(templates)))
    if policy == "pipeline.json":
        types |= {f"AWS::{name}" for name in _TYPES_OF_THE_PACKAGE}
    allowed = {action for statement in statements(policy) for action in statement["Action"]}
    for type_ in types:
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema(REGION, type_).schema
        actions = set(schema["handlers"]["read"]["permissions"])
        assert {action for action in actions - allowed if not action.startswith("kms:")} == set()


@pytest.mark.parametrize("policy", _POLICIES)
def test_policy_is_within_the_size_limit(policy: str) -> None:
    """A managed policy may have 6,144 characters without white space."""
    assert len("".join((_FOLDER / policy).read_text().split())) <= 6144


def test_user_without_rights_is_rejected(
    aws: AwsProxy, cloud: LocalCloud, new_user: NewUser
) -> None:
    user = new_user("make-deploy.json")
    iam = cloud.client("iam")
    iam.delete_user_policy(UserName=iam.list_users()["Users"][-1]["UserName"], PolicyName="deploy")
    gateway = session_of(user).client("apigateway", endpoint_url=aws.cloud.endpoint_url)
    with pytest.raises(ClientError, match="not authorized"):
        gateway.get_rest_apis()
