"""The template of a pipeline, expanded by AWS's SAM translator."""

import json
import os
from typing import Any

import pytest
import yaml
from samtranslator.translator.transform import transform

from deploy.gateway import ACCESS_LOG_FORMAT
from tests.e2e.lambda_package import STAGE
from tests.e2e.project import Project
from tests.samples import GATEWAY_ERROR_HEADERS
from tools.project import PROJECT


class _NoPolicies:
    """A loader of managed policies, of which the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    environment = {**os.environ, **STAGE, "STAGE": "prod"}
    project = Project(tmp_path_factory.mktemp("pipeline") / "project", environment)
    project.succeed("deploy", "package", "--stage", "prod")
    return project


@pytest.fixture(scope="module")
def resources(project: Project) -> dict[str, Any]:
    template = json.loads((project.folder / "build/prod/sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = "s3://bucket/key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        expanded: dict[str, Any] = transform(template, {}, _NoPolicies())
    resources: dict[str, Any] = expanded["Resources"]
    return resources


def of_type(resources: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == type_]


def test_api_has_one_stage_with_all_settings(resources: dict[str, Any]) -> None:
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage")
    (deployment,) = of_type(resources, "AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment, "it would be a second stage, without limits"
    assert stage["StageName"] == "prod"
    (limits,) = stage["MethodSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (100, 200)
    assert (limits["ResourcePath"], limits["HttpMethod"]) == ("/*", "*")
    assert stage["TracingEnabled"] is True
    logs = stage["AccessLogSetting"]
    assert logs["DestinationArn"]["Fn::Sub"].endswith(":/aws/apigateway/coffee-orders-prod")
    assert logs["Format"] == ACCESS_LOG_FORMAT
    tags = {resource["Key"]: resource["Value"] for resource in stage["Tags"]}
    assert {"app": "coffee-orders", "stage": "prod"}.items() <= tags.items()


def test_access_log_has_no_headers_and_no_queries() -> None:
    line = json.loads(ACCESS_LOG_FORMAT)
    assert {"request_id", "source_ip", "route", "status", "reason"} <= set(line)
    for variable in ("header", "querystring", "authorizer", "$context.path", "identity.user"):
        assert variable not in ACCESS_LOG_FORMAT


def test_function_has_tracing_and_tags(resources: dict[str, Any]) -> None:
    (function,) = of_type(resources, "AWS::Lambda::Function")
    assert function["FunctionName"] == "coffee-orders-prod"
    assert function["TracingConfig"] == {"Mode": "Active"}
    tags = {resource["Key"]: resource["Value"] for resource in function["Tags"]}
    assert {"app": "coffee-orders", "stage": "prod"}.items() <= tags.items()


def test_gateway_errors_have_cors_and_security_headers(resources: dict[str, Any]) -> None:
    (api,) = of_type(resources, "AWS::ApiGateway::RestApi")
    responses = api["Body"]["x-amazon-apigateway-gateway-responses"]
    headers = {name: response["responseParameters"] for name, response in responses.items()}
    assert headers == GATEWAY_ERROR_HEADERS


def steps(workflow: str, job: str) -> list[str]:
    content = yaml.safe_load((PROJECT / ".github/workflows" / workflow).read_text())
    return [step["run"] for step in content["jobs"][job]["steps"] if "run" in step]


def test_workflow_runs_the_documented_commands() -> None:
    documented = " ".join((PROJECT / "docs/deploying.md").read_text().replace("\\\n", " ").split())
    commands = [command for command in steps("deploy-stage.yml", "deploy") if command != ".ci/run"]
    assert len(commands) == 5
    for command in commands:
        arguments = (
            command.replace('"', "").replace("$STAGE", "prod").replace("$BUCKET", "YOUR-BUCKET")
        )
        assert " ".join(arguments.split()) in documented


def test_prod_waits_for_dev() -> None:
    jobs = yaml.safe_load((PROJECT / ".github/workflows/deploy.yml").read_text())["jobs"]
    assert jobs["prod"]["needs"] == "dev"
    assert [jobs[stage]["with"]["stage"] for stage in ("dev", "prod")] == ["dev", "prod"]
    assert steps("deploy-stage.yml", "deploy")[-1] == 'make smoke STAGE="$STAGE"'


def test_stack_template_needs_no_bucket() -> None:
    """The limit of a template that is not in a bucket is 51,200 bytes."""
    assert (PROJECT / "deploy/resources.yaml").stat().st_size < 51_200
