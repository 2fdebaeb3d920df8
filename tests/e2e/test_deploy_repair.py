"""`make deploy` of an existing stage, and after failures that the proxy injects."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deploy.function import runtime
from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.aws_resources import (
    DEPLOY,
    DESTROY,
    FUNCTION,
    apis_without_limits,
    only_stage,
    rest_apis,
)
from tests.e2e.project import Project

pytestmark = pytest.mark.slow


# The changes of a first deployment, in their order. Chalice repeats two of the calls.
_CALLS_OF_A_DEPLOY = [
    "cloudformation:CreateChangeSet",
    "cloudformation:ExecuteChangeSet",
    "apigateway:CreateRestApi",
    "apigateway:TagResource",
    "apigateway:PutRestApi",
    "apigateway:CreateDeployment",
    "apigateway:UpdateStage",
    "iam:CreateRole",
    "iam:PutRolePolicy",
    "lambda:CreateFunction",
    "lambda:DeleteFunctionConcurrency",
    "apigateway:PutRestApi",
    "apigateway:UpdateRestApi",
    "lambda:AddPermission",
    "apigateway:CreateDeployment",
]


@pytest.fixture(autouse=True)
def destroy(aws_project: Project) -> Iterator[None]:
    yield
    aws_project.succeed(*DESTROY)


def test_repeated_deploy_repairs_any_failed_call(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    for operation in _CALLS_OF_A_DEPLOY:
        aws.fail(operation)
        assert "This failure was injected" in aws_project.fail(*DEPLOY), operation
        assert len(rest_apis(cloud)) <= 1
        assert apis_without_limits(cloud) == []
    aws_project.succeed(*DEPLOY)
    (api,) = rest_apis(cloud)
    assert only_stage(cloud, api["id"])["stageName"] == "dev"
    assert apis_without_limits(cloud) == []


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
        assert apis_without_limits(cloud) == []
    assert aws_project.chalice("deploy", "--stage", "dev")[0] == 0
    (api,) = rest_apis(cloud)
    url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/openapi.json"
    assert requests.get(url, timeout=30).ok
    assert apis_without_limits(cloud) == []


def test_deploy_adopts_an_api_that_chalice_has_created(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    """Such an API has no tags, and Chalice's record may be gone."""
    aws_project.succeed(*DEPLOY)
    (api,) = rest_apis(cloud)
    gateway = cloud.client("apigateway")
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}"
    gateway.untag_resource(resourceArn=arn, tagKeys=["app", "stage"])
    gateway.create_rest_api(name=api["name"], tags=api["tags"])  # of a failed deploy
    (aws_project.folder / ".chalice/deployed/dev.json").unlink()
    aws_project.succeed(*DEPLOY)
    assert [each["id"] for each in rest_apis(cloud)] == [api["id"]]

    # Without a stage, it gets one with a placeholder, and so loses the URI of its function.
    gateway.untag_resource(resourceArn=arn, tagKeys=["app", "stage"])
    gateway.delete_stage(restApiId=api["id"], stageName="dev")
    aws.fail("apigateway:CreateDeployment")
    assert "This failure was injected" in aws_project.fail(*DEPLOY)
    aws_project.succeed(*DEPLOY)
    assert [each["id"] for each in rest_apis(cloud)] == [api["id"]]


def test_runtime_changes_only_on_request(cloud: LocalCloud, aws_project: Project) -> None:
    assert f"coffee-orders-dev, {runtime()} on " in aws_project.succeed(*DEPLOY)
    functions = cloud.client("lambda")
    functions.update_function_configuration(FunctionName=FUNCTION, Runtime="python3.10")
    for command in ("deploy", "stack"):
        error = aws_project.fail("deploy", command, "--stage", "dev")
        assert f"runs on python3.10, and this is {runtime()}." in error
        assert f"RUNTIME={runtime()}" in error
    assert "RUNTIME: this is" in aws_project.fail(*DEPLOY, RUNTIME="python3.9")
    assert "now python3.10" in aws_project.succeed(*DEPLOY, RUNTIME=runtime())
    function = functions.get_function_configuration(FunctionName=FUNCTION)
    assert function["Runtime"] == runtime()


def test_earlier_version_can_be_deployed_again(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project, tmp_path: Path
) -> None:
    newer_project = Project(tmp_path / "later", aws.cloud.environment()).use_local_cloud()
    openapi = newer_project.folder / "chalicelib/openapi.json"
    document = json.loads(openapi.read_text())
    document["info"]["title"] = "A later version"
    openapi.write_text(json.dumps(document))

    titles, apis = [], set()
    for version in (aws_project, newer_project, aws_project):
        version.succeed(*DEPLOY)
        (api,) = rest_apis(cloud)
        apis.add(api["id"])
        url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/openapi.json"
        titles.append(requests.get(url, timeout=30).json()["info"]["title"])
    assert titles[1] == "A later version"
    assert titles[0] == titles[2] != titles[1]
    assert len(apis) == 1


def test_custom_domain_is_shared_with_other_apis(cloud: LocalCloud, aws_project: Project) -> None:
    certificate = "arn:aws:acm:ap-southeast-2:000000000000:certificate/x"
    domain = {"domain_name": "example.com", "certificate_arn": certificate}
    name = {"domainName": "example.com"}
    gateway = cloud.client("apigateway")

    def mappings() -> dict[str, str]:
        items = gateway.get_base_path_mappings(**name)["items"]
        return {item["basePath"]: item["restApiId"] for item in items}

    gateway.create_domain_name(**name, regionalCertificateArn=certificate)
    foreign = gateway.create_rest_api(name="coffee-orders")["id"]
    gateway.create_base_path_mapping(**name, restApiId=foreign, stage="v1")
    aws_project.change_stage("dev", api_gateway_custom_domain=domain)
    output = aws_project.fail(*DEPLOY)
    assert f"https://example.com is mapped to the API {foreign}, which does not belong" in output

    aws_project.change_stage("dev", api_gateway_custom_domain=domain | {"url_prefix": "coffee"})
    assert "https://example.com/coffee" in aws_project.succeed(*DEPLOY)
    before = mappings()
    assert before.keys() == {"(none)", "coffee"}
    other = gateway.create_rest_api(
        name="coffee-orders", tags={"app": "coffee-orders", "stage": "dev"}
    )["id"]
    gateway.create_deployment(restApiId=other, stageName="dev")
    gateway.delete_base_path_mapping(**name, basePath="coffee")
    gateway.create_base_path_mapping(**name, basePath="coffee", restApiId=other, stage="dev")
    assert f"API {other} serves this stage, too" in aws_project.succeed(*DEPLOY)
    assert mappings() == before

    assert "mapping of https://example.com/coffee deleted" in aws_project.succeed(*DESTROY)
    assert mappings() == {"(none)": foreign}
    gateway.delete_base_path_mapping(**name, basePath="(none)")
    gateway.delete_rest_api(restApiId=foreign)
    assert "domain example.com deleted" in aws_project.succeed(*DESTROY)
    assert gateway.get_domain_names()["items"] == []


@pytest.mark.parametrize("is_plain_chalice", [False, True])
def test_deploy_waits_for_the_gateways_quota(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project, is_plain_chalice: bool
) -> None:
    aws_project.succeed("deploy", "stack", "--stage", "dev")
    aws.rejections.clear()
    aws.calls.clear()
    aws.seconds_between_deployments = 5
    try:
        if is_plain_chalice:
            code, output = aws_project.chalice("deploy", "--stage", "dev")
            assert code == 0, output
        else:
            aws_project.succeed(*DEPLOY)
    finally:
        aws.seconds_between_deployments = 0
    assert apis_without_limits(cloud) == []
    deployments = aws.calls.count("apigateway:CreateDeployment")
    assert deployments == 2 + aws.rejections["TooManyRequestsException"]
