"""What no emulator shows: the packaged template, expanded by AWS's SAM translator; workflows."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import yaml
from samtranslator.translator.transform import transform

from tests.samples import GATEWAY_ERROR_HEADERS
from tools.project import PROJECT

pytestmark = pytest.mark.slow

_MAX_TEMPLATE_SIZE = 51_200  # bytes, of a template that is not in a bucket


@pytest.fixture(scope="module")
def resources(package: Path) -> dict[str, Any]:
    template = json.loads((package / "sam.json").read_text())
    uploaded = json.dumps(template, separators=(",", ":"))
    for body in (uploaded, *(file.read_text() for file in (PROJECT / "deploy").glob("*.yaml"))):
        assert len(body.encode()) < _MAX_TEMPLATE_SIZE
    template["Resources"]["APIHandler"]["Properties"]["CodeUri"] = "s3://bucket/key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        expanded = transform(template, {}, Mock(load=dict))  # no managed policies
    resources: dict[str, Any] = expanded["Resources"]
    return resources


def only(resources: dict[str, Any], type_: str) -> dict[str, Any]:
    (resource,) = (item for item in resources.values() if item["Type"] == f"AWS::{type_}")
    properties: dict[str, Any] = resource["Properties"]
    return properties


def test_api_has_one_stage_with_all_settings(resources: dict[str, Any]) -> None:
    stage = only(resources, "ApiGateway::Stage")
    deployment = only(resources, "ApiGateway::Deployment")
    assert "StageName" not in deployment, "it would be a second stage, without limits"
    assert stage["StageName"] == "dev"
    mapping = only(resources, "ApiGateway::BasePathMapping")
    assert resources[mapping["Stage"]["Ref"]]["Properties"] == stage
    (limits,) = stage["MethodSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (100, 200)
    assert (limits["ResourcePath"], limits["HttpMethod"]) == ("/*", "*")
    assert stage["TracingEnabled"] is False  # as .chalice/config.json says
    assert stage["AccessLogSetting"]["DestinationArn"] == {"Fn::GetAtt": ["AccessLogs", "Arn"]}


def test_access_log_has_no_headers_and_no_queries(resources: dict[str, Any]) -> None:
    text = only(resources, "ApiGateway::Stage")["AccessLogSetting"]["Format"]
    for variable in ("header", "querystring", "authorizer", "$context.path", "identity.user"):
        assert variable not in text


def test_data_and_boundary_are_imported(resources: dict[str, Any]) -> None:
    """CloudFormation refuses to remove or replace an export that is in use."""
    orders, shops, pool = (
        {"Fn::ImportValue": {"Fn::Sub": f"coffee-orders-${{Stage}}-{name}"}}
        for name in ("OrdersTable", "ShopsTable", "UserPoolArn")
    )
    assert only(resources, "Lambda::Function")["Environment"]["Variables"] == {
        "STAGE": {"Ref": "Stage"},
        "ORDERS_TABLE": orders,
        "SHOPS_TABLE": shops,
        "USER_POOL_ARN": pool,
        "CLIENT_ID": {"Ref": "ClientId"},
        "PUSH_PUBLIC_KEY": {"Ref": "PushPublicKey"},
    }
    body = only(resources, "ApiGateway::RestApi")["Body"]
    authorizer = body["securityDefinitions"]["Customers"]["x-amazon-apigateway-authorizer"]
    assert authorizer["providerARNs"] == [pool]
    boundary = only(resources, "IAM::Role")["PermissionsBoundary"]
    assert boundary == {"Fn::ImportValue": "coffee-account-FunctionBoundary"}


def test_gateway_errors_have_cors_and_security_headers(resources: dict[str, Any]) -> None:
    responses = only(resources, "ApiGateway::RestApi")["Body"][
        "x-amazon-apigateway-gateway-responses"
    ]
    headers = {name: response["responseParameters"] for name, response in responses.items()}
    assert headers == GATEWAY_ERROR_HEADERS


def test_alarms_notify_and_are_documented(resources: dict[str, Any]) -> None:
    alarms = {
        name: resource["Properties"]
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert len(alarms) == 16
    documented = (PROJECT / "docs/operating.md").read_text()
    for name, alarm in alarms.items():
        assert len(alarm["AlarmActions"]) == len(alarm["OKActions"]) == 1
        assert name in documented


def test_only_deploying_jobs_may_sign_in_to_aws() -> None:
    """A test's dependencies run in a job without `id-token`."""
    workflow = yaml.safe_load((PROJECT / ".github/workflows/deploy.yml").read_text())
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        runs = [step["run"] for step in job.get("steps", []) if "run" in step]
        if "id-token" in job["permissions"]:
            assert runs == ["make deploy"], name
            assert "test" in {*job["needs"], *workflow["jobs"][job["needs"][-1]].get("needs", [])}
        else:
            assert job["permissions"] == {"contents": "read"}, name
