"""`make deploy` after failures: repeating the command repairs the stage.

The failures are injected in front of the local cloud, at the call where they happened on AWS.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import rest_apis, serves_without_limits, stage_of
from tests.e2e.project import Project

pytestmark = pytest.mark.slow

_DEPLOY = ("deploy", "deploy", "--stage", "dev")
_DESTROY = ("deploy", "destroy", "--stage", "dev", "--yes")

# In the order in which a first deploy makes them; twice where Chalice makes the call again.
_CALLS_OF_A_DEPLOY = [
    "cloudformation:ExecuteChangeSet",
    "apigateway:PutRestApi",
    "apigateway:CreateDeployment",
    "apigateway:UpdateStage",
    "iam:PutRolePolicy",
    "lambda:CreateFunction",
    "apigateway:PutRestApi",
    "lambda:AddPermission",
    "apigateway:CreateDeployment",
]


@pytest.fixture(autouse=True)
def destroy(aws_project: Project) -> Iterator[None]:
    yield
    aws_project.succeed(*_DESTROY)


def test_repeated_deploy_repairs_any_failed_call(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    for operation in _CALLS_OF_A_DEPLOY:
        aws.fail(operation)
        assert "This failure was injected" in aws_project.fail(*_DEPLOY), operation
        assert len(rest_apis(cloud)) <= 1
        assert serves_without_limits(cloud) == []
    aws_project.succeed(*_DEPLOY)
    (api,) = rest_apis(cloud)
    assert stage_of(cloud, api["id"])["stageName"] == "dev"
    assert serves_without_limits(cloud) == []


def test_plain_chalice_deploy_creates_one_api_with_limits(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    aws_project.succeed("deploy", "stack", "--stage", "dev")
    for operation in (
        "apigateway:CreateDeployment",
        "apigateway:UpdateStage",
        "lambda:AddPermission",
    ):
        aws.fail(operation)
        assert aws_project.chalice("deploy", "--stage", "dev")[0] != 0, operation
        assert len(rest_apis(cloud)) <= 1
        assert serves_without_limits(cloud) == []
    assert aws_project.chalice("deploy", "--stage", "dev")[0] == 0
    (api,) = rest_apis(cloud)
    url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/openapi.json"
    assert requests.get(url, timeout=30).ok
    assert serves_without_limits(cloud) == []


def test_deploy_adopts_an_api_that_chalice_has_created(
    cloud: LocalCloud, aws_project: Project
) -> None:
    """Such an API has no tags, and its note may be gone."""
    aws_project.succeed(*_DEPLOY)
    (api,) = rest_apis(cloud)
    gateway = cloud.client("apigateway")
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}"
    gateway.untag_resource(resourceArn=arn, tagKeys=["app", "stage"])
    gateway.create_rest_api(name=api["name"], tags=api["tags"])  # of a failed deploy
    (aws_project.folder / ".chalice/deployed/dev.json").unlink()
    aws_project.succeed(*_DEPLOY)
    assert [each["id"] for each in rest_apis(cloud)] == [api["id"]]


def test_deploy_of_an_earlier_version_is_a_rollback(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project, tmp_path: Path
) -> None:
    later = Project(tmp_path / "later", aws.cloud.environment()).run_functions_here()
    openapi = later.folder / "chalicelib/openapi.json"
    described = json.loads(openapi.read_text())
    described["info"]["title"] = "A later version"
    openapi.write_text(json.dumps(described))

    titles, apis = [], set()
    for version in (aws_project, later, aws_project):
        version.succeed(*_DEPLOY)
        (api,) = rest_apis(cloud)
        apis.add(api["id"])
        url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/openapi.json"
        titles.append(requests.get(url, timeout=30).json()["info"]["title"])
    assert titles[1] == "A later version"
    assert titles[0] == titles[2] != titles[1]
    assert len(apis) == 1


def test_custom_domain_survives_a_new_api(cloud: LocalCloud, aws_project: Project) -> None:
    certificate = "arn:aws:acm:ap-southeast-2:000000000000:certificate/x"
    domain = {"domain_name": "coffee.example.com", "certificate_arn": certificate}
    aws_project.change_stage("dev", api_gateway_custom_domain=domain)
    gateway = cloud.client("apigateway")
    for _ in range(2):
        assert "https://coffee.example.com" in aws_project.succeed(*_DEPLOY)
        (api,) = rest_apis(cloud)
        (mapping,) = gateway.get_base_path_mappings(domainName="coffee.example.com")["items"]
        assert mapping["restApiId"] == api["id"]
        gateway.delete_rest_api(restApiId=api["id"])
    aws_project.succeed(*_DESTROY)
    assert gateway.get_domain_names()["items"] == []


def test_deploy_waits_for_the_gateways_quota(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    aws.refused.clear()
    aws.calls.clear()
    aws.seconds_between_deployments = 5
    try:
        aws_project.succeed(*_DEPLOY)
    finally:
        aws.seconds_between_deployments = 0
    assert serves_without_limits(cloud) == []
    deployments = aws.calls.count("apigateway:CreateDeployment")
    assert deployments == 2 + aws.refused["TooManyRequestsException"]
