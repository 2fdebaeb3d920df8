"""`make destroy`: what it deletes, what it keeps, and how to delete that, too."""

from pathlib import Path

import pytest

from deploy.stack import Kept, how_to_remove
from local.emulator import LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.deployed import FUNCTION, rest_apis
from tests.e2e.project import Project

pytestmark = pytest.mark.slow

CALLS_OF_A_DESTROY = [
    "apigateway:DeleteRestApi",
    "lambda:DeleteFunction",
    "iam:DeleteRole",
    "cloudformation:DeleteStack",
]


@pytest.fixture
def project(aws: AwsProxy, tmp_path: Path) -> Project:
    return Project(tmp_path / "project", aws.cloud.environment()).run_functions_here()


def test_destroy_asks_first_keeps_orders_and_users_and_says_how_to_remove_them(
    cloud: LocalCloud, project: Project
) -> None:
    assert project.run("deploy", "deploy", "--stage", "dev")[0] == 0
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert len(tables) == 2  # orders and shops
    (pool,) = cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="n\n")
    assert code == 1
    assert "Continue? [y/N]" in printed
    assert cloud.client("lambda").list_functions()["Functions"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="y\n")
    assert code == 0, printed
    for table in tables:
        assert f"Kept table {table}; to delete it permanently:" in printed
    assert f"Kept user pool {pool['Id']}; to delete it permanently:" in printed
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("apigateway").get_rest_apis()["items"] == []
    assert cloud.client("dynamodb").list_tables()["TableNames"] == tables
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert project.config()["stages"]["dev"]["environment_variables"] == {"STAGE": "dev"}
    assert "does not exist" in project.run("deploy", "status", "--stage", "dev")[1]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
    assert code == 0
    assert "Nothing of stage dev is left to destroy" in printed
    assert all(f"Kept table {table}" in printed for table in tables)


def test_repeating_a_destroy_ends_with_nothing_left(
    aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    assert project.run("deploy", "deploy", "--stage", "dev")[0] == 0
    for operation in CALLS_OF_A_DESTROY:
        aws.fail(operation)
        code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
        assert code == 1
        assert "This failure was injected" in printed
        for api in rest_apis(cloud):  # in the console, while the command does not get on
            cloud.client("apigateway").delete_rest_api(restApiId=api["id"])
    assert project.run("deploy", "destroy", "--stage", "dev", "--yes")[0] == 0
    assert cloud.client("lambda").list_functions()["Functions"] == []
    code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
    assert code == 0
    assert "Nothing of stage dev is left to destroy" in printed


def test_what_a_failed_deploy_has_left_is_destroyed_from_any_folder(
    aws: AwsProxy, cloud: LocalCloud, project: Project
) -> None:
    aws.fail("apigateway:PutRestApi", nth=2)
    assert project.run("deploy", "deploy", "--stage", "dev")[0] == 1
    assert cloud.client("lambda").get_function(FunctionName=FUNCTION)
    (project.folder / ".chalice/deployed/dev.json").unlink()
    code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
    assert code == 0, printed
    assert f"function {FUNCTION} deleted" in printed
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert rest_apis(cloud) == []


def test_the_commands_that_remove_what_is_kept_lift_its_protection_first() -> None:
    assert list(how_to_remove(Kept("table", "t"))) == [
        "aws dynamodb update-table --table-name t --no-deletion-protection-enabled",
        "aws dynamodb delete-table --table-name t",
    ]
    assert list(how_to_remove(Kept("user pool", "p"))) == [
        "aws cognito-idp update-user-pool --user-pool-id p --deletion-protection INACTIVE",
        "aws cognito-idp delete-user-pool --user-pool-id p",
    ]
