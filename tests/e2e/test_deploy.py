"""`make deploy` and its kin, from a copy of the project, on the local cloud.

The local cloud has no ImportRestApi: `chalice deploy` creates the role, the function and an
empty API there, once. The whole API is shown in gateway/.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.gateway import finish
from deploy.project import service_environment
from local.emulator import REGION, LocalCloud
from tests.e2e.project import Project
from tests.samples import REFUSALS


@pytest.fixture(scope="module")
def project(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project(tmp_path_factory.mktemp("deploy") / "project", cloud.environment())


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


def test_the_address_and_the_app_client_are_told_at_the_end(
    deployed: str, project: Project
) -> None:
    *_, api, app_client, region = deployed.strip().splitlines()
    noted = json.loads((project.folder / ".chalice/deployed/dev.json").read_text())
    (rest_api,) = (each for each in noted["resources"] if each["name"] == "rest_api")
    assert api.split() == ["API", rest_api["rest_api_url"].rstrip("/")]
    assert app_client.startswith("App client")
    assert region.split() == ["Region", REGION]


def test_the_function_is_as_the_stage_says(
    deployed: str, cloud: LocalCloud, project: Project
) -> None:
    assert deployed
    function = cloud.client("lambda").get_function_configuration(FunctionName="coffee-orders-dev")
    assert function["Architectures"] == ["arm64"]
    assert (function["MemorySize"], function["Timeout"]) == (1024, 20)
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


def test_the_api_has_request_limits(deployed: str, cloud: LocalCloud) -> None:
    assert deployed
    gateway = cloud.client("apigateway")
    (rest_api,) = gateway.get_rest_apis()["items"]
    (stage,) = gateway.get_stages(restApiId=rest_api["id"])["item"]
    assert stage["stageName"] == "dev"
    limits = stage["methodSettings"]["*/*"]
    assert (limits["throttlingRateLimit"], limits["throttlingBurstLimit"]) == (100, 200)


def test_the_apis_refusals_are_for_any_origin_and_safe_to_read(
    deployed: str, cloud: LocalCloud
) -> None:
    assert deployed
    gateway = cloud.client("apigateway")
    (rest_api,) = gateway.get_rest_apis()["items"]
    for refusal, parameters in REFUSALS.items():
        answer = gateway.get_gateway_response(restApiId=rest_api["id"], responseType=refusal)
        assert answer["responseParameters"] == parameters


def test_what_follows_chalice_is_safe_to_repeat(deployed: str, cloud: LocalCloud) -> None:
    assert deployed
    gateway = cloud.client("apigateway")
    (rest_api,) = gateway.get_rest_apis()["items"]
    before = gateway.get_stage(restApiId=rest_api["id"], stageName="dev")["methodSettings"]
    for _ in range(2):
        finish(gateway, rest_api["id"], "dev")
    after = gateway.get_stage(restApiId=rest_api["id"], stageName="dev")["methodSettings"]
    assert after == before


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
    )
    assert code == 1
    assert "not authorized" in printed
    assert "is not there" not in printed
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
    (table,) = cloud.client("dynamodb").list_tables()["TableNames"]
    assert watched == {("coffee-orders", "dev"), ("coffee-orders-dev",), (table,)}
    (topic,) = cloud.client("sns").list_topics()["Topics"]
    assert all(alarm["AlarmActions"] == [topic["TopicArn"]] for alarm in alarms)
    (subscription,) = cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "ops@example.com"


def test_the_log_group_keeps_lines_for_a_month(deployed: str, cloud: LocalCloud) -> None:
    assert deployed
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/aws/lambda/")
    (group,) = groups["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (
        "/aws/lambda/coffee-orders-dev",
        30,
    )


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


def test_plain_chalice_deploy_works_after_the_stack(
    deployed: str, cloud: LocalCloud, tmp_path: Path
) -> None:
    assert deployed
    project = Project(tmp_path / "project", cloud.environment())
    code, printed = project.run("deploy", "stack", "--stage", "prod")
    assert code == 0, printed
    done = subprocess.run(
        [str(Path(sys.executable).with_name("chalice")), "deploy", "--stage", "prod"],
        cwd=project.folder,
        env=project.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    function = cloud.client("lambda").get_function_configuration(FunctionName="coffee-orders-prod")
    assert function["TracingConfig"] == {"Mode": "Active"}


def test_what_was_deployed_elsewhere_is_left_alone(
    deployed: str, cloud: LocalCloud, tmp_path: Path
) -> None:
    assert deployed
    elsewhere = Project(tmp_path / "project", cloud.environment())
    for command in (["deploy"], ["destroy", "--yes"]):
        code, printed = elsewhere.run("deploy", *command, "--stage", "dev")
        assert code == 1
        assert "was not deployed from this folder" in printed


@pytest.mark.parametrize("command", ["deploy", "status", "destroy", "stack", "package"])
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
    assert printed.startswith("AWS does not take these credentials: ")


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
    settings = service_environment("x", pool, "client")
    code, printed = project.run("deploy", "package", "--stage", "dev", **settings)
    assert code == 1
    assert printed.startswith("chalice package: ")
    assert "Traceback" not in printed
