"""The template that a pipeline deploys, as AWS's own SAM translator expands it."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from samtranslator.translator.transform import transform

from deploy.gateway import ACCESS_LOG_FORMAT
from deploy.project import PROJECT
from tests.e2e.project import Project
from tests.e2e.unzipped import STAGE
from tests.samples import REFUSALS

_TEMPLATE_LIMIT = 51_200  # bytes, without an S3 bucket


class _NoPolicies:
    """The translator asks for AWS's managed policies, of which the template uses none."""

    def load(self) -> dict[str, str]:
        return {}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    environment = {**os.environ, **STAGE, "STAGE": "prod"}
    project = Project(tmp_path_factory.mktemp("pipeline") / "project", environment)
    code, printed = project.run("deploy", "package", "--stage", "prod")
    assert code == 0, printed
    return project


@pytest.fixture(scope="module")
def resources(project: Project) -> dict[str, Any]:
    """Return the resources that CloudFormation makes of the template."""
    template = json.loads((project.folder / "build/prod/sam.json").read_text())
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = "s3://bucket/key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        expanded: dict[str, Any] = transform(template, {}, _NoPolicies())
    found: dict[str, Any] = expanded["Resources"]
    return found


def of_type(resources: dict[str, Any], type_: str) -> list[dict[str, Any]]:
    return [each["Properties"] for each in resources.values() if each["Type"] == type_]


def test_the_api_has_one_stage_with_all_its_settings(resources: dict[str, Any]) -> None:
    (stage,) = of_type(resources, "AWS::ApiGateway::Stage")
    (deployment,) = of_type(resources, "AWS::ApiGateway::Deployment")
    assert "StageName" not in deployment, "SAM would make a second stage of it, without limits"
    assert stage["StageName"] == "prod"
    (limits,) = stage["MethodSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (100, 200)
    assert (limits["ResourcePath"], limits["HttpMethod"]) == ("/*", "*")
    assert stage["TracingEnabled"] is True
    logs = stage["AccessLogSetting"]
    assert logs["DestinationArn"]["Fn::Sub"].endswith(":/aws/apigateway/coffee-orders-prod")
    assert logs["Format"] == ACCESS_LOG_FORMAT
    tags = {each["Key"]: each["Value"] for each in stage["Tags"]}
    assert {"app": "coffee-orders", "stage": "prod"}.items() <= tags.items()


def test_the_function_is_traced_and_tagged(resources: dict[str, Any]) -> None:
    (function,) = of_type(resources, "AWS::Lambda::Function")
    assert function["FunctionName"] == "coffee-orders-prod"
    assert function["TracingConfig"] == {"Mode": "Active"}
    tags = {each["Key"]: each["Value"] for each in function["Tags"]}
    assert {"app": "coffee-orders", "stage": "prod"}.items() <= tags.items()


def test_refusals_are_for_any_origin_and_safe_to_read(resources: dict[str, Any]) -> None:
    (api,) = of_type(resources, "AWS::ApiGateway::RestApi")
    refusals = api["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {kind: told["responseParameters"] for kind, told in refusals.items()} == REFUSALS


def steps(workflow: str, job: str) -> list[str]:
    """Return what a job of a workflow runs."""
    content = yaml.safe_load((PROJECT / ".github/workflows" / workflow).read_text())
    return [step["run"] for step in content["jobs"][job]["steps"] if "run" in step]


def test_the_workflow_runs_the_documented_commands() -> None:
    documented = " ".join((PROJECT / "docs/deploying.md").read_text().replace("\\\n", " ").split())
    run = [command for command in steps("deploy-stage.yml", "deploy") if command != ".ci/run"]
    assert len(run) == 5
    for command in run:
        words = command.replace('"', "").replace("$STAGE", "prod").replace("$BUCKET", "YOUR-BUCKET")
        assert " ".join(words.split()) in documented


def test_prod_waits_for_dev() -> None:
    jobs = yaml.safe_load((PROJECT / ".github/workflows/deploy.yml").read_text())["jobs"]
    assert jobs["prod"]["needs"] == "dev"
    assert [jobs[stage]["with"]["stage"] for stage in ("dev", "prod")] == ["dev", "prod"]
    assert steps("deploy-stage.yml", "deploy")[-1] == 'make smoke STAGE="$STAGE"'


def test_the_template_of_the_stack_fits_without_a_bucket() -> None:
    assert Path(PROJECT / "deploy/resources.yaml").stat().st_size < _TEMPLATE_LIMIT
