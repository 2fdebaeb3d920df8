"""`make deploy` with `chalice deploy` to the local cloud."""

import json
import sys
import zipfile
from typing import Any

import pytest
import requests

from coffee_client import Accounts
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
from tests.e2e.people import sign_up
from tests.e2e.project import Project
from tests.samples import GATEWAY_ERROR_HEADERS, PASSWORD, order
from tools.project import SERVICE_VARIABLES

pytestmark = pytest.mark.usefixtures("deploy_output")

_TAGS = {"app": "coffee-orders", "stage": "dev"}


@pytest.fixture(scope="module")
def project(aws: AwsProxy, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("deploy") / "project"
    return Project(folder, aws.cloud.environment()).use_local_cloud()


@pytest.fixture(scope="module")
def deploy_output(project: Project) -> str:
    return project.succeed("deploy", "deploy", "--stage", "dev", "--alarm-email", "ops@example.com")


@pytest.fixture
def gateway(cloud: LocalCloud) -> Any:
    return cloud.client("apigateway")


def function_settings(cloud: LocalCloud, name: str = FUNCTION) -> Any:
    return cloud.client("lambda").get_function_configuration(FunctionName=name)


def test_account_and_planned_changes_are_printed_first(deploy_output: str) -> None:
    lines = deploy_output.splitlines()
    account = lines.index(f"· stage dev, account 000000000000, region {REGION}")
    change = lines.index("· will add Orders (AWS::DynamoDB::Table)")
    created = lines.index("· Orders CREATE_COMPLETE")
    complete = lines.index("· coffee-orders-dev CREATE_COMPLETE")
    assert account < change < created < complete
    assert "· Customers CREATE_COMPLETE" in lines


def test_smoke_test_and_urls_are_printed_last(deploy_output: str) -> None:
    lines = deploy_output.splitlines()
    smoke_test = next(i for i, line in enumerate(lines) if line.startswith("Smoke test of "))
    assert lines[smoke_test + 1 : smoke_test + 6] == [
        "· GET /openapi.json: 200",
        "· GET /: 200",
        "· GET /order: 404",
        "· POST /order: 401",
        "· no order was placed: set SMOKE_USERNAME and SMOKE_PASSWORD to place one",
    ]
    *_, page, api, app_client, region = lines
    assert page.split()[0] == "Page"
    assert app_client.startswith("App client")
    assert region.split() == ["Region", REGION]
    response = requests.get(f"{api.split()[1]}/openapi.json", timeout=30)
    assert response.json()["openapi"].startswith("3.1")


def test_customer_and_smoke_test_place_orders(
    deploy_output: str, project: Project, cloud: LocalCloud
) -> None:
    settings = dict(line.rsplit(maxsplit=1) for line in deploy_output.strip().splitlines()[-3:])
    accounts = Accounts(settings["App client"], region=REGION, endpoint_url=cloud.endpoint_url)
    sign_up(accounts, cloud, "Paul")
    token = accounts.log_in("Paul", PASSWORD).id_token()
    url, body = f"{settings['API']}/order", {"order": order()}
    response = requests.post(url, json=body, timeout=30)
    assert response.json() == {"message": "Unauthorized"}
    response = requests.post(url, json=body, headers={"Authorization": token}, timeout=30)
    assert response.status_code == 201
    query = {"accountid": "a0", "vendorid": "v0"}
    assert requests.get(url, params=query, timeout=30).json() == response.json()
    login = {"SMOKE_USERNAME": "Paul", "SMOKE_PASSWORD": PASSWORD}
    for _ in range(2):
        smoke = project.succeed("deploy", "smoke", "--stage", "dev", **login)
        assert "POST /order: 201" in smoke
        assert "DELETE /order: 200" in smoke
    login["SMOKE_PASSWORD"] = "another"
    error = project.fail("deploy", "smoke", "--stage", "dev", **login)
    assert "SMOKE_USERNAME and SMOKE_PASSWORD are not a login of this stage" in error
    assert "another" not in error


def test_function_has_the_settings_of_the_stage(cloud: LocalCloud, project: Project) -> None:
    function = function_settings(cloud)
    assert (function["MemorySize"], function["Timeout"]) == (1024, 25)
    variables = project.variables("dev")
    assert function["Environment"]["Variables"] == variables
    assert set(variables) == {"STAGE", *SERVICE_VARIABLES}
    assert variables["ORDERS_TABLE"].startswith("coffee-orders-dev-Orders-")
    assert project.variables("prod") == {"STAGE": "prod"}


def test_role_has_only_the_policy_of_the_stage(cloud: LocalCloud, project: Project) -> None:
    iam = cloud.client("iam")
    role = "coffee-orders-dev-api_handler"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    attached = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert attached == json.loads((project.folder / ".chalice/policy-dev.json").read_text())
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


def test_api_has_limits_access_logs_and_tags(cloud: LocalCloud, gateway: Any) -> None:
    (api,) = rest_apis(cloud)
    stage = only_stage(cloud, api["id"])
    assert stage["stageName"] == "dev"
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)
    logs = stage["accessLogSettings"]
    assert logs["destinationArn"].endswith(":log-group:/aws/apigateway/coffee-orders-dev")
    assert stage["tracingEnabled"] is False
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}"
    for tagged in (arn, f"{arn}/stages/dev"):
        assert gateway.get_tags(resourceArn=tagged)["tags"] == _TAGS


def test_gateway_errors_have_cors_and_security_headers(cloud: LocalCloud, gateway: Any) -> None:
    (api,) = rest_apis(cloud)
    for type_, parameters in GATEWAY_ERROR_HEADERS.items():
        response = gateway.get_gateway_response(restApiId=api["id"], responseType=type_)
        assert response["responseParameters"] == parameters


def test_everything_that_costs_money_is_tagged(project: Project, cloud: LocalCloud) -> None:
    variables, account = project.variables("dev"), f"{REGION}:000000000000"
    tables = [variables["ORDERS_TABLE"], variables["SHOPS_TABLE"]]
    filters = [{"Key": key, "Values": [value]} for key, value in _TAGS.items()]
    tagged = cloud.client("resourcegroupstaggingapi").get_resources(TagFilters=filters)
    assert {resource["ResourceARN"] for resource in tagged["ResourceTagMappingList"]} >= {
        f"arn:aws:lambda:{account}:function:{FUNCTION}",
        *[f"arn:aws:dynamodb:{account}:table/{table}" for table in tables],
        *[topic["TopicArn"] for topic in cloud.client("sns").list_topics()["Topics"]],
        variables["USER_POOL_ARN"],
    }
    for service in ("lambda", "apigateway"):
        group = f"arn:aws:logs:{account}:log-group:/aws/{service}/coffee-orders-dev"
        tags = cloud.client("logs").list_tags_for_resource(resourceArn=group)["tags"]
        assert _TAGS.items() <= tags.items()
    alarms = cloud.client("cloudwatch")
    for alarm in alarms.describe_alarms()["MetricAlarms"]:
        tags = alarms.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"]
        assert _TAGS.items() <= {tag["Key"]: tag["Value"] for tag in tags}.items()
    cloudformation = cloud.client("cloudformation")
    (stack,) = cloudformation.describe_stacks(StackName="coffee-orders-dev")["Stacks"]
    assert {tag["Key"]: tag["Value"] for tag in stack["Tags"]} == _TAGS


def test_alarms_watch_everything_and_notify_the_address(cloud: LocalCloud) -> None:
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    watched = {
        dimension["Value"]
        for alarm in alarms
        for dimension in alarm["Dimensions"]
        if dimension["Name"] in {"Stage", "FunctionName", "TableName"}
    }
    assert watched == {"dev", FUNCTION, *cloud.client("dynamodb").list_tables()["TableNames"]}
    (topic,) = cloud.client("sns").list_topics()["Topics"]
    assert all(alarm["AlarmActions"] == [topic["TopicArn"]] for alarm in alarms)
    (subscription,) = cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "ops@example.com"


def test_log_groups_keep_lines_for_a_month(cloud: LocalCloud) -> None:
    groups = cloud.client("logs").describe_log_groups()["logGroups"]
    days = {group["logGroupName"]: group["retentionInDays"] for group in groups}
    assert days == {"/aws/lambda/coffee-orders-dev": 30, "/aws/apigateway/coffee-orders-dev": 30}


def test_status_lists_what_is_deployed(project: Project) -> None:
    lines = project.succeed("deploy", "status", "--stage", "dev").splitlines()
    status = dict(line.split(maxsplit=1) for line in lines)
    assert status["account"] == "000000000000"
    assert status["stack"] == "coffee-orders-dev"
    assert status["function"].startswith("coffee-orders-dev, python3.")
    assert status["API"].endswith("/dev")


def test_second_deploy_changes_nothing(project: Project, cloud: LocalCloud) -> None:
    before = project.variables("dev"), rest_apis(cloud)
    lines = project.succeed(*DEPLOY).splitlines()
    assert "· coffee-orders-dev is up to date" in lines
    assert not [line for line in lines if "will " in line or "COMPLETE" in line]
    assert (project.variables("dev"), rest_apis(cloud)) == before
    assert cloud.client("sns").list_subscriptions()["Subscriptions"]


def test_empty_alarm_email_removes_the_address(project: Project, cloud: LocalCloud) -> None:
    project.succeed("deploy", "stack", "--stage", "dev", ALARM_EMAIL="")
    assert cloud.client("sns").list_topics()["Topics"] == []
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert all(alarm["AlarmActions"] == [] for alarm in alarms)


def test_plain_chalice_deploy_keeps_or_restores_the_settings(
    cloud: LocalCloud, gateway: Any, project: Project
) -> None:
    (before,) = rest_apis(cloud)
    no_limit = [{"op": "remove", "path": "/*/*/throttling/rateLimit"}]
    gateway.update_stage(restApiId=before["id"], stageName="dev", patchOperations=no_limit)
    assert apis_without_limits(cloud) == [before["id"]]
    code, output = project.chalice("deploy", "--stage", "dev")
    assert code == 0, output
    (package,) = (project.folder / ".chalice/deployments").glob("*.zip")
    bytecode = f"__pycache__/app.{sys.implementation.cache_tag}.pyc"
    assert bytecode in zipfile.ZipFile(package).namelist()
    (after,) = rest_apis(cloud)
    assert after["id"] == before["id"]
    assert apis_without_limits(cloud) == []
    throttled = gateway.get_gateway_response(restApiId=after["id"], responseType="THROTTLED")
    assert throttled["responseParameters"] == GATEWAY_ERROR_HEADERS["THROTTLED"]


def test_prod_has_tracing_and_resources_of_its_own(cloud: LocalCloud, project: Project) -> None:
    project.succeed("deploy", "deploy", "--stage", "prod")
    assert function_settings(cloud, "coffee-orders-prod")["TracingConfig"] == {"Mode": "Active"}
    stages = [only_stage(cloud, api["id"]) for api in rest_apis(cloud)]
    tracing = {stage["stageName"]: stage["tracingEnabled"] for stage in stages}
    assert tracing == {"dev": False, "prod": True}
    assert not set(project.variables("dev").values()) & set(project.variables("prod").values())


def test_destroy_keeps_orders_and_users(cloud: LocalCloud, project: Project) -> None:
    variables = project.variables("dev")
    output = project.succeed(*DESTROY)
    for table in (variables["ORDERS_TABLE"], variables["SHOPS_TABLE"]):
        assert f"Kept table {table}; to delete it permanently:" in output
    assert f"Kept user pool {variables['USER_POOL_ARN'].rpartition('/')[2]}; to delete" in output
    (api,) = rest_apis(cloud)
    assert only_stage(cloud, api["id"])["stageName"] == "prod"
