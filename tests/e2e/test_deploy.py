"""`make deploy` from end to end, with the real `chalice deploy`, to the local cloud."""

import json
from typing import Any

import pytest
import requests

from coffee_client import Accounts
from deploy.function import runtime
from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import FUNCTION, rest_apis, stage_of
from tests.e2e.people import sign_up
from tests.e2e.project import Project
from tests.samples import GATEWAY_ERROR_HEADERS, PASSWORD, order

pytestmark = pytest.mark.usefixtures("printed")

_TAGS = {"app": "coffee-orders", "stage": "dev"}


@pytest.fixture(scope="module")
def project(aws: AwsProxy, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("deploy") / "project"
    return Project(folder, aws.cloud.environment()).run_functions_here()


@pytest.fixture(scope="module")
def printed(project: Project) -> str:
    """Deploy the stage dev; return what was printed."""
    return project.succeed("deploy", "deploy", "--stage", "dev", "--alarm-email", "ops@example.com")


@pytest.fixture
def gateway(cloud: LocalCloud) -> Any:
    return cloud.client("apigateway")


def function_settings(cloud: LocalCloud, name: str = FUNCTION) -> dict[str, Any]:
    settings: dict[str, Any] = cloud.client("lambda").get_function_configuration(FunctionName=name)
    return settings


def test_account_and_changes_are_printed_first(printed: str) -> None:
    lines = printed.splitlines()
    account = lines.index(f"· stage dev, account 000000000000, region {REGION}")
    change = lines.index("· will add Orders (AWS::DynamoDB::Table)")
    created = lines.index("· Orders CREATE_COMPLETE")
    complete = lines.index("· coffee-orders-dev CREATE_COMPLETE")
    assert account < change < created < complete
    assert "· Customers CREATE_COMPLETE" in lines


def test_address_is_printed_last(printed: str) -> None:
    *_, page, api, app_client, region = printed.strip().splitlines()
    assert page.split()[0] == "Page"
    assert app_client.startswith("App client")
    assert region.split() == ["Region", REGION]
    answer = requests.get(f"{api.split()[1]}/openapi.json", timeout=30)
    assert answer.json()["openapi"].startswith("3.1")


def test_customer_and_smoke_test_place_orders(
    printed: str, project: Project, cloud: LocalCloud
) -> None:
    settings = dict(line.rsplit(maxsplit=1) for line in printed.strip().splitlines()[-3:])
    accounts = Accounts(settings["App client"], region=REGION, endpoint_url=cloud.endpoint_url)
    sign_up(accounts, cloud, "Paul")
    token = accounts.log_in("Paul", PASSWORD).id_token()
    url, body = f"{settings['API']}/order", {"order": order()}
    refused = requests.post(url, json=body, timeout=30)
    assert refused.json() == {"message": "Unauthorized"}
    placed = requests.post(url, json=body, headers={"Authorization": token}, timeout=30)
    assert placed.status_code == 201
    query = {"accountid": "a0", "vendorid": "v0"}
    assert requests.get(url, params=query, timeout=30).json() == placed.json()
    login = {"SMOKE_USERNAME": "Paul", "SMOKE_PASSWORD": PASSWORD}
    for _ in range(2):
        smoke = project.succeed("deploy", "smoke", "--stage", "dev", **login)
        assert "DELETE /order: 200" in smoke


def test_function_has_the_settings_of_the_stage(cloud: LocalCloud, project: Project) -> None:
    function = function_settings(cloud)
    assert (function["MemorySize"], function["Timeout"]) == (1024, 25)
    recorded = project.variables("dev")
    assert function["Environment"]["Variables"] == recorded
    assert recorded["ORDERS_TABLE"].startswith("coffee-orders-dev-Orders-")


def test_role_has_only_the_policy_of_the_stage(cloud: LocalCloud, project: Project) -> None:
    iam = cloud.client("iam")
    role = "coffee-orders-dev-api_handler"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    attached = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert attached == json.loads((project.folder / ".chalice/policy-dev.json").read_text())
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


def test_api_has_limits_access_logs_and_tags(cloud: LocalCloud, gateway: Any) -> None:
    (api,) = rest_apis(cloud)
    stage = stage_of(cloud, api["id"])
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
    for kind, parameters in GATEWAY_ERROR_HEADERS.items():
        answer = gateway.get_gateway_response(restApiId=api["id"], responseType=kind)
        assert answer["responseParameters"] == parameters


def test_everything_that_costs_money_is_tagged(project: Project, cloud: LocalCloud) -> None:
    def as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in tags}

    account = f"{REGION}:000000000000"
    function = f"arn:aws:lambda:{account}:function:{FUNCTION}"
    assert _TAGS.items() <= cloud.client("lambda").list_tags(Resource=function)["Tags"].items()
    for variable in ("ORDERS_TABLE", "SHOPS_TABLE"):
        table = f"arn:aws:dynamodb:{account}:table/{project.variables('dev')[variable]}"
        tags = cloud.client("dynamodb").list_tags_of_resource(ResourceArn=table)["Tags"]
        assert _TAGS.items() <= as_dict(tags).items()
    for name in ("/aws/lambda/coffee-orders-dev", "/aws/apigateway/coffee-orders-dev"):
        group = f"arn:aws:logs:{account}:log-group:{name}"
        tags = cloud.client("logs").list_tags_for_resource(resourceArn=group)["tags"]
        assert _TAGS.items() <= tags.items()
    stacks = cloud.client("cloudformation").describe_stacks(StackName="coffee-orders-dev")
    (stack,) = stacks["Stacks"]
    assert as_dict(stack["Tags"]) == _TAGS


def test_missing_rights_do_not_look_like_a_missing_stage(
    project: Project, cloud: LocalCloud
) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    status = project.fail(
        *["deploy", "status", "--stage", "dev"],
        AWS_ACCESS_KEY_ID=key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
        AWS_ENDPOINT_URL=cloud.endpoint_url,  # whose address this user's signature covers
    )
    assert "not authorized" in status
    assert "does not exist" not in status


def test_alarms_watch_everything_and_notify_the_address(cloud: LocalCloud) -> None:
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    watched = {
        tuple(
            each["Value"]
            for each in alarm["Dimensions"]
            if each["Name"] not in {"Operation", "GlobalSecondaryIndexName"}
        )
        for alarm in alarms
    }
    tables = {(table,) for table in cloud.client("dynamodb").list_tables()["TableNames"]}
    assert watched == {("coffee-orders", "dev"), (FUNCTION,), *tables}
    (topic,) = cloud.client("sns").list_topics()["Topics"]
    assert all(alarm["AlarmActions"] == [topic["TopicArn"]] for alarm in alarms)
    (subscription,) = cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "ops@example.com"


def test_log_groups_keep_lines_for_a_month(cloud: LocalCloud) -> None:
    groups = cloud.client("logs").describe_log_groups()["logGroups"]
    assert {(group["logGroupName"], group["retentionInDays"]) for group in groups} == {
        ("/aws/lambda/coffee-orders-dev", 30),
        ("/aws/apigateway/coffee-orders-dev", 30),
    }


def test_status_lists_what_is_deployed(project: Project) -> None:
    lines = project.succeed("deploy", "status", "--stage", "dev").splitlines()
    status = dict(line.split(maxsplit=1) for line in lines)
    assert status["account"] == "000000000000"
    assert status["stack"] == "coffee-orders-dev"
    assert status["function"].startswith("coffee-orders-dev, python3.")
    assert status["API"].endswith("/dev")


def test_second_stack_run_changes_nothing(project: Project, cloud: LocalCloud) -> None:
    before = project.variables("dev")
    lines = project.succeed("deploy", "stack", "--stage", "dev").splitlines()
    assert "· coffee-orders-dev is up to date" in lines
    assert not [line for line in lines if "will " in line or "COMPLETE" in line]
    assert project.variables("dev") == before
    assert cloud.client("sns").list_subscriptions()["Subscriptions"]


def test_empty_alarm_email_removes_the_address(project: Project, cloud: LocalCloud) -> None:
    project.succeed("deploy", "stack", "--stage", "dev", ALARM_EMAIL="")
    assert cloud.client("sns").list_topics()["Topics"] == []
    alarms = cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert all(alarm["AlarmActions"] == [] for alarm in alarms)


def test_plain_chalice_deploy_keeps_the_settings(
    cloud: LocalCloud, gateway: Any, project: Project
) -> None:
    (before,) = rest_apis(cloud)
    code, printed = project.chalice("deploy", "--stage", "dev")
    assert code == 0, printed
    (after,) = rest_apis(cloud)
    assert after["id"] == before["id"]
    limits = stage_of(cloud, after["id"])["methodSettings"]["*/*"]
    assert limits["throttlingRateLimit"] == 100
    throttled = gateway.get_gateway_response(restApiId=after["id"], responseType="THROTTLED")
    assert throttled["responseParameters"] == GATEWAY_ERROR_HEADERS["THROTTLED"]


def test_prod_has_tracing(cloud: LocalCloud, project: Project) -> None:
    project.succeed("deploy", "deploy", "--stage", "prod")
    assert function_settings(cloud, "coffee-orders-prod")["TracingConfig"] == {"Mode": "Active"}
    stages = [stage_of(cloud, api["id"]) for api in rest_apis(cloud)]
    tracing = {stage["stageName"]: stage["tracingEnabled"] for stage in stages}
    assert tracing == {"dev": False, "prod": True}


@pytest.mark.slow
def test_runtime_changes_only_on_request(printed: str, cloud: LocalCloud, project: Project) -> None:
    assert f"coffee-orders-dev, {runtime()} on " in printed
    functions = cloud.client("lambda")
    functions.update_function_configuration(FunctionName=FUNCTION, Runtime="python3.10")
    for command in ("deploy", "stack"):
        refused = project.fail("deploy", command, "--stage", "dev")
        assert f"runs on python3.10, and this is {runtime()}." in refused
        assert f"RUNTIME={runtime()}" in refused
    refused = project.fail("deploy", "deploy", "--stage", "dev", RUNTIME="python3.9")
    assert "RUNTIME: this is" in refused
    changed = project.succeed("deploy", "deploy", "--stage", "dev", RUNTIME=runtime())
    assert "now python3.10" in changed
    assert function_settings(cloud)["Runtime"] == runtime()
