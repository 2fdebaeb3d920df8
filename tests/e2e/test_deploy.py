"""`make deploy` and the other commands for AWS, on the local cloud.

The tests of a file share a cloud and a stage, and run in the order of this file.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
import requests

from coffee_client import Accounts
from deploy import cloudformation, stack
from local.emulator import REGION, LocalCloud
from tests.e2e.people import sign_up
from tests.e2e.project import ACCOUNT, Project
from tests.samples import PASSWORD, order

pytestmark = pytest.mark.slow

_DEPLOY = ("deploy", "deploy", "--stage", "dev")
_DESTROY = ("deploy", "destroy", "--stage", "dev")
_MISSING_DOMAIN = ("deploy/stages.toml", "[prod]", 'domain = "no.example.com"\n[prod]')
_TAGS = {"app": "coffee-orders", "stage": "dev"}


class Edits:
    """Edits of the project's files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._originals: dict[str, str] = {}

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self._folder / name).read_text()
        assert old in text
        self._originals.setdefault(name, text)
        (self._folder / name).write_text(text.replace(old, new))

    def undo(self) -> None:
        for name, text in self._originals.items():
            (self._folder / name).write_text(text)


@pytest.fixture(scope="module")
def project(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("deploy") / "project"
    project = Project(folder, cloud.environment()).use_local_cloud()
    assert "coffee-account is missing: run `make account`" in project.fail(*_DEPLOY)
    project.succeed("deploy", "account", "--stage", "dev")
    assert "coffee-account is up to date" in project.succeed("deploy", "account", "--stage", "dev")
    return project


@pytest.fixture(scope="module", autouse=True)
def deploy_output(project: Project) -> str:
    return project.succeed(*_DEPLOY)


@pytest.fixture
def edits(project: Project) -> Iterator[Edits]:
    """Return an object that edits files, and undoes that after the test."""
    edits = Edits(project.folder)
    yield edits
    edits.undo()


def outputs(cloud: LocalCloud, stage: str = "dev") -> dict[str, str]:
    client = cloud.client("cloudformation")
    return {
        **cloudformation.describe(client, stack.name(stage)).outputs,
        **cloudformation.describe(client, stack.api_name(stage)).outputs,
    }


def api_url(cloud: LocalCloud) -> str:
    return f"{cloud.endpoint_url}/_aws/execute-api/{outputs(cloud)['RestAPIId']}/dev"


def title(cloud: LocalCloud) -> str:
    """Return the title in the live API's OpenAPI document."""
    document = requests.get(f"{api_url(cloud)}/openapi.json", timeout=30).json()
    return str(document["info"]["title"])


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
    positions = [lines.index(line) for line in order_of_events]
    assert positions == sorted(positions)
    assert lines[-1].startswith("Next  coffee configure --api-url http")


def test_customer_and_smoke_test_place_orders(
    deploy_output: str, project: Project, cloud: LocalCloud
) -> None:
    client_id = deploy_output.split("--client-id ")[1].split(maxsplit=1)[0]
    accounts = Accounts(client_id, region=REGION, endpoint_url=cloud.endpoint_url)
    sign_up(accounts, cloud, "Paul")
    token = accounts.log_in("Paul", PASSWORD).id_token()
    url, body = f"{api_url(cloud)}/order", {"order": order()}
    assert requests.post(url, json=body, timeout=30).json() == {"message": "Unauthorized"}
    response = requests.post(url, json=body, headers={"Authorization": token}, timeout=30)
    assert response.status_code == 201
    login = {"SMOKE_USERNAME": "Paul", "SMOKE_PASSWORD": PASSWORD}
    output = project.succeed("deploy", "smoke", "--stage", "dev", **login)
    assert "· an order was placed, found and cancelled" in output
    login["SMOKE_PASSWORD"] = "another"
    error = project.fail("deploy", "smoke", "--stage", "dev", **login)
    assert "NotAuthorized" in error or "Incorrect username or password" in error
    assert "another" not in error


def notifier_resources(cloud: LocalCloud) -> list[str]:
    """Return the kinds of the notifier's resources that exist."""
    aws_lambda, name = cloud.client("lambda"), "coffee-orders-dev-Notifier"
    groups = cloud.client("logs").describe_log_groups()["logGroups"]
    names = {
        "mapping": [
            each["FunctionArn"]
            for each in aws_lambda.list_event_source_mappings()["EventSourceMappings"]
        ],
        "function": [each["FunctionName"] for each in aws_lambda.list_functions()["Functions"]],
        "role": [each["RoleName"] for each in cloud.client("iam").list_roles()["Roles"]],
        "log": [group["logGroupName"] for group in groups],
    }
    return [
        kind
        for kind, all_names in names.items()
        for each in all_names
        if name.lower() in each.lower()
    ]


def test_second_deploy_changes_nothing(project: Project, cloud: LocalCloud) -> None:
    before = outputs(cloud)
    lines = project.succeed(*_DEPLOY).splitlines()
    assert {"· coffee-orders-dev is up to date", "· coffee-orders-api-dev is up to date"} <= {
        *lines
    }
    assert outputs(cloud) == before
    assert notifier_resources(cloud) == ["mapping", "function", "role", "log"]


def test_everything_that_costs_money_is_tagged(cloud: LocalCloud) -> None:
    values = outputs(cloud)
    filters = [{"Key": key, "Values": [value]} for key, value in _TAGS.items()]
    tagged = cloud.client("resourcegroupstaggingapi").get_resources(TagFilters=filters)
    arns = {resource["ResourceARN"] for resource in tagged["ResourceTagMappingList"]}
    expected = [
        values[name] for name in ("OrdersTable", "ShopsTable", "UserPoolArn", "APIHandlerArn")
    ]
    assert [name for name in expected if not any(name in arn for arn in arns)] == []


def test_empty_alarm_address_removes_the_earlier_one(
    project: Project, cloud: LocalCloud, edits: Edits
) -> None:
    edits.replace("deploy/stages.toml", "[prod]", 'alarm_email = "ops@example.com"\n[prod]')
    project.succeed(*_DEPLOY)
    (subscription,) = cloud.client("sns").list_subscriptions()["Subscriptions"]
    assert subscription["Endpoint"] == "ops@example.com"
    edits.undo()
    project.succeed(*_DEPLOY)
    assert cloud.client("sns").list_topics()["Topics"] == []


def test_earlier_version_can_be_deployed_again(
    project: Project, cloud: LocalCloud, edits: Edits
) -> None:
    original, before = title(cloud), outputs(cloud)
    for _ in range(2):
        edits.replace("chalicelib/openapi.json", f'"title": "{original}"', '"title": "Later"')
        edits.replace("deploy/resources.yaml", "Your Coffee orders code", "Your code")
        assert "· will modify Customers" in project.succeed(*_DEPLOY)
        assert title(cloud) == "Later"
        edits.undo()
        project.succeed(*_DEPLOY)
        assert title(cloud) == original
    assert outputs(cloud)["OrdersTable"] == before["OrdersTable"]


def test_failing_update_keeps_the_old_version(
    project: Project, cloud: LocalCloud, edits: Edits
) -> None:
    original = title(cloud)
    edits.replace("chalicelib/openapi.json", f'"title": "{original}"', '"title": "Later"')
    edits.replace(*_MISSING_DOMAIN)
    output = project.fail(*_DEPLOY)
    assert (
        "coffee-orders-api-dev could not be changed and is now UPDATE_ROLLBACK_COMPLETE" in output
    )
    assert "Invalid domain name" in output
    assert title(cloud) == original
    edits.undo()
    assert "POST /order: 401" in project.succeed(*_DEPLOY)


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        ("Orders", "Purchases", "will remove Orders (AWS::DynamoDB::Table) (DANGEROUS)"),
        ("IndexName: by_shop", "IndexName: shops", "will change the indexes of Orders"),
        ("  App:", "  App2:", "will remove App (AWS::Cognito::UserPoolClient) (DANGEROUS)"),
    ],
)
def test_dangerous_change_needs_a_confirmation(
    project: Project, cloud: LocalCloud, edits: Edits, old: str, new: str, change: str
) -> None:
    before = outputs(cloud)
    edits.replace("deploy/resources.yaml", old, new)
    if old == "  App:":
        edits.replace("deploy/resources.yaml", "!Ref App\n", "!Ref App2\n")
    output = project.fail(*_DEPLOY)
    assert change in output
    assert "set CONFIRM=yes if that is intended" in output
    assert outputs(cloud) == before


def test_app_client_can_be_rotated(project: Project, cloud: LocalCloud, edits: Edits) -> None:
    before = outputs(cloud)
    edits.replace("deploy/resources.yaml", "  App:", "  App2:")
    edits.replace("deploy/resources.yaml", "!Ref App\n", "!Ref App2\n")
    project.succeed(*_DEPLOY, CONFIRM="yes")
    after = outputs(cloud)
    assert before["ClientId"] != after["ClientId"]
    page = requests.get(f"{api_url(cloud)}/", timeout=30).text
    assert after["ClientId"] in page
    edits.undo()
    project.succeed(*_DEPLOY, CONFIRM="yes")


@pytest.mark.parametrize(
    ("phase", "edited"),
    [
        ("stage dev", None),  # while the package is built
        (
            "will modify Customers",
            ("deploy/resources.yaml", "Your Coffee orders code", "Your code"),
        ),
        ("will modify APIHandler", ("app.py", "gc.freeze()", "gc.freeze()  # later")),
        ("coffee-orders-api-dev (UPDATE_COMPLETE|is up to date)", None),  # the smoke test
    ],
)
def test_interrupted_deploy_can_be_repeated(
    project: Project, edits: Edits, phase: str, edited: tuple[str, str, str] | None
) -> None:
    if edited:
        edits.replace(*edited)
    command = project.start(*_DEPLOY)
    command.wait_for(phase)
    assert command.interrupt() == 130
    assert "Traceback" not in command.output
    assert "POST /order: 401" in project.succeed(*_DEPLOY)


def test_stages_share_nothing(project: Project, cloud: LocalCloud) -> None:
    output = project.succeed("deploy", "deploy", "--stage", "prod")
    assert "coffee-orders-api-prod CREATE_COMPLETE" in output
    assert not {*outputs(cloud, "prod").values()} & {*outputs(cloud).values()} - {"python3.11"}


def test_destroy_keeps_orders_and_users(project: Project, cloud: LocalCloud) -> None:
    before = outputs(cloud)
    command = [project.python, "-m", *_DESTROY]
    terminal = pexpect.spawn(
        command[0], command[1:], cwd=project.folder, env=project.environment, encoding="utf-8"
    )
    terminal.expect("Orders and users stay")
    terminal.expect(r"Continue\? \[y/N\]")
    terminal.sendline("n")
    terminal.expect("This was not changed")
    assert outputs(cloud) == before

    output = project.succeed(*_DESTROY, CONFIRM="yes")
    again = project.succeed(*_DESTROY, CONFIRM="yes")
    assert "coffee-orders-dev does not exist" in again
    assert notifier_resources(cloud) == []
    key = cloud.client("kms").describe_key(KeyId=before["PushKey"])["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    for name in ("OrdersTable", "ShopsTable", "UserPoolId"):
        assert f"{before[name]}; to delete it permanently:" in output
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert {before["OrdersTable"], before["ShopsTable"]} <= {*tables}
    # A rule of the protection: it is turned off before the deletion.
    commands = re.findall(rf"aws (.*{before['OrdersTable']}.*)", output)
    assert [command.split()[1] for command in commands] == ["update-table", "delete-table"]


def test_failed_creation_is_repeated_and_kept_tables_are_named(
    project: Project, edits: Edits
) -> None:
    edits.replace(*_MISSING_DOMAIN)
    output = project.fail(*_DEPLOY)
    assert re.search(r"· table coffee-orders-dev-Orders-\w+ of an earlier stack is kept", output)
    assert "DomainMapping CREATE_FAILED: " in output
    edits.undo()
    output = project.succeed(*_DEPLOY)
    assert "coffee-orders-api-dev is ROLLBACK_COMPLETE: deleting it first" in output


def test_table_that_was_deleted_by_hand_is_an_error(project: Project, cloud: LocalCloud) -> None:
    table = {"TableName": outputs(cloud)["ShopsTable"]}
    cloud.client("dynamodb").update_table(**table, DeletionProtectionEnabled=False)
    cloud.client("dynamodb").delete_table(**table)
    output = project.fail(*_DEPLOY, CONFIRM="yes")
    assert f"{table['TableName']} was deleted. docs/operating.md says" in output
