"""`make deploy` and the other commands for AWS, on the local cloud.

The tests of this file share a cloud and a stage, and run in the order of this file.
"""

import re

import pexpect
import pytest
import requests

from deploy import cloudformation
from local.emulator import REGION, LocalCloud
from tests.e2e.project import ACCOUNT, Project
from tests.fixtures import log_in, sign_up
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow

_DEPLOY = ("deploy", "deploy", "--stage", "dev")
_DESTROY = ("deploy", "destroy", "--stage", "dev")
_ORDER = {"accountid": "a0", "vendorid": "v0"}
# Edits of the project's files: the name, and what replaces what.
_RESOURCES = "deploy/resources.yaml"
_OTHER_MAIL = (_RESOURCES, "Your Coffee orders code", "Your code")
_OTHER_CLIENT = [(_RESOURCES, "  App:", "  App2:"), (_RESOURCES, "!Ref App\n", "!Ref App2\n")]
_OTHER_TITLE = ("chalicelib/openapi.json", '"title": "', '"title": "Later ')
_ALARMS = ("deploy/stages.toml", "[prod]", 'alarm_email = "ops@example.com"\n[prod]')
_MISSING_DOMAIN = ("deploy/stages.toml", "[prod]", 'domain = "no.example.com"\n[prod]')


@pytest.fixture(scope="module")
def project(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.on(cloud, tmp_path_factory.mktemp("deploy"))
    assert "coffee-account is missing: run `make account`" in project.fail(*_DEPLOY)
    project.succeed("deploy", "account", "--stage", "dev")
    assert "coffee-account is up to date" in project.succeed("deploy", "account", "--stage", "dev")
    return project


@pytest.fixture(scope="module", autouse=True)
def deploy_output(project: Project) -> str:
    return project.succeed(*_DEPLOY)


def outputs(cloud: LocalCloud, stage: str = "dev") -> dict[str, str]:
    client = cloud.client("cloudformation")
    return {
        **cloudformation.describe(client, f"coffee-orders-{stage}").outputs,
        **cloudformation.describe(client, f"coffee-orders-api-{stage}").outputs,
    }


def get(cloud: LocalCloud, path: str, **query: str) -> requests.Response:
    url = f"{cloud.endpoint_url}/_aws/execute-api/{outputs(cloud)['RestAPIId']}/dev{path}"
    return requests.get(url, params=query, timeout=30)


def title(cloud: LocalCloud) -> str:
    """Return the title in the live API's OpenAPI document."""
    return str(get(cloud, "/openapi.json").json()["info"]["title"])


def test_first_deploy_says_where_what_and_how_to_go_on(deploy_output: str) -> None:
    lines = deploy_output.splitlines()
    place = next(line for line in lines if ACCOUNT in line)
    assert re.search(rf"stage dev, account {ACCOUNT}, region {REGION}, python3\.\d+$", place)
    order_of_events = [
        place,
        "· will add Orders (AWS::DynamoDB::Table)",
        "· coffee-orders-dev CREATE_COMPLETE",
        "· coffee-orders-api-dev CREATE_COMPLETE",
        "· POST /order: 401",
    ]
    assert [line for line in lines if line in order_of_events] == order_of_events
    assert lines[-1].startswith("Next  coffee configure --api-url http")


def test_customer_and_smoke_test_place_orders(project: Project, cloud: LocalCloud) -> None:
    cognito, pool = cloud.client("cognito-idp"), outputs(cloud)
    sign_up(cognito, pool["UserPoolId"], pool["ClientId"], "Paul")
    headers = {"Authorization": log_in(cognito, pool["ClientId"], "Paul")["IdToken"]}
    url = get(cloud, "/order").request.url
    assert url is not None
    response = requests.post(url, json={"order": order(**_ORDER)}, headers=headers, timeout=30)
    assert response.status_code == 201
    login = {"SMOKE_USERNAME": "Paul", "SMOKE_PASSWORD": PASSWORD}
    output = project.succeed("deploy", "smoke", "--stage", "dev", **login)
    assert "· an order was placed, found and cancelled" in output
    login["SMOKE_PASSWORD"] = "another"
    error = project.fail("deploy", "smoke", "--stage", "dev", **login)
    assert "NotAuthorized" in error or "Incorrect username or password" in error
    assert "another" not in error


def notifier_resources(cloud: LocalCloud) -> int:
    """Return how many of its mapping, function, role and log the notifier has."""
    functions, iam, logs = (cloud.client(service) for service in ("lambda", "iam", "logs"))
    lists = [functions.list_event_source_mappings(), functions.list_functions()]
    lists += [iam.list_roles(), logs.describe_log_groups()]
    return sum("coffee-orders-dev-notifier" in str(each).lower() for each in lists)


def test_second_deploy_changes_nothing(project: Project, cloud: LocalCloud) -> None:
    before = outputs(cloud)
    lines = {*project.succeed(*_DEPLOY).splitlines()}
    assert {"· coffee-orders-dev is up to date", "· coffee-orders-api-dev is up to date"} <= lines
    assert outputs(cloud) == before
    assert notifier_resources(cloud) == 4


def test_everything_that_costs_money_is_tagged(cloud: LocalCloud) -> None:
    values = outputs(cloud)
    filters = [{"Key": "app", "Values": ["coffee-orders"]}, {"Key": "stage", "Values": ["dev"]}]
    tagged = cloud.client("resourcegroupstaggingapi").get_resources(TagFilters=filters)
    arns = "\n".join(resource["ResourceARN"] for resource in tagged["ResourceTagMappingList"])
    for name in ("OrdersTable", "ShopsTable", "UserPoolArn", "APIHandlerArn"):
        assert values[name] in arns


def test_earlier_version_can_be_deployed_again(project: Project, cloud: LocalCloud) -> None:
    original, sns = title(cloud), cloud.client("sns")
    for _ in range(2):
        with project.edited(_OTHER_MAIL, _OTHER_TITLE, _ALARMS):
            assert "· will modify Customers" in project.succeed(*_DEPLOY)
            assert title(cloud) == f"Later {original}"
            (subscription,) = sns.list_subscriptions()["Subscriptions"]
            assert subscription["Endpoint"] == "ops@example.com"
        project.succeed(*_DEPLOY)
        assert title(cloud) == original
        assert sns.list_topics()["Topics"] == []
    assert get(cloud, "/order", **_ORDER).json()["order"]["accountid"] == "a0"


def test_failing_update_keeps_the_old_version(project: Project, cloud: LocalCloud) -> None:
    original = title(cloud)
    with project.edited(_OTHER_TITLE, _MISSING_DOMAIN):
        output = project.fail(*_DEPLOY)
    reason = "coffee-orders-api-dev could not be changed and is now UPDATE_ROLLBACK_COMPLETE"
    assert reason in output
    assert "Invalid domain name" in output
    assert title(cloud) == original
    assert "POST /order: 401" in project.succeed(*_DEPLOY)


@pytest.mark.parametrize(
    ("edits", "change"),
    [
        ([(_RESOURCES, "Orders", "Purchases")], "remove Orders (AWS::DynamoDB::Table) (DANGEROUS)"),
        ([(_RESOURCES, "IndexName: by_shop", "IndexName: b")], "change the indexes of Orders"),
        (_OTHER_CLIENT, "remove App (AWS::Cognito::UserPoolClient) (DANGEROUS)"),
    ],
)
def test_dangerous_change_needs_a_confirmation(
    project: Project, cloud: LocalCloud, edits: list[tuple[str, str, str]], change: str
) -> None:
    before = outputs(cloud)
    with project.edited(*edits):
        output = project.fail(*_DEPLOY)
    assert f"will {change}" in output
    assert "set CONFIRM=yes to allow it" in output
    assert outputs(cloud) == before


def test_app_client_can_be_rotated(project: Project, cloud: LocalCloud) -> None:
    before = outputs(cloud)
    with project.edited(*_OTHER_CLIENT):
        project.succeed(*_DEPLOY, CONFIRM="yes")
    after = outputs(cloud)
    assert before["ClientId"] != after["ClientId"]
    assert after["ClientId"] in get(cloud, "/").text
    project.succeed(*_DEPLOY, CONFIRM="yes")


def test_interrupted_deploy_can_be_repeated(project: Project) -> None:
    with project.edited(_OTHER_MAIL, ("app.py", "gc.freeze()", "gc.freeze()  # later")):
        for phase in (
            "stage dev",  # while the package is built
            "will modify Customers",
            "will modify APIHandler",
            "coffee-orders-api-dev (UPDATE_COMPLETE|is up to date)",  # the smoke test
        ):
            command = project.start_module(*_DEPLOY)
            command.wait_for(phase)
            assert command.interrupt() == 130
            assert "Traceback" not in command.output
        assert "POST /order: 401" in project.succeed(*_DEPLOY)


def test_stages_share_nothing(project: Project, cloud: LocalCloud) -> None:
    output = project.succeed("deploy", "deploy", "--stage", "prod")
    assert "coffee-orders-api-prod CREATE_COMPLETE" in output
    shared = {*outputs(cloud, "prod").values()} & {*outputs(cloud).values()}
    assert shared == {outputs(cloud)["Runtime"]}


def test_destroy_keeps_orders_and_users(project: Project, cloud: LocalCloud) -> None:
    before = outputs(cloud)
    folder, environment = project.folder, project.environment
    terminal = pexpect.spawn(
        project.python, ["-m", *_DESTROY], cwd=folder, env=environment, encoding="utf-8"
    )
    terminal.expect("Orders and users stay")
    terminal.expect(r"Continue\? \[y/N\]")
    terminal.sendline("n")
    terminal.expect("This was not changed")
    assert outputs(cloud) == before

    output = project.succeed(*_DESTROY, CONFIRM="yes")
    again = project.succeed(*_DESTROY, CONFIRM="yes")
    assert "coffee-orders-dev does not exist" in again
    assert notifier_resources(cloud) == 0
    key = cloud.client("kms").describe_key(KeyId=before["PushKey"])["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    for name in ("OrdersTable", "ShopsTable", "UserPoolId"):
        assert f"{before[name]}; to delete it permanently:" in output
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert {before["OrdersTable"], before["ShopsTable"]} <= {*tables}
    # A rule of the protection: it is turned off before the deletion.
    commands = re.findall(rf"aws \S+ (\S+) .*{before['OrdersTable']}", output)
    assert commands == ["update-table", "delete-table"]


def test_failed_creation_is_repeated_and_kept_tables_are_named(project: Project) -> None:
    with project.edited(_MISSING_DOMAIN):
        output = project.fail(*_DEPLOY)
    assert re.search(r"· table coffee-orders-dev-Orders-\w+ of an earlier stack is kept", output)
    assert "DomainMapping CREATE_FAILED: " in output
    output = project.succeed(*_DEPLOY)
    assert "coffee-orders-api-dev is ROLLBACK_COMPLETE: deleting it first" in output


def test_table_that_was_deleted_by_hand_is_an_error(project: Project, cloud: LocalCloud) -> None:
    table = {"TableName": outputs(cloud)["ShopsTable"]}
    cloud.client("dynamodb").update_table(**table, DeletionProtectionEnabled=False)
    cloud.client("dynamodb").delete_table(**table)
    output = project.fail(*_DEPLOY, CONFIRM="yes")
    assert f"{table['TableName']} was deleted. To restore it, see" in output
