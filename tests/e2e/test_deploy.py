"""`make deploy` from end to end, with the real `chalice deploy`, to the local cloud."""

import json
from pathlib import Path

import pytest
import requests

from coffee_client import Accounts
from deploy.function import runtime
from deploy.gateway import ACCESS_LOG_FORMAT
from deploy.project import service_environment
from local.emulator import REGION, LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import rest_apis, stage_of
from tests.e2e.people import sign_up
from tests.e2e.project import Project
from tests.samples import PASSWORD, REFUSALS, order


@pytest.fixture(scope="module")
def project(aws: AwsProxy, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("deploy") / "project"
    return Project(folder, aws.cloud.environment()).run_functions_here()


@pytest.fixture(scope="module")
def deployed(project: Project) -> str:
    """Deploy the stage dev; return what was printed."""
    code, printed = project.run(
        "deploy", "deploy", "--stage", "dev", "--alarm-email", "ops@example.com"
    )
    assert code == 0, printed
    return printed


def test_where_and_what_is_said_before_anything_happens(deployed: str) -> None:
    lines = deployed.splitlines()
    where = lines.index(f"· stage dev, account 000000000000, region {REGION}")
    will = lines.index("· will add Orders (AWS::DynamoDB::Table)")
    done = lines.index("· Orders CREATE_COMPLETE")
    assert where < will < done


def test_the_deployed_api_is_told_at_the_end_and_answers(deployed: str) -> None:
    *_, page, api, app_client, region = deployed.strip().splitlines()
    assert page.split()[0] == "Page"
    assert app_client.startswith("App client")
    assert region.split() == ["Region", REGION]
    answer = requests.get(f"{api.split()[1]}/openapi.json", timeout=30)
    assert answer.json()["openapi"].startswith("3.1")


def test_a_customer_and_the_smoke_test_order_from_the_deployed_api(
    deployed: str, project: Project, cloud: LocalCloud
) -> None:
    told = dict(line.rsplit(maxsplit=1) for line in deployed.strip().splitlines()[-3:])
    accounts = Accounts(told["App client"], region=REGION, endpoint_url=cloud.endpoint_url)
    sign_up(accounts, cloud, "Paul")
    token = accounts.log_in("Paul", PASSWORD).id_token()
    url, body = f"{told['API']}/order", {"order": order()}
    refused = requests.post(url, json=body, timeout=30)
    assert refused.json() == {"message": "Unauthorized"}
    placed = requests.post(url, json=body, headers={"Authorization": token}, timeout=30)
    assert placed.status_code == 201
    query = {"accountid": "a0", "vendorid": "v0"}
    assert requests.get(url, params=query, timeout=30).json() == placed.json()
    login = {"SMOKE_USERNAME": "Paul", "SMOKE_PASSWORD": PASSWORD}
    for _ in range(2):
        code, printed = project.run("deploy", "smoke", "--stage", "dev", **login)
        assert code == 0, printed
        assert "DELETE /order: 200" in printed


def test_the_function_is_as_the_stage_says(
    deployed: str, cloud: LocalCloud, project: Project
) -> None:
    assert deployed
    function = cloud.client("lambda").get_function_configuration(FunctionName="coffee-orders-dev")
    assert (function["MemorySize"], function["Timeout"]) == (1024, 25)
    recorded = project.config()["stages"]["dev"]["environment_variables"]
    assert function["Environment"]["Variables"] == recorded
    assert recorded["ORDERS_TABLE"].startswith("coffee-orders-dev-Orders-")


def test_the_role_has_the_policy_of_the_stage_and_no_other(
    deployed: str, cloud: LocalCloud, project: Project
) -> None:
    assert deployed
    iam = cloud.client("iam")
    role = "coffee-orders-dev-api_handler"
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    attached = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    assert attached == json.loads((project.folder / ".chalice/policy-dev.json").read_text())
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


def test_the_apis_stage_has_limits_access_logs_and_tags(deployed: str, cloud: LocalCloud) -> None:
    assert deployed
    (api,) = rest_apis(cloud)
    stage = stage_of(cloud, api["id"])
    assert stage["stageName"] == "dev"
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)
    logs = stage["accessLogSettings"]
    assert logs["destinationArn"].endswith(":log-group:/aws/apigateway/coffee-orders-dev")
    assert stage["tracingEnabled"] is False
    client = cloud.client("apigateway")
    arn = f"arn:aws:apigateway:{REGION}::/restapis/{api['id']}"
    for tagged in (arn, f"{arn}/stages/dev"):
        tags = client.get_tags(resourceArn=tagged)["tags"]
        assert tags == {"app": "coffee-orders", "stage": "dev"}


def test_an_access_log_line_is_json_without_headers_and_queries() -> None:
    line = json.loads(ACCESS_LOG_FORMAT)
    assert {"request_id", "source_ip", "route", "status", "reason"} <= set(line)
    for variable in ("header", "querystring", "authorizer", "$context.path", "identity.user"):
        assert variable not in ACCESS_LOG_FORMAT


def test_the_apis_refusals_are_for_any_origin_and_safe_to_read(
    deployed: str, cloud: LocalCloud
) -> None:
    assert deployed
    gateway = cloud.client("apigateway")
    (rest_api,) = rest_apis(cloud)
    for refusal, parameters in REFUSALS.items():
        answer = gateway.get_gateway_response(restApiId=rest_api["id"], responseType=refusal)
        assert answer["responseParameters"] == parameters


def test_everything_that_costs_money_is_tagged(
    deployed: str, project: Project, cloud: LocalCloud
) -> None:
    assert deployed
    tags = {"app": "coffee-orders", "stage": "dev"}
    account = f"{REGION}:000000000000"
    tagged = cloud.client("lambda").list_tags(
        Resource=f"arn:aws:lambda:{account}:function:coffee-orders-dev"
    )["Tags"]
    assert tags.items() <= tagged.items()
    recorded = project.config()["stages"]["dev"]["environment_variables"]
    for table in ("ORDERS_TABLE", "SHOPS_TABLE"):
        listed = cloud.client("dynamodb").list_tags_of_resource(
            ResourceArn=f"arn:aws:dynamodb:{account}:table/{recorded[table]}"
        )["Tags"]
        assert tags.items() <= {each["Key"]: each["Value"] for each in listed}.items()
    for group in ("/aws/lambda/coffee-orders-dev", "/aws/apigateway/coffee-orders-dev"):
        tagged = cloud.client("logs").list_tags_for_resource(
            resourceArn=f"arn:aws:logs:{account}:log-group:{group}"
        )["tags"]
        assert tags.items() <= tagged.items()
    (stack,) = cloud.client("cloudformation").describe_stacks(StackName="coffee-orders-dev")[
        "Stacks"
    ]
    assert {each["Key"]: each["Value"] for each in stack["Tags"]} == tags


def test_status_does_not_take_a_refusal_for_nothing_there(
    deployed: str, project: Project, cloud: LocalCloud
) -> None:
    assert deployed
    iam = cloud.client("iam")
    iam.create_user(UserName="guest")
    key = iam.create_access_key(UserName="guest")["AccessKey"]
    code, printed = project.run(
        *["deploy", "status", "--stage", "dev"],
        AWS_ACCESS_KEY_ID=key["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"],
        AWS_ENDPOINT_URL=cloud.endpoint_url,  # whose address this user's signature covers
    )
    assert code == 1
    assert "not authorized" in printed
    assert "does not exist" not in printed
    assert "Traceback" not in printed


def test_alarms_watch_what_chalice_made_and_tell_who_was_named(
    deployed: str, cloud: LocalCloud
) -> None:
    assert deployed
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
    assert watched == {("coffee-orders", "dev"), ("coffee-orders-dev",), *tables}
    (topic,) = cloud.client("sns").list_topics()["Topics"]
    assert all(alarm["AlarmActions"] == [topic["TopicArn"]] for alarm in alarms)
    (subscription,) = cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "ops@example.com"


def test_the_log_groups_keep_lines_for_a_month(deployed: str, cloud: LocalCloud) -> None:
    assert deployed
    groups = cloud.client("logs").describe_log_groups()["logGroups"]
    assert {(group["logGroupName"], group["retentionInDays"]) for group in groups} == {
        ("/aws/lambda/coffee-orders-dev", 30),
        ("/aws/apigateway/coffee-orders-dev", 30),
    }


def test_status_says_what_is_where(deployed: str, project: Project) -> None:
    assert deployed
    code, printed = project.run("deploy", "status", "--stage", "dev")
    assert code == 0
    said = dict(line.split(maxsplit=1) for line in printed.splitlines())
    assert said["account"] == "000000000000"
    assert said["stack"] == "coffee-orders-dev"
    assert said["function"].startswith("coffee-orders-dev, python3.")
    assert said["API"].endswith("/dev")


def test_a_second_stack_run_changes_nothing_and_keeps_who_is_told(
    deployed: str, project: Project, cloud: LocalCloud
) -> None:
    assert deployed
    code, printed = project.run("deploy", "stack", "--stage", "dev")
    assert code == 0
    assert "· coffee-orders-dev is up to date" in printed
    assert cloud.client("sns").list_subscriptions()["Subscriptions"]


def test_an_empty_alarm_email_removes_the_address(
    deployed: str, project: Project, cloud: LocalCloud
) -> None:
    assert deployed
    code, printed = project.run("deploy", "stack", "--stage", "dev", ALARM_EMAIL="")
    assert code == 0, printed
    assert cloud.client("sns").list_topics()["Topics"] == []
    assert all(
        alarm["AlarmActions"] == []
        for alarm in cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]
    )


def test_an_alarm_email_that_is_no_address_is_refused(project: Project) -> None:
    code, printed = project.run("deploy", "stack", "--stage", "dev", ALARM_EMAIL="nobody")
    assert (code, printed.strip()) == (1, "ALARM_EMAIL: 'nobody' is not an email address")


def test_plain_chalice_deploy_keeps_what_make_deploy_has_set(
    deployed: str, cloud: LocalCloud, project: Project
) -> None:
    assert deployed
    (before,) = rest_apis(cloud)
    done = project.chalice("deploy", "--stage", "dev")
    assert done.returncode == 0, done.stderr
    (after,) = rest_apis(cloud)
    assert after["id"] == before["id"]
    limits = stage_of(cloud, after["id"])["methodSettings"]["*/*"]
    assert limits["throttlingRateLimit"] == 100
    refusal = cloud.client("apigateway").get_gateway_response(
        restApiId=after["id"], responseType="THROTTLED"
    )
    assert refusal["responseParameters"] == REFUSALS["THROTTLED"]


def test_prod_is_traced_in_the_function_and_at_the_gateway(
    deployed: str, aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    assert deployed
    assert aws
    code, printed = project.run("deploy", "deploy", "--stage", "prod")
    assert code == 0, printed
    function = cloud.client("lambda").get_function_configuration(FunctionName="coffee-orders-prod")
    assert function["TracingConfig"] == {"Mode": "Active"}
    stages = [stage_of(cloud, api["id"]) for api in rest_apis(cloud)]
    assert {stage["stageName"]: stage["tracingEnabled"] for stage in stages} == {
        "dev": False,
        "prod": True,
    }


@pytest.mark.slow
def test_the_runtime_changes_only_on_request(
    deployed: str, cloud: LocalCloud, project: Project
) -> None:
    assert f"coffee-orders-dev, {runtime()} on " in deployed
    functions = cloud.client("lambda")
    functions.update_function_configuration(FunctionName="coffee-orders-dev", Runtime="python3.10")
    for command in ("deploy", "stack"):
        code, printed = project.run("deploy", command, "--stage", "dev")
        assert code == 1
        assert f"runs on python3.10, and this is {runtime()}." in printed
        assert f"RUNTIME={runtime()}" in printed
    code, printed = project.run("deploy", "deploy", "--stage", "dev", RUNTIME="python3.9")
    assert (code, "RUNTIME: this is" in printed) == (1, True)
    code, printed = project.run("deploy", "deploy", "--stage", "dev", RUNTIME=runtime())
    assert code == 0, printed
    assert "now python3.10" in printed
    changed = functions.get_function_configuration(FunctionName="coffee-orders-dev")
    assert changed["Runtime"] == runtime()


@pytest.mark.parametrize("command", ["deploy", "status", "destroy", "stack", "smoke"])
@pytest.mark.parametrize("stage", ["local", "staging", ""])
def test_an_unknown_stage_is_a_clear_error(project: Project, command: str, stage: str) -> None:
    code, printed = project.run("deploy", command, "--stage", stage)
    assert code == 2
    assert printed.strip() == (
        f"STAGE: {stage!r} is not one of 'dev', 'prod'. Example: make {command} STAGE=dev"
    )


def test_missing_credentials_are_a_clear_error(project: Project) -> None:
    code, printed = project.run(
        *["deploy", "deploy", "--stage", "dev"], AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None
    )
    assert code == 1
    assert printed.startswith("No AWS credentials: log in with `aws sso login`")


def test_credentials_that_aws_does_not_know_are_a_clear_error(project: Project) -> None:
    code, printed = project.run(
        "deploy", "deploy", "--stage", "dev", AWS_ACCESS_KEY_ID="AKIANOBODY"
    )
    assert code == 1
    assert printed.startswith("AWS rejects these credentials: ")


def test_a_missing_region_is_a_clear_error(project: Project) -> None:
    code, printed = project.run("deploy", "deploy", "--stage", "dev", AWS_DEFAULT_REGION=None)
    assert code == 1
    assert printed.startswith("No region: set AWS_DEFAULT_REGION")


def test_a_stack_that_fails_says_cloudformations_reason(
    cloud: LocalCloud, tmp_path: Path, deployed: str
) -> None:
    assert deployed
    project = Project(tmp_path / "project", cloud.environment())
    template = project.folder / "deploy/resources.yaml"
    template.write_text(template.read_text().replace("CaseSensitive: false", "CaseSensitive: true"))
    code, printed = project.run("deploy", "stack", "--stage", "dev")
    assert code == 1
    assert "could not be changed and is now UPDATE_ROLLBACK_COMPLETE" in printed
    assert "Customers UPDATE_FAILED: " in printed
    assert "Traceback" not in printed


def test_chalices_own_failure_is_told_without_its_stack_trace(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project", cloud.environment())
    (project.folder / ".chalice/policy-dev.json").write_text("{")
    pool = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_x"
    settings = service_environment("x", "y", pool, "client")
    code, printed = project.run("deploy", "package", "--stage", "dev", **settings)
    assert code == 1
    assert printed.startswith("chalice package: ")
    assert "Traceback" not in printed
