"""The policies of deploy/policies suffice for what they are for.

The local cloud checks what a user's own calls may do. What CloudFormation does with the user's
rights it does not check: docs/deploying.md lists that.
"""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from deploy.cloudformation import Stack, change
from deploy.gateway import tags
from deploy.project import PROJECT
from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import rest_apis
from tests.e2e.project import Project

pytestmark = pytest.mark.slow

_POLICIES = PROJECT / "deploy" / "policies"

# AWS asks for this right on the new function's own name, as the policy has it.
_WHAT_THE_LOCAL_CLOUD_ASKS_FOR = {
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
        document = json.loads((_POLICIES / policy).read_text())
        document["Statement"].append(_WHAT_THE_LOCAL_CLOUD_ASKS_FOR)
        iam.put_user_policy(UserName=name, PolicyName="deploy", PolicyDocument=json.dumps(document))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        aws.secrets[key["AccessKeyId"]] = key["SecretAccessKey"]
        return {
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }

    yield create
    aws.secrets.clear()


@pytest.fixture
def project(aws: AwsProxy, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", aws.cloud.environment()).run_functions_here()


def test_make_deploy_needs_no_more_than_its_policy(
    cloud: LocalCloud, project: Project, new_user: NewUser
) -> None:
    user = new_user("make-deploy.json")
    for command in (["deploy"], ["deploy"], ["status"], ["smoke"], ["destroy", "--yes"]):
        code, printed = project.run("deploy", *command, "--stage", "dev", **user)
        assert code == 0, f"{command}: {printed}"
    assert rest_apis(cloud) == []


def test_the_pipeline_needs_no_more_than_its_policy(
    aws: AwsProxy, cloud: LocalCloud, project: Project, new_user: NewUser
) -> None:
    user = new_user("pipeline.json")
    cloud.client("s3").create_bucket(
        Bucket="coffee-orders-packages",
        CreateBucketConfiguration={"LocationConstraint": REGION},
    )
    for command in ("stack", "package"):
        code, printed = project.run("deploy", command, "--stage", "dev", **user)
        assert code == 0, printed
    session = boto3.Session(
        region_name=REGION,
        aws_access_key_id=user["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=user["AWS_SECRET_ACCESS_KEY"],
    )
    built = project.folder / "build/dev"
    session.client("s3", endpoint_url=cloud.endpoint_url).put_object(
        Bucket="coffee-orders-packages",
        Key="dev.zip",
        Body=(built / "deployment.zip").read_bytes(),
    )
    template: dict[str, Any] = json.loads((built / "sam.json").read_text())
    properties = template["Resources"]["APIHandler"]["Properties"]
    properties["CodeUri"] = "s3://coffee-orders-packages/dev.zip"
    wanted = Stack("coffee-orders-api-dev", json.dumps(template), {}, tags("dev"))
    change(session.client("cloudformation", endpoint_url=aws.cloud.endpoint_url), wanted)
    code, printed = project.run("deploy", "smoke", "--stage", "dev", **user)
    assert code == 0, printed

    code, printed = project.run("deploy", "deploy", "--stage", "dev", **user)
    assert code == 1
    assert "A pipeline deploys stage dev" in printed
    code, printed = project.run("deploy", "destroy", "--yes", "--stage", "dev", **user)
    assert code == 0, printed
    assert "coffee-orders-api-dev DELETE_COMPLETE" in printed
    assert rest_apis(cloud) == []


def test_nobody_reads_orders_or_users_by_the_rights_to_deploy() -> None:
    for policy in ("make-deploy.json", "pipeline.json"):
        for statement in json.loads((_POLICIES / policy).read_text())["Statement"]:
            for action in statement["Action"]:
                assert "*" not in action
                assert action.partition(":")[2] not in {"GetItem", "Query", "Scan", "ListUsers"}


def test_the_pipelines_policy_has_all_of_the_others() -> None:
    more, less = (
        json.loads((_POLICIES / name).read_text())["Statement"]
        for name in ("pipeline.json", "make-deploy.json")
    )
    assert [statement for statement in less if statement not in more] == []
    (transform,) = [each for each in more if "transform" in each["Resource"][0]]
    assert transform["Action"] == ["cloudformation:CreateChangeSet"]


@pytest.mark.parametrize("policy", ["make-deploy.json", "pipeline.json"])
def test_a_policy_fits_into_one_of_iams(policy: str) -> None:
    """A managed policy may have 6,144 characters besides white space."""
    assert len("".join((_POLICIES / policy).read_text().split())) <= 6144


def test_a_user_without_rights_is_refused(
    aws: AwsProxy, cloud: LocalCloud, new_user: NewUser
) -> None:
    user = new_user("make-deploy.json")
    (name,) = {each["UserName"] for each in cloud.client("iam").list_users()["Users"][-1:]}
    cloud.client("iam").delete_user_policy(UserName=name, PolicyName="deploy")
    client = boto3.client(
        "apigateway",
        region_name=REGION,
        endpoint_url=aws.cloud.endpoint_url,
        aws_access_key_id=user["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=user["AWS_SECRET_ACCESS_KEY"],
    )
    with pytest.raises(ClientError, match="not authorized"):
        client.get_rest_apis()
