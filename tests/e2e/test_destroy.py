"""`make destroy`: what it deletes, what it keeps, and how to delete that, too."""

from pathlib import Path

from deploy.kept import Kept, how_to_remove
from local.emulator import LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.project import Project


def test_destroy_asks_first_keeps_orders_and_users_and_says_how_to_remove_them(
    aws: AwsProxy, cloud: LocalCloud, tmp_path: Path
) -> None:
    project = Project(tmp_path / "project", aws.cloud.environment()).run_functions_here()
    assert project.run("deploy", "deploy", "--stage", "dev")[0] == 0
    (table,) = cloud.client("dynamodb").list_tables()["TableNames"]
    (pool,) = cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="n\n")
    assert code == 1
    assert "Go on? [y/N]" in printed
    assert cloud.client("lambda").list_functions()["Functions"]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", answer="y\n")
    assert code == 0, printed
    assert f"Kept table {table}; to delete it for good:" in printed
    assert f"Kept user pool {pool['Id']}; to delete it for good:" in printed
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert cloud.client("apigateway").get_rest_apis()["items"] == []
    assert cloud.client("dynamodb").list_tables()["TableNames"] == [table]
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert project.config()["stages"]["dev"]["environment_variables"] == {"STAGE": "dev"}
    assert "is not there" in project.run("deploy", "status", "--stage", "dev")[1]

    code, printed = project.run("deploy", "destroy", "--stage", "dev", "--yes")
    assert code == 0
    assert "Nothing of stage dev is left to destroy" in printed
    assert f"Kept table {table}" in printed


def test_the_commands_that_remove_what_is_kept_lift_its_protection_first() -> None:
    assert list(how_to_remove(Kept("table", "t"))) == [
        "aws dynamodb update-table --table-name t --no-deletion-protection-enabled",
        "aws dynamodb delete-table --table-name t",
    ]
    assert list(how_to_remove(Kept("user pool", "p"))) == [
        "aws cognito-idp update-user-pool --user-pool-id p --deletion-protection INACTIVE",
        "aws cognito-idp delete-user-pool --user-pool-id p",
    ]
