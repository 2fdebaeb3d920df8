"""`make destroy`: what goes, what stays, and how to be rid of that, too."""

from pathlib import Path

from deploy.cloudformation import Retained
from deploy.deployment import how_to_remove
from local.emulator import LocalCloud
from tests.e2e.project import Project


def test_destroy_asks_first_keeps_orders_and_users_and_says_how_to_remove_them(
    cloud: LocalCloud, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project", cloud.environment())
    assert project.run("deploy", "deploy", "--stage", "dev")[0] == 0
    (table,) = cloud.client("dynamodb").list_tables()["TableNames"]
    (pool,) = cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="n\n")
    assert code == 1
    assert "Go on? [y/N]" in printed
    assert cloud.client("lambda").list_functions()["Functions"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="y\n")
    assert code == 0, printed
    assert f"Kept AWS::DynamoDB::Table {table}; to delete it for good:" in printed
    assert f"Kept AWS::Cognito::UserPool {pool['Id']}; to delete it for good:" in printed
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("apigateway").get_rest_apis()["items"] == []
    assert cloud.client("dynamodb").list_tables()["TableNames"] == [table]
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert project.config()["stages"]["dev"]["environment_variables"] == {"STAGE": "dev"}
    assert "is not there" in project.run("deploy", "status", "--stage", "dev")[1]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
    assert code == 1
    assert "does not exist" in printed


def test_the_commands_that_remove_what_is_kept_lift_its_protection_first() -> None:
    assert list(how_to_remove(Retained("AWS::DynamoDB::Table", "t"))) == [
        "aws dynamodb update-table --table-name t --no-deletion-protection-enabled",
        "aws dynamodb delete-table --table-name t",
    ]
    assert list(how_to_remove(Retained("AWS::Cognito::UserPool", "p"))) == [
        "aws cognito-idp update-user-pool --user-pool-id p --deletion-protection INACTIVE",
        "aws cognito-idp delete-user-pool --user-pool-id p",
    ]
