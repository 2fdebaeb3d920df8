"""`make deploy` after failures: repeating the command repairs the stage.

The failures are injected in front of the local cloud, at the call where they happened on AWS.
"""

import json
from pathlib import Path

import pytest
import requests

from local.emulator import LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import rest_apis, serves_without_limits, stage_of
from tests.e2e.project import Project

pytestmark = pytest.mark.slow

DEPLOY = ("deploy", "deploy", "--stage", "dev")
DESTROY = ("deploy", "destroy", "--stage", "dev", "--yes")

# In the order in which a first deploy makes them; twice where Chalice makes the call again.
CALLS_OF_A_DEPLOY = [
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


@pytest.fixture
def project(aws: AwsProxy, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", aws.cloud.environment()).run_functions_here()


@pytest.fixture(autouse=True)
def nothing_is_left(project: Project) -> object:
    yield
    code, printed = project.run(*DESTROY)
    assert code == 0, printed


def test_repeating_a_deploy_repairs_one_that_failed_at_any_call(
    aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    for operation in CALLS_OF_A_DEPLOY:
        aws.fail(operation)
        code, printed = project.run(*DEPLOY)
        assert code == 1, f"{operation}: {printed}"
        assert "This failure was injected" in printed
        assert "Traceback" not in printed
        assert len(rest_apis(cloud)) <= 1
        assert serves_without_limits(cloud) == []
    code, printed = project.run(*DEPLOY)
    assert code == 0, printed
    (api,) = rest_apis(cloud)
    assert stage_of(cloud, api["id"])["stageName"] == "dev"
    assert serves_without_limits(cloud) == []


def test_a_deploy_adopts_what_a_failed_plain_chalice_deploy_has_left(
    aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    assert project.run("deploy", "stack", "--stage", "dev")[0] == 0
    for _ in range(2):  # Chalice forgets the first API, and makes a second
        aws.fail("apigateway:CreateDeployment")
        assert project.chalice("deploy", "--stage", "dev").returncode != 0
    left = {api["id"] for api in rest_apis(cloud)}
    assert len(left) == 2
    code, printed = project.run(*DEPLOY)
    assert code == 0, printed
    (api,) = rest_apis(cloud)
    assert api["id"] in left


def test_an_earlier_version_in_another_folder_is_a_rollback(
    aws: AwsProxy, cloud: LocalCloud, project: Project, tmp_path: Path
) -> None:
    later = Project(tmp_path / "later", aws.cloud.environment()).run_functions_here()
    openapi = later.folder / "chalicelib/openapi.json"
    described = json.loads(openapi.read_text())
    described["info"]["title"] = "A later version"
    openapi.write_text(json.dumps(described))

    titles, apis = [], set()
    for version in (project, later, project):
        code, printed = version.run(*DEPLOY)
        assert code == 0, printed
        (api,) = rest_apis(cloud)
        apis.add(api["id"])
        url = f"{cloud.endpoint_url}/_aws/execute-api/{api['id']}/dev/openapi.json"
        titles.append(requests.get(url, timeout=30).json()["info"]["title"])
    assert titles[1] == "A later version"
    assert titles[0] == titles[2] != titles[1]
    assert len(apis) == 1


def test_a_custom_domain_is_kept_when_the_api_is_created_anew(
    cloud: LocalCloud, project: Project
) -> None:
    config = project.config()
    config["stages"]["dev"]["api_gateway_custom_domain"] = {
        "domain_name": "coffee.example.com",
        "certificate_arn": "arn:aws:acm:ap-southeast-2:000000000000:certificate/x",
    }
    (project.folder / ".chalice/config.json").write_text(json.dumps(config))
    gateway = cloud.client("apigateway")
    for _ in range(2):
        code, printed = project.run(*DEPLOY)
        assert code == 0, printed
        assert "https://coffee.example.com" in printed
        (api,) = rest_apis(cloud)
        (mapping,) = gateway.get_base_path_mappings(domainName="coffee.example.com")["items"]
        assert mapping["restApiId"] == api["id"]
        gateway.delete_rest_api(restApiId=api["id"])
    assert project.run(*DESTROY)[0] == 0
    assert gateway.get_domain_names()["items"] == []


def test_a_deploy_waits_for_the_gateways_quota(
    aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    aws.refused.clear()
    aws.calls.clear()
    aws.seconds_between_deployments = 5
    try:
        code, printed = project.run(*DEPLOY)
    finally:
        aws.seconds_between_deployments = 0
    assert code == 0, printed
    assert serves_without_limits(cloud) == []
    made = [call for call in aws.calls if call == "apigateway:CreateDeployment"]
    assert len(made) == 2 + aws.refused["TooManyRequestsException"]
