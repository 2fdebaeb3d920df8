"""`make destroy`: the deleted resources, the retained ones, and the commands that delete those."""

import pytest

from deploy.stack import RetainedResource, removal_commands
from local.emulator import LocalCloud
from tests.e2e.aws_proxy import AwsProxy
from tests.e2e.aws_resources import DEPLOY, DESTROY, FUNCTION, rest_apis
from tests.e2e.project import Project

pytestmark = pytest.mark.slow


def test_orders_and_users_are_kept(cloud: LocalCloud, aws_project: Project) -> None:
    functions = cloud.client("lambda").list_functions
    aws_project.succeed(*DEPLOY)
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert len(tables) == 2  # orders and shops
    (pool,) = cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]

    code, output = aws_project.run("deploy", "destroy", "--stage", "dev", stdin="n\n")
    assert code == 1
    assert "Continue? [y/N]" in output
    assert functions()["Functions"]

    code, output = aws_project.run("deploy", "destroy", "--stage", "dev", stdin="y\n")
    assert code == 0, output
    for table in tables:
        assert f"Kept table {table}; to delete it permanently:" in output
    assert f"Kept user pool {pool['Id']}; to delete it permanently:" in output
    assert functions()["Functions"] == []
    assert rest_apis(cloud) == []
    assert cloud.client("dynamodb").list_tables()["TableNames"] == tables
    assert cloud.client("cognito-idp").list_user_pools(MaxResults=10)["UserPools"]
    assert aws_project.variables("dev") == {"STAGE": "dev"}
    assert "does not exist" in aws_project.run("deploy", "status", "--stage", "dev")[1]

    output = aws_project.succeed(*DESTROY)
    assert "Nothing of stage dev is left to destroy" in output
    assert all(f"Kept table {table}" in output for table in tables)


def test_repeated_destroy_finishes_after_failures(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    aws_project.succeed(*DEPLOY)
    for operation in (
        "apigateway:DeleteRestApi",
        "lambda:DeleteFunction",
        "iam:DeleteRole",
        "cloudformation:DeleteStack",
    ):
        aws.fail(operation)
        assert "This failure was injected" in aws_project.fail(*DESTROY)
        for api in rest_apis(cloud):  # as a user may do in the console
            cloud.client("apigateway").delete_rest_api(restApiId=api["id"])
    aws_project.succeed(*DESTROY)
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert "Nothing of stage dev is left to destroy" in aws_project.succeed(*DESTROY)


def test_failed_deployment_can_be_destroyed_without_chalices_record(
    aws: AwsProxy, cloud: LocalCloud, aws_project: Project
) -> None:
    aws.fail("apigateway:PutRestApi", nth=2)
    aws_project.fail(*DEPLOY)
    assert cloud.client("lambda").get_function(FunctionName=FUNCTION)
    (aws_project.folder / ".chalice/deployed/dev.json").unlink()
    assert f"function {FUNCTION} deleted" in aws_project.succeed(*DESTROY)
    assert cloud.client("lambda").list_functions()["Functions"] == []
    assert rest_apis(cloud) == []


def test_removal_commands_disable_the_protection_first() -> None:
    assert list(removal_commands(RetainedResource("table", "t"))) == [
        "aws dynamodb update-table --table-name t --no-deletion-protection-enabled",
        "aws dynamodb delete-table --table-name t",
    ]
    assert list(removal_commands(RetainedResource("user pool", "p"))) == [
        "aws cognito-idp update-user-pool --user-pool-id p --deletion-protection INACTIVE",
        "aws cognito-idp delete-user-pool --user-pool-id p",
    ]
